"""What an App Home costs: to draw one, to see that nothing has changed, and how soon a change is shown.

python -m bench.homes [open MQLs]
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median, quantiles
from typing import Any

from bench import stage
from bot.core.mql import response
from bot.slack import home_drawing
from bot.slack.context import AppContext
from bot.slack.home_drawing import HomeLoop
from bot.slack.identity import Identity
from storage import homes, members, mqls
from storage.database import Database
from tests.workspace import WORKSPACE, configure, receive

OPEN, REPS, ROUNDS = 500, 20, 50
READERS = {"rep": "R01", "manager": "U3", "marketer": "M1", "everything": "A1"}


class Slack:
    """Takes every view, and notes when."""

    def __init__(self) -> None:
        self.shown: list[float] = []

    def call_in_time(self, *_: object, **__: object) -> None:
        self.shown.append(time.perf_counter())


def main(count: int = OPEN) -> None:
    with stage.sqlite() as database:
        context = office(database, count)
        print(f"{count} open MQLs, {REPS} reps, SQLite; milliseconds\n")
        print("| | median | p90 | processor |\n|---|--:|--:|--:|")
        for name, user in READERS.items():
            line(f"draw the App Home of: {name}", partial(draw, context, user))
        line("see that nothing has changed", HomeLoop(context).drain)
        shown = [latency(context, mql_id) for mql_id in range(1, 13)]
        print(
            f"\nFrom a commit to the call to Slack, 12 changes: median {median(shown):.0f} ms, most {max(shown):.0f} ms"
        )


def office(database: Database, count: int) -> AppContext:
    """Return a team with so many open MQLs."""
    configure(database)
    with database.transaction() as tx:
        for number in range(REPS):
            members.save(tx, WORKSPACE, f"R{number:02}", name=f"Rep {number}", roles=["rep"])
        members.save(tx, WORKSPACE, "M1", name="M1", roles=["marketer"])
        members.save(tx, WORKSPACE, "A1", name="A1", roles=["rep", "manager", "marketer", "admin"])
    for number in range(count):
        receive(database, f"Company {number}", channel=f"channel {number % 7}", score=number % 100)
    identity = Identity(WORKSPACE, "https://acme.slack.com/", "U0BOT", "B0BOT")
    parts: Any = (database, Slack(), identity, lambda: datetime.now(UTC), lambda: None, None, timedelta(0))
    return AppContext(*parts)


def draw(context: AppContext, user: str) -> None:
    with context.database.transaction() as tx:
        homes.look(tx, WORKSPACE, user, context.now())
    assert home_drawing.draw(context, user)


def line(name: str, act: Callable[[], object]) -> None:
    """Print how long an act takes by the clock and by the processor."""
    act()
    times, began = [], time.process_time()
    for _ in range(ROUNDS):
        start = time.perf_counter()
        act()
        times.append((time.perf_counter() - start) * 1e3)
    spent = (time.process_time() - began) / ROUNDS * 1e3
    print(f"| {name} | {median(times):.1f} | {quantiles(times, n=10)[-1]:.1f} | {spent:.1f} |", flush=True)


def latency(context: AppContext, mql_id: int) -> float:
    """Return the milliseconds from the commit of a change until the App Home of a manager is shown again, while four
    people look."""
    slack: Any = context.gateway
    loop = HomeLoop(context)
    loop.drain()
    looking = threading.Thread(target=loop.run)
    looking.start()
    time.sleep(0.1)
    with context.database.transaction() as tx:
        subject = mqls.get(tx, WORKSPACE, mql_id)
        assert subject is not None
        response.accept(tx, WORKSPACE, mql_id, subject.owner or "U3", context.now())
    committed, seen = time.perf_counter(), len(slack.shown)
    while len(slack.shown) < seen + len(READERS) - 1 and time.perf_counter() < committed + 5:
        time.sleep(0.005)
    loop.stop()
    looking.join()
    return float(slack.shown[-1] - committed) * 1e3


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else OPEN)
