from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.databases import new_sqlite
from tests.fuzz.stage import Target

answers: Counter[int] = Counter()


@pytest.fixture(scope="package")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """One for all, because its story takes as long as some hundred requests; the more it has got, the better. Its bot
    does not tick on beside the tests of other folders, some of which take the disk from their whole process."""
    target = Target(new_sqlite(tmp_path_factory.mktemp("fuzz") / "fuzz.db"))
    yield target
    answers.update(target.answers)
    target.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if answers:
        by_status = ", ".join(f"{count} times {status}" for status, count in sorted(answers.items()))
        terminalreporter.write_line(f"{answers.total()} requests: {by_status}")
