"""Runs of pytest in a process of their own, which is a copy of this one: the libraries are imported only once."""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.abc
import importlib.util
import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

# What takes long to import and holds no fault: libraries, the tables, the migrations.
PREPARED = (
    *("sqlmodel", "alembic.command", "pydantic", "babel.dates", "holidays", "flask", "slack_bolt", "structlog"),
    *("hypothesis.strategies", "psycopg", "fasteners", "storage.models", "storage.migrate"),
)
POSTGRES = {"postgres_server", "new_postgres_url", "postgres_url"}
_ARGUMENTS = (
    *("-x", "-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:xdist"),
    # Hypothesis is imported by then; its own assertions explain nothing of ours.
    *("-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning"),
)


@dataclass(frozen=True)
class Test:
    """One test, as it went without any fault."""

    name: str
    seconds: float
    lines: Mapping[str, frozenset[int]]
    """The lines that it executed, by file."""


@dataclass
class Run:
    """A run under way, or over."""

    pid: int
    output: Path
    until: float
    code: int | None = None
    """What pytest returned; None while it runs, or where it was stopped because it took too long."""

    def over(self) -> bool:
        """Say whether it has ended, after ending it where its time is over."""
        if time.monotonic() > self.until:
            os.killpg(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            return True
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid:
            self.code = os.waitstatus_to_exitcode(status)
        return bool(pid)


def prepare() -> None:
    """Import what every run needs and no mutation changes."""
    for name in PREPARED:
        importlib.import_module(name)


def start(
    tests: Sequence[str], plugin: object, folder: Path, seconds: float, faulty: tuple[str, ast.Module] | None = None
) -> Run:
    """Start pytest on files, with a plug-in that chooses among their tests. `faulty`: a file, and what is imported in
    its place."""
    output = folder / "output.txt"
    folder.mkdir(parents=True)
    sys.stdout.flush()
    if pid := os.fork():
        return Run(pid, output, time.monotonic() + seconds)
    code = 70
    try:
        os.setsid()
        _redirect(output)
        tempfile.tempdir = str(folder)
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(folder / "hypothesis")
        if faulty:
            sys.meta_path.insert(0, _Finder(*faulty))
        arguments = [*_ARGUMENTS, f"--basetemp={folder / 'tests'}", *tests]
        code = pytest.main(arguments, plugins=[plugin, _SameExamples()])
    finally:
        sys.stdout.flush()
        os._exit(code)


def _redirect(output: Path) -> None:
    file = os.open(output, os.O_WRONLY | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(file, stream)


class _Finder(importlib.abc.MetaPathFinder):
    """Imports one module with a fault in it."""

    def __init__(self, file: str, tree: ast.Module) -> None:
        self.module = file.removesuffix(".py").replace("/", ".")
        if self.module in sys.modules:
            raise ValueError(f"{self.module} is imported already, and without the fault")
        self.loader = _Loader(self.module, str(Path(file).resolve()), tree)

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        if fullname != self.module:
            return None
        return importlib.util.spec_from_file_location(fullname, self.loader.path, loader=self.loader)


class _Loader(SourceFileLoader):
    def __init__(self, module: str, path: str, tree: ast.Module) -> None:
        super().__init__(module, path)
        self.tree = tree

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = compile(self.tree, self.path, "exec")
        return code


class _SameExamples:
    """Every run tries the same few examples, and none looks for a shorter one."""

    def pytest_configure(self) -> None:
        from hypothesis import Phase, settings

        few: dict[str, Any] = {"max_examples": 25, "derandomize": True, "database": None, "deadline": None}
        settings.register_profile("mutants", phases=(Phase.explicit, Phase.generate), **few)
        settings.load_profile("mutants")


class Chosen:
    """Runs these tests of the files, in this order."""

    def __init__(self, names: Sequence[str]) -> None:
        self.places = {name: place for place, name in enumerate(names)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(
            (item for item in items if item.nodeid in self.places), key=lambda item: self.places[item.nodeid]
        )


class Recorder:
    """Runs every test without PostgreSQL, and writes down how long it took and which lines it executed."""

    def __init__(self, files: Collection[str], record: Path) -> None:
        self.files = {str(Path(file).resolve()): file for file in files}
        self.record = record
        self.lines: dict[str, set[int]] = {}
        self.tests: list[dict[str, Any]] = []

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if not _needs_postgres(item)]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        _empty_caches()
        self.lines = {}
        began = time.monotonic()
        threading.settrace(self._call)
        sys.settrace(self._call)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            lines = {file: sorted(numbers) for file, numbers in self.lines.items()}
            self.tests.append({"name": item.nodeid, "seconds": time.monotonic() - began, "lines": lines})

    def pytest_sessionfinish(self) -> None:
        self.record.write_text(json.dumps(self.tests), encoding="utf-8")

    def _call(self, frame: FrameType, event: str, argument: object) -> Callable[..., Any] | None:
        file = self.files.get(frame.f_code.co_filename)
        if file is None:
            return None
        numbers = self.lines.setdefault(file, set())
        numbers.add(frame.f_lineno)

        def line(frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
            numbers.add(frame.f_lineno)
            return line

        return line


def _needs_postgres(item: pytest.Item) -> bool:
    return "postgresql" in item.nodeid or bool(POSTGRES & set(getattr(item, "fixturenames", ())))


def _empty_caches() -> None:
    """Let the test execute what an earlier one has left in a cache."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("bot.core.", "storage.")):
            for function, cached in vars(module).items():
                # Calendars are compared by what stands in that one.
                if isinstance(cached, functools._lru_cache_wrapper) and function != "_local":
                    cached.cache_clear()


def read_record(record: Path) -> list[Test]:
    """Return the tests that a Recorder has written down."""
    return [
        Test(test["name"], test["seconds"], {file: frozenset(lines) for file, lines in test["lines"].items()})
        for test in json.loads(record.read_text(encoding="utf-8"))
    ]
