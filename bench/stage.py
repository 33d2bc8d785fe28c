"""Migrated databases in temporary folders, with MQLs that came in through the front door and were then copied."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from bot.core.mql import intake
from bot.core.mql.lead import Lead
from bot.core.reports import weekly
from bot.slack.context import AppContext
from bot.slack.heartbeat import Heartbeat
from bot.slack.identity import Identity
from bot.slack.web_api.gateway import Gateway
from storage import migrate, workspaces
from storage.database import Database
from storage.models import clock, event, mql, outbox
from storage.vocabulary import MessageKind, OutboxState, Source
from tests import postgres
from tests.databases import new_sqlite
from tests.workspace import NOW, WORKSPACE, configure

SEEDS = 100
TABLES = (mql, event, clock, outbox)


@contextmanager
def sqlite() -> Iterator[Database]:
    """Yield a SQLite file of a workspace that has no MQLs yet."""
    with tempfile.TemporaryDirectory(prefix="mql-bench-") as folder:
        database = new_sqlite(Path(folder) / "mql.db")
        _set_up(database)
        yield database
        database.close()


@contextmanager
def postgresql(server: str, name: str) -> Iterator[Database]:
    """Yield a PostgreSQL database of a workspace that has no MQLs yet."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    database = Database(postgres.named(server, name))
    migrate.upgrade(database)
    _set_up(database)
    yield database
    database.close()


def _set_up(database: Database) -> None:
    configure(database)
    with database.transaction() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        weekly.DIGEST.schedule(tx, workspace, NOW)


def office(database: Database, now: Callable[[], datetime]) -> AppContext:
    """Return what a tick works with. Nobody is there to send what it queues."""
    gateway = Gateway("xoxb-bench", "http://127.0.0.1:9/api/")
    heartbeat = Heartbeat(database, WORKSPACE, now)
    return AppContext(database, gateway, Identity(WORKSPACE, "", "U0", "B0"), now, lambda: None, heartbeat)


def fill(database: Database, count: int, *copied: sa.Table, start: datetime = NOW) -> None:
    """Take in 100 leads and copy what that wrote until there are `count` MQLs, a multiple of 100.

    The leads come a second apart from `start` on; `copied` are the tables to copy. Their messages are in Slack; without
    the outbox among the tables they have none.
    """
    for index in range(SEEDS):
        with database.transaction() as tx:
            intake.receive(tx, WORKSPACE, _lead(index), Source.GENERIC, start + timedelta(seconds=index))
    with unchecked(database) as tx:
        if outbox not in copied:
            tx.execute(outbox.delete())
        sent = {"state": OutboxState.SENT, "sent_at": NOW, "channel": "C1", "ts": "1763341200.000100"}
        tx.execute(outbox.update().values(**sent))
        first = {table: tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in TABLES}
        n = sa.select(sa.literal(1).label("n")).cte(recursive=True)
        n = n.union_all(sa.select(n.c.n + 1).where(n.c.n < count // SEEDS - 1))
        for table in copied if count > SEEDS else ():
            copies = sa.select(*(copied_value(column, n.c.n, first) for column in table.c)).select_from(
                n.join(table, sa.true())
            )
            tx.execute(table.insert().from_select(table.c.keys(), copies))
            go_on_after(tx, table)


def go_on_after(tx: sa.Connection, table: sa.Table) -> None:
    """Let the next id follow those of the copies; PostgreSQL's sequence knows nothing of them."""
    if tx.dialect.name == "postgresql":
        last = sa.select(sa.func.max(table.c.id)).scalar_subquery()
        tx.execute(sa.select(sa.func.setval(f"{table.name}_id_seq", last)))


@contextmanager
def unchecked(database: Database) -> Iterator[sa.Connection]:
    """Yield a transaction in which references are not checked: copies are right as the first rows are."""
    if not database.is_sqlite:
        with database.transaction() as tx:
            tx.exec_driver_sql("SET LOCAL session_replication_role = replica")
            yield tx
        return
    with database.engine.connect().execution_options(immediate=True) as tx:
        raw = tx.connection.cursor()
        for pragma in ("foreign_keys=OFF", "synchronous=OFF", "journal_mode=OFF", "cache_size=-500000"):
            raw.execute(f"PRAGMA {pragma}")
        raw.close()
        with tx.begin():
            yield tx
    # These settings go with their connection; the next one has the usual ones.
    database.close()


def analyze(database: Database) -> None:
    """Do what autovacuum does within a minute or two. Nobody does it on SQLite."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


def copied_value(column: sa.Column[Any], n: sa.ColumnElement[int], first: dict[sa.Table, int]) -> sa.ColumnElement[Any]:
    """Return the SQL for a column in the n-th copy: ids move along, what is unique gets another name."""
    named = next((key.column.table for key in column.foreign_keys), column.table)
    if named in first and (column.primary_key or column.foreign_keys):
        return column + n * first[named]
    if str(column) == "mql.number":
        return column + n * first[mql]
    if str(column) in ("mql.external_id", "mql.email"):
        return sa.cast(n, sa.String) + "+" + column
    if str(column) == "outbox.key":
        card = sa.literal("card:") + sa.cast(outbox.c.mql_id + n * first[mql], sa.String)
        return sa.case((outbox.c.kind == MessageKind.CARD, card), else_=column + "+" + sa.cast(n, sa.String))
    return column


def _lead(index: int) -> Lead:
    return Lead.model_validate(
        {
            "external_id": f"{index:08}",
            "company": f"Sample {index} Inc.",
            "person": f"Person {index}",
            "email": f"person.{index}@example.com",
            "phone": "+81 3-0000-0000",
            "channel": "webinar",
            "campaign": "2026 autumn",
            "score": index,
            "message": "We would like to see a demonstration, and an offer for fifty people.",
        }
    )
