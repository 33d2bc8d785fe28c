"""Other agreements than the default one."""

from __future__ import annotations

from storage import mqls
from storage.vocabulary import ClockKind, ClockState, EventType, Status
from tests.scenarios.stage import Team, ja


def _clocks(team: Team, number: int) -> dict[ClockKind, ClockState]:
    with team.database.snapshot() as tx:
        return {clock.kind: clock.state for clock in mqls.clocks(tx, team.id, [team.mql(number).id])}


def test_where_only_contact_counts_an_acceptance_does_not_stop_the_clock(team: Team) -> None:
    team.agrees(response="contacted")
    team.receives("Acme")
    team.user("sato").press(ja("button.accept"))
    assert _clocks(team, 1) == {ClockKind.RESPONSE: ClockState.RUNNING, ClockKind.FEEDBACK: ClockState.RUNNING}
    team.channel("mql").expect("初回対応の期限", ja("status.accepted"))

    team.advance(hours=24)
    team.dm("tanaka").expect("Acme", "24時間")
    team.user("tanaka").press(ja("button.remind"))
    team.dm("sato").expect("田中 美咲", "Acme")
    team.user("sato").press(ja("button.contacted"), in_=team.dm("sato"))
    assert _clocks(team, 1)[ClockKind.RESPONSE] == ClockState.MET_LATE
    assert team.mql(1).status == Status.CONTACTED


def test_a_manager_takes_over_what_was_accepted_and_never_contacted(team: Team) -> None:
    team.agrees(response="contacted")
    team.receives("Acme")
    team.user("sato").press(ja("button.accept"))
    team.advance(hours=24)
    team.user("tanaka").press(ja("button.take_over"))
    assert (team.mql(1).status, team.mql(1).owner) == (Status.ACCEPTED, team.slack.user("tanaka").id)
    team.user("tanaka").press(ja("button.contacted"), in_=team.slack.user("tanaka").sees("mql"))
    assert _clocks(team, 1)[ClockKind.RESPONSE] == ClockState.MET_LATE


def test_a_new_agreement_leaves_the_clocks_that_run_as_they_are(team: Team) -> None:
    team.receives("Acme")
    team.agrees(response_hours=2.0, reminders=(), escalations=())
    team.receives("Beta")
    team.advance(hours=2)
    assert [event.type for event in team.log(2)][-1] == EventType.BREACHED
    assert EventType.BREACHED not in [event.type for event in team.log(1)]
    team.advance(hours=22)
    assert EventType.BREACHED in [event.type for event in team.log(1)]
    team.dm("tanaka").expect("Acme", "24時間")


def test_a_deadline_at_midnight_is_the_end_of_the_day_before(team: Team) -> None:
    team.at(weekday=5, hour=11)  # a Saturday: the clock starts on Monday at 0:00
    team.receives("Acme")
    team.channel("mql").expect("Acme", "初回対応の期限: 11/23(月) 24:00")
