from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.core.base import wall_clock
from playground import SAMPLE_TEAM
from storage.database import Database
from storage.models import outbox as table
from storage.vocabulary import MessageKind, OutboxState
from tests.cli.kit import cli, complaint
from tests.scenarios.stage import Team


@pytest.fixture
def team(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    """A team whose database the command line works on too."""
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string())
    team = Team(database)
    # The command line reads the clock of this process: the stage's.
    monkeypatch.setattr(wall_clock, "utcnow", team.time.now)
    yield team
    team.close()


def states(team: Team) -> dict[tuple[MessageKind, str], OutboxState]:
    with team.database.snapshot() as tx:
        return {(row.kind, row.key): row.state for row in tx.execute(table.select())}


def test_a_card_that_slack_refused_stands_there_after_the_bot_is_invited_again(team: Team, language: str) -> None:
    team.may_break = ("the app is not a member",)
    team.slack.admin.remove_bot("mql")
    team.receives("Acme")
    assert not team.channel("mql").messages
    lost = [state for state in states(team).values() if state == OutboxState.DEAD]
    assert len(lost) == 1  # the card
    assert "mql-bot resend" in cli("doctor").output

    team.slack.admin.invite_bot("mql")
    before = states(team)
    would = cli("resend", "--dry-run")
    assert would.exit_code == 0
    assert str(len(lost)) in would.output
    assert states(team) == before

    done = cli("resend")
    assert done.exit_code == 0
    assert str(len(lost)) in done.output
    team.advance(seconds=5)
    (card,) = [message for message in team.channel("mql").messages if message.thread is None]
    assert "Acme" in card.text
    assert {*states(team).values()} == {OutboxState.SENT}
    assert len(team.dm("sato").messages) == 1
    assert {"en": "no message", "ja": "ありません"}[language] in cli("resend").output


def test_what_is_no_longer_true_is_not_said_after_all(team: Team) -> None:
    team.receives("Acme")
    team.user("sato").press("受領する")
    with team.database.transaction() as tx:
        tx.execute(table.update().where(table.c.kind == MessageKind.ASSIGNMENT).values(state="dead", sent_at=None))
        tx.execute(table.update().values(target=team.slack.user("suzuki").id).where(table.c.state == "dead"))
    assert "1" in cli("resend").output
    team.advance(seconds=5)
    team.dm("suzuki").expect_nothing()


def test_without_a_workspace_it_says_so_in_one_line() -> None:
    assert cli("migrate").exit_code == 0
    assert complaint("resend")


def test_a_workspace_that_is_not_known_is_named(team: Team) -> None:
    assert SAMPLE_TEAM.id in complaint("resend", "--workspace", "T0ANOTHER1")
