"""Messages on their way to Slack: written by the transaction that decides, sent between transactions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.models import LISTS, Outbox, lane, outbox
from storage.vocabulary import MessageKind, OutboxState

LONGEST_PACE = timedelta(minutes=1)
UNSENT = (OutboxState.PENDING, OutboxState.SENDING)


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
    return rows.one(tx, Outbox, sa.select(outbox).where(outbox.c.workspace_id == workspace_id, outbox.c.id == row_id))


def by_key(tx: sa.Connection, workspace_id: str, key: str) -> Outbox | None:
    """One message by its key."""
    return rows.one(tx, Outbox, sa.select(outbox).where(outbox.c.workspace_id == workspace_id, outbox.c.key == key))


def sent_by_keys(tx: sa.Connection, workspace_id: str, keys: Collection[str]) -> dict[str, tuple[str, str]]:
    """Where Slack put the messages of these keys: channel and ts, for those that are there."""
    query = sa.select(outbox.c.key, outbox.c.channel, outbox.c.ts).where(
        outbox.c.workspace_id == workspace_id, outbox.c.key.in_(keys), outbox.c.ts.is_not(None)
    )
    return {key: (channel, ts) for key, channel, ts in tx.execute(query)}


def newest_ts_before(tx: sa.Connection, row: Outbox) -> str | None:
    """Slack's ts of the newest message that went to the same conversation before this one."""
    mine = sa.and_(outbox.c.workspace_id == row.workspace_id, outbox.c.target == row.target)
    return tx.execute(sa.select(sa.func.max(outbox.c.ts)).where(mine, outbox.c.id < row.id)).scalar()


def by_keys(tx: sa.Connection, workspace_id: str, keys: Collection[str]) -> list[Outbox]:
    """The messages of these keys, as far as there are any."""
    query = sa.select(outbox).where(outbox.c.workspace_id == workspace_id, outbox.c.key.in_(keys))
    return rows.many(tx, Outbox, query)


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
) -> list[Outbox]:
    """Take up to `most` messages of a workspace for sending until `lease_until`; where `only` names kinds, of these
    alone, past older ones that wait for the same reader.

    A conversation gets one call at a time: edits first, because somebody has pressed a button and looks at the screen,
    then new messages in their order. A message whose lease has run out was being sent when its process died: nobody
    knows whether Slack has it, so it comes back marked `maybe_sent`.
    """
    turns: dict[str, int] = {}
    edits, posts = _next_edits(workspace_id, now), _next_posts(workspace_id, now)
    for heads in [posts.where(outbox.c.kind.in_(only))] if only else [edits, posts]:
        for row_id, target in tx.execute(heads):
            turns.setdefault(target, row_id)
    # Ready is asked again on the row itself: another worker may have taken it meanwhile.
    mine = sa.and_(outbox.c.workspace_id == workspace_id, outbox.c.id.in_(turns.values()))
    query = sa.select(outbox).where(mine, _ready(now)).order_by(outbox.c.id).limit(most)
    found = rows.many(tx, Outbox, query.with_for_update(skip_locked=True, of=outbox))
    taken = [row for row in found if _have_the_lane(tx, row)]
    for row in taken:
        row.maybe_sent = row.maybe_sent or row.state == OutboxState.SENDING
        row.state, row.lease_until, row.attempts = OutboxState.SENDING, lease_until, row.attempts + 1
        values = row.model_dump(include={"maybe_sent", "state", "lease_until", "attempts"})
        tx.execute(outbox.update().where(_is(row)).values(**values))
    return taken


def _next_edits(workspace_id: str, now: datetime) -> sa.Select[int, str]:
    """The first edit of each conversation whose original is in Slack, or never will be."""
    original = outbox.alias()
    waits = sa.exists().where(original.c.id == outbox.c.parent_id, _unsent(original))
    edits = sa.and_(outbox.c.workspace_id == workspace_id, _unsent(outbox), outbox.c.kind == MessageKind.EDIT)
    found = sa.select(sa.func.min(outbox.c.id).label("id"), outbox.c.target).where(edits, _ready(now), ~waits)
    return found.group_by(outbox.c.target)


def _next_posts(workspace_id: str, now: datetime) -> sa.Select[int, str]:
    """The oldest new message of each conversation. One that was held back for later, and never tried, is not in
    anybody's way."""
    due = sa.or_(outbox.c.next_attempt_at <= now, outbox.c.attempts > 0)
    posts = sa.and_(outbox.c.workspace_id == workspace_id, _unsent(outbox), outbox.c.kind != MessageKind.EDIT, due)
    return sa.select(sa.func.min(outbox.c.id).label("id"), outbox.c.target).where(posts).group_by(outbox.c.target)


def _ready(now: datetime) -> sa.ColumnElement[bool]:
    """Due, its conversation free and not paced; or left behind by a process that died."""
    other = outbox.alias()
    taken = sa.exists().where(
        other.c.workspace_id == outbox.c.workspace_id,
        other.c.target == outbox.c.target,
        other.c.id != outbox.c.id,
        other.c.state == rows.literal(OutboxState.SENDING),
    )
    paced = sa.exists().where(
        lane.c.workspace_id == outbox.c.workspace_id,
        lane.c.target == outbox.c.target,
        lane.c.next_at > now,
        # A pace from far ahead is left over from before somebody set the machine's clock back.
        lane.c.next_at < now + LONGEST_PACE,
    )
    return sa.or_(
        sa.and_(outbox.c.state == OutboxState.PENDING, outbox.c.next_attempt_at <= now, ~paced, ~taken),
        sa.and_(outbox.c.state == OutboxState.SENDING, outbox.c.lease_until <= now),
    )


def _unsent(table: sa.FromClause) -> sa.ColumnElement[bool]:
    return state_in(table, *UNSENT)


def state_in(table: sa.FromClause, *states: OutboxState) -> sa.ColumnElement[bool]:
    """The condition that a message is in one of these states, as the partial indexes have it."""
    return table.c.state.in_([rows.literal(state) for state in states])


def _have_the_lane(tx: sa.Connection, row: Outbox) -> bool:
    """On PostgreSQL two workers may each have found another row of one lane: the first to lock it has it."""
    if tx.dialect.name == "sqlite":
        return True
    key = sa.func.hashtextextended(f"{row.workspace_id} {row.target}", 0)
    if not tx.execute(sa.select(sa.func.pg_try_advisory_xact_lock(key))).scalar_one():
        return False
    taken = sa.select(outbox.c.id).where(
        outbox.c.workspace_id == row.workspace_id,
        outbox.c.target == row.target,
        outbox.c.id != row.id,
        outbox.c.state == OutboxState.SENDING,
    )
    return tx.execute(taken).first() is None


def settle(tx: sa.Connection, taken: Outbox, state: OutboxState, **values: Any) -> bool:
    """Write what became of a message that was claimed. False: the lease had run out and another sender has it."""
    statement = outbox.update().where(_held(taken)).values(state=state, lease_until=None, **values)
    return tx.execute(statement).rowcount == 1


def renew(tx: sa.Connection, taken: Outbox, lease_until: datetime) -> bool:
    """Hold a message that was claimed for longer. False: the lease had run out and another sender has it."""
    renewed = tx.execute(outbox.update().where(_held(taken)).values(lease_until=lease_until)).rowcount == 1
    if renewed:
        taken.lease_until = lease_until
    return renewed


def doubt_unsent(tx: sa.Connection) -> None:
    """Take nothing that waits, in any workspace, for unsent: delivery looks for it in Slack before it posts it."""
    tx.execute(outbox.update().where(outbox.c.state.in_(UNSENT)).values(maybe_sent=True))


def pace(tx: sa.Connection, workspace_id: str, target: str, next_at: datetime) -> None:
    """No call to this conversation before `next_at`."""
    if not rows.insert_once(tx, lane, workspace_id=workspace_id, target=target, next_at=next_at):
        mine = sa.and_(lane.c.workspace_id == workspace_id, lane.c.target == target)
        tx.execute(lane.update().where(mine).values(next_at=next_at))


def dead(tx: sa.Connection, workspace_id: str, most: int = 20) -> list[Outbox]:
    """Messages that Slack refuses for good, newest first, for the admins to see."""
    query = sa.select(outbox).where(outbox.c.workspace_id == workspace_id, outbox.c.state == OutboxState.DEAD)
    return rows.many(tx, Outbox, query.order_by(outbox.c.id.desc()).limit(most))


def revivable(tx: sa.Connection, workspace_id: str) -> int:
    """How many messages `revive` would queue again."""
    either = sa.or_(*_refused(workspace_id))
    return tx.execute(sa.select(sa.func.count()).select_from(outbox).where(either)).scalar_one()


def revive(tx: sa.Connection, workspace_id: str, now: datetime) -> int:
    """Queue again what Slack refused for good, with what was dropped because it belongs to one of these.

    Whether it is still true is asked once more when it is sent. Returns how many messages there were.
    """
    values = {"state": OutboxState.PENDING, "attempts": 0, "due_at": now, "next_attempt_at": now, "error": None}
    return sum(tx.execute(outbox.update().where(one).values(**values)).rowcount for one in _refused(workspace_id))


def _refused(workspace_id: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """What belongs to a refused message, and then the refused ones: the former are found by the latter."""
    parent = outbox.alias()
    dead_ones = sa.select(parent.c.id).where(parent.c.workspace_id == workspace_id, parent.c.state == OutboxState.DEAD)
    mine = outbox.c.workspace_id == workspace_id
    dropped = sa.and_(mine, outbox.c.state == OutboxState.DROPPED, outbox.c.parent_id.in_(dead_ones))
    return dropped, sa.and_(mine, outbox.c.state == OutboxState.DEAD)


def _held(taken: Outbox) -> sa.ColumnElement[bool]:
    """By attempts and lease: a message that is sent again by hand begins to count its attempts anew."""
    mine = sa.and_(_is(taken), outbox.c.attempts == taken.attempts, outbox.c.lease_until == taken.lease_until)
    return sa.and_(mine, outbox.c.state == OutboxState.SENDING)


def _is(row: Outbox) -> sa.ColumnElement[bool]:
    return sa.and_(outbox.c.workspace_id == row.workspace_id, outbox.c.id == row.id)
