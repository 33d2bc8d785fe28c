"""Record a contact with the lead: when, by whom, and how it is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.messages import notifications
from bot.core.mql import followup_question, next_touch, pause_end, undo
from bot.core.sla import clocks
from storage import mqls
from storage.models import Mql
from storage.vocabulary import AskWhy, ClockKind, EventType, Evidence, Status

REPORTED = "reported"
"""In the data of an event: the CRM has told it, not a person in Slack."""


@dataclass(frozen=True)
class Contact:
    """A contact as a person or the CRM reports it."""

    how: Evidence
    at: datetime
    """Its true time: not after now, but it may be long ago, and before the lead came in."""
    by: str | None
    """Slack user id; None where the CRM does not say."""
    note: str | None = None
    reported: bool = False

    def since(self, subject: Mql) -> datetime:
        """Return the moment from which it counts for an MQL: none lies before the lead came in."""
        return max(self.at, subject.received_at)


def first(tx: sa.Connection, subject: Mql, contact: Contact, now: datetime, before: undo.Before | None = None) -> int:
    """Write the first contact down at its true time, stop the response clock then, and return the event's id. After
    an outcome the status stays. `before`: how things stood, where it can be undone."""
    status = subject.status if subject.disposed else Status.CONTACTED
    since = contact.since(subject)
    values = {"status": status, "contacted_at": since, "contact_evidence": contact.how}
    mqls.update(tx, subject.workspace_id, subject.id, **values)
    pause_end.end_if_over(tx, subject, now)
    clocks.stop(tx, subject, ClockKind.RESPONSE, since, now)
    if status == Status.CONTACTED:
        _ask_after(tx, subject, contact)
    event_id = _log(tx, subject, EventType.CONTACTED, contact, now, before=subject.status, after=status)
    if before is not None and contact.by is not None:
        undo.offer(tx, before, event_id, contact.by, now)
    notifications.update_card(tx, subject, event_id, now)
    return event_id


def add(tx: sa.Connection, subject: Mql, contact: Contact, now: datetime) -> int:
    """Write evidence of a known contact down and return the event's id.

    Proof takes the place of a bare press, and nothing takes the place of proof; the earliest moment is the contact's.
    The event's `after` is the evidence that holds from then on. The thread is the caller's to tell.
    """
    holds = contact.how if subject.contact_evidence == Evidence.BUTTON else subject.contact_evidence
    since = min(subject.contacted_at or contact.since(subject), contact.since(subject))
    mqls.update(tx, subject.workspace_id, subject.id, contacted_at=since, contact_evidence=holds)
    if subject.awaits_outcome:
        _ask_after(tx, subject, contact)
    event_id = _log(tx, subject, EventType.EVIDENCE, contact, now, before=subject.contact_evidence, after=holds)
    next_touch.keep(tx, subject, contact.at, event_id)
    if (since, holds) != (subject.contacted_at, subject.contact_evidence):
        notifications.refresh_messages(tx, subject, event_id, now)
    return event_id


def keep(tx: sa.Connection, subject: Mql, contact: Contact, now: datetime) -> int:
    """Write down what counts as no contact of this MQL, and return the event's id. Its `before` is the status that
    was the reason, and it has no `after`. What was done before it cannot be undone any more."""
    event_id = _log(tx, subject, EventType.EVIDENCE, contact, now, before=subject.status)
    notifications.refresh_messages(tx, subject, event_id, now)
    return event_id


def _log(tx: sa.Connection, subject: Mql, kind: EventType, contact: Contact, now: datetime, **words: Any) -> int:
    data = {"evidence": contact.how} | ({REPORTED: True} if contact.reported else {})
    words |= {"actor": contact.by, "reason": contact.note}
    return mqls.log(tx, subject, kind, contact.at, now, data=data, **words)


def _ask_after(tx: sa.Connection, subject: Mql, contact: Contact) -> None:
    if contact.how == Evidence.MEETING:
        followup_question.schedule(tx, subject, AskWhy.MEETING, contact.at)
