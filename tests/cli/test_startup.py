from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from bot.cli.base import startup
from playground import Fault, Playground
from storage import workspaces
from storage.database import Database
from tests.cli.kit import cli, complaint
from tests.installation import free_port
from tests.workspace import configure


def test_a_taken_port_is_named_with_the_setting_that_changes_it(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    port = str(free_port())
    monkeypatch.setenv("PORT", port)
    with socket.create_server(("127.0.0.1", int(port))):
        line = complaint("run")
    assert port in line
    assert "PORT=" in line
    assert ("使用中" in line) == (language == "ja")


def test_the_port_for_monitors_is_named_by_its_own_setting(
    language: str, migrated: Path, slack: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("METRICS_PORT", str(taken.getsockname()[1]))
        assert "METRICS_PORT=" in complaint("worker")
    monkeypatch.setenv("METRICS_HOST", "203.0.113.9")
    assert "METRICS_HOST=203.0.113.9" in complaint("worker")


@pytest.mark.parametrize(
    ("command", "variable", "with_slack"),
    [("run", "PORT", False), ("run", "PORT", True), ("serve", "PORT", True), ("worker", "METRICS_PORT", True)],
)
def test_a_port_that_is_taken_after_it_was_looked_at_is_named_too(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, command: str, variable: str, with_slack: bool
) -> None:
    for fixture in ("migrated", "slack") if with_slack else ():
        request.getfixturevalue(fixture)
    monkeypatch.setattr(startup, "require_port", lambda *_: None)
    port = str(free_port())
    monkeypatch.setenv(variable, port)
    with socket.create_server(("127.0.0.1", int(port))):
        line = complaint(command)
    assert port in line
    assert f"{variable}=" in line


def test_a_host_that_is_not_ours_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST", "203.0.113.9")
    assert "HOST=127.0.0.1" in complaint("run")


@pytest.mark.parametrize("command", ["run", "serve", "worker", "migrate"])
def test_a_malformed_setting_stops_every_start(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "many")
    assert complaint(command).startswith("PORT ")


def test_a_folder_that_cannot_be_made_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    assert "DATABASE_URL" in complaint("migrate")


def test_a_file_without_write_permission_is_named(
    migrated: Path, slack: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "mql-bot.db" and allowed(path, mode))
    line = complaint("worker")
    assert "mql-bot.db" in line
    assert "chown" in line


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_web_and_worker_refuse_a_database_that_is_behind(command: str, slack: Playground) -> None:
    assert "mql-bot migrate" in complaint(command)


def test_a_database_of_a_newer_version_is_named(migrated: Path) -> None:
    database = Database(f"sqlite:///{migrated}")
    with database.transaction() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    assert "9999" in complaint("migrate")


def test_a_database_that_cannot_be_reached_is_named_without_its_password(
    slack: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://bot:opensesame@127.0.0.1:9/mql")
    line = complaint("worker")
    assert "DATABASE_URL" in line
    assert "opensesame" not in line


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mql-bot.db").write_text("Dear diary, this is not a database. " * 9)
    assert "SQLITE_NOTADB" in complaint("migrate")


@pytest.mark.parametrize("command", ["serve", "worker", "run"])
def test_a_token_that_slack_refuses_is_named(
    command: str, migrated: Path, slack: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", str(free_port()))
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-wrong")
    line = complaint(command)
    assert line.startswith("Slack refuses SLACK_BOT_TOKEN (invalid_auth).")
    assert "xoxb-wrong" not in line


@pytest.mark.parametrize("command", ["run", "serve", "worker"])
def test_a_bot_that_has_never_met_slack_waits_for_it_and_says_so(
    command: str, migrated: Path, slack: Playground, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack.faults.add("auth.test", Fault.HTML_PAGE)
    monkeypatch.setenv("PORT", str(free_port()))
    waits: list[float] = []

    def waited(seconds: float) -> None:
        waits.append(seconds)
        slack.faults.clear()
        slack.revoke_token("invalid_auth" if len(waits) == 3 else "")  # which ends the start
        if len(waits) < 3:
            slack.faults.add("auth.test", Fault.REDIRECT)

    monkeypatch.setattr("bot.cli.process.run.time.sleep", waited)
    done = cli(command)
    assert waits == [5, 5, 5]
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    away, waiting, refused = done.stderr.splitlines()  # the same cause is named once
    assert "not_slack" in away
    assert slack.api_url in away
    assert ("プロキシ" in away) == (language == "ja")
    assert "5" in waiting
    assert "invalid_auth" in refused


def test_slack_out_of_reach_is_named_with_its_cause(
    migrated: Path, slack: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.cli.process.run.time.sleep", give_up)
    for address, words in (
        ("http://127.0.0.1:9/api/", "(connection_refused). The connection was refused"),
        ("http://no-such-host.invalid/api/", "(dns). Its name is not found"),
        (slack.api_url.replace("http:", "https:"), "(tls). No encrypted connection"),
    ):
        monkeypatch.setenv("SLACK_API_URL", address)
        assert f"{address} {words}" in cli("worker").stderr


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_web_and_worker_need_a_token(command: str, migrated: Path) -> None:
    assert "SLACK_BOT_TOKEN" in complaint(command)


@pytest.mark.parametrize("variable", ["SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"])
def test_the_playground_does_not_open_in_the_place_of_a_bot_whose_token_is_missing(
    variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(variable, "xapp-1-A1-2")
    line = complaint("run")
    assert variable in line
    assert "SLACK_BOT_TOKEN" in line
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "command",
    [
        "config export",
        "report weekly",
        "report monthly",
        "report noise",
        "resend",
        "erase --email jane@acme.example --yes",
        "serve",
        "worker",
    ],
)
def test_who_asks_for_a_database_that_is_not_there_is_told_its_path_and_gets_none(
    command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, slack: Playground
) -> None:
    file = tmp_path / "elsewhere" / "mql.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    line = complaint(*command.split())
    assert str(file) in line
    assert "mql-bot migrate" in line
    assert not file.parent.exists()


def test_what_makes_a_database_may_find_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, team_file: Path) -> None:
    for number, command in enumerate((("migrate",), ("config", "apply", str(team_file), "--yes"))):
        file = tmp_path / str(number) / "mql.db"
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
        assert cli(*command).exit_code == 0
        assert file.exists()


@pytest.mark.parametrize("command", [("run",), ("serve",), ("worker",), ("config", "apply", "team.toml")])
def test_the_token_of_another_slack_workspace_is_refused(
    command: tuple[str, ...], language: str, migrated: Path, slack: Playground, team_file: Path
) -> None:
    """Leads of one company never come into Slack of another."""
    database = Database(f"sqlite:///{migrated}")
    configure(database, "T0OTHER")
    line = complaint(*command)
    assert slack.team_id in line
    assert "T0OTHER" in line
    assert ("ワークスペース" in line) == (language == "ja")
    with database.snapshot() as tx:
        assert [known.id for known in workspaces.every(tx)] == ["T0OTHER"]
    database.close()
