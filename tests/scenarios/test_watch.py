"""The bot watches itself and tells the admins: once when something is wrong, once when it is over."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.app import Parts, Serving
from bot.core.base.results import Done
from bot.core.mql import response
from bot.metrics import Metrics
from bot.server import listen
from bot.slack.delivery.loop import Delivery
from bot.slack.delivery.pacing import UNPACED
from playground import Fault
from storage import alerts, members, models, undelivered
from storage.database import Database
from storage.models import Alert
from storage.vocabulary import AlertKind, Locale, MessageKind, OutboxState
from tests import queued
from tests.patience import LONGEST
from tests.scenarios.stage import Team, ja

pytestmark = pytest.mark.rules


@pytest.fixture
def team(any_database: Database) -> Iterator[Team]:
    team = Team(any_database)
    yield team
    team.close()


def standing(team: Team) -> list[Alert]:
    with team.database.snapshot() as tx:
        return alerts.standing(tx, team.id)


def said_to(team: Team, name: str) -> list[str]:
    return [message.text for message in team.dm(name).unread()]


def another_process(team: Team) -> Parts:
    """A second process of the same bot: `serve` beside `worker`."""
    assert team.bot is not None
    return Parts(team.bot.parts.settings, team.database, team.time.now, UNPACED)


def test_a_worker_that_stops_is_told_to_the_admin_once_and_once_that_it_is_back(team: Team) -> None:
    web = another_process(team)
    team.looks_after_itself(minutes=1)
    assert said_to(team, "kim") == []

    for _ in range(20):  # ten minutes in which nothing ticks or delivers; two processes look
        team.time.advance(timedelta(seconds=30))
        web.watch.look()
        assert team.bot is not None
        team.bot.parts.watch.look()
    (alert,) = said_to(team, "kim")
    assert "11/17(火) 10:01から止まっています" in alert
    assert "mql-bot worker" in alert
    assert [alert.kind for alert in standing(team)] == [AlertKind.TICKS_STOPPED]

    web = another_process(team)  # a restart of the web process repeats nothing
    for _ in range(10):
        team.time.advance(timedelta(seconds=30))
        web.watch.look()
    assert said_to(team, "kim") == []

    team.settle()  # the worker is back
    team.looks_after_itself(minutes=5)
    web.watch.look()
    (over,) = said_to(team, "kim")
    assert "再開しています" in over
    assert standing(team) == []
    (first, _) = team.dm("kim").messages
    assert "解消しました" in first.text  # and the first message says so, too
    for name in ("tanaka", "yamada", "sato", "ito"):
        team.dm(name).expect_nothing()


def test_a_short_stop_such_as_an_update_is_told_to_nobody(team: Team) -> None:
    team.looks_after_itself(minutes=2)
    team.looks_after_itself(minutes=2, ticking=False)
    team.looks_after_itself(minutes=2)
    assert said_to(team, "kim") == []


def test_a_bot_that_was_off_for_a_day_does_not_complain_of_itself(team: Team) -> None:
    team.looks_after_itself(minutes=1)
    team.stop_bot()
    team.advance(hours=24)
    team.start_bot()
    assert team.bot is not None
    team.bot.parts.watch.look()
    team.looks_after_itself(minutes=5)
    assert said_to(team, "kim") == []


def test_a_worker_that_was_never_started_is_told_too(team: Team) -> None:
    with team.database.transaction() as tx:
        tx.exec_driver_sql("DELETE FROM heartbeat")
    team.looks_after_itself(minutes=4, ticking=False)
    (alert,) = said_to(team, "kim")
    assert "まだ一度も動いていません" in alert


def test_messages_that_do_not_get_out_are_told_and_so_is_that_they_do_again(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.looks_after_itself(minutes=1)
    drain = Delivery.drain
    # Delivery hangs, ticks go on: only what the watch itself has to say gets out.
    monkeypatch.setattr(Delivery, "drain", lambda self, only=(): drain(self, only) if only else 0)
    team.posts_webhook({"company": "Acme"})
    team.looks_after_itself(minutes=14)
    assert said_to(team, "kim") == []
    team.looks_after_itself(minutes=3)
    (alert,) = said_to(team, "kim")
    assert "11/17(火) 10:01" in alert
    monkeypatch.setattr(Delivery, "drain", drain)
    team.looks_after_itself(minutes=1)
    (over,) = said_to(team, "kim")
    assert "遅れなく" in over
    team.channel("mql").expect("Acme")


@pytest.mark.thorough
def test_while_slack_itself_is_away_nothing_can_be_said_and_afterwards_it_is_told_as_over(team: Team) -> None:
    team.looks_after_itself(minutes=1)
    team.slack.faults.add("*", Fault.REFUSE, times=10_000)
    team.posts_webhook({"company": "Acme"})
    team.looks_after_itself(minutes=20)
    assert [alert.kind for alert in standing(team)] == [AlertKind.OUTBOX_STUCK]
    assert team.bot is not None
    assert team.bot.parts.gateway.trouble in ("connection_lost", "timeout")
    team.slack.faults.clear()
    team.looks_after_itself(minutes=12)
    assert standing(team) == []
    team.channel("mql").expect("Acme")
    # Nobody knew whether the alert had got out. It had not, so it goes out as one that is over, and so does its end.
    first, last = said_to(team, "kim")
    assert first.startswith("✅")
    assert last.startswith("✅")


@pytest.mark.thorough
def test_what_slack_refuses_for_good_is_told_once_and_is_over_when_it_was_sent_again(team: Team) -> None:
    team.may_break = ("the app is not a member",)
    team.looks_after_itself(minutes=1)
    team.slack.admin.remove_bot("mql")
    team.receives("Acme")
    team.receives("Bravo")
    team.looks_after_itself(minutes=2)
    (alert,) = said_to(team, "kim")
    assert "not_in_channel" in alert
    assert "/invite" in alert
    assert "mql-bot resend" in alert

    _resend(team)  # too early: refused again, and that is no news
    team.looks_after_itself(minutes=2)
    assert said_to(team, "kim") == []

    team.slack.admin.invite_bot("mql")
    _resend(team)
    team.looks_after_itself(minutes=2)
    (over,) = said_to(team, "kim")
    assert "もう残っていません" in over


def _resend(team: Team) -> None:
    with team.database.transaction() as tx:
        assert undelivered.revive(tx, team.id, team.time.now())


@pytest.mark.thorough
def test_an_owner_whose_account_is_closed_is_told_to_the_admin_and_not_twice_to_the_manager(team: Team) -> None:
    team.receives("Acme")
    team.user("sato").press(ja("button.accept"))
    manager = team.slack.user("tanaka").id
    with team.database.transaction() as tx:  # the manager is an admin, too
        members.update(tx, team.id, manager, roles=["manager", "admin"])
    team.looks_after_itself(minutes=1)
    for name in ("tanaka", "kim"):
        team.dm(name).unread()

    team.slack.admin.deactivate("sato")
    team.advance(hours=12)
    team.catch_up()  # the roster's profiles are read
    team.looks_after_itself(minutes=2)
    (alert,) = [text for text in said_to(team, "kim") if "Slackアカウントが停止され" in text]
    assert "#1" in alert
    heard = said_to(team, "tanaka")
    assert len([text for text in heard if "メンバーから外れました" in text]) == 1
    assert not [text for text in heard if "Slackアカウントが停止され" in text]

    with team.database.transaction() as tx:
        to = team.slack.user("suzuki").id
        assert isinstance(response.reassign(tx, team.id, team.mql(1).id, manager, to, None, team.time.now()), Done)
    team.looks_after_itself(minutes=2)
    assert len([text for text in said_to(team, "kim") if "もうありません" in text]) == 1
    assert not [text for text in said_to(team, "tanaka") if "もうありません" in text]


def test_that_nobody_can_be_given_an_mql_is_told_before_one_comes(team: Team) -> None:
    team.looks_after_itself(minutes=1)
    for name in ("sato", "suzuki"):
        team.away(name, days=2)
    team.away("brown", hours=3)
    team.looks_after_itself(minutes=1)
    assert said_to(team, "kim") == []  # back this afternoon
    team.away("brown", days=1)
    team.looks_after_itself(minutes=1)
    (alert,) = said_to(team, "kim")
    assert "11/18(水) 10:02まで" in alert
    team.user("brown").types("/mql back")
    team.looks_after_itself(minutes=1)
    (over,) = said_to(team, "kim")
    assert "受け取れる営業担当がいます" in over


def test_each_admin_reads_it_in_their_own_language(team: Team) -> None:
    with team.database.transaction() as tx:
        members.update(tx, team.id, team.slack.user("kim").id, locale=Locale.EN)
    team.looks_after_itself(minutes=1)
    team.looks_after_itself(minutes=4, ticking=False)
    (alert,) = said_to(team, "kim")
    assert "Nobody has watched the deadlines" in alert


@pytest.mark.thorough
def test_an_alert_that_could_not_be_delivered_before_it_was_over_is_not_delivered_late(team: Team) -> None:
    team.looks_after_itself(minutes=1)
    team.slack.faults.add("chat.postMessage", Fault.RATE_LIMIT, times=1, seconds=600)
    team.looks_after_itself(minutes=5, ticking=False)
    assert len(standing(team)) == 1
    team.looks_after_itself(minutes=12)
    assert standing(team) == []
    assert said_to(team, "kim") == []
    with team.database.snapshot() as tx:
        kinds = (MessageKind.ALERT, MessageKind.ALERT_OVER)
        assert not undelivered.unsent_of(tx, team.id, kinds)


def test_a_web_process_that_is_asked_to_stop_finishes_the_alert_in_hand(team: Team) -> None:
    assert team.bot is not None
    settings = team.bot._settings
    team.may_break = ("could not reach the bot",)  # Slack tells it of its own direct message
    team.stop_bot()
    team.slack.faults.add("chat.postMessage", Fault.HANG_AFTER, seconds=LONGEST)
    now = datetime.now(UTC)
    with team.database.transaction() as tx:
        alert = alerts.add(tx, team.id, AlertKind.TICKS_STOPPED, "", now, {"since": None}, ["U0KIM00001"])
        assert alert is not None
        queued.add(tx, team.id, "an alert", MessageKind.ALERT, "U0KIM00001", now, data={"alert": alert.id})
    serving = Serving(settings, team.database, Metrics(), threads=2)
    serving.start(listen("127.0.0.1", 0))
    until = time.monotonic() + LONGEST
    while not (states := states_of_messages(team)) >= {OutboxState.SENDING} and time.monotonic() < until:
        time.sleep(0.01)
    assert states >= {OutboxState.SENDING}
    stopping = threading.Thread(target=serving.stop)
    stopping.start()
    assert serving._parts.delivery._stopping.wait(LONGEST)
    team.slack.faults.clear()
    stopping.join()
    assert OutboxState.SENDING not in states_of_messages(team)


def states_of_messages(team: Team) -> set[OutboxState]:
    with team.database.snapshot() as tx:
        return set(tx.execute(sa.select(models.outbox.c.state)).scalars())
