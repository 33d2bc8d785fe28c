"""A rep whose day is another one than the team's: halves, nights, and deadlines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.core import teamfile
from storage import absences, mqls
from storage.models import Clock
from storage.vocabulary import ClockKind, EventType, Status
from tests.scenarios.stage import TOKYO, Team, ja

LATE = {"every": ("12:00-21:00",)}
OFFICE = {"kind": "business_hours"}


def response_clock(team: Team, number: int) -> Clock:
    with team.database.snapshot() as tx:
        clocks = mqls.clocks(tx, team.id, [team.mql(number).id])
    return next(clock for clock in clocks if clock.kind == ClockKind.RESPONSE)


def gives_within_hours(team: Team) -> None:
    with team.database.snapshot() as tx:
        known = teamfile.current(tx, team.id)
    assert known is not None
    routing = known.routing.model_copy(update={"within_hours": True})
    team.installation.agree(replace(known, routing=routing), move_open=False)


def due(team: Team, number: int = 1) -> datetime:
    return response_clock(team, number).due_at.astimezone(TOKYO)


@pytest.mark.thorough
def test_an_afternoon_off_begins_in_the_middle_of_ones_own_day(team: Team) -> None:
    team.works("sato", hours=LATE)
    team.at(weekday=1, hour=10)
    team.user("sato").types("/mql away 明日午後休", channel="sales")
    with team.database.snapshot() as tx:
        (row,) = absences.of(tx, team.id, team.slack.user("sato").id, team.time.now())
    assert row.from_at.astimezone(TOKYO).time() == time(16, 30)
    team.user("sato").types("/mql away", channel="sales")
    assert "の午後" in team.user("sato").modal.text


def test_a_reminder_waits_for_the_day_of_its_reader(team: Team) -> None:
    team.works("sato", hours=LATE)
    team.agrees(calendar={"kind": "business_days"}, response_hours=24.0, reminders=["2h"], escalations=())
    team.at(weekday=1, hour=8)
    team.receives("Acme")
    team.dm("sato").unread()
    team.advance(hours=2)
    assert [event.type for event in team.log(1)][-1] == EventType.REMINDED
    assert team.dm("sato").unread() == []
    team.advance(hours=2)
    assert "Acme" in team.dm("sato").unread()[0].text


@pytest.mark.thorough
def test_who_works_in_another_timezone_reads_times_there(team: Team) -> None:
    team.works("sato", timezone="America/New_York")
    team.at(weekday=1, hour=10)
    team.receives("Acme")
    there = due(team).astimezone(ZoneInfo("America/New_York"))
    assert f"{there.month}/{there.day}" in team.dm("sato").messages[-1].text
    assert f"{there:%H:%M}" in team.dm("sato").messages[-1].text


def test_a_response_clock_runs_on_its_owners_calendar_and_goes_on_with_the_next(team: Team) -> None:
    team.works("sato", hours=LATE)
    team.agrees(calendar=OFFICE, response_calendar="owner", response_hours=4.0, reminders=(), escalations=())
    team.at(weekday=1, hour=10)
    team.receives("Acme")
    assert (due(team).day, due(team).hour) == (team.time.now().astimezone(TOKYO).day, 16)
    team.advance(hours=3)  # 13:00: one hour of it is over, from noon on
    tanaka = team.user("tanaka")
    tanaka.press(ja("button.reassign"), in_=tanaka.sees("mql"))
    tanaka.modal.fill({"new_owner": team.slack.user("suzuki").id})
    tanaka.modal.submit()
    assert due(team).hour == 16
    team.works("suzuki", hours={"every": ("09:00-10:00",)})
    assert due(team).hour == 16  # what was pinned stays
    team.advance(hours=4)
    assert [event.at for event in team.log(1) if event.type == EventType.BREACHED] == [due(team).astimezone(UTC)]


@pytest.mark.thorough
def test_an_owner_of_another_day_moves_the_deadline(team: Team) -> None:
    team.works("suzuki", timezone="America/New_York")
    team.agrees(calendar=OFFICE, response_calendar="owner", response_hours=4.0, reminders=(), escalations=())
    team.at(weekday=1, hour=10)
    team.receives("Acme")
    assert due(team).hour == 14
    team.advance(hours=1)
    tanaka = team.user("tanaka")
    tanaka.press(ja("button.reassign"), in_=tanaka.sees("mql"))
    tanaka.modal.fill({"new_owner": team.slack.user("suzuki").id})
    tanaka.modal.submit()
    there = due(team).astimezone(ZoneInfo("America/New_York"))
    assert (there.hour, there.minute) == (12, 0)  # three hours from 9:00 on


def test_only_where_the_team_file_says_so_nobody_gets_an_mql_outside_their_hours(team: Team) -> None:
    for name in ("sato", "suzuki", "brown"):
        team.works(name, hours=LATE)
    team.at(weekday=1, hour=10)
    team.receives("Acme")
    assert team.mql(1).status == Status.ASSIGNED
    gives_within_hours(team)
    team.receives("Beta")
    assert team.mql(2).status == Status.UNASSIGNED
    team.advance(hours=2)
    assert team.mql(2).status == Status.ASSIGNED
