"""What each folder of the tests costs: `make test ARGS=--cost`. A plug-in of pytest, registered by conftest.py."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest

PROPERTY = "seconds of processor"
_seconds: defaultdict[str, float] = defaultdict(float)
_tests: Counter[str] = Counter()


def _spent() -> float:
    """Return the seconds of processor of this process and of the processes that it started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _measured(item: pytest.Item) -> Iterator[None]:
    before = _spent()
    yield
    item.user_properties.append((PROPERTY, _spent() - before))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    yield from _measured(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    yield from _measured(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    yield from _measured(item)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "teardown":
        folder = "/".join(report.nodeid.split("::")[0].split("/")[:2])
        _tests[folder] += 1
        _seconds[folder] += sum(float(str(value)) for name, value in report.user_properties if name == PROPERTY)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for folder, seconds in sorted(_seconds.items(), key=lambda item: -item[1]):
        terminalreporter.write_line(f"{seconds:8.1f} s of processor  {_tests[folder]:5} tests  {folder}")
    terminalreporter.write_line(f"{sum(_seconds.values()):8.1f} s of processor  {_tests.total():5} tests")
