"""Deliveries to the addresses of sources, kept a short while, and what became of each thing in them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

import sqlalchemy as sa

from storage import rows
from storage.models import Delivery, DeliveryItem, delivery, delivery_item
from storage.models.columns import OfPerson, emptied
from storage.vocabulary import DeliveryState, Proof

KEPT = timedelta(days=14)
"""How long a delivery stays, where the team file does not erase sooner."""
LEAD = emptied(Delivery, OfPerson.ERASED)
CHUNK = 100
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


def add(
    tx: sa.Connection,
    workspace_id: str,
    source_id: int,
    now: datetime,
    proof: Proof,
    state: DeliveryState,
    headers: Mapping[str, str],
    body: bytes,
    *,
    mapping_version: int = 0,
) -> int:
    """Keep a delivery and return its id."""
    values = {"source_id": source_id, "at": now, "proof": proof, "state": state, "mapping_version": mapping_version}
    content = {"headers": dict(headers), "body": base64.b64encode(body).decode()}
    return rows.insert(tx, delivery, workspace_id=workspace_id, **values, **content)


def body_of(kept: Delivery) -> bytes | None:
    """Return what came, None once it is erased."""
    return None if kept.body is None else base64.b64decode(kept.body)


def get(tx: sa.Connection, workspace_id: str, delivery_id: int) -> Delivery | None:
    """Return one delivery."""
    return rows.find(tx, Delivery, delivery, {"workspace_id": workspace_id, "id": delivery_id})


def newest(tx: sa.Connection, workspace_id: str, source_id: int, most: int = 1) -> list[Delivery]:
    """Return the newest deliveries of a source that are still there, the newest first."""
    mine = sa.and_(delivery.c.workspace_id == workspace_id, delivery.c.source_id == source_id)
    query = sa.select(delivery).where(mine, delivery.c.body.is_not(None)).order_by(delivery.c.id.desc())
    return rows.many(tx, Delivery, query.limit(most))


def to_read_again(tx: sa.Connection, workspace_id: str, source_id: int) -> list[int]:
    """Return the ids of a source's deliveries of which something waits or nothing could be read, the oldest first."""
    mine = sa.and_(delivery.c.workspace_id == workspace_id, delivery.c.source_id == source_id)
    again = sa.and_(delivery.c.state != DeliveryState.TAKEN, delivery.c.body.is_not(None))
    return list(tx.execute(sa.select(delivery.c.id).where(mine, again).order_by(delivery.c.id)).scalars())


def note_state(
    tx: sa.Connection, workspace_id: str, delivery_id: int, state: DeliveryState, mapping_version: int
) -> None:
    """Keep what became of a delivery when it was read, and with which mapping."""
    which = {"workspace_id": workspace_id, "id": delivery_id}
    rows.change(tx, delivery, which, state=state, mapping_version=mapping_version)


def items(tx: sa.Connection, workspace_id: str, delivery_id: int) -> list[DeliveryItem]:
    """Return what became of the things in a delivery, in their order."""
    which = {"workspace_id": workspace_id, "delivery_id": delivery_id}
    return rows.all_of(tx, DeliveryItem, delivery_item, which, "position")


def add_items(
    tx: sa.Connection, workspace_id: str, delivery_id: int, became: Sequence[Mapping[str, Any]], first: int = 0
) -> None:
    """Keep what became of the things in a delivery; the first of them stands at `first`."""
    fixed = {"workspace_id": workspace_id, "delivery_id": delivery_id}
    rows.append(tx, delivery_item, [{**fixed, "position": at, **values} for at, values in enumerate(became, first)])


def change_item(tx: sa.Connection, workspace_id: str, item_id: int, **values: Any) -> None:
    """Change what became of one thing in a delivery."""
    rows.change(tx, delivery_item, {"workspace_id": workspace_id, "id": item_id}, **values)


def forget(tx: sa.Connection, workspace_id: str, before: datetime, most: int) -> int:
    """Drop up to `most` deliveries that came before then; returns how many."""
    old = sa.select(delivery.c.id).where(delivery.c.workspace_id == workspace_id, delivery.c.at < before)
    ids = list(tx.execute(old.order_by(delivery.c.id).limit(most)).scalars())
    of_them = sa.and_(delivery_item.c.workspace_id == workspace_id, delivery_item.c.delivery_id.in_(ids))
    tx.execute(delivery_item.delete().where(of_them))
    mine = sa.and_(rows.unsought(delivery.c.workspace_id) == workspace_id, delivery.c.id.in_(ids))
    return tx.execute(delivery.delete().where(mine)).rowcount


def erase_of(tx: sa.Connection, workspace_id: str, wanted: Callable[[str], bool]) -> int:
    """Erase what came with deliveries in which something wanted stands; returns of how many."""
    erased, after = 0, 0
    mine = sa.and_(delivery.c.workspace_id == workspace_id, delivery.c.body.is_not(None))
    query = sa.select(delivery.c.id, delivery.c.headers, delivery.c.body).order_by(delivery.c.id).limit(CHUNK)
    while kept := tx.execute(query.where(mine, delivery.c.id > after)).all():
        after = kept[-1].id
        ids = [row_id for row_id, headers, body in kept if wanted(_text(headers, base64.b64decode(body)))]
        erased += _erase(tx, workspace_id, ids)
    return erased


def erase_of_mql(tx: sa.Connection, workspace_id: str, mql_id: int) -> int:
    """Erase what came with the deliveries from which an MQL came, or that were added to it; returns of how many."""
    mine = sa.and_(delivery_item.c.workspace_id == workspace_id, delivery_item.c.mql_id == mql_id)
    return _erase(tx, workspace_id, tx.execute(sa.select(delivery_item.c.delivery_id).where(mine)).scalars().all())


def _erase(tx: sa.Connection, workspace_id: str, ids: Sequence[int]) -> int:
    """Erase what came with some deliveries. What became of it stays."""
    if not ids:
        return 0
    mine = sa.and_(delivery.c.workspace_id == workspace_id, delivery.c.id.in_(ids), delivery.c.body.is_not(None))
    return tx.execute(delivery.update().where(mine).values(headers={}, **LEAD)).rowcount


def _text(headers: Mapping[str, str], body: bytes) -> str:
    """Return what came as it is, without the escapes of JSON, and without those of forms."""
    text = body.decode("utf-8", errors="replace")
    plain = _ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), text)
    return "\n".join((*headers.values(), text, plain, unquote_plus(plain)))
