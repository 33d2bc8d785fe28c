"""The public holidays of a country or a part of it, as the `holidays` library knows them. Pure.

The library is imported with the first question (docs/adr/0039): a policy pins its holidays, so most starts ask none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType, ModuleType
from typing import Any, Self

CODE = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?")


@dataclass(frozen=True)
class Pinned:
    """The holidays of some years as they were known when a policy was agreed: an update of the library, or a law made
    since, moves no deadline by itself."""

    first: int
    last: int
    """The years, both included; others are looked up."""
    days: frozenset[date]

    @classmethod
    def of(cls, code: str, first: int, last: int) -> Self:
        """Return what is known today."""
        return cls(first, last, frozenset(day for year in range(first, last + 1) for day in in_year(code, year)))

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """From its stored form."""
        return cls(stored["first"], stored["last"], frozenset(map(date.fromisoformat, stored["days"])))

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        return {"first": self.first, "last": self.last, "days": sorted(day.isoformat() for day in self.days)}


def is_known(code: str) -> bool:
    """Return whether there is a list for this ISO 3166 code: a country such as JP or a subdivision such as US-CA."""
    try:
        return CODE.fullmatch(code) is not None and _library().country_holidays(*_parts(code)) is not None
    except NotImplementedError:
        return False


@lru_cache(maxsize=1)
def countries() -> tuple[str, ...]:
    """Return the codes of all countries whose holidays are known."""
    return tuple(code for code in _library().list_supported_countries(include_aliases=False) if len(code) == 2)


def regions(country: str) -> tuple[str, ...]:
    """Return the subdivisions of a country whose holidays differ, by the second half of their codes."""
    known = _library().list_supported_countries(include_aliases=False).get(country, [])
    return tuple(region for region in known if CODE.fullmatch(f"{country}-{region}"))


def region_name(code: str) -> str | None:
    """Return the name of a part of a country in English or its own language, as the library has it; None without one.

    Raises NotImplementedError for a country that the library does not know.
    """
    country, region = _parts(code)
    names: dict[str, str] = _library().country_holidays(country).subdivisions_aliases
    return next((name for name, short in names.items() if short == region), None)


@lru_cache(maxsize=1024)
def in_year(code: str, year: int, language: str | None = None) -> Mapping[date, str]:
    """Return each holiday of a year with its name, observed and substitute days included.

    The names are in `language` ("ja", "en") where the library has them, otherwise in the country's own: never in that
    of the machine's locale. The library knows the years from about 1950 to 2099; others have no holidays.
    """
    country, subdivision = _parts(code)
    spoken = _language(country, language)
    calendar = _library().country_holidays(country, subdivision, years=year, observed=True, language=spoken)
    return MappingProxyType(dict(calendar.items()))


def _library() -> ModuleType:
    import holidays

    return holidays


def _parts(code: str) -> tuple[str, str | None]:
    country, _, subdivision = code.partition("-")
    return country, subdivision or None


def _language(country: str, wanted: str | None) -> str | None:
    known = _library().country_holidays(country)
    same = (spoken for spoken in known.supported_languages if wanted and spoken.split("_")[0] == wanted.split("_")[0])
    spoken: str | None = next(same, known.default_language)
    return spoken


NOT_OFF = ("half_day", "public", "school", "unofficial", "workday")
"""Of the categories of the library those that say when something else than work stops, or a part of a day."""


@dataclass(frozen=True)
class Elsewhere:
    """A day that is a holiday in a part of the country or by another category, and none by the chosen code."""

    day: date
    name: str
    where: tuple[str, ...]
    """Codes of the parts, such as GB-ENG, and categories, such as catholic."""


def left_open(code: str, years: Iterable[int], language: str | None = None) -> list[Elsewhere]:
    """Return the days of some years that a code leaves open although the library knows them for a part of its country
    (where the code names none) or by another category, in their order. Named as in `in_year`."""
    country, chosen = _parts(code)
    known = _library().country_holidays(country, chosen)
    parts = () if chosen else (part for part in known.subdivisions if CODE.fullmatch(f"{country}-{part}"))
    others: dict[str, dict[str, Any]] = {f"{country}-{part}": {"subdiv": part} for part in parts}
    for category in known.supported_categories:
        if category not in NOT_OFF:
            others[category] = {"subdiv": chosen, "categories": category}
    names: dict[date, str] = {}
    where: dict[date, list[str]] = {}
    spoken = _language(country, language)
    for year in years:
        taken = in_year(code, year)
        for label, wanted in others.items():
            other = _library().country_holidays(country, years=year, observed=True, language=spoken, **wanted)
            for day, name in other.items():
                if day.year == year and day not in taken:
                    names.setdefault(day, name)
                    where.setdefault(day, []).append(label)
    return [Elsewhere(day, names[day], tuple(where[day])) for day in sorted(where)]
