"""What a process has logged in with: kept by door and credentials, and made anew where it was spent; and calls in the
session of whichever credentials are taken."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from bot.connectors.crm.contract import Credentials, Revoked
from bot.connectors.crm.door import Door, Response

Session = TypeVar("Session")


class Logins(Generic[Session]):
    """The sessions of one kind of CRM. Credentials are known by their hash alone."""

    def __init__(self, log_in: Callable[[Door, Mapping[str, str]], Session]) -> None:
        self._log_in, self._lock = log_in, threading.Lock()
        self._known: dict[str, Session] = {}

    def get(self, door: Door, given: Mapping[str, str], spent: Session | None = None) -> Session:
        """Return the session of these credentials, a new one instead of the one that was `spent`. Raises Revoked, Busy
        and Away."""
        key = hashlib.sha256(json.dumps([door.base, sorted(given.items())]).encode()).hexdigest()
        with self._lock:
            known = self._known.get(key)
        if known is not None and known != spent:
            return known
        made = self._log_in(door, given)
        with self._lock:
            self._known[key] = made
        return made


class LoggedIn(Generic[Session]):
    """One connection to a CRM that wants a login: its credentials, those first that were taken last."""

    def __init__(self, logins: Logins[Session], door: Door, credentials: Sequence[Credentials]) -> None:
        """Log in by a door, with the first of the credentials that are taken."""
        self._logins, self._door, self._credentials = logins, door, list(credentials)
        self.session: Session | None = None
        """The session of the last call that was taken."""

    def send(self, call: Callable[[Session, Credentials], Response], is_over: Callable[[Response], bool]) -> Response:
        """Make a call; log in anew, once, where the session is over, and with each of the credentials in turn.
        `is_over`: whether an answer says that its session is not taken. Raises Revoked, and what `call` and a login
        raise."""
        problem = Revoked("session_over")
        for given in list(self._credentials):
            spent: Session | None = None
            for _ in range(2):
                try:
                    current = self._logins.get(self._door, given, spent)
                except Revoked as refused:
                    problem = refused
                    break
                response = call(current, given)
                if not is_over(response):
                    self._credentials = [given, *(other for other in self._credentials if other != given)]
                    self.session = current
                    return response
                spent = current
        raise problem
