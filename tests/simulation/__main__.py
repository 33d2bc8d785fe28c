"""python -m tests.simulation: simulated workspace-days in several processes, or one seed again.

python -m tests.simulation --total 10000            workspaces of 100 days each, from seed 1 on
python -m tests.simulation --seed 7 --days 100      the same days of the same workspace, step by step
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from storage import migrate
from storage.database import Database
from tests.simulation.simulation import Broken, Simulation

MOST_SHOWN = 10


def main() -> int:
    """Run, print what was done, and return 1 where something did not hold."""
    asked = _asked()
    logging.disable(logging.WARNING)  # a fault that was ordered is no news
    started, total, broken = time.monotonic(), Counter[str](), list[str]()
    seeds = [asked.seed] if asked.seed is not None else range(asked.first, asked.first + asked.total // asked.days)
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(asked.processes) as pool:
        template = Path(folder, "template.db")
        database = Database(f"sqlite:///{template}")
        migrate.upgrade(database)
        database.close()
        for done in as_completed(pool.submit(_one, seed, asked.days, template) for seed in seeds):
            figures, said = done.result()
            total += figures
            broken += [said] if said else []
            if said:
                print(said, file=sys.stderr, flush=True)
            if len(broken) == MOST_SHOWN:
                break
    total["seconds"] = round(time.monotonic() - started)
    print(", ".join(f"{count:,} {what}" for what, count in total.items()))
    return 1 if broken else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--total", type=int, default=10_000, help="workspace-days in all")
    parser.add_argument("--days", type=int, default=100, help="days of each workspace")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--seed", type=int, help="one seed only")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    return parser.parse_args()


def _one(seed: int, days: int, template: Path) -> tuple[Counter[str], str]:
    logging.disable(logging.WARNING)
    with _copy(template) as database:
        simulation = Simulation(seed, days, database)
        try:
            return simulation.run(), ""
        except Broken as broken:
            return simulation.figures, f"{broken}\n"


@contextmanager
def _copy(template: Path) -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{shutil.copy(template, Path(folder, 'mql.db'))}")
        # Power does not fail here, and a disk that must be waited for would cost most of the time.
        sa.event.listen(database.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF").close())
        yield database
        database.close()


if __name__ == "__main__":
    sys.exit(main())
