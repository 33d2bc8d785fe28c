"""Takes from the outbox what may be sent now, and hands each row to a thread; `sender.py` carries it to Slack."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue

import structlog

from bot.core.messages import limits
from bot.slack.delivery import sender
from bot.slack.delivery.pacing import AS_SLACK_ASKS, Pacing
from bot.slack.delivery.sender import RowSender
from bot.slack.web_api.gateway import Gateway
from storage import claims, lanes
from storage.database import Database
from storage.models import Outbox
from storage.vocabulary import MessageKind

IDLE = timedelta(milliseconds=500)
BUSY = timedelta(milliseconds=200)
A_MOMENT = timedelta(milliseconds=1)

log = structlog.get_logger(__name__)


class Delivery:
    """Sends what one workspace's outbox holds, up to `threads` conversations at once, each in order.

    A token speaks for one workspace; the rows of another wait for a process with theirs.
    """

    def __init__(
        self,
        database: Database,
        gateway: Gateway,
        workspace_id: str,
        now: Callable[[], datetime],
        *,
        threads: int = 64,
        pacing: Pacing = AS_SLACK_ASKS,
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._now = now
        self._threads = threads
        self._pacing = pacing
        self._look_at: dict[str, datetime] = {}
        self._in_hand: set[int] = set()
        self._wake, self._written = threading.Event(), 0
        self._stopping = threading.Event()
        self._claiming, self._noting = threading.Lock(), threading.Lock()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="delivery")
        self.sender = RowSender(database, gateway, now, pacing, self._is_free, self.wake)

    def wake(self) -> None:
        """Something was put into the outbox: do not wait for the next look."""
        self._written += 1
        self._wake.set()

    def run(self) -> None:
        """Deliver until `stop`. Looks twice a second, because other processes write to the outbox too, and whenever a
        conversation may be spoken to again."""
        while not self._stopping.is_set():
            began = self._now()
            try:
                sent = self.drain()
            except Exception:
                # The database may be away for a moment; delivery has to be there when it is back.
                log.exception("delivery_failed")
                sent = 0
            if not sent:
                # At most so long, also where somebody has just set the clock back.
                self._wake.wait(min(self._next_look(began, IDLE) - self._now(), IDLE).total_seconds())
                self._wake.clear()

    def stop(self) -> None:
        """Finish the messages in hand and take no more."""
        # What was just claimed is in hand: not handed to the pool before that closes, it would wait for its lease.
        with self._claiming:
            self._stopping.set()
        self._wake.set()
        self._pool.shutdown(wait=True)

    def drain(self, only: Collection[MessageKind] = ()) -> int:
        """Send everything that may be sent now, or only these kinds; returns how many rows were dealt with.

        A conversation whose call is slow holds one thread and nobody else: the others go on being claimed.
        """
        finished: SimpleQueue[datetime] = SimpleQueue()
        flying = sent = 0
        look_at, seen = self._now(), self._written
        while True:
            now, full = self._now(), flying == self._threads
            if not full and (look_at <= now or seen != self._written):
                seen = self._written
                flying += self._take(self._threads - flying, only, finished)
                # From before the look: what became free during it was not seen.
                look_at = self._next_look(now, BUSY)
            if not flying:
                return sent
            rest = min(max(look_at - self._now(), A_MOMENT), BUSY)
            there = _all_of(finished, rest)
            flying, sent = flying - len(there), sent + len(there)
            if there:
                look_at = self._now() if full else min(look_at, *there)

    def _take(self, most: int, only: Collection[MessageKind], finished: SimpleQueue[datetime]) -> int:
        """Begin to send what may be sent now; returns how many."""
        with self._claiming:
            taken = [] if self._stopping.is_set() else self._claim(most, only)
            for row, free_at in taken:
                self._in_hand.add(row.id)
                self._pool.submit(self._send, row, free_at, finished)
        return len(taken)

    def _next_look(self, looked_at: datetime, at_most: timedelta) -> datetime:
        """Return when to look again."""
        with self._noting:
            self._look_at = {target: at for target, at in self._look_at.items() if at > looked_at}
            return min([looked_at + at_most, *self._look_at.values()])

    def _claim(self, most: int, only: Collection[MessageKind]) -> list[tuple[Outbox, datetime]]:
        """Return what may be sent, each with the moment from which on."""
        while True:
            now = self._now()
            with self._database.transaction() as tx:
                budgets = self._pacing.budgets
                lease_until, mine = now + sender.LEASE, self._in_hand.copy()
                taken = claims.claim(tx, self._workspace_id, now, lease_until, most, only, budgets, sender.AHEAD, mine)
                free_at = lanes.free_at(tx, self._workspace_id, [row.target for row in taken])
                going = [sent for row in taken if (sent := limits.to_send(tx, row, now)) is not None]
            # Where all of them wait for another day, others may go.
            if going or not taken:
                return [(row, free_at.get(row.target, now)) for row in going]

    def _send(self, row: Outbox, free_at: datetime, finished: SimpleQueue[datetime]) -> None:
        """`finished` hears from when on the next message of this conversation may be looked for."""
        try:
            self.sender.send(row, free_at)
        finally:
            self._in_hand.discard(row.id)
            finished.put(self._look_at.get(row.target, self._now()))

    def _is_free(self, target: str, at: datetime) -> None:
        """Look again when the next message of a conversation may be taken."""
        with self._noting:
            self._look_at[target] = at


def _all_of(finished: SimpleQueue[datetime], longest: timedelta) -> list[datetime]:
    """Return what is there by now of the messages that are done with: one look serves all that ended together. Wait for
    the first so long at most."""
    there: list[datetime] = []
    with suppress(Empty):
        there.append(finished.get(timeout=longest.total_seconds()))
        while True:
            there.append(finished.get_nowait())
    return there
