"""The record of every exchange between the bot and the playground, and the signal that something changed."""

import secrets
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

Direction = Literal["from_bot", "to_bot"]


class Changes:
    """A revision counter that a page can wait on."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.revision = 0
        self.run = secrets.token_hex(4)
        """Tells this run from the one before, whose revisions mean nothing now."""

    def bump(self) -> None:
        """Say that something changed."""
        with self._condition:
            self.revision += 1
            self._condition.notify_all()

    def wait(self, since: int, timeout: float) -> int:
        """Wait until the revision is above `since`, at most `timeout` seconds; return the revision."""
        with self._condition:
            self._condition.wait_for(lambda: self.revision > since, timeout)
            return self.revision


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. `broken` holds a sentence for each rule that was broken."""

    number: int
    at: datetime
    direction: Direction
    method: str
    request: Any
    answer: Any
    status: int | None
    elapsed: float
    broken: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the exchange as plain JSON values."""
        return {**asdict(self), "at": self.at.isoformat(), "broken": list(self.broken)}


class Log:
    """The last exchanges, oldest first."""

    def __init__(self, changes: Changes, keep: int = 2000) -> None:
        self._changes = changes
        self._lock = threading.Lock()
        self._kept: deque[Exchange] = deque(maxlen=keep)
        self._count = 0

    def add(
        self,
        at: datetime,
        direction: Direction,
        method: str,
        request: Any,
        answer: Any,
        *,
        status: int | None = None,
        elapsed: float = 0.0,
        broken: tuple[str, ...] = (),
    ) -> None:
        """Record one exchange."""
        with self._lock:
            self._count += 1
            self._kept.append(Exchange(self._count, at, direction, method, request, answer, status, elapsed, broken))
        self._changes.bump()

    def __iter__(self) -> Iterator[Exchange]:
        with self._lock:
            return iter(tuple(self._kept))

    def __len__(self) -> int:
        return len(self._kept)

    def calls(self, method: str) -> list[Exchange]:
        """List the bot's calls of one Web API method."""
        return [exchange for exchange in self if exchange.direction == "from_bot" and exchange.method == method]

    def broken(self) -> list[str]:
        """List every broken rule, in order, with the method it was broken in."""
        return [f"{exchange.method}: {sentence}" for exchange in self for sentence in exchange.broken]

    def clear(self) -> None:
        """Forget all exchanges."""
        with self._lock:
            self._kept.clear()
        self._changes.bump()
