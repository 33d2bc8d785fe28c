"""When a message says nothing true any more: one rule for each kind that can outlive its reason.

A rule returns the reason, which is kept with the message that is not sent, or None while the message is true.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from bot.core.base import permissions, team
from bot.core.base.permissions import Permission
from bot.core.base.wall_clock import day_in
from bot.core.messages.lookup import Lookup
from bot.core.messages.payloads import (
    AbsenceEntry,
    ActionChanged,
    ActionDue,
    AlertEntry,
    ConflictEntry,
    DefinitionVersion,
    Lapses,
    LearntAbsences,
    OwnerLeft,
    Question,
    QueueEntries,
    TripAsked,
    TurnsPaused,
    Unreachable,
    UnreadableEntry,
)
from bot.core.sla import pauses
from storage import absences, actions, alerts, crm_conflicts, definitions, members, mqls, unreadables
from storage.models import Member, Mql, Outbox
from storage.vocabulary import AskWhy, ClockKind, ClockState, EventType, Status, UnreadableState

Rule = Callable[[Lookup, Outbox], str | None]
Condition = Callable[[Lookup, Mql, Outbox], bool]


def always_true(_: Lookup, __: Outbox) -> None:
    """Return None: what has happened stays true."""


def while_mql(condition: Condition) -> Rule:
    """Return the rule of a message that is true while its MQL is as `condition` says."""

    def rule(lookup: Lookup, row: Outbox) -> str | None:
        if row.mql_id is None:
            return None
        subject = lookup.mql(row.mql_id)
        if subject is None:
            return "the MQL is gone"
        return None if condition(lookup, subject, row) else f"the MQL is {subject.status} by now"

    return rule


def alert_over(lookup: Lookup, row: Outbox) -> str | None:
    """Return that an alert is over, once it is closed."""
    alert = alerts.get(lookup.tx, row.workspace_id, AlertEntry.of(row).alert)
    # One that may be in Slack already is looked for first, so that its end is told below it.
    over = alert is not None and alert.closed_at is not None and not row.maybe_sent
    return "the alert is over" if over else None


def absence_over(lookup: Lookup, row: Outbox) -> str | None:
    """Return that an absence is over, was taken back, or has ended sooner than it was told."""
    known = absences.get(lookup.tx, row.workspace_id, AbsenceEntry.of(row).absence)
    return None if known is not None and known.next_at is not None else "the absence is over"


def learnt_absences_over(lookup: Lookup, row: Outbox) -> str | None:
    """Return that none of the absences that were learnt is still to come or goes on."""
    known = (absences.get(lookup.tx, row.workspace_id, number) for number in LearntAbsences.of(row).absences)
    return None if any(each is not None and each.next_at is not None for each in known) else "the absences are over"


def trip_over(lookup: Lookup, row: Outbox) -> str | None:
    """Return that a business trip is over before its traveller was asked about it."""
    if lookup.workspace is None or lookup.now is None:
        return None
    today = day_in(team.reader_timezone(lookup.reader(row.target), lookup.workspace.timezone), lookup.now)
    return "the trip is over" if TripAsked.of(row).last < today else None


def crm_conflict_over(lookup: Lookup, row: Outbox) -> str | None:
    """Return that nobody has to say any more which value holds."""
    conflict = crm_conflicts.get(lookup.tx, row.workspace_id, ConflictEntry.of(row).conflict)
    return None if conflict is not None and conflict.decided_at is None else "it is decided which value holds"


def action_due_no_more(lookup: Lookup, row: Outbox) -> str | None:
    """Return why an action is no longer due: it is done, was moved or given to somebody else."""
    payload = ActionDue.of(row)
    return _action_moved_on(lookup, row, payload.action, (payload.owner, payload.due_on))


def action_changed_again(lookup: Lookup, row: Outbox) -> str | None:
    """Return why a change of an action is no news any more: the action is done, or was changed once more."""
    payload = ActionChanged.of(row)
    changes = actions.history(lookup.tx, row.workspace_id, [payload.action])
    change = next((entry for entry in changes if entry.id == payload.change), None)
    then = (change.owner, date.fromisoformat(change.due_on)) if change else None
    return _action_moved_on(lookup, row, payload.action, then)


def _action_moved_on(lookup: Lookup, row: Outbox, action_id: int, then: tuple[str, date] | None) -> str | None:
    action = actions.get(lookup.tx, row.workspace_id, action_id)
    if action is None or action.done_at is not None:
        return "the action is done"
    return None if then == (action.owner, date.fromisoformat(action.due_on)) else "the action has moved on"


def proposal_over(lookup: Lookup, row: Outbox) -> str | None:
    """Return that a proposed definition is over, once it is agreed upon or replaced."""
    newest = definitions.newest(lookup.tx, row.workspace_id)
    definition = DefinitionVersion.of(row).definition
    waits = newest is not None and newest.id == definition and newest.agreed_at is None and newest.closed_at is None
    return None if waits else "the proposal is agreed upon or replaced"


def message_deleted(lookup: Lookup, row: Outbox) -> str | None:
    """Return that a message that could not be read is gone, and its thread with it."""
    entry = unreadables.get(lookup.tx, row.workspace_id, UnreadableEntry.of(row).unreadable)
    gone = entry is not None and entry.state == UnreadableState.DELETED and not row.maybe_sent
    return "the message is deleted" if gone else None


def nothing_waits(lookup: Lookup, row: Outbox) -> str | None:
    """Return that somebody has dealt with every entry of the queue that a message tells of."""
    entries = unreadables.of_ids(lookup.tx, row.workspace_id, QueueEntries.of(row).entries)
    waits = any(entry.state == UnreadableState.OPEN for entry in entries)
    return None if waits else "the entries are dealt with"


def undone(lookup: Lookup, row: Outbox) -> str | None:
    """Return that what a message tells of was undone before anybody read it."""
    event = mqls.get_event(lookup.tx, row.workspace_id, row.event_id or 0)
    over = event is not None and event.type == EventType.UNDONE and not row.maybe_sent
    return "what it tells of was undone" if over else None


def consent_over(lookup: Lookup, row: Outbox) -> str | None:
    """Return why nobody has to consent to a pause any more: it was answered, or the MQL has moved on."""
    request = pauses.open_request(mqls.history(lookup.tx, row.workspace_id, row.mql_id or 0))
    return None if request is not None and request.id == row.event_id else "the request is answered or over"


def owned(lookup: Lookup, subject: Mql, row: Outbox) -> bool:
    """Return whether the reader has the open MQL."""
    return not subject.disposed and owns(lookup, subject, row)


def owns(lookup: Lookup, subject: Mql, row: Outbox) -> bool:
    """Return whether the reader has the MQL and may still act: who has left is asked for nothing."""
    return subject.owner == row.target and _still_here(lookup, row)


def answers(lookup: Lookup, subject: Mql, row: Outbox) -> bool:
    """Return whether the reader is to answer the MQL now: nobody who is away is reminded, but whoever covers."""
    return not subject.disposed and lookup.is_responder(row.target, subject) and _still_here(lookup, row)


def covers(lookup: Lookup, subject: Mql, row: Outbox) -> bool:
    """Return whether the reader covers for the owner of the open MQL."""
    return not subject.disposed and subject.cover == row.target and _still_here(lookup, row)


def _still_here(lookup: Lookup, row: Outbox) -> bool:
    reader = lookup.reader(row.target)
    return reader is not None and reader.active


def with_reader_or_leader(lookup: Lookup, subject: Mql, row: Outbox) -> bool:
    """Return whether the MQL concerns the reader: they have it, or answer for it. Who gets it later reads all of it
    then."""
    if subject.status == Status.WITHDRAWN:
        return False
    theirs = owns(lookup, subject, row) or covers(lookup, subject, row)
    return theirs or permissions.may(lookup.reader(row.target), Permission.LEAD)


def unanswered(lookup: Lookup, subject: Mql, row: Outbox) -> bool:
    """Return whether nobody has answered yet. A pause is no answer: whoever is to act instead hears of it all the
    same."""
    return mqls.open_clock(lookup.tx, row.workspace_id, subject.id, ClockKind.RESPONSE) is not None


def unanswered_by_reader(lookup: Lookup, subject: Mql, row: Outbox) -> bool:
    """Return whether the reader is to answer the MQL, has not answered yet, and is waited for: no pause holds."""
    return _runs(lookup, subject, row, ClockKind.RESPONSE) and answers(lookup, subject, row)


def runs_with_reader(lookup: Lookup, subject: Mql, row: Outbox) -> bool:
    """Return whether the reader is to answer the open MQL, and one of its clocks runs."""
    return answers(lookup, subject, row) and any(_runs(lookup, subject, row, kind) for kind in ClockKind)


def paused(lookup: Lookup, subject: Mql, row: Outbox) -> bool:
    """Return whether the clocks of the MQL stand still."""
    open_clocks = [mqls.open_clock(lookup.tx, row.workspace_id, subject.id, kind) for kind in ClockKind]
    return any(clock is not None and clock.state == ClockState.PAUSED for clock in open_clocks)


def _runs(lookup: Lookup, subject: Mql, row: Outbox, kind: ClockKind) -> bool:
    return mqls.running_clock(lookup.tx, row.workspace_id, subject.id, kind) is not None


def on_offer(lookup: Lookup, subject: Mql, row: Outbox) -> bool:
    """Return whether the reader may take the MQL over, and somebody is waited for: no pause holds."""
    taker = lookup.reader(row.target)
    return (
        _runs(lookup, subject, row, ClockKind.RESPONSE)
        and subject.owner != row.target
        and (subject.owner is None or subject.offered)
        and permissions.may(taker, Permission.TAKE_OVER, subject)
    )


def without_owner(_: Lookup, subject: Mql, __: Outbox) -> bool:
    """Return whether the MQL waits for an owner."""
    return subject.status == Status.UNASSIGNED


def without_feedback(lookup: Lookup, subject: Mql, row: Outbox) -> bool:
    """Return whether nobody has said yet what became of the MQL; in a pause, too."""
    return mqls.open_clock(lookup.tx, row.workspace_id, subject.id, ClockKind.FEEDBACK) is not None


def without_feedback_of_reader(lookup: Lookup, subject: Mql, row: Outbox) -> bool:
    """Return whether the reader is to answer the MQL, has not said yet what became of it, and is waited for."""
    return _runs(lookup, subject, row, ClockKind.FEEDBACK) and answers(lookup, subject, row)


def worth_asking(lookup: Lookup, subject: Mql, row: Outbox) -> bool:
    """Return whether the reader is still to be asked what became of the MQL."""
    returned = Question.of(row).why == AskWhy.RETURN
    waits = subject.awaits_outcome and not paused(lookup, subject, row)
    expected = subject.status == Status.RECYCLED if returned else waits
    return expected and lookup.is_responder(row.target, subject) and _still_here(lookup, row)


def disputed(_: Lookup, subject: Mql, __: Outbox) -> bool:
    """Return whether a decision is awaited."""
    return subject.disputed_at is not None


def lapses_over(lookup: Lookup, row: Outbox) -> str | None:
    """Return why leaders need not be asked any more to pause somebody's turns."""
    payload, rep = Lapses.of(row), _member(lookup, row, Lapses.of(row).member)
    waits = rep is not None and rep.turns_paused_at is None and rep.lapses >= payload.count
    return None if waits or row.maybe_sent else "they have answered, or a leader has"


def turns_resumed(lookup: Lookup, row: Outbox) -> str | None:
    """Return that somebody's turns go on."""
    rep = _member(lookup, row, TurnsPaused.of(row).member)
    return None if row.maybe_sent or (rep and rep.turns_paused_at is not None) else "their turns go on"


def _member(lookup: Lookup, row: Outbox, member_id: int) -> Member | None:
    roster = members.roster(lookup.tx, row.workspace_id)
    return next((member for member in roster if member.id == member_id), None)


def with_who_left(_: Lookup, subject: Mql, row: Outbox) -> bool:
    """Return whether the open MQL is still with the owner who left."""
    return not subject.disposed and subject.owner == OwnerLeft.of(row).left


def with_who_is_unreachable(_: Lookup, subject: Mql, row: Outbox) -> bool:
    """Return whether the open MQL is still with the owner who cannot be reached."""
    return not subject.disposed and subject.owner == Unreachable.of(row).whom
