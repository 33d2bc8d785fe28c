"""What the command line says of the webhook that is told what becomes of MQLs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import Parts
from bot.cli.sample.team import sample_team
from bot.core.base import wall_clock
from bot.settings import load
from bot.slack.delivery.pacing import UNPACED
from storage import workspaces
from storage.database import Database
from tests.cli.kit import cli
from tests.connectors.receiver import SECRET, Receiver
from tests.scenarios.stage import Team


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def team(database: Database, monkeypatch: pytest.MonkeyPatch, receiver: Receiver) -> Iterator[Team]:
    """A team whose webhook is the receiver's, and whose database the command line works on too."""
    monkeypatch.setenv("LANG", "C")
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string())
    team = Team(database)
    monkeypatch.setattr(wall_clock, "utcnow", team.time.now)
    with database.transaction() as tx:
        workspaces.save(tx, team.id, team.time.now(), webhook_url=receiver.url())
    yield team
    team.close()


def sent(team: Team, monkeypatch: pytest.MonkeyPatch) -> int:
    """Let a process send whose environment has the secret and allows the host."""
    slack = {"SLACK_BOT_TOKEN": team.slack.bot_token, "SLACK_SIGNING_SECRET": team.slack.signing_secret}
    ours = {"OUTBOUND_WEBHOOK_SECRET": SECRET, "OUTBOUND_ALLOWED_HOSTS": "127.0.0.1"}
    for name, value in {**slack, "SLACK_API_URL": team.slack.api_url, **ours}.items():
        monkeypatch.setenv(name, value)
    settings = load(env_file=None)
    return Parts(settings, team.database, team.time.now, UNPACED).outbound.drain()


def lines(*words: str) -> list[str]:
    return [line for line in cli("doctor").output.splitlines() if "webhook" in line and all(w in line for w in words)]


def test_doctor_names_what_keeps_the_webhook_from_being_told(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = lines("OUTBOUND_WEBHOOK_SECRET")
    assert line.startswith("✗")
    monkeypatch.setenv("OUTBOUND_WEBHOOK_SECRET", SECRET)
    (line,) = lines("OUTBOUND_ALLOWED_HOSTS")
    assert line.startswith("✗")
    monkeypatch.setenv("OUTBOUND_ALLOWED_HOSTS", "127.0.0.1")
    (line,) = lines("127.0.0.1", "told")
    assert line.startswith("✓")
    assert "team=1" not in line


def test_what_was_given_up_is_told_and_sent_again(
    team: Team, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.answers = [500, 410]
    team.receives("Acme")
    assert sent(team, monkeypatch) == 1
    (line,) = lines("http_500")
    assert line.startswith("✗")
    team.advance(seconds=5)
    assert sent(team, monkeypatch) == 2
    assert lines("http_500") == []
    (line,) = lines("http_410", "mql-bot resend")
    assert line.startswith("–")

    assert "1 event would be sent to the webhook" in cli("resend", "--dry-run").output
    assert lines("http_410")
    assert "1 event waits to be sent to the webhook" in cli("resend").output
    assert lines("http_410") == []
    assert sent(team, monkeypatch) == 1
    assert receiver.types() == ["mql.received", "mql.received", "mql.assigned", "mql.received"]
    assert "Slack refused" in cli("resend").output


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://crm.intra/", "https"),
        ("https://10.0.0.7/", "private network"),
        ("https://127.0.0.1/", "private network"),
    ],
)
def test_an_address_that_the_environment_does_not_allow_is_refused_by_line(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, words: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string())
    file = tmp_path / "team.toml"
    text = sample_team().replace('locale = "ja"  ', 'locale = "en"  ', 1)
    file.write_text(text + f'\n[webhook]\nurl = "{url}"\n', encoding="utf-8")
    refused = cli("config", "apply", str(file), "--yes")
    assert refused.exit_code == 1
    line = len(file.read_text(encoding="utf-8").splitlines())
    assert f"line {line}" in refused.output
    assert words in refused.output
    with database.snapshot() as tx:
        assert workspaces.every(tx) == []
    monkeypatch.setenv("OUTBOUND_ALLOWED_HOSTS", "crm.intra,10.0.0.7,127.0.0.1")
    assert cli("config", "apply", str(file), "--yes").exit_code == 0
    assert f'url = "{url}"' in cli("config", "export").output


@pytest.mark.thorough
def test_the_admins_are_told_once_when_it_takes_nothing_for_an_hour_and_once_when_it_is_over(
    team: Team, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.answers = [500, 500, 500, 500, 410]
    team.receives("Acme")
    for seconds in (0, 5, 300, 1800):
        team.advance(seconds=seconds)
        assert sent(team, monkeypatch) == 1
        team.looks_after_itself(minutes=1)
    team.dm("kim").expect_nothing()
    team.looks_after_itself(minutes=30)
    (alert,) = team.dm("kim").unread()
    assert "http_500" in alert.text
    team.advance(hours=2)
    assert sent(team, monkeypatch) == 2  # given up, and what came after it is taken
    team.looks_after_itself(minutes=1)
    cli("resend")
    team.looks_after_itself(minutes=1)
    team.dm("kim").expect_nothing()
    assert sent(team, monkeypatch) == 1
    team.looks_after_itself(minutes=1)
    (over,) = team.dm("kim").unread()
    assert over.text.startswith("✅")
