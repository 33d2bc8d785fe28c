"""What a replay of the past reads, and what the messages of a replay come to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.models import Assignment, Event, Mql, Outbox, assignment, event, mql, outbox
from storage.reports import COUNTED, Span
from storage.vocabulary import MessageKind, OutboxState

UNREAD = (OutboxState.DROPPED, OutboxState.DEAD)


def received(tx: sa.Connection, workspace_id: str, span: Span) -> list[Mql]:
    """Return the MQLs that were received in the span, also those that were withdrawn later: they took turns. Imported
    ones were never worked on here."""
    mine = sa.and_(mql.c.workspace_id == workspace_id, span.holds(mql.c.received_at), mql.c.import_id.is_(None))
    return rows.many(tx, Mql, sa.select(mql).where(mine).order_by(mql.c.id))


def log(tx: sa.Connection, workspace_id: str, received_in: Span, *, counted: bool) -> list[Event]:
    """Return the whole log of the MQLs that were received in the span, as it was written; `counted`: without those
    that were withdrawn."""
    query = sa.select(event).join(mql, mql.c.id == event.c.mql_id)
    here = sa.and_(received_in.holds(mql.c.received_at), mql.c.import_id.is_(None))
    whose = rows.unsought(event.c.workspace_id) == workspace_id
    mine = sa.and_(mql.c.workspace_id == workspace_id, whose, here)
    return rows.many(tx, Event, query.where(mine, COUNTED if counted else sa.true()).order_by(event.c.id))


def turns_of(tx: sa.Connection, workspace_id: str, mql_ids: Collection[int], before: int) -> list[Assignment]:
    """Return the turns, taken before the decision of an id, of whoever got one of these MQLs by turn: from the first
    turn for such an MQL on, in their order."""
    every = rows.of_each(tx, Assignment, assignment, {"workspace_id": workspace_id}, "mql_id", mql_ids)
    theirs = [decision for decision in every if decision.by_turn and decision.id < before]
    if not theirs:
        return []
    since, users = min(decision.id for decision in theirs), {decision.chosen for decision in theirs}
    mine = sa.and_(assignment.c.workspace_id == workspace_id, assignment.c.chosen.in_(users))
    query = sa.select(assignment).where(mine, assignment.c.id >= since, assignment.c.id < before)
    return [decision for decision in rows.many(tx, Assignment, query.order_by(assignment.c.id)) if decision.by_turn]


def put_decision(tx: sa.Connection, subject: Mql, recorded: Assignment) -> Assignment:
    """Store a decision that was made before the replay begins, as one about `subject`, under its own id, which lies
    below zero, and return it. What is decided afterwards gets ids above zero."""
    decision = recorded.model_copy(update={"workspace_id": subject.workspace_id, "mql_id": subject.id})
    values = {name: getattr(decision, name) for name in Assignment.model_fields}
    rows.insert_once(tx, assignment, **values | {"id": 0, "chosen": None, "considered": (), "turn": False})
    rows.insert(tx, assignment, **values)
    return decision


def messages(
    tx: sa.Connection, workspace_id: str, kinds: Collection[MessageKind], written_since: datetime
) -> list[Outbox]:
    """Return messages of these kinds that were sent, or are to be: neither dropped nor refused for good."""
    query = sa.select(outbox).where(
        outbox.c.workspace_id == workspace_id,
        outbox.c.kind.in_(kinds),
        # What is held for the morning grows: it may have been begun before.
        sa.or_(outbox.c.created_at >= written_since, outbox.c.next_attempt_at >= written_since),
        outbox.c.state.not_in(UNREAD),
    )
    return rows.many(tx, Outbox, query.order_by(outbox.c.id))


def next_held(tx: sa.Connection, workspace_id: str, after: datetime, until: datetime) -> datetime | None:
    """Return the first moment, after one and up to another, to which messages are held that nobody has sent."""
    return next((row.next_attempt_at for row in held(tx, workspace_id, after, until)), None)


def held(tx: sa.Connection, workspace_id: str, after: datetime, until: datetime) -> list[Outbox]:
    """Return the held messages whose time comes after a moment and up to another, and that nobody has sent."""
    return rows.many(tx, Outbox, _held(), {"workspace": workspace_id, "after": after, "until": until})


@cache
def _held() -> sa.Select[Any]:
    after, until = (sa.bindparam(name, type_=outbox.c.next_attempt_at.type) for name in ("after", "until"))
    mine = sa.and_(outbox.c.workspace_id == sa.bindparam("workspace"), outbox.c.kind == MessageKind.HELD)
    waits = sa.and_(mine, outbox.c.state == OutboxState.PENDING)
    when = sa.and_(outbox.c.next_attempt_at > after, outbox.c.next_attempt_at <= until)
    return sa.select(outbox).where(waits, when).order_by(outbox.c.next_attempt_at, outbox.c.id)


def settle(tx: sa.Connection, row: Outbox, at: datetime | None) -> None:
    """Call a message sent at a moment, or (None) dropped, in a database from which nothing is sent."""
    state = OutboxState.DROPPED if at is None else OutboxState.SENT
    rows.change(tx, outbox, {"id": row.id}, state=state, sent_at=at)
