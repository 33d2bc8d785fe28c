"""A worker that is slower than its lease, beside others and beside an admin who has a message sent again: whoever comes
first, the message stands in Slack once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from bot.slack.delivery.loop import Delivery
from bot.slack.delivery.pacing import UNPACED
from bot.slack.web_api.gateway import Gateway
from playground import Fault
from storage import models, undelivered
from storage.database import Database
from storage.vocabulary import MessageKind, OutboxState
from tests.patience import LONGEST
from tests.scenarios.stage import Team

# Two workers on one message are set against each other on both databases in tests/core/mql.
pytestmark = pytest.mark.rules

AFTER_ITS_LEASE = timedelta(minutes=2)


@pytest.fixture
def team(any_database: Database) -> Iterator[Team]:
    team = Team(any_database)
    yield team
    team.close()


@contextmanager
def slow_worker(team: Team, method: str) -> Iterator[Callable[[], None]]:
    """Another worker, which stands still when it has had Slack's answer to a method. Gives what lets it go on; in the
    end it has done so, and done everything."""
    gateway = Gateway(team.slack.bot_token, team.slack.api_url)
    # With one thread it takes one message at a time: the card is the first.
    delivery = Delivery(team.database, gateway, team.id, team.time.now, threads=1, pacing=UNPACED)
    reached, let_go, call = threading.Event(), threading.Event(), gateway.call

    def slow(called: str, **arguments: Any) -> dict[str, Any]:
        answer = call(called, **arguments)
        if called == method:
            reached.set()
            assert let_go.wait(LONGEST)
        return answer

    gateway.call = slow  # type: ignore[method-assign, assignment]
    with ThreadPoolExecutor(1) as pool:
        drained: Future[int] = pool.submit(delivery.drain)

        def goes_on() -> None:
            let_go.set()
            drained.result(LONGEST)

        try:
            assert reached.wait(LONGEST)
            yield goes_on
            goes_on()
        finally:
            let_go.set()
            delivery.stop()


def resend(team: Team) -> int:
    with team.database.transaction() as tx:
        return undelivered.revive(tx, team.id, team.time.now())


def cards(team: Team) -> int:
    return len([message for message in team.channel("mql").messages if message.thread is None])


def stands_once(team: Team) -> None:
    """The card and the note in its thread, and the rows know it."""
    team.advance(minutes=3)
    team.advance(minutes=3)
    assert cards(team) == 1
    with team.database.snapshot() as tx:
        rows = [row for row in tx.execute(models.outbox.select()) if row.kind != MessageKind.EDIT]
    assert [(row.kind, row.error) for row in rows if row.state != OutboxState.SENT] == []


@pytest.mark.parametrize("arrived", [True, False])
@pytest.mark.parametrize("earlier", ["the slow worker", "the retry"])
def test_a_refused_message_is_sent_again_while_a_slow_worker_still_looks_for_it(
    team: Team, arrived: bool, earlier: str
) -> None:
    team.may_break = ("the app is not a member",)
    fault = Fault.LOSE_ANSWER if arrived else Fault.ERROR_500
    team.slack.faults.add("chat.postMessage", fault, times=2)  # the card, and the message to its owner
    team.receives("Acme")
    team.time.advance(timedelta(seconds=5))
    with slow_worker(team, "conversations.history") as goes_on:
        team.slack.admin.remove_bot("mql")
        team.time.advance(AFTER_ITS_LEASE)
        team.settle()  # another worker looks for it, too, and is refused
        team.slack.admin.invite_bot("mql")
        assert resend(team) >= 1
        if earlier == "the slow worker":
            goes_on()
        team.settle()
    stands_once(team)


def test_a_worker_that_looks_for_longer_than_its_lease_does_not_post_beside_the_next_one(team: Team) -> None:
    team.slack.faults.add("chat.postMessage", Fault.ERROR_500, times=2)
    team.receives("Acme")
    team.time.advance(timedelta(seconds=5))
    with slow_worker(team, "conversations.history"):
        team.time.advance(AFTER_ITS_LEASE)
        team.settle()
        assert cards(team) == 1
    stands_once(team)
