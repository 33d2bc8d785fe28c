"""What happened to MQLs since the last look, read from their log: which are linked anew, what a CRM is to be told.

A press writes nothing for a CRM: its event is in the log, and that is all that is needed (ADR 52).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.crm import changes, skipping
from bot.core.crm.facts import is_told
from bot.core.crm.mapping import Mapping
from storage import crm_connections, crm_links, crm_writes, mqls
from storage.models import CrmConnection, CrmLink, Event, Mql
from storage.vocabulary import CrmSkip, CrmWriteKind, DealSource, EventType, Status

OVERLAP = 200
"""So many events are looked at again: on PostgreSQL an event may be committed after a later one."""
FRESH = timedelta(hours=1)
_OUTCOMES = (EventType.DISPOSED, EventType.CORRECTED, EventType.REOPENED)


def follow(tx: sa.Connection, connection: CrmConnection, now: datetime) -> int:
    """Queue for a CRM what follows from the newest events. Returns how many MQLs that were."""
    newest = crm_connections.newest_event(tx, connection.workspace_id)
    after = max(connection.event_mark - OVERLAP, 0)
    changed = dict(crm_connections.changed_mqls(tx, connection.workspace_id, after)) if newest > after else {}
    links = crm_links.of_mqls(tx, connection, list(changed))
    unknown = [mql_id for mql_id in changed if mql_id not in links]
    behind = [link for mql_id, link in links.items() if link.seen_event < changed[mql_id]]
    new = (_linked(tx, connection, subject, now) for subject in mqls.of_ids(tx, connection.workspace_id, unknown))
    behind += [link for link in new if link is not None]
    for link in behind:
        _tell(tx, connection, link, changed[link.mql_id], now)
    if newest != connection.event_mark:
        crm_connections.update(tx, connection, event_mark=newest)
    return len(behind)


def link_open(tx: sa.Connection, connection: CrmConnection, now: datetime) -> int:
    """Link every open MQL, when a CRM is connected: what happened before is not told. Returns how many that were."""
    linked = 0
    for status in (Status.UNASSIGNED, Status.ASSIGNED, Status.ACCEPTED, Status.CONTACTED, Status.QUALIFIED):
        for subject in mqls.with_status(tx, connection.workspace_id, status):
            linked += _linked(tx, connection, subject, now) is not None
    newest = crm_connections.newest_event(tx, connection.workspace_id)
    crm_connections.update(tx, connection, event_mark=newest)
    for link in crm_links.every(tx, connection):
        crm_links.update(tx, link, seen_event=newest, is_fresh=False)
    return linked


def _linked(tx: sa.Connection, connection: CrmConnection, subject: Mql, now: datetime) -> CrmLink | None:
    """Link an MQL to its record, or have that looked for by its address. None where neither can be."""
    if not is_told(subject) or (subject.disposed and subject.status != Status.QUALIFIED):
        return None
    record_id = changes.record_of(tx, connection.kind, subject)
    if record_id is None and subject.email is None:
        return None
    is_fresh = subject.read_at >= max(connection.created_at, now - FRESH)
    crm_links.add(tx, connection, subject.id, record_id, now, is_fresh=is_fresh)
    link = crm_links.of_mqls(tx, connection, [subject.id])[subject.id]
    if record_id is not None:
        crm_connections.notice(tx, connection, record_id, now)
    return link


def found(tx: sa.Connection, connection: CrmConnection, link: CrmLink, record_id: str, now: datetime) -> None:
    """Note which record an MQL has, as its address says."""
    crm_links.update(tx, link, record_id=record_id, look_up_at=None)
    changes.note_record(tx, connection, link, record_id)
    crm_connections.notice(tx, connection, record_id, now)


def not_found(tx: sa.Connection, link: CrmLink, now: datetime) -> None:
    """Look again later for a record that is not there yet, for about a day."""
    waits = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
    again = now + waits[link.looked_up] if link.looked_up < len(waits) else None
    crm_links.update(tx, link, look_up_at=again, looked_up=link.looked_up + 1)


def ambiguous(tx: sa.Connection, connection: CrmConnection, link: CrmLink, now: datetime) -> None:
    """Tell that several records have the address of an MQL, and look again later: they may be merged."""
    subject = mqls.get(tx, link.workspace_id, link.mql_id)
    if subject is not None and is_told(subject):
        skipping.note(tx, connection, subject, CrmSkip.TWO_RECORDS, now)
    not_found(tx, link, now)


def _tell(tx: sa.Connection, connection: CrmConnection, link: CrmLink, newest: int, now: datetime) -> None:
    mapping = Mapping.of(connection.mapping)
    log = [each for each in mqls.history(tx, link.workspace_id, link.mql_id) if each.id > link.seen_event]
    for kind, event in _worth_telling(mapping, log):
        crm_writes.add(tx, link, kind, now, event_id=event.id)
    is_qualified = any(event.type in _OUTCOMES and event.after == Status.QUALIFIED for event in log)
    if is_qualified and link.record_id and mapping.deals_qualify:
        # A deal that was there before can be taken now.
        crm_connections.notice(tx, connection, link.record_id, now)
    if crm_links.shadows(tx, link):
        crm_writes.add(tx, link, CrmWriteKind.FIELDS, now)
    crm_links.update(tx, link, seen_event=newest)


def _worth_telling(mapping: Mapping, log: Sequence[Event]) -> list[tuple[CrmWriteKind, Event]]:
    """Return the events of which a CRM gets a task or a note: none that it has told itself."""
    owners = [event for event in log if event.type == EventType.ASSIGNED]
    tasks = [(CrmWriteKind.TASK, event) for event in owners[-1:] if mapping.tasks]
    outcomes = [event for event in log if event.type in (*_OUTCOMES, EventType.DEAL) and not _is_theirs(event)]
    return tasks + [(CrmWriteKind.NOTE, event) for event in outcomes if mapping.notes]


def _is_theirs(event: Event) -> bool:
    return bool(event.data.get("crm")) or event.data.get("source") == DealSource.CRM
