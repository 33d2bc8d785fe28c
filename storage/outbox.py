"""Messages on their way to Slack: written by the transaction that decides, sent between transactions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import lanes, rows
from storage.lanes import Budget
from storage.models import LISTS, Outbox, event, outbox
from storage.vocabulary import TURNS, MessageKind, OutboxState

UNSENT = (OutboxState.PENDING, OutboxState.SENDING)


# For statements that are built once.
_WORKSPACE = sa.bindparam("workspace", type_=sa.String())
_NOW, _FAR = (sa.bindparam(name, type_=outbox.c.due_at.type) for name in ("now", "far"))


class Budgets(NamedTuple):
    """How many calls of each sort a workspace may make."""

    edits: Budget
    posts: Budget


def add(
    tx: sa.Connection,
    workspace_id: str,
    key: str,
    kind: MessageKind,
    target: str,
    now: datetime,
    *,
    not_before: datetime | None = None,
    **values: Any,
) -> bool:
    """Queue a message. False where one with this key was queued before: the same fact is told once."""
    later = {"due_at": not_before, "next_attempt_at": not_before} if not_before else {}
    return rows.insert_once(tx, outbox, **message(workspace_id, key, kind, target, now, **values) | later)


def message(
    workspace_id: str, key: str, kind: MessageKind, target: str, now: datetime, **values: Any
) -> dict[str, Any]:
    """A message as a row for `add_all`; `values`: mql_id, event_id, parent_id, data."""
    return {
        "workspace_id": workspace_id,
        "key": key,
        "kind": kind,
        "target": target,
        "state": OutboxState.PENDING,
        "attempts": 0,
        "maybe_sent": False,
        "due_at": now,
        "next_attempt_at": now,
        "created_at": now,
        "mql_id": None,
        "event_id": None,
        "parent_id": None,
        "data": {},
        **values,
    }


def add_all(tx: sa.Connection, messages: Sequence[dict[str, Any]]) -> None:
    """Queue many messages at once; one whose key was queued before is left out."""
    rows.insert_many_once(tx, outbox, messages)


def get(tx: sa.Connection, workspace_id: str, row_id: int) -> Outbox | None:
    """One message by id."""
    return rows.find(tx, Outbox, outbox, {"workspace_id": workspace_id, "id": row_id})


def by_key(tx: sa.Connection, workspace_id: str, key: str) -> Outbox | None:
    """One message by its key."""
    return rows.find(tx, Outbox, outbox, {"workspace_id": workspace_id, "key": key})


def sent_by_keys(tx: sa.Connection, workspace_id: str, keys: Collection[str]) -> dict[str, tuple[str, str]]:
    """Where Slack put the messages of these keys: channel and ts, for those that are there."""
    if len(keys) == 1:
        row = by_key(tx, workspace_id, next(iter(keys)))
        return {row.key: (row.channel, row.ts)} if row and row.channel and row.ts else {}
    query = sa.select(outbox.c.key, outbox.c.channel, outbox.c.ts).where(
        outbox.c.workspace_id == workspace_id, outbox.c.key.in_(keys), outbox.c.ts.is_not(None)
    )
    return {key: (channel, ts) for key, channel, ts in tx.execute(query)}


def by_keys(tx: sa.Connection, workspace_id: str, keys: Collection[str]) -> list[Outbox]:
    """The messages of these keys, as far as there are any."""
    return rows.of_each(tx, Outbox, outbox, {"workspace_id": workspace_id}, "key", keys)


def about(
    tx: sa.Connection, workspace_id: str, mql_ids: Collection[int], kinds: Collection[MessageKind]
) -> list[Outbox]:
    """The messages of these kinds about some MQLs that are in Slack or on their way."""
    query = sa.select(outbox).where(
        outbox.c.workspace_id == workspace_id,
        outbox.c.mql_id.in_(mql_ids),
        outbox.c.kind.in_(kinds),
        outbox.c.state.in_((*UNSENT, OutboxState.SENT)),
    )
    return rows.many(tx, Outbox, query.order_by(outbox.c.id))


def to_refresh(
    tx: sa.Connection, workspace_id: str, mql_ids: Collection[int], kinds: Collection[MessageKind]
) -> tuple[list[Outbox], set[int]]:
    """The same, and which of them are to be rendered anyway; see `to_be_read_anew`."""
    if len(mql_ids) == 1:  # nearly always
        asked = {"workspace": workspace_id, "mql": next(iter(mql_ids))}
        found = rows.find_all(tx, Outbox, outbox, _to_refresh(frozenset(kinds), several=False), asked)
    else:
        asked = {"workspace": workspace_id, "mqls": list(mql_ids)}
        found = rows.many(tx, Outbox, _to_refresh(frozenset(kinds), several=True), asked)
    anew = {
        row.parent_id if row.kind == MessageKind.EDIT else row.id
        for row in found
        if row.state == OutboxState.PENDING and not row.maybe_sent
    }
    return [row for row in found if row.kind != MessageKind.EDIT], {row_id for row_id in anew if row_id is not None}


@cache
def _to_refresh(kinds: frozenset[MessageKind], *, several: bool) -> rows.Query:
    mine = outbox.c.mql_id
    about = mine.in_(sa.bindparam("mqls", expanding=True)) if several else mine == sa.bindparam("mql")
    shown = sa.and_(
        outbox.c.kind.in_([rows.literal(kind) for kind in sorted(kinds)]),
        state_in(outbox, *UNSENT, OutboxState.SENT),
    )
    edits = sa.and_(outbox.c.kind == rows.literal(MessageKind.EDIT), state_in(outbox, OutboxState.PENDING))
    query = sa.select(outbox).where(outbox.c.workspace_id == _WORKSPACE, about, sa.or_(shown, edits))
    return query.order_by(outbox.c.id).with_for_update()


def lists(tx: sa.Connection, workspace_id: str, start: datetime, end: datetime) -> list[Outbox]:
    """The messages about several MQLs, written from `start` to `end`, that are in Slack or on their way."""
    query = sa.select(outbox).where(
        outbox.c.workspace_id == workspace_id,
        sa.text(LISTS),
        outbox.c.created_at.between(start, end),
        outbox.c.state.in_((*UNSENT, OutboxState.SENT)),
    )
    return rows.many(tx, Outbox, query.order_by(outbox.c.id))


def add_item(tx: sa.Connection, row: Outbox, item: dict[str, Any]) -> bool:
    """Put one more thing into a message that waits to be sent, in the place of an earlier one of the same kind about
    the same MQL. False: it waits no more."""
    mine = sa.and_(_is(row), outbox.c.state == OutboxState.PENDING, outbox.c.attempts == 0)
    waiting = tx.execute(sa.select(outbox.c.data).where(mine).with_for_update()).first()
    if waiting is None:
        return False
    same = (item["kind"], item["mql"])
    others = [known for known in waiting.data["items"] if (known["kind"], known["mql"]) != same]
    tx.execute(outbox.update().where(mine).values(data={**waiting.data, "items": [*others, item]}))
    return True


def to_be_read_anew(tx: sa.Connection, workspace_id: str, originals: Collection[int]) -> set[int]:
    """Those of the messages that wait themselves, or have an edit that waits, to be rendered: they will show what we
    change now.

    The rows are locked, because a sender may be about to render them: either it waits for us, or it has begun and we
    see that here and queue another edit.
    """
    mine = sa.and_(outbox.c.workspace_id == workspace_id, outbox.c.maybe_sent.is_(False))
    waiting = sa.and_(mine, outbox.c.state == rows.literal(OutboxState.PENDING))
    edits = sa.and_(waiting, outbox.c.kind == rows.literal(MessageKind.EDIT))
    # One question for the messages and one for the edits: for an "or" of both SQLite reads every row of the workspace.
    queries = (
        sa.select(outbox.c.id).where(waiting, outbox.c.id.in_(originals)),
        sa.select(outbox.c.parent_id).where(edits, outbox.c.parent_id.in_(originals)),
    )
    locked = [query.order_by(outbox.c.id).with_for_update() for query in queries]
    return {found for query in locked for found in tx.execute(query).scalars()}


def claim(
    tx: sa.Connection,
    workspace_id: str,
    now: datetime,
    lease_until: datetime,
    most: int,
    only: Collection[MessageKind] = (),
    budgets: Budgets | None = None,
) -> list[Outbox]:
    """Take up to `most` messages of a workspace for sending until `lease_until`, the most urgent first, and no more
    than the budgets allow; where `only` names kinds, of these alone, past older ones that wait for the same reader.

    A conversation gets one call at a time, in the order of TURNS and then of age. A message whose lease has run out
    was being sent when its process died: nobody knows whether Slack has it, so it comes back marked `maybe_sent`.
    """
    _one_claims(tx, workspace_id)
    asked = {"workspace": workspace_id, "now": now, "far": now + lanes.LONGEST_PACE}
    heads = list(tx.execute(_next_posts(frozenset(only)), asked))
    heads += [] if only else list(tx.execute(_next_edits(), asked))
    firsts: dict[str, sa.Row[int, str, int, str]] = {}
    for head in sorted(heads, key=lambda one: (one.turn, one.id)):
        firsts.setdefault(head.target, head)
    chosen = _within(tx, workspace_id, list(firsts.values()), most, budgets, now)
    mine = sa.and_(outbox.c.workspace_id == workspace_id, outbox.c.id.in_(chosen), _unsent(outbox))
    found = rows.many(tx, Outbox, sa.select(outbox).where(mine).with_for_update(skip_locked=True)) if chosen else []
    stand = lanes.newest_ts(tx, workspace_id, [row.target for row in found]) if found else {}
    for row in found:
        row.maybe_sent = row.maybe_sent or row.state == OutboxState.SENDING
        row.state, row.lease_until, row.attempts = OutboxState.SENDING, lease_until, row.attempts + 1
        # Nobody else speaks in this conversation until this is settled: it will stand after what stands there now.
        row.after_ts = row.after_ts or stand.get(row.target, "0")
        values = row.model_dump(include={"maybe_sent", "state", "lease_until", "attempts", "after_ts"})
        rows.change(tx, outbox, {"workspace_id": workspace_id, "id": row.id}, **values)
    return sorted(found, key=lambda row: chosen.index(row.id))


def _one_claims(tx: sa.Connection, workspace_id: str) -> None:
    """On PostgreSQL two workers might each find another row of one conversation, or spend one budget twice."""
    if tx.dialect.name != "sqlite":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"claim {workspace_id}", 0))))


def _within(
    tx: sa.Connection,
    workspace_id: str,
    heads: Sequence[sa.Row[int, str, int, str]],
    most: int,
    budgets: Budgets | None,
    now: datetime,
) -> list[int]:
    """The ids of those that may go now, in their order."""
    edits = [head.id for head in heads if head.kind == MessageKind.EDIT]
    posts = [head.id for head in heads if head.kind != MessageKind.EDIT]
    if budgets is not None and heads:
        edits = edits[: lanes.left(tx, workspace_id, budgets.edits, now)]
        posts = posts[: lanes.left(tx, workspace_id, budgets.posts, now)]
    chosen = [head.id for head in heads if head.id in {*edits, *posts}][:most]
    for budget, mine in ((budgets.edits, edits), (budgets.posts, posts)) if budgets else ():
        if calls := len(set(chosen).intersection(mine)):
            lanes.spend(tx, workspace_id, budget, calls, now)
    return chosen


# Asked twice a second by every worker that has nothing to do.
@cache
def _next_edits() -> sa.Select[int, str, int, str]:
    """The first edit of each conversation whose original is in Slack, or never will be."""
    original = outbox.alias()
    waits = sa.exists().where(original.c.id == outbox.c.parent_id, _unsent(original))
    edits = sa.and_(
        outbox.c.workspace_id == _WORKSPACE, _unsent(outbox), outbox.c.kind == rows.literal(MessageKind.EDIT)
    )
    first = sa.func.min(outbox.c.id).label("id")
    found = sa.select(first, outbox.c.target, _turn(MessageKind.EDIT), _word(MessageKind.EDIT))
    return found.where(edits, _ready(), ~waits).group_by(outbox.c.target)


@cache
def _next_posts(only: frozenset[MessageKind]) -> sa.Select[int, str, int, str]:
    """The new message of each conversation whose turn it is, where it is ready. One that was held back for later, and
    never tried, is not in anybody's way."""
    due = sa.or_(outbox.c.next_attempt_at <= _NOW, outbox.c.attempts > 0)
    kinds = outbox.c.kind.in_(only) if only else outbox.c.kind != rows.literal(MessageKind.EDIT)
    posts = sa.and_(outbox.c.workspace_id == _WORKSPACE, _unsent(outbox), kinds, due)
    # What a dead process was sending comes before anything more urgent, for that waits until the conversation is free.
    order = (outbox.c.state != rows.literal(OutboxState.SENDING), _TURN, outbox.c.id)
    place = sa.func.row_number().over(partition_by=outbox.c.target, order_by=order).label("place")
    ranked = sa.select(outbox.c.id, _TURN.label("turn"), place).where(posts).subquery()
    found = sa.select(outbox.c.id, outbox.c.target, ranked.c.turn, outbox.c.kind)
    return found.join(ranked, ranked.c.id == outbox.c.id).where(ranked.c.place == 1, _ready())


def _turn(kind: MessageKind) -> sa.ColumnElement[int]:
    return sa.literal_column(str(TURNS[kind]), sa.Integer).label("turn")


def _word(kind: MessageKind) -> sa.ColumnElement[str]:
    return rows.literal(kind).label("kind")


_TURN = sa.case(*((outbox.c.kind == rows.literal(kind), sa.literal_column(str(turn))) for kind, turn in TURNS.items()))


def _ready() -> sa.ColumnElement[bool]:
    """Due, its conversation free and not paced; or left behind by a process that died."""
    other = outbox.alias()
    taken = sa.exists().where(
        other.c.workspace_id == outbox.c.workspace_id,
        other.c.target == outbox.c.target,
        other.c.id != outbox.c.id,
        other.c.state == rows.literal(OutboxState.SENDING),
    )
    paced = lanes.paced(outbox.c.workspace_id, outbox.c.target, _NOW, _FAR)
    return sa.or_(
        sa.and_(outbox.c.state == OutboxState.PENDING, outbox.c.next_attempt_at <= _NOW, ~paced, ~taken),
        sa.and_(outbox.c.state == OutboxState.SENDING, outbox.c.lease_until <= _NOW),
    )


def _unsent(table: sa.FromClause) -> sa.ColumnElement[bool]:
    return state_in(table, *UNSENT)


def state_in(table: sa.FromClause, *states: OutboxState) -> sa.ColumnElement[bool]:
    """The condition that a message is in one of these states, as the partial indexes have it."""
    return table.c.state.in_([rows.literal(state) for state in states])


def settle(tx: sa.Connection, taken: Outbox, state: OutboxState, **values: Any) -> bool:
    """Write what became of a message that was claimed. False: the lease had run out and another sender has it."""
    return rows.change(tx, outbox, _held(taken), state=state, lease_until=None, **values) == 1


def renew(tx: sa.Connection, taken: Outbox, lease_until: datetime) -> bool:
    """Hold a message that was claimed for longer. False: the lease had run out and another sender has it."""
    renewed = rows.change(tx, outbox, _held(taken), lease_until=lease_until) == 1
    if renewed:
        taken.lease_until = lease_until
    return renewed


def merge(tx: sa.Connection, taken: Outbox, kinds: Collection[MessageKind], now: datetime) -> Outbox:
    """Let a message that was just claimed, and never tried before, speak for the others of these kinds that wait for
    the same reader: it becomes a list of what all of them tell, and they are dropped. What a person asked for stays a
    message of its own. Returns the message as it is now."""
    if taken.kind not in kinds or taken.attempts > 1 or taken.maybe_sent:
        return taken
    asked = sa.exists().where(event.c.id == outbox.c.event_id, event.c.actor.is_not(None))
    mine = sa.and_(outbox.c.workspace_id == taken.workspace_id, outbox.c.target == taken.target, ~asked)
    never_tried = sa.and_(outbox.c.attempts == 0, outbox.c.maybe_sent.is_(False), outbox.c.next_attempt_at <= now)
    waiting = sa.and_(outbox.c.state == rows.literal(OutboxState.PENDING), outbox.c.kind.in_(kinds), never_tried)
    query = sa.select(outbox).where(mine, sa.or_(waiting, outbox.c.id == taken.id)).order_by(outbox.c.id)
    found = rows.many(tx, Outbox, query.with_for_update(skip_locked=True))
    if len(found) < 2 or taken.id not in {row.id for row in found}:
        return taken
    items = [{"kind": row.kind, "mql": row.mql_id, "event": row.event_id, "data": row.data} for row in found]
    merged = {"kind": MessageKind.HELD, "mql_id": None, "event_id": None, "data": {"items": items, "by_day": True}}
    tx.execute(outbox.update().where(_is(taken)).values(**merged))
    others = [row.id for row in found if row.id != taken.id]
    dropped = {"state": OutboxState.DROPPED, "error": f"told with message {taken.id}"}
    tx.execute(
        outbox.update().where(outbox.c.workspace_id == taken.workspace_id, outbox.c.id.in_(others)).values(**dropped)
    )
    return taken.model_copy(update=merged)


def doubt_unsent(tx: sa.Connection) -> None:
    """Take nothing that waits, in any workspace, for unsent: delivery looks for it in Slack before it posts it."""
    tx.execute(outbox.update().where(outbox.c.state.in_(UNSENT)).values(maybe_sent=True))


def _held(taken: Outbox) -> dict[str, object]:
    """By attempts and lease: a message that is sent again by hand begins to count its attempts anew."""
    mine = {"workspace_id": taken.workspace_id, "id": taken.id, "state": OutboxState.SENDING}
    return {**mine, "attempts": taken.attempts, "lease_until": taken.lease_until}


def _is(row: Outbox) -> sa.ColumnElement[bool]:
    return sa.and_(outbox.c.workspace_id == row.workspace_id, outbox.c.id == row.id)
