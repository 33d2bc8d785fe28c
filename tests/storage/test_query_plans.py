"""What happens every few seconds, or at every press, may not read a table from end to end: tables only grow."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot import worker
from bot.core.mql import identity, response
from bot.slack.context import AppContext
from bot.slack.heartbeat import Heartbeat
from bot.slack.identity import Identity
from bot.slack.web_api.gateway import Gateway
from storage import claims
from storage.database import Database
from storage.models import clock
from storage.vocabulary import Source
from tests import statements
from tests.workspace import NOW, WORKSPACE, configure, receive

# Of these only what waits is in the index.
PARTIAL = ("ix_clock_due", "ix_mql_unassigned", "ix_outbox_unsent", "ix_outbox_edits", "ix_outbox_sending")
SMALL = (
    "workspace",
    "member",
    "policy_version",
    "report_due",
    "lane",
    "lost_reason",
    "mute",
    "routing_version",
    "pool_standing",
)


def tick(database: Database, now: datetime) -> int:
    gateway = Gateway("xoxb-test", "http://127.0.0.1:9/")
    heartbeat = Heartbeat(database, WORKSPACE, lambda: now)
    bot = Identity(WORKSPACE, "", "U9", "B9")
    return worker.tick(AppContext(database, gateway, bot, lambda: now, lambda: None, heartbeat))


def remind(database: Database) -> None:
    with database.snapshot() as tx:
        due = tx.execute(sa.select(sa.func.min(clock.c.next_check_at))).scalar_one()
    assert tick(database, due) == 1


def accept(database: Database) -> None:
    with database.transaction() as tx:
        response.accept(tx, WORKSPACE, 1, "U3", NOW)


def identify(database: Database) -> None:
    with database.transaction() as tx:
        assert identity.named(tx, WORKSPACE, Source.GENERIC, "1", "one@example.com")
        assert not identity.named(tx, WORKSPACE, Source.GENERIC, "2", "two@example.com")


def claim(database: Database) -> None:
    with database.transaction() as tx:
        assert claims.claim(tx, WORKSPACE, NOW, NOW + timedelta(minutes=1), 8)


ACTS: dict[str, Callable[[Database], Any]] = {
    "a tick with nothing due": lambda database: tick(database, NOW),
    "a tick that reminds": remind,
    "a new lead": lambda database: receive(database, "Another", external_id="2", email="two@example.com"),
    "an activity of the CRM": identify,
    "an acceptance": accept,
    "a turn of the delivery": claim,
}


@pytest.mark.parametrize("name", ACTS)
def test_no_question_that_is_asked_all_the_time_reads_a_whole_table(name: str, database: Database) -> None:
    configure(database)
    receive(database, external_id="1", email="one@example.com")
    asked = statements.texts(database.engine)
    ACTS[name](database)
    questions = [(text, values) for text, values in asked if text.startswith(("SELECT", "UPDATE"))]
    assert questions
    with database.snapshot() as tx:
        plans = [tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all() for text, values in questions]
    assert [step.detail for plan in plans for step in plan if reads_all(step.detail)] == []


def reads_all(step: str) -> bool:
    """Whether a step of a plan goes through a whole table that grows, or through all that a workspace has in one."""
    match = re.match(r"(SCAN|SEARCH) (\w+?)(?:_\d+)?(?: USING .*?INDEX (\w+))?(?: \((.*)\))?$", step)
    if match is None:
        return False
    kind, table, index, condition = match.groups()
    if table == "anon":  # what another step has chosen
        return False
    return table not in SMALL and index not in PARTIAL and (kind == "SCAN" or condition == "workspace_id=?")
