"""A clock that stands still while the customer, not sales, is the one to wait for."""

from __future__ import annotations

from storage import mqls
from storage.models import Clock
from storage.vocabulary import ClockKind, ClockState, EventType, Status
from tests.scenarios.stage import Team, ja


def _clock(team: Team, kind: ClockKind = ClockKind.RESPONSE) -> Clock:
    with team.database.snapshot() as tx:
        (found,) = [clock for clock in mqls.clocks(tx, team.id, [team.mql(1).id]) if clock.kind == kind]
    return found


def _pause(team: Team, who: str, until: str, reason: str = "お客様のご希望日") -> dict[str, str]:
    person = team.user(who)
    person.press(ja("button.pause"), in_=team.slack.user(who).sees("mql"))
    person.modal.fill({"pause_until": until, "why_pause": reason})
    return dict(person.modal.submit().errors)


def test_a_pause_keeps_the_time_that_is_left_and_ends_by_itself(team: Team) -> None:
    team.receives("Acme")
    team.advance(hours=6)  # Tuesday 16:00, 18 hours left
    assert _pause(team, "sato", "2026-11-20") == {}
    team.channel("mql").expect("一時停止中(11/20(金) 00:00まで)", "Acme")
    team.channel("mql").expect("佐藤 葵さんが期限を一時停止しました", "お客様のご希望日")
    team.dm("sato").unread()

    team.advance(hours=48)
    team.dm("sato").expect_nothing()
    team.dm("tanaka").expect_nothing()
    team.at(weekday=4, hour=0)
    assert _clock(team).state == ClockState.RUNNING
    team.channel("mql").expect("一時停止が終わり")
    team.channel("mql").expect("初回対応の期限: 11/20(金) 18:00", "Acme")
    team.at(weekday=4, hour=6)
    team.dm("sato").expect_nothing()  # it is night
    team.at(weekday=4, hour=8)
    team.dm("sato").expect("あと10時間")
    team.at(weekday=4, hour=18)
    escalation = team.dm("tanaka").expect("Acme", "24時間")
    assert "一時停止中: 56時間" in escalation.text


def test_a_pause_that_ends_while_the_bot_is_away_ends_at_its_true_time(team: Team) -> None:
    team.receives("Acme")
    assert _pause(team, "sato", "2026-11-18") == {}
    team.stop_bot()
    team.advance(hours=72)
    team.start_bot()
    resumed = [event for event in team.log(1) if event.type == EventType.RESUMED]
    assert [ja.moment(event.at) for event in resumed] == ["11/18(水) 00:00"]
    assert ja.moment(_clock(team).due_at) == "11/19(木) 00:00"
    breached = [event for event in team.log(1) if event.type == EventType.BREACHED]
    assert [ja.moment(event.at) for event in breached] == ["11/19(木) 00:00"]


def test_a_rep_pauses_for_some_days_and_a_manager_for_as_long_as_it_takes(team: Team) -> None:
    team.receives("Acme")
    assert "11/22(日)まで" in _pause(team, "sato", "2026-11-23")["pause_until"]
    team.user("sato").modal.close()
    assert "明日以降" in _pause(team, "sato", "2026-11-17")["pause_until"]
    team.user("sato").modal.close()
    assert _clock(team).state == ClockState.RUNNING
    assert _pause(team, "tanaka", "2026-12-25") == {}
    assert _clock(team).state == ClockState.PAUSED


def test_a_pause_is_ended_by_a_button_and_an_answer_ends_it_too(team: Team) -> None:
    team.receives("Acme")
    _pause(team, "sato", "2026-11-20")
    team.advance(hours=10)
    team.user("sato").press(ja("button.resume"), in_=team.slack.user("sato").sees("mql"))
    assert _clock(team).state == ClockState.RUNNING
    assert ja.moment(_clock(team).due_at) == "11/18(水) 20:00"

    _pause(team, "sato", "2026-11-20")
    team.advance(hours=30)
    team.user("sato").press(ja("button.accept"), in_=team.slack.user("sato").sees("mql"))
    assert (_clock(team).state, team.mql(1).status) == (ClockState.MET, Status.ACCEPTED)
    assert _clock(team, ClockKind.FEEDBACK).state == ClockState.RUNNING


def test_a_deadline_that_had_passed_before_the_pause_stays_passed(team: Team) -> None:
    team.receives("Acme")
    team.advance(hours=30)
    before = _clock(team).due_at
    _pause(team, "tanaka", "2026-11-20")
    team.at(weekday=4, hour=1)
    assert (_clock(team).state, _clock(team).due_at) == (ClockState.RUNNING, before)
    team.user("sato").press(ja("button.accept"), in_=team.slack.user("sato").sees("mql"))
    assert _clock(team).state == ClockState.MET_LATE


def test_the_feedback_clock_pauses_as_well(team: Team) -> None:
    team.receives("Acme")
    team.user("sato").press(ja("button.accept"))
    _pause(team, "sato", "2026-11-19")
    assert _clock(team, ClockKind.FEEDBACK).state == ClockState.PAUSED
    team.at(weekday=3, hour=0)
    assert ja.moment(_clock(team, ClockKind.FEEDBACK).due_at) == "11/26(木) 00:00"


def test_a_second_pause_is_explained(team: Team) -> None:
    team.receives("Acme")
    sato = team.user("sato")
    sato.press(ja("button.pause"), in_=team.slack.user("sato").sees("mql"))
    _pause(team, "tanaka", "2026-11-20")
    sato.modal.fill({"pause_until": "2026-11-19", "why_pause": "x"})
    sato.modal.submit()
    assert ja("reply.paused_already") in sato.modal.text
