"""A hundred calendars against a truth written by hand: nobody is given a lead in an absence, nobody is skipped for a
meeting."""

from datetime import time, timedelta

import pytest

from bot.connectors.calendars import NotRead
from bot.connectors.calendars.reading import MOST_ENTRIES, Reader
from bot.core.base.day_words import Halves
from tests.connectors.calendars.made import SINCE, UNTIL, calendar, cases

REN = Reader("Asia/Tokyo", ["鈴木 蓮", "Ren Suzuki"], ["佐藤 美咲", "Misaki Sato"])


def test_every_calendar_tells_its_truth() -> None:
    made = cases()
    read = [(case, REN.entries(case.body, SINCE, UNTIL).away) for case in made]

    assert len(made) >= 100
    assert [(case.says, away) for case, away in read if away != case.truth] == []


@pytest.mark.parametrize(
    "body", [b"", b"<html>Sign in</html>", b"\xff\xfe\x00", b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", b"BEGIN:VCALENDAR"]
)
def test_what_is_no_calendar_is_no_empty_one(body: bytes) -> None:
    with pytest.raises(NotRead, match="not_a_calendar"):
        REN.entries(body, SINCE, UNTIL)


@pytest.mark.thorough
def test_a_calendar_has_only_so_many_entries() -> None:
    entry = ["DTSTART;VALUE=DATE:20261203", "SUMMARY:有休"]

    with pytest.raises(NotRead, match="too_many_entries"):
        REN.entries(calendar([entry] * (MOST_ENTRIES + 1)), SINCE, UNTIL)


def test_half_days_end_and_begin_with_the_lunch_of_the_reps_own_hours() -> None:
    early = Reader("Asia/Tokyo", halves=lambda _: Halves(time(11), time(10)))
    entries = [
        [f"DTSTART;VALUE=DATE:2026120{day}", f"SUMMARY:{title}"] for day, title in ((3, "午前休"), (4, "午後休"))
    ]
    begins, ends = (SINCE + timedelta(days=3), SINCE + timedelta(days=5))

    away = early.entries(calendar(entries), SINCE, UNTIL).away

    assert away == [(begins, begins + timedelta(hours=11)), (ends - timedelta(hours=14), ends)]
