"""Erasing what names a person, because it is old or because the person asks for it. Every figure stays as it was.

What is erased, what stays, and what this cannot reach is told in docs/data.md.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.messages import notifications
from bot.core.mql import followup_question, withdrawal
from storage import actions, erasures, mqls, outbound, workspaces
from storage.models import Mql, Workspace
from storage.vocabulary import ErasedFor, EventType

# Their reason is a word of ours and not what somebody wrote.
REASONS_OF_OURS = (EventType.DISPOSED, EventType.CORRECTED, EventType.REFUSED)
# Their data is what came in.
DATA_OF_THE_LEAD = (EventType.RECEIVED_AGAIN,)
# Long enough that whoever sends one thing twice has stopped.
RECEIPTS_KEPT = timedelta(days=30)
BATCH = 500


@dataclass(frozen=True)
class Request:
    """Whom to erase: everything of an e-mail address, and the MQLs of these numbers."""

    email: str | None = None
    numbers: tuple[int, ...] = ()
    with_company: bool = False
    """Whether the company's name goes too: a sole trader's may be their own."""

    @property
    def address(self) -> str | None:
        """The e-mail address as it is stored."""
        return self.email.strip().lower() if self.email else None


@dataclass(frozen=True)
class Counts:
    """How much was erased of one MQL."""

    fields: int
    events: int
    feedback: int
    intake: int


@dataclass(frozen=True)
class Erased:
    """One MQL that names nobody any more."""

    mql: Mql
    """As it was before. It still names the person: not for a log."""
    counts: Counts
    messages: int
    """Messages in Slack that are edited."""

    @property
    def withdrawn(self) -> bool:
        """Whether it was open, and was closed by this."""
        return not self.mql.disposed


@dataclass(frozen=True)
class OfPerson:
    """What was erased because a person asked for it."""

    mqls: tuple[Erased, ...]
    intake: int
    """Intake messages of which something was kept, besides those of the MQLs."""
    receipts: int


def due(tx: sa.Connection, workspace: Workspace, now: datetime, most: int) -> list[int]:
    """Return the ids of MQLs that have been over for longer than the workspace keeps what names a person, oldest
    first."""
    if workspace.erase_after_days is None:
        return []
    return erasures.due(tx, workspace.id, now - timedelta(days=workspace.erase_after_days), most)


def erase(
    tx: sa.Connection, workspace_id: str, mql_id: int, why: ErasedFor, now: datetime, *, with_company: bool = False
) -> Erased | None:
    """Erase what one MQL says of its person, and have the messages about it edited. None where that was done before.

    An open MQL is withdrawn: it has no outcome, its clocks are cancelled, nobody is reminded of it any more.
    """
    # As for intake: the same lead must not be added to an MQL that is being erased.
    workspaces.locked(tx, workspace_id)
    subject = mqls.locked(tx, workspace_id, mql_id)
    if subject is None or subject.erased_at is not None:
        return None
    values: dict[str, Any] = {} if subject.disposed else withdrawal.close(tx, subject, now)
    values |= {"disputed_at": None, **followup_question.NOTHING}  # nobody could decide it any more, nor ask
    counts = Counts(
        erasures.erase_lead(tx, subject, now, with_company=with_company, **values),
        erasures.erase_events(tx, subject, REASONS_OF_OURS, DATA_OF_THE_LEAD),
        erasures.erase_feedback(tx, subject),
        erasures.erase_intake(tx, subject),
    )
    event_id = mqls.log(tx, subject, EventType.ERASED, now, now, reason=why, data=asdict(counts))
    messages = notifications.rerender_messages(tx, subject, event_id, now)
    if not subject.disposed:
        notifications.post_thread_note(tx, subject, event_id, now)
    return Erased(subject, counts, messages)


def erase_person(tx: sa.Connection, workspace_id: str, request: Request, now: datetime) -> OfPerson:
    """Erase the MQLs of a person, open ones too, and whatever else of the intake holds their e-mail address."""
    done = [
        erase(tx, workspace_id, subject.id, ErasedFor.REQUEST, now, with_company=request.with_company)
        for subject in _meant(tx, workspace_id, request)
    ]
    entries: list[int] = []
    receipts = 0
    if request.address:
        entries = erasures.erase_intake_of(tx, workspace_id, request.address)
        receipts = erasures.forget_receipts_of(tx, workspace_id, request.address)
    for entry in entries:
        notifications.edit_message(tx, workspace_id, f"unreadable:{entry}", "erased", now)
    return OfPerson(tuple(erased for erased in done if erased is not None), len(entries), receipts)


def _meant(tx: sa.Connection, workspace_id: str, request: Request) -> list[Mql]:
    subjects = erasures.of_address(tx, workspace_id, request.address) if request.address else []
    subjects += erasures.numbered(tx, workspace_id, request.numbers)
    return sorted({subject.id: subject for subject in subjects}.values(), key=lambda subject: subject.number)


def mentioned(tx: sa.Connection, workspace_id: str, request: Request) -> list[Mql]:
    """Other MQLs in which the address stands, in what somebody wrote: for a person to look at."""
    if request.address is None:
        return []
    meant = {subject.id for subject in _meant(tx, workspace_id, request)}
    return [
        candidate for candidate in erasures.mentioning(tx, workspace_id, request.address) if candidate.id not in meant
    ]


def sweep(tx: sa.Connection, workspace: Workspace, now: datetime) -> int:
    """Erase what belongs to no MQL and is as old: what was read of intake messages that somebody has dealt with,
    actions that are done, receipts, and what the webhook was told. Returns how many rows that were; fewer than BATCH
    where nothing is left."""
    if workspace.erase_after_days is None:
        return 0
    kept = timedelta(days=workspace.erase_after_days)
    receipts = erasures.forget_receipts(tx, workspace.id, now - max(kept, RECEIPTS_KEPT), BATCH)
    done = actions.forget(tx, workspace.id, now - kept)
    taken = outbound.forget_sent(tx, workspace.id, now - kept, BATCH)
    return receipts + done + taken + erasures.erase_closed_intake(tx, workspace.id, now - kept)
