"""Attack the real commands on a port of this machine, and see that nobody else suffers.

python -m tests.attack [words of the attacks' names …]

Each attack has a bot and a Slack of its own. Printed are what it was answered, what the processes took of memory before
and at most, and how an honest sender fared meanwhile. Exit code 1 where a bar is missed. A family of attacks is a file
with a dictionary ATTACKS; a new one is a line in FAMILIES.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.attack import not_slack, on_the_clock, on_the_database, over_http
from tests.attack.stage import Outcome

FAMILIES = (over_http.ATTACKS, not_slack.ATTACKS, on_the_database.ATTACKS, on_the_clock.ATTACKS)


def line(name: str, outcome: Outcome) -> str:
    """Return a row of the table."""
    health = outcome.health
    figures = (
        f"{health.memory_before:.0f} | {health.memory:.0f} | {health.p50:.0f} | {health.slowest:.0f} | {health.failed}"
        if health
        else " | | | | "
    )
    return f"| {name} | {outcome.answer} | {figures} | {'held' if outcome.ok else 'MISSED'} |"


def main(words: list[str]) -> int:
    """Run the attacks, and return the exit code."""
    print("| attack | answer | MB before | MB at most | p50, ms | slowest, ms | failed | |")
    print("|---|---|--:|--:|--:|--:|--:|---|")
    missed = 0
    for attacks in FAMILIES:
        for name, attack in attacks.items():
            if all(word not in name for word in words) and words:
                continue
            with tempfile.TemporaryDirectory(prefix="mql-attack-") as folder:
                outcome = attack(Path(folder) / "bot")
            missed += not outcome.ok
            print(line(name, outcome), flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
