"""`report weekly --picture DIR`"""

from __future__ import annotations

import builtins
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli.base import startup
from bot.core.mql import intake, response
from bot.core.mql.lead import Lead
from bot.pictures import fonts
from storage import mqls, workspaces
from storage.database import Database
from storage.vocabulary import Source
from tests.cli.kit import agree, cli

NOW = datetime(2026, 1, 14, 3, 0, tzinfo=UTC)
WEEK = ("report", "weekly", "--week", "2026-W03", "--picture")


@pytest.fixture
def lived(team_file: Path, migrated: Path) -> None:
    """A workspace that has had one MQL, which its owner took on."""
    agree(team_file)
    database = Database(startup.settings().database_url)
    with database.transaction() as tx:
        (workspace,) = workspaces.every(tx)
        intake.receive(tx, workspace.id, Lead.model_validate({"company": "Acme"}), Source.GENERIC, NOW)
        subject = mqls.by_number(tx, workspace.id, 1)
        assert subject is not None
        response.accept(tx, workspace.id, subject.id, subject.owner or "", NOW + timedelta(hours=1))
    database.close()


@pytest.mark.usefixtures("lived")
def test_the_charts_are_written_and_what_they_show_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "charts"
    done = cli(*WEEK, str(folder))
    assert done.exit_code == 0, done.output
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["2026-W03-in-time-ja.png", "2026-W03-stages-ja.png", "2026-W03-time-to-answer-ja.png"]
    assert all((folder / name).read_bytes().startswith(b"\x89PNG") for name in names)
    assert "届いた1件" in done.stdout


@pytest.mark.usefixtures("team_file")
def test_where_there_is_nothing_to_draw_it_says_so(team_file: Path, tmp_path: Path) -> None:
    agree(team_file)
    done = cli(*WEEK, str(tmp_path / "charts"))
    assert done.exit_code == 0
    assert len(done.stdout.strip().splitlines()) == 1


@pytest.mark.thorough
@pytest.mark.usefixtures("lived")
def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = cli(*WEEK, str(tmp_path / "file"))
    assert done.exit_code == 1
    assert str(tmp_path / "file") in done.stderr


@pytest.mark.usefixtures("lived")
def test_a_machine_without_fonts_is_told_which_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "find_spec", lambda _: None)
    monkeypatch.setattr(fonts, "system_fonts", list)
    done = cli(*WEEK, str(tmp_path))
    assert done.exit_code == 1
    assert "fonts-noto-cjk" in done.stderr
    assert list(tmp_path.glob("*.png")) == []


@pytest.mark.usefixtures("lived")
def test_without_the_packages_the_command_says_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = builtins.__import__

    def no_matplotlib(name: str, *given: Any, **named: Any) -> Any:
        if name.startswith("bot.pictures"):
            raise ModuleNotFoundError("No module named 'matplotlib'", name="matplotlib")
        return known(name, *given, **named)

    monkeypatch.setattr(builtins, "__import__", no_matplotlib)
    done = cli(*WEEK, str(tmp_path))
    assert done.exit_code == 1
    assert "-m pip install matplotlib matplotlib-fontja" in done.stderr
