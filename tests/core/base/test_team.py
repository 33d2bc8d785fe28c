"""Who is told: every role against every state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.core.base import team
from bot.core.routing import absences
from storage import members
from storage.database import Database
from storage.models import Member, Workspace
from storage.vocabulary import Locale, Role
from tests.workspace import NOW, WORKSPACE, configure

MOMENT = timedelta(microseconds=1)
REP, MANAGER, HEAD, ADMIN, MARKETER = Role.REP, Role.MANAGER, Role.HEAD, Role.ADMIN, Role.MARKETER


def member(user: str, *roles: Role, **columns: Any) -> Member:
    return Member(id=1, workspace_id=WORKSPACE, user_id=user, name=user, roles=[*roles], **columns)


ROSTER = (
    member("U1", REP, manager_user_id="U3"),
    member("U2", REP),
    member("U3", MANAGER),
    member("U4", MANAGER),
    member("U5", HEAD),
    member("U6", ADMIN),
    member("U7", MARKETER),
)


def ids(people: list[Member]) -> list[str]:
    return [person.user_id for person in people]


def without(*users: str) -> list[Member]:
    """The roster, in which some have left the team and some have closed their accounts."""
    changes = ({"active": False}, {"deactivated": True})
    gone = {user: changes[place % 2] for place, user in enumerate(users)}
    return [person.model_copy(update=gone.get(person.user_id, {})) for person in ROSTER]


def test_an_owner_s_own_manager_is_told_else_every_manager_else_whoever_stands_above() -> None:
    assert ids(team.managers_of(ROSTER, "U1")) == ["U3"]
    assert ids(team.managers_of(ROSTER, "U2")) == ["U3", "U4"]
    assert ids(team.managers_of(ROSTER, None)) == ["U3", "U4"]
    assert ids(team.managers_of(without("U3"), "U1")) == ["U4"]
    assert ids(team.managers_of(without("U3", "U4"), "U1")) == ["U5"]
    assert ids(team.managers_of(without("U3", "U4", "U5"), "U1")) == ["U6"]
    assert team.managers_of(without("U3", "U4", "U5", "U6"), "U1") == []


def test_who_is_named_as_a_manager_is_told_only_while_they_lead() -> None:
    roster = [member("U1", REP, manager_user_id="U2"), *ROSTER[1:]]
    assert ids(team.managers_of(roster, "U1")) == ["U3", "U4"]


def test_heads_and_admins_stand_in_for_each_other() -> None:
    assert ids(team.heads(ROSTER)) == ["U5"]
    assert ids(team.heads(without("U5"))) == ["U3", "U4"]
    assert ids(team.heads(without("U5", "U3", "U4"))) == ["U6"]
    assert ids(team.admins(ROSTER)) == ["U6"]
    assert ids(team.admins(without("U6"))) == ["U5"]
    assert ids(team.admins(without("U6", "U5"))) == ["U3", "U4"]


def test_an_escalation_reaches_its_level_or_the_person_it_names_or_else_the_managers() -> None:
    assert ids(team.level(ROSTER, "head", "U1")) == ["U5"]
    assert ids(team.level(ROSTER, "manager", "U1")) == ["U3"]
    assert ids(team.level(ROSTER, "U7", "U1")) == ["U7"]
    assert ids(team.level(without("U7"), "U7", "U1")) == ["U3"]
    assert ids(team.level([*ROSTER, member("W8", HEAD)], "W8", "U1")) == ["W8"]
    assert team.level(ROSTER, "C1", "U1") == team.level(ROSTER, "S1", "U1") == team.level(ROSTER, "peers", "U1") == []


def test_what_an_escalation_goes_to_is_told_by_its_first_letter() -> None:
    known = ("C1", "G1", "S1", "U1", "W1", "head", "manager", "peers")
    assert [to for to in known if team.is_channel(to)] == ["C1", "G1"]
    assert [to for to in known if team.is_user_group(to)] == ["S1"]


def test_the_other_reps_are_peers_from_the_moment_at_which_they_are_back() -> None:
    roster = [*ROSTER, member("U8", REP, away_until=NOW), member("U9", REP, away_until=NOW + MOMENT)]
    assert ids(team.peers(roster, "U1", NOW)) == ["U2", "U8"]
    assert ids(team.peers(roster, None, NOW + MOMENT)) == ["U1", "U2", "U8", "U9"]
    assert team.peers(without("U2"), "U1", NOW) == []


def test_who_gets_the_reports_of_the_team() -> None:
    assert ids(team.digest_readers(ROSTER)) == ["U3", "U4", "U5", "U7"]
    assert ids(team.digest_readers(without("U3", "U4", "U5", "U7"))) == ["U6"]
    assert ids(team.checkup_readers(ROSTER)) == ["U3", "U4", "U6"]
    assert ids(team.checkup_readers(without("U3", "U4", "U6"))) == ["U5"]


@pytest.mark.parametrize("team_wants", [True, False])
def test_a_rep_s_own_choice_goes_before_the_team_s(team_wants: bool) -> None:
    needed: dict[str, Any] = {"name": "Sample Inc.", "timezone": "Asia/Tokyo", "mql_channel": "C1", "created_at": NOW}
    workspace = Workspace.model_construct(**needed, digest_personal=team_wants)
    assert team.gets_own_week(member("U1", REP), workspace) is team_wants
    assert team.gets_own_week(member("U1", REP, digest_personal=True), workspace)
    assert not team.gets_own_week(member("U1", REP, digest_personal=False), workspace)
    for absent in ({"active": False}, {"deactivated": True}):
        assert not team.gets_own_week(member("U1", REP, digest_personal=True, **absent), workspace)
    assert not team.gets_own_week(member("U1", MANAGER, digest_personal=True), workspace)


def test_only_reps_choose_their_own_week_and_go_away(database: Database) -> None:
    configure(database)
    day = timedelta(days=1)
    with database.transaction() as tx:
        members.save(tx, WORKSPACE, "U9", name="U9", roles=["rep"], active=False)
        for user, allowed in (("U1", True), ("U3", False), ("U9", False), ("U0", False)):
            assert team.choose_own_week(tx, WORKSPACE, user, wants=True) is allowed
            assert (absences.announce(tx, WORKSPACE, user, NOW, NOW + day) is not None) is allowed
        roster = {person.user_id: person for person in members.roster(tx, WORKSPACE)}
        assert roster["U1"].digest_personal is True
        assert roster["U1"].away_until == NOW + day
        assert roster["U3"].digest_personal is None
        assert roster["U3"].away_until is None
        assert absences.come_back(tx, WORKSPACE, "U1", NOW + MOMENT)
        back = members.get(tx, WORKSPACE, "U1")
    assert back is not None
    assert back.away_until is None


def test_a_person_reads_the_team_file_s_language_then_their_slack_s_then_the_workspace_s() -> None:
    both = member("U1", locale=Locale.EN, slack_locale=Locale.JA)
    assert team.reader_locale(both, Locale.JA) == Locale.EN
    assert team.reader_locale(member("U1", slack_locale=Locale.EN), Locale.JA) == Locale.EN
    assert team.reader_locale(member("U1"), Locale.JA) == Locale.JA
    assert team.reader_locale(None, Locale.EN) == Locale.EN


def test_names_are_told_by_user() -> None:
    renamed = member("U1").model_copy(update={"name": "Sato"})
    assert team.names([renamed, member("U2")]) == {"U1": "Sato", "U2": "U2"}
