"""Messages that are not in Slack: how many, for how long, and why."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from storage import rows
from storage.models import Outbox, outbox
from storage.outbox import UNSENT, state_in
from storage.vocabulary import MessageKind, OutboxState


def waiting(
    tx: sa.Connection, workspace_id: str, due_before: datetime, besides: Collection[MessageKind] = ()
) -> tuple[int, datetime | None]:
    """Return how many messages, besides those of some kinds, should have gone out before then and have not, and when
    the oldest was due. One that is tried again and again grows older all the same."""
    late = sa.and_(
        outbox.c.workspace_id == workspace_id,
        state_in(outbox, *UNSENT),
        outbox.c.due_at < due_before,
        outbox.c.kind.not_in(besides),
    )
    count, oldest = tx.execute(sa.select(sa.func.count(), sa.func.min(outbox.c.due_at)).where(late)).one()
    return count, oldest


def by_state(tx: sa.Connection, workspace_id: str) -> dict[OutboxState, tuple[int, datetime]]:
    """Return how many messages wait, are being sent, or were refused for good, and when the oldest of each was due."""
    query = sa.select(outbox.c.state, sa.func.count(), sa.func.min(outbox.c.due_at)).where(_undelivered(workspace_id))
    return {state: (count, oldest) for state, count, oldest in tx.execute(query.group_by(outbox.c.state))}


def by_error(tx: sa.Connection, workspace_id: str, besides: Collection[MessageKind] = ()) -> list[tuple[str, str, int]]:
    """Return what Slack refuses for good, besides some kinds that nobody misses, by error and by whom or where it was
    for, with the count."""
    missed = outbox.c.kind.not_in(besides)
    query = (
        sa.select(outbox.c.error, outbox.c.target, sa.func.count())
        .where(_undelivered(workspace_id), outbox.c.state == OutboxState.DEAD, missed)
        .group_by(outbox.c.error, outbox.c.target)
        .order_by(outbox.c.error, outbox.c.target)
    )
    return [(error or "", target, count) for error, target, count in tx.execute(query)]


def on_its_way(tx: sa.Connection, workspace_id: str, now: datetime, created_until: datetime) -> bool:
    """Return whether a message from up to then is due and not settled yet."""
    query = sa.select(outbox.c.id).where(
        outbox.c.workspace_id == workspace_id,
        state_in(outbox, *UNSENT),
        outbox.c.created_at <= created_until,
        outbox.c.due_at <= now,
    )
    return tx.execute(query.limit(1)).first() is not None


def next_after(tx: sa.Connection, workspace_id: str, moment: datetime) -> datetime | None:
    """Return the first moment after this one for which a message waits; None where none does."""
    return tx.execute(sa.select(sa.func.min(outbox.c.due_at)).where(*_later(workspace_id, moment))).scalar()


def count_between(tx: sa.Connection, workspace_id: str, after: datetime, until: datetime) -> int:
    """Return how many messages wait for a moment after the first one, up to the second."""
    query = sa.select(sa.func.count()).select_from(outbox)
    return tx.execute(query.where(*_later(workspace_id, after), outbox.c.due_at <= until)).scalar_one()


def _later(workspace_id: str, moment: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return outbox.c.workspace_id == workspace_id, state_in(outbox, *UNSENT), outbox.c.due_at > moment


def unsent_of(tx: sa.Connection, workspace_id: str, kinds: Collection[MessageKind]) -> bool:
    """Return whether a message of these kinds has not been sent yet."""
    mine = sa.and_(outbox.c.workspace_id == workspace_id, state_in(outbox, *UNSENT), outbox.c.kind.in_(kinds))
    return tx.execute(sa.select(outbox.c.id).where(mine).limit(1)).first() is not None


def _undelivered(workspace_id: str) -> sa.ColumnElement[bool]:
    # The very condition of the partial index: SQLite does not see that a narrower one fits, too.
    return sa.and_(outbox.c.workspace_id == workspace_id, state_in(outbox, *UNSENT, OutboxState.DEAD))


def dead(tx: sa.Connection, workspace_id: str, most: int = 20) -> list[Outbox]:
    """Return messages that Slack refuses for good, newest first, for the admins to see."""
    query = sa.select(outbox).where(_undelivered(workspace_id), outbox.c.state == OutboxState.DEAD)
    return rows.many(tx, Outbox, query.order_by(outbox.c.id.desc()).limit(most))


def count_dead(tx: sa.Connection, workspace_id: str) -> int:
    """Return how many messages Slack refuses for good."""
    mine = sa.and_(_undelivered(workspace_id), outbox.c.state == OutboxState.DEAD)
    return tx.execute(sa.select(sa.func.count()).select_from(outbox).where(mine)).scalar_one()


def revivable(tx: sa.Connection, workspace_id: str) -> int:
    """Return how many messages `revive` would queue again."""
    either = sa.or_(*_refused(workspace_id))
    return tx.execute(sa.select(sa.func.count()).select_from(outbox).where(either)).scalar_one()


def revive(tx: sa.Connection, workspace_id: str, now: datetime, message_id: int | None = None) -> int:
    """Queue again what Slack refused for good, or one such message, with what was dropped because it belongs to it.

    Whether it is still true is asked once more when it is sent. Returns how many messages there were.
    """
    values = {"state": OutboxState.PENDING, "attempts": 0, "due_at": now, "next_attempt_at": now, "error": None}
    refused = _refused(workspace_id, message_id)
    return sum(tx.execute(outbox.update().where(condition).values(**values)).rowcount for condition in refused)


def _refused(workspace_id: str, message_id: int | None = None) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """Return what belongs to a refused message, and then the refused ones: the former are found by the latter."""
    parent = outbox.alias()
    this = parent.c.id == message_id if message_id is not None else sa.true()
    dead_ones = sa.and_(parent.c.workspace_id == workspace_id, parent.c.state == OutboxState.DEAD, this)
    mine = outbox.c.workspace_id == workspace_id
    dropped = sa.and_(mine, outbox.c.state == OutboxState.DROPPED)
    itself = outbox.c.id == message_id if message_id is not None else sa.true()
    belonging = sa.and_(dropped, outbox.c.parent_id.in_(sa.select(parent.c.id).where(dead_ones)))
    return belonging, sa.and_(mine, outbox.c.state == OutboxState.DEAD, itself)
