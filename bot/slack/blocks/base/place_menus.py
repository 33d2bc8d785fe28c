"""Menus of timezones, and of countries and regions with holidays: too many for a list, so Slack asks the bot for what
matches while somebody types. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.core.sla import holidays
from bot.core.teamfile.schema import timezones
from bot.i18n import Translator
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import Element, option, plain
from storage.vocabulary import Locale

MOST = 100
"""Options in one answer (Slack documentation: external select)."""
REGIONS_OF = 3
"""Countries: the regions are offered where what was typed leaves no more of them."""
NO_HOLIDAYS = "none"
AS_THE_TEAM = "-"
UTC = "UTC"
USUAL_ZONES = (
    *("Asia/Tokyo", "Asia/Seoul", "Asia/Shanghai", "Asia/Taipei", "Asia/Singapore", "Asia/Bangkok", "Asia/Kolkata"),
    *("Europe/London", "Europe/Paris", "Europe/Berlin", "America/New_York", "America/Chicago", "America/Denver"),
    *("America/Los_Angeles", "America/Sao_Paulo", "Australia/Sydney", UTC),
)
USUAL_COUNTRIES = ("JP", "US", "GB", "SG", "KR", "TW", "CN", "HK", "DE", "FR", "AU", "CA", "IN", "TH", "VN", "ID")


@dataclass(frozen=True)
class _Place:
    value: str
    label: str
    words: str
    """What it is found by, folded."""

    def option(self) -> Element:
        return option(self.label, self.value)


def timezone_menu(initial: str | None, t: Translator, *, may_be_the_teams: bool = False) -> Element:
    """Return the menu of timezones. `may_be_the_teams`: it begins with the choice to say none of one's own."""
    if not may_be_the_teams:
        return _menu(ids.TIMEZONE_MENU, _zone(initial, t) if initial else None, t)
    return _menu(ids.OWN_TIMEZONE_MENU, _zone(initial, t) if initial else _as_the_team(t), t)


def holidays_menu(initial: str | None, t: Translator) -> Element:
    """Return the menu of countries and regions, with the choice that holidays are worked."""
    return _menu(ids.HOLIDAYS_MENU, option(holidays_label(initial, t), initial) if initial else _none(t), t)


def timezone_label(name: str, t: Translator) -> str:
    """Return a timezone in words of the reader: Tokyo (Asia/Tokyo)."""
    return name if name == UTC else f"{t.city(name)} ({name})"


def holidays_label(code: str, t: Translator) -> str:
    """Return a country or a region in words of the reader, with its code: Japan (JP)."""
    return f"{holidays_name(code, t)} ({code})"


def holidays_name(code: str, t: Translator) -> str:
    """Return the same without the code: Japan, United States – California."""
    country, _, region = code.partition("-")
    name = (t.region(code) or holidays.region_name(code)) if region else None
    return f"{t.country(country)} – {name}" if name else t.country(country)


def timezones_matching(typed: str, t: Translator) -> list[Element]:
    """Return the timezones whose city, country or name holds each typed word."""
    words = _fold(typed).split()
    matching = [place for place in _timezones(t.locale) if all(word in place.words for word in words)]
    return [place.option() for place in matching[:MOST]]


def own_timezones_matching(typed: str, t: Translator) -> list[Element]:
    """Return the same for one person, who may as well have that of the team."""
    team = _as_the_team(t)
    first = [team] if _fold(typed) in ("", AS_THE_TEAM) or _fold(typed) in _fold(team["text"]["text"]) else []
    return [*first, *timezones_matching(typed, t)][:MOST]


def holidays_matching(typed: str, t: Translator) -> list[Element]:
    """Return the countries that match, and their regions where only a few countries do."""
    words = _fold(typed).split()
    none = _none(t)
    first = [none] if not words or _fold(typed) in (NO_HOLIDAYS, _fold(none["text"]["text"])) else []
    countries = [place for place in _countries(t.locale) if not words or words[0].partition("-")[0] in place.words]
    code = words[0].partition("-")[0].upper() if words else ""
    named = [place for place in countries if place.value == code]  # "US" is in "Russia" too
    few = named or (countries if words and len(countries) <= REGIONS_OF else [])
    offered = [*(each for country in few for each in (country, *_regions(country, t)))]
    offered += [place for place in countries if place not in few]
    matching = [place for place in offered if all(word in place.words for word in words)]
    return [*first, *(place.option() for place in matching)][:MOST]


def _menu(action_id: str, initial: Element | None, t: Translator) -> Element:
    element = {"type": "external_select", "action_id": action_id, "min_query_length": 0}
    element["placeholder"] = plain(t("menu.search"), 150)
    return element | ({"initial_option": initial} if initial else {})


def _zone(name: str, t: Translator) -> Element:
    return option(timezone_label(name, t), name)


def _as_the_team(t: Translator) -> Element:
    return option(t("menu.as_the_team"), AS_THE_TEAM)


def _none(t: Translator) -> Element:
    return option(t("menu.holidays_worked"), NO_HOLIDAYS)


@lru_cache(maxsize=len(Locale))
def _timezones(locale: Locale) -> tuple[_Place, ...]:
    """Return all timezones, the usual ones first, the others by what they are called."""
    t = Translator(locale, UTC)
    names = [name for name in timezones() if t.territory_of(name) and not name.startswith("Etc/")]
    others = sorted(set(names) - set(USUAL_ZONES), key=lambda name: timezone_label(name, t))
    return tuple(_Place(name, timezone_label(name, t), " ".join(_zone_words(name))) for name in (*USUAL_ZONES, *others))


def _zone_words(name: str) -> Iterator[str]:
    yield _fold(name.replace("_", " "))
    for locale in Locale:
        t = Translator(locale, UTC)
        yield _fold(timezone_label(name, t))
        yield _fold(t.country(t.territory_of(name) or ""))


@lru_cache(maxsize=len(Locale))
def _countries(locale: Locale) -> tuple[_Place, ...]:
    t = Translator(locale, UTC)
    others = sorted(set(holidays.countries()) - set(USUAL_COUNTRIES), key=t.country)
    return tuple(
        _Place(code, holidays_label(code, t), " ".join(_country_words(code))) for code in (*USUAL_COUNTRIES, *others)
    )


def _country_words(code: str) -> Iterator[str]:
    yield _fold(code)
    for locale in Locale:
        yield _fold(holidays_label(code, Translator(locale, UTC)))


def _regions(country: _Place, t: Translator) -> Iterator[_Place]:
    for region in holidays.regions(country.value):
        code = f"{country.value}-{region}"
        yield _Place(code, holidays_label(code, t), " ".join([country.words, *_region_words(code)]))


def _region_words(code: str) -> Iterator[str]:
    """Yield what a region is found by: its name in each language, and in the country's own."""
    yield _fold(holidays.region_name(code) or "")
    for locale in Locale:
        yield _fold(holidays_label(code, Translator(locale, UTC)))


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()
