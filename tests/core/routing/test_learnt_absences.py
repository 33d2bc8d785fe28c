"""What a status or a calendar says is taken over, followed when it changes, and stays overruled where a person did."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.core.routing import absences, learnt_absences
from storage import absences as rows
from storage import members
from storage.database import Database
from storage.models import Absence, outbox
from storage.vocabulary import AbsenceSource, MessageKind
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE, configure

HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
SOON = (NOW + HOUR, NOW + A_DAY)
CALENDAR = AbsenceSource.CALENDAR


@pytest.fixture
def engine(database: Database) -> Engine:
    configure(database)
    engine = Engine(database)
    engine.has("U1", "rep")
    engine.has("U2", "rep")
    engine.agrees(response_hours=10, reminders=(0.8,), escalations=())
    return engine


def _learn(engine: Engine, *stretches: tuple[datetime, datetime], at: datetime = NOW) -> None:
    with engine.database.transaction() as tx:
        learnt_absences.learn(tx, WORKSPACE, "U1", CALENDAR, stretches, at)


def _ticks(engine: Engine, at: datetime) -> None:
    with engine.database.transaction() as tx:
        for row in rows.due(tx, at, 100):
            absences.check(tx, row, at)


def _known(engine: Engine, at: datetime = NOW) -> list[tuple[datetime, datetime]]:
    with engine.database.snapshot() as tx:
        return [(row.from_at, row.until_at) for row in rows.of(tx, WORKSPACE, "U1", at)]


def _away_until(engine: Engine) -> datetime | None:
    with engine.database.snapshot() as tx:
        member = members.get(tx, WORKSPACE, "U1")
        assert member is not None
        return member.away_until


def _told(engine: Engine) -> int:
    with engine.database.snapshot() as tx:
        query = sa.select(sa.func.count()).where(outbox.c.kind == MessageKind.ABSENCES_LEARNT)
        return int(tx.scalar(query) or 0)


def _first(engine: Engine) -> Absence:
    with engine.database.snapshot() as tx:
        return rows.of(tx, WORKSPACE, "U1", NOW)[0]


def test_what_is_said_twice_is_known_once_and_told_once(engine: Engine) -> None:
    _learn(engine, SOON)
    _learn(engine, SOON, at=NOW + timedelta(minutes=15))
    assert _known(engine) == [SOON]
    assert _told(engine) == 1
    assert _away_until(engine) is None
    _ticks(engine, SOON[0])
    assert _away_until(engine) == SOON[1]
    _ticks(engine, SOON[1])
    assert _away_until(engine) is None


def test_an_entry_that_is_moved_moves_and_one_that_is_deleted_goes(engine: Engine) -> None:
    _learn(engine, SOON)
    longer = (SOON[0] + HOUR, SOON[1] + A_DAY)
    _learn(engine, longer)
    assert _known(engine) == [longer]
    _learn(engine)
    assert _known(engine) == []


def test_an_absence_that_goes_on_ends_when_its_source_says_no_more_of_it(engine: Engine) -> None:
    goes_on = (NOW - HOUR, NOW + A_DAY)
    _learn(engine, goes_on)
    _ticks(engine, NOW)
    assert _away_until(engine) == goes_on[1]
    _learn(engine, (NOW - HOUR, NOW + 2 * A_DAY), at=NOW + HOUR)
    assert _away_until(engine) == NOW + 2 * A_DAY
    _learn(engine, at=NOW + 2 * HOUR)
    assert _away_until(engine) is None


@pytest.mark.parametrize("begins", [NOW - HOUR, NOW + HOUR])
def test_what_a_person_took_back_is_not_learnt_again(engine: Engine, begins: datetime) -> None:
    absence = (begins, NOW + A_DAY)
    _learn(engine, absence)
    _ticks(engine, NOW)
    with engine.database.transaction() as tx:
        absences.cancel(tx, WORKSPACE, _first(engine).id, NOW)
    for minutes in (15, 30):
        _learn(engine, absence, at=NOW + timedelta(minutes=minutes))
        _ticks(engine, NOW + timedelta(minutes=minutes))
    assert (_known(engine), _away_until(engine)) == ([], None)
    another = (NOW + 3 * A_DAY, NOW + 4 * A_DAY)
    _learn(engine, absence, another, at=NOW + HOUR)
    assert _known(engine) == [another]


def test_what_they_have_said_themselves_is_no_news(engine: Engine) -> None:
    with engine.database.transaction() as tx:
        absences.announce(tx, WORKSPACE, "U1", NOW, NOW + 2 * A_DAY)
    _learn(engine, SOON)
    assert _told(engine) == 0
    with engine.database.transaction() as tx:
        absences.come_back(tx, WORKSPACE, "U1", NOW + 2 * HOUR)
    _ticks(engine, NOW + 2 * HOUR)
    _learn(engine, SOON, at=NOW + 2 * HOUR)
    assert _away_until(engine) is None


def test_one_source_does_not_take_back_what_another_says(engine: Engine) -> None:
    _learn(engine, (NOW, NOW + A_DAY))
    _ticks(engine, NOW)
    with engine.database.transaction() as tx:
        learnt_absences.learn(tx, WORKSPACE, "U1", AbsenceSource.STATUS, (), NOW)
    assert _away_until(engine) == NOW + A_DAY


def test_nobody_but_who_can_be_away_learns_of_it(engine: Engine) -> None:
    engine.has("U9", "manager")
    with engine.database.transaction() as tx:
        assert learnt_absences.learn(tx, WORKSPACE, "U9", CALENDAR, [SOON], NOW) == []
