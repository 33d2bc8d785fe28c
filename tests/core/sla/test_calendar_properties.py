from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from bot.core.sla.calendar import Calendar
from bot.core.sla.calendar_rules import WEEKDAYS, CalendarRules
from storage.vocabulary import CalendarKind
from tests.core.oracle import MINUTE, Oracle

# Days in the middle of which something happens, with the zone in which it does.
DAYS = {
    "America/New_York": ("2026-03-08", "2026-11-01", "2026-07-03", "2021-12-31"),
    "Europe/London": ("2026-03-29", "2026-10-25", "2026-12-27"),
    "Asia/Tokyo": ("2026-05-05", "2026-09-22", "2026-12-31"),
    "Asia/Kolkata": ("2026-01-01", "2026-08-14"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04", "2026-12-31"),  # by half an hour
    "America/St_Johns": ("2006-10-29", "2006-04-02", "2026-11-01"),  # at 00:01, back into the day before
    "Africa/Cairo": ("2026-04-24", "2026-10-30", "2026-01-01"),  # at midnight
    "Asia/Beirut": ("2026-03-29", "2026-10-25"),  # at midnight
    "Pacific/Apia": ("2011-12-30", "2011-09-24", "2026-01-01"),  # the first is skipped whole
    "America/Sao_Paulo": ("2018-11-04", "2018-02-18", "2026-01-01"),  # at midnight
}
COUNTRIES = ("JP", "US-CA", "GB-ENG", "IN", "CA-NL", "EG", "WS", "BR-SP")
EDGES = (0, 1, 29, 30, 60, 90, 119, 120, 150, 180, 540, 1080, 1380, 1410, 1439, 1440)

places = st.sampled_from([(zone, date.fromisoformat(day)) for zone, days in DAYS.items() for day in days])
shares = st.fractions(0, 1, max_denominator=1000)


@st.composite
def blocks(draw: DrawFn) -> list[str]:
    minute = st.one_of(st.sampled_from(EDGES), st.integers(0, 1440))
    pairs = draw(st.lists(st.tuples(minute.map(lambda m: min(m, 1439)), minute), min_size=1, max_size=3))
    return ["-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in pair) for pair in pairs]


@st.composite
def rules_around(draw: DrawFn, day: date) -> CalendarRules:
    kind = draw(st.sampled_from([CalendarKind.BUSINESS_HOURS] * 3 + list(CalendarKind)))
    if kind == CalendarKind.ALWAYS:
        return CalendarRules(kind=kind)
    near = st.integers(-4, 4).map(lambda days: day + timedelta(days=days))
    ranges = st.tuples(near, st.integers(0, 2)).map(lambda r: {"first": r[0], "last": r[0] + timedelta(days=r[1])})
    yearly = ranges.map(
        lambda dates: {name: at.replace(year=at.year - 3, day=min(at.day, 28)) for name, at in dates.items()}
    )
    yearly = yearly.filter(lambda dates: dates["first"] <= dates["last"]).map(
        lambda dates: dict[str, Any](dates) | {"each_year": True}
    )
    weekdays = st.sampled_from(WEEKDAYS)
    body: dict[str, Any] = {"kind": kind}
    if kind == CalendarKind.BUSINESS_HOURS and draw(st.booleans()):
        body["hours"] = draw(st.dictionaries(weekdays, blocks(), min_size=1))
    elif draw(st.booleans()):
        body["working_days"] = draw(st.lists(weekdays, min_size=1, unique=True))
    body["holidays"] = draw(st.none() | st.sampled_from(COUNTRIES))
    body["closures"] = draw(st.lists(near | ranges | yearly, max_size=2))
    body["extra_days"] = draw(st.dictionaries(near, blocks(), max_size=2))
    plain = CalendarRules.model_validate(body)
    halves = draw(st.dictionaries(near, blocks(), max_size=3))
    body["half_days"] = {half: hours for half, hours in halves.items() if _may_be_half(plain, half)}
    return CalendarRules.model_validate(body)


def _may_be_half(rules: CalendarRules, day: date) -> bool:
    closed = any(closure.covers(day) for closure in rules.closures)
    worked = rules.working_days or tuple(rules.hours or WEEKDAYS[:5])
    return not closed and day not in rules.extra_days and WEEKDAYS[day.weekday()] in worked


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@st.composite
def scenes(draw: DrawFn) -> tuple[Calendar, Oracle]:
    """Random rules around an eventful day, and five days of them seen minute by minute."""
    zone, day = draw(places)
    rules = draw(rules_around(day))
    middle = _noon(day)
    return Calendar(rules, zone), Oracle(rules, zone, middle - timedelta(days=2.5), middle + timedelta(days=2.5))


@st.composite
def calendars(draw: DrawFn) -> tuple[Calendar, datetime]:
    """Random rules, and a moment from which years of them are looked at."""
    zone, day = draw(places)
    start = _noon(day) + draw(st.integers(-5 * 24 * 60, 5 * 24 * 60)) * MINUTE
    return Calendar(draw(rules_around(day)), zone), start


def _minute(oracle: Oracle, share: float) -> datetime:
    return oracle.first + round((oracle.last - oracle.first) / MINUTE * share) * MINUTE


@settings(deadline=None, max_examples=80)
@given(scenes())
def test_the_same_minutes_are_open_as_on_the_wall(scene: tuple[Calendar, Oracle]) -> None:
    calendar, oracle = scene
    at, minutes = oracle.first, set()
    while at < oracle.last:
        if calendar.is_open(at):
            minutes.add(at)
        assert (calendar.closed_because(at) is None) == (at in minutes)
        at += 7 * MINUTE
    assert minutes == {minute for minute in oracle.minutes if (minute - oracle.first) % (7 * MINUTE) == timedelta(0)}


@settings(deadline=None, max_examples=120)
@given(scenes(), shares, shares)
def test_open_time_is_what_the_wall_clock_counts(scene: tuple[Calendar, Oracle], share: float, other: float) -> None:
    calendar, oracle = scene
    start, end = _minute(oracle, share), _minute(oracle, other)
    assert calendar.open_between(start, end) == oracle.count(start, end)
    assert calendar.open_between(oracle.first, oracle.last) == len(oracle.minutes) * MINUTE


@settings(deadline=None, max_examples=120)
@given(scenes(), shares, shares)
def test_a_deadline_is_where_the_wall_clock_puts_it(scene: tuple[Calendar, Oracle], when: float, share: float) -> None:
    calendar, oracle = scene
    start = _minute(oracle, when)
    span = round(oracle.count(start, oracle.last) / MINUTE * share) * MINUTE
    expected = oracle.add(start, span)
    if expected is None:
        assert calendar.add(start, span) >= oracle.last
    else:
        assert calendar.add(start, span) == expected
    if not span:
        assert calendar.next_opening(start) == calendar.add(start, span)


@pytest.mark.parametrize("years", [0.01, 1, 6])
@settings(deadline=None, max_examples=40)
@given(calendars(), shares)
def test_adding_and_counting_are_inverse(years: float, made: tuple[Calendar, datetime], share: float) -> None:
    calendar, start = made
    end = start + timedelta(days=365) * years * float(share)
    counted = calendar.open_between(start, end)
    due = calendar.add(start, counted)
    assert calendar.open_between(start, due) == counted
    # Nothing opens between the two: the deadline is the earlier one unless there is nothing to wait for.
    assert calendar.open_between(due, end) == timedelta(0)
    assert due <= end or counted == timedelta(0)


@settings(deadline=None, max_examples=60)
@given(calendars(), st.integers(0, 10**9), st.integers(0, 10**9))
def test_spans_add_up(made: tuple[Calendar, datetime], portion: int, other: int) -> None:
    calendar, start = made
    whole = calendar.open_between(start, start + timedelta(days=2000)) // timedelta(microseconds=1)
    first, second = (timedelta(microseconds=whole * share // 10**9) for share in sorted((portion, other)))
    middle = calendar.add(start, first)
    assert calendar.add(middle, second - first) >= middle
    if second > first:
        assert calendar.add(middle, second - first) == calendar.add(start, second)
    elsewhere = start + timedelta(days=700)
    parts = calendar.open_between(start, middle) + calendar.open_between(middle, max(elsewhere, middle))
    assert parts == calendar.open_between(start, max(elsewhere, middle))


@settings(deadline=None, max_examples=60)
@given(calendars(), st.integers(0, 400 * 24 * 60), st.integers(0, 60 * 24), st.integers(0, 600))
def test_later_never_means_earlier(made: tuple[Calendar, datetime], span: int, more: int, later: int) -> None:
    calendar, start = made
    whole = calendar.open_between(start, start + timedelta(days=400))
    length = min(span * MINUTE, whole)
    due = calendar.add(start, length)
    assert due >= start
    assert calendar.add(start, length + min(more * MINUTE, whole)) >= due
    assert calendar.add(start + later * MINUTE, length) >= due
    assert calendar.open_between(start, due + more * MINUTE) >= length


@settings(deadline=None, max_examples=60)
@given(calendars(), st.integers(0, 400 * 24 * 3600))
def test_a_deadline_lies_in_open_time_or_at_a_closing(made: tuple[Calendar, datetime], seconds: int) -> None:
    calendar, start = made
    span = min(timedelta(seconds=seconds), calendar.open_between(start, start + timedelta(days=400)))
    due = calendar.add(start, span)
    assert calendar.is_open(due) or (span and calendar.is_open(due - timedelta(microseconds=1)))
    assert due.tzinfo == UTC
