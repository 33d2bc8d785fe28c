"""What a status in Slack says of its writer being away.

Words decide, and where they say nothing, one of three emoji. A status without an end lasts until the end of tomorrow,
again with each look. What cannot be read is never an absence, and neither is "do not disturb" at night.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.base import day_words
from bot.core.base.day_words import DayPart, Days
from bot.core.routing.away_words import Says, meaning, says_at_work
from bot.core.sla.own_hours import OwnHours

AWAY_EMOJI = (":palm_tree:", ":face_with_thermometer:", ":airplane:")
A_DAY = timedelta(days=1)
FARTHEST = timedelta(days=60)
"""A day that is farther off is one of the past: a status that somebody forgot to clear."""
_PARTS = {Says.MORNING: DayPart.MORNING, Says.AFTERNOON: DayPart.AFTERNOON}
_DAY = r"\d{1,2}(?:/\d{1,2}|月\d{1,2}日)"
_DATES = re.compile(rf"[-~〜]?\s*{_DAY}(?:\s*(?:[-~〜–]|から|to)\s*(?:{_DAY}|\d{{1,2}}日?))?\s*(?:まで)?")


Stretch = tuple[datetime, datetime]


@dataclass(frozen=True)
class Availability:
    """What a status says of its writer's time: from when to when, in UTC."""

    away: Stretch | None = None
    trip: Stretch | None = None
    """A business trip, of which they are asked."""


def availability(profile: Mapping[str, Any], now: datetime, own: OwnHours) -> Availability:
    """Return what a profile's status says; nothing where it says neither. `own`: the hours of whose profile it is."""
    text, emoji = (str(profile.get(f"status_{field}") or "").strip() for field in ("text", "emoji"))
    expires = int(profile.get("status_expiration") or 0)
    until = datetime.fromtimestamp(expires, UTC) if expires else None
    says = meaning(text) or (Says.AWAY if emoji in AWAY_EMOJI and not says_at_work(text) else None)
    if says is None or (until is not None and until <= now):
        return Availability()
    stretch = _stretch(says, text, until, now, own)
    return Availability(trip=stretch) if says == Says.TRIP else Availability(away=stretch)


def _stretch(says: Says, text: str, until: datetime | None, now: datetime, own: OwnHours) -> Stretch | None:
    """Return of which time a status speaks; None: of none that is near."""
    timezone, local = own.timezone, now.astimezone(ZoneInfo(own.timezone))
    if dates := _DATES.search(unicodedata.normalize("NFKC", text)):
        days = day_words.parse(dates[0], local)
        near = days is not None and days.last <= local.date() + FARTHEST
        return days.span(timezone, own.halves(days.first)) if days is not None and near else None
    if says in _PARTS:
        begins, ends = Days(local.date(), local.date(), _PARTS[says]).span(timezone, own.halves(local.date()))
        return (begins, ends) if ends > now else None
    if until is None:
        if says == Says.SOME_HOURS:
            return None
        until = datetime.combine(local.date() + 2 * A_DAY, time(), local.tzinfo).astimezone(UTC)
    return now, until
