"""How long tests wait: no answer depends on how busy the machine is, and what hangs is given up all the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from playground import Playground

LONGEST = 180
"""Seconds by the wall clock after which something hangs. Nothing that works takes as long, however busy the machine."""
PRESSURE = tuple(Path("/proc/pressure", resource) for resource in ("cpu", "io", "memory"))


def own_seconds() -> float:
    """Return the reading of a clock that stands still while a process of this machine has to wait for a processor, the
    disk or memory. On a machine with nothing else to do it is the wall clock.

    Where the system does not tell (it is Linux that does: pressure stall information), it is the processor time of this
    process.
    """
    try:
        stalled = sum(int(file.read_text().partition("\n")[0].rpartition("=")[2]) for file in PRESSURE)
    except OSError:
        return time.process_time()
    return time.monotonic() - stalled / 1_000_000


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds, which another process brings about."""
    give_up = time.monotonic() + LONGEST
    while not condition():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.02)


def unhurried(slack: Playground, seconds: Callable[[], float] = own_seconds) -> Playground:
    """Let a playground count its three seconds by a clock that no other process can slow, and return it.

    `seconds`: another such clock, which the test moves.
    """
    slack.delivery.seconds, slack.delivery.patience = seconds, LONGEST
    slack.views.monotonic = seconds
    return slack
