"""What happens every few seconds, or at every press, may not read a table from end to end: tables only grow."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot import worker
from bot.core.mql import feedback, identity, response
from bot.core.mql.feedback import Answer
from bot.core.reports import weekly
from bot.core.routing import absences
from bot.core.views import home
from bot.core.views.board import NOBODY, Filter
from bot.core.views.mql import mql_views
from bot.slack.context import AppContext
from bot.slack.heartbeat import Heartbeat
from bot.slack.identity import Identity
from bot.slack.web_api.gateway import Gateway
from storage import claims, crm_connections, due_work, exports, homes, members, mqls, outbox, unreadables, workspaces
from storage.database import Database
from storage.models import clock, mql
from storage.vocabulary import ClockKind, Disposition, Source
from tests import statements
from tests.workspace import NOW, WORKSPACE, configure, receive

# Of these only what waits is in the index.
PARTIAL = (
    *("ix_clock_due", "ix_clock_open", "ix_mql_unassigned", "ix_unreadable_open"),
    *("ix_outbox_unsent", "ix_outbox_edits", "ix_outbox_sending"),
)
# By number: these are read from the end, only as far as is asked.
FROM_THE_END = "sqlite_autoindex_mql_1"
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
    "action_item",
    "alert",
    "definition",
    "sender_rule",
    "setup",
    "source",
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


def look(*roles: str) -> Callable[[Database], Any]:
    """Somebody with these roles alone looks at their App Home."""

    def act(database: Database) -> None:
        with database.transaction() as tx:
            members.save(tx, WORKSPACE, "U8", name="Eight", roles=list(roles))
            workspace = workspaces.get(tx, WORKSPACE)
            assert workspace is not None
            homes.state_of(tx, WORKSPACE)
            for chosen in (Filter(), Filter(rep="U1"), Filter(rep=NOBODY, state="overdue"), Filter(tier="hot", page=3)):
                home.home(tx, workspace, "U8", NOW, chosen)

    return act


def ask(database: Database) -> None:
    """What `/mql list`, `list overdue`, `search`, `show` and `new` ask."""
    with database.transaction() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        home.open_of(tx, workspace, "U1")
        for kind in ClockKind:
            weekly.overdue(tx, workspace, kind, NOW, 15)
            weekly.overdue(tx, workspace, kind, NOW, 15, "U1")
        assert mqls.search(tx, WORKSPACE, "acme", 15).mqls
        mqls.channels(tx, WORKSPACE, 15)
        assert mql_views(tx, workspace, mqls.newest(tx, WORKSPACE, 9))


def outcome(database: Database) -> None:
    accept(database)
    with database.transaction() as tx:
        feedback.give(tx, WORKSPACE, 1, "U3", Answer(disposition=Disposition.QUALIFIED), NOW)


def leave(database: Database) -> None:
    with database.transaction() as tx:
        absences.announce(tx, WORKSPACE, "U1", NOW, NOW + timedelta(days=2))
        absences.come_back(tx, WORKSPACE, "U1", NOW)


def follow(database: Database) -> None:
    """What a connection to a CRM asks every second, an export for each part, and a list for its MQLs."""
    with database.transaction() as tx:
        assert crm_connections.changed_mqls(tx, WORKSPACE, 0)
        assert crm_connections.newest_event(tx, WORKSPACE)
        assert exports.after(tx, WORKSPACE, 0, 100)
        mqls.hold(tx, WORKSPACE, range(1, 40))
        assert mqls.of_ids(tx, WORKSPACE, range(1, 40))
        unreadables.of_ids(tx, WORKSPACE, range(1, 40))
        outbox.to_be_read_anew(tx, WORKSPACE, range(1, 40))
        due_work.oldest_due(tx, WORKSPACE, NOW)


ACTS: dict[str, Callable[[Database], Any]] = {
    "a tick with nothing due": lambda database: tick(database, NOW),
    "a tick that reminds": remind,
    "a new lead": lambda database: receive(database, "Another", external_id="2", email="two@example.com"),
    "an activity of the CRM": identify,
    "an acceptance": accept,
    "a turn of the delivery": claim,
    "an outcome": outcome,
    "somebody away and back": leave,
    "what commands ask": ask,
    "what loops ask": follow,
    **{f"the App Home of a {role}": look(role) for role in ("rep", "manager", "marketer", "admin")},
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
        plans = {
            text: tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).scalars("detail").all()
            for text, values in questions
        }
    assert {
        step for text, plan in plans.items() for step in plan if reads_all(step) and not ends_at_once(text, step)
    } == set()


def ends_at_once(text: str, step: str) -> bool:
    """Whether a step goes backward through a table only until the first row of the workspace."""
    newest = re.findall(r"FROM (\w+)\s+WHERE \+\1.workspace_id = \? ORDER BY \1.id DESC\s+LIMIT", text)
    return step in {f"SCAN {table}" for table in newest}


def reads_all(step: str) -> bool:
    """Whether a step of a plan goes through a whole table that grows, or through all that a workspace has in one."""
    match = re.match(r"(SCAN|SEARCH) (\w+?)(?:_\d+)?(?: USING .*?INDEX (\w+))?(?: \((.*)\))?$", step)
    if match is None:
        return False
    kind, table, index, condition = match.groups()
    if table == "anon":  # what another step has chosen
        return False
    return (
        table not in SMALL
        and index not in (*PARTIAL, FROM_THE_END)
        and (kind == "SCAN" or condition == "workspace_id=?")
    )


def test_postgresql_goes_through_no_clock_to_learn_that_none_is_due(postgres_url: str) -> None:
    """It plans a statement that is asked often once for all values."""
    database = Database(postgres_url)
    configure(database)
    receive(database)
    with database.engine.begin() as tx:
        tx.exec_driver_sql("SET LOCAL session_replication_role = replica")  # copies are right as the first rows are
        for table, alone in ((mql, "number"), (clock, "mql_id")):
            names = [column.name for column in table.c]
            columns = [f"{name} + n" if name in ("id", alone) else name for name in names]
            tx.exec_driver_sql(
                f"INSERT INTO {table.name} ({', '.join(names)}) "
                f"SELECT {', '.join(columns)} FROM {table.name}, generate_series(1, 20000) AS n"
            )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    asked = statements.texts(database.engine)
    assert tick(database, NOW) == 0
    questions = [text for text, _ in asked if text.startswith("SELECT") and "%(now)s" in text]
    assert any("clock" in text for text in questions)
    with database.snapshot() as tx:
        tx.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
        for number, text in enumerate(questions):
            tx.exec_driver_sql(f"PREPARE asked{number}(timestamptz) AS {text.replace('%(now)s', '$1')}")
            plan = tx.exec_driver_sql(f"EXPLAIN EXECUTE asked{number}(now())").scalars().all()
            assert [step for step in plan if "Seq Scan on clock" in step or "Seq Scan on mql" in step] == []
    database.close()
