"""Events: which are subscribed, and the three retries (at once, after a minute, after five)."""

import queue
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from playground.dispatch.delivery import Delivery
from playground.dispatch.payloads import event_wrapper
from playground.dispatch.transport import Answer, Dispatch
from playground.model import Json
from playground.workspace import Workspace

RETRIES = (timedelta(0), timedelta(minutes=1), timedelta(minutes=5))
MESSAGE_EVENT = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}


def subscription(event: Json) -> str:
    """Name the subscription an event belongs to, such as message.im."""
    if event["type"] == "message":
        return MESSAGE_EVENT[event["channel_type"]]
    return str(event["type"])


@dataclass(frozen=True)
class _Pending:
    due: datetime
    dispatch: Dispatch


class Events:
    """Delivers events now or from a thread of its own, and keeps those that want another try."""

    def __init__(self, workspace: Workspace, delivery: Delivery) -> None:
        self._workspace, self._delivery = workspace, delivery
        self._lock = threading.Lock()
        self._retrying = threading.Lock()
        self._pending: list[_Pending] = []
        self._later: queue.SimpleQueue[list[Json] | None] = queue.SimpleQueue()
        self._quiet = threading.Condition()
        self._underway = 0
        self._stopped = threading.Event()

    def start(self) -> None:
        """Start the threads for own events and for due retries."""
        threading.Thread(target=self._deliver_queued, name="own-events", daemon=True).start()
        threading.Thread(target=self._tick, name="event-retries", daemon=True).start()

    def stop(self) -> None:
        """Stop both threads; what is queued is dropped."""
        self._stopped.set()
        self._later.put(None)

    def deliver(self, events: list[Json]) -> Answer | None:
        """Deliver events in order; return the last attempt's answer, None if nothing was subscribed."""
        answer = None
        for event in events:
            if self._workspace.grants.delivers_event(subscription(event)):
                answer = self._attempt(Dispatch("events_api", event_wrapper(self._workspace, event)))
        return answer

    def deliver_later(self, events: list[Json]) -> None:
        """Queue events of the bot's own doing, which must not wait for the bot that is calling.

        Where no bot is connected at all, nobody misses them.
        """
        if events and self._delivery.connected:
            with self._quiet:
                self._underway += 1
            self._later.put(events)

    def settle(self, timeout: float = 10.0) -> None:
        """Wait until all queued events are delivered."""
        with self._quiet:
            self._quiet.wait_for(lambda: self._underway == 0, timeout)

    def retry_due(self) -> int:
        """Send the retries whose time has come by the workspace's clock; return how many."""
        with self._retrying:
            now = self._workspace.now()
            with self._lock:
                due = [pending for pending in self._pending if pending.due <= now]
                self._pending = [pending for pending in self._pending if pending.due > now]
            for pending in due:
                self._attempt(pending.dispatch)
            return len(due)

    @property
    def waiting_retries(self) -> int:
        """How many events want another try."""
        with self._lock:
            return len(self._pending)

    def _attempt(self, dispatch: Dispatch) -> Answer:
        answer = self._delivery.send(dispatch)
        if not answer.failure or answer.no_retry or dispatch.retry_num >= len(RETRIES):
            return answer
        again = replace(dispatch, retry_num=dispatch.retry_num + 1, retry_reason=answer.failure)
        rest = RETRIES[dispatch.retry_num]
        if not rest:
            return self._attempt(again)
        with self._lock:
            self._pending.append(_Pending(self._workspace.now() + rest, again))
        return answer

    def _deliver_queued(self) -> None:
        while (events := self._later.get()) is not None:
            try:
                if not self._stopped.is_set():
                    self.deliver(events)
            finally:
                with self._quiet:
                    self._underway -= 1
                    self._quiet.notify_all()

    def _tick(self) -> None:
        while not self._stopped.wait(1):
            self.retry_due()
