"""What a CRM sends by itself: a queue of notices, the requests that carry them, and how often they are tried again."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import ClassVar
from urllib.parse import urlsplit

from playground.log import Log
from playground.model import Json


@dataclass
class Notice:
    """One notice that waits. `attempt` counts from 0."""

    content: Json
    due: datetime
    attempt: int = 0


@dataclass(frozen=True)
class Received:
    """What the bot answered; status 0: nothing, within the time that the tool waits."""

    status: int
    text: str = ""


class Notices(ABC):
    """The notices of one tool to one address. They wait for `deliver_due`, or for the thread of `automatic`.

    `drop` more of them are lost on their way, as a tool does that says so nowhere; `twice` sends each request twice;
    `disorder` sends the newest first.
    """

    largest_batch: ClassVar[int] = 1
    patience: ClassVar[float] = 5.0
    """Seconds for which the tool waits for an answer."""

    def __init__(self, log: Log, now: Callable[[], datetime]) -> None:
        self.url = ""
        self.on = True
        self.drop = 0
        self.twice = self.disorder = False
        self.lost = 0
        """How many were given up or never sent."""
        self._log, self._now = log, now
        self._waiting: list[Notice] = []
        self._lock = threading.Condition()
        self._thread: threading.Thread | None = None
        self._sending = threading.Lock()

    @abstractmethod
    def request(self, batch: list[Notice]) -> tuple[bytes, dict[str, str]]:
        """Return body and headers of the request that carries a batch."""

    @abstractmethod
    def taken(self, answer: Received) -> bool:
        """Tell whether the answer ends the matter."""

    @abstractmethod
    def pause(self, attempt: int) -> timedelta | None:
        """Return how long to wait after this attempt failed; None to give up."""

    @property
    def waiting(self) -> list[Notice]:
        """What has not been taken yet."""
        with self._lock:
            return list(self._waiting)

    def add(self, content: Json) -> None:
        """Queue a notice, unless notices are off, have no address, or this one is to be lost."""
        with self._lock:
            if not self.url:
                return
            if not self.on or self.drop > 0:
                self.drop, self.lost = max(0, self.drop - 1), self.lost + 1
                return
            self._waiting.append(Notice(content, self._now()))
            self._lock.notify_all()

    def deliver_due(self) -> int:
        """Send what is due; return how many requests were taken."""
        with self._sending:
            count = 0
            while batch := self._batch():
                count += self._send(batch)
            return count

    def automatic(self) -> None:
        """Send by a thread from now on, at once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name="crm notices", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread. What waits stays."""
        thread, self._thread = self._thread, None
        with self._lock:
            self._lock.notify_all()
        if thread is not None:
            thread.join()

    def _loop(self) -> None:
        while self._thread is not None:
            self.deliver_due()
            with self._lock:
                self._lock.wait(1.0)

    def _batch(self) -> list[Notice]:
        now = self._now()
        with self._lock:
            due = [each for each in self._waiting if each.due <= now]
            if self.disorder:
                due.reverse()
            batch = due[: self.largest_batch]
            self._waiting = [each for each in self._waiting if all(each is not sent for sent in batch)]
            return batch

    def _send(self, batch: list[Notice]) -> bool:
        body, headers = self.request(batch)
        answer = self._post(body, headers)
        if self.twice:
            answer = self._post(body, headers)
        shown = {"body": body.decode(errors="replace")}
        broken = () if answer.status else ("notice: no answer",)
        self._log.add(self._now(), "to_bot", "notice", shown, answer.text, status=answer.status, broken=broken)
        if self.taken(answer):
            return True
        pause = self.pause(batch[0].attempt)
        with self._lock:
            if pause is None:
                self.lost += len(batch)
            else:
                again = [Notice(each.content, self._now() + pause, each.attempt + 1) for each in batch]
                self._waiting += again
        return False

    def _post(self, body: bytes, headers: dict[str, str]) -> Received:
        url = urlsplit(self.url)
        secure = url.scheme == "https"
        kind = HTTPSConnection if secure else HTTPConnection
        connection = kind(url.hostname or "", url.port or (443 if secure else 80), timeout=self.patience)
        try:
            path = (url.path or "/") + (f"?{url.query}" if url.query else "")
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            return Received(response.status, response.read().decode(errors="replace"))
        except (OSError, HTTPException) as problem:
            return Received(0, str(problem))
        finally:
            connection.close()
