"""Erase what names a person, because it is old or because the person asks for it. No figure changes.

docs/data.md lists what is erased, what stays, and what this cannot reach.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.base import audit
from bot.core.base.audit import Author
from bot.core.messages import notifications
from bot.core.mql import followup_question, queue, withdrawal
from storage import actions, audits, deliveries, erasures, identity, mqls, outbound, senders, unreadables, workspaces
from storage.erasure_list import ErasureList
from storage.erasures import FreeText, Wanted
from storage.models import Mql, Workspace
from storage.vocabulary import AuditKind, ErasedFor, EventType

# Their reason is a word of ours and not what somebody wrote.
REASONS_OF_OURS = (EventType.DISPOSED, EventType.CORRECTED, EventType.REFUSED)
# Their data is what came in.
DATA_OF_THE_LEAD = (EventType.RECEIVED_AGAIN,)
# Long enough that whoever sends one thing twice has stopped.
RECEIPTS_KEPT = timedelta(days=30)
BATCH = 500
SHORTEST_NAME = 4
"""Letters of a Latin name that is looked for in free texts."""


@dataclass(frozen=True)
class Request:
    """Whom to erase: everything with an e-mail address or a phone number, and the MQLs with these numbers."""

    email: str | None = None
    phone: str | None = None
    numbers: tuple[int, ...] = ()
    with_company: bool = False
    """Whether the company's name goes too: a sole trader's may be their own."""

    @property
    def address(self) -> str | None:
        """The e-mail address as it is stored."""
        return identity.address(self.email) if self.email else None

    @property
    def names(self) -> set[str]:
        """The address and the phone number in the form in which they are compared; a number of fewer than nine digits
        is left out."""
        return ({self.address} if self.address else set()) | identity.phones_in(self.phone or "")


@dataclass(frozen=True)
class Counts:
    """How much was erased of one MQL."""

    fields: int
    events: int
    feedback: int
    intake: int


@dataclass(frozen=True)
class Erased:
    """An MQL after its person was erased."""

    mql: Mql
    """The MQL as it was before. It still names the person, so it must not be logged."""
    counts: Counts
    messages: int
    """How many messages in Slack are edited."""

    @property
    def withdrawn(self) -> bool:
        """Whether it was open, and the erasure closed it."""
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
    deliveries.erase_of_mql(tx, workspace_id, mql_id)
    event_id = mqls.log(tx, subject, EventType.ERASED, now, now, reason=why, data=asdict(counts))
    if why == ErasedFor.AGE:
        audit.record(
            tx, workspace_id, AuditKind.ERASURE, audit.BOT, now, f"#{subject.number}", after={"why": why.value}
        )
    messages = notifications.rerender_messages(tx, subject, event_id, now)
    if not subject.disposed:
        notifications.post_thread_note(tx, subject, event_id, now)
    return Erased(subject, counts, messages)


def erase_person(
    tx: sa.Connection, workspace_id: str, request: Request, now: datetime, *, author: Author = audit.BOT
) -> OfPerson:
    """Erase the MQLs of a person, open ones too, and whatever else of the intake holds their e-mail addresses: the one
    that is named, and those of the MQLs that are named by number."""
    subjects = _meant(tx, workspace_id, request)
    done = [
        erase(tx, workspace_id, subject.id, ErasedFor.REQUEST, now, with_company=request.with_company)
        for subject in subjects
    ]
    entries, receipts = _erase_elsewhere(tx, workspace_id, _named(_addresses(subjects, request)), now)
    of_person = OfPerson(tuple(erased for erased in done if erased is not None), entries, receipts)
    numbers = ", ".join(f"#{erased.mql.number}" for erased in of_person.mqls) or None
    counts = {"why": ErasedFor.REQUEST.value, "mqls": len(of_person.mqls), "intake": entries, "receipts": receipts}
    audit.record(tx, workspace_id, AuditKind.ERASURE, author, now, numbers, after=counts)
    return of_person


def meant(tx: sa.Connection, workspace_id: str, request: Request) -> tuple[list[Mql], set[str]]:
    """Return the MQLs that a request is about and name somebody still, and all addresses of the person, as they are
    stored; with them the phone number that the request names."""
    subjects = _meant(tx, workspace_id, request)
    return subjects, _addresses(subjects, request)


def erase_listed(tx: sa.Connection, listed: ErasureList, now: datetime) -> int:
    """Erase once more, in a database that was restored, whom somebody had asked to erase. Returns how many MQLs."""
    erased = 0
    for workspace in workspaces.every(tx):
        wanted = _listed(listed, workspace.id)
        noted = {entry.number: entry for entry in listed.mqls if entry.workspace_id == workspace.id}
        # By the moment too: after an earlier restore the same number may have gone to another lead.
        numbered = erasures.numbered(tx, workspace.id, noted)
        same = [subject for subject in numbered if subject.received_at == noted[subject.number].received_at]
        companies = {subject.id for subject in same if noted[subject.number].with_company}
        for mql_id in {subject.id for subject in (*same, *erasures.of_person(tx, workspace.id, wanted))}:
            with_company = mql_id in companies
            done = erase(tx, workspace.id, mql_id, ErasedFor.REQUEST, now, with_company=with_company)
            erased += done is not None
        _erase_elsewhere(tx, workspace.id, wanted, now)
    return erased


def erase_again(
    tx: sa.Connection, workspace_id: str, mql_id: int, why: ErasedFor, now: datetime, *, with_company: bool
) -> None:
    """Erase an MQL of a database that was restored, which had been erased since; where the person had asked for it,
    also what the intake holds of their address."""
    erased = erase(tx, workspace_id, mql_id, why, now, with_company=with_company)
    if erased is not None and erased.mql.email and why == ErasedFor.REQUEST:
        _erase_elsewhere(tx, workspace_id, _named({erased.mql.email}), now)


def _erase_elsewhere(tx: sa.Connection, workspace_id: str, wanted: Wanted, now: datetime) -> tuple[int, int]:
    """Erase what the intake holds of somebody; return of how many messages, and how many receipts."""
    entries = erasures.erase_intake_of(tx, workspace_id, wanted)
    deliveries.erase_of(tx, workspace_id, wanted)
    audits.erase_of(tx, workspace_id, wanted)
    for entry in unreadables.of_ids(tx, workspace_id, entries):
        queue.refresh(tx, entry, "erased", now)
    return len(entries), erasures.forget_receipts_of(tx, workspace_id, wanted)


def _meant(tx: sa.Connection, workspace_id: str, request: Request) -> list[Mql]:
    subjects = erasures.of_person(tx, workspace_id, _named(request.names)) if request.names else []
    subjects += erasures.numbered(tx, workspace_id, request.numbers)
    subjects += erasures.merged_with(tx, workspace_id, subjects)
    return sorted({subject.id: subject for subject in subjects}.values(), key=lambda subject: subject.number)


def _addresses(subjects: Iterable[Mql], request: Request) -> set[str]:
    return {identity.address(subject.email) for subject in subjects if subject.email} | request.names


def _named(names: Collection[str]) -> Wanted:
    return lambda text: not identity.names_in(text).isdisjoint(names)


def _listed(listed: ErasureList, workspace_id: str) -> Wanted:
    return lambda text: listed.names(workspace_id, identity.names_in(text))


@dataclass(frozen=True)
class Mentions:
    """Where else somebody stands, for a person to look at."""

    mqls: tuple[Mql, ...]
    texts: tuple[FreeText, ...]


def mentioned(tx: sa.Connection, workspace_id: str, request: Request) -> Mentions:
    """Return other MQLs, actions and definitions in which an address, a phone number or the name of the person
    stands. To be asked before they are erased: afterwards nobody knows what they were called."""
    subjects = _meant(tx, workspace_id, request)
    wanted = _anywhere(subjects, _addresses(subjects, request))
    meant = {subject.id for subject in subjects}
    others = [other for other in erasures.mentioning(tx, workspace_id, wanted) if other.id not in meant]
    return Mentions(tuple(others), tuple(erasures.free_texts(tx, workspace_id, wanted)))


def _anywhere(subjects: Iterable[Mql], addresses: Collection[str]) -> Wanted:
    names = {identity.squeezed(subject.person) for subject in subjects if subject.person}
    # A name of one or two letters stands in every text.
    names = {name for name in names if len(name) >= (SHORTEST_NAME if name.isascii() else 2)}
    phones = {phone for subject in subjects if subject.phone for phone in identity.phones_in(subject.phone)}
    named = _named(addresses)

    def wanted(text: str) -> bool:
        squeezed = identity.squeezed(text) if names else ""
        return named(text) or any(name in squeezed for name in names) or bool(identity.phones_in(text) & phones)

    return wanted


def sweep(tx: sa.Connection, workspace: Workspace, now: datetime) -> int:
    """Erase what belongs to no MQL and is as old: what was read of intake messages that somebody has dealt with,
    actions that are done, rules about senders that were removed, receipts, and what the webhook was told; and, however
    long the rest is kept, deliveries after deliveries.KEPT. Returns how many rows that were; fewer than BATCH where
    nothing is left."""
    if workspace.erase_after_days is None:
        return deliveries.forget(tx, workspace.id, now - deliveries.KEPT, BATCH)
    kept = timedelta(days=workspace.erase_after_days)
    came = deliveries.forget(tx, workspace.id, now - min(kept, deliveries.KEPT), BATCH)
    receipts = erasures.forget_receipts(tx, workspace.id, now - max(kept, RECEIPTS_KEPT), BATCH)
    audited = audits.forget(tx, workspace.id, now - max(kept, audit.KEPT), BATCH)
    done = actions.forget(tx, workspace.id, now - kept) + senders.forget_rules(tx, workspace.id, now - kept)
    taken = outbound.forget_sent(tx, workspace.id, now - kept, BATCH)
    return came + receipts + audited + done + taken + erasures.erase_closed_intake(tx, workspace.id, now - kept)
