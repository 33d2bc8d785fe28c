"""Who ends processes of one kind, at moments of every sort."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from random import Random

from tests.chaos.people import People
from tests.chaos.processes import Process, wait_until_ready
from tests.chaos.trouble import HOLDS, Trouble

SECONDS_TO_STOP = 5
BUSY = 5
"""Seconds more, where so many processes start at once that each has to wait for a processor."""
STOPPED = 0.1
"""The share of those that are asked to stop."""


class Killer:
    """Kills web or worker processes, and asks some of them to stop instead."""

    def __init__(self, victims: list[Process], rng: Random, trouble: Trouble, people: People) -> None:
        self._victims, self._rng, self._trouble, self._people = victims, rng, trouble, people
        self._kind = victims[0].kind
        self.figures = Counter[str]()
        self.problems: list[str] = []
        self.over = threading.Event()

    def kill(self, times: int) -> None:
        """Kill so many, unless it is over before."""
        while self.figures["kills"] < times and not self.over.is_set():
            victim = self._rng.choice(self._victims)
            if self._rng.random() < 0.75:
                wait_until_ready(victim, 10)
            self._end(victim, self._moment())

    def _moment(self) -> str:
        """Wait for one, and name it."""
        if self._rng.random() < (0.5 if self._kind == "web" else 0.75):
            time.sleep(self._rng.uniform(0, 1.5 if self._kind == "web" else 3))
            return "at any moment"
        if self._kind == "web":
            in_request = self._people.wait_for_request(2)
            time.sleep(self._rng.uniform(0, 0.03))
            return "in a request" if in_request else "at any moment"
        method = self._rng.choice(["chat.postMessage", "chat.postMessage", "chat.update"])
        hangs = self._trouble.let_hang(method, self._rng.choice(HOLDS), 2)
        return "in a call" if hangs else "at any moment"

    def _end(self, victim: Process, moment: str) -> None:
        with victim.lock:
            if not victim.running:
                return
            started = victim.has_started
            if self._rng.random() < STOPPED and victim.can_be_asked_to_stop:
                self.problems += stopped(victim)
                self.figures["stops"] += 1
                return
            victim.kill(self._rng.choice(["all", "all", "child", "master"]) if self._kind == "web" else "all")
        self.figures["kills"] += 1
        self.figures[f"{self._kind} killed {moment if started else 'while starting'}"] += 1


def kill_all(victims: list[Process]) -> Counter[str]:
    """The machine itself goes down. Returns the figures of it."""
    for victim in victims:
        with victim.lock:
            victim.kill("all")
    kinds = Counter(f"{victim.kind} killed with all others" for victim in victims)
    return kinds + Counter({"kills": len(victims)})


def stopped(victim: Process) -> Iterator[str]:
    """Ask a process to stop, and tell what was wrong with that."""
    took, code = victim.stop()
    if took > SECONDS_TO_STOP + BUSY or code != 0:
        yield f"{victim.name} took {took:.1f} s to stop, with code {code}"
