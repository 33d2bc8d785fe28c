"""The same story where Slack cannot reach us: the bot opens the connection."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from bot.slack import socket_mode
from playground import Fault
from storage.vocabulary import Status
from tests.patience import LONGEST, wait_for
from tests.scenarios.stage import Team, ja
from tests.scenarios.test_intake import HUBSPOT


def test_the_story_runs_over_a_connection_that_the_bot_opens(team: Team) -> None:
    team.stop_bot()
    team.start_bot(socket_mode=True)
    team.app("HubSpot").posts("mql-intake", attachments=HUBSPOT, classic=True)
    team.user("sato").press(ja("button.accept"))
    sato = team.user("sato")
    sato.types("/mql-feedback 1", channel="sales")
    sato.modal.fill({"disposition": "disqualified"})
    sato.modal.fill({"lost_reason": "other"})
    assert "コメント" in sato.modal.submit().errors["comment"]
    sato.modal.fill({"comment": "社内の検証用でした"})
    assert sato.modal.submit().errors == {}
    assert team.mql(1).status == Status.DISQUALIFIED
    team.user("tanaka").types("/mql show 1", channel="sales")
    assert "社内の検証用でした" in team.user("tanaka").modal.text


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pings come ten times as often."""
    for name in ("PING", "SILENCE", "LOOK"):
        monkeypatch.setattr(socket_mode, name, getattr(socket_mode, name) / 10)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    "lose", [lambda team: team.slack.socket_mode.pull(), lambda team: team.slack.socket_mode.cut()]
)
def test_a_connection_that_is_lost_without_a_word_is_opened_again(team: Team, lose: Callable[[Team], None]) -> None:
    team.receives("Acme")
    team.stop_bot()
    team.start_bot(socket_mode=True)
    assert team.bot is not None
    assert team.bot._socket is not None
    before = team.slack.socket_mode.opened
    lose(team)
    wait_for(lambda: team.slack.socket_mode.opened > before)
    # Of the two that Slack has, it may choose the dead one for as long as that is not gone there.
    wait_for(lambda: team.slack.socket_mode.connections == 1)
    wait_for(team.bot._socket.is_connected)
    team.user("sato").press(ja("button.accept"))
    assert team.mql(1).status == Status.ACCEPTED


@pytest.mark.thorough
@pytest.mark.parametrize(
    "lose", [lambda team: team.slack.socket_mode.pull(), lambda team: team.slack.socket_mode.cut()]
)
def test_it_is_open_again_within_the_time_that_is_promised(team: Team, lose: Callable[[Team], None]) -> None:
    team.stop_bot()
    team.start_bot(socket_mode=True)
    before, lost = team.slack.socket_mode.opened, time.monotonic()
    lose(team)
    wait_for(lambda: team.slack.socket_mode.opened > before)
    assert time.monotonic() - lost < socket_mode.NOTICED + LONGEST / 10  # a busy machine gets its time


def test_whoever_is_not_answered_is_not_connected(team: Team) -> None:
    now = [0.0]
    assert team.bot is not None
    line = socket_mode.SocketMode(team.bot.parts.bolt, team.slack.app_token, team.slack.api_url, lambda: now[0])
    line.start()
    try:
        assert line.is_connected()
        session = line._client.current_session
        assert session is not None
        wait_for(lambda: session.last_ping_pong_time is not None)
        now[0] = 1.0
        assert line.is_connected()
        now[0] += socket_mode.SILENCE + 0.1
        assert not line.is_connected()
        before = team.slack.socket_mode.opened
        wait_for(lambda: team.slack.socket_mode.opened > before)
    finally:
        team.slack.socket_mode.stop()
        line.stop()


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("fault", [Fault.REFUSE, Fault.BARE_OK])
def test_a_bot_that_cannot_connect_at_its_start_connects_later(team: Team, fault: Fault) -> None:
    team.stop_bot()
    team.slack.faults.add("apps.connections.open", fault, times=1)
    team.start_bot(socket_mode=True)
    assert team.bot is not None
    assert team.bot._socket is not None
    wait_for(team.bot._socket.is_connected)
    wait_for(lambda: team.slack.socket_mode.connections > 0)  # Slack knows of it a moment later than the bot
    assert team.user("sato").types("/mql help", channel="sales").text


def test_the_longer_slack_is_away_the_seldomer_it_is_asked_for_a_connection(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, tries = [1_000.0], list[float]()
    assert team.bot is not None
    monkeypatch.setattr(socket_mode, "LOOK", LONGEST)  # we look ourselves
    line = socket_mode.SocketMode(team.bot.parts.bolt, team.slack.app_token, team.slack.api_url, lambda: now[0])
    monkeypatch.setattr(socket_mode, "LOOK", 1.0)
    team.slack.faults.add("apps.connections.open", Fault.REDIRECT)
    before = 0
    for _ in range(200):
        line._look()
        asked = len(team.slack.log.calls("apps.connections.open"))
        tries += [now[0]] * (asked - before)
        before, now[0] = asked, now[0] + 1
    assert [int(after - first) for first, after in pairwise(tries)][:6] == [2, 4, 8, 16, 30, 30]
    team.slack.faults.clear()
    now[0] += socket_mode.LONGEST_WAIT
    line._look()
    assert line.is_connected()
    team.slack.socket_mode.stop()
    line.stop()
