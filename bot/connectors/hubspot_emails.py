"""The e-mails of HubSpot, by week: one call of its statistics by day, added up to ISO weeks of the workspace.

By day and not by HubSpot's own weeks, of which it does not say on which day they begin. Rates are never taken over:
whether they are percent is not said either.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from bot.core.base.period_words import iso_week
from bot.core.reports.nurturing_delivery import WeekSupplied
from bot.core.reports.weekly import week_of

API = "https://api.hubapi.com"
PATH = "/marketing/emails/2026-09/statistics/histogram"
COUNTERS = {"sent": "sent", "opened": "open", "clicked": "click"}
"""Our figures, by HubSpot's names."""
TIMEOUT = 20.0
MOST_BYTES = 8 * 1024 * 1024
MOST_COUNT = 999_999_999


class NotGiven(Exception):
    """HubSpot does not give its figures. `word` names the sentence: hubspot_emails.<word>."""

    def __init__(self, word: str, detail: str = "") -> None:
        super().__init__(word)
        self.word, self.detail = word, detail


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Our token is for HubSpot alone."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Follow nothing."""


def weeks(token: str, first: str, last: str, zone: ZoneInfo, api: str = API) -> list[WeekSupplied]:
    """Return the figures of all ISO weeks from one to another, both included; of a week without an e-mail zeros.
    Raises NotGiven."""
    start = datetime.combine(week_of(first), datetime.min.time(), zone)
    end = datetime.combine(week_of(last) + timedelta(days=7), datetime.min.time(), zone)
    query = {"interval": "DAY", "startTimestamp": start.isoformat(), "endTimestamp": end.isoformat()}
    sums: dict[str, dict[str, int]] = {}
    monday = week_of(first)
    while monday <= week_of(last):
        sums[iso_week(monday)] = dict.fromkeys(COUNTERS, 0)
        monday += timedelta(days=7)
    for at, counters in _days(_asked(f"{api}{PATH}?{urlencode(query)}", token)):
        of_week = sums.get(iso_week(at.astimezone(zone).date()), {})
        for name in of_week:
            of_week[name] += _count(counters, COUNTERS[name])
    return [WeekSupplied(week, "", figures) for week, figures in sums.items()]


def _days(answer: Any) -> Iterator[tuple[datetime, Mapping[str, Any]]]:
    """Yield the middle of each day, whichever timezone its ends are in, and what was counted."""
    try:
        for day in answer["results"]:
            ends = [datetime.fromisoformat(day["interval"][name]) for name in ("start", "end")]
            counters = day["aggregations"]["counters"]
            if not isinstance(counters, dict) or any(end.tzinfo is None for end in ends):
                raise NotGiven("strange")
            yield ends[0] + (ends[1] - ends[0]) / 2, counters
    except (KeyError, TypeError, ValueError) as error:
        raise NotGiven("strange") from error


def _count(counters: Mapping[str, Any], name: str) -> int:
    value = counters.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_COUNT:
        raise NotGiven("strange")
    return value


def _asked(url: str, token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json", "User-Agent": "mql-bot"}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - HubSpot's address
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT) as response:
            return json.loads(response.read(MOST_BYTES))
    except urllib.error.HTTPError as error:
        with error:
            raise _refused(error) from error
    except (OSError, HTTPException) as error:
        raise NotGiven("away", type(error).__name__) from error
    except ValueError as error:  # a page of somebody in between
        raise NotGiven("strange") from error


def _refused(error: urllib.error.HTTPError) -> NotGiven:
    if error.code == 401:
        return NotGiven("token")
    if error.code == 403:
        return NotGiven("scope")
    if error.code == 429:
        return NotGiven("busy")
    return NotGiven("away", f"HTTP {error.code}")
