from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.connectors.tables import cells
from bot.connectors.tables.cells import DayOrder, Unclear

TOKYO = ZoneInfo("Asia/Tokyo")


def tokyo(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=TOKYO).astimezone(UTC)  # type: ignore[misc,arg-type]


MOMENTS = {
    "2026-11-03": tokyo(2026, 11, 3),
    "2026-11-3": tokyo(2026, 11, 3),
    "2026/11/3": tokyo(2026, 11, 3),
    "2026.11.03": tokyo(2026, 11, 3),
    "２０２６／１１／３": tokyo(2026, 11, 3),
    "2026年11月3日": tokyo(2026, 11, 3),
    "2026年11月3日(火) 9時05分": tokyo(2026, 11, 3, 9, 5),
    "令和8年11月3日": tokyo(2026, 11, 3),
    "令和元年5月1日": tokyo(2019, 5, 1),
    "平成31年4月30日": tokyo(2019, 4, 30),
    "R8.11.3": tokyo(2026, 11, 3),
    "Ｒ８／１１／３": tokyo(2026, 11, 3),
    "令和8年2月30日": None,
    "2026/11/03 10:15": tokyo(2026, 11, 3, 10, 15),
    "2026/11/03 10:15:30": tokyo(2026, 11, 3, 10, 15, 30),
    "2026-11-03 10:15": tokyo(2026, 11, 3, 10, 15),
    "2026/11/03 午後3:15": None,  # the half of the day stands behind in every export that we know
    "2026/11/03 3:15 PM": tokyo(2026, 11, 3, 15, 15),
    "2026/11/03 12:15 AM": tokyo(2026, 11, 3, 0, 15),
    "2026-11-03T01:15:00Z": datetime(2026, 11, 3, 1, 15, tzinfo=UTC),
    "2026-11-03T10:15:00.000+0900": datetime(2026, 11, 3, 1, 15, tzinfo=UTC),
    "2026-11-03T10:15:00+09:00": datetime(2026, 11, 3, 1, 15, tzinfo=UTC),
    "11/25/2026": tokyo(2026, 11, 25),
    "25/11/2026 8:00": tokyo(2026, 11, 25, 8),
    "11/11/2026": tokyo(2026, 11, 11),
    "Nov 3, 2026": tokyo(2026, 11, 3),
    "3 November 2026": tokyo(2026, 11, 3),
    "46329": tokyo(2026, 11, 3),
    "46329.5": tokyo(2026, 11, 3, 12),
    "20.11.2026": None,
    "2026-02-30": None,
    "13/13/2026": None,
    "11/3/26": None,
    "tomorrow": None,
    "": None,
    "10": None,
}


@pytest.mark.parametrize(("cell", "moment"), MOMENTS.items())
def test_a_day_is_read_as_excel_and_the_crms_write_it(cell: str, moment: datetime | None) -> None:
    if moment is not None:
        assert cells.moment(cell, TOKYO) == moment
        return
    with pytest.raises(Unclear) as unclear:
        cells.moment(cell, TOKYO)
    assert (unclear.value.word, unclear.value.given) == ("date", cell)


def test_a_day_that_may_be_two_is_never_guessed() -> None:
    with pytest.raises(Unclear) as unclear:
        cells.moment("11/3/2026", TOKYO)
    assert unclear.value.word == "date_order"
    assert cells.moment("11/3/2026", TOKYO, DayOrder.MONTH_FIRST) == tokyo(2026, 11, 3)
    assert cells.moment("11/3/2026", TOKYO, DayOrder.DAY_FIRST) == tokyo(2026, 3, 11)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001
def test_every_day_that_a_bot_writes_is_the_day_that_it_reads(at: datetime) -> None:
    moment = at.replace(tzinfo=TOKYO)
    assert cells.moment(moment.isoformat(), ZoneInfo("UTC")) == moment.astimezone(UTC)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日"):
        assert cells.moment(moment.strftime(form), TOKYO) - day.astimezone(UTC) < timedelta(seconds=1)


AMOUNTS = {
    "5000000": 5_000_000,
    "¥5,000,000": 5_000_000,
    "5,000,000円": 5_000_000,
    "５００万円": 5_000_000,
    "480万円": 4_800_000,
    "1.5億円": 150_000_000,
    "1億2,000万円": 120_000_000,
    "100.0": 100,
    "$4,800": 4_800,
    "$4,800.00": 4_800,
    "USD 4,800.50": 4_801,
    "4800 EUR": 4_800,
    "JPY 100": 100,
    "0": 0,
    "1.5": None,
    "-1": None,
    "(100)": None,
    "4.800,00": None,
    "much": None,
    "1" * 16: None,
}


@pytest.mark.parametrize(("cell", "amount"), AMOUNTS.items())
def test_an_amount_is_read_or_refused(cell: str, amount: int | None) -> None:
    if amount is not None:
        assert cells.amount(cell) == amount
        return
    with pytest.raises(Unclear, match="amount"):
        cells.amount(cell)


@pytest.mark.parametrize(
    ("cell", "score"), {"82": 82, "８２": 82, "82.0": 82, "1,000": 1000, "8.5": None, "A": None}.items()
)
def test_a_score_is_a_whole_number(cell: str, score: int | None) -> None:
    if score is not None:
        assert cells.whole(cell) == score
        return
    with pytest.raises(Unclear, match="score"):
        cells.whole(cell)


@pytest.mark.parametrize("cell", ["1.23457E+11", "1.2E+10", "9e+15", "１.２３Ｅ＋１１"])
def test_an_id_that_excel_has_rounded_is_named_as_such(cell: str) -> None:
    with pytest.raises(Unclear, match="rounded"):
        cells.identifier(cell)


@pytest.mark.parametrize("cell", ["123456789012", "00E12", "E+12", "003xx000004TmiQAAS", "1E5"])
def test_any_other_id_is_taken_as_it_is(cell: str) -> None:
    assert cells.identifier(cell) == cell


BARE = {
    ' ="00123" ': "00123",
    "'=1+1": "=1+1",
    "'+81 3 1234": "+81 3 1234",
    "'＝1": "＝1",
    "'quoted'": "'quoted'",
    "=1+1": "=1+1",
    "\u3000東京\u3000": "東京",
}


@pytest.mark.parametrize(("cell", "text"), BARE.items())
def test_a_cell_loses_what_only_a_spreadsheet_needs(cell: str, text: str) -> None:
    assert cells.bare(cell) == text
