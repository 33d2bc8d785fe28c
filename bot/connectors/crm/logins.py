"""What a process has logged in with: kept by door and credentials, and made anew where it was spent."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from bot.connectors.crm.door import Door

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
