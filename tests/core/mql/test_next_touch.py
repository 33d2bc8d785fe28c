"""The next touch is the rep's own plan: reminded of, kept or missed, counted, and no clock follows it. What would game
a clock is no response."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from bot.core.base.results import Done, Refusal, Refused
from bot.core.mql import activity, feedback, next_touch, response
from bot.core.mql.activity import Activity, CountedAs
from bot.core.mql.feedback import Answer
from bot.core.reports import weekly
from storage import mqls, next_touches, workspaces
from storage.database import Database
from storage.vocabulary import ClockKind, ClockState, Disposition, EventType, Evidence, MessageKind
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE

pytestmark = pytest.mark.rules

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
THURSDAY = date(2026, 11, 19)
"""NOW is a Tuesday morning."""


@pytest.fixture
def engine(office: Database) -> Engine:
    return Engine(office)


def contacted(engine: Engine) -> int:
    mql_id = engine.receives()
    engine.does(response.contacted, mql_id, "U1", now=NOW)
    return mql_id


def kept(engine: Engine, now: Any = NOW + 9 * DAY) -> tuple[int, int]:
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        figures = weekly.weekly(tx, workspace, "2026-W47", now).now
    return figures.touches_kept, figures.touches_due


def reminds(engine: Engine, now: Any) -> int:
    with engine.database.transaction() as tx:
        return sum(next_touch.remind(tx, touch, now) for touch in next_touches.to_remind(tx, now, 10))


def test_a_promise_is_reminded_of_once_on_its_morning_and_moves_no_clock(engine: Engine) -> None:
    mql_id = contacted(engine)
    before = [engine.clock(mql_id, kind).model_dump() for kind in ClockKind]
    assert isinstance(engine.does(next_touch.promise, mql_id, "U1", THURSDAY, now=NOW + HOUR), Done)
    assert reminds(engine, NOW + DAY) == 0
    assert [reminds(engine, NOW + 2 * DAY + HOUR) for _ in range(2)] == [1, 0]
    assert engine.told(mql_id, MessageKind.NEXT_TOUCH) == ["U1"]
    assert [engine.clock(mql_id, kind).model_dump() for kind in ClockKind] == before
    assert [event.after for event in engine.log(mql_id, EventType.TOUCH_PROMISED, EventType.TOUCH_DUE)] == [
        "2026-11-19",
        "2026-11-19",
    ]


@pytest.mark.parametrize(
    ("how", "after", "figures"),
    [("call", 2 * DAY, (1, 1)), ("call", 2 * HOUR, (0, 1)), ("call", 4 * DAY, (0, 1)), ("outcome", DAY, (1, 1))],
)
def test_it_is_kept_by_a_later_contact_or_the_disposition_until_its_day_is_over(
    engine: Engine, how: str, after: timedelta, figures: tuple[int, int]
) -> None:
    mql_id = contacted(engine)
    engine.does(next_touch.promise, mql_id, "U1", THURSDAY, now=NOW + HOUR)
    if how == "call":
        with engine.database.transaction() as tx:
            response.contacted(tx, WORKSPACE, mql_id, "U1", NOW + after, Evidence.CALL)
    else:
        engine.does(feedback.give, mql_id, "U1", Answer(disposition=Disposition.QUALIFIED), now=NOW + after)
    assert kept(engine) == figures


def test_another_day_takes_its_place_and_a_new_owner_owes_nothing(engine: Engine) -> None:
    mql_id = contacted(engine)
    for day in (THURSDAY, THURSDAY + DAY):
        engine.does(next_touch.promise, mql_id, "U1", day, now=NOW + HOUR)
    assert kept(engine) == (0, 1)
    other = contacted(engine)
    owner = engine.mql(other).owner
    engine.does(next_touch.promise, other, owner, THURSDAY, now=NOW + HOUR)
    engine.does(response.reassign, other, "U3", "U2" if owner == "U1" else "U1", None, now=NOW + 2 * HOUR)
    assert kept(engine) == (0, 1)
    assert reminds(engine, NOW + 2 * DAY + HOUR) == 0


@pytest.mark.parametrize("after", ["another day", "another owner"])
def test_a_contact_that_is_told_late_keeps_what_was_promised_then(engine: Engine, after: str) -> None:
    mql_id = contacted(engine)
    engine.does(next_touch.promise, mql_id, "U1", THURSDAY, now=NOW + HOUR)
    if after == "another day":
        engine.does(next_touch.promise, mql_id, "U1", THURSDAY + 9 * DAY, now=NOW + DAY + 2 * HOUR)
    else:
        engine.does(response.reassign, mql_id, "U3", "U2", None, now=NOW + DAY + 2 * HOUR)
    assert kept(engine) == (0, 0)
    with engine.database.transaction() as tx:
        reported = Activity(Evidence.CALL, NOW + DAY, number=number_of(tx, mql_id))
        activity.record(tx, WORKSPACE, reported, "U1", NOW + 2 * DAY)
    assert kept(engine) == (1, 1)


def test_only_the_owner_of_a_contacted_one_promises(engine: Engine) -> None:
    mql_id = engine.receives()
    early = engine.does(next_touch.promise, mql_id, "U1", THURSDAY, now=NOW)
    assert isinstance(early, Refused)
    assert early.reason == Refusal.TOUCH_BEFORE_CONTACT
    engine.does(response.contacted, mql_id, "U1", now=NOW)
    assert engine.does(next_touch.promise, mql_id, "U2", THURSDAY, now=NOW).reason == Refusal.TOUCH_NOT_OWNER
    for day in (date(2026, 11, 17), date(2027, 12, 1)):
        with pytest.raises(ValueError, match=str(day)):
            engine.does(next_touch.promise, mql_id, "U1", day, now=NOW)


@pytest.mark.parametrize(
    ("kind", "seconds", "counted"),
    [
        (Evidence.EMAIL, 59, CountedAs.RECORD),
        (Evidence.EMAIL, 60, CountedAs.CONTACT),
        (Evidence.CALL, 5, CountedAs.CONTACT),
    ],
)
def test_an_email_within_a_minute_of_the_assignment_is_a_machines(
    engine: Engine, kind: Evidence, seconds: int, counted: CountedAs
) -> None:
    mql_id = engine.receives()
    with engine.database.transaction() as tx:
        reported = Activity(kind, NOW + timedelta(seconds=seconds), number=number_of(tx, mql_id))
        assert activity.record(tx, WORKSPACE, reported, "U1", NOW + HOUR).counted_as == counted
    stopped = engine.clock(mql_id).state != ClockState.RUNNING
    assert stopped == (counted == CountedAs.CONTACT)
    grade = engine.log(mql_id, EventType.EVIDENCE, EventType.CONTACTED)[-1].data["evidence"]
    assert grade == (Evidence.AUTOMATIC if counted == CountedAs.RECORD else kind)


def number_of(tx: Any, mql_id: int) -> int:
    subject = mqls.get(tx, WORKSPACE, mql_id)
    assert subject is not None
    return subject.number


def test_an_empty_note_proves_no_more_than_a_press(engine: Engine) -> None:
    mql_id = engine.receives()
    with engine.database.transaction() as tx:
        response.contacted(tx, WORKSPACE, mql_id, "U1", NOW, Evidence.NOTE, "  ")
    assert engine.mql(mql_id).contact_evidence == Evidence.BUTTON
