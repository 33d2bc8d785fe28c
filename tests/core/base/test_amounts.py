"""Money and shares as people type them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.base.amounts import MOST, money, share


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("100000000", 10**8),
        ("１億", 10**8),
        ("1億円", 10**8),
        ("1.5億", 15 * 10**7),
        ("1億2,000万円", 12 * 10**7),
        ("5百万", 5 * 10**6),
        ("3千万", 3 * 10**7),
        ("¥5,000,000", 5 * 10**6),
        ("￥５，０００，０００", 5 * 10**6),
        ("5m", 5 * 10**6),
        (" 800 k ", 800_000),
        ("0", 0),
        ("999999999999999", MOST),
    ],
)
def test_money_is_read_as_it_is_typed(typed: str, amount: int) -> None:
    assert money(typed) == amount


@pytest.mark.parametrize(
    "typed",
    ["", "億", "1万2億", "1億2億", "-5", "0.5", "about 5", "1e9", "10000000億", "1000000000000000", "12 apples"],
)
def test_what_is_no_whole_amount_is_not_read(typed: str) -> None:
    assert money(typed) is None


@given(st.integers(0, MOST))
def test_every_amount_is_read_back(amount: int) -> None:
    assert money(f"¥{amount:,}") == amount


@pytest.mark.parametrize(
    ("typed", "value"), [("15", "15/100"), ("１５％", "15/100"), ("12.5 %", "1/8"), ("0", "0"), ("150", "3/2")]
)
def test_percent_is_read_as_it_is_typed(typed: str, value: str) -> None:
    assert share(typed) == Fraction(value)


@pytest.mark.parametrize("typed", ["", "%", "-3", "1/3", "half", "1..5"])
def test_what_is_no_percentage_is_not_read(typed: str) -> None:
    assert share(typed) is None
