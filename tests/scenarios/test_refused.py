"""Slack takes no messages for somebody: whoever can act hears of it, and an admin can send them again."""

from __future__ import annotations

import pytest

from bot.core.sla.policy import QuietHours
from bot.slack.people import members
from playground import Fault
from storage.vocabulary import EventType
from tests.scenarios.stage import Team, ja

HIDDEN = "is hidden from the app"


@pytest.fixture
def team(team: Team) -> Team:
    team.may_break = (HIDDEN, "is deactivated", "is archived")
    return team


def test_a_rep_who_cannot_be_reached_is_told_of_to_the_manager_once_for_each_mql(team: Team) -> None:
    team.hears_at_night()
    team.slack.admin.hide("sato")
    team.receives("Acme")
    (message,) = team.dm("tanaka").unread()
    assert "佐藤 葵さんにSlackのメッセージを届けられません" in message.text
    assert ja("refused.person_not_found") in message.text
    assert "Acme" in message.text
    team.advance(hours=13)  # a reminder, too, is refused
    assert [event.type for event in team.log(1)].count(EventType.MESSAGE_DEAD) == 2
    assert team.dm("tanaka").unread() == []


@pytest.mark.thorough
def test_once_somebody_else_has_it_the_manager_has_nothing_more_to_do(team: Team) -> None:
    team.slack.admin.hide("sato")
    team.receives("Acme")
    (message,) = team.dm("tanaka").unread()
    assert message.buttons == [ja("button.reassign"), ja("button.show")]
    team.user("tanaka").press(ja("button.accept"), in_=team.slack.user("tanaka").sees("mql"))
    assert message.buttons == []
    assert "田中 美咲" in message.text


def test_what_a_closed_account_has_not_answered_is_handed_on_as_soon_as_a_message_is_refused(team: Team) -> None:
    assert team.bot is not None
    members.refresh(team.bot.parts.context)
    team.slack.admin.deactivate("sato")
    team.receives("Acme")
    members.refresh(team.bot.parts.context)
    team.settle()
    team.dm("suzuki").expect("Acme")
    assert team.mql(1).owner == team.slack.user("suzuki").id


@pytest.mark.thorough
def test_an_escalation_that_does_not_reach_the_manager_goes_to_the_head_and_then_to_the_admin(team: Team) -> None:
    team.receives("Acme")
    team.slack.admin.hide("tanaka")
    team.advance(days=1)
    (escalation,) = team.dm("yamada").unread()
    assert "24時間" in escalation.text
    assert ja("button.reassign") in escalation.buttons
    team.receives("Beta")
    team.slack.admin.hide("yamada")
    team.advance(days=1)
    assert any("Beta" in message.text for message in team.dm("kim").unread())


@pytest.mark.thorough
def test_what_was_held_back_over_the_night_and_is_refused_in_the_morning_is_told_to_the_manager(team: Team) -> None:
    team.agrees(quiet=QuietHours(start="20:00", end="08:00"))
    for company in ("Acme", "B", "C", "Delta"):
        team.receives(company)
    team.slack.admin.hide("sato")
    team.advance(hours=12)
    team.at(weekday=2, hour=8)
    texts = [message.text for message in team.dm("tanaka").unread()]
    assert len(texts) == 2
    assert all("佐藤 葵さんにSlackのメッセージを届けられません" in text for text in texts)


@pytest.mark.thorough
def test_an_archived_channel_is_told_to_the_manager_once_a_day_and_an_admin_sends_all_again(team: Team) -> None:
    team.slack.admin.archive("mql")
    for company in ("Acme", "Beta", "Gamma"):
        team.receives(company)
    (message,) = team.dm("tanaka").unread()
    assert "#mql に投稿できません" in message.text
    assert ja("refused.is_archived") in message.text
    team.dm("sato").expect("Acme")
    team.advance(days=1)
    assert sum("投稿できません" in message.text for message in team.dm("tanaka").unread()) == 0
    team.receives("Delta")
    assert sum("投稿できません" in message.text for message in team.dm("tanaka").unread()) == 1

    team.slack.admin.archive("mql", archived=False)
    team.user("kim").opens_home()
    team.user("kim").press(ja("button.resend_all", count=4))
    assert len([message for message in team.channel("mql").messages if message.thread is None]) == 4
    assert ja("button.resend") not in team.user("kim").opens_home().text


@pytest.mark.thorough
def test_the_day_on_which_that_is_told_once_is_the_workspaces(team: Team) -> None:
    """In Tokyo a day of UTC begins at nine in the morning."""
    team.slack.admin.archive("mql")
    team.at(weekday=2, hour=8)
    team.receives("Acme")
    team.at(weekday=2, hour=10)
    team.receives("Beta")
    assert sum("投稿できません" in message.text for message in team.dm("tanaka").unread()) == 1


def test_an_admin_sends_one_message_again_and_nobody_else_may(team: Team) -> None:
    team.slack.admin.hide("sato")
    team.receives("Acme")
    kim = team.user("kim")
    kim.opens_home()
    team.slack.admin.hide("sato", hidden=False)
    kim.press(ja("button.resend"))
    team.dm("sato").expect("Acme")
    assert ja("button.resend") not in kim.opens_home().text


def test_a_second_press_on_the_same_button_sends_nothing_twice(team: Team) -> None:
    team.slack.admin.hide("sato")
    team.receives("Acme")
    stale = team.slack.user("kim").opens_home()
    team.slack.admin.hide("sato", hidden=False)
    team.slack.delivery_twice = True
    team.user("kim").press(ja("button.resend"), in_=stale)
    assert len(team.dm("sato").messages) == 1


@pytest.mark.thorough
def test_several_reminders_that_wait_for_one_rep_become_one_message(team: Team) -> None:
    team.hears_at_night()
    for company in ("Acme", "B", "C", "Delta"):
        team.receives(company)
    for who in ("sato", "suzuki"):
        team.dm(who).unread()
    team.advance(hours=12)
    (reminders,) = team.dm("sato").unread()
    assert reminders.text.startswith(ja("direct.together", count=2))
    assert reminders.buttons.count(ja("button.accept")) == 2
    (single,) = team.dm("suzuki").unread()
    assert "あと12時間" in single.record.text


def test_what_a_manager_asks_for_in_one_press_is_one_message_however_often_slack_fails(team: Team) -> None:
    for company in ("Acme", "B", "C", "Delta"):
        team.receives(company)
    team.advance(days=1)
    mine = [escalation for escalation in team.dm("tanaka").unread() if "佐藤 葵" in escalation.text]
    team.dm("sato").unread()
    team.slack.faults.add("chat.postMessage", Fault.ERROR_500)
    for escalation in mine:
        team.user("tanaka").press(ja("button.remind_all"), in_=escalation)
    team.slack.faults.clear()
    team.advance(minutes=10)
    assert [message.text.count("田中 美咲さんから") for message in team.dm("sato").unread()] == [1]
