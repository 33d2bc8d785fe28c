"""Whose turn it is, and what happens when it is nobody's."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core import teamfile
from bot.core.base import team as team_of
from bot.core.base.results import Done
from bot.core.mql.feedback import Answer
from bot.i18n import Translator
from storage import members, mqls, workspaces
from storage.models import LostReason
from storage.vocabulary import Disposition, EventType, Locale, Status
from tests.core.kit import accept_and_report
from tests.scenarios.stage import Team, ja


def _owner(team: Team, number: int) -> str | None:
    owner = team.mql(number).owner
    return team.slack.user(owner).name if owner else None


def _receive(team: Team, count: int) -> list[str | None]:
    return [_owner(team, team.receives(f"会社{i}").body["number"]) for i in range(count)]


def test_mqls_go_round_the_reps_in_turn(team: Team) -> None:
    assert _receive(team, 7) == ["sato", "suzuki", "brown"] * 2 + ["sato"]


@pytest.mark.thorough
def test_somebody_who_is_away_is_skipped_and_gets_one_turn_not_everything_missed(team: Team) -> None:
    _receive(team, 3)
    team.away("suzuki", hours=2)
    assert Counter(_receive(team, 4)) == {"sato": 2, "brown": 2}
    team.advance(hours=2)
    assert _receive(team, 3) == ["suzuki", "sato", "brown"]


@pytest.mark.thorough
def test_a_change_of_the_roster_costs_nobody_their_turn(team: Team) -> None:
    assert _receive(team, 1) == ["sato"]
    with team.database.transaction() as tx:
        members.save(tx, team.id, team.slack.user("sato").id, name="佐藤 葵", roles=["rep"])
        newcomer = team.slack.admin.add_user("mori", "森 陽").id
        members.save(tx, team.id, newcomer, name="森 陽", roles=["rep"])
    assert _receive(team, 4) == ["suzuki", "brown", "mori", "sato"]


def test_the_decision_is_kept_with_everyone_who_was_considered(team: Team) -> None:
    team.away("sato", hours=1)
    team.receives("Acme")
    with team.database.snapshot() as tx:
        decision = mqls.last_decision(tx, team.id, team.mql(1).id)
    assert decision is not None
    verdicts = {team.slack.user(member.user).name: member.verdict for member in decision.considered}
    assert verdicts == {"sato": "away", "suzuki": "chosen", "brown": "eligible"}
    suzuki = team.user("suzuki")
    suzuki.press(ja("button.why"))
    assert "佐藤 葵" in suzuki.modal.text
    assert "Alex Brownさん: 均等に分けた場合と同じ件数" in suzuki.modal.text


def test_without_an_eligible_rep_the_mql_waits_and_the_manager_is_told_at_once(team: Team) -> None:
    for name in ("sato", "suzuki", "brown"):
        team.away(name, hours=30)
    team.receives("Acme")
    assert team.mql(1).status == Status.UNASSIGNED
    team.dm("tanaka").expect("Acme")
    team.channel("mql").expect("Acme", ja("status.unassigned"))

    team.advance(hours=24)
    team.dm("tanaka").expect("Acme", "24")
    team.advance(hours=6)
    assert _owner(team, 1) == "sato"
    team.dm("sato").expect("Acme")


def test_a_rep_who_comes_back_gets_the_mql_that_waits(team: Team) -> None:
    for name in ("sato", "suzuki", "brown"):
        team.user(name).types("/mql away 12/1まで", channel="sales")
    team.receives("Acme")
    assert team.mql(1).status == Status.UNASSIGNED
    team.user("brown").types("/mql back", channel="sales")
    assert _owner(team, 1) == "brown"


@pytest.mark.thorough
def test_who_is_back_a_little_earlier_gets_an_even_share_and_the_manager_sees_for_whom_the_rest_waits(
    team: Team,
) -> None:
    for name in ("sato", "suzuki", "brown"):
        team.away(name, hours=3)
    _receive(team, 9)
    team.advance(hours=2, minutes=55)
    team.user("brown").types("/mql back", channel="sales")
    assert Counter(_owner(team, number) for number in range(1, 10)) == {"brown": 3, None: 6}
    assert [_owner(team, number) for number in (1, 2, 3)] == ["brown"] * 3
    home = team.user("tanaka").opens_home().text
    assert home.count(ja("home.kept", rep="佐藤 葵", at=_moment(team, minutes=5))) == 3
    assert ja("home.kept", rep="鈴木 蓮", at=_moment(team, minutes=5)) in home
    team.advance(minutes=5)
    assert Counter(_owner(team, number) for number in range(1, 10)) == {"brown": 3, "sato": 3, "suzuki": 3}
    brown = team.user("brown")
    brown.press(ja("button.why"), in_=team.dm("brown"))
    assert ja("why.verdict.chosen_alone", name="Alex Brown") in brown.modal.text
    assert ja("why.verdict.expected", name="佐藤 葵") in brown.modal.text


def _moment(team: Team, **by: float) -> str:
    return Translator(Locale.JA, "Asia/Tokyo").moment(team.time.now() + timedelta(**by))


@pytest.mark.thorough
def test_leads_that_are_reported_unfit_a_round_later_are_made_good(team: Team) -> None:
    with team.database.transaction() as tx:
        reason = LostReason(workspace_id=team.id, position=9, key="duplicate", ja="重複", en="Duplicate", unfit=True)
        workspaces.save_reasons(tx, team.id, [reason])
    _receive(team, 7)
    team.advance(hours=20)
    sato, unfit = team.slack.user("sato").id, Answer(disposition=Disposition.DISQUALIFIED, lost_reason="duplicate")
    for number in (1, 4):
        with team.database.transaction() as tx:
            assert isinstance(accept_and_report(tx, team.id, team.mql(number).id, sato, unfit, team.time.now()), Done)
    assert _receive(team, 4) == ["sato", "suzuki", "brown", "sato"], "though sato had the last one"


def test_a_manager_gives_a_waiting_mql_to_somebody(team: Team) -> None:
    for name in ("sato", "suzuki", "brown"):
        team.away(name, hours=30)
    team.receives("Acme")
    tanaka = team.user("tanaka")
    tanaka.press(ja("button.assign"))
    tanaka.modal.fill({"new_owner": team.slack.user("suzuki").id})
    tanaka.modal.submit()
    assert _owner(team, 1) == "suzuki"
    assert ja("button.assign") not in team.dm("tanaka").messages[-1].buttons


def test_a_rep_who_declines_passes_it_on_and_never_gets_it_back(team: Team) -> None:
    team.receives("Acme")
    for name in ("sato", "suzuki", "brown"):
        assert _owner(team, 1) == name
        person = team.user(name)
        person.press(ja("button.decline"), in_=team.dm(name))
        person.modal.fill({"why_not": "既存のお客様です"})
        person.modal.submit()
    assert team.mql(1).status == Status.UNASSIGNED
    team.dm("tanaka").expect("Acme")
    team.assign_waiting()
    assert team.mql(1).status == Status.UNASSIGNED
    assert [event.type for event in team.log(1)].count(EventType.DECLINED) == 3


def test_a_reassigned_mql_keeps_its_deadline_and_tells_the_new_owner(team: Team) -> None:
    team.receives("Acme")
    team.advance(hours=20)
    tanaka = team.user("tanaka")
    tanaka.press(ja("button.reassign"), in_=team.slack.user("tanaka").sees("mql"))
    tanaka.modal.fill({"new_owner": team.slack.user("brown").id})
    tanaka.modal.submit()
    assert _owner(team, 1) == "brown"
    team.dm("brown").expect("Acme")
    team.advance(hours=4)
    team.dm("tanaka").expect("Acme", "24", "佐藤 葵", "Alex Brown")


@pytest.mark.thorough
def test_what_a_leaver_had_not_answered_goes_to_the_next_rep_and_what_they_accepted_stays(team: Team) -> None:
    team.receives("Acme")
    team.user("sato").press(ja("button.accept"))
    _receive(team, 2)
    team.receives("Delta")
    assert _owner(team, 4) == "sato"
    team.slack.admin.deactivate("sato")
    team.catch_up()
    assert [_owner(team, number) for number in (1, 4)] == ["sato", "suzuki"]
    message = team.dm("tanaka").expect("Acme", "佐藤 葵さんが、メンバーから外れました")
    assert ja("button.reassign") in message.buttons
    assert _receive(team, 3) == ["brown", "suzuki", "brown"]


def test_a_member_whose_language_the_team_file_leaves_open_reads_slacks(team: Team) -> None:
    with team.database.transaction() as tx:
        members.update(tx, team.id, team.slack.user("sato").id, locale=None)
        members.update(tx, team.id, team.slack.user("brown").id, locale=None)
    team.catch_up()
    with team.database.snapshot() as tx:
        read = {member.name: team_of.reader_locale(member, Locale.JA) for member in members.roster(tx, team.id)}
    assert (read["佐藤 葵"], read["Alex Brown"]) == ("ja", "en")


@pytest.mark.thorough
def test_a_deadline_that_passed_before_anybody_had_the_mql_is_nobodys_in_the_digest(team: Team) -> None:
    for name in ("sato", "suzuki", "brown"):
        team.away(name, days=30)
    team.receives("Acme")
    team.at(weekday=0, hour=9)
    digest = team.dm("tanaka").expect(ja("digest.column.this_week_of", side=ja("digest.marketing")))
    team.dm("tanaka").thread(digest).expect(ja("people.nobody"), "86時間", "48時間")


@pytest.mark.thorough
def test_who_has_left_the_team_file_is_asked_for_nothing_and_the_manager_decides(team: Team) -> None:
    team.receives("Acme")
    team.user("sato").press(ja("button.accept"))
    with team.database.transaction() as tx:
        known = teamfile.current(tx, team.id)
        assert known is not None
        staying = tuple(member for member in known.members if member.user_id != team.slack.user("sato").id)
        teamfile.apply(tx, replace(known, members=staying), team.time.now())
    team.settle()
    team.dm("sato").unread()
    team.dm("tanaka").expect("Acme", "佐藤 葵さんが、メンバーから外れました")
    tanaka = team.user("tanaka")
    tanaka.press(ja("button.reassign"))
    tanaka.modal.fill({"new_owner": team.slack.user("brown").id})
    tanaka.modal.submit()
    assert _owner(team, 1) == "brown"
    assert team.dm("tanaka").messages[-1].buttons == []
    team.advance(days=14)
    team.dm("sato").expect_nothing()


def test_an_mql_that_is_handed_over_late_says_that_it_is_late(team: Team) -> None:
    team.receives("Acme")
    team.advance(hours=30)
    tanaka = team.user("tanaka")
    tanaka.press(ja("button.reassign"))
    tanaka.modal.fill({"new_owner": team.slack.user("brown").id})
    tanaka.modal.submit()
    team.dm("brown").expect("Acme", ja("status.overdue"))
