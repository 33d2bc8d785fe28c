"""Another workspace in the same database, as like ours as can be: the same people by the same ids, the same numbers,
keys, channels and leads. What it holds reads differently, so that a word of it in our Slack is recognised."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from storage import models
from storage.database import Database
from storage.fingerprints import chunks
from storage.models import action_item, clock, member, mql, outbox, report_due, unreadable
from storage.vocabulary import ClockState, MessageKind, OutboxState, Status

OTHER = "T0OTHER001"
WORD = "隣の会社"
# So far below ours are the ids, which on PostgreSQL are the same with and without a neighbour.
DOWN = 1_000_000
LATER = datetime(2031, 1, 1, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
SPOKEN = {
    "workspace": ("name", "url"),
    "member": ("name",),
    "lost_reason": ("ja", "en"),
    "mql": ("company", "person", "title", "campaign", "form", "score_reason", "message"),
    "event": ("reason",),
    "feedback": ("comment", "next_step"),
    "action_item": ("what",),
    "action_change": ("what",),
    "definition": ("text", "why"),
    "source": ("name",),
}


def moves_in(history: Database, into: Database, *, quiet: bool) -> None:
    """Put a told story into a database as the neighbour's. `quiet`: nothing of it is due before 2031, so that whatever
    changes it has taken it for its own."""
    with history.snapshot() as source, into.transaction() as tx:
        for table in models.metadata.sorted_tables:
            for rows in chunks(source, sa.select(table)):
                tx.execute(table.insert(), [_theirs(table, row) for row in rows])
        if quiet:
            _quieten(tx)


def rows_of(database: Database, workspace_id: str) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that a workspace has, in every table, as the driver reads it."""
    with database.snapshot() as tx:
        cursor = tx.connection.cursor()
        rows = {}
        for table in models.metadata.sorted_tables:
            cursor.execute(_rows_of(table, workspace_id))
            rows[table.name] = [tuple(row) for row in cursor.fetchall()]
        cursor.close()
        return rows


@cache
def _rows_of(table: sa.Table, workspace_id: str) -> str:
    whose = table.c.workspace_id if "workspace_id" in table.c else table.c.id
    query = sa.select(table).where(whose == workspace_id).order_by(*table.primary_key)
    return str(query.compile(compile_kwargs={"literal_binds": True}))


def strays(database: Database) -> list[str]:
    """References that lead from one workspace's row to another's; there are none."""
    references = []
    with database.snapshot() as tx:
        for table in models.metadata.sorted_tables:
            for key in table.foreign_keys:
                above = key.column.table.alias()
                across = table.c.workspace_id != above.c.workspace_id
                query = sa.select(sa.func.count()).select_from(table.join(above, key.parent == above.c.id))
                if tx.execute(query.where(across)).scalar_one():
                    references.append(str(key.parent))
    return references


def _theirs(table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
    new = dict(row)
    for column in table.columns:
        value = row[column.name]
        if column.name == "workspace_id" or (table.name, column.name) == ("workspace", "id"):
            new[column.name] = OTHER
        elif isinstance(value, int) and (column.foreign_keys or column.primary_key or column.name == "policy_id"):
            new[column.name] = value - DOWN
        elif value and column.name in SPOKEN.get(table.name, ()):
            new[column.name] = f"{WORD} {value}"[:200]
    return new


def _quieten(tx: sa.Connection) -> None:
    """Leave bait behind: what would be taken at once by whoever does not ask whose it is."""
    here = {table: table.c.workspace_id == OTHER for table in (clock, report_due, member, mql, outbox, action_item)}
    running = sa.and_(here[clock], clock.c.state.in_((ClockState.RUNNING, ClockState.PAUSED)))
    tx.execute(clock.update().where(running).values(next_check_at=LATER))
    tx.execute(report_due.update().where(here[report_due], report_due.c.done_at.is_(None)).values(due_at=LATER))
    tx.execute(action_item.update().where(here[action_item], action_item.c.done_at.is_(None)).values(remind_at=LATER))
    queued = sa.and_(unreadable.c.workspace_id == OTHER, unreadable.c.check_at.is_not(None))
    tx.execute(unreadable.update().where(queued).values(check_at=LATER))
    tx.execute(mql.update().where(here[mql], mql.c.ask_at.is_not(None)).values(ask_at=LATER))
    # Nobody there can be given the MQL that waits for an owner.
    tx.execute(member.update().where(here[member]).values(active=False))
    waiting = sa.and_(here[mql], mql.c.number == 8)
    tx.execute(mql.update().where(waiting).values(owner=None, status=Status.UNASSIGNED, accepted_at=None))
    bait = {"workspace_id": OTHER, "kind": MessageKind.PRIVATE, "priority": 0, "target": "U0SATO0001", "attempts": 1}
    bait |= {"data": {"channel": None, "reply": "reply.not_found", "words": {"number": WORD}}, "maybe_sent": False}
    bait |= {"due_at": LONG_AGO, "next_attempt_at": LONG_AGO, "created_at": LONG_AGO}
    leased = {"state": OutboxState.SENDING, "lease_until": LONG_AGO + timedelta(minutes=1)}
    # Below the rest: on SQLite a new row takes the id after the highest, and none of ours shall be 0.
    tx.execute(outbox.insert().values(id=-DOWN - 3, key="bait:pending", state=OutboxState.PENDING, **bait))
    tx.execute(outbox.insert().values(id=-DOWN - 2, key="bait:sending", **bait | leased))
    tx.execute(outbox.insert().values(id=-DOWN - 1, key="bait:dead", state=OutboxState.DEAD, **bait))
