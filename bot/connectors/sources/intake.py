"""What stands in a delivery becomes MQLs, joins them, or waits for a person; one bad thing does not stop the others."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from bot.connectors.sources import notices, records
from bot.connectors.sources.contract import Delivery, FiguresRead, Item, LeadRead, NotALead
from bot.connectors.sources.registry import KINDS
from bot.core.mql import gate, identity, intake, queue
from bot.core.mql.gate import Held
from bot.core.mql.lead import Lead
from bot.core.reports import nurturing_delivery
from storage import committed_events, deliveries, receipts, sources, trouble
from storage.database import savepoint
from storage.models import LeadSource
from storage.vocabulary import Became, DeliveryState, Proof, ReceiptKind, Source, SourceKind

KEPT_HEADERS = ("content-type", "webhook-id", "svix-id")
"""All that is stored of a delivery's headers: no other is needed to read it, and some are secret."""
A_RETRY = timedelta(hours=1)
"""The same bytes again within this time are another attempt of the same sender."""
FAILED = "failed"
"""Why something waits that the bot stumbled over."""
_NAMING = ("needs_fetch", "deleted", "erased", "other")
_WHOLE = (SourceKind.KINTONE, SourceKind.SALESFORCE)
"""Kinds whose notices of a change look like a lead: the CRM is asked for the record all the same."""
_UNPREFIXED = (SourceKind.MAPPING, SourceKind.SATORI, SourceKind.FORMRUN, SourceKind.MOVABLETYPE)
"""Kinds whose readers do not know in which numbers an id was counted."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Taken:
    """What became of one thing in a delivery."""

    became: Became
    reason: str | None = None
    mql_id: int | None = None
    number: int | None = None
    entry_id: int | None = None

    def as_item(self) -> dict[str, Any]:
        """Return what is stored of it with the delivery."""
        return {"became": self.became, "reason": self.reason, "mql_id": self.mql_id, "entry_id": self.entry_id}

    def as_answer(self) -> dict[str, Any]:
        """Return what is stored of it for the repeat."""
        return self.as_item() | {"number": self.number}


@dataclass(frozen=True)
class Origin:
    """Where things come from: a delivery of a source, when it came, and when it is read."""

    source: LeadSource
    delivery_id: int
    at: datetime
    now: datetime

    @property
    def workspace_id(self) -> str:
        """The Slack workspace of the source."""
        return self.source.workspace_id


def keep(tx: sa.Connection, source: LeadSource, delivery: Delivery, kept: bytes, proof: Proof, version: int) -> Origin:
    """Store an authentic delivery, with its body as it may be kept, before `take` makes anything of it."""
    delivery_id = _add(tx, source, delivery, kept, proof, DeliveryState.TAKEN, version)
    return Origin(source, delivery_id, delivery.at, delivery.at)


def keep_unreadable(
    tx: sa.Connection, source: LeadSource, delivery: Delivery, kept: bytes, proof: Proof, version: int
) -> None:
    """Store an authentic delivery that has not the form of its kind, for whoever looks at the source."""
    _add(tx, source, delivery, kept, proof, DeliveryState.UNREADABLE, version)
    sources.note_delivery(tx, source.workspace_id, source.id, delivery.at, proof, DeliveryState.UNREADABLE)


def _add(
    tx: sa.Connection,
    source: LeadSource,
    delivery: Delivery,
    kept: bytes,
    proof: Proof,
    state: DeliveryState,
    version: int,
) -> int:
    headers = {name: delivery.headers[name] for name in KEPT_HEADERS if name in delivery.headers}
    return deliveries.add(
        tx, source.workspace_id, source.id, delivery.at, proof, state, headers, kept, mapping_version=version
    )


def take(
    tx: sa.Connection, origin: Origin, delivery: Delivery, items: Sequence[Item], proof: Proof, version: int
) -> list[Taken]:
    """Take in what stands in a delivery that was kept, and note what became of it. Raises NotConfigured."""
    body = hashlib.sha256(delivery.body).hexdigest()
    # Whoever has got hold of one such request could send it again in a year.
    lasting = proof == Proof.SIGNED and not KINDS[origin.source.kind].dated
    taken = [_once(tx, origin, item, f"{body}:{position}", lasting=lasting) for position, item in enumerate(items)]
    deliveries.add_items(tx, origin.workspace_id, origin.delivery_id, [each.as_item() for each in taken])
    state = state_of([each.became for each in taken])
    again = origin.now != origin.at
    if again or state != DeliveryState.TAKEN:
        deliveries.note_state(tx, origin.workspace_id, origin.delivery_id, state, version)
    if not again:
        sources.note_delivery(tx, origin.workspace_id, origin.source.id, origin.at, proof, state)
    return taken


def state_of(became: Sequence[Became]) -> DeliveryState:
    """Return what became of a delivery, by what became of the things in it."""
    return DeliveryState.WAITING if Became.WAITS in became else DeliveryState.TAKEN


def _once(tx: sa.Connection, origin: Origin, item: Item, body: str, *, lasting: bool) -> Taken:
    """Take one thing in; where it was dealt with before, only return what became of it then. `lasting`: that is known
    for good, where its tool has a word for it."""
    key = _checksum(origin, item.key if item.key is not None else body)
    mine = (origin.workspace_id, ReceiptKind.DELIVERY, key)
    if item.key is not None:
        first = receipts.first_time(tx, *mine, origin.now, {}, lasting=lasting)
    else:
        first = receipts.first_lately(tx, *mine, origin.now, A_RETRY)
    if not first:
        answer = receipts.get(tx, *mine).answer
        return Taken(**answer | {"became": Became(answer["became"])})
    taken = attempt(tx, origin, item)
    receipts.note_answer(tx, *mine, taken.as_answer())
    return taken


def attempt(tx: sa.Connection, origin: Origin, item: Item, *, entry_id: int | None = None) -> Taken:
    """Take one thing in. Where that fails, it waits for a person, as `entry_id` where it waits already. Raises
    NotConfigured, and what shows that the database is in trouble."""
    try:
        with savepoint(tx):
            return _taken(tx, origin, item)
    except intake.NotConfigured:
        raise
    except Exception as error:
        # Whatever it is: the others of its delivery are to be taken, and this one is to be seen.
        if isinstance(error, sa.exc.SQLAlchemyError) and trouble.of(error) is not None:
            raise
        log.exception("delivery_item_failed", workspace=origin.workspace_id, source=origin.source.name)
        if entry_id is not None:
            return Taken(Became.WAITS, FAILED, entry_id=entry_id)
        values = item.content.values if isinstance(item.content, LeadRead) else {}
        return wait(tx, origin, FAILED, values)


def _taken(tx: sa.Connection, origin: Origin, item: Item) -> Taken:
    content = item.content
    if isinstance(content, NotALead):
        return _no_lead(tx, origin, content)
    if isinstance(content, FiguresRead):
        delivery = (origin.workspace_id, content.weeks, origin.now)
        nurturing_delivery.store(tx, *delivery, source_id=origin.source.id)
        return Taken(Became.NO_LEAD, SourceKind.FIGURES)
    if content.lead is None:
        return wait(tx, origin, content.reason or FAILED, content.values)
    lead = prepared(content.lead, origin)
    received = gate.take(tx, origin.workspace_id, lead, Source(origin.source.kind), origin.now)
    if isinstance(received, Held):
        return Taken(Became.WAITS, gate.REASON, entry_id=received.entry_id)
    if origin.source.kind in _WHOLE and lead.external_id is not None:
        notices.note(tx, origin.source, NotALead("needs_fetch", lead.external_id), origin.now)
    became = Became.JOINED if received.repeated else Became.NEW
    return Taken(became, mql_id=received.mql_id, number=received.number)


def prepared(lead: Lead, origin: Origin) -> Lead:
    """Return a lead with the defaults of its source, the true time, and an id that no other tool's collides with."""
    news: dict[str, Any] = {
        name: value for name, value in origin.source.defaults.items() if getattr(lead, name, None) is None
    }
    if lead.sent_at is None:
        news["sent_at"] = origin.at
    elif lead.sent_at < origin.at - intake.OLDEST:
        # Wrong rather than late; never a reason to refuse it.
        news |= {"sent_at": origin.at, "attributes": lead.attributes | {"sent_at": lead.sent_at.isoformat()}}
    ours = origin.source.kind in _UNPREFIXED and lead.external_id is not None
    if ours and records.record_id(str(lead.external_id)) is None:
        news["external_id"] = f"{origin.source.name}:{lead.external_id}"
    return lead.model_copy(update=news)


def _no_lead(tx: sa.Connection, origin: Origin, content: NotALead) -> Taken:
    """Note what is no lead. What only names a record is read from the CRM, where that is connected; else it waits for a
    person, once, unless the record is known."""
    if content.reason in _NAMING and notices.note(tx, origin.source, content, origin.now):
        content = NotALead("noticed", content.record)
    if content.reason == "needs_fetch":
        if not _is_known(tx, origin, content.record):
            return wait(tx, origin, content.reason, {"record": content.record})
        content = NotALead("known")
    committed_events.note(tx, "no_lead", origin.workspace_id, source=origin.source.kind, reason=content.reason)
    return Taken(Became.NO_LEAD, content.reason)


def _is_known(tx: sa.Connection, origin: Origin, record: str) -> bool:
    """Return whether an MQL has this record, or it waits already: each change of a record is another notice."""
    if not record:
        return False
    _, bare = records.record_id(record) or ("", record)
    if any(identity.with_record(tx, origin.workspace_id, each) for each in (record, bare)):
        return True
    key = _checksum(origin, f"record {record}")
    mine = (origin.workspace_id, ReceiptKind.DELIVERY, key)
    return not receipts.first_lately(tx, *mine, origin.now, deliveries.KEPT)


def _checksum(origin: Origin, name: str) -> str:
    """Return the key of a receipt: a checksum, for what a tool calls a thing may be an address."""
    return hashlib.sha256(f"{origin.source.id}:{name}".encode("utf-8", "surrogatepass")).hexdigest()


def wait(tx: sa.Connection, origin: Origin, reason: str, values: Mapping[str, str]) -> Taken:
    """Put something into the queue of what a person decides."""
    entry_id = queue.keep(
        tx,
        origin.workspace_id,
        reason=reason,
        values=dict(values),
        came_at=origin.at,
        now=origin.now,
        source_id=origin.source.id,
        delivery_id=origin.delivery_id,
    )
    return Taken(Became.WAITS, reason, entry_id=entry_id)
