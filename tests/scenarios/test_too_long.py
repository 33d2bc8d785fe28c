"""A message that Slack finds too long is read in part rather than not at all."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.slack.blocks.base import budget, shortened
from playground.methods import chat
from storage.models import outbox
from storage.vocabulary import OutboxState
from tests.scenarios.stage import Team, ja

LONG = {"message": "Could you show us? " * 60, "email": "a@example.com", "attributes": {"Industry": "Steel"}}


def is_short(text: str) -> bool:
    return ja("short.note") in text


def test_what_slack_finds_too_long_is_sent_short_at_once_with_its_buttons(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.may_break = ("characters together, limit",)
    monkeypatch.setattr(chat, "BLOCKS_LIMIT", 1_400)
    monkeypatch.setattr(budget, "JSON_MOST", 2_400)
    team.receives("Acme", **LONG)
    (message,) = team.dm("sato").unread()
    assert is_short(message.text)
    assert ja("button.accept") in message.buttons
    team.user("sato").press(ja("button.accept"), in_=message)
    with team.database.snapshot() as tx:
        states = set(tx.execute(sa.select(outbox.c.state)).scalars())
    assert states == {OutboxState.SENT}


def test_what_is_over_our_own_budget_is_sent_short(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "JSON_MOST", 1_400)
    monkeypatch.setattr(shortened, "HALF", 0.8)
    team.receives("Acme", **LONG)
    (message,) = team.dm("sato").unread()
    assert is_short(message.text)
    monkeypatch.undo()
    team.user("sato").press(ja("button.accept"), in_=message)
    assert not is_short(message.text)
    assert message.edited
