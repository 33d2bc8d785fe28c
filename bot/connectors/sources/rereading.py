"""Deliveries that were kept are read again with a new mapping: what waited becomes MQLs, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
import structlog

from bot.connectors.sources import intake as source_intake
from bot.connectors.sources.contract import Delivery, Item, LeadRead, Unreadable
from bot.connectors.sources.intake import Origin, Taken
from bot.connectors.sources.registry import KINDS
from bot.core.base import audit
from bot.core.base.audit import Author
from bot.core.mql import queue
from storage import deliveries, unreadables
from storage.models import Delivery as KeptDelivery
from storage.models import DeliveryItem, LeadSource
from storage.vocabulary import AuditKind, Became, UnreadableState

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Reread:
    """What became of a delivery that was read again."""

    mqls: tuple[int, ...] = ()
    """Numbers of the MQLs that came of it now, or that something was added to."""
    waiting: int = 0


def read(source: LeadSource, kept: KeptDelivery, fields: Mapping[str, str]) -> list[Item]:
    """Return what stands in a delivery that was kept. Raises Unreadable, also where it was erased."""
    return KINDS[source.kind].read(as_it_came(kept), fields)


def as_it_came(kept: KeptDelivery) -> Delivery:
    """Return a delivery that was kept as its kind reads it. Raises Unreadable where it was erased."""
    body = deliveries.body_of(kept)
    if body is None:
        raise Unreadable("erased")
    return Delivery("POST", "", kept.headers, body, kept.at)


def record(tx: sa.Connection, workspace_id: str, subject: str, count: int, author: Author, now: datetime) -> None:
    """Write into the audit log that what waited is read again, if anything did. `subject`: the source or the sender."""
    if count:
        audit.record(tx, workspace_id, AuditKind.READ_AGAIN, author, now, subject, after={"count": count})


def read_again(
    tx: sa.Connection,
    source: LeadSource,
    delivery_id: int,
    fields: Mapping[str, str],
    version: int,
    by: str | None,
    now: datetime,
) -> Reread:
    """Read one delivery again and take in what waited. It counts from when it came. Raises NotConfigured."""
    kept = deliveries.get(tx, source.workspace_id, delivery_id)
    try:
        items = read(source, kept, fields) if kept is not None else []
    except Unreadable:
        return Reread()
    if kept is None:
        return Reread()
    origin = Origin(source, kept.id, kept.at, now)
    before = deliveries.items(tx, source.workspace_id, kept.id)
    if not before:
        taken = source_intake.take(tx, origin, as_it_came(kept), items, kept.proof, version)
        return _told(taken)
    taken = [
        _again(tx, origin, item, items[item.position], by)
        for item in before
        if item.position < len(items) and item.became == Became.WAITS
    ]
    became = [Became(item.became) for item in deliveries.items(tx, source.workspace_id, kept.id)]
    state = source_intake.state_of(became)
    deliveries.note_state(tx, source.workspace_id, kept.id, state, version)
    return _told(taken)


def _told(taken: list[Taken]) -> Reread:
    numbers = tuple(each.number for each in taken if each.number is not None)
    return Reread(numbers, sum(each.became == Became.WAITS for each in taken))


def _again(tx: sa.Connection, origin: Origin, before: DeliveryItem, item: Item, by: str | None) -> Taken:
    """Try once more what waited. What a person has dealt with meanwhile is theirs."""
    waits = Taken(Became.WAITS, before.reason, entry_id=before.entry_id)
    entry = unreadables.locked(tx, origin.workspace_id, before.entry_id or 0)
    if entry is None or (isinstance(item.content, LeadRead) and item.content.lead is None):
        return waits
    if entry.state != UnreadableState.OPEN:
        taken = Taken(Became.NO_LEAD, "by_hand", entry_id=entry.id)
        if entry.mql_id is not None:
            taken = Taken(Became.JOINED, "by_hand", entry.mql_id, entry_id=entry.id)
    else:
        taken = source_intake.attempt(tx, origin, item, entry_id=entry.id)
        if taken.became == Became.WAITS:
            return waits
        queue.close(tx, origin.workspace_id, entry.id, by, origin.now, taken.mql_id)
    deliveries.change_item(tx, origin.workspace_id, before.id, **taken.as_item())
    return taken
