"""An activity that the CRM reports: which MQL it belongs to, and what it proves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from bot.core.base.results import gone
from bot.core.messages import notifications
from bot.core.mql import contact, identity, response
from bot.core.mql.contact import Contact
from bot.core.mql.intake import NotConfigured, UnknownLead
from storage import members, mqls, workspaces
from storage.models import Mql
from storage.vocabulary import EventType, Evidence, Source

KINDS = (Evidence.CALL, Evidence.EMAIL, Evidence.MEETING, Evidence.CRM)
AHEAD = timedelta(minutes=5)
"""So far the clock of the CRM may be ahead of ours."""
BY_A_MACHINE = timedelta(seconds=60)
"""So soon after a lead came in, or was given to somebody, only a machine writes to it."""
BEFORE = timedelta(days=1)
"""So long before the lead came in an activity may lie: some CRMs know only the day, and give its midnight."""


@dataclass(frozen=True)
class Activity:
    """One contact, as the CRM knows it. The lead is named by its number, or by external id or e-mail address."""

    kind: Evidence
    at: datetime
    number: int | None = None
    source: Source = Source.GENERIC
    external_id: str | None = None
    email: str | None = None


class CountedAs(StrEnum):
    """What became of an activity."""

    CONTACT = "contact"
    EVIDENCE = "evidence"
    RECORD = "record"


@dataclass(frozen=True)
class Recorded:
    """Which MQL an activity went to, and as what."""

    number: int
    counted_as: CountedAs
    by: str | None
    """Who did it, where that is somebody of the team."""


class BeforeLead(ValueError):
    """The activity lies before the lead came in."""


class InTheFuture(ValueError):
    """The activity lies ahead of us by more than clocks differ."""


def record(tx: sa.Connection, workspace_id: str, reported: Activity, by: str | None, now: datetime) -> Recorded:
    """Write an activity down at its true time; `by` is the Slack id of who did it.

    It is the contact where none was known, or not so early: acceptance by the owner where that was missing, and the
    end of the response clock at its true time. Else it is evidence. Of an MQL without an owner, after its outcome,
    once it was withdrawn or its person was erased, it is only recorded; so is an e-mail that a machine has written, as
    Evidence.AUTOMATIC. Raises NotConfigured, UnknownLead, BeforeLead,
    InTheFuture.
    """
    workspace = workspaces.get(tx, workspace_id)
    if workspace is None or workspace.policy_id is None:
        raise NotConfigured(workspace_id)
    if reported.at > now + AHEAD:
        raise InTheFuture(reported.at)
    subject = _subject(tx, workspace_id, reported)
    member = members.get(tx, workspace_id, by) if by else None
    by = member.user_id if member else None
    at = min(reported.at, now)
    kind = Evidence.AUTOMATIC if reported.kind == Evidence.EMAIL and _by_a_machine(tx, subject, at) else reported.kind
    contact_made = Contact(kind, at, by, reported=True)
    return Recorded(subject.number, _count(tx, subject, contact_made, now), by)


def _subject(tx: sa.Connection, workspace_id: str, reported: Activity) -> Mql:
    """Return the newest MQL of the lead that had come in by then, locked."""
    if reported.number is not None:
        named = mqls.by_number(tx, workspace_id, reported.number)
        known = [named] if named else []
    else:
        known = identity.named(tx, workspace_id, reported.source, reported.external_id, reported.email)
    if not known:
        raise UnknownLead
    seen = next((candidate for candidate in known if reported.at >= candidate.received_at - BEFORE), None)
    if seen is None:
        raise BeforeLead(known[-1].received_at)
    return mqls.locked(tx, workspace_id, seen.id) or seen


def _by_a_machine(tx: sa.Connection, subject: Mql, at: datetime) -> bool:
    """Return whether an e-mail followed the arrival of a lead, or its assignment, too soon for a person to have written
    it."""
    given = mqls.events_of(tx, subject.workspace_id, [subject.id], (EventType.ASSIGNED,))
    begins = [subject.received_at, *(event.at for event in given)]
    return any(timedelta(0) <= at - begin < BY_A_MACHINE for begin in begins)


def _count(tx: sa.Connection, subject: Mql, reported: Contact, now: datetime) -> CountedAs:
    done = gone(subject) is not None
    over = done or (subject.disposed_at is not None and reported.at > subject.disposed_at)
    if subject.owner is None or over or reported.how == Evidence.AUTOMATIC:
        event_id = contact.keep(tx, subject, reported, now)
        if not over and reported.how != Evidence.AUTOMATIC:
            notifications.post_thread_note(tx, subject, event_id, now)
        return CountedAs.RECORD
    if subject.contacted_at is None:
        if subject.accepted_at is None:
            response.accepted(tx, subject, subject.owner, reported.since(subject), now)
        contact.first(tx, subject, reported, now)
        return CountedAs.CONTACT
    return _more(tx, subject, reported, now)


def _more(tx: sa.Connection, subject: Mql, reported: Contact, now: datetime) -> CountedAs:
    """One activity more. The thread hears of the one that proves the contact; a CRM may report many."""
    proves = subject.contact_evidence == Evidence.BUTTON
    earlier = subject.contacted_at is not None and reported.since(subject) < subject.contacted_at
    event_id = contact.add(tx, subject, reported, now)
    if proves:
        notifications.post_thread_note(tx, subject, event_id, now)
    return CountedAs.CONTACT if earlier else CountedAs.EVIDENCE
