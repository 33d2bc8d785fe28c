"""Who may do what; and an answer that comes too late is met kindly."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from bot.core.sla.calendar_rules import CalendarRules
from bot.slack.blocks.base.example_days import example_days
from bot.slack.web_api.gateway import VIEW_TIMEOUT
from playground import Message
from playground.faults import Fault
from storage import mqls
from storage.vocabulary import CalendarKind, ClockKind, ClockState, EventType, Status
from tests.patience import LONGEST
from tests.scenarios.stage import Team, ja


def test_a_reminder_pressed_after_somebody_else_accepted_says_so_kindly_and_changes_nothing(team: Team) -> None:
    team.hears_at_night()
    team.receives("Acme")
    team.advance(hours=12)
    reminder = team.dm("sato").expect("Acme", ja("direct.not_accepted"))
    old = list(reminder.blocks)
    team.user("tanaka").press(ja("button.accept"), in_=team.slack.user("tanaka").sees("mql"))
    before = len(team.log(1))

    reminder.record.blocks = old  # a phone that has not shown the edit yet
    team.user("sato").press(ja("button.accept"), in_=reminder)
    team.dm("sato").expect("すでに田中 美咲さんが受領しています")
    assert len(team.log(1)) == before
    assert team.mql(1).owner == team.slack.user("tanaka").id


def test_a_double_click_accepts_once(team: Team) -> None:
    team.receives("Acme")
    card = team.dm("sato").messages[0]
    old = list(card.blocks)
    team.user("sato").press(ja("button.accept"), in_=card)
    card.record.blocks = old
    team.user("sato").press(ja("button.accept"), in_=card)
    assert [event.type for event in team.log(1)].count(EventType.ACCEPTED) == 1


def test_another_rep_may_not_accept_and_the_attempt_is_written_down(team: Team) -> None:
    team.receives("Acme")
    team.user("suzuki").press(ja("button.accept"), in_=team.slack.user("suzuki").sees("mql"))
    reply = team.slack.user("suzuki").sees("mql").messages[-1]
    assert reply.ephemeral_for == "suzuki"
    assert "担当者・マネージャー・営業責任者・管理者です" in reply.text
    assert team.mql(1).status == Status.ASSIGNED
    refused = [event for event in team.log(1) if event.type == EventType.REFUSED]
    assert [(event.actor, event.reason) for event in refused] == [(team.slack.user("suzuki").id, "accept")]


def test_any_rep_may_take_an_mql_that_nobody_has(team: Team) -> None:
    for name in ("sato", "suzuki", "brown"):
        team.away(name, hours=30)
    team.receives("Acme")
    team.user("brown").press(ja("button.accept"), in_=team.slack.user("brown").sees("mql"))
    assert (team.mql(1).status, team.mql(1).owner) == (Status.ACCEPTED, team.slack.user("brown").id)


def test_contacted_without_accepting_first_counts_as_both(team: Team) -> None:
    team.receives("Acme")
    team.user("sato").press(ja("button.contacted"), in_=team.dm("sato"))
    mql = team.mql(1)
    assert mql.status == Status.CONTACTED
    assert mql.accepted_at == mql.contacted_at == team.time.now()


def test_accepting_stops_the_response_clock_and_nobody_is_reminded_any_more(team: Team) -> None:
    team.receives("Acme")
    team.advance(hours=1)
    team.user("sato").press(ja("button.accept"))
    team.dm("sato").unread()
    team.advance(hours=60)
    team.dm("sato").expect_nothing()
    team.dm("tanaka").expect_nothing()
    with team.database.snapshot() as tx:
        clocks = {clock.kind: clock.state for clock in mqls.clocks(tx, team.id, [team.mql(1).id])}
    assert clocks == {ClockKind.RESPONSE: ClockState.MET, ClockKind.FEEDBACK: ClockState.RUNNING}


@pytest.mark.thorough
def test_no_two_reminders_of_one_mql_read_alike_once_its_deadline_has_passed(team: Team) -> None:
    def saying(key: str) -> list[Message]:
        return [message for message in team.dm("sato").messages if ja(key, whom="Acme様") in message.text]

    team.agrees(calendar={"kind": "always"}, reminders=(0.5, 0.8), feedback_reminders=(0.8, 1.0), quiet=None)
    team.receives("Acme")
    for hours in (12, 8, 4):
        team.advance(hours=hours)
    (early,), (late,) = saying("direct.reminder_earlier"), saying("direct.reminder_passed")
    assert early.record.ts < late.record.ts
    team.user("sato").press(ja("button.accept"), in_=early)  # it works all the same
    for _ in range(14):
        team.advance(days=1)
    (early,), (late,) = saying("direct.feedback_earlier"), saying("direct.feedback_due_now")
    assert early.record.ts < late.record.ts


def test_the_manager_reminds_the_rep_by_a_button(team: Team) -> None:
    team.receives("Acme")
    team.advance(hours=24)
    team.dm("sato").unread()
    team.user("tanaka").press(ja("button.remind"))
    team.dm("sato").expect("田中 美咲", "Acme")


@pytest.mark.thorough
def test_a_rep_who_was_asked_just_now_is_not_asked_again(team: Team) -> None:
    team.receives("Acme")
    team.at(weekday=0, hour=9)
    team.dm("sato").unread()
    old = {name: team.dm(name).expect("MQL週次レポート") for name in ("tanaka", "yamada")}
    team.user("tanaka").press(ja("button.remind"), in_=old["tanaka"])
    assert len(team.dm("sato").unread()) == 1
    team.advance(minutes=9)
    for name in ("tanaka", "yamada"):
        team.user(name).press(ja("button.remind"), in_=old[name])
        assert ja("reply.just_reminded", by="田中 美咲") in str([message.text for message in team.dm(name).messages])
    team.dm("sato").expect_nothing()

    tanaka = team.user("tanaka")
    tanaka.press(ja("button.reassign"), in_=old["tanaka"])
    tanaka.modal.fill({"new_owner": team.slack.user("suzuki").id})
    tanaka.modal.submit()
    team.dm("suzuki").unread()
    tanaka.press(ja("button.remind"), in_=old["tanaka"])  # another owner, who has not been asked
    assert len(team.dm("suzuki").unread()) == 1
    team.advance(minutes=10)
    tanaka.press(ja("button.remind"), in_=old["tanaka"])
    assert len(team.dm("suzuki").unread()) == 1


def test_somebody_who_is_not_on_the_roster_is_told_whom_to_ask(team: Team) -> None:
    team.slack.admin.add_user("guest", "来客")
    assert "管理者" in team.user("guest").types("/mql list", channel="general").text


def test_each_message_about_an_mql_is_edited_in_place_when_it_changes(team: Team) -> None:
    team.receives("Acme")
    team.advance(hours=24)
    team.user("sato").press(ja("button.accept"), in_=team.dm("sato"))
    (card,) = [message for message in team.channel("mql").messages if message.thread is None]
    assert card.edited
    for message in (card, *team.dm("sato").messages, *team.dm("tanaka").messages):
        assert ja("button.accept") not in message.buttons
    escalation = team.dm("tanaka").messages[-1]
    assert ja("button.take_over") not in escalation.buttons


def test_commands_answer_privately_and_an_unknown_one_points_to_help(team: Team) -> None:
    sato = team.user("sato")
    helped = sato.types("/mql help", channel="sales").message
    assert ja("button.menu_list") in helped.buttons
    sato.press(ja("button.menu_help"), in_=helped)
    assert "/mql-feedback" in sato.modal.text
    sato.modal.close()
    assert ja("button.menu_help") in sato.types("/mql dance", channel="sales").message.buttons
    assert sato.types("/mql list", channel="sales").message.ephemeral_for == "sato"
    assert "12" in sato.types("/mql show 12", channel="sales").text


def test_a_word_that_the_list_does_not_know_is_met_with_those_that_it_knows(team: Team) -> None:
    team.receives("Acme")
    for typed in ("foo", "overdu"):
        assert team.user("sato").types(f"/mql list {typed}", channel="sales").text == ja("reply.list_word")
    assert "Acme" in team.user("sato").types("/mql list", channel="sales").text


def test_an_mql_is_shown_whole_with_its_history(team: Team) -> None:
    team.receives("Acme", message="料金は?")
    team.advance(minutes=1)
    team.user("sato").press(ja("button.accept"))
    suzuki = team.user("suzuki")
    suzuki.types("/mql show #1", channel="sales")
    assert "料金は?" in suzuki.modal.text
    assert "佐藤 葵さん: 1分" in suzuki.modal.text
    assert "受領" in suzuki.modal.text


def test_only_the_owner_hands_an_mql_back_and_a_manager_hears_what_to_use_instead(team: Team) -> None:
    team.receives("Acme")
    team.user("tanaka").press(ja("button.decline"), in_=team.slack.user("tanaka").sees("mql"))
    assert team.slack.user("tanaka").modal is None
    team.slack.user("tanaka").sees("mql").expect(ja("reply.not_owner"))


def test_reports_are_for_those_who_lead_and_for_marketing(team: Team) -> None:
    assert team.user("sato").types("/mql report", channel="sales").text == ja("reply.report_not_allowed")
    for name in ("tanaka", "yamada", "ito", "kim"):
        assert "MQL週次レポート" in team.user(name).types("/mql report 2026-w46", channel="sales").text
    assert "2026-W46" in team.user("tanaka").types("/mql report soon", channel="sales").text


@pytest.mark.parametrize("typed", ["2026-W48", "2027-W10", "monthly 2026-12", "scoring 2030-01"])
def test_of_what_has_not_begun_there_is_no_report(team: Team, typed: str) -> None:
    answer = team.user("tanaka").types(f"/mql report {typed}", channel="sales").text
    assert answer == ja("reply.report_ahead", period=typed.rsplit(maxsplit=1)[-1])


def test_of_what_has_begun_there_is_one(team: Team) -> None:
    for typed in ("2026-W47", "monthly 2026-11"):
        assert "まだ始まっていません" not in team.user("tanaka").types(f"/mql report {typed}", channel="sales").text


@pytest.mark.parametrize("week", ["9999-W52", "0001-W01", "1999-W52", "2200-W01", "2026-W00"])
def test_a_week_of_another_age_is_no_week_to_report_on(team: Team, week: str) -> None:
    assert team.user("tanaka").types(f"/mql report {week}", channel="sales").text == ja(
        "reply.bad_week", **example_days(ja, team.time.now())
    ).replace("`", "")


def test_whoever_takes_no_turns_learns_that_there_is_nothing_to_pause(team: Team) -> None:
    assert team.user("tanaka").types("/mql back", channel="sales").text == ja("reply.only_reps")


def test_only_who_was_away_is_welcomed_back(team: Team) -> None:
    sato = team.user("sato")
    assert sato.types("/mql back", channel="sales").text == ja("reply.not_away")
    sato.types("/mql away 今日", channel="sales")
    assert sato.types("/mql back", channel="sales").text == ja("reply.back")
    sato.types("/mql away 今日", channel="sales")
    team.advance(hours=24)
    assert sato.types("/mql back", channel="sales").text == ja("reply.not_away")


def test_a_number_that_no_mql_has_is_said_to_be_none(team: Team) -> None:
    for typed in ("99999999999999", "9" * 5000, "２"):
        assert "見つかりませんでした" in team.user("sato").types(f"/mql show {typed}", channel="sales").text
    team.receives("Acme")
    team.user("sato").types("/mql show ０００００００００００1", channel="sales")
    assert "Acme" in team.user("sato").modal.text


def test_a_refused_press_is_written_down_and_explained_once_in_ten_minutes(team: Team) -> None:
    team.receives("Acme")
    team.receives("Beta")
    ito, cards = team.user("ito"), [message for message in team.channel("mql").messages if message.thread is None]

    def outcome() -> tuple[int, int]:
        refused = [event for event in team.log(1) if event.type == EventType.REFUSED]
        private = [message for message in team.slack.user("ito").sees("mql").messages if message.record.ephemeral_for]
        return len(refused), len(private)

    for _ in range(20):
        assert ito.press(ja("button.accept"), in_=cards[0]).status == 200
        team.advance(seconds=10)
    assert outcome() == (1, 1)
    ito.press(ja("button.accept"), in_=cards[1])  # of another MQL
    assert outcome() == (1, 2)
    ito.press(ja("button.contacted"), in_=cards[0])  # another act
    assert outcome() == (2, 3)
    team.advance(seconds=600)
    ito.press(ja("button.accept"), in_=cards[0])
    assert outcome() == (3, 4)


@pytest.mark.parametrize("fault", [Fault.RATE_LIMIT, Fault.REDIRECT])
def test_a_form_that_slack_does_not_open_is_to_be_tried_again(team: Team, fault: Fault) -> None:
    team.receives("Acme")
    team.slack.faults.add("views.open", fault)
    team.user("sato").types("/mql show 1", channel="sales")
    team.slack.faults.clear()
    team.channel("sales").expect(ja("reply.form_expired"))
    assert "期限" not in ja("reply.form_expired")


@pytest.mark.parametrize(
    ("fault", "opens"),
    [(Fault.LOSE_ANSWER, True), (Fault.EMPTY_ANSWER, True), (Fault.HTML_PAGE, False), (Fault.ERROR_500, False)],
)
def test_a_form_of_which_nobody_knows_is_not_called_unopened(team: Team, fault: Fault, opens: bool) -> None:
    team.receives("Acme")
    team.slack.faults.add("views.open", fault, times=1)
    team.user("sato").types("/mql show 1", channel="sales")
    assert (team.slack.user("sato").modal is not None) is opens
    (reply,) = team.channel("sales").unread()
    assert reply.text == ja("reply.form_uncertain")


@pytest.mark.parametrize(
    ("method", "act"),
    [
        ("views.open", lambda team: team.slack.user("sato").types("/mql show 1", channel="sales")),
        ("views.publish", lambda team: team.slack.user("sato").opens_home()),
    ],
)
def test_a_slow_slack_holds_up_neither_the_acknowledgement_nor_the_thread(
    team: Team, method: str, act: Callable[[Team], object]
) -> None:
    team.receives("Acme")
    assert team.bot is not None
    assert VIEW_TIMEOUT < 3
    team.bot.parts.gateway.view_timeout = 0.2
    team.slack.faults.add(method, Fault.HANG, seconds=LONGEST)
    began = time.monotonic()
    act(team)
    assert time.monotonic() - began < LONGEST / 2  # however long Slack hangs, which is twice as long
    team.slack.faults.clear()


@pytest.mark.thorough
def test_a_deadline_skips_the_national_holiday_of_the_teams_calendar(team: Team) -> None:
    team.agrees(calendar=CalendarRules(kind=CalendarKind.BUSINESS_DAYS, holidays="JP"))
    team.at(weekday=4, hour=15)  # the Friday before 勤労感謝の日, Monday 23 November
    team.receives("Acme")
    team.channel("mql").expect("Acme", "11/24(火) 15:00")
    team.dm("tanaka").unread()
    team.at(weekday=0, hour=15)
    team.dm("tanaka").expect_none("Acme")
    team.at(weekday=1, hour=15)
    team.dm("tanaka").expect("Acme", "休業日など: 72時間")
