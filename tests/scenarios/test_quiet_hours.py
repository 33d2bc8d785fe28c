"""Nobody is reminded at night; the log keeps the true time."""

from __future__ import annotations

import pytest

from bot.core.sla.policy import QuietHours
from storage.vocabulary import EventType
from tests.scenarios.stage import Team, ja

NIGHT = QuietHours(start="20:00", end="08:00")


def test_a_reminder_of_the_night_waits_for_the_morning_and_its_true_time_is_kept(team: Team) -> None:
    team.agrees(quiet=NIGHT)
    team.receives("Acme")
    team.dm("sato").unread()
    team.advance(hours=12)  # Tuesday 22:00
    team.dm("sato").expect_nothing()
    reminded = [event for event in team.log(1) if event.type == EventType.REMINDED]
    assert [ja.moment(event.at) for event in reminded] == ["11/17(火) 22:00"]
    team.at(weekday=2, hour=7, minute=59)
    team.dm("sato").expect_nothing()
    team.at(weekday=2, hour=8)
    assert "あと2時間" in team.dm("sato").expect("Acme", "期限が近づいて").record.text


def test_what_is_held_back_for_one_person_becomes_one_message(team: Team) -> None:
    team.agrees(quiet=NIGHT)
    for company in ("Acme", "B", "C", "Delta", "E", "F", "Gamma"):
        team.receives(company)
    for who in ("sato", "suzuki", "tanaka"):
        team.dm(who).unread()
    team.advance(hours=12)
    for who in ("sato", "suzuki"):
        team.dm(who).expect_nothing()
    team.user("suzuki").press(ja("button.accept"), in_=team.dm("suzuki").messages[0])
    team.at(weekday=2, hour=6)
    team.at(weekday=2, hour=8)
    (summary,) = team.dm("sato").unread()
    assert ja("direct.held_reminder", count=3) in summary.text
    assert summary.buttons == [ja("button.accept")] * 3
    (single,) = team.dm("suzuki").unread()
    assert ja("button.accept") in single.buttons


@pytest.mark.thorough
def test_what_is_no_longer_true_in_the_morning_is_not_told(team: Team) -> None:
    team.agrees(quiet=NIGHT)
    team.receives("Acme")
    team.advance(hours=12)
    team.user("sato").press(ja("button.accept"))
    team.dm("sato").unread()
    team.at(weekday=2, hour=9)
    team.dm("sato").expect_nothing()


@pytest.mark.thorough
def test_a_message_that_waits_for_the_morning_holds_up_no_other(team: Team) -> None:
    team.agrees(quiet=NIGHT)
    team.receives("Acme")
    team.advance(hours=12)
    team.user("sato").press(ja("button.accept"), in_=team.dm("sato"))
    assert ja("button.accept") not in team.dm("sato").messages[0].buttons
    team.user("tanaka").press(ja("button.reassign"), in_=team.slack.user("tanaka").sees("mql"))


def test_by_day_nothing_is_held_back(team: Team) -> None:
    team.agrees(quiet=QuietHours(start="22:30", end="08:00"))
    team.receives("Acme")
    team.dm("sato").unread()
    team.advance(hours=12)
    assert "あと12時間" in team.dm("sato").expect("Acme", "期限が近づいて").record.text
