"""Marketo's access tokens, and how many calls were made in the last seconds: kept from one round of work to the next.

A token lives for up to an hour and is shared by all who log in with the same service. It is used until Marketo says
that it is over (601, 602).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.connectors.crm.contract import Away, Busy, Revoked
from bot.connectors.crm.door import Door, NoAnswer
from bot.connectors.crm.logins import Logins

TOKEN = "/identity/oauth/token"  # noqa: S105 - a path
WINDOW, CALLS = timedelta(seconds=20), 90
"""Marketo takes 100 calls in 20 seconds from all of a subscription's services together; ten are left to the others."""

_paces: dict[str, Pace] = {}
_lock = threading.Lock()


class Pace:
    """The calls to one subscription, by Marketo's own clock as its answers tell it."""

    def __init__(self) -> None:
        self._made = deque[datetime]()

    def begin(self) -> None:
        """Raise Busy where Marketo would not take another call yet."""
        if len(self._made) >= CALLS:
            # Whoever is told to wait has waited when they come again.
            self._made.clear()
            raise Busy(WINDOW, "rate")

    def note(self, at: datetime) -> None:
        """Note a call that was answered at a moment of Marketo's clock."""
        while self._made and self._made[0] <= at - WINDOW:
            self._made.popleft()
        self._made.append(at)


def pace_of(door: Door) -> Pace:
    """Return the pace of the subscription behind a door."""
    with _lock:
        return _paces.setdefault(door.base, Pace())


def _log_in(door: Door, given: Mapping[str, str]) -> str:
    asked = {"grant_type": "client_credentials"} | {
        name: given.get(name, "") for name in ("client_id", "client_secret")
    }
    try:
        response = door.request("GET", TOKEN, query=asked)
    except NoAnswer as failure:
        raise Away(failure.code) from failure
    body = response.body if isinstance(response.body, dict) else {}
    if response.is_ok and isinstance(body.get("access_token"), str):
        return str(body["access_token"])
    if response.status in (429, 503):
        raise Busy(timedelta(minutes=1), "maintenance")
    if 400 <= response.status < 500:
        raise Revoked(str(body.get("error") or response.status))
    raise Away("not_json" if response.is_ok else f"http_{response.status}")


TOKENS = Logins(_log_in)
