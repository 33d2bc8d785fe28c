"""Every benchmark, one after the other, and what came out in one table beside what is wanted (bench/goals.py).

python -m bench.everything [name …]
"""

from __future__ import annotations

import importlib
import multiprocessing
import sys
import time
from multiprocessing.connection import Connection

from bench import goals

ALL = (
    "calendar",
    "packages",
    "tick",
    "checkpoints",
    "interaction",
    "acts",
    "homes",
    "sources",
    "delivery",
    "scale",
    "footprint",
    "reports",
    "routing",
    "whatif",
    "crm",
)


def main(names: list[str]) -> int:
    """Run these, or all; return 1 where one ended with an error."""
    values: dict[str, float] = {}
    failed = []
    for name in names or ALL:
        print(f"\n## {name}\n", flush=True)
        began = time.monotonic()
        figures = apart(name)
        print(f"\n({time.monotonic() - began:.0f} s)", flush=True)
        values |= figures or {}
        failed += [name] if figures is None else []
    print(f"\n## Today\n\n{goals.table(values)}")
    if failed:
        print(f"\nEnded with an error: {', '.join(failed)}")
    return int(bool(failed))


def apart(name: str) -> dict[str, float] | None:
    """Run one in a process of its own, so that none warms up another; return its figures, None where it failed."""
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(target=run, args=(theirs, name))
    process.start()
    theirs.close()
    try:
        figures: dict[str, float] | None = ours.recv()
    except EOFError:
        figures = None
    process.join()
    return figures


def run(pipe: Connection, name: str) -> None:
    """Run one; the main function of its process."""
    importlib.import_module(f"bench.{name}").main()
    pipe.send(goals.measured)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
