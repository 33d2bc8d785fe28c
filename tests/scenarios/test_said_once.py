"""What goes into a thread or a Slack channel, or asks a leader, stands there exactly once, whatever happens while it is
sent: its answer is lost, Slack asks to wait, the process dies before or after the call."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa

from bot.slack.delivery.rendering import Call
from bot.slack.delivery.sender import RowSender
from bot.slack.messages.context import Nothing
from playground import Fault
from storage import models
from storage.models import Outbox
from storage.rows import many
from storage.vocabulary import MessageKind, OutboxState
from tests.scenarios.stage import Team, ja
from tests.scenarios.test_meeting import WEDNESDAY, meets
from tests.thorough import thoroughly


def marketing_disputes(team: Team) -> Iterator[None]:
    team.receives("Acme")
    team.accepts(1)
    sato, ito = team.user("sato"), team.user("ito")
    sato.choose("mql_quick", f"disqualified:no_budget:{team.mql(1).id}", in_=team.dm("sato"))
    ito.press(ja("button.dispute"), in_=team.channel("mql"))
    ito.modal.fill({"why_dispute": "They told us that the budget is approved"})
    yield
    assert ito.modal.submit().errors == {}


def they_meet(team: Team) -> Iterator[None]:
    team.slack.admin.invite_bot("marketing")
    meets(team)
    team.receives("Acme")
    yield
    team.at(weekday=WEDNESDAY, hour=14)


def a_week_is_over(team: Team) -> Iterator[None]:
    team.receives("Acme")
    yield
    team.at(weekday=0, hour=9)


STORIES: dict[str, tuple[MessageKind, Callable[[Team], Iterator[None]]]] = {
    "a dispute's note": (MessageKind.NOTE, marketing_disputes),
    "the question to decide it": (MessageKind.DISPUTED, marketing_disputes),
    "the agenda of a meeting": (MessageKind.MEETING, they_meet),
    "what stands below a digest": (MessageKind.DIGEST_PEOPLE, a_week_is_over),
}
ASKED = {"answer lost": 1, "500 after it was taken": 1, "429": 2, "killed before the call": 1, "killed after it": 1}
"""How often Slack is asked to post it."""
FAULTS = {
    "answer lost": Fault.LOSE_ANSWER,
    "500 after it was taken": Fault.ERROR_500_AFTER,
    "429": Fault.RATE_LIMIT,
}


class Trouble:
    """Strikes the first attempt to send each message of a kind, in the transaction-free middle of it."""

    def __init__(self, team: Team, kind: MessageKind, what: str, patch: pytest.MonkeyPatch) -> None:
        self.team, self.kind, self.what, self.struck = team, kind, what, list[str]()
        attempt, prepare, sent = RowSender._attempt, RowSender._prepare, RowSender._sent

        def attempted(sender: RowSender, row: Outbox, *given: Any) -> None:
            if not (self.what == "killed before the call" and self._strikes(row)):
                attempt(sender, row, *given)

        def prepared(sender: RowSender, row: Outbox, *given: Any) -> Call | Nothing:
            call = prepare(sender, row, *given)
            if self.what in FAULTS and self._strikes(row):
                assert isinstance(call, Call)
                where = call.arguments["channel"]
                team.slack.faults.add(call.method, FAULTS[self.what], times=1, seconds=30, channel=where)
            return call

        def was_sent(sender: RowSender, row: Outbox, *given: Any) -> None:
            if not (self.what == "killed after it" and self._strikes(row)):
                sent(sender, row, *given)

        patch.setattr(RowSender, "_attempt", attempted)
        patch.setattr(RowSender, "_prepare", prepared)
        patch.setattr(RowSender, "_sent", was_sent)

    def _strikes(self, row: Outbox) -> bool:
        """Once for each message. The process that dies holds what it had claimed until the lease is over."""
        if row.kind != self.kind or row.key in self.struck:
            return False
        self.struck.append(row.key)
        return True


def stored(team: Team, keys: list[str]) -> list[Outbox]:
    with team.database.snapshot() as tx:
        return many(tx, Outbox, sa.select(models.outbox).where(models.outbox.c.key.in_(keys)))


def standing(team: Team) -> Counter[str]:
    """How often the message of each key stands in Slack."""
    with team.slack.workspace.lock:
        records = [message for channel in team.slack.workspace.channels.values() for message in channel.messages]
    return Counter(record.metadata["event_payload"]["key"] for record in records if record.metadata)


# Each story meets one of these two, in turn; in `make test-all` each meets all.
FEWER = [(story, ("answer lost", "killed after it")[number % 2]) for number, story in enumerate(STORIES)]


@pytest.mark.parametrize(("story", "what"), thoroughly(product(STORIES, ASKED), but=FEWER))
def test_whatever_happens_while_it_is_sent_it_stands_there_once(
    team: Team, monkeypatch: pytest.MonkeyPatch, story: str, what: str
) -> None:
    kind, tell = STORIES[story]
    steps = tell(team)
    next(steps)
    trouble = Trouble(team, kind, what, monkeypatch)
    assert next(steps, None) is None
    assert trouble.struck
    assert OutboxState.SENT not in {row.state for row in stored(team, trouble.struck)}, "nobody knows yet"
    for _ in range(6):
        team.advance(minutes=1)

    rows = stored(team, trouble.struck)
    assert {row.state for row in rows} == {OutboxState.SENT}
    there = standing(team)
    assert {key: there[key] for key in trouble.struck} == dict.fromkeys(trouble.struck, 1)
    assert max(there.values()) == 1, "nor is any other there twice"
    asked = Counter(_keys_posted(team))
    assert {key: asked[key] for key in trouble.struck} == dict.fromkeys(trouble.struck, ASKED[what])
    with team.slack.workspace.lock:
        at = {
            (channel, message.ts)
            for channel, known in team.slack.workspace.channels.items()
            for message in known.messages
        }
    assert all((row.channel, row.ts) in at for row in rows), "and the bot knows where"


def _keys_posted(team: Team) -> list[str]:
    calls = [call.request.get("metadata") for call in team.slack.log.calls("chat.postMessage")]
    return [json.loads(call)["event_payload"]["key"] for call in calls if call]
