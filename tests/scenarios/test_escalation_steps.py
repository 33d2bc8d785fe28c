"""Hot leads, peers, Slack channels, user groups and owners who change: as the team sees it, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.i18n import Translator
from bot.slack.blocks.base.phrases import numbered
from playground import Conversation
from storage import mqls
from storage.database import Database
from storage.vocabulary import ClockKind, ClockState, EventType, Locale, Status
from tests.scenarios.stage import Team

HOT = {
    "name": "ホット",
    "when": {"min_score": 80},
    "calendar": {"kind": "business_hours"},
    "response_hours": 1,
    "reminders": ["30m"],
    "escalations": [{"after_hours": 1, "to": "manager"}],
}


@pytest.fixture
def t(locale: Locale) -> Translator:
    return Translator(locale, "Asia/Tokyo")


@pytest.fixture
def team(database: Database, locale: Locale) -> Iterator[Team]:
    team = Team(database, locale)
    yield team
    team.close()


def step(after_hours: float, to: str, **options: Any) -> dict[str, Any]:
    return {"after_hours": after_hours, "to": to, **options}


def card(team: Team, number: int = 1) -> Any:
    (message,) = [
        message
        for message in team.channel("mql").messages
        if message.thread is None and re.search(rf"MQL #{number}\b", message.text)
    ]
    return message


def thread(team: Team, number: int = 1) -> Conversation:
    return team.channel("mql").thread(card(team, number))


def state(team: Team, number: int = 1) -> ClockState:
    with team.database.snapshot() as tx:
        clocks = mqls.clocks(tx, team.id, [team.mql(number).id])
    return next(clock.state for clock in clocks if clock.kind == ClockKind.RESPONSE)


def test_a_hot_lead_is_answered_within_an_hour_of_business_hours(team: Team, t: Translator) -> None:
    team.agrees(tiers=[HOT])
    team.at(weekday=4, hour=17, minute=30)
    team.receives("Acme", score=92)
    team.receives("Beta", score=40)
    monday = t("due.response", at="11/23(月) 09:30" if t.locale == Locale.JA else "Mon Nov 23, 09:30")
    assert monday in card(team).text
    assert "ホット" in card(team).text
    assert "ホット" not in card(team, 2).text
    team.dm("sato").unread()

    team.at(weekday=0, hour=9, minute=1)
    team.dm("sato").expect("Acme", t("direct.not_accepted"))
    team.user("sato").press(t("button.accept"), in_=team.dm("sato"))
    assert (state(team), team.mql(1).status) == (ClockState.MET, Status.ACCEPTED)
    team.dm("tanaka").unread()  # the digest
    team.at(weekday=0, hour=10)
    team.dm("tanaka").expect_nothing()


@pytest.mark.thorough
def test_a_hot_lead_that_nobody_answers_reaches_the_manager_within_the_hour(team: Team, t: Translator) -> None:
    team.agrees(tiers=[HOT | {"response_hours": 0.5, "reminders": [], "escalations": [step(0.5, "manager")]}])
    team.receives("Acme", score=92)
    team.advance(minutes=30)
    half_an_hour = t("limit.minutes", count=30)
    team.dm("tanaka").expect("Acme", half_an_hour)
    assert t("status.overdue") in card(team).text


def test_show_names_the_tier_and_the_list_marks_what_is_due_soon(team: Team, t: Translator) -> None:
    team.agrees(tiers=[HOT])
    team.receives("Acme", score=92)
    sato = team.user("sato")
    assert "⏳" not in sato.types("/mql list", "mql").message.text
    team.advance(minutes=31)
    assert "⏳" in sato.types("/mql list", "mql").message.text
    assert "⏳" in sato.opens_home().text
    sato.types("/mql show 1", "mql")
    assert f"{t('field.tier')}\nホット" in sato.modal.text
    sato.modal.close()
    team.advance(minutes=30)
    shown = sato.types("/mql list", "mql").message.text
    assert "🔴" in shown
    assert "⏳" not in shown


@pytest.mark.thorough
def test_peers_are_asked_before_the_manager_and_one_takes_it(team: Team, t: Translator) -> None:
    team.agrees(reminders=[], escalations=[step(24, "peers", in_thread=True), step(30, "manager")])
    team.receives("Acme")
    team.advance(hours=24)
    team.dm("tanaka").expect_nothing()
    for peer in ("suzuki", "brown"):
        asked = team.dm(peer).expect("Acme", t("direct.offer_ask"))
        assert t("button.take") in asked.buttons
    thread(team).expect(t("note.escalated.peers", spent=t.hours(timedelta(hours=24))))

    team.user("suzuki").press(t("button.take"), in_=team.dm("suzuki"))
    mine = team.mql(1)
    assert (mine.owner, mine.status, mine.offered) == (team.slack.user("suzuki").id, Status.ACCEPTED, False)
    (others,) = [message for message in team.dm("brown").messages if "Acme" in message.text]
    assert t("button.take") not in others.buttons
    assert t("button.take") not in team.dm("suzuki").messages[-1].buttons
    thread(team).expect(t("note.accepted", actor="鈴木 蓮"))
    assert state(team) == ClockState.MET_LATE
    team.advance(hours=12)
    team.dm("tanaka").expect_nothing()


@pytest.mark.thorough
def test_the_owner_who_answers_after_all_ends_the_search(team: Team, t: Translator) -> None:
    team.agrees(reminders=[], escalations=[step(24, "peers")])
    team.receives("Acme")
    team.advance(hours=24)
    team.user("sato").press(t("button.accept"), in_=team.dm("sato"))
    for peer in ("suzuki", "brown"):
        (asked,) = [message for message in team.dm(peer).messages if "Acme" in message.text]
        assert asked.buttons == []
        assert t("outcome.accepted", at=t.moment(team.time.now())) in asked.text


def test_a_step_tells_a_slack_channel_and_a_user_group_in_the_thread(team: Team, t: Translator) -> None:
    team.agrees(reminders=[], escalations=[step(24, "C0SALES001"), step(25, "S0LEADS001")])
    team.receives("Acme")
    team.advance(hours=24)
    escalation = team.channel("sales").expect("Acme", t("limit.hours", count=24), t("direct.ask_team"))
    assert t("button.reassign") in escalation.buttons
    team.advance(hours=1)
    called = thread(team).expect(t.hours(timedelta(hours=25)))
    assert called.mentions == ["@sales-leads"]
    team.user("tanaka").press(t("button.take_over"), in_=team.slack.user("tanaka").sees("sales"))
    assert team.mql(1).owner == team.slack.user("tanaka").id
    (escalation,) = team.channel("sales").messages
    assert escalation.buttons == []


@pytest.mark.thorough
def test_a_step_repeats_until_somebody_answers(team: Team, t: Translator) -> None:
    team.agrees(reminders=[], escalations=[step(24, "manager", repeat_hours=2, repeat_times=3)])
    team.receives("Acme")
    for hours in (24, 2):
        team.advance(hours=hours)
    first, again = team.dm("tanaka").unread()
    assert t("limit.hours", count=24) in first.text
    assert t.hours(timedelta(hours=26)) in again.text
    team.user("sato").press(t("button.accept"), in_=team.dm("sato"))
    team.advance(hours=6)
    team.dm("tanaka").expect_nothing()
    assert first.buttons == again.buttons == []


@pytest.mark.thorough
def test_a_new_owner_gets_the_whole_time_and_the_thread_says_how_old_the_lead_is_and_who_had_it(
    team: Team, t: Translator
) -> None:
    team.agrees(reminders=[], on_reassign="restart", escalations=[step(24, "manager", do="reassign")])
    team.receives("Acme")
    team.advance(hours=24)
    escalation = team.dm("tanaka").expect("Acme", "佐藤 葵", t("limit.hours", count=24))
    assert t("outcome.passed_on", rep="鈴木 蓮") in escalation.text
    team.dm("suzuki").expect("Acme", t("direct.yours"))
    moved = thread(team).expect(t("note.moved", before="佐藤 葵", after="鈴木 蓮"), t("note.restarted"))
    had = t("direct.part", name=t("direct.with_rep", rep="佐藤 葵"), spent=t.hours(timedelta(hours=12)))
    assert had in moved.text  # the night is nobody's
    assert t.hours(timedelta(hours=24)) in moved.text
    assert "鈴木 蓮" not in moved.text.split(had)[-1]
    assert t("status.overdue") not in card(team).text

    team.advance(hours=20)
    team.user("suzuki").press(t("button.accept"), in_=team.dm("suzuki"))
    assert state(team) == ClockState.MET_LATE
    breached = [event for event in team.log(1) if event.type == EventType.BREACHED]
    assert len(breached) == 1


@pytest.mark.thorough
def test_a_manager_reassigns_and_the_thread_shows_both_shares(team: Team, t: Translator) -> None:
    team.agrees(reminders=[], on_reassign="restart", escalations=[])
    team.receives("Acme")
    team.advance(hours=5)
    team.user("tanaka").press(t("button.reassign"), in_=team.slack.user("tanaka").sees("mql"))
    team.user("tanaka").modal.fill({"new_owner": team.slack.user("brown").id})
    team.user("tanaka").modal.submit()
    team.advance(hours=3)
    team.user("tanaka").press(t("button.reassign"), in_=team.slack.user("tanaka").sees("mql"))
    team.user("tanaka").modal.fill({"new_owner": team.slack.user("suzuki").id})
    team.user("tanaka").modal.submit()
    first, second = (t("direct.with_rep", rep=name) for name in ("佐藤 葵", "Alex Brown"))
    moved = thread(team).expect(t("note.moved_by", actor="田中 美咲", before="Alex Brown", after="鈴木 蓮"))
    assert t("direct.part", name=first, spent=t.hours(timedelta(hours=5))) in moved.text
    assert t("direct.part", name=second, spent=t.hours(timedelta(hours=3))) in moved.text
    assert t("due.response", at=t.moment(team.time.now() + timedelta(hours=24))) in card(team).text


def test_in_the_morning_a_manager_reads_what_the_night_has_moved(team: Team, t: Translator) -> None:
    """Received Tuesday 10:00; due at 22:00, in the quiet hours."""
    night = {"start": "20:00", "end": "08:00"}
    team.agrees(
        response_hours=12,
        reminders=[],
        quiet=night,
        escalations=[step(12, "manager", do="reassign"), step(14, "peers")],
    )
    team.receives("Acme")
    team.receives("Beta")
    for hours in (12, 2):
        team.advance(hours=hours)
    team.dm("tanaka").expect_nothing()
    team.at(weekday=2, hour=8)
    escalation = team.dm("tanaka").expect("#1", "#2")
    for number, rep in ((1, "Alex Brown"), (2, "佐藤 葵")):
        assert numbered(team.mql(number), t) in escalation.text
        assert t("outcome.passed_on", rep=rep) in escalation.text
