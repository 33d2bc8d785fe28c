"""python -m tests.simulation: simulated workspace-days in several processes, or one seed again.

python -m tests.simulation --total 10000            workspaces of 100 days each, from seed 1 on
python -m tests.simulation --seed 7 --days 100      the same days of the same workspace, step by step
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed

from tests.simulation.place import Templates, templates
from tests.simulation.simulation import FIGURES, Broken, Simulation

MOST_SHOWN = 10


def main() -> int:
    """Run, print what was done, and return 1 where something did not hold."""
    asked = _asked()
    started, total, broken = time.monotonic(), Counter[str](), 0
    seeds = [asked.seed] if asked.seed is not None else range(asked.first, asked.first + asked.total // asked.days)
    with templates(seeds) as place, ProcessPoolExecutor(asked.processes) as pool:
        for done in as_completed([pool.submit(_one, seed, asked.days, place) for seed in seeds]):
            figures, digest, failure = done.result()
            total += figures
            if failure:
                broken += 1
                print(failure, file=sys.stderr, flush=True)
            if broken == MOST_SHOWN:
                pool.shutdown(cancel_futures=True)
                break
            if figures["workspaces"] and total["workspaces"] % 10 == 0:
                print(_told(total, started), flush=True)
    print(_told(total, started))
    if asked.seed is not None and digest:
        print(f"digest {digest}")
    return 1 if broken else 0


def _told(total: Counter[str], started: float) -> str:
    counted = ", ".join(f"{total[name]:,} {name}" for name in FIGURES)
    return f"{counted}, in {time.monotonic() - started:,.0f} seconds"


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--total", type=int, default=10_000, help="workspace-days in all")
    parser.add_argument("--days", type=int, default=100, help="days of each workspace")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--seed", type=int, help="one seed only")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    return parser.parse_args()


def _one(seed: int, days: int, place: Templates) -> tuple[Counter[str], str, str]:
    """The figures, the digest, and what does not hold."""
    logging.disable(logging.WARNING)  # a fault that was ordered is no news
    gc.freeze()  # to look through the libraries again and again would cost a tenth of the time
    gc.set_threshold(50_000, 50, 100)
    with place.fresh(seed) as database:
        simulation = Simulation(seed, days, database)
        try:
            return simulation.run(), simulation.digest, ""
        except Broken as broken:
            return simulation.figures, "", f"{broken}\n"


if __name__ == "__main__":
    sys.exit(main())
