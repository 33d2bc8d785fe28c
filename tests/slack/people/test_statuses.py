"""What statuses say, as Slack stores them: text, emoji, and when it clears them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.sla.own_hours import OwnHours
from bot.slack.people import statuses

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 12, 2, 10, 0, tzinfo=TOKYO)  # a Wednesday
A_DAY = timedelta(days=1)
MIDNIGHT = NOW.replace(hour=0)


def _away(text: str, emoji: str = "", expires: datetime | None = None) -> tuple[datetime, datetime] | None:
    seconds = int(expires.timestamp()) if expires else 0
    profile = {"status_text": text, "status_emoji": emoji, "status_expiration": seconds}
    return statuses.availability(profile, NOW.astimezone(UTC), OwnHours("Asia/Tokyo")).away


@pytest.mark.parametrize("text", ["休暇", "夏季休暇中です", "OOO", "Vacationing", "病欠"])
def test_a_status_with_an_end_is_an_absence_until_then(text: str) -> None:
    assert _away(text, ":palm_tree:", NOW + A_DAY) == (NOW, NOW + A_DAY)


def test_one_without_an_end_lasts_until_the_end_of_tomorrow() -> None:
    assert _away("産休") == (NOW, MIDNIGHT + 2 * A_DAY)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [("休暇 12/5-12/9", 5, 9), ("12/4まで休暇", 2, 4), ("夏季休暇（12月3日〜12月5日）", 3, 5), ("OOO 12/3", 3, 3)],
)
def test_days_that_the_text_names_are_those(text: str, first: int, last: int) -> None:
    days = _away(text)
    assert days is not None
    begins, ends = (moment.astimezone(TOKYO) for moment in days)
    assert (begins.day, ends - A_DAY) == (first, MIDNIGHT.replace(day=last))


def test_half_days_are_halves_of_today() -> None:
    assert _away("午前休") == (MIDNIGHT, MIDNIGHT + timedelta(hours=13))
    assert _away("午後休", ":palm_tree:") == (MIDNIGHT + timedelta(hours=12), MIDNIGHT + A_DAY)
    assert _away("時間休", expires=NOW + timedelta(hours=2)) == (NOW, NOW + timedelta(hours=2))


@pytest.mark.parametrize("emoji", statuses.AWAY_EMOJI)
def test_where_the_words_say_nothing_an_emoji_may(emoji: str) -> None:
    assert _away("", emoji) is not None
    assert _away("沖縄", emoji) is not None
    assert _away("沖縄からリモート", emoji) is None
    assert _away("大阪出張", emoji) is None


@pytest.mark.parametrize(
    ("text", "emoji"),
    [
        ("", ""),
        ("会議中", ":spiral_calendar_pad:"),
        ("在宅勤務", ":house_with_garden:"),
        ("直帰", ""),
        ("出張", ":bullettrain_side:"),
        ("集中タイム", ":no_bell:"),
        ("休暇申請の締切は金曜", ""),
        ("時間休", ""),
        ("休暇 13/45", ""),
        ("休暇 11/30まで", ""),
    ],
)
def test_what_cannot_be_read_is_no_absence(text: str, emoji: str) -> None:
    assert _away(text, emoji) is None


def test_a_status_that_is_over_or_a_profile_without_one_says_nothing() -> None:
    assert _away("休暇", expires=NOW - timedelta(minutes=1)) is None
    nothing = statuses.availability({"status_text": None, "status_expiration": None}, NOW, OwnHours("Asia/Tokyo"))
    assert nothing == statuses.Availability()
