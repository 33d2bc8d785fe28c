"""A clock that stands still while the customer, not sales, is the one to wait for. It hides no lead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from bot.core.base.results import ActionResult, Done, Refusal, Refused
from bot.core.mql import pauses, response
from bot.core.sla.policy import QuietHours
from bot.i18n import Translator
from playground import Message
from storage import mqls
from storage.database import Database
from storage.models import Clock
from storage.vocabulary import ClockKind, ClockState, EventType, Locale, Status
from tests.scenarios.stage import TOKYO, Team

WHY = "They are at a trade show"


@pytest.fixture
def t(locale: Locale) -> Translator:
    return Translator(locale, "Asia/Tokyo")


@pytest.fixture
def team(database: Database, locale: Locale) -> Team:
    team = Team(database, locale)
    team.receives("Acme")
    return team


@pytest.fixture(autouse=True)
def closing(team: Team) -> Iterator[None]:
    yield
    team.close()


def clock(team: Team, kind: ClockKind = ClockKind.RESPONSE) -> Clock:
    with team.database.snapshot() as tx:
        (clock,) = [clock for clock in mqls.clocks(tx, team.id, [team.mql(1).id]) if clock.kind == kind]
    return clock


def card(team: Team, who: str) -> Message:
    return next(message for message in team.slack.user(who).sees("mql").messages if message.thread is None)


def pause(team: Team, t: Translator, who: str, until: str, reason: str = WHY) -> dict[str, str]:
    """What is wrong with the form, by field. Where it was answered with a page, the page stays open."""
    person = team.user(who)
    person.press(t("button.pause"), in_=card(team, who))
    person.modal.fill({"pause_until": until, "why_pause": reason})
    return dict(person.modal.submit().errors)


def day(team: Team, days: int) -> str:
    return str((team.time.now().astimezone(TOKYO) + timedelta(days=days)).date())


def moments(team: Team, t: Translator, kind: EventType) -> list[str]:
    return [t.moment(event.at) for event in team.log(1) if event.type == kind]


def newest(team: Team, who: str, *words: str) -> Message:
    return [message for message in team.dm(who).messages if all(word in message.text for word in words)][-1]


def test_a_pause_keeps_the_time_that_is_left_and_ends_when_work_begins(team: Team, t: Translator) -> None:
    team.advance(hours=6)  # Tuesday 16:00, 18 hours left
    assert pause(team, t, "sato", "2026-11-20") == {}
    over = t.moment(team.time.now().astimezone(TOKYO).replace(day=20, hour=9))
    team.channel("mql").expect(t("status.paused", until=over), WHY, "Acme")
    team.dm("sato").unread()

    team.at(weekday=4, hour=8, minute=59)
    team.dm("sato").expect_nothing()
    team.dm("tanaka").expect_nothing()
    assert clock(team).state == ClockState.PAUSED
    team.at(weekday=4, hour=9)
    message = team.dm("sato").expect(t("pause.over", whom=t("lead.one", name="Acme")))
    assert t("button.accept") in message.buttons
    assert moments(team, t, EventType.RESUMED) == [over]
    assert t.moment(clock(team).due_at) == t.moment(team.time.now() + timedelta(hours=18 + 48))
    team.advance(hours=6)
    team.dm("sato").expect(t("direct.reminder_soon", whom=t("lead.one", name="Acme")))
    team.at(weekday=0, hour=3)
    team.dm("tanaka").expect_nothing()  # it is night
    team.at(weekday=0, hour=8)
    team.dm("tanaka").expect("Acme", f"{t('direct.paused_time')}")


@pytest.mark.thorough
def test_a_pause_that_ends_while_the_bot_is_away_ends_at_its_true_time(team: Team, t: Translator) -> None:
    assert pause(team, t, "sato", "2026-11-18") == {}
    team.stop_bot()
    team.advance(hours=72)
    team.start_bot()
    nine = team.time.now().astimezone(TOKYO).replace(day=18, hour=9, minute=0, second=0, microsecond=0)
    assert moments(team, t, EventType.RESUMED) == [t.moment(nine)]
    assert moments(team, t, EventType.BREACHED) == [t.moment(nine + timedelta(hours=24))]


@pytest.mark.thorough
def test_it_ends_at_the_opening_of_the_day_and_never_in_the_quiet_hours(team: Team, t: Translator) -> None:
    hours = {"kind": "business_hours", "hours": {"tuesday": ["10:00-18:00"], "friday": ["07:30-18:00"]}}
    team.agrees(calendar=hours, quiet=None, move_open=True)
    pause(team, t, "tanaka", "2026-11-19")  # a Thursday, on which nobody works
    team.at(weekday=4, hour=7, minute=29)
    assert clock(team).state == ClockState.PAUSED
    team.at(weekday=4, hour=7, minute=30)
    assert clock(team).state == ClockState.RUNNING
    team.agrees(calendar=hours, quiet=QuietHours(start="20:00", end="08:00"), move_open=True)
    pause(team, t, "tanaka", "2026-11-27")
    team.at(weekday=3, hour=12)
    team.at(weekday=4, hour=7, minute=59)
    assert clock(team).state == ClockState.PAUSED
    team.at(weekday=4, hour=8)
    assert clock(team).state == ClockState.RUNNING


def test_what_a_rep_may_not_decide_alone_waits_for_a_leaders_consent(team: Team, t: Translator) -> None:
    assert pause(team, t, "sato", "2026-11-17")["pause_until"] == t("error.date_past")
    before, after = t("pause.limit", last="|").split("|")
    assert before in team.user("sato").modal.text, "the limit stands there before anybody passes it"
    assert after in team.user("sato").modal.text
    team.user("sato").modal.close()
    assert pause(team, t, "sato", "2026-11-23") == {}
    until = t.moment(team.time.now().astimezone(TOKYO).replace(day=23, hour=9))
    assert t("pause.asked", until=until) in team.user("sato").modal.text
    assert clock(team).state == ClockState.RUNNING
    asked = team.dm("tanaka").expect(until, WHY)
    assert asked.buttons == [t("button.pause_consent"), t("button.pause_refuse"), t("button.show")]

    team.user("tanaka").press("pause_consent", in_=asked)
    assert clock(team).state == ClockState.PAUSED
    team.dm("sato").expect(until)
    assert newest(team, "tanaka", WHY).buttons == [t("button.show")]
    team.channel("mql").expect(t("status.paused", until=until), WHY)


def test_a_leader_refuses_with_a_sentence_and_the_clock_runs_on(team: Team, t: Translator) -> None:
    pause(team, t, "sato", "2026-11-25")
    tanaka = team.user("tanaka")
    tanaka.press("pause_refuse", in_=newest(team, "tanaka", WHY))
    tanaka.modal.fill({"why_pause_refused": "Please call them tomorrow"})
    assert tanaka.modal.submit().errors == {}
    team.dm("sato").expect("Acme", "Please call them tomorrow")
    assert clock(team).state == ClockState.RUNNING
    team.advance(hours=24)
    team.dm("tanaka").expect("Acme", t.hours(timedelta(hours=24)))


def test_a_request_that_is_answered_or_over_is_refused_clearly(team: Team, t: Translator) -> None:
    pause(team, t, "sato", "2026-11-25")
    (request,) = [event.id for event in team.log(1) if event.type == EventType.PAUSE_ASKED]
    mql_id = team.mql(1).id

    def consents(who: str) -> ActionResult:
        """A press, also on a message that is still on the screen as it was."""
        with team.database.transaction() as tx:
            return pauses.consent(tx, team.id, request, team.slack.user(who).id, team.time.now())

    assert consents("suzuki") == Refused(Refusal.CONSENT_NOT_ALLOWED, number=1)
    with team.database.transaction() as tx:
        suzuki = team.slack.user("suzuki").id
        response.reassign(tx, team.id, mql_id, team.slack.user("tanaka").id, suzuki, None, team.time.now())
    team.settle()
    assert consents("tanaka") == Refused(Refusal.CONSENT_OVER, number=1)
    over = newest(team, "tanaka", WHY)
    assert (over.buttons, t("pause.request_over") in over.text) == ([t("button.show")], True)

    pause(team, t, "suzuki", "2026-11-25", "Waiting for their data")
    (_, request) = [event.id for event in team.log(1) if event.type == EventType.PAUSE_ASKED]
    assert isinstance(consents("tanaka"), Done)
    assert consents("tanaka") == Refused(Refusal.CONSENT_DECIDED_ALREADY, team.slack.user("tanaka").real_name, 1)
    assert len(moments(team, t, EventType.PAUSED)) == 1


@pytest.mark.thorough
def test_a_request_for_a_day_that_has_come_is_over(team: Team, t: Translator) -> None:
    pause(team, t, "sato", "2026-11-23")
    team.at(weekday=0, hour=10)
    team.user("tanaka").press("pause_consent", in_=newest(team, "tanaka", WHY))
    team.dm("tanaka").expect(t("reply.consent_over", number=1))
    assert clock(team).state == ClockState.RUNNING


@pytest.mark.thorough
def test_twelve_pauses_of_five_days_end_at_the_limit_and_reach_the_leader(team: Team, t: Translator) -> None:
    team.dm("tanaka").unread()
    for _ in range(12):
        assert pause(team, t, "sato", day(team, 5)) == {}
        if team.user("sato").modal is not None:
            team.user("sato").modal.close()
        team.advance(days=4, hours=23)
        if clock(team).state == ClockState.PAUSED:
            team.at(*_next_opening(clock(team)))
    own = [event for event in team.log(1) if event.type == EventType.PAUSED]
    assert [t.local_date(event.at) for event in own] == [date(2026, 11, 17)]
    heard = team.dm("tanaka").messages
    assert any(t("pause.so_far", count=2, days="10") in message.text + str(message.blocks) for message in heard)
    assert any(t.hours(timedelta(hours=48)) in message.text for message in heard)  # nobody has answered
    assert len(moments(team, t, EventType.BREACHED)) == 1


def _next_opening(paused: Clock) -> tuple[int, int]:
    assert paused.next_check_at is not None
    local = paused.next_check_at.astimezone(TOKYO)
    return local.weekday(), local.hour


def test_an_overdue_lead_that_is_paused_stays_in_every_list_and_its_leader_is_told(team: Team, t: Translator) -> None:
    team.advance(hours=25)
    escalation = team.dm("tanaka").expect("Acme", t.hours(timedelta(hours=24)))
    assert pause(team, t, "sato", "2026-11-20") == {}
    until = t("status.paused", until=t.moment(team.time.now().astimezone(TOKYO).replace(day=20, hour=9, minute=0)))

    message = team.dm("tanaka").expect("Acme", WHY)
    assert t("button.resume") in message.buttons
    escalation = next(message for message in team.dm("tanaka").messages if message.ts == escalation.ts)
    assert t("outcome.no_longer_needed") not in escalation.text + str(escalation.blocks)
    assert until in str(escalation.blocks)
    assert {t("button.reassign"), t("button.take_over"), t("button.resume")} <= set(escalation.buttons)

    tanaka = team.user("tanaka")
    for word in ("list overdue", "show 1"):
        tanaka.types(f"/mql {word}")
        shown = tanaka.modal.text if tanaka.modal else team.dm("tanaka").messages[-1].text
        assert "Acme" in shown
    home = tanaka.opens_home().text
    assert until in home
    assert WHY in home


@pytest.mark.thorough
def test_a_new_owner_has_the_days_anew_and_the_leader_is_told_the_sum(team: Team, t: Translator) -> None:
    team.advance(hours=25)
    pause(team, t, "sato", day(team, 5))
    team.advance(days=5)
    tanaka = team.user("tanaka")
    tanaka.press(t("button.reassign"), in_=card(team, "tanaka"))
    tanaka.modal.fill({"new_owner": team.slack.user("suzuki").id})
    tanaka.modal.submit()
    assert pause(team, t, "suzuki", day(team, 5)) == {}
    assert clock(team).state == ClockState.PAUSED
    team.dm("tanaka").expect(t("pause.so_far", count=2, days="10"))


def test_a_pause_is_ended_by_a_button_and_the_rep_hears_of_it(team: Team, t: Translator) -> None:
    pause(team, t, "sato", "2026-11-20")
    team.advance(hours=9)
    team.dm("sato").unread()
    team.user("tanaka").press(t("button.resume"), in_=card(team, "tanaka"))
    assert clock(team).state == ClockState.RUNNING
    team.dm("sato").expect(
        t("pause.over_by", whom=t("lead.one", name="Acme"), actor=team.slack.user("tanaka").real_name)
    )


def test_whoever_accepts_in_a_pause_keeps_it_for_the_outcome_and_is_told(team: Team, t: Translator) -> None:
    pause(team, t, "sato", "2026-11-20")
    team.advance(hours=30)
    until = t.moment(team.time.now().astimezone(TOKYO).replace(day=20, hour=9, minute=0))
    team.user("sato").press(t("button.accept"), in_=card(team, "sato"))
    assert (clock(team).state, team.mql(1).status) == (ClockState.MET, Status.ACCEPTED)
    assert clock(team, ClockKind.FEEDBACK).state == ClockState.PAUSED
    assert t("reply.still_paused", until=until) in str(team.slack.user("sato").sees("mql").messages)
    team.channel("mql").expect(t("note.still_paused", until=until))
    team.at(weekday=4, hour=9)
    team.dm("sato").expect(t("pause.over", whom=t("lead.one", name="Acme")))
    # five days of 24 hours from Friday 09:00, weekends aside
    due = team.time.now() + timedelta(days=7)
    assert t.moment(clock(team, ClockKind.FEEDBACK).due_at) == t.moment(due)


@pytest.mark.thorough
def test_a_late_report_of_the_crm_starts_no_clock_that_runs_through_the_pause(team: Team, t: Translator) -> None:
    team.advance(hours=4)
    pause(team, t, "sato", "2026-11-20")
    team.advance(hours=24)
    team.reports_activity("call", ago=timedelta(hours=26), number="1")  # two hours before the pause
    feedback = clock(team, ClockKind.FEEDBACK)
    assert (feedback.state, clock(team).state) == (ClockState.PAUSED, ClockState.MET)
    team.at(weekday=4, hour=9)
    # Two hours had gone by before the pause.
    due = team.time.now() + timedelta(days=7) - timedelta(hours=2)
    assert t.moment(clock(team, ClockKind.FEEDBACK).due_at) == t.moment(due)


@pytest.mark.thorough
def test_a_report_of_a_call_before_a_pause_that_is_over_counts_the_pause_out(team: Team, t: Translator) -> None:
    pause(team, t, "sato", "2026-11-18")
    team.at(weekday=2, hour=11)
    team.reports_activity("call", ago=timedelta(hours=24), number="1")
    # Tuesday 11:00 lies in the pause, which ended at 09:00 on Wednesday.
    due = team.time.now().astimezone(TOKYO).replace(day=25, hour=9, minute=0)
    assert t.moment(clock(team, ClockKind.FEEDBACK).due_at) == t.moment(due)


@pytest.mark.thorough
def test_a_deadline_that_had_passed_before_the_pause_stays_passed(team: Team, t: Translator) -> None:
    team.advance(hours=30)
    before = clock(team).due_at
    pause(team, t, "tanaka", "2026-11-20")
    team.at(weekday=4, hour=10)
    assert (clock(team).state, clock(team).due_at) == (ClockState.RUNNING, before)
    team.user("sato").press(t("button.accept"), in_=card(team, "sato"))
    assert clock(team).state == ClockState.MET_LATE


@pytest.mark.thorough
def test_the_feedback_clock_pauses_as_well(team: Team, t: Translator) -> None:
    team.user("sato").press(t("button.accept"))
    pause(team, t, "sato", "2026-11-19")
    assert clock(team, ClockKind.FEEDBACK).state == ClockState.PAUSED
    team.at(weekday=3, hour=9)
    due = team.time.now().astimezone(TOKYO).replace(day=26)
    assert t.moment(clock(team, ClockKind.FEEDBACK).due_at) == t.moment(due)


def test_a_second_pause_is_explained(team: Team, t: Translator) -> None:
    sato = team.user("sato")
    sato.press(t("button.pause"), in_=card(team, "sato"))
    pause(team, t, "tanaka", "2026-11-20")
    sato.modal.fill({"pause_until": "2026-11-19", "why_pause": "x"})
    sato.modal.submit()
    assert t("reply.paused_already") in sato.modal.text


def test_no_nudge_goes_to_a_rep_whose_clock_stands_still(team: Team, t: Translator) -> None:
    team.advance(hours=25)
    escalation = team.dm("tanaka").expect("Acme", t.hours(timedelta(hours=24)))
    pause(team, t, "sato", "2026-11-20")
    team.dm("sato").unread()
    shown = next(message for message in team.dm("tanaka").messages if message.ts == escalation.ts)
    assert t("button.remind") not in shown.buttons
    team.dm("sato").expect_nothing()
