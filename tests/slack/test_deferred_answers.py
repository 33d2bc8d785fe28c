"""A report that takes longer than Slack waits is promised, and follows."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from bot.slack import deferred_answers
from bot.slack.blocks.base.kit import Message, sentence
from bot.slack.listeners.base.command import CommandContext
from bot.slack.listeners.reports import report
from playground import Fault
from storage.database import Database
from tests.patience import LONGEST
from tests.scenarios.stage import Team, ja

TOLD = ja.md("scoring.none")


@pytest.fixture
def team(database: Database) -> Iterator[Team]:
    team = Team(database)
    yield team
    team.close()


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Until then the scoring check is being counted."""
    ready = threading.Event()

    def slow(_: CommandContext) -> Message:
        assert ready.wait(LONGEST)
        return sentence(TOLD)

    monkeypatch.setitem(report.REPORTS, "scoring", slow)
    monkeypatch.setattr(deferred_answers, "PATIENCE", 0.01)
    return ready


def everything_counted() -> None:
    for thread in threading.enumerate():
        if thread.name == "counting":
            thread.join(LONGEST)


def test_it_is_promised_within_slacks_three_seconds_and_follows(team: Team, ready: threading.Event) -> None:
    asked = team.user("tanaka").types("/mql report scoring", channel="sales")
    assert asked.text == ja("reply.counting")
    team.receives("Acme")  # nobody waits for it
    ready.set()
    everything_counted()
    shown = [
        (message.text, message.ephemeral_for) for message in team.channel("sales").messages if message.ephemeral_for
    ]
    assert shown == [(ja("reply.counting"), "tanaka"), (TOLD, "tanaka")]


def test_what_slack_does_not_take_is_gone_and_the_next_one_is_counted(team: Team, ready: threading.Event) -> None:
    ready.set()
    for fault in (Fault.ERROR_500, Fault.REFUSE):
        team.slack.faults.add("response_url", fault, times=1)
        team.user("tanaka").types("/mql report scoring", channel="sales")
        everything_counted()
    team.user("tanaka").types("/mql report scoring", channel="sales")
    everything_counted()
    assert TOLD in [message.text for message in team.channel("sales").messages]


def test_one_that_fails_says_so_and_fails_alone(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = threading.Event()

    def broken(_: CommandContext) -> Message:
        assert waits.wait(LONGEST)
        raise RuntimeError("the database is away")

    monkeypatch.setitem(report.REPORTS, "scoring", broken)
    monkeypatch.setattr(deferred_answers, "PATIENCE", 0.01)
    assert team.user("tanaka").types("/mql report scoring", channel="sales").text == ja("reply.counting")
    waits.set()
    everything_counted()
    everything_counted()
    team.channel("sales").expect(ja("reply.count_failed"))
    monkeypatch.setattr(deferred_answers, "PATIENCE", LONGEST)
    assert "MQL週次レポート" in team.user("tanaka").types("/mql report", channel="sales").text
