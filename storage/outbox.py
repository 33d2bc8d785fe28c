"""Messages on their way to Slack: written by the transaction that decides, sent between transactions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import rows
from storage.models import LISTS, Outbox, mql, outbox
from storage.models.mqls import DISPOSED
from storage.vocabulary import MessageKind, OutboxState

UNSENT = (OutboxState.PENDING, OutboxState.SENDING)


# For statements that are built once.
_WORKSPACE = sa.bindparam("workspace", type_=sa.String())
_NOW, _FAR = (sa.bindparam(name, type_=outbox.c.due_at.type) for name in ("now", "far"))


def add(tx: sa.Connection, row: dict[str, Any]) -> bool:
    """Queue a `message`. False where one with this key was queued before: the same fact is told once."""
    return bool(tx.execute(_queueing(tx.dialect.name, returning=True), row).fetchall())


def message(
    workspace_id: str,
    key: str,
    kind: MessageKind,
    priority: int,
    target: str,
    now: datetime,
    *,
    not_before: datetime | None = None,
    next_attempt_at: datetime | None = None,
    **values: Any,
) -> dict[str, Any]:
    """Return a message as a row for `add` and `add_all`, due and tried now unless a time is given for it.
    `priority`: the smallest goes first (bot/core/messages/kinds.py). `values`: mql_id, event_id, parent_id, data."""
    due_at = not_before or now
    return {
        "workspace_id": workspace_id,
        "key": key,
        "kind": kind,
        "priority": priority,
        "target": target,
        "due_at": due_at,
        "next_attempt_at": next_attempt_at or due_at,
        "created_at": now,
        "mql_id": None,
        "event_id": None,
        "parent_id": None,
        "data": {},
        **values,
    }


def add_all(tx: sa.Connection, messages: Sequence[dict[str, Any]]) -> None:
    """Queue many messages at once; one whose key was queued before is left out."""
    if messages:
        tx.execute(_queueing(tx.dialect.name, returning=False), list(messages))


@cache
def _queueing(dialect: str, *, returning: bool) -> Any:
    """Write into the statement what is the same in every new message: to hand a value over costs more."""
    same = {"state": rows.literal(OutboxState.PENDING), "attempts": sa.literal_column("0"), "maybe_sent": sa.false()}
    return rows.inserting_once(outbox, dialect, returning=returning).values(**same)


def get(tx: sa.Connection, workspace_id: str, row_id: int) -> Outbox | None:
    """One message by id."""
    return rows.find(tx, Outbox, outbox, {"workspace_id": workspace_id, "id": row_id})


def by_key(tx: sa.Connection, workspace_id: str, key: str) -> Outbox | None:
    """One message by its key."""
    return rows.find(tx, Outbox, outbox, {"workspace_id": workspace_id, "key": key})


def first_due(
    tx: sa.Connection,
    workspace_id: str,
    target: str,
    kinds: Collection[MessageKind],
    after: datetime,
    until: datetime,
) -> datetime | None:
    """Return when the first message of these kinds that waits for a reader is due, after one moment and up to another;
    None where none is."""
    asked = {"workspace": workspace_id, "target": target, "after": after, "until": until}
    return tx.execute(_first_due(frozenset(kinds)), asked).scalar()


@cache
def _first_due(kinds: frozenset[MessageKind]) -> sa.Select[Any]:
    after, until = (sa.bindparam(name, type_=outbox.c.due_at.type) for name in ("after", "until"))
    mine = sa.and_(outbox.c.workspace_id == _WORKSPACE, outbox.c.target == sa.bindparam("target"))
    untried = sa.and_(outbox.c.state == rows.literal(OutboxState.PENDING), outbox.c.attempts == 0)
    waits = sa.and_(unsent(outbox), untried)
    when = sa.and_(outbox.c.due_at > after, outbox.c.due_at <= until)
    return sa.select(sa.func.min(outbox.c.due_at)).where(mine, outbox.c.kind.in_(sorted(kinds)), waits, when)


def sent_by_keys(tx: sa.Connection, workspace_id: str, keys: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return where Slack put the messages of these keys: channel and ts, for those that are there."""
    if len(keys) == 1:
        row = by_key(tx, workspace_id, next(iter(keys)))
        return {row.key: (row.channel, row.ts)} if row and row.channel and row.ts else {}
    there = tx.execute(_sent_by_keys(), {"workspace": workspace_id, "keys": list(keys)})
    return {key: (channel, ts) for key, channel, ts in there}


@cache
def _sent_by_keys() -> sa.Select[Any]:
    mine = outbox.c.workspace_id == sa.bindparam("workspace")
    query = sa.select(outbox.c.key, outbox.c.channel, outbox.c.ts).where(mine, outbox.c.ts.is_not(None))
    return query.where(outbox.c.key.in_(sa.bindparam("keys", expanding=True)))


def by_keys(tx: sa.Connection, workspace_id: str, keys: Collection[str]) -> list[Outbox]:
    """Return the messages of these keys, as far as there are any."""
    return rows.of_each(tx, Outbox, outbox, {"workspace_id": workspace_id}, "key", keys)


def about(
    tx: sa.Connection, workspace_id: str, mql_ids: Collection[int], kinds: Collection[MessageKind]
) -> list[Outbox]:
    """Return the messages of these kinds about some MQLs that are in Slack or on their way."""
    query = sa.select(outbox).where(
        rows.unsought(outbox.c.workspace_id) == workspace_id,
        outbox.c.mql_id.in_(mql_ids),
        outbox.c.kind.in_(kinds),
        outbox.c.state.in_((*UNSENT, OutboxState.SENT)),
    )
    return rows.many(tx, Outbox, query.order_by(outbox.c.id))


class Posted(NamedTuple):
    """A message, as far as its edits and the notes in its thread speak of it."""

    id: int
    workspace_id: str
    kind: MessageKind
    target: str
    state: OutboxState
    mql_id: int
    parent_id: int | None
    maybe_sent: bool


class Shown(NamedTuple):
    """The messages that show some MQLs."""

    originals: list[Posted]
    """Those that are in Slack or on their way."""
    read_anew: set[int]
    """The ids of those that are to be rendered anyway; see `to_be_read_anew`."""
    cards: dict[int, Posted]
    """The card of each MQL, whatever became of it."""


def to_refresh(tx: sa.Connection, workspace_id: str, mql_ids: Collection[int], kinds: Collection[MessageKind]) -> Shown:
    """Return the messages of these kinds about some MQLs, and their cards, in one statement."""
    several = len(mql_ids) > 1
    asked = {"workspace": workspace_id, **({"mqls": list(mql_ids)} if several else {"mql": next(iter(mql_ids))})}
    result = tx.execute(_to_refresh(frozenset(kinds), several=several), asked)
    messages = [Posted(*row) for row in result.fetchall()]
    anew = {
        row.parent_id if row.kind == MessageKind.EDIT else row.id
        for row in messages
        if row.state == OutboxState.PENDING and not row.maybe_sent
    }
    originals = [row for row in messages if row.kind != MessageKind.EDIT and row.state in (*UNSENT, OutboxState.SENT)]
    cards = {row.mql_id: row for row in messages if row.kind == MessageKind.CARD}
    return Shown(originals, {row_id for row_id in anew if row_id is not None}, cards)


@cache
def _to_refresh(kinds: frozenset[MessageKind], *, several: bool) -> sa.Select[Any]:
    # Nearly always it is one MQL, and a list of values is written into the statement anew each time.
    mine = outbox.c.mql_id
    about = mine.in_(sa.bindparam("mqls", expanding=True)) if several else mine == sa.bindparam("mql")
    shown = sa.and_(
        outbox.c.kind.in_([rows.literal(kind) for kind in sorted(kinds)]),
        state_in(outbox, *UNSENT, OutboxState.SENT),
    )
    edits = sa.and_(outbox.c.kind == rows.literal(MessageKind.EDIT), state_in(outbox, OutboxState.PENDING))
    card = outbox.c.kind == rows.literal(MessageKind.CARD)
    query = sa.select(*(outbox.c[name] for name in Posted._fields))
    whose = rows.unsought(outbox.c.workspace_id) == _WORKSPACE
    refreshed = query.where(whose, about, sa.or_(shown, edits, card))
    return refreshed.order_by(outbox.c.id).with_for_update()


def lists(tx: sa.Connection, workspace_id: str, start: datetime, end: datetime) -> list[Outbox]:
    """Return the messages about several MQLs, written from `start` to `end`, that are in Slack or on their way."""
    query = sa.select(outbox).where(
        outbox.c.workspace_id == workspace_id,
        sa.text(LISTS),
        outbox.c.created_at.between(start, end),
        outbox.c.state.in_((*UNSENT, OutboxState.SENT)),
    )
    return rows.many(tx, Outbox, query.order_by(outbox.c.id))


def of_events(tx: sa.Connection, workspace_id: str, event_ids: Collection[int]) -> list[Outbox]:
    """Return the messages about these events that wait to be sent for the first time. They are held."""
    untried = sa.and_(outbox.c.state == rows.literal(OutboxState.PENDING), outbox.c.attempts == 0)
    mine = sa.and_(outbox.c.workspace_id == workspace_id, outbox.c.event_id.in_(event_ids), unsent(outbox), untried)
    return rows.many(tx, Outbox, sa.select(outbox).where(mine).order_by(outbox.c.id).with_for_update())


def become_one(tx: sa.Connection, first: Outbox, messages: Sequence[Outbox], values: Mapping[str, Any]) -> None:
    """Let one of several messages, which the caller holds, speak for all of them: it gets these values, and the others
    are dropped."""
    tx.execute(outbox.update().where(is_row(first)).values(**values))
    others = [row.id for row in messages if row.id != first.id]
    dropped = {"state": OutboxState.DROPPED, "error": f"told with message {first.id}"}
    mine = sa.and_(rows.unsought(outbox.c.workspace_id) == first.workspace_id, outbox.c.id.in_(others))
    tx.execute(outbox.update().where(mine).values(**dropped))


def change_waiting(tx: sa.Connection, row: Outbox, change: Callable[[dict[str, Any]], dict[str, Any]]) -> bool:
    """Change the data of a message that waits to be sent for the first time. False: it waits no more."""
    untried = {"workspace_id": row.workspace_id, "id": row.id, "state": OutboxState.PENDING, "attempts": 0}
    waiting = rows.find(tx, Outbox, outbox, untried, hold=True)
    if waiting is None:
        return False
    rows.change(tx, outbox, untried, data=change(waiting.data))
    return True


def to_be_read_anew(tx: sa.Connection, workspace_id: str, originals: Collection[int]) -> set[int]:
    """Return those of the messages that wait themselves, or have an edit that waits, to be rendered: they will show
    what we change now.

    The rows are locked, because a sender may be about to render them: either it waits for us, or it has begun and we
    see that here and queue another edit.
    """
    mine = sa.and_(outbox.c.workspace_id == workspace_id, outbox.c.maybe_sent.is_(False))
    waiting = sa.and_(mine, outbox.c.state == rows.literal(OutboxState.PENDING))
    edits = sa.and_(waiting, outbox.c.kind == rows.literal(MessageKind.EDIT))
    # One question for the messages and one for the edits: for an "or" of both SQLite reads every row of the workspace.
    queries = (
        sa.select(outbox.c.id).where(waiting, unsent(outbox), outbox.c.id.in_(originals)),
        sa.select(outbox.c.parent_id).where(edits, outbox.c.parent_id.in_(originals)),
    )
    locked = [query.order_by(outbox.c.id).with_for_update() for query in queries]
    return {parent_id for query in locked for parent_id in tx.execute(query).scalars()}


def sent(tx: sa.Connection, workspace_id: str, kinds: Collection[MessageKind], since: datetime) -> list[Outbox]:
    """Return the messages of these kinds that reached Slack since then, the oldest first; those about an MQL while it
    is open."""
    open_mql = sa.exists().where(mql.c.id == outbox.c.mql_id, mql.c.status.not_in(DISPOSED))
    mine = sa.and_(outbox.c.workspace_id == workspace_id, outbox.c.kind.in_(kinds), outbox.c.sent_at >= since)
    query = sa.select(outbox).where(mine, sa.or_(outbox.c.mql_id.is_(None), open_mql))
    return rows.many(tx, Outbox, query.where(outbox.c.state == OutboxState.SENT).order_by(outbox.c.id))


def leave_threads(tx: sa.Connection, workspace_id: str) -> None:
    """Let replies that are not sent yet stand by themselves where what they answer was sent to a person before."""
    original = outbox.alias()
    answered = sa.exists().where(original.c.id == outbox.c.parent_id, original.c.state == OutboxState.SENT)
    replies = sa.and_(outbox.c.workspace_id == workspace_id, unsent(outbox), outbox.c.kind != MessageKind.EDIT)
    to_people = sa.or_(outbox.c.target.startswith("U"), outbox.c.target.startswith("W"))
    tx.execute(outbox.update().where(replies, to_people, answered).values(parent_id=None))


def post_anew_once(tx: sa.Connection, original: Outbox, now: datetime, because: str, data: Mapping[str, Any]) -> bool:
    """`post_anew` a message that is gone from Slack. `because`: what an edit that finds it gone is settled with. False
    where that has been done before, or since `original` was read."""
    about = sa.and_(outbox.c.workspace_id == original.workspace_id, outbox.c.mql_id == original.mql_id)
    earlier = sa.and_(outbox.c.parent_id == original.id, outbox.c.error == because)
    if tx.execute(sa.select(outbox.c.id).where(about, earlier).limit(1)).first() is not None:
        return False
    return post_anew(tx, original, now, data)


def post_anew(tx: sa.Connection, original: Outbox, now: datetime, data: Mapping[str, Any]) -> bool:
    """Queue a message again that was sent, as the one that its edits and replies belong to. `data`: what it carries
    now. False where it was queued since `original` was read."""
    anew = {"state": OutboxState.PENDING, "attempts": 0, "maybe_sent": False, "after_ts": None, "data": data}
    anew |= {"sent_at": None, "channel": None, "ts": None, "due_at": now, "next_attempt_at": now}
    gone = sa.and_(is_row(original), outbox.c.state == OutboxState.SENT, outbox.c.ts == original.ts)
    return tx.execute(outbox.update().where(gone).values(**anew)).rowcount == 1


def unsent(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """Return the condition that a message is on its way, as the partial index has it."""
    return state_in(table, *UNSENT)


def state_in(table: sa.FromClause, *states: OutboxState) -> sa.ColumnElement[bool]:
    """Return the condition that a message is in one of these states, as the partial indexes have it."""
    return table.c.state.in_([rows.literal(state) for state in states])


def doubt_unsent(tx: sa.Connection) -> None:
    """Take nothing that waits, in any workspace, for unsent: delivery looks for it in Slack before it posts it."""
    tx.execute(outbox.update().where(outbox.c.state.in_(UNSENT)).values(maybe_sent=True))


def is_row(row: Outbox) -> sa.ColumnElement[bool]:
    """Return the condition that it is this one."""
    return sa.and_(outbox.c.workspace_id == row.workspace_id, outbox.c.id == row.id)
