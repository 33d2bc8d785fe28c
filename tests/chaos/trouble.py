"""What goes wrong between the bot and Slack."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from playground import Fault, Playground
from playground.faults import FaultRule, Faults

METHODS = ("chat.postMessage", "chat.postMessage", "chat.postMessage", "chat.update", "chat.update")
SELDOM = ("conversations.history", "conversations.replies", "conversations.open", "views.open", "views.update", "*")
HOLDS = (Fault.HANG, Fault.HANG_AFTER)


class Counted(Faults):
    """Faults that are counted, and can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.struck = Counter[str]()
        self._holding = threading.Semaphore(0)

    def take(self, method: str) -> FaultRule | None:
        """Like Faults.take."""
        rule = super().take(method)
        if rule is not None:
            self.struck[rule.fault] += 1
        return rule

    def hold(self, seconds: float) -> None:
        """Like Faults.hold."""
        self._holding.release()
        super().hold(seconds)

    def wait_for_hold(self, seconds: float) -> bool:
        """Wait until a call hangs; False where none did in time."""
        while self._holding.acquire(blocking=False):
            """Those that hung before."""
        return self._holding.acquire(timeout=seconds)


class Trouble:
    """Orders faults at random, and now and then closes Slack's port for a while."""

    def __init__(self, slack: Playground, rng: Random, longest_hold: float) -> None:
        self.faults = slack.faults = Counted()
        self.figures = Counter[str]()
        self._slack, self._rng, self._longest_hold = slack, rng, longest_hold
        self._over = threading.Event()

    def order(self, method: str, fault: Fault, times: int = 1) -> None:
        """Let something go wrong."""
        seconds = self._rng.uniform(0.2, 1) * self._longest_hold if fault in HOLDS else 1
        self.faults.add(method, fault, times, seconds)

    @contextmanager
    def about(self) -> Iterator[None]:
        """While this lasts things go wrong; afterwards nothing does."""
        thread = threading.Thread(target=self._run, name="trouble")
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()
            self.faults.clear()

    def _run(self) -> None:
        while not self._over.wait(self._rng.uniform(0.1, 1.4)):
            if self._rng.random() < 0.06:
                self._slack.unplug()
                self.figures["slack restarts"] += 1
                self._over.wait(self._rng.uniform(0.2, 2))
                self._slack.plug_in()
            else:
                method = self._rng.choice(METHODS if self._rng.random() < 0.75 else SELDOM)
                self.order(method, self._rng.choice(list(Fault)), self._rng.randint(1, 2))
