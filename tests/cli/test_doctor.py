from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.__main__ import app
from bot.cli.sample.team import sample_team
from bot.core import teamfile
from bot.core.base import wall_clock
from bot.i18n import Translator
from bot.slack.web_api import wire
from playground import SAMPLE_TEAM, Fault, Playground
from storage import alerts, heartbeats
from storage.database import Database
from storage.models import outbox as outbox_table
from storage.models import report_due
from storage.vocabulary import AlertKind, Locale, MessageKind, OutboxState
from tests import queued
from tests.installation import MANIFEST, Access

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Playground]:
    with Playground(MANIFEST) as playground:
        connect(playground, monkeypatch)
        yield playground


def connect(playground: Playground, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "whsec_" + base64.b64encode(b"x" * 32).decode()
    for name, value in Access.of(playground).environment(WEBHOOK_SECRET=secret).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def office(migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A migrated database in the folder that doctor runs in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    shutil.copy(migrated_file, tmp_path / "data" / "mql-bot.db")
    database = Database("sqlite:///data/mql-bot.db")
    yield database
    database.close()


def set_up(database: Database, text: str = "") -> None:
    with database.transaction() as tx:
        teamfile.apply(tx, teamfile.parse(text or sample_team(), None), wall_clock.utcnow())


def beat(database: Database, ago: timedelta = timedelta(0)) -> None:
    """A worker has ticked."""
    now = wall_clock.utcnow()
    with database.transaction() as tx:
        heartbeats.beat(tx, SAMPLE_TEAM.id, "here:1", "0.1.0", now - ago, now - ago)


def examine() -> tuple[list[str], list[str], int]:
    """The lines that are well, those that are not, and the exit code."""
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    lines = done.stdout.splitlines()
    well = [line for line in lines if line.startswith("✓")]
    wrong = [line for line in lines if line.startswith("✗")]
    assert (done.exit_code == 1) == bool(wrong)
    return well, wrong, done.exit_code


def expect_a_line(*words: str) -> None:
    """One line tells it beside those that are well; nothing is wrong."""
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code == 0
    assert [line for line in done.stdout.splitlines() if line.startswith("–") and all(word in line for word in words)]


def only_wrong(*words: str) -> None:
    _, wrong, _ = examine()
    (line,) = wrong
    for word in words:
        assert word in line


def test_a_bot_that_lacks_nothing_is_told_so(office: Database, slack: Playground) -> None:
    set_up(office)
    beat(office)
    well, wrong, code = examine()
    assert (wrong, code) == ([], 0)
    assert len(well) == 12


def test_the_words_are_those_of_the_machines_language(
    office: Database, slack: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(office)
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    slack.admin.remove_bot("mql")
    only_wrong("#mql に参加していません", "/invite")


def test_scopes_that_something_on_the_way_leaves_out_are_not_called_missing(
    office: Database, slack: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(office)
    beat(office)
    answer = wire.post

    def without_scopes(*asked: Any) -> wire.Answer:
        status, headers, body = answer(*asked)
        return wire.Answer(status, {name: value for name, value in headers.items() if name != "x-oauth-scopes"}, body)

    monkeypatch.setattr(wire, "post", without_scopes)
    expect_a_line("scopes could not be checked")


@pytest.mark.parametrize("fault", [Fault.HTML_PAGE, Fault.REDIRECT, Fault.BARE_OK, Fault.EMPTY_ANSWER, Fault.TRUNCATED])
def test_something_that_answers_in_slacks_place_is_called_so(office: Database, slack: Playground, fault: Fault) -> None:
    set_up(office)
    beat(office)
    slack.faults.add("*", fault)
    only_wrong("not_slack", "Something between the bot and Slack answers in its place")


def test_without_a_token_it_says_where_to_get_one(office: Database) -> None:
    set_up(office)
    _, wrong, code = examine()
    assert code == 1
    assert "SLACK_BOT_TOKEN" in wrong[0]
    assert "mql-bot manifest" in wrong[0]
    assert "SLACK_SIGNING_SECRET" in wrong[1]


def test_a_missing_webhook_secret_is_mentioned_and_is_no_fault(
    office: Database, slack: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(office)
    monkeypatch.delenv("WEBHOOK_SECRET")
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code == 0
    assert next(line for line in done.stdout.splitlines() if line.startswith("–")).startswith("– WEBHOOK_SECRET")


def test_a_malformed_setting_is_named(office: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "many")
    only_wrong("PORT")


def test_a_token_that_slack_refuses_is_named(
    office: Database, slack: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(office)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-wrong")
    only_wrong("SLACK_BOT_TOKEN", "invalid_auth")


def test_an_app_token_is_tried(office: Database, slack: Playground, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(office)
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-wrong")
    only_wrong("SLACK_APP_TOKEN", "connections:write")
    monkeypatch.setenv("SLACK_APP_TOKEN", slack.app_token)
    assert examine()[2] == 0


def test_scopes_that_the_token_lacks_are_listed(office: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(office)
    granted = [scope for scope in MANIFEST["oauth_config"]["scopes"]["bot"] if scope != "metadata.message:read"]
    with Playground({**MANIFEST, "oauth_config": {"scopes": {"bot": granted}}}) as slack:
        connect(slack, monkeypatch)
        only_wrong("metadata.message:read", "mql-bot manifest")


def test_a_database_behind_the_code_is_named(office: Database, slack: Playground) -> None:
    with office.transaction() as tx:
        tx.exec_driver_sql("DELETE FROM alembic_version")
    only_wrong("mql-bot migrate")


def test_a_workspace_that_is_not_set_up_is_named(office: Database, slack: Playground) -> None:
    only_wrong("mql-bot init")


@pytest.mark.parametrize(
    ("channel", "act", "cure"), [("mql", "remove_bot", "/invite"), ("mql-intake", "archive", "name")]
)
def test_a_slack_channel_that_cannot_be_used_is_named(
    office: Database, slack: Playground, channel: str, act: str, cure: str
) -> None:
    set_up(office)
    getattr(slack.admin, act)(channel)
    only_wrong(f"#{channel}", cure)


def test_a_slack_channel_that_is_not_there_is_named(office: Database, slack: Playground) -> None:
    set_up(office, sample_team().replace("C0MQL00001", "C0NOWHERE1"))
    only_wrong("C0NOWHERE1")


def test_a_roster_without_an_admin_is_named(office: Database, slack: Playground) -> None:
    set_up(office, sample_team().replace('"admin"', '"marketer"'))
    expect_a_line("admin")


def test_members_whose_slack_account_is_closed_are_named(office: Database, slack: Playground) -> None:
    set_up(office)
    slack.admin.deactivate("suzuki")
    only_wrong("鈴木 蓮")


def test_messages_that_slack_refused_for_good_are_counted(office: Database, slack: Playground) -> None:
    set_up(office)
    with office.transaction() as tx:
        queued.add(tx, SAMPLE_TEAM.id, "k", MessageKind.CARD, "C0MQL00001", NOW)
        tx.execute(outbox_table.update().values(state=OutboxState.DEAD, error="is_archived"))
    expect_a_line("is_archived", "C0MQL00001")


def test_messages_that_nobody_delivers_are_counted_with_the_cure(office: Database, slack: Playground) -> None:
    set_up(office)
    now = wall_clock.utcnow()
    with office.transaction() as tx:
        for minutes in (6, 90, 4, -600):
            at = now - timedelta(minutes=minutes)
            queued.add(tx, SAMPLE_TEAM.id, f"k{minutes}", MessageKind.CARD, "C0MQL00001", at)
    since = Translator(Locale.EN, "Asia/Tokyo").moment(now - timedelta(minutes=90))
    only_wrong("2 messages", since, "mql-bot run", "mql-bot worker")


def test_messages_that_wait_for_their_turn_are_no_fault(office: Database, slack: Playground) -> None:
    set_up(office)
    now = wall_clock.utcnow()
    with office.transaction() as tx:
        later = now + timedelta(hours=9)
        queued.add(tx, SAMPLE_TEAM.id, "k", MessageKind.CARD, "U1", now - timedelta(hours=3), not_before=later)
    assert examine()[1] == []


def test_a_worker_that_stopped_is_named_with_the_cure(office: Database, slack: Playground) -> None:
    set_up(office)
    beat(office, timedelta(hours=2))
    since = Translator(Locale.EN, "Asia/Tokyo").moment(wall_clock.utcnow() - timedelta(hours=2))
    only_wrong(since, "mql-bot run", "mql-bot worker")


def test_a_bot_that_was_never_started_is_told_so_and_nothing_is_wrong_yet(office: Database, slack: Playground) -> None:
    set_up(office)
    expect_a_line("yet", "mql-bot run")


def test_a_check_that_is_late_is_named(office: Database, slack: Playground) -> None:
    set_up(office)
    beat(office)
    at = wall_clock.utcnow() - timedelta(minutes=6)
    with office.transaction() as tx:
        tx.execute(report_due.update().values(due_at=at))
    only_wrong(Translator(Locale.EN, "Asia/Tokyo").moment(at), "log")


@pytest.mark.alike
@pytest.mark.parametrize("kind", AlertKind)
def test_what_the_admins_were_told_is_told_here_too(office: Database, slack: Playground, kind: AlertKind) -> None:
    set_up(office)
    beat(office)
    with office.transaction() as tx:
        alerts.add(tx, SAMPLE_TEAM.id, kind, "", NOW, {}, [])
    expect_a_line("told at Wed Nov 25, 10:00", "Whoever leads was" if kind == AlertKind.NO_ADMIN else "The admins were")
