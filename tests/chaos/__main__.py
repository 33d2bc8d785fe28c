"""python -m tests.chaos: the bot's processes are killed hundreds of times, on SQLite and on PostgreSQL.

python -m tests.chaos --kills 300                       half of them on each
python -m tests.chaos --database sqlite --seed 7        one of them, with the choices of one seed
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg

from storage import copying, migrate
from storage.database import Database
from tests import postgres
from tests.chaos.chaos import Broken, Chaos, Plan

DATABASES = ("sqlite", "postgresql")


def main() -> int:
    """Run, print what was done, and return 1 where something did not hold."""
    asked = _asked()
    chosen = [asked.database] if asked.database else DATABASES
    plan = Plan(kills=-(-asked.kills // len(chosen)))
    return max(_one(name, asked.seed, plan) for name in chosen)


def _one(name: str, seed: int, plan: Plan) -> int:
    if name == "postgresql":
        plan = replace(plan, webs=2, workers=3)
    folder = Path(tempfile.mkdtemp(prefix=f"mql-chaos-{name}-"))
    with _database(name, folder) as database:
        migrate.upgrade(database)
        chaos = Chaos(seed, plan, database, folder)
        try:
            _print(name, chaos.run())
        except Broken as broken:
            _print(name, chaos.figures)
            _keep(database, folder)
            again = f"python -m tests.chaos --database {name} --kills {plan.kills} --seed {seed}"
            print(f"{broken}\nThe same choices again: {again}", file=sys.stderr, flush=True)
            return 1
    shutil.rmtree(folder)
    return 0


def _print(name: str, figures: Counter[str]) -> None:
    text = ", ".join(f"{count:,} {what}" for what, count in sorted(figures.items()))
    print(f"{name}: {text}", flush=True)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--kills", type=int, default=320, help="in all")
    parser.add_argument("--database", choices=DATABASES, help="one of them only")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    return parser.parse_args()


@contextmanager
def _database(name: str, folder: Path) -> Iterator[Database]:
    if name == "sqlite":
        database = Database(f"sqlite:///{folder / 'mql.db'}")
        yield database
        database.close()
        return
    with postgres.server() as address:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("CREATE DATABASE chaos")
        database = Database(postgres.named(address, "chaos"))
        yield database
        database.close()


def _keep(database: Database, folder: Path) -> None:
    """The server goes with the run: keep what is in it as a SQLite file."""
    if not database.is_sqlite:
        kept = Database(f"sqlite:///{folder / 'mql.db'}")
        migrate.upgrade(kept)
        copying.copy(database, kept, lambda *_: None)
        kept.close()


if __name__ == "__main__":
    sys.exit(main())
