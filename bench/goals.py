"""The figures that are wanted, beside those of the last release: what `make bench` prints in one table."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One figure. `released`: what 0.1.0 gave on the machine of docs/benchmarks.md; None where nobody measured."""

    what: str
    unit: str
    wanted: float
    released: float | None = None
    more_is_better: bool = False

    def reached(self, value: float) -> bool:
        """Return whether the value is as good as what is wanted."""
        better: Callable[[float, float], bool] = operator.ge if self.more_is_better else operator.le
        return better(value, self.wanted)


FIGURES = {
    "press": Figure("Accept, SQLite, beside a bare Bolt listener", "×", 0.50, 0.37, more_is_better=True),
    "press p99": Figure("Accept, SQLite, 99th percentile of 32 connections", "ms", 100, 93),
    "press PostgreSQL": Figure("Accept, PostgreSQL, one web process", "×", 0.35, 0.21, more_is_better=True),
    "press PostgreSQL 2": Figure("Accept, PostgreSQL, two, beside two bare ones", "×", 0.50, 0.11, more_is_better=True),
    "two processes": Figure("two web processes on PostgreSQL beside one", "×", 1.7, 1.15, more_is_better=True),
    "acts SQLite": Figure("the dearest act at 1,000,000 MQLs beside 1,000, SQLite", "×", 1.2),
    "acts PostgreSQL": Figure("the same, PostgreSQL", "×", 1.2),
    "home": Figure("the dearest App Home at 1,000,000, of the processor", "ms", 100),
    "tick": Figure("a tick at 1,000,000 open MQLs beside 1,000, the worse database", "×", 1.5, 1.00),
    "checkpoints": Figure("10,000 checkpoints, beside APScheduler's job store", "×", 20, 12.9, more_is_better=True),
    "weekly": Figure("weekly report over 1,000,000, the slower database", "s", 1, 0.37),
    "monthly": Figure("monthly report, likewise", "s", 1, 2.92),
    "scoring": Figure("scoring check, likewise", "s", 1, 4.13),
    "whatif": Figure("what-if, an MQL, of the processor", "ms", 2),
    "routing": Figure("a decision with 500 reps and 50 routes, of the processor", "ms", 2),
    "delivery": Figure("600 messages to 60 channels, beside the shortest time", "×", 1.05, 1.08),
    "delivery urgent": Figure("a fifth of the answers lost: the latest urgent message beyond its turn", "s", 5),
    "start": Figure("start to ready", "s", 0.8, 1.71),
    "idle": Figure("memory, idle", "MiB", 100, 117),
    "afterwards": Figure("memory after 10,000 MQLs", "MiB", 130, 158),
    "help": Figure("`mql-bot --help`, of the processor", "s", 0.4, 1.5),
    "report": Figure("`mql-bot report weekly`, of the processor", "s", 0.8, 1.5),
}
"""What 0.1.0 gave is from its own documents, of a machine that did nothing else."""

measured: dict[str, float] = {}


def note(name: str, value: float) -> None:
    """Take down what a figure is today. Raises KeyError for one that nobody declared, or twice."""
    if name not in FIGURES or name in measured:
        raise KeyError(name)
    measured[name] = value


def table(values: dict[str, float]) -> str:
    """Return the table of everything: today, at the last release, wanted."""
    lines = ["| what | today | 0.1.0 | wanted | |", "|---|--:|--:|--:|---|"]
    for name, figure in FIGURES.items():
        value = values.get(name)
        today = "–" if value is None else _of(value, figure)
        verdict = "not measured" if value is None else "" if figure.reached(value) else "**missed**"
        before = "" if figure.released is None else _of(figure.released, figure)
        lines.append(f"| {figure.what} | {today} | {before} | {_of(figure.wanted, figure)} | {verdict} |")
    return "\n".join(lines)


def _of(value: float, figure: Figure) -> str:
    return f"{value:.0f} {figure.unit}" if value >= 20 else f"{value:.2f} {figure.unit}"
