"""App Homes that are open: fresh after a change, never more often than allowed, and right after any trouble."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.core.mql import response
from bot.slack import home_drawing
from bot.slack.context import AppContext
from bot.slack.home_drawing import HomeLoop, publish_home
from bot.slack.identity import Identity
from bot.slack.web_api.gateway import Denied, NotTaken, OutcomeUnknown
from storage import homes
from storage.database import Database
from tests.workspace import NOW, WORKSPACE, configure, receive

pytestmark = pytest.mark.rules

SECOND = timedelta(seconds=1)
ACCEPTED = "🔵 *受領済み*"


class Slack:
    """What Slack was asked to show, and what it answers next."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[Exception] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def call_in_time(self, _: str, *, user_id: str, view: dict[str, Any]) -> None:
        self.meanwhile()
        if self.answers:
            raise self.answers.pop(0)
        self.shown.append((user_id, view))


class Stage:
    """A workspace, its Slack and a clock that we move."""

    def __init__(self, database: Database) -> None:
        self.database, self.slack, self.at = database, Slack(), NOW
        identity = Identity(WORKSPACE, "https://acme.slack.com/", "U0BOT", "B0BOT")
        parts: Any = (database, self.slack, identity, lambda: self.at, lambda: None, None)
        self.context = AppContext(*parts)
        self.loop = HomeLoop(self.context)

    def opens(self, user: str) -> None:
        publish_home(self.context, WORKSPACE, user)

    def accepts(self, mql_id: int) -> None:
        with self.database.transaction() as tx:
            response.accept(tx, WORKSPACE, mql_id, "U3", self.at)

    def after(self, wait: timedelta) -> int:
        """How many are drawn when the loop looks so much later."""
        self.at += wait
        return self.loop.drain()


@pytest.fixture
def stage(any_database: Database) -> Stage:
    configure(any_database)
    for number in range(3):
        receive(any_database, f"C{number}")
    return Stage(any_database)


@pytest.mark.sql
def test_whoever_looks_sees_a_change_within_two_seconds_and_nobody_else_is_drawn(stage: Stage) -> None:
    stage.opens("U1")
    stage.opens("U3")
    assert [user for user, _ in stage.slack.shown] == ["U1", "U3"]
    assert stage.after(2 * SECOND) == 0, "nothing has changed"
    stage.accepts(1)
    assert stage.after(SECOND / 2) == 2
    assert ACCEPTED in str(stage.slack.shown[-1][1])
    assert {user for user, _ in stage.slack.shown} == {"U1", "U3"}


def test_many_changes_within_two_seconds_are_drawn_once_and_the_last_is_not_lost(stage: Stage) -> None:
    stage.opens("U3")
    drawn = 0
    for mql_id in (1, 2, 3):
        stage.accepts(mql_id)
        drawn += stage.after(SECOND / 2)
    assert drawn == 0
    assert stage.after(SECOND / 2) == 1
    assert str(stage.slack.shown[-1][1]).count(ACCEPTED) == 6  # as their own, and among all
    assert stage.after(timedelta(seconds=20)) == 0


def test_who_opens_it_again_at_once_waits_no_longer_than_two_seconds(stage: Stage) -> None:
    stage.opens("U3")
    stage.opens("U3")
    assert len(stage.slack.shown) == 1
    assert stage.after(2 * SECOND) == 1


def test_nothing_is_lost_while_slack_asks_us_to_wait(stage: Stage) -> None:
    stage.slack.answers = [NotTaken("views.publish", "ratelimited", 30.0)]
    stage.opens("U3")
    stage.accepts(1)
    assert stage.after(timedelta(seconds=29)) == 0
    assert stage.after(SECOND) == 1
    assert ACCEPTED in str(stage.slack.shown[-1][1])


@pytest.mark.parametrize("trouble", [OutcomeUnknown("views.publish", "timeout"), NotTaken("views.publish", "http_502")])
def test_after_a_lost_answer_it_is_drawn_again(stage: Stage, trouble: Exception) -> None:
    stage.slack.answers = [trouble]
    stage.opens("U3")
    assert stage.slack.shown == []
    assert stage.after(home_drawing.AFTER_TROUBLE) == 1
    assert len(stage.slack.shown) == 1


def test_what_slack_refuses_is_not_asked_for_again_and_again(stage: Stage) -> None:
    stage.slack.answers = [Denied("views.publish", "user_not_found")]
    stage.opens("U3")
    stage.accepts(1)
    assert sum(stage.after(timedelta(seconds=30)) for _ in range(9)) == 0
    assert stage.after(timedelta(seconds=30)) == 1


@pytest.mark.sql
def test_what_changes_while_it_is_drawn_is_drawn_once_more(stage: Stage) -> None:
    stage.slack.meanwhile = lambda: stage.accepts(1)
    stage.opens("U3")
    stage.slack.meanwhile = lambda: None
    assert ACCEPTED not in str(stage.slack.shown[-1][1])
    assert stage.after(2 * SECOND) == 1
    assert ACCEPTED in str(stage.slack.shown[-1][1])


@pytest.mark.sql
def test_of_two_processes_one_draws_and_one_that_died_holds_it_up_for_a_while_only(stage: Stage) -> None:
    stage.opens("U3")
    stage.at += 2 * SECOND
    stage.accepts(1)
    with stage.database.transaction() as tx:
        known = homes.get(tx, WORKSPACE, "U3")
        assert known is not None
        assert homes.take(tx, known, stage.at + home_drawing.LEASE) is not None
        assert homes.take(tx, known, stage.at + home_drawing.LEASE) is None
    assert stage.after(SECOND) == 0
    assert stage.after(home_drawing.LEASE) == 1


def test_what_was_due_today_is_overdue_without_any_change(stage: Stage) -> None:
    stage.opens("U1")
    before = str(stage.slack.shown[-1][1])
    assert "期限超過(" not in before
    stage.at = NOW + timedelta(hours=24) - SECOND
    with stage.database.transaction() as tx:
        homes.look(tx, WORKSPACE, "U1", stage.at)
    stage.loop.drain()
    assert stage.after(home_drawing.AT_LEAST_EVERY) == 1
    assert "期限超過(" in str(stage.slack.shown[-1][1])


def test_who_leaves_it_is_drawn_no_more_nor_who_has_not_looked_for_long(stage: Stage) -> None:
    stage.opens("U1")
    stage.opens("U3")
    with stage.database.transaction() as tx:
        homes.leave(tx, WORKSPACE, "U1", stage.at)
    stage.accepts(1)
    assert stage.after(2 * SECOND) == 1
    stage.accepts(2)
    assert stage.after(homes.LOOKS_FOR) == 0


def test_a_clock_that_was_set_back_leaves_nobody_without_an_app_home(stage: Stage) -> None:
    stage.opens("U3")
    stage.at -= timedelta(days=3)
    stage.opens("U3")
    assert len(stage.slack.shown) == 2
    stage.accepts(1)
    assert stage.after(2 * SECOND) == 1
