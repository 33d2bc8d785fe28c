"""Merging two MQLs of one lead by hand, and undoing it (ADR 35).

One stays and goes on; the other is withdrawn, with the id of the one that stays. Nothing is copied but what that one
did not know: what the lead wrote, and by what it is found, is read across both, so that undoing takes nothing apart.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from bot.core.base import permissions
from bot.core.base.permissions import Permission
from bot.core.base.results import ActionResult, Done, Refusal, Refused, gone
from bot.core.messages import kinds, notifications
from bot.core.mql import identity, refusals, withdrawal
from bot.core.routing import assignment
from storage import companies, company_keys, members, mqls, next_touches, searches, workspaces
from storage.company_keys import CompanyKeys
from storage.models import Event, Member, Mql, Workspace
from storage.vocabulary import ClockKind, EventType, Status

UNDO_WITHIN = timedelta(days=7)
FILLED = (
    "company",
    "person",
    "title",
    "email",
    "phone",
    "channel",
    "campaign",
    "form",
    "score",
    "score_reason",
    "crm_url",
)
"""What the MQL that stays takes over where it does not know it itself."""


_OTHER_WAY = (Refusal.MERGE_OTHER_WAY, Refusal.MERGE_HAS_OUTCOME)


def merge(tx: sa.Connection, workspace_id: str, mql_id: int, into_id: int, by: str, now: datetime) -> ActionResult:
    """Let an open MQL go on in another one, which keeps its owner, its clocks and its number. Safe to repeat.
    `Done.mql` is the one that goes."""
    # As for intake: nothing of this lead must come in meanwhile, nor a turn be taken.
    workspaces.locked(tx, workspace_id)
    both = _locked(tx, workspace_id, mql_id, into_id)
    subject, into = both.get(mql_id), both.get(into_id)
    if subject is None or into is None:
        return Refused(Refusal.NOT_FOUND)
    if refused := refusal(tx, members.get(tx, workspace_id, by), subject, into):
        if refused.reason == Refusal.MERGE_NOT_ALLOWED:
            refusals.note(tx, subject, by, Permission.MERGE, now)
        return refused
    before = _clocks(tx, subject)
    closed = withdrawal.close(tx, subject, now)
    mqls.update(tx, workspace_id, mql_id, **closed, merged_into_id=into_id)
    filled = {name: getattr(subject, name) for name in FILLED if getattr(into, name) is None}
    filled = {name: value for name, value in filled.items() if value is not None}
    _fill(tx, into, filled)
    data: dict[str, Any] = {"into": into.number, "clocks": before, "offered": subject.offered}
    data |= {"ask_at": subject.ask_at.isoformat() if subject.ask_at else None, "ask_why": subject.ask_why}
    words = {"actor": by, "before": subject.status, "after": Status.WITHDRAWN, "data": data}
    event_id = mqls.log(tx, subject, EventType.MERGED, now, now, **words)
    data = {"mql": subject.id, "number": subject.number, "filled": sorted(filled)}
    taken_id = mqls.log(tx, into, EventType.MERGED_IN, now, now, actor=by, data=data)
    _tell(tx, subject, into, (event_id, taken_id), by, now)
    return Done(subject, event_id)


def refusal(tx: sa.Connection, actor: Member | None, subject: Mql, into: Mql) -> Refused | None:
    """Return why somebody cannot merge `subject` into `into`, or None where they can."""
    if not permissions.may(actor, Permission.MERGE):
        return Refused(Refusal.MERGE_NOT_ALLOWED, number=subject.number)
    if subject.id == into.id:
        return Refused(Refusal.MERGE_WITH_ITSELF, number=subject.number)
    if subject.merged_into_id is not None:
        return Refused(Refusal.MERGED_ALREADY, number=subject.number)
    if refused := gone(subject) or gone(into):
        return refused
    if subject.disposed:
        return Refused(Refusal.MERGE_HAS_OUTCOME, number=subject.number)
    if into.disposed and not identity.is_under_way(into):
        return Refused(Refusal.MERGE_INTO_CLOSED, number=into.number)
    if not into.disposed and _due_at(tx, subject) < _due_at(tx, into):
        return Refused(Refusal.MERGE_OTHER_WAY, number=subject.number)
    return None


def either(tx: sa.Connection, workspace_id: str, mql_id: int, other_id: int, by: str, now: datetime) -> ActionResult:
    """Merge two MQLs, whichever of them may go: the one that must answer first, or has an outcome, stays."""
    done = merge(tx, workspace_id, mql_id, other_id, by, now)
    if isinstance(done, Refused) and done.reason in _OTHER_WAY:
        turned = merge(tx, workspace_id, other_id, mql_id, by, now)
        return done if isinstance(turned, Refused) else turned
    return done


def offered(tx: sa.Connection, actor: Member | None, subject: Mql, now: datetime) -> Literal["merge", "undo"] | None:
    """Return what somebody can do about the identity of an MQL."""
    if not permissions.may(actor, Permission.MERGE) or subject.erased_at is not None:
        return None
    if subject.merged_into_id is not None:
        return "undo" if undo_refusal(tx, actor, subject, now) is None else None
    return "merge" if not subject.disposed or identity.is_under_way(subject) else None


def candidates(tx: sa.Connection, subject: Mql, most: int) -> list[Mql]:
    """Return MQLs with which one may be merged: first those of the same company, then the newest that are open."""
    keys = CompanyKeys(subject.company_key, subject.company_domain, subject.corporate_number)
    known = [mql_id for mql_id in (subject.maybe_same_id, subject.same_company_id) if mql_id is not None]
    likely = mqls.of_ids(tx, subject.workspace_id, known)
    likely += companies.same_company(tx, subject.workspace_id, keys, most=most)
    likely += mqls.newest_open(tx, subject.workspace_id, most)
    each = {party.id: party for party in likely if not party.disposed or identity.is_under_way(party)}
    each.pop(subject.id, None)
    return list(each.values())[:most]


def found(tx: sa.Connection, subject: Mql, sought: str, most: int) -> list[Mql]:
    """Return MQLs with which one may be merged, by a part of the company's name or the person's, the newest first."""
    matches = searches.with_sales(tx, subject.workspace_id, sought, most + 1)
    return [party for party in matches if party.id != subject.id][:most]


def undo(tx: sa.Connection, workspace_id: str, mql_id: int, by: str, now: datetime) -> ActionResult:
    """Take a merge back: the MQL is what it was, with its owner, its turn, its promise of a next contact, and its
    clocks, which have gone on meanwhile; what the other one took over from it goes. Safe to repeat."""
    workspace = workspaces.locked(tx, workspace_id)
    seen = mqls.get(tx, workspace_id, mql_id)
    both = _locked(tx, workspace_id, mql_id, seen.merged_into_id or mql_id) if seen else {}
    subject = both.get(mql_id)
    if subject is None or workspace is None:
        return Refused(Refusal.NOT_FOUND)
    if refused := undo_refusal(tx, members.get(tx, workspace_id, by), subject, now):
        if refused.reason == Refusal.MERGE_NOT_ALLOWED:
            refusals.note(tx, subject, by, Permission.MERGE, now)
        return refused
    into = both[subject.merged_into_id or mql_id]
    merged = _merged(tx, subject)
    _restore(tx, subject, merged, now)
    data: dict[str, Any] = {"into": into.number}
    if assignment.take_turns_again(tx, subject, now):
        data["turn"] = "taken_again"
    words = {"actor": by, "before": Status.WITHDRAWN, "after": merged.before, "data": data}
    event_id = mqls.log(tx, subject, EventType.MERGE_UNDONE, now, now, **words)
    _give_up(tx, into, subject)
    data = {"mql": subject.id, "number": subject.number}
    words = {"actor": by, "before": into.status, "after": into.status, "data": data}
    given_id = mqls.log(tx, into, EventType.MERGE_UNDONE, now, now, **words)
    _tell(tx, subject, into, (event_id, given_id), by, now)
    _find_owner(tx, workspace, mql_id, now)
    return Done(subject, event_id)


def undo_refusal(tx: sa.Connection, actor: Member | None, subject: Mql, now: datetime) -> Refused | None:
    """Return why somebody cannot take the merge of an MQL back, or None where they can."""
    if not permissions.may(actor, Permission.MERGE):
        return Refused(Refusal.MERGE_NOT_ALLOWED, number=subject.number)
    if subject.merged_into_id is None:
        return Refused(Refusal.NOT_MERGED, number=subject.number)
    if subject.erased_at is not None:
        return Refused(Refusal.ERASED, number=subject.number)
    if now - _merged(tx, subject).at > UNDO_WITHIN:
        return Refused(Refusal.MERGED_LONG_AGO, number=subject.number)
    back = identity.back_as(tx, subject)
    if back is not None and back.id != subject.merged_into_id:
        return Refused(Refusal.LEAD_IS_BACK, number=back.number)
    return None


def _locked(tx: sa.Connection, workspace_id: str, *ids: int) -> dict[int, Mql]:
    """Return the MQLs, held; in the order of their ids, so that two people who merge them both ways take turns."""
    held = [mqls.locked(tx, workspace_id, mql_id) for mql_id in sorted({*ids})]
    return {subject.id: subject for subject in held if subject is not None}


def _due_at(tx: sa.Connection, subject: Mql) -> datetime:
    clocks = mqls.clocks(tx, subject.workspace_id, [subject.id])
    return next(clock.due_at for clock in clocks if clock.kind == ClockKind.RESPONSE)


def _clocks(tx: sa.Connection, subject: Mql) -> dict[str, dict[str, str | None]]:
    """Return what cancelling takes from the open clocks of an MQL."""
    return {
        clock.kind: {
            "state": clock.state,
            "next_check_at": clock.next_check_at.isoformat() if clock.next_check_at else None,
            "paused_at": clock.paused_at.isoformat() if clock.paused_at else None,
        }
        for clock in mqls.clocks(tx, subject.workspace_id, [subject.id])
        if clock.stopped_at is None
    }


def _merged(tx: sa.Connection, subject: Mql) -> Event:
    """Return the event by which an MQL was merged into another one."""
    log = mqls.events_of(tx, subject.workspace_id, [subject.id], (EventType.MERGED,))
    return log[-1]


def _restore(tx: sa.Connection, subject: Mql, merged: Event, now: datetime) -> None:
    data = merged.data
    values = {"status": Status(str(merged.before)), "offered": data["offered"], "ask_why": data["ask_why"]}
    values |= {"ask_at": _moment(data["ask_at"]), "disposed_at": None, "merged_into_id": None}
    mqls.update(tx, subject.workspace_id, subject.id, **values)
    for clock in mqls.clocks(tx, subject.workspace_id, [subject.id]):
        was = data["clocks"].get(clock.kind)
        if was is not None:
            moments = {name: _moment(was[name]) for name in ("next_check_at", "paused_at")}
            mqls.change_clock(tx, clock, **moments, state=was["state"], stopped_at=None)
    next_touches.hold_again(tx, subject, merged.at, now)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _fill(tx: sa.Connection, into: Mql, filled: dict[str, Any]) -> None:
    if filled:
        mqls.update(tx, into.workspace_id, into.id, **filled, **_keys(into, filled))


def _give_up(tx: sa.Connection, into: Mql, subject: Mql) -> None:
    """Take from the MQL that stayed what it had from the other one, unless that has changed since."""
    log = mqls.events_of(tx, into.workspace_id, [into.id], (EventType.MERGED_IN,))
    taken: list[str] = next((event.data["filled"] for event in reversed(log) if event.data["mql"] == subject.id), [])
    same = [name for name in taken if getattr(into, name) == getattr(subject, name)]
    _fill(tx, into, dict.fromkeys(same))


def _keys(into: Mql, changed: dict[str, Any]) -> dict[str, str | None]:
    return company_keys.of(into.model_dump(include={"company", "email", "attributes"}) | changed)._asdict()


def _tell(tx: sa.Connection, subject: Mql, into: Mql, events: tuple[int, int], by: str, now: datetime) -> None:
    """Tell both threads, and both owners but for who did it; an owner of both once, of the one that stays."""
    for party, event_id in zip((subject, into), events, strict=True):
        notifications.update_card(tx, party, event_id, now)
    reached = {by}
    for party, event_id in ((into, events[1]), (subject, events[0])):
        if party.owner is not None and party.owner not in reached:
            notifications.send_dm(tx, kinds.MERGED(), [party.owner], party, event_id, now)
            reached.add(party.owner)


def _find_owner(tx: sa.Connection, workspace: Workspace, mql_id: int, now: datetime) -> None:
    """Give an MQL that goes on again to somebody where its owner has left meanwhile."""
    subject = mqls.locked(tx, workspace.id, mql_id)
    owner = members.get(tx, workspace.id, subject.owner) if subject and subject.owner else None
    if subject is None or owner is None or (owner.active and not owner.deactivated):
        return
    assignment.hand_on(tx, workspace, subject, now)
