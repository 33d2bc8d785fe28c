"""Which weeks of a trend have a share and a time."""

from __future__ import annotations

from datetime import date, timedelta

from bot.core.reports.trend import Point, Trend
from storage.weekly import Stages


def test_a_week_without_anything_to_answer_has_no_share_and_one_without_an_answer_no_time() -> None:
    hour = timedelta(hours=1)
    nothing, silent, answered = (
        Point(date(2026, 11, 2 + 7 * number), received, due, in_time, median, median)
        for number, (received, due, in_time, median) in enumerate([(2, 0, 0, None), (2, 2, 0, None), (1, 1, 1, hour)])
    )
    trend = Trend("2026-W47", (nothing, silent, answered), Stages(0, 0, 0, 0, 0))
    assert (trend.answered, trend.timed) == ((silent, answered), (answered,))
