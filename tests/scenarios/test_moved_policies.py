"""A new agreement for the MQLs that are open already: what their cards and threads say, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.i18n import Translator
from storage.database import Database
from storage.vocabulary import ClockState, EventType, Locale
from tests.scenarios.stage import Team
from tests.scenarios.test_escalation_steps import card, state, step, thread


@pytest.fixture
def t(locale: Locale) -> Translator:
    return Translator(locale, "Asia/Tokyo")


@pytest.fixture
def team(database: Database, locale: Locale) -> Iterator[Team]:
    team = Team(database, locale)
    team.agrees(reminders=[], escalations=[step(24, "manager")])
    yield team
    team.close()


def _due(team: Team, t: Translator, hours: float) -> str:
    return t("due.response", at=t.deadline(team.mql(1).received_at + timedelta(hours=hours)))


def test_a_card_shows_the_new_deadline_and_the_thread_is_not_bothered(team: Team, t: Translator) -> None:
    team.receives("Acme")
    notes = len(thread(team).messages)
    team.agrees(move_open=True, response_hours=8, escalations=[step(8, "manager")])
    assert _due(team, t, 8) in card(team).text
    assert _due(team, t, 8) in team.dm("sato").messages[-1].text
    assert len(thread(team).messages) == notes
    sato = team.user("sato")
    sato.types("/mql show 1", "mql")
    old, new = (t.deadline(team.mql(1).received_at + timedelta(hours=hours)) for hours in (24, 8))
    assert t("note.deadline_moved.response", old=old, new=new) in sato.modal.text


def test_without_the_word_for_it_open_mqls_stay_as_they_are(team: Team, t: Translator) -> None:
    team.receives("Acme")
    team.agrees(response_hours=8, escalations=[step(8, "manager")])
    assert _due(team, t, 24) in card(team).text
    assert EventType.DEADLINE_MOVED not in [event.type for event in team.log(1)]


def test_one_that_becomes_overdue_says_so_and_its_manager_hears_at_once(team: Team, t: Translator) -> None:
    team.receives("Acme")
    team.advance(hours=9)
    team.agrees(move_open=True, response_hours=8, escalations=[step(8, "manager")])
    thread(team).expect(t("note.now_breached"))
    assert t("status.overdue") in card(team).text
    team.dm("tanaka").expect("Acme", t("limit.hours", count=8))
    (breach,) = [event for event in team.log(1) if event.type == EventType.BREACHED]
    # Nobody was late before the agreement was another.
    assert breach.at == team.mql(1).received_at + timedelta(hours=9)


def test_one_that_is_safe_again_says_so_everywhere_it_was_called_overdue(team: Team, t: Translator) -> None:
    team.agrees(escalations=[step(24, "manager"), step(24, "peers")])
    team.receives("Acme")
    team.advance(hours=25)
    assert t("status.overdue") in card(team).text
    assert team.mql(1).offered
    team.agrees(move_open=True, response_hours=40, escalations=[step(40, "manager")])
    thread(team).expect(t("note.now_safe"))
    assert t("status.overdue") not in card(team).text
    for name in ("tanaka", "suzuki", "brown"):
        message = team.dm(name).messages[-1]
        assert t("outcome.in_time_again") in message.text
        assert message.buttons == []
    assert not team.mql(1).offered
    team.user("sato").press(t("button.accept"), in_=team.dm("sato"))
    assert state(team) == ClockState.MET


def test_another_grace_is_no_other_deadline_and_reads_so(team: Team, t: Translator) -> None:
    team.receives("Acme")
    team.advance(hours=24, minutes=10)
    team.agrees(move_open=True, grace_minutes=60)
    at = t.deadline(team.mql(1).received_at + timedelta(hours=24))
    thread(team).expect(t("note.deadline_kept.response", new=at, old=at), t("note.now_safe"))
    assert t("status.overdue") not in card(team).text


def test_a_new_tier_moves_the_mqls_that_belong_to_it(team: Team, t: Translator) -> None:
    team.receives("Acme", score=95)
    team.receives("Beta", score=10)
    tier = {"name": "ホット", "when": {"min_score": 90}, "response_hours": 2, "escalations": [step(2, "head")]}
    team.agrees(move_open=True, tiers=[tier])
    assert "95 · ホット" in card(team).text.replace("点", "")
    assert _due(team, t, 2) in card(team).text
    assert t("field.tier") not in card(team, 2).text
    team.advance(hours=2)
    team.dm("yamada").expect("Acme", t("limit.hours", count=2))


def test_a_paused_mql_keeps_its_pause(team: Team, t: Translator) -> None:
    team.hears_at_night()
    team.receives("Acme")
    team.advance(hours=2)
    sato = team.user("sato")
    sato.press(t("button.pause"), in_=team.slack.user("sato").sees("mql"))
    sato.modal.fill({"pause_until": "2026-11-20", "why_pause": "later"})
    sato.modal.submit()
    team.agrees(move_open=True, response_hours=8, escalations=[step(8, "manager")])
    assert state(team) == ClockState.PAUSED
    team.at(weekday=4, hour=9)
    team.advance(hours=5, minutes=59)
    team.dm("tanaka").expect_nothing()
    team.advance(minutes=1)
    team.dm("tanaka").expect("Acme", t("limit.hours", count=8))
