"""What goes wrong between the bot and Slack."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from playground import Fault, Playground
from playground.faults import FaultRule, Faults

SHARE = 0.15
"""Of the calls to Slack, that go wrong."""
HOLDS = (Fault.HANG, Fault.HANG_AFTER)


class Counted(Faults):
    """Faults that strike at random, besides those that are ordered. They are counted, and can be waited for."""

    def __init__(self, rng: Random, longest_hold: float) -> None:
        super().__init__()
        self.struck = Counter[str]()
        self.at_random = False
        self._rng, self._longest_hold = rng, longest_hold
        self._holding = threading.Semaphore(0)

    def take(self, method: str, channel: str | None = None) -> FaultRule[Fault] | None:
        """Like Faults.take."""
        rule = super().take(method, channel)
        if rule is None and self.at_random and self._rng.random() < SHARE:
            rule = FaultRule(method, self._rng.choice(list(Fault)), seconds=self.seconds())
        if rule is not None:
            self.struck[rule.fault] += 1
        return rule

    def seconds(self) -> float:
        """For how long a call hangs, or must wait."""
        return self._rng.uniform(0.2, 1) * self._longest_hold

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
    """Lets calls fail, and now and then closes Slack's port for a while."""

    def __init__(self, slack: Playground, rng: Random, longest_hold: float) -> None:
        self.faults = Counted(Random(rng.random()), longest_hold)
        slack.faults = self.faults
        self.figures = Counter[str]()
        self._slack, self._rng = slack, rng
        self._over = threading.Event()

    def let_hang(self, method: str, fault: Fault, wait: float) -> bool:
        """Let the next call of a method hang, before or after Slack has taken it, and wait until one does."""
        if not self.faults.rules:
            self.faults.add(method, fault, 1, self.faults.seconds())
        return self.faults.wait_for_hold(wait)

    @contextmanager
    def about(self) -> Iterator[None]:
        """While this lasts things go wrong; afterwards nothing does."""
        thread = threading.Thread(target=self._run, name="trouble")
        self.faults.at_random = True
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()
            self.faults.at_random = False
            self.faults.clear()

    def _run(self) -> None:
        while not self._over.wait(self._rng.uniform(5, 25)):
            self._slack.unplug()
            self.figures["slack restarts"] += 1
            self._over.wait(self._rng.uniform(0.2, 2))
            self._slack.plug_in()
