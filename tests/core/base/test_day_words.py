"""Days as people type them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.core.base.day_words import DayPart, Days, parse

NOW = datetime(2026, 12, 2, 10, 30, tzinfo=UTC)  # a Wednesday
YEARS_END = datetime(2026, 12, 28, 9, 0, tzinfo=UTC)  # a Monday
SATURDAY = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)


def day(month: int, of_month: int, year: int = 2026) -> date:
    return date(year, month, of_month)


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("", day(12, 2), day(12, 2)),
        ("今日", day(12, 2), day(12, 2)),
        ("Today", day(12, 2), day(12, 2)),
        ("明日", day(12, 3), day(12, 3)),
        ("tomorrow", day(12, 3), day(12, 3)),
        ("明後日", day(12, 4), day(12, 4)),
        ("今週", day(12, 2), day(12, 6)),
        ("this week", day(12, 2), day(12, 6)),
        ("来週", day(12, 7), day(12, 13)),
        ("12/5", day(12, 5), day(12, 5)),
        ("１２／５", day(12, 5), day(12, 5)),
        ("12月5日", day(12, 5), day(12, 5)),
        ("12/5(土)", day(12, 5), day(12, 5)),
        ("2026-12-05", day(12, 5), day(12, 5)),
        ("2026/12/5", day(12, 5), day(12, 5)),
        ("2027年1月8日", day(1, 8, 2027), day(1, 8, 2027)),
        ("Dec 5", day(12, 5), day(12, 5)),
        ("December 5th", day(12, 5), day(12, 5)),
        ("5 Dec", day(12, 5), day(12, 5)),
        ("5日", day(12, 5), day(12, 5)),
        ("1日", day(1, 1, 2027), day(1, 1, 2027)),
        ("31日", day(12, 31), day(12, 31)),
        ("1/5", day(1, 5, 2027), day(1, 5, 2027)),
        ("来週月曜", day(12, 7), day(12, 7)),
        ("来週の月曜日", day(12, 7), day(12, 7)),
        ("再来週金曜", day(12, 18), day(12, 18)),
        ("next monday", day(12, 7), day(12, 7)),
        ("今週金曜", day(12, 4), day(12, 4)),
        ("金曜", day(12, 4), day(12, 4)),
        ("水曜", day(12, 9), day(12, 9)),
        ("Friday", day(12, 4), day(12, 4)),
        ("12/5-12/9", day(12, 5), day(12, 9)),
        ("12/5～12/9", day(12, 5), day(12, 9)),
        ("12/5〜9", day(12, 5), day(12, 9)),
        ("12/5から12/9まで", day(12, 5), day(12, 9)),
        ("2026-12-05 - 2026-12-09", day(12, 5), day(12, 9)),
        ("Dec 5 to Dec 9", day(12, 5), day(12, 9)),
        ("Dec 5-9", day(12, 5), day(12, 9)),
        ("明日から来週月曜まで", day(12, 3), day(12, 7)),
        ("12/4まで", day(12, 2), day(12, 4)),
        ("until Friday", day(12, 2), day(12, 4)),
        ("12/28-1/4", day(12, 28), day(1, 4, 2027)),
    ],
)
def test_what_people_type_is_read_as_they_mean_it(typed: str, first: date, last: date) -> None:
    assert parse(typed, NOW) == Days(first, last)


@pytest.mark.parametrize(
    ("now", "typed", "first", "last"),
    [
        (YEARS_END, "1/4", day(1, 4, 2027), day(1, 4, 2027)),
        (YEARS_END, "12/29-1/3", day(12, 29), day(1, 3, 2027)),
        (YEARS_END, "今週", day(12, 28), day(1, 3, 2027)),
        (YEARS_END, "来週月曜", day(1, 4, 2027), day(1, 4, 2027)),
        (YEARS_END, "12/27", day(12, 27, 2027), day(12, 27, 2027)),
        (SATURDAY, "月曜", day(12, 7), day(12, 7)),
        (SATURDAY, "今週", day(12, 5), day(12, 6)),
        (SATURDAY, "next monday", day(12, 7), day(12, 7)),
    ],
)
def test_a_year_and_a_week_end(now: datetime, typed: str, first: date, last: date) -> None:
    assert parse(typed, now) == Days(first, last)


@pytest.mark.parametrize(
    ("typed", "on", "part"),
    [
        ("午前休", day(12, 2), DayPart.MORNING),
        ("午後休", day(12, 2), DayPart.AFTERNOON),
        ("明日午前休", day(12, 3), DayPart.MORNING),
        ("明日の午後", day(12, 3), DayPart.AFTERNOON),
        ("12/7 午前半休", day(12, 7), DayPart.MORNING),
        ("tomorrow morning", day(12, 3), DayPart.MORNING),
        ("Dec 7 PM", day(12, 7), DayPart.AFTERNOON),
    ],
)
def test_half_a_day(typed: str, on: date, part: DayPart) -> None:
    assert parse(typed, NOW) == Days(on, on, part)
    begins, ends = Days(on, on, part).span("Asia/Tokyo")
    assert Days.of(begins, ends, "Asia/Tokyo") == Days(on, on, part)


def test_a_morning_that_is_over_is_that_of_tomorrow() -> None:
    assert parse("午前休", NOW.replace(hour=15)) == Days(day(12, 3), day(12, 3), DayPart.MORNING)


@pytest.mark.parametrize(
    "typed",
    [
        "いつか",
        "13/40",
        "2/30",
        "今週月曜",
        "12/9-12/5",
        "2020-01-01",
        "2029-01-01",
        "12/5-12/9 午前休",
        "2/29",
        "99",
        "next",
        "-",
    ],
)
def test_what_is_no_day_or_is_over_is_not_guessed_at(typed: str) -> None:
    assert parse(typed, NOW) is None


def test_whole_days_begin_and_end_at_midnight() -> None:
    begins, ends = Days(day(12, 5), day(12, 9)).span("Asia/Tokyo")
    assert (begins.isoformat(), ends.isoformat()) == ("2026-12-04T15:00:00+00:00", "2026-12-09T15:00:00+00:00")
    assert Days.of(begins, ends, "Asia/Tokyo") == Days(day(12, 5), day(12, 9))
