"""Who may do what, by role and by how the MQL stands."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.base import permissions
from bot.core.base.permissions import MATRIX, Permission
from storage.models import Member, Mql
from storage.vocabulary import Role, Source, Status
from tests.workspace import NOW, WORKSPACE

REP, MANAGER, HEAD, ADMIN, MARKETER = Role.REP, Role.MANAGER, Role.HEAD, Role.ADMIN, Role.MARKETER


def member(user: str, *roles: Role, **columns: Any) -> Member:
    return Member(id=1, workspace_id=WORKSPACE, user_id=user, name=user, roles=[*roles], **columns)


def mql(owner: str | None, *, offered: bool = False) -> Mql:
    return Mql(
        id=1,
        workspace_id=WORKSPACE,
        number=1,
        source=Source.GENERIC,
        status=Status.ASSIGNED if owner else Status.UNASSIGNED,
        owner=owner,
        offered=offered,
        received_at=NOW,
        read_at=NOW,
    )


STATES = {"their own": mql("U1"), "another's": mql("U2"), "offered": mql("U2", offered=True), "nobody's": mql(None)}
EVERY = frozenset(STATES)
ACTS = {
    REP: {"their own", "nobody's"},
    MANAGER: EVERY,
    HEAD: EVERY,
    ADMIN: EVERY,
    MARKETER: {"their own"},
}


@pytest.mark.parametrize("role", ACTS)
def test_an_mql_is_acted_on_by_its_owner_by_leaders_and_where_nobody_has_it_by_reps(role: Role) -> None:
    actor = member("U1", role)
    assert {name for name, state in STATES.items() if permissions.may(actor, Permission.FEEDBACK, state)} == ACTS[role]


def test_a_rep_takes_what_is_offered_to_all_too() -> None:
    takes = {name for name, state in STATES.items() if permissions.may(member("U1", REP), Permission.ACCEPT, state)}
    assert takes == {"their own", "offered", "nobody's"}
    assert not permissions.may(member("U1", MARKETER), Permission.ACCEPT, STATES["offered"])


def test_strangers_and_who_left_the_team_may_do_nothing_not_even_with_their_own() -> None:
    left = member("U1", *Role, active=False)
    for act in Permission:
        for state in STATES.values():
            assert not permissions.may(None, act, state, whose="U1")
            assert not permissions.may(left, act, state, whose="U1")


def test_one_role_is_enough_for_whoever_has_several() -> None:
    for act in Permission:
        alone = [role for role in Role if permissions.may(member("U1", role), act)]
        both = permissions.may(member("U1", MARKETER, REP), act)
        assert both == bool({MARKETER, REP} & {*alone}), act


def test_every_permission_has_its_rule() -> None:
    assert set(MATRIX) == set(Permission)
