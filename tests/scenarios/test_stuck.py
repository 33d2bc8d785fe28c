"""What Slack has not taken, or perhaps, is in nobody's way for long."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa

from bot.slack.delivery import sender
from playground import Fault
from playground.faults import FaultRule, Faults
from storage.database import Database
from storage.models import outbox
from storage.vocabulary import MessageKind, OutboxState
from tests.scenarios.stage import Team, ja
from tests.thorough import thoroughly

MESSAGES = 34


class Half(Faults):
    """Half of all answers are lost, of questions too: whichever half a seed names."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.lot = random.Random(seed)

    def take(self, method: str, channel: str | None = None) -> FaultRule[Fault] | None:
        """Decide anew for each call."""
        return FaultRule(method, Fault.LOSE_ANSWER) if self.lot.random() < 0.5 else None


def waiting(team: Team) -> int:
    query = sa.select(sa.func.count()).where(outbox.c.state != OutboxState.SENT)
    with team.database.snapshot() as tx:
        return int(tx.execute(query).scalar_one())


@pytest.fixture
def either_team(any_database: Database) -> Team:
    return Team(any_database)


@pytest.mark.thorough
@pytest.mark.rules
@pytest.mark.parametrize("seed", thoroughly([1, 2, 3], but=[1]))
def test_a_minute_after_half_of_the_answers_were_lost_everything_is_in_slack_once(either_team: Team, seed: int) -> None:
    team = either_team
    for number in range(MESSAGES):
        team.receives(f"Acme {number}")
    team.slack.faults = Half(seed)
    for number in range(MESSAGES):
        team.receives(f"Beta {number}")
    for _ in range(180):
        team.advance(seconds=1)
    team.slack.faults = Faults()
    over = team.time.now()
    while waiting(team):
        team.advance(seconds=1)
        assert team.time.now() - over < timedelta(minutes=10)
    took = team.time.now() - over
    keys = [str(message.metadata) for place in team.slack.workspace.channels.values() for message in place.messages]
    team.close()
    assert took <= sender.LONGEST_WAIT + timedelta(seconds=5), took
    assert len(keys) == len(set(keys))


def test_a_new_lead_does_not_wait_for_one_that_is_stuck(team: Team) -> None:
    team.slack.faults.add("chat.postMessage", Fault.REFUSE, times=1, channel="C0MQL00001")
    team.receives("Acme")
    team.receives("Beta")
    (card,) = (message for message in team.channel("mql").messages if message.thread is None)
    assert "Beta" in card.text
    team.advance(seconds=1)
    team.channel("mql").expect("Acme")


def test_notes_stand_in_the_thread_in_the_order_of_what_they_tell(team: Team) -> None:
    team.receives("Acme")
    (message,) = team.dm("sato").unread()
    team.slack.faults.add("chat.postMessage", Fault.REFUSE, times=1, channel="C0MQL00001")
    team.user("sato").press(ja("button.contacted"), in_=message)
    team.user("sato").choose("mql_quick", f"qualified::{team.mql(1).id}", in_=message)
    team.advance(minutes=1)
    (card,) = (posted for posted in team.channel("mql").messages if posted.thread is None)
    notes = [note.text for note in team.channel("mql").thread(card).messages]
    places = [next(i for i, text in enumerate(notes) if words in text) for words in ("連絡", ja("status.qualified"))]
    assert all(before < after for before, after in pairwise(places))


def test_a_message_that_could_not_be_looked_for_waits_no_longer_for_that(team: Team) -> None:
    team.slack.faults.add("chat.postMessage", Fault.LOSE_ANSWER, times=1, channel="C0MQL00001")
    team.slack.faults.add("conversations.history", Fault.ERROR_500)
    team.receives("Acme")
    for _ in range(30):
        team.advance(seconds=2)
    with team.database.snapshot() as tx:
        (card,) = tx.execute(sa.select(outbox).where(outbox.c.kind == MessageKind.CARD)).all()
    assert (card.state, card.attempts, card.error) == (OutboxState.PENDING, 1, "http_500")
    assert card.next_attempt_at - team.time.now() <= timedelta(seconds=6)  # a tenth of a minute
    team.slack.faults.clear()
    team.advance(seconds=6)
    assert len([message for message in team.channel("mql").messages if message.thread is None]) == 1
    assert waiting(team) == 0
