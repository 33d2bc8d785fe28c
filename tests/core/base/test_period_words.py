"""Weeks and months as people type them."""

from __future__ import annotations

from datetime import date

import pytest

from bot.core.base import period_words

TODAY = date(2027, 1, 5)
"""A Tuesday, of 2027-W01."""


@pytest.mark.parametrize(
    ("typed", "week"),
    [
        ("今週", "2027-W01"), ("Last  week", "2026-W53"), ("先週", "2026-W53"), ("先々週", "2026-W52"),
        ("2026-W47", "2026-W47"), ("2026-47", "2026-W47"), ("２０２６−４７", "2026-W47"), ("2026w7", "2026-W07"),
        ("2026/W07", "2026-W07"), ("W47", "2026-W47"), ("47週", "2026-W47"), ("第1週", "2027-W01"),
        ("week 2", "2026-W02"),
        ("2026-W54", "2026-W54"), ("47", None), ("今", None), ("2026-W", None), ("先月", None), ("", None),
    ],
)  # fmt: skip
def test_a_week(typed: str, week: str | None) -> None:
    assert period_words.week(typed, TODAY) == week


@pytest.mark.parametrize(
    ("typed", "month"),
    [
        ("今月", "2027-01"), ("last month", "2026-12"), ("先々月", "2026-11"), ("2026-10", "2026-10"),
        ("2026/10", "2026-10"), ("2026年10月", "2026-10"), ("２０２６年９月度", "2026-09"), ("10月", "2026-10"),
        ("1月", "2027-01"), ("10", "2026-10"),
        ("October", "2026-10"), ("Sept. 2026", "2026-09"), ("jan", "2027-01"), ("2026-13", None), ("0月", None),
        ("ju", None), ("先週", None), ("", None),
    ],
)  # fmt: skip
def test_a_month(typed: str, month: str | None) -> None:
    assert period_words.month(typed, TODAY) == month


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-10", ("monthly", "2026-10")), ("2026-47", ("weekly", "2026-W47")), ("先月", ("monthly", "2026-12")),
        ("W10", ("weekly", "2026-W10")), ("何か", None),
    ],
)  # fmt: skip
def test_which_report_a_period_asks_for(typed: str, meant: tuple[str, str] | None) -> None:
    assert period_words.either(typed, TODAY) == meant
