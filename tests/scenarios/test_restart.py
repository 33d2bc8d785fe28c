"""Stopped at any moment, for any time: nothing is lost, nothing is said twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.slack.delivery.loop import Delivery
from playground import Fault
from storage import models, outbox
from storage.models import Outbox
from storage.vocabulary import EventType, MessageKind, OutboxState, Status
from tests.scenarios.stage import Team, ja


def test_after_three_days_off_each_missed_checkpoint_is_recorded_at_its_time_and_the_highest_announced(
    team: Team,
) -> None:
    team.receives("Acme")
    received = team.mql(1).received_at
    for name in ("sato", "tanaka", "yamada"):
        team.dm(name).unread()
    team.stop_bot()
    team.advance(hours=72)
    team.start_bot()

    fired = [event for event in team.log(1) if event.recorded_at > received]
    hours = [(event.type, (event.at - received) / timedelta(hours=1)) for event in fired]
    assert hours == [
        (EventType.REMINDED, 12),
        (EventType.REMINDED, 19.2),
        (EventType.BREACHED, 24),
        (EventType.ESCALATED, 24),
        (EventType.ESCALATED, 48),
    ]
    assert all(event.recorded_at == team.time.now() for event in fired)
    for name in ("tanaka", "yamada"):  # the manager too: the log says that she was told
        (escalation,) = team.dm(name).unread()
        assert "48時間" in escalation.text
    team.dm("sato").expect_nothing()

    team.stop_bot()
    team.start_bot()
    team.advance(hours=1)
    team.dm("yamada").expect_nothing()


def test_a_digest_missed_over_a_restart_goes_out_once_and_older_ones_not_at_all(team: Team) -> None:
    team.receives("Acme")
    team.user("sato").press(ja("button.accept"))
    team.stop_bot()
    team.advance(days=20)  # three Mondays
    team.dm("tanaka").unread()
    team.start_bot()
    digests = [m.text for m in team.dm("tanaka").unread() if "週次レポート" in m.text]
    assert len(digests) == 1
    assert "11/30(月)〜12/6(日)" in digests[0]
    team.advance(hours=1)
    assert [m for m in team.dm("tanaka").unread() if "週次レポート" in m.text] == []
    team.at(weekday=0, hour=9)
    assert "12/7(月)〜12/13(日)" in "".join(m.text for m in team.dm("tanaka").unread())


@pytest.mark.parametrize("fault", [Fault.LOSE_ANSWER, Fault.ERROR_500_AFTER])
def test_a_message_whose_answer_was_lost_is_found_again_and_not_posted_twice(team: Team, fault: Fault) -> None:
    team.slack.faults.add("chat.postMessage", fault, times=3)
    team.receives("Acme")
    team.advance(minutes=1)
    team.advance(minutes=1)
    cards = [message for message in team.channel("mql").messages if message.thread is None]
    assert len(cards) == 1
    assert len(team.dm("sato").messages) == 1
    assert team.channel("mql").thread(cards[0]).messages == [], "the card says whose it is"
    team.user("sato").press(ja("button.accept"))
    assert cards[0].edited


def test_asked_to_stop_just_after_a_claim_it_sends_what_it_has_claimed(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert team.bot is not None
    delivery, claim = team.bot.parts.delivery, Delivery._claim
    stopping = threading.Thread(target=delivery.stop)

    def claim_and_be_stopped(self: Delivery, most: int, only: Collection[MessageKind]) -> list[tuple[Outbox, datetime]]:
        taken = claim(self, most, only)
        if taken and stopping.ident is None:
            stopping.start()
            until = time.monotonic() + 0.3
            while not self._pool._shutdown and time.monotonic() < until:
                time.sleep(0.01)
        return taken

    monkeypatch.setattr(Delivery, "_claim", claim_and_be_stopped)
    team.receives("Acme")
    stopping.join()
    with team.database.snapshot() as tx:
        states = set(tx.execute(sa.select(models.outbox.c.state)).scalars())
    assert OutboxState.SENT in states <= {OutboxState.SENT, OutboxState.PENDING}


@pytest.mark.parametrize("fault", [Fault.ERROR_500, Fault.REFUSE, Fault.RATE_LIMIT])
def test_the_first_press_after_a_start_counts_although_slack_is_away(team: Team, fault: Fault) -> None:
    team.receives("Acme")
    (message,) = team.dm("sato").unread()
    team.stop_bot()
    team.start_bot()
    team.slack.faults.add("*", fault)
    assert team.user("sato").press(ja("button.accept"), in_=message).status == 200
    assert team.mql(1).status == Status.ACCEPTED


@pytest.mark.parametrize("fault", [Fault.ERROR_500, Fault.REFUSE, Fault.RATE_LIMIT])
def test_a_message_that_slack_did_not_take_is_sent_later_once(team: Team, fault: Fault) -> None:
    team.slack.faults.add("*", fault, times=4)
    team.receives("Acme")
    for _ in range(6):
        team.advance(minutes=2)
    assert len([message for message in team.channel("mql").messages if message.thread is None]) == 1
    assert len(team.dm("sato").messages) == 1


def test_slack_says_how_long_to_wait_and_we_wait_that_long(team: Team) -> None:
    team.slack.faults.add("chat.postMessage", Fault.RATE_LIMIT, times=3, seconds=30)
    team.receives("Acme")
    team.advance(seconds=29)
    assert team.channel("mql").messages == []
    team.advance(seconds=1)
    team.advance(seconds=30)  # the third refusal was one of these two messages'
    team.channel("mql").expect("Acme")
    assert (len(team.channel("mql").messages), len(team.dm("sato").messages)) == (1, 1)


def test_a_process_killed_while_sending_leaves_a_message_that_is_neither_lost_nor_doubled(team: Team) -> None:
    assert team.bot is not None
    sender = team.bot.parts.delivery.sender
    now = team.time.now()
    # The process dies after the call: the row stays leased, and its message is in Slack.
    original, sender._settle = sender._settle, lambda *_, **__: None  # type: ignore[method-assign, assignment]
    team.posts_webhook({"company": "Acme"})
    sender._settle = original  # type: ignore[method-assign]
    assert len(team.channel("mql").messages) == 1
    with team.database.snapshot() as tx:
        row = outbox.get(tx, team.id, 1)
    assert row is not None
    assert (row.state, row.attempts) == (OutboxState.SENDING, 1)
    assert row.lease_until is not None
    assert row.lease_until > now

    team.advance(minutes=2)
    assert len([message for message in team.channel("mql").messages if message.thread is None]) == 1
    assert len(team.dm("sato").messages) == 1


def test_a_message_whose_reason_has_gone_is_dropped_with_an_event(team: Team) -> None:
    team.hears_at_night()
    team.receives("Acme")
    team.dm("sato").unread()
    team.slack.faults.add("chat.postMessage", Fault.RATE_LIMIT, times=1, seconds=600)
    team.advance(hours=12)
    team.dm("sato").expect_nothing()
    team.user("sato").press(ja("button.accept"))
    team.advance(minutes=20)
    team.dm("sato").expect_nothing()
    dropped = [event for event in team.log(1) if event.type == EventType.MESSAGE_DROPPED]
    assert [event.data["kind"] for event in dropped] == ["reminder"]


def test_a_message_that_slack_refuses_for_good_is_shown_to_the_admins(team: Team) -> None:
    team.may_break = ("the app is not a member",)
    team.slack.admin.remove_bot("mql")
    team.receives("Acme")
    team.dm("sato").expect("Acme")
    home = team.user("kim").opens_home().text
    assert ja("refused.not_in_channel") in home
    assert EventType.MESSAGE_DEAD in [event.type for event in team.log(1)]


def test_a_revoked_token_loses_no_message(team: Team) -> None:
    team.may_break = ("token_revoked",)
    team.slack.revoke_token("token_revoked")
    team.receives("Acme")
    team.advance(minutes=4)
    team.slack.revoke_token("")
    team.advance(minutes=5)
    team.channel("mql").expect("Acme")
    team.dm("sato").expect("Acme")


def test_webhooks_are_taken_by_a_bot_that_starts_while_slack_is_away(team: Team) -> None:
    team.stop_bot()
    team.start_bot()  # it has met Slack, and remembers who it is
    team.stop_bot()
    team.slack.faults.add("*", Fault.REFUSE)
    team.start_bot()
    assert team.posts_webhook({"company": "Acme"}).status == 202
    team.slack.faults.clear()
    team.advance(minutes=10)
    team.channel("mql").expect("Acme")


NOT_SLACK = [
    Fault.HTML_PAGE,
    Fault.HTML_PAGE_AFTER,
    Fault.REDIRECT,
    Fault.EMPTY_ANSWER,
    Fault.BARE_OK,
    Fault.TRUNCATED,
]


@pytest.mark.alike
@pytest.mark.parametrize("fault", NOT_SLACK)
def test_while_something_answers_in_slacks_place_nothing_is_lost_doubled_or_refused(team: Team, fault: Fault) -> None:
    assert team.bot is not None
    team.slack.faults.add("*", fault)
    team.receives("Acme")
    team.advance(minutes=1)
    assert team.bot.parts.gateway.trouble == "not_slack"
    team.slack.faults.clear()
    team.advance(minutes=10)
    assert team.bot.parts.gateway.trouble is None
    cards = [message for message in team.channel("mql").messages if message.thread is None]
    assert len(cards) == 1
    assert team.channel("mql").thread(cards[0]).messages == [], "the card says whose it is"
    assert len(team.dm("sato").messages) == 1
    assert EventType.MESSAGE_DEAD not in [event.type for event in team.log(1)]


def test_a_right_answer_with_the_wrong_label_is_an_answer(team: Team) -> None:
    team.slack.faults.add("*", Fault.WRONG_TYPE)
    team.receives("Acme")
    team.channel("mql").expect("Acme")
    with team.database.snapshot() as tx:
        assert set(tx.execute(sa.select(models.outbox.c.maybe_sent)).scalars()) == {False}


@pytest.mark.alike
@pytest.mark.parametrize("fault", NOT_SLACK)
def test_a_bot_that_starts_while_something_answers_in_slacks_place_is_who_it_was(team: Team, fault: Fault) -> None:
    team.stop_bot()
    team.start_bot()  # it has met Slack, and remembers who it is
    team.stop_bot()
    team.slack.faults.add("*", fault)
    team.start_bot()
    assert team.bot is not None
    assert team.bot.parts.gateway.trouble == "not_slack"
    assert team.posts_webhook({"company": "Acme"}).status == 202
    team.slack.faults.clear()
    team.advance(minutes=10)
    team.channel("mql").expect("Acme")
    assert team.bot.parts.gateway.trouble is None


def test_an_app_that_is_removed_and_comes_back_has_lost_no_message(team: Team) -> None:
    team.may_break = ("account_inactive",)
    team.slack.revoke_token("account_inactive")
    team.receives("Acme")
    team.slack.revoke_token("")
    team.advance(minutes=5)
    team.channel("mql").expect("Acme")


def test_an_account_that_is_closed_takes_no_messages_and_the_admins_see_them(team: Team) -> None:
    team.may_break = ("is deactivated",)
    team.slack.admin.deactivate("sato")
    team.receives("Acme")
    assert ja("refused.account_inactive") in team.user("kim").opens_home().text


def test_a_message_that_breaks_us_holds_up_nothing_and_is_read_by_a_person(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.connectors import notification

    team.may_break = ("could not reach the bot",)
    team.catch_up()
    team.stop_bot()
    team.app("HubSpot").posts("mql-intake", text="Company: Broken\nEmail: a@example.com")
    team.app("HubSpot").posts("mql-intake", text="Company: Acme\nEmail: b@example.com")
    read = notification.read

    def broken(message: dict[str, str], *known: Any) -> object:
        if "Broken" in message["text"]:
            raise RuntimeError("broken")
        return read(message, *known)

    monkeypatch.setattr(notification, "read", broken)
    team.start_bot()
    team.catch_up()
    assert team.mql(1).company == "Acme"
    assert "1" in team.user("ito").opens_home().text
    assert len([m for m in team.channel("mql-intake").messages if ja("button.enter") in m.buttons]) == 1


def test_a_clock_that_is_ahead_of_slacks_does_not_double_a_message_whose_answer_was_lost(team: Team) -> None:
    slacks_own = team.time.now()
    team.slack.workspace.now = lambda: slacks_own
    team.time.advance(timedelta(hours=3))
    team.receives("Acme")
    for fault in (Fault.LOSE_ANSWER, Fault.ERROR_500_AFTER):
        team.slack.faults.add("chat.postMessage", fault, times=2)
        team.receives("Beta")
        team.advance(minutes=1)
        team.advance(minutes=1)
    keys = [message.metadata for message in (*team.channel("mql").messages, *team.dm("suzuki").messages)]
    assert len(keys) == len({str(key) for key in keys})


def test_a_message_that_arrived_unheard_of_is_brought_up_to_date_although_its_reason_has_gone(team: Team) -> None:
    team.hears_at_night()
    team.receives("Acme")
    team.dm("sato").unread()
    team.slack.faults.add("chat.postMessage", Fault.LOSE_ANSWER, times=1)
    team.advance(hours=12)
    (reminder,) = team.dm("sato").unread()
    assert ja("button.accept") in reminder.buttons
    team.user("sato").press(ja("button.accept"), in_=team.slack.user("sato").sees("mql"))
    team.advance(minutes=10)
    assert reminder.buttons == []
    assert EventType.MESSAGE_DROPPED not in [event.type for event in team.log(1)]


def test_a_clock_that_is_set_back_while_delivery_looks_does_not_let_it_rest_for_as_long(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert team.bot is not None
    delivery, rests = team.bot.parts.delivery, list[float]()

    def looked(*_: object) -> int:
        team.time.advance(-timedelta(hours=1))
        return 0

    def rested(seconds: float) -> None:
        rests.append(seconds)
        delivery._stopping.set()

    monkeypatch.setattr(delivery, "drain", looked)
    monkeypatch.setattr(delivery._wake, "wait", rested)
    delivery.run()
    assert 0 < max(rests) <= 0.5
