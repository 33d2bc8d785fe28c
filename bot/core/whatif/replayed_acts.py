"""Does again what somebody did with an MQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from bot.core.base.results import ACCEPT_FIRST, ActionResult, Refusal, Refused
from bot.core.base.wall_clock import day_in
from bot.core.mql import activity, covers, disputes, feedback, pauses, response, withdrawal
from bot.core.mql.activity import Activity, CountedAs
from bot.core.mql.feedback import Answer
from bot.core.whatif.recorded_history import Deed
from storage import mqls
from storage.models import Workspace
from storage.vocabulary import Disposition, EventType, Evidence


def do(tx: sa.Connection, workspace: Workspace, mql_id: int, deed: Deed, by: str) -> ActionResult | None:
    """Let `by` do it, at the moment when it was done. None: under this policy there is nothing to be done."""
    return _DO[deed.event.type](tx, workspace, mql_id, deed, by)


def report(tx: sa.Connection, workspace_id: str, deed: Deed) -> bool:
    """Let the CRM tell of it again. False: it was a contact, and is none here, because nobody has the MQL."""
    event = deed.event
    reported = Activity(Evidence(event.data["evidence"]), event.at, number=deed.number)
    recorded = activity.record(tx, workspace_id, reported, event.actor, deed.at)
    return recorded.counted_as != CountedAs.RECORD or event.type == EventType.EVIDENCE


def _accept(tx: sa.Connection, workspace: Workspace, mql_id: int, deed: Deed, by: str) -> ActionResult:
    return response.accept(tx, workspace.id, mql_id, by, deed.at)


def _contacted(tx: sa.Connection, workspace: Workspace, mql_id: int, deed: Deed, by: str) -> ActionResult:
    return response.contacted(tx, workspace.id, mql_id, by, deed.at)


def _answer(tx: sa.Connection, workspace: Workspace, mql_id: int, deed: Deed, by: str) -> ActionResult:
    disposition = Disposition(str(deed.event.after))
    # What was said in words is nobody's concern here; recycled does not go without any.
    comment = "–" if disposition == Disposition.RECYCLED else None
    answer = Answer(disposition=disposition, lost_reason=deed.event.reason, comment=comment)
    given = feedback.give(tx, workspace.id, mql_id, by, answer, deed.at)
    if not isinstance(given, Refused) or given.reason not in ACCEPT_FIRST:
        return given
    # Here it had not come to somebody who could accept it when that was done: whoever answers does it now.
    accepted = response.accept(tx, workspace.id, mql_id, by, deed.at)
    return accepted if isinstance(accepted, Refused) else feedback.give(tx, workspace.id, mql_id, by, answer, deed.at)


def _dispute(tx: sa.Connection, workspace: Workspace, mql_id: int, deed: Deed, by: str) -> ActionResult:
    return disputes.dispute(tx, workspace.id, mql_id, by, "", deed.at)


def _decide(tx: sa.Connection, workspace: Workspace, mql_id: int, deed: Deed, by: str) -> ActionResult | None:
    """None: there is no dispute here."""
    subject = mqls.get(tx, workspace.id, mql_id)
    opened = disputes.open_of(tx, subject) if subject else None
    if opened is None:
        return None
    act = disputes.uphold if deed.event.type == EventType.UPHELD else disputes.accept
    return act(tx, workspace.id, opened.id, by, deed.at)


def _assign(tx: sa.Connection, workspace: Workspace, mql_id: int, deed: Deed, by: str) -> ActionResult | None:
    to, subject = str(deed.event.after), mqls.get(tx, workspace.id, mql_id)
    if subject is not None and subject.owner is not None and subject.cover == to and by != to:
        left = covers.leave(tx, workspace.id, subject.owner, to, by, deed.at)
        return None if left else Refused(Refusal.NOT_ALLOWED)
    outcome = response.reassign(tx, workspace.id, mql_id, by, to, None, deed.at)
    if by == to and isinstance(outcome, Refused) and outcome.reason == Refusal.NOT_ALLOWED:
        # Whoever may not give it away may still take it, where it is on offer.
        return response.take_over(tx, workspace.id, mql_id, by, deed.at)
    return outcome


def _decline(tx: sa.Connection, workspace: Workspace, mql_id: int, deed: Deed, by: str) -> ActionResult | None:
    """None: it was the cover who did, and nobody covers it here."""
    subject = mqls.get(tx, workspace.id, mql_id)
    if not deed.as_owner and subject is not None and subject.owner != deed.event.actor:
        return covers.decline(tx, workspace.id, mql_id, subject.cover, "", deed.at) if subject.cover else None
    return response.decline(tx, workspace.id, mql_id, by, "", deed.at)


def _pause(tx: sa.Connection, workspace: Workspace, mql_id: int, deed: Deed, by: str) -> ActionResult | None:
    """Until the day that was chosen, or the last that this policy lets `by` choose alone."""
    until = datetime.fromisoformat(str(deed.event.after))
    last = pauses.last_day(tx, workspace.id, mql_id, by, deed.at)
    chosen = day_in(workspace.timezone, until)
    if last is None or chosen <= last:
        return pauses.pause(tx, workspace.id, mql_id, by, until, "", deed.at)
    possible = last > day_in(workspace.timezone, deed.at)
    return pauses.pause(tx, workspace.id, mql_id, by, last, "", deed.at) if possible else None


def _resume(tx: sa.Connection, workspace: Workspace, mql_id: int, deed: Deed, by: str) -> ActionResult:
    return pauses.resume(tx, workspace.id, mql_id, by, deed.at)


def _remind(tx: sa.Connection, workspace: Workspace, mql_id: int, deed: Deed, by: str) -> ActionResult:
    return response.remind(tx, workspace.id, mql_id, by, deed.at)


def _withdraw(tx: sa.Connection, workspace: Workspace, mql_id: int, deed: Deed, by: str) -> ActionResult:
    return withdrawal.withdraw(tx, workspace.id, mql_id, by, None, deed.at)


def _cover(tx: sa.Connection, workspace: Workspace, mql_id: int, deed: Deed, by: str) -> ActionResult:
    return covers.cover(tx, workspace.id, mql_id, by, str(deed.event.after), deed.at)


def _end_cover(tx: sa.Connection, workspace: Workspace, mql_id: int, deed: Deed, by: str) -> ActionResult | None:
    """None: nobody covers it here, or nobody does any more."""
    subject = mqls.get(tx, workspace.id, mql_id)
    if subject is None or subject.owner is None or subject.cover is None:
        return None
    taken = covers.take_back(tx, workspace.id, subject.owner, subject.cover, by, deed.at)
    return None if taken else Refused(Refusal.NOT_ALLOWED)


_DO: dict[EventType, Callable[[sa.Connection, Workspace, int, Deed, str], ActionResult | None]] = {
    EventType.ACCEPTED: _accept,
    EventType.CONTACTED: _contacted,
    EventType.DISPOSED: _answer,
    EventType.CORRECTED: _answer,
    EventType.DISPUTED: _dispute,
    EventType.UPHELD: _decide,
    EventType.REOPENED: _decide,
    EventType.ASSIGNED: _assign,
    EventType.DECLINED: _decline,
    EventType.PAUSED: _pause,
    EventType.RESUMED: _resume,
    EventType.REMINDED: _remind,
    EventType.COVERED: _cover,
    EventType.COVER_ENDED: _end_cover,
    EventType.WITHDRAWN: _withdraw,
    EventType.MERGED: _withdraw,
}
