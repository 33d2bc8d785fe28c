"""Every user-visible word, in the reader's language.

Catalogues are gettext .po files (bot/locales/<locale>/*.po) with dotted keys as msgid, read once with Babel; numbers,
dates and durations are worded by Babel. `Translator.__call__` gives plain text, `Translator.md` gives Slack mrkdwn in
which every parameter is escaped unless it is already `Mrkdwn`.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from zoneinfo import ZoneInfo

from babel import Locale as BabelLocale
from babel.core import get_global
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent, get_territory_currencies

from storage.vocabulary import Locale

LOCALES = Path(__file__).parent / "locales"
Words = dict[str, str | tuple[str, ...]]
"""Messages by key; of those with a plural both forms."""


class Mrkdwn(str):
    """Text that is already safe Slack mrkdwn: our own words, mentions and dates."""

    __slots__ = ()


# Slack has no escape for these: a star in a name becomes its twin, which looks the same and makes nothing bold. An
# underscore makes italics only at the edge of a word, and stays inside one: taro_yamada.
_TWINS = str.maketrans({"*": "∗", "~": "∼"})
_EDGE = re.compile(r"(?<![A-Za-z0-9])_(?=\S)|(?<=\S)_(?![A-Za-z0-9])")


def escape(text: str) -> Mrkdwn:
    """Outside text as Slack mrkdwn that pings nobody, links nowhere and formats nothing (Slack documentation: escaping
    text)."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Mrkdwn(_EDGE.sub("ˍ", safe.translate(_TWINS)))


_reading = threading.Lock()


def catalogue(locale: Locale) -> Words:
    """Return all messages of a locale by key. Raises ValueError if two files define the same key."""
    # At its start a worker has a dozen threads that want it at once: one of them reads the files.
    with _reading:
        return _read(locale)


@cache
def _read(locale: Locale) -> Words:
    """Return the messages as they were read the last time where no file has changed since, which takes a fiftieth of
    the time. They are kept where Python keeps what it compiles; where nothing can be written, they are read anew."""
    files = sorted((LOCALES / locale.value).glob("*.po"))
    state = [[file.name, stat.st_size, stat.st_mtime_ns] for file in files for stat in [file.stat()]]
    kept = (LOCALES / "__pycache__" / locale.value).with_suffix(".json")
    with suppress(OSError, ValueError):
        known = json.loads(kept.read_bytes())
        if known["files"] == state:
            return {key: text if isinstance(text, str) else tuple(text) for key, text in known["words"].items()}
    words = _parse(locale, files)
    if not sys.dont_write_bytecode:
        with suppress(OSError):
            _keep(kept, json.dumps({"files": state, "words": words}))
    return words


def _keep(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    with NamedTemporaryFile("w", dir=file.parent, delete=False) as whole:
        whole.write(text)
    os.replace(whole.name, file)


def _parse(locale: Locale, files: Iterable[Path]) -> Words:
    from babel.messages.pofile import read_po

    words: Words = {}
    for path in files:
        with path.open("rb") as file:
            read = read_po(file, locale=locale.value)
        for message in read:
            key = message.id if isinstance(message.id, str) else message.id[0]
            if not key:
                continue
            if key in words:
                raise ValueError(f"{path.name}: {key} is defined twice")
            words[key] = message.string if isinstance(message.string, str) else tuple(message.string or ())
    return words


@cache
def _parsed(locale: Locale) -> BabelLocale:
    """To parse it takes three quarters of the time in which a number is worded."""
    return BabelLocale.parse(locale.value)


@lru_cache(maxsize=4096)
def _number(locale: Locale, value: float) -> str:
    """Word a number once: the same small ones stand in every list, and Babel takes 0.2 ms for each."""
    return format_decimal(value, locale=_parsed(locale))


@lru_cache(maxsize=4096)
def _moment(locale: Locale, timezone: str, pattern: str, at: datetime) -> str:
    """Word a moment once: a list names the same ones in each line, and so does the next drawing of it."""
    return format_datetime(at, pattern, tzinfo=ZoneInfo(timezone), locale=_parsed(locale))


@lru_cache(maxsize=4096)
def _date(locale: Locale, pattern: str, ordinal: int) -> str:
    return format_date(date.fromordinal(ordinal), pattern, locale=_parsed(locale))


def _money(timezone: str, amount: int) -> str | None:
    country = get_global("zone_territories").get(timezone)
    used = get_territory_currencies(country) if country else []
    # English alone has signs of one width, which both languages read. None for a country with several currencies.
    return format_currency(amount, used[0], "¤#,##0", "en", currency_digits=False) if len(used) == 1 else None


@dataclass(frozen=True)
class Translator:
    """Words, numbers and times for one reader."""

    locale: Locale
    timezone: str
    reader: str | None = None
    """The Slack id of the one person who reads, who is called "you"; None in a Slack channel or on a terminal."""

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the plain text of `key`. `count` chooses the plural form, and has separators where it is written.
        Raises KeyError for an unknown key."""
        return self._pattern(key, values).format(**self._grouped(values))

    def md(self, key: str, /, **values: object) -> Mrkdwn:
        """Return the mrkdwn of `key`, with every value escaped that is not Mrkdwn already."""
        grouped = self._grouped(values)
        safe = {name: v if isinstance(v, Mrkdwn | int) else escape(str(v)) for name, v in grouped.items()}
        return Mrkdwn(self._pattern(key, values).format(**safe))

    def _pattern(self, key: str, values: dict[str, object]) -> str:
        forms = catalogue(self.locale)[key]
        if isinstance(forms, str):
            return forms
        form = 0 if len(forms) == 1 or values.get("count") == 1 else 1
        return forms[form]

    def _grouped(self, values: dict[str, object]) -> dict[str, object]:
        count = values.get("count")
        return {**values, "count": self.number(count)} if isinstance(count, int) and count >= 1000 else values

    @property
    def _babel(self) -> BabelLocale:
        return _parsed(self.locale)

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def moment(self, at: datetime) -> str:
        """Return a date and time of day in the workspace's timezone: 11/25(水) 10:00, Wed Nov 25, 10:00."""
        pattern = "M/d(E) HH:mm" if self.locale == Locale.JA else "EEE MMM d, HH:mm"
        return _moment(self.locale, self.timezone, pattern, at)

    def deadline(self, at: datetime) -> str:
        """Like `moment`; midnight is the end of the day before: 11/24(火) 24:00, not 11/25(水) 00:00, which many would
        read as any time on the 25th."""
        if at.astimezone(self._zone).time() != time():
            return self.moment(at)
        day = self.day(self.local_date(at) - timedelta(days=1))
        return f"{day} 24:00" if self.locale == Locale.JA else f"{day}, 24:00"

    def day(self, on: date) -> str:
        """Return a date: 11/25(水), Wed Nov 25."""
        return _date(self.locale, "M/d(E)" if self.locale == Locale.JA else "EEE MMM d", on.toordinal())

    def short_day(self, on: date) -> str:
        """Return a date without its weekday: 11/25, Nov 25."""
        return _date(self.locale, "M/d" if self.locale == Locale.JA else "MMM d", on.toordinal())

    def month(self, on: date) -> str:
        """Return the month of a date with its year: 2026年11月, November 2026."""
        return _date(self.locale, "y年M月" if self.locale == Locale.JA else "MMMM y", on.toordinal())

    def full_day(self, at: datetime) -> str:
        """Return the date of a moment with its year: 2026年11月25日, Nov 25, 2026."""
        return self.full_date(self.local_date(at))

    def full_date(self, on: date) -> str:
        """Return a date with its year: 2026年11月25日, Nov 25, 2026."""
        return _date(self.locale, "y年M月d日" if self.locale == Locale.JA else "MMM d, y", on.toordinal())

    def local_date(self, at: datetime) -> date:
        """Return the date of a moment in the workspace's timezone."""
        return at.astimezone(self._zone).date()

    def duration(self, span: timedelta) -> str:
        """Return a length of time in at most two units, rounded down to minutes: 1日2時間, 14 h 5 min, 0分."""
        minutes = max(0, int(span.total_seconds() // 60))
        days, rest = divmod(minutes, 24 * 60)
        hours, minutes = divmod(rest, 60)
        amounts = [("days", days), ("hours", hours), ("minutes", minutes)]
        shown = [part for part in amounts if part[1]] or [("minutes", 0)]
        first = amounts.index(shown[0])
        words = [self(f"duration.{unit}", count=n) for unit, n in shown if amounts.index((unit, n)) <= first + 1]
        separator = "" if self.locale == Locale.JA else " "
        return separator.join(words)

    def hours(self, span: timedelta) -> str:
        """Return a length of time in hours and minutes, never days, so that parts can be added up by
        eye: 26時間40分."""
        hours, minutes = divmod(max(0, int(span.total_seconds() // 60)), 60)
        words = [self("duration.hours", count=hours)] if hours else []
        words += [self("duration.minutes", count=minutes)] if minutes or not hours else []
        return ("" if self.locale == Locale.JA else " ").join(words)

    def exact(self, span: timedelta) -> str:
        """Return a length of time to the minute, hours over a day as days: parts still add up: 1日2時間40分,
        1 d 2 h 40 min."""
        days, rest = divmod(max(span, timedelta(0)), timedelta(days=1))
        words = [self("duration.decimal_days", count=self.number(days))] if days else []
        words += [self.hours(rest)] if rest >= timedelta(minutes=1) or not days else []
        return ("" if self.locale == Locale.JA else " ").join(words)

    def brief(self, span: timedelta) -> str:
        """Return a length of time for a table, rounded: 45 min, 3.3 h, 5 d."""
        hours = span.total_seconds() / 3600
        if hours > 24:
            return self("duration.decimal_days", count=self.number(round(hours / 24, 1)))
        if hours < 1:
            return self("duration.minutes", count=round(hours * 60))
        return self("duration.decimal_hours", count=self.number(round(hours, 1)))

    def number(self, value: float) -> str:
        """Return a number with the locale's grouping."""
        return _number(self.locale, value)

    def money(self, amount: int) -> str:
        """Return a whole amount, with the sign of the currency where the workspace's timezone says which:
        ¥5,000,000."""
        return _money(self.timezone, amount) or self.number(amount)

    def percent(self, share: float) -> str:
        """Return a share of 1 as whole percent."""
        return format_percent(share, format="#,##0%", locale=self._babel)

    def flow(self, *sentences: str) -> str:
        """Sentences after each other, as the language sets them."""
        return ("" if self.locale == Locale.JA else " ").join(sentence for sentence in sentences if sentence)

    def country(self, code: str) -> str:
        """Return the name of a country by its code, or the code of a part of one: 日本, Japan, US-CA."""
        return str(self._babel.territories.get(code, code))

    def region(self, code: str) -> str | None:
        """Return the name of a part of a country, for countries whose parts are in the catalogues: カリフォルニア州,
        California. None for others."""
        name = catalogue(self.locale).get(f"region.{code.lower().replace('-', '_')}")
        return name if isinstance(name, str) else None

    def territory_of(self, timezone: str) -> str | None:
        """Return the code of the country in which a timezone mostly is; None where its name stands for another one."""
        code = get_global("zone_territories").get(timezone)
        return None if code is None else str(code)

    def city(self, timezone: str) -> str:
        """Return the city after which a timezone is called: 東京, Tokyo."""
        older = (old for old, new in get_global("zone_aliases").items() if new == timezone)  # CLDR keeps first names
        cities = (self._babel.time_zones.get(name, {}).get("city") for name in (timezone, *older))
        return str(next(filter(None, cities), timezone.rpartition("/")[2].replace("_", " ")))

    def listed(self, words: list[str]) -> str:
        """Several names in one line."""
        return ("、" if self.locale == Locale.JA else ", ").join(words)
