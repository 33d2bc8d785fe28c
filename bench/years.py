"""A workspace with three years behind it.

A week's leads live through everything that happens to leads, by the same functions as in the product, and copies of
that week fill the years before it.

One lead in a hundred is still with somebody at the end. Attributes have a value that many share and one that is each
lead's own.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel.sql.sqltypes import UTCDateTime

from bench import stage
from bot import worker
from bot.core.mql import activity, deals, feedback, intake, response, withdrawal
from bot.core.mql.activity import Activity
from bot.core.mql.deals import Deal
from bot.core.mql.feedback import Answer
from bot.core.mql.lead import Lead
from bot.core.reports import kpi, kpi_target
from bot.core.reports.kpi import LeadTimes, Target
from storage import members, workspaces
from storage.database import Database
from storage.models import LostReason, clock, event, metadata, mql, outbox
from storage.models import feedback as feedback_table
from storage.vocabulary import DealResult, DealSource, Disposition, Evidence, Source
from tests.workspace import WORKSPACE

ZONE = ZoneInfo("Asia/Tokyo")
MONDAY = datetime(2023, 11, 13, tzinfo=ZONE)
"""The week that is lived through; the last copy is 156 weeks later."""
WEEKS = 157
LAST_WEEK, LAST_MONTH = "2026-W46", "2026-10"
NOW = MONDAY + timedelta(weeks=WEEKS + 1, hours=9)
OPEN = 10
"""Leads that stay with somebody, and are copied into the last week alone."""
LIVES = 200
COPIES_A_WEEK = 32
COPIED = (mql, event, clock, feedback_table)
REASONS = ("information", "budget", "authority", "need", "timing", "competitor", "target", "silent", "data", "other")
OWN = "@own@"
A_WEEK = 7 * 24 * 60  # minutes

Deed = Callable[[sa.Connection, datetime], object]


def fill(database: Database, copies: int, stays: int = OPEN) -> None:
    """Fill three years of a workspace: 200 MQLs for each copy, and those that are open at the end.

    `stays`: how many are open for each copy of the last week, of which there are up to 32."""
    _set_up(database)
    stay = _live(database, stays)
    with stage.unchecked(database) as tx:
        for table in (outbox, metadata.tables["outbound"], metadata.tables["assignment"]):
            tx.execute(table.delete())
        last = {table: tx.execute(sa.select(sa.func.max(table.c.id))).scalar_one() for table in COPIED}
        n = sa.select(sa.literal(1).label("n")).cte(recursive=True)
        n = n.union_all(sa.select(n.c.n + 1).where(n.c.n < copies - 1))
        for table in COPIED:
            values = [_copied(column, n.c.n, copies, last, database.is_sqlite) for column in table.c]
            of = table.c.id if table is mql else table.c.mql_id
            wanted = sa.or_(of.not_in(stay), n.c.n >= copies - COPIES_A_WEEK)
            rows = sa.select(*values).select_from(n.join(table, sa.true())).where(wanted)
            tx.execute(table.insert().from_select(table.c.keys(), rows))
            stage.go_on_after(tx, table)
    if not database.is_sqlite:
        stage.analyze(database)


def _copied(
    column: sa.Column[Any], n: sa.ColumnElement[int], copies: int, last: dict[sa.Table, int], sqlite: bool
) -> sa.ColumnElement[Any]:
    """Return the SQL for a column in the n-th copy."""
    if isinstance(column.type, UTCDateTime):
        weeks = ((n + 1) * WEEKS - 1) // copies
        minutes = weeks * A_WEEK + n % COPIES_A_WEEK * 7
        return _later(column, minutes, sqlite)
    if column.name == "attributes":
        text = sa.func.replace(sa.cast(column, sa.Text), OWN, sa.cast(n, sa.String))
        return text if sqlite else sa.cast(text, sa.JSON)
    return stage.copied_value(column, n, last)


def _later(column: sa.Column[Any], minutes: sa.ColumnElement[int], sqlite: bool) -> sa.ColumnElement[Any]:
    if not sqlite:
        return column + minutes * sa.literal_column("interval '1 minute'")
    moved = sa.func.strftime("%Y-%m-%d %H:%M", column, sa.cast(minutes, sa.String) + " minutes", type_=sa.String)
    return moved.concat(sa.func.substr(column, 17))


# One week


def _set_up(database: Database) -> None:
    with database.transaction() as tx:
        for number in range(4, 34):
            members.save(tx, WORKSPACE, f"U{number}", name=f"Rep {number}", roles=["rep"])
        known = [
            LostReason(workspace_id=WORKSPACE, key=key, position=place, ja=key, en=key)
            for place, key in enumerate(REASONS)
        ]
        workspaces.save_reasons(tx, WORKSPACE, known)
        target = Target(
            100_000_000, 5_000_000, date(2026, 4, 1), 12, kpi.UNKNOWN, kpi.UNKNOWN, kpi.UNKNOWN, LeadTimes()
        )
        kpi_target.store(tx, WORKSPACE, target, "U3", MONDAY)
        tx.execute(metadata.tables["workspace"].update().values(created_at=MONDAY))


def _live(database: Database, stays: int) -> list[int]:
    """Let the week and what follows from it happen. Returns the ids of those that are open afterwards."""
    chance, moment = random.Random(1), [MONDAY]
    office = stage.office(database, lambda: moment[0])
    stay: list[int] = []
    deeds: list[tuple[datetime, int, Deed]] = []
    order = iter(range(10**9))

    def plan(at: datetime, deed: Deed) -> None:
        heapq.heappush(deeds, (at, next(order), deed))

    for number in range(LIVES + stays):
        plan(_arrival(chance), _lead_comes(number, chance, stay, plan))
    while deeds:
        at, _, deed = heapq.heappop(deeds)
        while moment[0] + timedelta(hours=1) <= at:
            moment[0] += timedelta(hours=1)
            if moment[0] < MONDAY + timedelta(weeks=2):
                worker.tick(office)
        with database.transaction() as tx:
            deed(tx, at)
    return stay


def _arrival(chance: random.Random) -> datetime:
    """Return when a lead comes in: on a working day, sometimes in the evening or at the weekend."""
    day = chance.choice((0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6))
    return MONDAY + timedelta(days=day, hours=chance.triangular(0, 24, 13))


def _lead_comes(number: int, chance: random.Random, stay: list[int], plan: Callable[[datetime, Deed], None]) -> Deed:
    def come(tx: sa.Connection, at: datetime) -> None:
        given = intake.receive(tx, WORKSPACE, _lead(number, chance), Source.GENERIC, at)
        if number >= LIVES:
            stay.append(given.mql_id)
        for after, deed in _life(given.mql_id, number, chance):
            plan(at + after, deed)

    return come


def _life(mql_id: int, number: int, chance: random.Random) -> Iterator[tuple[timedelta, Deed]]:
    """Return what happens to an MQL, and how long after its receipt."""

    def owner(tx: sa.Connection) -> str:
        return str(tx.execute(sa.select(mql.c.owner).where(mql.c.id == mql_id)).scalar_one() or "U3")

    answered = timedelta(hours=chance.expovariate(1 / 9) + 0.05)
    if number >= LIVES and chance.random() < 0.3:
        return
    if number < LIVES and chance.random() < 0.02:
        yield answered, lambda tx, at: withdrawal.withdraw(tx, WORKSPACE, mql_id, "U3", "a test", at)
        return
    if chance.random() < 0.1:
        yield answered / 2, lambda tx, at: response.reassign(tx, WORKSPACE, mql_id, "U3", f"U{4 + number % 30}", "", at)
    yield answered, lambda tx, at: response.accept(tx, WORKSPACE, mql_id, owner(tx), at)
    called = answered + timedelta(hours=chance.expovariate(1 / 4))
    if chance.random() < 0.9:
        yield called, lambda tx, at: response.contacted(tx, WORKSPACE, mql_id, owner(tx), at)
        for further in range(chance.randint(2, 8)):
            yield called + timedelta(hours=2 + 3 * further), lambda tx, at: _reported(tx, mql_id, chance, at)
    if number >= LIVES:
        return
    done = called + timedelta(hours=30 + chance.expovariate(1 / 60))
    word = Disposition(chance.choices(("qualified", "disqualified", "recycled"), (2, 5, 3))[0])
    yield done, lambda tx, at: feedback.give(tx, WORKSPACE, mql_id, owner(tx), _answer(word, chance), at)
    if word == Disposition.QUALIFIED and chance.random() < 0.8:
        yield done + timedelta(days=chance.randint(3, 30)), lambda tx, at: _decided(tx, mql_id, chance, at)
    if chance.random() < 0.05:
        yield (
            done + timedelta(hours=1),
            lambda tx, at: feedback.give(tx, WORKSPACE, mql_id, owner(tx), _answer(word, chance), at),
        )


def _reported(tx: sa.Connection, mql_id: int, chance: random.Random, at: datetime) -> None:
    number = tx.execute(sa.select(mql.c.number).where(mql.c.id == mql_id)).scalar_one()
    kind = chance.choice((Evidence.CALL, Evidence.EMAIL, Evidence.MEETING))
    activity.record(tx, WORKSPACE, Activity(kind, at, number=number), None, at)


def _answer(word: Disposition, chance: random.Random) -> Answer:
    reason = chance.choice(REASONS) if word == Disposition.DISQUALIFIED else None
    return Answer(disposition=word, lost_reason=reason, comment="They told us so on the phone.")


def _decided(tx: sa.Connection, mql_id: int, chance: random.Random, at: datetime) -> None:
    workspace = workspaces.get(tx, WORKSPACE)
    assert workspace is not None
    won = chance.random() < 0.3
    deal = Deal(
        result=DealResult.WON if won else DealResult.LOST,
        on=at.date(),
        amount=chance.randint(1, 90) * 100_000 if won else None,
    )
    deals.record(tx, workspace, mql_id, DealSource.CRM, deal, at)


def _lead(number: int, chance: random.Random) -> Lead:
    return Lead.model_validate(
        {
            "external_id": f"{number:08}",
            "company": f"Sample {number} Inc.",
            "person": f"Person {number}",
            "email": f"person.{number}@example.com" if chance.random() < 0.95 else None,
            "channel": chance.choice(("webinar", "search ads", "exhibition", "referral", "web form", "social")),
            "campaign": f"campaign {chance.randint(1, 20)}",
            "form": chance.choice(("demo", "paper", "price", "contact")),
            "score": chance.randint(40, 100) if chance.random() < 0.95 else None,
            "message": "We would like to see a demonstration, and an offer for fifty people.",
            "attributes": {
                "employees": chance.choice(("1-49", "50-299", "300-999", "1000+")),
                "industry": chance.choice(("software", "trade", "machines", "food", "logistics", "health")),
                "visitor": f"{number}-{OWN}",
            },
        }
    )
