"""One MQL as screens show it: plain values, read in one transaction and rendered later without I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from bot.core.base import team
from bot.core.messages import notifications
from bot.core.sla import clocks
from bot.core.sla.time_breakdown import TimeBreakdown, break_down
from storage import absences, members, mqls, next_touches, outbox, pauses, undos, workspaces
from storage.models import (
    TURN,
    WHOLE,
    Assignment,
    Clock,
    Considered,
    Event,
    Feedback,
    LostReason,
    Member,
    Mql,
    NextTouch,
    Undo,
    Workspace,
)
from storage.models.columns import OfPerson, emptied
from storage.vocabulary import AssignmentVerdict, ClockKind, ClockState, EventType, Strategy


class Words(NamedTuple):
    """What a lead wrote, and when that came."""

    at: datetime
    text: str


@dataclass(frozen=True)
class Other:
    """Another MQL, as one is named on the card of this one."""

    mql: Mql
    owner: Member | None
    permalink: str | None


@dataclass(frozen=True)
class Related:
    """What belongs to an MQL beside it."""

    words: tuple[Words, ...] = ()
    """The newest first, each text once; also those of MQLs that were merged into this one."""
    former: Other | None = None
    """What the same lead was before."""
    company: Other | None = None
    """One of the same company."""
    maybe: Other | None = None
    """One that is perhaps of the same person."""
    into: Other | None = None
    """The one in which it goes on."""
    merged: tuple[int, ...] = ()
    """The numbers of those that go on in this one."""


@dataclass(frozen=True)
class KeptFor:
    """A rep who is away, and back in time for an MQL."""

    rep: str
    """Display name."""
    back_at: datetime


@dataclass(frozen=True)
class MqlView:
    """One MQL with everything its card and messages name."""

    mql: Mql
    owner: Member | None
    response: Clock
    feedback_clock: Clock | None
    feedback: Feedback | None
    reason: LostReason | None
    """The lost reason of `feedback`, also one that has since been switched off."""
    permalink: str | None = None
    """The card's address in Slack, once it is there."""
    reasons: tuple[LostReason, ...] = ()
    """The lost reasons that may be chosen now, in the team's order."""
    why_paused: str | None = None
    """The reason of the pause that holds, as it was typed; None where none holds, or the reason is erased."""
    undo: Undo | None = None
    """What can be undone now."""
    next_touch: NextTouch | None = None
    """The day on which its owner means to contact it again."""
    kept: KeptFor | None = None
    """For whom it waits without an owner, where that was asked."""
    related: Related | None = None
    """What belongs to it beside it, where that was asked."""
    cover: Member | None = None
    """Who answers while the owner is away."""

    @property
    def pressing(self) -> Clock:
        """The clock whose deadline presses: that of the response while it is open, then that of the feedback."""
        waits = self.response.stopped_at is None or self.feedback_clock is None
        return self.response if waits or self.feedback_clock is None else self.feedback_clock

    @property
    def paused(self) -> bool:
        """Whether its clocks stand still."""
        return self.pressing.state == ClockState.PAUSED


@dataclass(frozen=True)
class Timeline:
    """An event with the names its sentence needs."""

    event: Event
    actor: str | None
    """Display name of who did it; None: the bot."""
    before: str | None
    """Display name where the event's before is a person, else the word."""
    after: str | None


@dataclass(frozen=True)
class Candidate:
    """One member in an assignment decision, by name."""

    name: str
    verdict: AssignmentVerdict
    last_turn: int
    ahead: float | None = None
    """The turns that they were ahead of their share; negative: behind. None: decided before there was a ledger."""
    weight: int = WHOLE
    open: int | None = None
    """How many open MQLs they had, where it was counted."""
    limit: int | None = None
    """The cap that they were at."""


@dataclass(frozen=True)
class Decision:
    """Why an MQL went to whom."""

    at: datetime
    chosen: str | None
    considered: tuple[Candidate, ...]
    route: str | None = None
    """None: no route was written then, or none was for it."""
    pool: str | None = None
    strategy: Strategy = Strategy.ROTATION
    met: tuple[tuple[str, str], ...] = ()
    """The route's conditions, each with the word of it that fits."""


# Events whose before and after are people.
_ABOUT_PEOPLE = (
    EventType.ASSIGNED,
    EventType.UNASSIGNED,
    EventType.DECLINED,
    EventType.COVERED,
    EventType.COVER_ENDED,
    EventType.OWNER_LEFT,
    EventType.REMINDED,
    EventType.ASKED,
    EventType.BREACHED,
    EventType.ESCALATED,
    EventType.TOUCH_DUE,
)


def mql_views(
    tx: sa.Connection, workspace: Workspace, subjects: Sequence[Mql], roster: Sequence[Member] | None = None
) -> list[MqlView]:
    """Return MQLs with everything their cards name, in the order given."""
    if not subjects:
        return []
    ids = [subject.id for subject in subjects]
    people = {member.user_id: member for member in roster or members.roster(tx, workspace.id)}
    reasons = {reason.key: reason for reason in workspaces.reasons(tx, workspace.id, only_active=False)}
    offered = tuple(lost_reason for lost_reason in reasons.values() if lost_reason.active)
    answers = {feedback.mql_id: feedback for feedback in mqls.last_feedback(tx, workspace.id, ids)}
    clock_of = {(clock.mql_id, clock.kind): clock for clock in mqls.clocks(tx, workspace.id, ids)}
    stopped = {clock.mql_id for clock in clock_of.values() if clock.state == ClockState.PAUSED}
    paused = pauses.newest(tx, workspace.id, stopped) if stopped else {}
    undoable = undos.offered(tx, workspace.id, ids)
    touches = next_touches.newest(tx, workspace.id, ids)
    cards = outbox.sent_by_keys(tx, workspace.id, [notifications.card_key(mql_id) for mql_id in ids])
    views = []
    for subject in map(without_person, subjects):
        feedback = answers.get(subject.id)
        views.append(
            MqlView(
                mql=subject,
                owner=people.get(subject.owner or ""),
                response=clock_of[subject.id, ClockKind.RESPONSE],
                feedback_clock=clock_of.get((subject.id, ClockKind.FEEDBACK)),
                feedback=feedback,
                reason=reasons.get(feedback.lost_reason or "") if feedback else None,
                permalink=_permalink(workspace, cards.get(notifications.card_key(subject.id))),
                cover=people.get(subject.cover or ""),
                reasons=offered,
                why_paused=paused[subject.id].reason if subject.id in paused else None,
                undo=undoable.get(subject.id),
                next_touch=touches.get(subject.id),
            )
        )
    return views


def without_person(subject: Mql) -> Mql:
    """Return an MQL as people read it: while it is offered without its person's name, without what tells of them."""
    return subject.model_copy(update=emptied(Mql, OfPerson.ERASED)) if hides_person(subject) else subject


def hides_person(subject: Mql) -> bool:
    """Return whether nobody is to read yet whom an MQL is about."""
    return subject.offer_hides and subject.owner is None and not subject.disposed


def mql_view(
    tx: sa.Connection, workspace: Workspace, mql_id: int, roster: Sequence[Member] | None = None
) -> MqlView | None:
    """One MQL with everything its card names."""
    subject = mqls.get(tx, workspace.id, mql_id)
    return mql_views(tx, workspace, [subject], roster)[0] if subject else None


def view_as_of_event(tx: sa.Connection, workspace: Workspace, view: MqlView, event: Event) -> MqlView:
    """Return the MQL with the answer of sales that an event tells of, which may not be the newest; as it is for any
    other."""
    about = event.data.get("feedback")
    if about is None or (view.feedback is not None and view.feedback.id == about):
        return view
    answer = mqls.get_feedback(tx, workspace.id, about)
    known = {reason.key: reason for reason in workspaces.reasons(tx, workspace.id, only_active=False)}
    return replace(view, feedback=answer, reason=known.get(answer.lost_reason or "") if answer else None)


def timeline(
    tx: sa.Connection, workspace_id: str, events: Sequence[Event], roster: Sequence[Member] | None = None
) -> list[Timeline]:
    """Return events with the names that their sentences need. `roster`: where the caller has read it."""
    names = team.names(roster or members.roster(tx, workspace_id))

    def word(event: Event, value: str | None) -> str | None:
        return names.get(value or "", value) if undos.as_it_was(event).type in _ABOUT_PEOPLE else value

    return [
        Timeline(event, names.get(event.actor or "", event.actor), word(event, event.before), word(event, event.after))
        for event in events
    ]


def history(tx: sa.Connection, workspace_id: str, mql_id: int) -> list[Timeline]:
    """Return the whole log of one MQL."""
    return timeline(tx, workspace_id, mqls.history(tx, workspace_id, mql_id))


def decision(tx: sa.Connection, workspace_id: str, mql_id: int) -> Decision | None:
    """Return the newest assignment decision, with names."""
    stored = mqls.last_decision(tx, workspace_id, mql_id)
    if stored is None:
        return None
    return decided(stored, team.names(members.roster(tx, workspace_id)))


def decided(stored: Assignment, names: Mapping[str, str]) -> Decision:
    """Return an assignment decision with the display names of its people."""
    considered = tuple(
        Candidate(
            names.get(member.user, member.user),
            member.verdict,
            member.last_turn,
            _ahead(member),
            member.weight,
            member.open,
            member.limit,
        )
        for member in stored.considered
    )
    return Decision(
        stored.at,
        names.get(stored.chosen or "", stored.chosen),
        considered,
        stored.route,
        stored.pool,
        stored.strategy or Strategy.ROTATION,
        tuple((condition, word) for condition, word in stored.matched),
    )


def _ahead(member: Considered) -> float | None:
    return None if member.balance is None else member.balance / TURN


def breakdown_until(
    tx: sa.Connection, workspace: Workspace, view: MqlView, moment: datetime, roster: Sequence[Member] | None = None
) -> TimeBreakdown:
    """Return where the time of the response clock went until a moment, or until it was answered. `roster`: where the
    caller has read it."""
    end = min(view.response.stopped_at or moment, moment)
    agreed = clocks.agreement_of(tx, view.response)
    names = team.names(roster or members.roster(tx, workspace.id))
    log = mqls.history(tx, workspace.id, view.mql.id)
    start = view.response.started_at
    return break_down(log, absences.since(tx, workspace.id, start), names, agreed, start, end)


def time_left(tx: sa.Connection, view: MqlView, kind: ClockKind, now: datetime) -> timedelta:
    """Open time until a clock's deadline; zero or less once it has passed."""
    clock = view.response if kind == ClockKind.RESPONSE else view.feedback_clock
    if clock is None or clock.due_at <= now:
        return timedelta(0)
    return clocks.agreement_of(tx, clock).calendar.open_between(now, clock.due_at)


def _permalink(workspace: Workspace, card: tuple[str, str] | None) -> str | None:
    return link(workspace, *card) if card else None


def link(workspace: Workspace, channel: str | None, ts: str | None) -> str | None:
    """Return the address of a message in Slack, in the form that chat.getPermalink gives."""
    if not workspace.url or channel is None or ts is None:
        return None
    return f"{workspace.url}archives/{channel}/p{ts.replace('.', '')}"
