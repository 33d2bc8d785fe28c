"""What a cell of somebody else's table says: a day, an amount, a whole number, an id. Each is read in the ways in which
Excel and the CRMs write it, and what is not clear is never guessed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from unicodedata import category, normalize
from zoneinfo import ZoneInfo

from bot.core.base import amounts

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula."""
_UNSEEN = ("Cc", "Cf", "Zs")
"""Categories of characters that nobody sees: controls, format signs, spaces."""
_EXCEL_DAYS = (20_000, 80_000)
_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 (of no timezone yet)
_AS_TEXT = re.compile(r'="([^"]*)"')
_ROUNDED = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]+", re.IGNORECASE)
_CLOCK = r"(?:[T ,]*(\d{1,2})(?::|時)(\d{2})(?::|分)?(?:(\d{2})(?:\.\d+)?秒?)?\s*([AaPp][Mm]|午前|午後)?)?"
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _CLOCK)
_JAPANESE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日(?:\([日月火水木金土]\))?" + _CLOCK)
_OF_AN_ERA = re.compile(r"(?P<era>令和|平成|[RH](?=\d{1,2}[./-]))(?P<year>\d{1,2}|元)")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/])(\d{1,2})\2(\d{4})" + _CLOCK)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_BEFORE_ERA = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988}
_MONTHS = ("%b %d, %Y", "%d %b %Y", "%B %d, %Y", "%d %B %Y")
_CURRENCY = re.compile(r"^(?:JPY|USD|EUR|GBP|US\$|[¥$€£\\])|(?:JPY|USD|EUR|GBP|[$€£])$", re.IGNORECASE)
_CENTS = re.compile(r"\d[\d,]*\.\d{2}")


class DayOrder(StrEnum):
    """Which comes first in 11/3/2026."""

    MONTH_FIRST = "month-first"
    DAY_FIRST = "day-first"


class Unclear(ValueError):
    """A cell does not say what its column should. `word` names the sentence: import.<word>."""

    def __init__(self, word: str, given: str) -> None:
        super().__init__(word)
        self.word, self.given = word, given


def bare(cell: str) -> str:
    """Return a cell without what stands around it: spaces, Excel's =\"0123\", and the apostrophe that keeps a
    spreadsheet from taking a text for a formula."""
    text = cell.strip(" \u3000\t\r\n")
    if matched := _AS_TEXT.fullmatch(text):
        return matched[1]
    return text[1:] if text.startswith("'") and is_formula(text[1:]) else text


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet would take a text for a formula, or would once it has lost its apostrophes."""
    return text.lstrip("' ").startswith(FORMULA) or normalize("NFKC", _first_seen(text)).startswith(FORMULA)


def _first_seen(text: str) -> str:
    """Return the first character that somebody sees, without apostrophes before it: of whatever width it is."""
    return next((sign for sign in text if sign != "'" and category(sign) not in _UNSEEN), "")


def narrow(cell: str) -> str:
    """Return a cell with narrow digits and signs."""
    return normalize("NFKC", cell).strip()


def identifier(cell: str) -> str:
    """Return an id as it is. Raises Unclear where Excel has made a rounded number of it."""
    if _ROUNDED.fullmatch(narrow(cell)):
        raise Unclear("rounded", cell)
    return cell


def whole(cell: str) -> int:
    """Return a whole number: 80, ８０, 80.0. Raises Unclear."""
    digits = narrow(cell).replace(",", "")
    matched = re.fullmatch(r"(\d{1,9})(?:\.0+)?", digits)
    if matched is None:
        raise Unclear("score", cell)
    return int(matched[1])


def amount(cell: str) -> int:
    """Return an amount in whole units of the team's currency: 5000000, ¥5,000,000, 480万円, 100.0, $4,800. Cents are
    rounded, half a unit up. Raises Unclear."""
    plain = _CURRENCY.sub("", narrow(cell).replace(" ", ""))
    if _CENTS.fullmatch(plain):
        return int(Decimal(plain.replace(",", "")) + Decimal("0.5"))
    value = amounts.money(plain)
    if value is None:
        raise Unclear("amount", cell)
    return value


def order_told(cell: str) -> DayOrder | None:
    """Return in which order a cell that ends in its year is written, where that can only be one."""
    matched = _YEAR_LAST.fullmatch(narrow(cell))
    if matched is None:
        return None
    first, second = int(matched[1]), int(matched[3])
    if first > 12 >= second:
        return DayOrder.DAY_FIRST
    return DayOrder.MONTH_FIRST if second > 12 >= first else None


def needs_order(cell: str) -> bool:
    """Return whether a cell is a day that is another one where the day comes first."""
    matched = _YEAR_LAST.fullmatch(narrow(cell))
    return matched is not None and matched[1] != matched[3]


def moment(cell: str, zone: ZoneInfo, order: DayOrder | None = None) -> datetime:
    """Return a moment in UTC; a day alone is its beginning, and without an offset it is meant in `zone`. Raises
    Unclear: "date", or "date_order" where it may be two days."""
    text = narrow(cell)
    local = _year_first(text, cell) or _serial(text) or _year_last(text, cell, order) or _with_name(text) or _iso(text)
    if local is None:
        raise Unclear("date", cell)
    return local.replace(tzinfo=local.tzinfo or zone).astimezone(UTC)


def day(cell: str, zone: ZoneInfo, order: DayOrder | None = None) -> date:
    """Return a day in `zone`; of a moment that in which it lies. Raises Unclear, as `moment`."""
    return moment(cell, zone, order).astimezone(zone).date()


def _year_first(text: str, cell: str) -> datetime | None:
    western = _OF_AN_ERA.sub(_western, text) if _OF_AN_ERA.match(text) else text
    if matched := _YEAR_FIRST.fullmatch(western):
        year, month, of_month, clock = matched[1], matched[3], matched[4], matched.groups()[4:]
    elif matched := _JAPANESE.fullmatch(western):
        year, month, of_month, clock = matched[1], matched[2], matched[3], matched.groups()[3:]
    else:
        return None
    return _at(int(year), int(month), int(of_month), clock, cell)


def _western(era: re.Match[str]) -> str:
    """Return the year of 令和8 or R8 in the western calendar."""
    return str(_BEFORE_ERA[era["era"]] + (1 if era["year"] == "元" else int(era["year"])))


def _year_last(text: str, cell: str, order: DayOrder | None) -> datetime | None:
    matched = _YEAR_LAST.fullmatch(text)
    if matched is None:
        return None
    order = order_told(text) or order
    if order is None and needs_order(text):
        raise Unclear("date_order", cell)
    first, second = int(matched[1]), int(matched[3])
    month, of_month = (second, first) if order == DayOrder.DAY_FIRST else (first, second)
    return _at(int(matched[4]), month, of_month, matched.groups()[4:], cell)


def _at(year: int, month: int, of_month: int, clock: tuple[str | None, ...], cell: str) -> datetime:
    hour, minute, second, half = clock
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + (12 if half.lower() in ("pm", "午後") else 0)
    try:
        return datetime(year, month, of_month, hours, int(minute or 0), int(second or 0))  # noqa: DTZ001
    except ValueError as error:
        raise Unclear("date", cell) from error


def _serial(text: str) -> datetime | None:
    """Excel's days since 1900, as they stand in a column that was not formatted as a date."""
    if not _SERIAL.fullmatch(text) or not _EXCEL_DAYS[0] <= float(text) < _EXCEL_DAYS[1]:
        return None
    seconds = round(float(text) * 86_400)
    return _EXCEL_EPOCH + timedelta(seconds=seconds)


def _with_name(text: str) -> datetime | None:
    for form in _MONTHS:
        try:
            return datetime.combine(datetime.strptime(text.title(), form).date(), time())  # noqa: DTZ007
        except ValueError:
            continue
    return None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
