"""Marketing and sales meet each week: the agenda comes an hour before, and what is agreed upon is followed up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot import worker
from bot.core import teamfile
from bot.core.mql import erasure
from bot.core.reports.checkup import Point
from bot.i18n import Translator
from playground import Conversation
from storage import actions, meetings, workspaces
from storage.database import Database
from storage.models import ActionItem
from storage.vocabulary import ErasedFor, Locale
from tests.scenarios.stage import TOKYO, Team, ja
from tests.thorough import thoroughly

# Wednesdays at 15:00: the agenda comes at 14:00. The stories begin on a Tuesday.
WEDNESDAY = 2


def meets(team: Team, *, weekday: int | None = WEDNESDAY, time: str | None = "15:00") -> None:
    """The team file plans a meeting, or none any more."""
    with team.database.transaction() as tx:
        known = teamfile.current(tx, team.id)
        assert known is not None
        channel = team.slack.channel("marketing").id if time else None
        planned = replace(known, meeting_weekday=weekday, meeting_time=time, meeting_channel=channel)
        teamfile.apply(tx, planned, team.time.now())
    team.settle()


@pytest.fixture(params=Locale)
def meeting(request: pytest.FixtureRequest, database: Database) -> Iterator[tuple[Team, Translator]]:
    """A team of either language that meets on Wednesdays, and its words."""
    team = Team(database, request.param)
    team.slack.admin.invite_bot("marketing")
    meets(team)
    yield team, Translator(request.param, "Asia/Tokyo")
    team.close()


@pytest.fixture
def ours(team: Team) -> Team:
    """A Japanese team that meets on Wednesdays."""
    team.slack.admin.invite_bot("marketing")
    meets(team)
    return team


def room(team: Team) -> Conversation:
    return team.channel("marketing")


def agendas(team: Team) -> list[Any]:
    return [message for message in room(team).messages if message.ephemeral_for is None]


def records(team: Team, what: str, owner: str = "sato", until: str = "2026-11-24", who: str = "ito") -> None:
    """Somebody records an action in the form that /mql meeting leads to."""
    person = team.user(who)
    person.types("/mql meeting", channel="sales")
    person.modal.submit()
    person.modal.fill({"action_what": what, "action_owner": team.slack.user(owner).id, "action_until": until})
    assert person.modal.submit().errors == {}
    person.modal.close()


def disqualifies(team: Team, who: str, number: int) -> None:
    team.accepts(number)
    person = team.user(who)
    person.types(f"/mql-feedback {number}", channel="sales")
    person.modal.fill({"disposition": "disqualified"})
    person.modal.fill({"lost_reason": "no_budget"})
    person.modal.submit()


def stored(team: Team) -> list[ActionItem]:
    with team.database.snapshot() as tx:
        return actions.open_ones(tx, team.id)


def test_the_agenda_tells_of_the_week_an_hour_before(meeting: tuple[Team, Translator]) -> None:
    team, t = meeting
    team.receives("Acme", person="Jane", score=80)
    team.receives("Beta")
    records(team, "Send the new deck", until="2026-11-17")
    disqualifies(team, "suzuki", 2)
    team.at(weekday=WEDNESDAY, hour=13, minute=59)
    assert agendas(team) == []
    team.advance(minutes=1)
    (agenda,) = agendas(team)
    assert t("meeting.agenda", at=t.moment(datetime(2026, 11, 18, 15, tzinfo=TOKYO))) in agenda.text
    assert t("meeting.breaches", count=1) in agenda.text
    assert "#1 " in agenda.text
    assert "Acme" in agenda.text
    assert t("meeting.reason", reason="予算なし" if t.locale == Locale.JA else "No budget", count=1) in agenda.text
    assert "Send the new deck" in agenda.text
    assert ("⚠️ 期限超過" if t.locale == Locale.JA else "⚠️ Overdue") in agenda.text
    team.advance(hours=2)
    assert len(agendas(team)) == 1


@pytest.mark.thorough
def test_many_items_stay_within_one_message(ours: Team) -> None:
    for number in range(30):
        ours.receives(f"Acme {number}")
        records(ours, f"Action {number} " + "長" * 180)
    ours.at(weekday=WEDNESDAY, hour=14)
    (agenda,) = agendas(ours)
    assert ja("meeting.breaches", count=30) in agenda.text
    assert ja("list.more", count=22) in agenda.text
    assert ja("list.more", count=20) in agenda.text
    assert agenda.buttons.count(ja("button.action_done")) == 10


def test_what_is_agreed_upon_is_recorded_and_done_in_the_agenda(meeting: tuple[Team, Translator]) -> None:
    team, t = meeting
    team.at(weekday=WEDNESDAY, hour=14)
    ito, sato = team.user("ito"), team.user("sato")
    ito.press(t("button.action_record"), in_=agendas(team)[0])
    ito.modal.fill({"action_what": "Call <@U1> & co", "action_until": "2026-11-30"})
    assert ito.modal.submit().errors == {}
    assert ito.modal is None
    (agenda,) = agendas(team)
    assert "Call &lt;@U1&gt; &amp; co" in str(agenda.blocks)
    (item,) = stored(team)
    assert (item.owner, item.due_on, item.by) == (team.slack.user("ito").id, "2026-11-30", team.slack.user("ito").id)
    sato.press(t("button.action_done"), in_=agenda)
    assert stored(team) == []
    (agenda,) = agendas(team)
    assert t("meeting.no_actions") in agenda.text
    with team.database.snapshot() as tx:
        done = actions.get(tx, team.id, item.id)
    assert done is not None
    assert (done.done_by, done.done_at) == (team.slack.user("sato").id, team.time.now())


def test_a_form_that_says_too_little_is_not_taken(ours: Team) -> None:
    ito = ours.user("ito")
    ito.types("/mql meeting", channel="sales")
    assert ja("meeting.no_actions") in ito.modal.text
    ito.modal.submit()
    ito.modal.fill({"action_what": " ", "action_until": "2026-11-16"})
    assert ito.modal.submit().errors == {
        "action_what": ja("error.action_what"),
        "action_until": ja("error.action_until"),
    }
    ito.modal.fill({"action_what": "x", "action_until": "2027-11-19"})
    assert ito.modal.submit().errors == {"action_until": ja("error.action_until")}
    assert stored(ours) == []


def test_somebody_else_was_first(ours: Team) -> None:
    records(ours, "資料を送る")
    ours.at(weekday=WEDNESDAY, hour=14)
    (agenda,) = agendas(ours)
    button = next(block for block in agenda.blocks if block.get("accessory"))["accessory"]
    ours.user("sato").press(ja("button.action_done"), in_=agenda)
    # An older screen still shows it.
    with ours.database.snapshot() as tx:
        done = actions.get(tx, ours.id, int(button["value"]))
    ours.user("suzuki").types("/mql meeting", channel="sales")
    assert ja("meeting.no_actions") in ours.user("suzuki").modal.text
    assert done is not None
    assert done.done_by == ours.slack.user("sato").id


@pytest.mark.thorough
def test_everything_twice_happens_once(database: Database) -> None:
    team = Team(database, twice=True)
    team.may_break = ("was used already", "has changed since")  # the second of each
    try:
        team.slack.admin.invite_bot("marketing")
        meets(team)
        records(team, "資料を送る")
        assert len(stored(team)) == 1
        team.at(weekday=WEDNESDAY, hour=14)
        team.advance(hours=1)
        (agenda,) = agendas(team)
        team.user("ito").press(ja("button.meeting_held"), in_=agenda)
        team.user("ito").press(ja("button.action_done"), in_=agendas(team)[0])
        team.advance(minutes=1)
        (agenda,) = agendas(team)
        assert ja("meeting.held_by", by="伊藤 楓") in agenda.text or "さんが開催を記録しました。" in agenda.text
        private = [message.text for message in room(team).messages if message.ephemeral_for]
        assert private == [ja("reply.action_done", what="資料を送る")]
        team.advance(days=7)
        assert not any("資料を送る" in message.text for message in team.dm("sato").messages)
    finally:
        team.close()


def test_the_owner_is_told_once_on_the_day(meeting: tuple[Team, Translator]) -> None:
    team, t = meeting
    records(team, "Send the new deck", until="2026-11-20")
    team.dm("sato").unread()
    team.at(weekday=4, hour=8, minute=59)
    team.dm("sato").expect_none("Send the new deck")
    team.advance(minutes=1)
    reminder = team.dm("sato").expect("Send the new deck", t("action.due", day=t.day(date(2026, 11, 20))))
    team.advance(days=5)
    assert len([message for message in team.dm("sato").messages if "Send the new deck" in message.text]) == 1
    team.user("sato").press(t("button.action_done"), in_=reminder)
    (reminder,) = [message for message in team.dm("sato").messages if "Send the new deck" in message.text]
    assert "✅" in reminder.text
    assert reminder.buttons == [t("button.action_reopen")]


def test_in_quiet_hours_the_owner_is_told_after_them(ours: Team) -> None:
    ours.agrees(quiet={"start": "19:00", "end": "10:30"})
    records(ours, "資料を送る", until="2026-11-20")
    ours.at(weekday=4, hour=10, minute=29)
    ours.dm("sato").expect_none("資料を送る")
    ours.advance(minutes=1)
    ours.dm("sato").expect("資料を送る")


@pytest.mark.thorough
def test_what_was_done_meanwhile_is_not_told(ours: Team) -> None:
    ours.agrees(quiet={"start": "19:00", "end": "10:30"})
    records(ours, "資料を送る", until="2026-11-20")
    ours.at(weekday=4, hour=10)
    sato = ours.user("sato")
    sato.types("/mql meeting", channel="sales")
    sato.modal.press(ja("button.action_done"))
    assert ja("meeting.no_actions") in sato.modal.text
    ours.advance(hours=3)
    ours.dm("sato").expect_none("資料を送る")


@pytest.mark.thorough
def test_where_the_owner_has_left_whoever_recorded_it_is_told(ours: Team) -> None:
    records(ours, "資料を送る", until="2026-11-20")
    with ours.database.transaction() as tx:
        known = teamfile.current(tx, ours.id)
        assert known is not None
        gone = ours.slack.user("sato").id
        left = tuple(member for member in known.members if member.user_id != gone)
        teamfile.apply(tx, replace(known, members=left), ours.time.now())
    ours.at(weekday=4, hour=9)
    ours.dm("ito").expect("資料を送る")
    ours.dm("sato").expect_none("資料を送る")


def test_the_digest_names_open_actions_overdue_first(meeting: tuple[Team, Translator]) -> None:
    team, t = meeting
    records(team, "Later", until="2026-11-30")
    records(team, "Sooner", until="2026-11-19")
    team.at(weekday=0, hour=9)
    digest = team.dm("tanaka").expect(t("meeting.actions", count=2), "Later", "Sooner")
    assert digest.text.index("Sooner") < digest.text.index("Later")


@pytest.mark.thorough
def test_meetings_on_record_are_evidence_in_the_self_check(meeting: tuple[Team, Translator]) -> None:
    team, t = meeting
    tanaka = team.user("tanaka")
    for week in range(2):
        team.at(weekday=WEDNESDAY, hour=14)
        tanaka.types("/mql checkup", channel="sales")
        assert (t(f"checkup.ask.{Point.MEETING}") in tanaka.modal.labels) == (week == 0)
        tanaka.modal.close()
        team.advance(hours=1)
        tanaka.press(t("button.meeting_held"), in_=agendas(team)[-1])
        assert t("button.meeting_held") not in agendas(team)[-1].buttons
    team.advance(minutes=1)
    tanaka.types("/mql checkup", channel="sales")
    assert f"✅ {t('checkup.point.meeting')}" in str(tanaka.modal.blocks)
    assert t("checkup.seen.meeting", count=2, digests=1) in tanaka.modal.text


def test_it_is_recorded_once_and_not_before_it_begins(ours: Team) -> None:
    ours.at(weekday=WEDNESDAY, hour=14)
    (agenda,) = agendas(ours)
    ito = ours.user("ito")
    ito.types("/mql meeting", channel="sales")
    assert ja("button.meeting_held") not in ito.modal.text
    ito.modal.close()
    ito.press(ja("button.meeting_held"), in_=agenda)
    refused = ja("reply.meeting_begins_later", at="15:00")
    assert refused in [message.text for message in room(ours).messages if message.ephemeral_for]
    assert ja("button.meeting_held") in agenda.buttons
    ours.advance(hours=1)
    ito.types("/mql meeting", channel="sales")
    assert ja("button.meeting_held") in str(ito.modal.blocks)
    ito.modal.close()
    ito.press(ja("button.meeting_held"), in_=agenda)
    assert ja("button.meeting_held") not in agenda.buttons
    with ours.database.transaction() as tx:
        later = meetings.add(tx, ours.id, date(2026, 11, 25), ours.slack.user("kim").id, ours.time.now())
    assert later
    ours.advance(days=7)
    agenda = agendas(ours)[-1]
    assert "Kim" in agenda.text
    assert ja("button.meeting_held") not in agenda.buttons
    meets(ours, time="00:30")  # its agenda comes the evening before
    ours.at(weekday=1, hour=23, minute=30)
    ours.user("ito").press(ja("button.meeting_held"), in_=agendas(ours)[-1])
    assert ja("reply.meeting_future") in [message.text for message in room(ours).messages if message.ephemeral_for]
    assert ja("button.meeting_held") in agendas(ours)[-1].buttons


def test_a_meeting_nobody_planned_can_be_recorded_too(team: Team) -> None:
    ito = team.user("ito")
    ito.types("/mql meeting", channel="sales")
    assert "設定ファイル" in ito.modal.text
    assert ja("meeting.never") in ito.modal.text
    ito.modal.press(ja("button.meeting_held"))
    assert ja("meeting.last", day="11/17(火)") in ito.modal.text
    assert ja("button.meeting_held") not in ito.modal.text


@pytest.mark.thorough
def test_on_a_holiday_there_is_no_agenda_and_the_next_one_tells_of_both_weeks(team: Team) -> None:
    team.slack.admin.invite_bot("marketing")
    team.agrees(calendar={"kind": "business_days", "holidays": "JP"})
    meets(team, weekday=0)  # November 23 is Labour Thanksgiving Day
    team.receives("Acme")
    team.at(weekday=0, hour=14)
    team.advance(hours=3)
    assert agendas(team) == []
    team.at(weekday=0, hour=14)
    (agenda,) = agendas(team)
    assert ja("meeting.head", since="11/16(月) 14:00", late=1, open=0) in agenda.text
    assert "Acme" in agenda.text


@pytest.mark.thorough
def test_a_team_that_meets_on_saturdays_gets_its_agenda(ours: Team) -> None:
    meets(ours, weekday=5)
    ours.at(weekday=WEDNESDAY, hour=14)
    assert agendas(ours) == []
    ours.at(weekday=5, hour=14)
    assert len(agendas(ours)) == 1


@pytest.mark.thorough
def test_after_a_stop_only_the_agenda_of_a_meeting_to_come_is_posted(ours: Team) -> None:
    ours.advance(days=22)  # a Wednesday, December 9, 10:00
    assert agendas(ours) == []
    ours.advance(hours=4)
    (agenda,) = agendas(ours)
    assert "12/9(水) 15:00" in agenda.text


def test_without_a_planned_meeting_nothing_is_posted(ours: Team) -> None:
    meets(ours, weekday=None, time=None)
    ours.at(weekday=WEDNESDAY, hour=14)
    assert agendas(ours) == []


def test_who_is_not_on_the_roster_is_told_so(ours: Team) -> None:
    ours.at(weekday=WEDNESDAY, hour=14)
    with ours.database.transaction() as tx:
        known = teamfile.current(tx, ours.id)
        assert known is not None
        gone = ours.slack.user("ito").id
        left = tuple(member for member in known.members if member.user_id != gone)
        teamfile.apply(tx, replace(known, members=left), ours.time.now())
    for button in ("button.meeting_held", "button.action_record"):
        ours.user("ito").press(ja(button), in_=agendas(ours)[0])
        assert ours.user("ito").modal is None
    private = [message.text for message in room(ours).messages if message.ephemeral_for]
    assert private == [ja("reply.not_on_roster")] * 2
    assert ja("button.meeting_held") in agendas(ours)[0].buttons


@pytest.mark.thorough
def test_the_agenda_names_what_marketing_disputes_until_somebody_decides(meeting: tuple[Team, Translator]) -> None:
    team, t = meeting
    team.receives("Acme", person="Jane")
    disqualifies(team, "sato", 1)
    ito = team.user("ito")
    ito.press(t("button.dispute"), in_=team.channel("mql"))
    ito.modal.fill({"why_dispute": "They have a budget"})
    ito.modal.submit()
    team.at(weekday=WEDNESDAY, hour=14)
    agenda = agendas(team)[-1].text
    assert t("meeting.disputes", count=1) in agenda
    assert "They have a budget" in agenda
    team.user("tanaka").press(t("button.uphold"), in_=team.dm("tanaka"))
    team.user("tanaka").modal.fill({"why_upheld": "Not this year"}).submit()
    team.at(weekday=WEDNESDAY, hour=14)
    assert "They have a budget" not in agendas(team)[-1].text


@pytest.mark.thorough
def test_an_agenda_stops_naming_who_was_erased(ours: Team) -> None:
    ours.receives("Acme", person="Jane", email="jane@example.com")
    ours.at(weekday=WEDNESDAY, hour=14)
    disqualifies(ours, "sato", 1)
    assert "Jane" in agendas(ours)[0].text
    with ours.database.transaction() as tx:
        workspaces.save(tx, ours.id, ours.time.now(), erase_after_days=7)
    ours.advance(days=8)
    ours.advance(minutes=1)
    assert "Jane" not in agendas(ours)[0].text


@pytest.mark.thorough
def test_an_agenda_stops_naming_whose_disputed_mql_was_erased(ours: Team) -> None:
    ours.receives("Acme", person="Jane", email="jane@example.com")
    disqualifies(ours, "sato", 1)
    ito = ours.user("ito")
    ito.press(ja("button.dispute"), in_=ours.channel("mql"))
    ito.modal.fill({"why_dispute": "Jane has a budget"})
    ito.modal.submit()
    ours.at(weekday=WEDNESDAY, hour=14)
    assert agendas(ours)[0].text.count("Jane") == 2
    with ours.database.transaction() as tx:
        erasure.erase(tx, ours.id, ours.mql(1).id, ErasedFor.REQUEST, ours.time.now())
    ours.advance(minutes=1)
    assert "Jane" not in agendas(ours)[0].text


@pytest.mark.thorough
def test_what_was_done_long_ago_is_forgotten_with_the_rest(ours: Team) -> None:
    for what in ("Done", "Open"):
        records(ours, what, until="2026-11-20")
    done, _ = stored(ours)
    ito = ours.user("ito")
    ito.types("/mql meeting", channel="sales")
    ito.modal.press(ja("button.action_done"))
    ito.modal.close()
    with ours.database.transaction() as tx:
        workspaces.save(tx, ours.id, ours.time.now(), erase_after_days=7)
    for days, kept in ((6, True), (2, False)):
        ours.advance(days=days)
        assert ours.bot is not None
        worker.sweep(ours.bot.parts.context)
        with ours.database.snapshot() as tx:
            assert (actions.get(tx, ours.id, done.id) is not None) == kept
    assert [item.what for item in stored(ours)] == ["Open"]


@pytest.mark.thorough
@pytest.mark.parametrize("zone", thoroughly(["America/New_York", "Europe/London"], but=["America/New_York"]))
def test_the_agenda_keeps_to_the_wall_clock_where_the_clocks_change(team: Team, zone: str) -> None:
    team.slack.admin.invite_bot("marketing")
    with team.database.transaction() as tx:
        known = teamfile.current(tx, team.id)
        assert known is not None
        channel = team.slack.channel("marketing").id
        planned = replace(known, timezone=zone, meeting_weekday=0, meeting_time="09:30", meeting_channel=channel)
        teamfile.apply(tx, planned, team.time.now())
    # Clocks go forward on March 14 in New York, on March 28 in London.
    team.advance(days=(datetime(2027, 3, 5, tzinfo=TOKYO) - team.time.now()).days)
    for day in ("3/8", "3/15", "3/22", "3/29"):
        month, number = map(int, day.split("/"))
        an_hour_before = datetime(2027, month, number, 8, 30, tzinfo=ZoneInfo(zone))
        seen = len(agendas(team))
        team.advance(seconds=(an_hour_before - team.time.now()).total_seconds() - 1)
        assert len(agendas(team)) == seen
        team.advance(seconds=1)
        assert agendas(team)[-1].text.splitlines()[0] == f"定例会議 {day}(月) 09:30 の議題"
