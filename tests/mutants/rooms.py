"""Which files belong to a room, and which tests hold it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Room:
    """A part of the program, with the tests that are to notice a fault in it."""

    sources: tuple[str, ...]
    """Files, or folders with files."""
    tests: tuple[str, ...]

    def files(self) -> list[str]:
        """Return the files in the order of their paths."""
        paths = [
            path for source in map(Path, self.sources) for path in ([source] if source.suffix else source.iterdir())
        ]
        return sorted(str(path) for path in paths if path.suffix == ".py" and path.stat().st_size)


def _of_core(name: str, *tests: str) -> Room:
    return Room((f"bot/core/{name}",), tests)


def _scenarios(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/scenarios/test_{name}.py" for name in names)


# The scenarios are slow, and look from outside: a room has some of them only where its own tests do not reach it.
ROOMS = {
    "base": _of_core("base", "tests/core/base", "tests/conventions/test_figures.py"),
    "sla": _of_core(
        "sla",
        "tests/core/sla",
        "tests/core/teamfile/test_policy_tables.py",
        "tests/core/mql/test_escalation_steps.py",
        "tests/core/mql/test_disputes.py",
        "tests/core/mql/test_pauses.py",
    ),
    "messages": _of_core(
        "messages",
        "tests/core/messages",
        "tests/core/mql/test_erasure.py",
        "tests/core/mql/test_races.py",
        "tests/core/reports/test_noise.py",
    ),
    "routing": _of_core("routing", "tests/core/routing", "tests/core/mql"),
    "mql": _of_core("mql", "tests/core/mql", *_scenarios("deals", "moved_policies", "pauses")),
    "agreement": _of_core("agreement", "tests/core/agreement", *_scenarios("definition", "definition_history")),
    "review": _of_core("review", "tests/core/review", *_scenarios("meeting", "action_changes")),
    "reports": _of_core("reports", "tests/core/reports", *_scenarios("checkup", "kpi")),
    "health": _of_core("health", "tests/core/health", "tests/storage/test_watching.py"),
    "outbox": Room(
        ("storage/claims.py", "storage/lanes.py", "storage/outbox.py"),
        (
            "tests/storage/test_claims.py",
            "tests/storage/test_lanes.py",
            "tests/storage/test_outbox.py",
            "tests/core/messages/test_refresh.py",
        ),
    ),
}
