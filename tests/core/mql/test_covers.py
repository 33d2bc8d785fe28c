"""Who is away, who answers meanwhile, and whose it stays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from bot.core.base.results import Done, Refusal, Refused
from bot.core.messages import relevance
from bot.core.messages.lookup import Lookup
from bot.core.mql import covers, response
from bot.core.reports import charges
from bot.core.routing import absences
from storage import absences as rows
from storage import members, workspaces
from storage.database import Database
from storage.models import Absence, absence, outbox
from storage.reports import Span
from storage.vocabulary import AbsenceSource, EventType, MessageKind, Status
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE, configure

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def office(database: Database) -> Engine:
    configure(database)
    engine = Engine(database)
    for user in ("U1", "U2", "U4"):
        engine.has(user, "rep")
    engine.has("U3", "manager")
    engine.agrees(response_hours=10, reminders=(0.5,), escalations=())
    return engine


@pytest.fixture
def engine(database: Database) -> Engine:
    return office(database)


def away(engine: Engine, user: str, hours: float, *, in_hours: float = 0, **details: object) -> Absence:
    with engine.database.transaction() as tx:
        begins = NOW + in_hours * HOUR
        row = absences.announce(tx, WORKSPACE, user, NOW, begins + hours * HOUR, since=begins, **details)  # type: ignore[arg-type]
    assert row is not None
    return row


def tick(engine: Engine, hours: float) -> None:
    now = NOW + hours * HOUR
    with engine.database.transaction() as tx:
        for row in rows.due(tx, now, 100):
            absences.check(tx, row, now)
    engine.sweeps(now)


def until(engine: Engine, user: str) -> object:
    with engine.database.snapshot() as tx:
        member = members.get(tx, WORKSPACE, user)
    assert member is not None
    return member.away_until


def standing(engine: Engine) -> list[tuple[float, float]]:
    with engine.database.snapshot() as tx:
        every = tx.execute(sa.select(absence.c.from_at, absence.c.until_at).order_by(absence.c.from_at)).all()
    return [((begins - NOW) / HOUR, (ends - NOW) / HOUR) for begins, ends in every]


def readers_of(engine: Engine, kind: MessageKind) -> list[str]:
    with engine.database.snapshot() as tx:
        return sorted(tx.execute(sa.select(outbox.c.target).where(outbox.c.kind == kind)).scalars())


def covered(engine: Engine, mql_id: int, to: str | None = "U2", by: str = "U1", at: float = 0) -> object:
    return engine.does(covers.cover, mql_id, by, to, now=NOW + at * HOUR)


def test_absences_stand_side_by_side_and_each_begins_and_ends_by_itself(engine: Engine) -> None:
    away(engine, "U1", 5, in_hours=1)
    away(engine, "U1", 5, in_hours=24)
    assert standing(engine) == [(1, 6), (24, 29)]
    seen = []
    for hours in (0, 1, 6, 23, 24, 29):
        tick(engine, hours)
        seen.append(until(engine, "U1"))
    assert seen == [None, NOW + 6 * HOUR, None, None, NOW + 29 * HOUR, None]


def test_what_is_said_of_the_same_time_is_one_absence_and_what_goes_on_ends_as_was_said_last(engine: Engine) -> None:
    away(engine, "U1", 4, in_hours=24)
    away(engine, "U1", 4, in_hours=26)
    assert standing(engine) == [(24, 30)]
    away(engine, "U1", 9)
    away(engine, "U1", 3)
    assert standing(engine) == [(0, 3), (24, 30)]


def test_a_calendar_and_a_status_are_kept_beside_and_whoever_is_back_overrules_them(engine: Engine) -> None:
    away(engine, "U1", 5, source=AbsenceSource.CALENDAR)
    away(engine, "U1", 3, source=AbsenceSource.STATUS)
    assert until(engine, "U1") == NOW + 5 * HOUR
    with engine.database.transaction() as tx:
        assert absences.come_back(tx, WORKSPACE, "U1", NOW + HOUR)
        assert not absences.come_back(tx, WORKSPACE, "U1", NOW + HOUR)
        known = rows.since(tx, WORKSPACE, NOW)
    assert until(engine, "U1") is None
    assert [(row.until_at, row.overruled_until) for row in known] == [
        (NOW + HOUR, NOW + 5 * HOUR),
        (NOW + HOUR, NOW + 3 * HOUR),
    ]


def test_an_absence_to_come_is_taken_back(engine: Engine) -> None:
    row = away(engine, "U1", 5, in_hours=24)
    with engine.database.transaction() as tx:
        assert absences.cancel(tx, WORKSPACE, row.id, NOW)
        assert absences.cancel(tx, WORKSPACE, row.id, NOW) is None
    assert standing(engine) == []


def test_who_is_away_gets_no_turn_and_no_reminder_but_the_manager_hears_what_waits(engine: Engine) -> None:
    mql_id = engine.receives()
    away(engine, "U1", 20, in_hours=1)
    tick(engine, 1)
    assert readers_of(engine, MessageKind.ABSENCE_BEGAN) == ["U3"]
    tick(engine, 6)
    assert engine.told(mql_id, MessageKind.REMINDER) == []
    (reminded,) = engine.log(mql_id, EventType.REMINDED)
    assert reminded.data["away"] is True
    assert [engine.mql(engine.receives(company=name)).owner for name in ("A", "B", "C")] == ["U2", "U4", "U2"]


def test_a_reminder_that_waits_is_not_sent_once_its_reader_is_away(engine: Engine) -> None:
    mql_id = engine.receives()
    tick(engine, 5)
    (row,) = engine.messages(mql_id, MessageKind.REMINDER)
    away(engine, "U1", 20)
    with engine.database.snapshot() as tx:
        assert relevance.reason_gone(tx, row, Lookup(tx, WORKSPACE, NOW + 6 * HOUR)) is not None
        assert relevance.reason_gone(tx, row, Lookup(tx, WORKSPACE, NOW + 21 * HOUR)) is None


def test_whoever_covers_acts_and_is_reminded_and_the_owner_keeps_name_and_figures(engine: Engine) -> None:
    mql_id = engine.receives()
    away(engine, "U1", 20)
    assert isinstance(covered(engine, mql_id), Done)
    assert engine.told(mql_id, MessageKind.COVER) == ["U2"]
    tick(engine, 5)
    assert engine.told(mql_id, MessageKind.REMINDER) == ["U2"]
    engine.does(response.accept, mql_id, "U2", now=NOW + 6 * HOUR)
    mql = engine.mql(mql_id)
    assert (mql.owner, mql.cover, mql.status) == ("U1", "U2", Status.ACCEPTED)
    assert [event.actor for event in engine.log(mql_id, EventType.ACCEPTED)] == ["U2"]


def test_what_lies_while_its_owner_is_away_is_charged_to_neither(engine: Engine) -> None:
    mql_id = engine.receives()
    away(engine, "U1", 20)
    covered(engine, mql_id)
    tick(engine, 11)
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        passed = charges.passed(tx, workspace, Span(NOW, NOW + DAY))
        (charged,) = charges.charges(tx, workspace, passed, NOW + DAY)
    assert charged.charge.user_id == ""


def test_without_a_name_whoever_covers_least_is_next_and_it_costs_no_turn(engine: Engine) -> None:
    ids = [engine.receives(company=f"C{n}") for n in range(6)]
    mine = [mql_id for mql_id in ids if engine.mql(mql_id).owner == "U1"]
    away(engine, "U1", 20)
    with engine.database.transaction() as tx:
        before = {member.user_id: member.balance for member in members.roster(tx, WORKSPACE)}
        covers.cover_unaccepted(tx, WORKSPACE, "U1", "U1", None, NOW)
        after = {member.user_id: member.balance for member in members.roster(tx, WORKSPACE)}
    assert {engine.mql(mql_id).cover for mql_id in mine} == {"U2", "U4"}
    assert before == after


def test_a_cover_who_cannot_hands_it_on_and_one_who_leaves_covers_no_more(engine: Engine) -> None:
    mql_id = engine.receives()
    away(engine, "U1", 20)
    covered(engine, mql_id)
    engine.does(covers.decline, mql_id, "U2", "no time", now=NOW)
    assert engine.mql(mql_id).cover == "U4"
    away(engine, "U2", 20)
    engine.does(covers.decline, mql_id, "U4", "no time", now=NOW)
    mql = engine.mql(mql_id)
    assert (mql.owner, mql.cover) == ("U1", None)


def test_whom_nobody_misses_needs_no_cover(engine: Engine) -> None:
    mql_id = engine.receives()
    refused = covered(engine, mql_id)
    assert isinstance(refused, Refused)
    assert refused.reason == Refusal.OWNER_NOT_AWAY
    away(engine, "U1", 20)
    for to, reason in (("U1", Refusal.SAME_OWNER), ("U9", Refusal.NOBODY_TO_COVER)):
        answer = covered(engine, mql_id, to)
        assert isinstance(answer, Refused)
        assert answer.reason == reason
    stranger = covered(engine, mql_id, by="U4")
    assert isinstance(stranger, Refused)
    assert stranger.reason == Refusal.NOT_ALLOWED


@pytest.mark.parametrize("leave", [False, True])
def test_whoever_is_back_is_asked_and_takes_it_back_or_leaves_it(engine: Engine, leave: bool) -> None:
    mql_id = engine.receives()
    away(engine, "U1", 4)
    covered(engine, mql_id)
    tick(engine, 4)
    assert readers_of(engine, MessageKind.ABSENCE_OVER) == ["U1"]
    act = covers.leave if leave else covers.take_back
    with engine.database.transaction() as tx:
        assert act(tx, WORKSPACE, "U1", "U2", "U4", NOW + 5 * HOUR) == 0, "U4 has no say in it"
        assert act(tx, WORKSPACE, "U1", "U2", "U1", NOW + 5 * HOUR) == 1
        assert act(tx, WORKSPACE, "U1", "U2", "U1", NOW + 5 * HOUR) == 0
    mql = engine.mql(mql_id)
    assert (mql.owner, mql.cover) == (("U2" if leave else "U1"), None)
    tick(engine, 6)
    assert engine.told(mql_id, MessageKind.REMINDER) == [mql.owner]


def test_back_and_covered_at_once_one_after_the_other(any_database: Database) -> None:
    engine = office(any_database)
    mql_id = engine.receives()
    away(engine, "U1", 20)
    start = Barrier(2)

    def comes_back() -> None:
        start.wait()
        with any_database.transaction() as tx:
            absences.come_back(tx, WORKSPACE, "U1", NOW + HOUR)

    def is_covered() -> object:
        start.wait()
        return covered(engine, mql_id, by="U3", at=1)

    with ThreadPoolExecutor(2) as pool:
        back, cover = pool.submit(comes_back), pool.submit(is_covered)
        back.result(60)
        outcome = cover.result(60)
    asked = readers_of(engine, MessageKind.ABSENCE_OVER)
    # Covered first: then whoever is back is asked. Back first: then there is nothing to cover any more.
    assert (isinstance(outcome, Done), engine.mql(mql_id).cover, asked) in [(True, "U2", ["U1"]), (False, None, [])]
