"""Decide whether leads have stopped coming in. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.core.sla.calendar import Calendar

HISTORY = timedelta(weeks=8)
SHORTEST_HISTORY = timedelta(weeks=4)
FEWEST_DAYS = 15
TIMES_THE_LONGEST = 2
SHORTEST = timedelta(hours=1)


@dataclass(frozen=True)
class Silence:
    """How long no lead has come, in open time, beside the longest silence before."""

    since: datetime
    lasted: timedelta
    longest: timedelta


def unusual(arrivals: Sequence[datetime], calendar: Calendar, now: datetime) -> Silence | None:
    """Return the present silence, where it is unusual for this way of coming in; None also where nobody can tell.

    `arrivals` are those of the last 8 weeks, oldest first. A silence is unusual when it has lasted, in open time,
    more than twice as long as the longest of these weeks, and at least an hour. In open time, because nights, weekends
    and holidays are silent everywhere. There is history enough where leads came on 15 different days or more, the
    first and the last of them at least 4 weeks apart; a new or seldom used way in is never suspected.

    Why twice the longest: no form of the distribution is assumed, except for a figure. If the silences between days
    with leads were exponential and independent, the next one would be more than twice the longest of n before it with
    probability 2 / ((n + 1)(n + 2)). With leads every working day (n = 40 in 8 weeks, 5 a week) that is one false alarm
    in about three years; with the least history (n = 14, two days a week) one in about a year. Simulated: one in 2.7
    years for exponential silences at five leads a week, one in 0.8 years for log-normal ones with a longer tail
    (sigma 1). An alarm that was false widens the limit for the 8 weeks that follow. The price is a slow alarm where
    leads are few: whoever gets one a day, with a longest silence of two days, hears of it after four.
    """
    if len(arrivals) < FEWEST_DAYS or arrivals[-1] - arrivals[0] < SHORTEST_HISTORY:
        return None
    zone = ZoneInfo(calendar.timezone)
    if len({at.astimezone(zone).date() for at in arrivals}) < FEWEST_DAYS:
        return None
    lasted = calendar.open_between(arrivals[-1], now)
    if lasted < SHORTEST:
        return None
    longest = max(calendar.open_between(arrival, following) for arrival, following in pairwise(arrivals))
    return Silence(arrivals[-1], lasted, longest) if lasted > TIMES_THE_LONGEST * longest else None
