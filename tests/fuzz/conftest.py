from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.databases import new_sqlite
from tests.fuzz.stage import Target

answers: Counter[int] = Counter()
_at_work: list[Target] = []


@pytest.fixture
def target(tmp_path_factory: pytest.TempPathFactory) -> Target:
    """One for all, because its story takes as long as some hundred requests; the more it has got, the better."""
    if not _at_work:
        _at_work.append(Target(new_sqlite(tmp_path_factory.mktemp("fuzz") / "fuzz.db")))
    return _at_work[0]


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """End it with the last test of this folder: its bot must not tick on beside the tests of others, some of which take
    the disk from their whole process or divide it."""
    here = Path(__file__).parent
    if _at_work and (nextitem is None or here not in nextitem.path.parents):
        target = _at_work.pop()
        answers.update(target.answers)
        target.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if answers:
        by_status = ", ".join(f"{count} times {status}" for status, count in sorted(answers.items()))
        terminalreporter.write_line(f"{answers.total()} requests: {by_status}")
