from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.i18n import Translator
from tests.slack.blocks.samples import EN, JA


@pytest.mark.parametrize(
    ("span", "ja", "en"),
    [
        (timedelta(0), "0分", "0 min"),
        (timedelta(minutes=-5), "0分", "0 min"),
        (timedelta(minutes=59, seconds=59), "59分", "59 min"),
        (timedelta(hours=4, minutes=48), "4時間48分", "4 h 48 min"),
        (timedelta(days=1), "1日", "1 day"),
        (timedelta(days=2, hours=3, minutes=4), "2日3時間", "2 days 3 h"),
        (timedelta(days=1, minutes=4), "1日", "1 day"),
    ],
)
def test_a_length_of_time_is_told_in_at_most_two_units(span: timedelta, ja: str, en: str) -> None:
    assert JA.duration(span) == ja
    assert EN.duration(span) == en


@pytest.mark.parametrize(
    ("span", "hours", "exact"),
    [
        (timedelta(0), "0分", "0分"),
        (timedelta(minutes=7), "7分", "7分"),
        (timedelta(hours=10), "10時間", "10時間"),
        (timedelta(days=1, hours=2, minutes=40), "26時間40分", "1日2時間40分"),
        (timedelta(days=2), "48時間", "2日"),
    ],
)
def test_parts_of_a_time_are_told_to_the_minute_so_that_they_can_be_added_up(
    span: timedelta, hours: str, exact: str
) -> None:
    assert (JA.hours(span), JA.exact(span)) == (hours, exact)


def test_moments_are_told_in_the_workspace_s_timezone() -> None:
    at = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
    assert JA.moment(at) == "11/25(水) 07:00"
    assert EN.moment(at) == "Wed Nov 25, 07:00"
    assert JA.full_day(at) == "2026年11月25日"
    assert Translator(EN.locale, "America/New_York").full_day(at) == "Nov 24, 2026"
    assert JA.local_date(at) == date(2026, 11, 25)


def test_sentences_follow_each_other_as_the_language_sets_them() -> None:
    assert JA.flow("受領がまだです。", "", "お願いします。") == "受領がまだです。お願いします。"
    assert EN.flow("Not accepted.", "", "Please do.") == "Not accepted. Please do."


def test_one_thing_is_not_told_in_the_plural() -> None:
    assert EN("list.more", count=1) == "And 1 more."
    assert EN("list.intro", count=1) == "You have 1 open MQL."
    assert EN("list.intro", count=0) == "You have 0 open MQLs."
    assert JA("list.intro", count=1) == "対応中のMQLは1件です。"


def test_a_key_that_nobody_defined_is_an_error() -> None:
    with pytest.raises(KeyError):
        EN("no.such_key")
