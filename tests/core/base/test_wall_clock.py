from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.core.base import wall_clock


def test_the_clock_jumps_ahead_and_never_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall_clock, "_ahead", timedelta(0))
    hour = timedelta(hours=1)
    began = datetime.now(UTC)
    assert began <= wall_clock.utcnow() <= datetime.now(UTC)
    assert wall_clock.advance(hour) >= began + hour
    assert began + 2 * hour <= wall_clock.advance(hour) <= datetime.now(UTC) + 2 * hour
    with pytest.raises(ValueError, match="back"):
        wall_clock.advance(timedelta(microseconds=-1))
    assert wall_clock.advance(timedelta(0)) >= began + 2 * hour


def test_a_day_is_that_of_the_timezone() -> None:
    at = datetime(2026, 11, 17, 15, 0, tzinfo=UTC)
    assert wall_clock.day_in("Asia/Tokyo", at) == date(2026, 11, 18)
    assert wall_clock.day_in("Asia/Tokyo", at - timedelta(microseconds=1)) == date(2026, 11, 17)
