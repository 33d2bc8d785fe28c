"""What a tick costs that finds nothing due, with a thousand open MQLs and with a million, in one run.

python -m bench.tick
"""

from __future__ import annotations

from datetime import timedelta
from statistics import median
from time import perf_counter

from bench import goals, stage
from bot import worker
from bot.slack.context import AppContext
from storage.database import Database
from storage.models import clock, event, mql
from tests import postgres
from tests.workspace import NOW

FEW, MANY = 1_000, 1_000_000
ROUNDS = 300
GOAL = 1.5


def main() -> None:
    print(f"Median of {ROUNDS} ticks on each, taken in turns\n")
    print(f"| database | {FEW:,} open MQLs, ms | {MANY:,}, ms | ratio | goal |")
    print("|---|--:|--:|--:|--:|")
    with stage.sqlite() as few, stage.sqlite() as many:
        ratios = [compare("SQLite", few, many)]
    with (
        postgres.server() as server,
        stage.postgresql(server, "few") as few,
        stage.postgresql(server, "many") as many,
    ):
        ratios.append(compare("PostgreSQL", few, many))
    goals.note("tick", max(ratios))


def compare(name: str, few: Database, many: Database) -> float:
    """Print a line of the table; return the ratio."""
    for database, count in ((few, FEW), (many, MANY)):
        stage.fill(database, count, mql, event, clock)
        if not database.is_sqlite:
            stage.analyze(database)
    # The leads came in over an hour and a half; the first reminder is due hours later.
    offices = [stage.office(database, lambda: NOW + timedelta(hours=2)) for database in (few, many)]
    times: list[tuple[float, ...]] = [tuple(map(tick, offices)) for _ in range(ROUNDS)]
    small, large = (median(column) * 1e3 for column in zip(*times, strict=True))
    print(f"| {name} | {small:.2f} | {large:.2f} | {large / small:.2f} | ≤ {GOAL} |", flush=True)
    return float(large / small)


def tick(office: AppContext) -> float:
    """Return the seconds for one tick."""
    began = perf_counter()
    done = worker.tick(office)
    assert done == 0, "something was due"
    return perf_counter() - began


if __name__ == "__main__":
    main()
