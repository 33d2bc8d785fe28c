from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer.main
import typer.testing

from bot.cli.sample.team import sample_team
from playground import Playground
from tests.cli.kit import Process
from tests.installation import Access, free_port
from tests.patience import unhurried


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In a folder of its own, at a port of its own: whoever runs the tests may have a bot open at the usual one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORT", str(free_port()))
    return tmp_path


@pytest.fixture(autouse=True, scope="session")
def _commands_are_built_once() -> Iterator[None]:
    """All calls know the same commands, and to build them takes 20 ms of processor."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.testing, "_get_command", cache(typer.main.get_command))
        yield


@pytest.fixture(params=["en", "ja"])
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("LANG", {"en": "en_US.UTF-8", "ja": "ja_JP.UTF-8"}[request.param])
    return str(request.param)


@pytest.fixture
def migrated(migrated_file: Path, tmp_path: Path) -> Path:
    """The default database of the folder that a command runs in."""
    (tmp_path / "data").mkdir()
    return Path(shutil.copy(migrated_file, tmp_path / "data" / "mql-bot.db"))


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Playground]:
    with unhurried(Playground()) as playground:
        for name, value in Access.of(playground).environment().items():
            monkeypatch.setenv(name, value)
        yield playground


@pytest.fixture
def team_file(tmp_path: Path) -> Path:
    file = tmp_path / "team.toml"
    file.write_text(sample_team(), encoding="utf-8")
    return file


@pytest.fixture
def started() -> Iterator[list[Process]]:
    processes: list[Process] = []
    yield processes
    for command in processes:
        if command.process.poll() is None:
            command.process.kill()
        command.process.wait()
        if command.process.stdout is not None:
            command.process.stdout.close()
