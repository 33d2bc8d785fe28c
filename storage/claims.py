"""Which messages may go to Slack now: taken for a time by one sender, and settled by the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import lanes, rows
from storage.lanes import Budget
from storage.models import Outbox, event, lane, outbox
from storage.outbox import become_one, unsent
from storage.vocabulary import MessageKind, OutboxState

# For statements that are built once.
_WORKSPACE = sa.bindparam("workspace", type_=sa.String())
_NOW, _SOON, _FAR, _LATELY = (
    sa.bindparam(name, type_=outbox.c.due_at.type) for name in ("now", "soon", "far", "lately")
)

_PENDING, _SENDING, _EDIT = (
    rows.literal(word) for word in (OutboxState.PENDING, OutboxState.SENDING, MessageKind.EDIT)
)


MOST_PASSED = 3
"""How many messages that wait for another attempt one message may pass: while Slack is away, as many are tried in a
conversation, and not all that wait there."""
REACH = 20
"""How far behind the first message of a conversation we look for one that may pass."""
ORDER_KEPT = timedelta(minutes=1)
"""For so long a message waits behind an earlier one about the same MQL that is stuck; then it goes first."""


class Budgets(NamedTuple):
    """How many calls of each sort a workspace may make."""

    edits: Budget
    posts: Budget


class _Head(NamedTuple):
    """The message of a conversation whose turn it is."""

    id: int
    target: str
    priority: int
    kind: str
    newest_ts: str | None
    """Slack's ts of our newest message there, where there is one."""


def claim(
    tx: sa.Connection,
    workspace_id: str,
    now: datetime,
    lease_until: datetime,
    most: int,
    only: Collection[MessageKind] = (),
    budgets: Budgets | None = None,
    ahead: timedelta = timedelta(0),
    in_hand: Collection[int] = (),
) -> list[Outbox]:
    """Take up to `most` messages of a workspace for sending until `lease_until`, the most urgent first, and no more
    than the budgets allow; where `only` names kinds, of these alone, past older ones that wait for the same reader.
    With `ahead` also those whose conversation will be free so soon (lanes.free_at).

    A conversation gets one call at a time, in the order of priority and then of age. What failed and waits for its next
    attempt steps aside (MOST_PASSED); a reply waits for its parent all the same, and a message for an earlier one about
    its MQL, up to ORDER_KEPT. A message whose lease has run out was being sent when its process died: nobody knows
    whether Slack has it, so it comes back marked `maybe_sent`. Not while its id is `in_hand`: the caller is still
    sending it, and the machine's clock was set ahead.
    """
    _one_claims(tx, workspace_id)
    asked = {"workspace": workspace_id, "now": now, "soon": now + ahead, "far": now + lanes.LONGEST_PACE}
    asked |= {"mine": list(in_hand), "lately": now - ORDER_KEPT}
    heads = _within(tx, workspace_id, _heads(tx, frozenset(only), asked), most, budgets, now)
    newest = {head.id: head.newest_ts for head in heads}
    claimed = _hold(tx, workspace_id, list(newest))
    for row in claimed:
        row.maybe_sent = row.maybe_sent or row.state == OutboxState.SENDING
        row.state, row.lease_until, row.attempts = OutboxState.SENDING, lease_until, row.attempts + 1
        # Nobody else speaks in this conversation until this is settled: it will stand after what stands there now.
        row.after_ts = row.after_ts or newest[row.id] or "0"
        values = row.model_dump(include={"maybe_sent", "state", "lease_until", "attempts", "after_ts"})
        rows.change(tx, outbox, {"workspace_id": workspace_id, "id": row.id}, **values)
    order = list(newest)
    return sorted(claimed, key=lambda row: order.index(row.id))


def _one_claims(tx: sa.Connection, workspace_id: str) -> None:
    """On PostgreSQL two workers might each find another row of one conversation, or spend one budget twice."""
    if tx.dialect.name != "sqlite":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"claim {workspace_id}", 0))))


def _heads(tx: sa.Connection, only: frozenset[MessageKind], asked: dict[str, Any]) -> list[_Head]:
    """Return the first message of each conversation that may be spoken to, the most urgent conversation first."""
    abandoned, posts, edits, stuck = tx.execute(_what_is_there(), asked).one()
    questions = [
        *([_abandoned(only)] if abandoned else []),
        *([_next_posts(only)] if posts else []),
        *([_next_edits()] if edits and not only else []),
        *([_passing_posts(only)] if posts and stuck else []),
    ]
    heads = [_Head(*head) for question in questions for head in tx.execute(question, asked)]
    firsts: dict[str, _Head] = {}
    for head in sorted(heads, key=lambda head: (head.priority, head.id)):
        firsts.setdefault(head.target, head)
    return list(firsts.values())


def _within(
    tx: sa.Connection, workspace_id: str, heads: Sequence[_Head], most: int, budgets: Budgets | None, now: datetime
) -> list[_Head]:
    """Return those that may go now, in their order."""
    if budgets is None or not heads:
        return list(heads[:most])
    of = {head.id: budgets.edits if head.kind == MessageKind.EDIT else budgets.posts for head in heads}
    # Held from here on: a pause that Slack asks for meanwhile comes after what we take.
    spent = {budget: lanes.spent_until(tx, workspace_id, budget) for budget in budgets if budget in of.values()}
    left = {budget: budget.left(until, now) for budget, until in spent.items()}
    going: list[_Head] = []
    for head in heads:
        if len(going) < most and left[of[head.id]]:
            left[of[head.id]] -= 1
            going.append(head)
    for budget, calls in Counter(of[head.id] for head in going).items():
        lanes.spend(tx, workspace_id, budget, spent[budget], calls, now)
    return going


# Asked twice a second by every worker that has nothing to do, and for each message by one that is busy: so they say
# first which conversations may not be spoken to, which spares reading what waits there.
@cache
def _abandoned(only: frozenset[MessageKind]) -> sa.Select[Any]:
    """Return what a process was sending when it died. It comes before anything more urgent, which waits until the
    conversation is free."""
    left = (outbox.c.workspace_id == _WORKSPACE, outbox.c.state == _SENDING, outbox.c.lease_until <= _NOW)
    mine = outbox.c.id.in_(sa.bindparam("mine", type_=sa.Integer(), expanding=True))
    return _head(outbox.c.kind).where(*left, ~mine, *_among(only))


@cache
def _next_edits() -> sa.Select[Any]:
    """Return the first edit of each conversation whose original is in Slack, or never will be."""
    original = outbox.alias()
    waits = sa.exists().where(original.c.id == outbox.c.parent_id, unsent(original))
    edits = sa.select(sa.func.min(outbox.c.id)).where(*_pending(), outbox.c.kind == _EDIT, _DUE, ~waits)
    first = edits.group_by(outbox.c.target)
    return _head(_EDIT).where(outbox.c.id.in_(first))


@cache
def _next_posts(only: frozenset[MessageKind]) -> sa.Select[Any]:
    """Return the new message of each conversation whose turn it is, where it is ready. One that was held back for
    later, and never tried, is not in anybody's way."""
    place = sa.func.row_number().over(**_IN_ORDER).label("place")
    ranked = sa.select(outbox.c.id, place).where(*_posts(only)).subquery()
    query = _head(outbox.c.kind).join(ranked, ranked.c.id == outbox.c.id)
    return query.where(ranked.c.place == sa.literal_column("1"), _DUE)


@cache
def _what_is_there() -> sa.Select[bool, bool, bool, bool]:
    """Ask which of the questions above and below can have an answer: nearly always at most one. Whether something was
    abandoned, some new message is due, some edit is due, some new message that was tried waits for its next attempt."""
    left = (outbox.c.workspace_id == _WORKSPACE, outbox.c.state == _SENDING, outbox.c.lease_until <= _NOW)
    pending = (outbox.c.workspace_id == _WORKSPACE, unsent(outbox), outbox.c.state == _PENDING)
    return sa.select(
        sa.exists().where(*left),
        sa.exists().where(*pending, outbox.c.kind != _EDIT, _DUE),
        sa.exists().where(*pending, outbox.c.kind == _EDIT, _DUE),
        sa.exists().where(*pending, outbox.c.kind != _EDIT, _STUCK),
    )


@cache
def _passing_posts(only: frozenset[MessageKind]) -> sa.Select[Any]:
    """Return the new messages that may go before what is stuck in their conversation, where it may be spoken to: of
    each several, of which one is the first."""
    place = sa.func.row_number().over(**_IN_ORDER).label("place")
    stuck = sa.func.sum(sa.case((_DUE, sa.literal_column("0")), else_=sa.literal_column("1"))).over(**_IN_ORDER)
    ranked = sa.select(outbox.c.id, place, stuck.label("stuck")).where(*_posts(only)).subquery()
    few = ranked.c.stuck.between(sa.literal_column("1"), sa.literal_column(str(MOST_PASSED)))
    near = ranked.c.place <= sa.literal_column(str(REACH))
    return _head(outbox.c.kind).join(ranked, ranked.c.id == outbox.c.id).where(_DUE, few, near, ~_follows())


def _posts(only: frozenset[MessageKind]) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the condition that a new message is ready, or was tried."""
    ready = sa.or_(_DUE, outbox.c.attempts > sa.literal_column("0"))
    return (*_pending(), *_among(only), outbox.c.kind != _EDIT, ready)


def _follows() -> sa.Exists:
    """Return the condition that one of those before a message must reach Slack first: what it replies to, or what is
    stuck and tells of the same MQL."""
    earlier = outbox.alias()
    before = sa.or_(
        earlier.c.priority < outbox.c.priority,
        sa.and_(earlier.c.priority == outbox.c.priority, earlier.c.id < outbox.c.id),
    )
    stuck = sa.and_(earlier.c.attempts > sa.literal_column("0"), earlier.c.next_attempt_at > _NOW)
    same_mql = sa.and_(earlier.c.mql_id == outbox.c.mql_id, earlier.c.kind != _EDIT, stuck, earlier.c.due_at > _LATELY)
    mine = (earlier.c.workspace_id == _WORKSPACE, earlier.c.target == outbox.c.target, unsent(earlier))
    return sa.exists().where(*mine, before, sa.or_(earlier.c.id == outbox.c.parent_id, same_mql))


_DUE = outbox.c.next_attempt_at <= _NOW
_STUCK = sa.and_(outbox.c.attempts > sa.literal_column("0"), outbox.c.next_attempt_at > _NOW)
# As ix_outbox_unsent has them, so that nothing is sorted.
_IN_ORDER: Any = {"partition_by": outbox.c.target, "order_by": (outbox.c.priority, outbox.c.id)}


def _head(kind: sa.ColumnElement[Any]) -> sa.Select[Any]:
    newest = sa.select(lane.c.newest_ts).where(
        lane.c.workspace_id == outbox.c.workspace_id, lane.c.target == outbox.c.target
    )
    return sa.select(outbox.c.id, outbox.c.target, outbox.c.priority, kind, newest.scalar_subquery())


def _among(only: frozenset[MessageKind]) -> list[sa.ColumnElement[bool]]:
    return [outbox.c.kind.in_([rows.literal(kind) for kind in sorted(only)])] if only else []


def _pending() -> tuple[sa.ColumnElement[bool], ...]:
    """Return the condition that a row waits in a conversation that nobody speaks in and whose turn has come."""
    other = outbox.alias()
    spoken_in = sa.select(other.c.target).where(other.c.workspace_id == _WORKSPACE, other.c.state == _SENDING)
    paced = lanes.paced(_WORKSPACE, _SOON, _FAR)
    free = (outbox.c.target.not_in(spoken_in), outbox.c.target.not_in(paced))
    # The first two as the index of what is not sent yet has them.
    return (outbox.c.workspace_id == _WORKSPACE, unsent(outbox), outbox.c.state == _PENDING, *free)


def _hold(tx: sa.Connection, workspace_id: str, ids: Sequence[int]) -> list[Outbox]:
    """Return these, as far as nobody else holds them."""
    return rows.many(tx, Outbox, _holding(), {"workspace": workspace_id, "ids": ids}) if ids else []


@cache
def _holding() -> rows.Query:
    mine = (outbox.c.workspace_id == _WORKSPACE, outbox.c.id.in_(sa.bindparam("ids", expanding=True)), unsent(outbox))
    return sa.select(outbox).where(*mine).with_for_update(skip_locked=True)


def settle(tx: sa.Connection, taken: Outbox, state: OutboxState, **values: Any) -> bool:
    """Write what became of a message that was claimed. False: the lease had run out and another sender has it."""
    return rows.change(tx, outbox, _held(taken), state=state, lease_until=None, **values) == 1


def renew(tx: sa.Connection, taken: Outbox, lease_until: datetime) -> bool:
    """Hold a message that was claimed for longer. False: the lease had run out and another sender has it."""
    renewed = rows.change(tx, outbox, _held(taken), lease_until=lease_until) == 1
    if renewed:
        taken.lease_until = lease_until
    return renewed


def amend(tx: sa.Connection, taken: Outbox, **values: object) -> bool:
    """Change the columns of a message that was claimed. False: the lease had run out and another sender has it."""
    return rows.change(tx, outbox, _held(taken), **values) == 1


def merge(
    tx: sa.Connection,
    taken: Outbox,
    kinds: Collection[MessageKind],
    combined: Callable[[Sequence[Outbox]], Mapping[str, Any]],
    now: datetime,
) -> Outbox:
    """Let a message that was just claimed, and never tried before, speak for the others of these kinds that wait for
    the same reader: it becomes what `combined` makes of all of them, as values of its columns, and they are dropped.
    What a person asked for stays a message of its own. Returns the message as it is now."""
    if taken.kind not in kinds or taken.attempts > 1 or taken.maybe_sent:
        return taken
    asked = sa.exists().where(event.c.id == outbox.c.event_id, event.c.actor.is_not(None))
    theirs = sa.and_(outbox.c.workspace_id == taken.workspace_id, outbox.c.target == taken.target)
    mine = sa.and_(theirs, unsent(outbox), ~asked)
    never_tried = sa.and_(outbox.c.attempts == 0, outbox.c.maybe_sent.is_(False), outbox.c.next_attempt_at <= now)
    waiting = sa.and_(outbox.c.state == rows.literal(OutboxState.PENDING), outbox.c.kind.in_(kinds), never_tried)
    query = sa.select(outbox).where(mine, sa.or_(waiting, outbox.c.id == taken.id)).order_by(outbox.c.id)
    held = rows.many(tx, Outbox, query.with_for_update(skip_locked=True))
    if len(held) < 2 or taken.id not in {row.id for row in held}:
        return taken
    merged = combined(held)
    become_one(tx, taken, held, merged)
    return taken.model_copy(update=merged)


def _held(taken: Outbox) -> dict[str, object]:
    """By attempts and lease: a message that is sent again by hand begins to count its attempts anew."""
    mine = {"workspace_id": taken.workspace_id, "id": taken.id, "state": OutboxState.SENDING}
    return {**mine, "attempts": taken.attempts, "lease_until": taken.lease_until}
