"""How many messages people get, what they do about them, and which kinds were muted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import rows
from storage.models import TOLD, Mute, event, mute, outbox
from storage.reports import Span
from storage.vocabulary import EventType, MessageKind, OutboxState


class MeasuredMessage(NamedTuple):
    """A direct message about MQLs, and when its reader first did something about one of them: after it, and before the
    next message to them about the same one."""

    kind: MessageKind
    sent_at: datetime
    acted_at: datetime | None


def messages_since(tx: sa.Connection, workspace_id: str, target: str, since: datetime) -> int:
    """Return how many messages of their own somebody has had since then: no edits, no answers to their presses."""
    mine = sa.and_(outbox.c.workspace_id == workspace_id, outbox.c.target == target, sa.text(TOLD))
    query = sa.select(sa.func.count()).select_from(outbox).where(mine, outbox.c.sent_at >= since)
    return int(tx.execute(query).scalar_one())


def measured_messages(
    tx: sa.Connection, workspace_id: str, kinds: Collection[MessageKind], span: Span
) -> list[MeasuredMessage]:
    """Return the direct messages of these kinds that were sent in the span, and what came of each."""
    about = _about(tx.dialect.name, workspace_id, kinds, span.start)
    order = (about.c.sent_at, about.c.id)
    following = sa.func.lead(about.c.sent_at).over(partition_by=(about.c.target, about.c.mql_id), order_by=order)
    each = sa.select(about, following.label("next_at")).subquery()
    act = sa.and_(
        event.c.workspace_id == workspace_id,
        event.c.mql_id == each.c.mql_id,
        event.c.actor == each.c.target,
        event.c.type != EventType.REFUSED,
        event.c.at >= each.c.sent_at,
        sa.or_(each.c.next_at.is_(None), event.c.at < each.c.next_at),
    )
    query = sa.select(each.c.kind, each.c.sent_at, sa.func.min(event.c.at)).select_from(each.outerjoin(event, act))
    query = query.where(each.c.sent_at < span.end).group_by(each.c.id, each.c.kind, each.c.sent_at)
    return [MeasuredMessage(*row) for row in tx.execute(query.order_by(each.c.id))]


def _about(dialect: str, workspace_id: str, kinds: Collection[MessageKind], since: datetime) -> sa.Subquery:
    """Return each direct message since then with every MQL that it is about."""
    person = sa.or_(outbox.c.target.like("U%"), outbox.c.target.like("W%"))
    sent = sa.and_(outbox.c.state == OutboxState.SENT, outbox.c.sent_at >= since, person)
    mine = sa.and_(outbox.c.workspace_id == workspace_id, outbox.c.kind.in_(kinds), sent)
    columns = (outbox.c.id, outbox.c.kind, outbox.c.target, outbox.c.sent_at)
    single = sa.select(*columns, outbox.c.mql_id).where(mine, outbox.c.mql_id.is_not(None))
    items, mql_id = _items(dialect)
    listed = sa.select(*columns, mql_id.label("mql_id")).select_from(outbox.join(items, sa.true()))
    return sa.union_all(single, listed.where(mine, outbox.c.kind == MessageKind.HELD)).subquery()


def _items(dialect: str) -> tuple[Any, sa.ColumnElement[int]]:
    """Return what a list tells of, a row for each, and the MQL of each."""
    if dialect == "sqlite":
        each = sa.func.json_each(outbox.c.data, "$.items").table_valued("value", name="item")
        return each, sa.cast(sa.func.json_extract(each.c.value, "$.mql"), sa.Integer)
    # Of a message that is no list this is an empty list.
    items = sa.func.coalesce(outbox.c.data["items"], sa.literal_column("'[]'::json"))
    unfolded = sa.func.json_array_elements(items).table_valued(sa.column("value", sa.JSON), name="item").lateral()
    return unfolded, unfolded.c.value["mql"].as_integer()


def muted(tx: sa.Connection, workspace_id: str) -> dict[MessageKind, Mute]:
    """Return the kinds that are muted now, each with who said so and when."""
    return {row.kind: row for row in rows.many(tx, Mute, _muted(), {"workspace": workspace_id})}


@cache
def _muted() -> sa.Select[Any]:
    mine = mute.c.workspace_id == sa.bindparam("workspace")
    newest = sa.select(sa.func.max(mute.c.id)).where(mine).group_by(mute.c.kind)
    return sa.select(mute).where(mine, mute.c.id.in_(newest), mute.c.muted.is_(True))


def set_muted(tx: sa.Connection, workspace_id: str, kind: MessageKind, by: str, now: datetime, *, muted: bool) -> None:
    """Note that a kind is not sent any more, or is again."""
    rows.insert(tx, mute, workspace_id=workspace_id, kind=kind, muted=muted, by=by, at=now)
