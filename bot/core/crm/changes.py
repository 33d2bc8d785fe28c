"""What a CRM tells besides fields and deals: contacts, and records that are no more. Each goes the way that it would go
if somebody had reported it here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.base import audit
from bot.core.crm import skipping
from bot.core.crm.facts import is_told
from bot.core.crm.mapping import Mapping
from bot.core.crm.records import Activity, Gone
from bot.core.mql import activity as activities
from bot.core.mql import erasure
from bot.core.mql.erasure import Request
from storage import crm_connections, crm_links, identifiers, mqls, person_keys, receipts
from storage.models import CrmConnection, CrmLink, Mql
from storage.vocabulary import CrmKind, CrmSkip, IdentifierKind, ReceiptKind

SYSTEMS = {CrmKind.ACCOUNT_ENGAGEMENT: "pardot"}
"""How the ids of a tool are named where that is not its kind: links to prospects have told them by their host."""


def take_activity(tx: sa.Connection, connection: CrmConnection, activity: Activity, now: datetime) -> bool:
    """Write a contact down at its true time, once; what lies ahead is looked at again when it has come. Returns whether
    that was news."""
    if activity.at > now + activities.AHEAD:
        crm_connections.notice(tx, connection, activity.id, activity.at + timedelta(minutes=1))
        return False
    key = f"crm:{connection.id}:{activity.id}"
    subject = _in_time(tx, connection, activity)
    if subject is None or not is_told(subject):
        return False
    mine = (connection.workspace_id, ReceiptKind.ACTIVITY, key)
    if not receipts.first_time(tx, *mine, now, {}, lasting=True):
        return False
    by = Mapping.of(connection.mapping).users.get(activity.user or "")
    reported = activities.Activity(activity.kind, activity.at, number=subject.number)
    activities.record(tx, connection.workspace_id, reported, by, now)
    return True


def _in_time(tx: sa.Connection, connection: CrmConnection, activity: Activity) -> Mql | None:
    """Return the newest MQL of the people it was with that had come in by then."""
    links = [link for each in activity.record_ids for link in crm_links.all_of_record(tx, connection, each)]
    subjects = mqls.of_ids(tx, connection.workspace_id, {link.mql_id for link in links})
    known = sorted(subjects, key=lambda subject: -subject.id)
    return next((each for each in known if activity.at >= each.received_at - activities.BEFORE), None)


def take_gone(tx: sa.Connection, connection: CrmConnection, gone: Gone, now: datetime) -> None:
    """Follow a record into the one with which it was merged; note that one was deleted; erase its person where they
    asked for it."""
    links = crm_links.all_of_record(tx, connection, gone.record_id)
    if gone.privacy and gone.merged_into is None:
        request = _request(tx, connection, links)
        if erasure.meant(tx, connection.workspace_id, request)[0]:
            erasure.erase_person(tx, connection.workspace_id, request, now, author=audit.BOT)
        return
    for link in links:
        if gone.merged_into is not None:
            crm_links.update(tx, link, record_id=gone.merged_into)
            note_record(tx, connection, link, gone.merged_into)
        elif link.gone_at is None:
            crm_links.update(tx, link, gone_at=now)
            _note_gone(tx, connection, link, now)


def _note_gone(tx: sa.Connection, connection: CrmConnection, link: CrmLink, now: datetime) -> None:
    subject = mqls.get(tx, link.workspace_id, link.mql_id)
    if subject is not None and is_told(subject):
        skipping.note(tx, connection, subject, CrmSkip.RECORD_GONE, now)


def to_erase(tx: sa.Connection, connection: CrmConnection, gone: Gone) -> tuple[list[Mql], set[str]]:
    """Return the MQLs that `take_gone` will erase for a record that was deleted at its person's request, and the
    person's addresses: for the list that outlasts a restore (ADR 30)."""
    links = crm_links.all_of_record(tx, connection, gone.record_id)
    return erasure.meant(tx, connection.workspace_id, _request(tx, connection, links))


def _request(tx: sa.Connection, connection: CrmConnection, links: Sequence[CrmLink]) -> Request:
    subjects = mqls.of_ids(tx, connection.workspace_id, {link.mql_id for link in links})
    return Request(numbers=tuple(subject.number for subject in subjects))


def record_of(tx: sa.Connection, connection_kind: CrmKind, subject: Mql) -> str | None:
    """Return the id of an MQL's record in a CRM, as far as the lead came with one. A door may have put the name of the
    tool before it."""
    keys = identifiers.of_mql(tx, subject.workspace_id, subject.id)
    system = SYSTEMS.get(connection_kind, connection_kind.value)
    mine = [key.value for key in keys if key.kind == IdentifierKind.RECORD and key.system == system]
    return next((value.removeprefix(f"{system}:") for value in mine), None)


def note_record(tx: sa.Connection, connection: CrmConnection, link: CrmLink, record_id: str) -> None:
    """Note an id of a CRM as one by which the MQL is found, whichever tool names it."""
    key = person_keys.record(SYSTEMS.get(connection.kind, connection.kind.value), record_id)
    identifiers.add(tx, link.workspace_id, link.mql_id, [key])
