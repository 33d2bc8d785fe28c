from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import app
from bot.cli.playing import sample_team
from bot.core import clock
from bot.core.teamfile import current, parse
from playground import SAMPLE_TEAM, Playground
from storage.database import Database

ROOT = Path(__file__).parent.parent
TEAM = SAMPLE_TEAM.id


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


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
    with Playground() as playground:
        monkeypatch.setenv("SLACK_BOT_TOKEN", playground.bot_token)
        monkeypatch.setenv("SLACK_SIGNING_SECRET", playground.signing_secret)
        monkeypatch.setenv("SLACK_API_URL", playground.api_url)
        yield playground


def cli(*arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=answer)


def complaint(*arguments: str) -> str:
    """The one line that a command leaves with."""
    done = cli(*arguments)
    assert done.exit_code == 1, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    (line,) = done.stderr.splitlines()
    return line


def free_port() -> int:
    """A port that is free, as is the next: below those that the system gives to outgoing connections."""
    while True:
        port = random.randint(10_000, 30_000)
        try:
            with socket.create_server(("127.0.0.1", port)), socket.create_server(("127.0.0.1", port + 1)):
                return port
        except OSError:
            continue


def line_of(text: str, fragment: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if fragment in line)


# What is in the way of a start


def test_a_taken_port_is_named_with_the_setting_that_changes_it(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        monkeypatch.setenv("PORT", port)
        line = complaint("run")
    assert port in line
    assert "PORT=" in line
    assert ("使用中" in line) == (language == "ja")


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
    assert "not a database" in complaint("migrate")


@pytest.mark.parametrize("command", ["serve", "worker", "run"])
def test_a_token_that_slack_refuses_is_named(
    command: str, migrated: Path, slack: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", str(free_port()))
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-wrong")
    line = complaint(command)
    assert line.startswith("Slack refuses SLACK_BOT_TOKEN (invalid_auth).")
    assert "xoxb-wrong" not in line


def test_slack_out_of_reach_is_named(migrated: Path, slack: Playground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")
    assert "http://127.0.0.1:9/api/" in complaint("worker")


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_web_and_worker_need_a_token(command: str, migrated: Path) -> None:
    assert "SLACK_BOT_TOKEN" in complaint(command)


# The life of a process


class Process:
    """A command as a user runs it."""

    def __init__(self, *arguments: str, **variables: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", *arguments], env=environment, stdout=subprocess.PIPE, text=True
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def stop(self, number: signal.Signals) -> float:
        """Ask it to stop; returns after how many seconds it ended well."""
        asked = time.monotonic()
        self.process.send_signal(number)
        assert self.process.wait(timeout=10) == 0
        return time.monotonic() - asked


@pytest.fixture
def started() -> Iterator[list[Process]]:
    processes: list[Process] = []
    yield processes
    for one in processes:
        if one.process.poll() is None:
            one.process.kill()
        one.process.wait()
        if one.process.stdout is not None:
            one.process.stdout.close()


def answering(address: str) -> bool:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            with urlopen(address, timeout=5) as response:
                return bool(response.status == 200)
        except OSError:
            time.sleep(0.1)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_without_a_token_run_opens_the_playground_and_stops_within_five_seconds(
    number: signal.Signals, started: list[Process]
) -> None:
    port = free_port()
    process = Process("run", PORT=str(port))
    started.append(process)
    found = re.search(r"http://\S+", process.line())
    assert found is not None
    hints = [process.line() for _ in range(3)]
    assert [hint.strip()[0] for hint in hints] == ["1", "2", "3"]
    assert answering(found.group())
    assert answering(f"http://127.0.0.1:{port}/healthz")
    assert process.stop(number) < 5


def test_run_connects_to_slack_and_migrates_by_itself(slack: Playground, started: list[Process]) -> None:
    port = free_port()
    process = Process("run", PORT=str(port))
    started.append(process)
    assert f"http://127.0.0.1:{port}/slack/events" in process.line()
    assert answering(f"http://127.0.0.1:{port}/healthz")
    assert process.stop(signal.SIGTERM) < 5


def test_an_app_token_that_slack_refuses_ends_the_start(slack: Playground, started: list[Process]) -> None:
    process = Process("run", PORT=str(free_port()), SLACK_APP_TOKEN="xapp-wrong")
    started.append(process)
    assert process.process.wait(timeout=10) == 1


def test_run_uses_socket_mode_where_there_is_an_app_token(slack: Playground, started: list[Process]) -> None:
    process = Process("run", PORT=str(free_port()), SLACK_APP_TOKEN=slack.app_token)
    started.append(process)
    assert "Socket Mode" in process.line()
    assert process.stop(signal.SIGINT) < 5


def test_serve_and_worker_share_the_work(migrated: Path, slack: Playground, started: list[Process]) -> None:
    port = free_port()
    started += [Process("serve", "--threads", "4", PORT=str(port)), Process("worker")]
    assert started[1].line()
    assert answering(f"http://127.0.0.1:{port}/healthz")
    for process in started:
        assert process.stop(signal.SIGTERM) < 5


# The team file


@pytest.fixture
def team_file(tmp_path: Path) -> Path:
    file = tmp_path / "team.toml"
    file.write_text(sample_team(), encoding="utf-8")
    return file


def test_the_sample_team_is_the_team_of_the_playground() -> None:
    team = parse(sample_team(), None)
    assert team.workspace_id == TEAM
    assert {(member.user_id, member.name) for member in team.members} == {
        (person.id, person.real_name) for person in SAMPLE_TEAM.people
    }
    assert {team.mql_channel, team.intake_channel} <= {channel.id for channel in SAMPLE_TEAM.channels}


def test_apply_shows_the_difference_asks_and_writes(team_file: Path) -> None:
    done = cli("config", "apply", str(team_file), answer="y\n")
    assert done.exit_code == 0, done.output
    assert "+ 佐藤 葵(rep)" in done.output
    again = cli("config", "apply", str(team_file))
    assert again.exit_code == 0
    assert "変更はありません" in again.output


@pytest.mark.parametrize(
    ("arguments", "answer", "code"), [((), "n\n", 0), (("--dry-run",), None, 0), ((), "", 2), (("--yes",), None, 0)]
)
def test_nothing_is_written_without_a_yes(
    team_file: Path, arguments: tuple[str, ...], answer: str | None, code: int
) -> None:
    done = cli("config", "apply", str(team_file), *arguments, answer=answer)
    assert done.exit_code == code, done.output
    database = Database("sqlite:///data/mql-bot.db")
    with database.snapshot() as tx:
        assert (current(tx, TEAM) is not None) == (arguments == ("--yes",))
    database.close()


def test_a_bad_file_is_refused_whole_in_the_language_it_asks_for(team_file: Path) -> None:
    cli("config", "apply", str(team_file), "--yes")
    text = sample_team().replace('"monday"', '"mondy"').replace("response_hours = 24", "respons_hours = 24")
    team_file.write_text(text.replace("Sample Inc.", "Other Inc."), encoding="utf-8")
    done = cli("config", "apply", str(team_file), "--yes")
    assert done.exit_code == 1
    head, first, second = done.stderr.splitlines()
    assert "2件" in head
    assert f"{line_of(text, 'mondy')}行目 digest.weekday" in first
    assert f"{line_of(text, 'respons_hours')}行目 policy.respons_hours" in second
    assert 'name = "Sample Inc."' in cli("config", "export").stdout


def test_a_file_that_is_missing_or_not_utf8_is_named(team_file: Path) -> None:
    missing = cli("config", "apply", "nowhere.toml")
    assert missing.exit_code == 2
    assert "nowhere.toml" in missing.stderr
    team_file.write_bytes(sample_team().encode("cp932", errors="replace"))
    refused = cli("config", "apply", str(team_file))
    assert refused.exit_code == 1
    assert "UTF-8" in refused.stderr


def test_what_is_exported_applies_back_without_a_difference(team_file: Path, tmp_path: Path) -> None:
    cli("config", "apply", str(team_file), "--yes")
    exported = cli("config", "export").stdout
    team_file.write_text(exported, encoding="utf-8")
    assert "変更はありません" in cli("config", "apply", str(team_file)).output
    assert cli("config", "export").stdout == exported


def test_names_and_addresses_are_looked_up_where_there_is_a_token(team_file: Path, slack: Playground) -> None:
    text = sample_team().replace('user = "U0SATO0001"', 'email = "sato@sample.example"').replace("C0MQL00001", "#mql")
    team_file.write_text(text, encoding="utf-8")
    done = cli("config", "apply", str(team_file), "--yes")
    assert done.exit_code == 0, done.output
    exported = cli("config", "export").stdout
    assert 'user = "U0SATO0001"' in exported
    assert 'mql = "C0MQL00001"' in exported


# Reports


def test_a_week_is_printed_for_people_and_for_programs(team_file: Path) -> None:
    cli("config", "apply", str(team_file), "--yes")
    text = cli("report", "weekly", "--week", "2026-W47")
    assert text.exit_code == 0, text.output
    assert "佐藤 葵" in text.stdout or "11/16" in text.stdout
    figures: dict[str, Any] = json.loads(cli("report", "weekly", "--week", "2026-W47", "--format", "json").stdout)
    assert (figures["period"], figures["first"], figures["now"]["received"]) == ("2026-W47", "2026-11-16", 0)


def test_a_week_that_does_not_exist_is_named(team_file: Path) -> None:
    cli("config", "apply", str(team_file), "--yes")
    for week in ("2026-W54", "47", "2026-47"):
        done = cli("report", "weekly", "--week", week)
        assert done.exit_code == 2
        assert week in done.stderr


def test_the_last_complete_week_is_meant_unless_one_is_named(team_file: Path) -> None:
    cli("config", "apply", str(team_file), "--yes")
    figures: dict[str, Any] = json.loads(cli("report", "weekly", "--format", "json").stdout)
    assert figures["last"] < clock.utcnow().date().isoformat()


def test_a_report_without_a_workspace_says_what_to_do(migrated: Path) -> None:
    assert "mql-bot config apply" in complaint("report", "weekly")
