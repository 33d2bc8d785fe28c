"""Who proposes a definition, who agrees, what counts, and who hears of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.core.agreement import definition, definition_history
from bot.core.agreement.definition import Side, State
from bot.core.base.results import Refusal, Refused
from storage import definitions, members
from storage.database import Database
from storage.models import outbox as table
from storage.vocabulary import MessageKind, OutboxState
from tests.workspace import NOW, WORKSPACE, configure

HOUR = timedelta(hours=1)
ROLES = {"U1": "rep", "U3": "manager", "U4": "marketer", "U5": "head", "U6": "admin", "U7": "marketer"}


class Workspace:
    """A workspace with somebody of each role, where people propose and agree."""

    def __init__(self, database: Database) -> None:
        self.database = database
        configure(database)
        with database.transaction() as tx:
            members.save(tx, WORKSPACE, "U2", name="U2", roles=["manager", "marketer"], active=False)
            for user, role in ROLES.items():
                members.save(tx, WORKSPACE, user, name=user, roles=[role])

    def propose(self, by: str, text: str = "Has asked", threshold: int | None = 50, why: str | None = None) -> object:
        with self.database.transaction() as tx:
            return definition.propose(tx, WORKSPACE, text, threshold, why, by, NOW)

    def agree(self, by: str, number: int = 1) -> object:
        with self.database.transaction() as tx:
            return definition.agree(tx, WORKSPACE, number, by, NOW + HOUR)

    def standing(self) -> tuple[int | None, int | None, int]:
        """The numbers of what counts and what waits, and how many others there are."""
        with self.database.snapshot() as tx:
            standing = definition.standing(tx, WORKSPACE)
        counts, waits = (version.row.number if version else None for version in (standing.agreed, standing.proposed))
        return counts, waits, standing.others

    def version(self, number: int = 1) -> definition.Version:
        with self.database.snapshot() as tx:
            version = definition.find(tx, WORKSPACE, number)
        assert version is not None
        return version

    def told(self, kind: MessageKind) -> list[str]:
        with self.database.snapshot() as tx:
            query = sa.select(table.c.target).where(table.c.kind == kind).order_by(table.c.target)
            return list(tx.execute(query).scalars())


@pytest.fixture
def workspace(database: Database) -> Workspace:
    return Workspace(database)


@pytest.mark.alike
@pytest.mark.parametrize(
    ("by", "side", "asked"),
    [
        ("U4", Side.MARKETING, ["U3", "U5"]),
        ("U3", Side.SALES, ["U4", "U7"]),
        ("U5", Side.SALES, ["U4", "U7"]),
        ("U6", None, ["U3", "U4", "U5", "U7"]),
    ],
)
def test_who_proposes_agrees_for_their_side_and_the_other_is_asked(
    workspace: Workspace, by: str, side: Side | None, asked: list[str]
) -> None:
    assert workspace.propose(by) is None
    assert workspace.told(MessageKind.DEFINITION_PROPOSED) == asked
    version = workspace.version()
    assert (version.state, version.row.proposed_by, version.row.proposed_at) == (State.OPEN, by, NOW)
    assert version.missing == tuple(needed for needed in Side if needed != side)
    assert workspace.standing() == (None, 1, 0)


@pytest.mark.parametrize("by", ["U1", "U2", "U0"])
def test_reps_strangers_and_who_left_propose_nothing(workspace: Workspace, by: str) -> None:
    assert workspace.propose(by) == Refused(Refusal.PROPOSE_NOT_ALLOWED)
    assert workspace.standing() == (None, None, 0)


def test_with_the_second_side_it_counts_and_everybody_else_is_told(workspace: Workspace) -> None:
    workspace.propose("U6")
    assert workspace.agree("U4") is None
    assert workspace.version().missing == (Side.SALES,)
    assert workspace.told(MessageKind.DEFINITION_AGREED) == []
    assert workspace.agree("U5") is None
    version = workspace.version()
    assert (version.state, version.missing, version.row.agreed_at) == (State.AGREED, (), NOW + HOUR)
    assert workspace.told(MessageKind.DEFINITION_AGREED) == ["U3", "U4", "U6", "U7"]
    assert workspace.standing() == (1, None, 0)


def test_each_side_agrees_once_and_one_person_for_one_side_only(workspace: Workspace, database: Database) -> None:
    with database.transaction() as tx:
        members.save(tx, WORKSPACE, "U8", name="U8", roles=["marketer", "head"])
    workspace.propose("U4")
    assert workspace.agree("U4") == workspace.agree("U7") == Refused(Refusal.SIDE_AGREED, number=1)
    assert workspace.agree("U6") == workspace.agree("U1") == Refused(Refusal.AGREE_NOT_ALLOWED, number=1)
    assert workspace.agree("U2") == Refused(Refusal.AGREE_NOT_ALLOWED, number=1)
    with database.snapshot() as tx:
        waiting = [
            user
            for user in (*ROLES, "U8")
            if definition.may_agree(members.get(tx, WORKSPACE, user), workspace.version())
        ]
        assert not definition.may_agree(None, workspace.version())
    assert waiting == ["U3", "U5", "U8"]
    assert workspace.agree("U8") is None
    assert workspace.version().row.sales_by == "U8"
    assert workspace.agree("U3") == Refused(Refusal.AGREED_ALREADY, number=1)
    assert workspace.agree("U3", 9) == Refused(Refusal.DEFINITION_GONE)


def test_who_belongs_to_both_sides_agrees_for_one(workspace: Workspace, database: Database) -> None:
    with database.transaction() as tx:
        members.save(tx, WORKSPACE, "U8", name="U8", roles=["marketer", "head"])
    workspace.propose("U8")
    assert workspace.version().missing == (Side.SALES,)
    assert workspace.agree("U8") == Refused(Refusal.SIDE_AGREED, number=1)
    assert "U8" not in workspace.told(MessageKind.DEFINITION_PROPOSED)


def test_a_newer_proposal_takes_the_place_of_one_that_is_open_but_not_of_what_counts(workspace: Workspace) -> None:
    workspace.propose("U4")
    workspace.propose("U4", "Has asked for a call")
    assert workspace.version().state == State.REPLACED
    assert workspace.standing() == (None, 2, 1)
    assert workspace.agree("U3") == Refused(Refusal.REPLACED, number=2)
    assert workspace.agree("U3", 2) is None
    workspace.propose("U4", "Has a budget")
    assert workspace.version(2).state == State.AGREED
    assert workspace.standing() == (2, 3, 1)


def test_what_the_newest_says_is_proposed_again_only_with_another_reason_while_it_is_open(workspace: Workspace) -> None:
    workspace.propose("U4", why="the check")
    unchanged = Refused(Refusal.DEFINITION_UNCHANGED, number=1)
    assert workspace.propose("U4") == workspace.propose("U4", why="the check") == unchanged
    assert workspace.propose("U4", why="another") is None
    assert workspace.agree("U3", 2) is None
    assert workspace.propose("U4", why="a third") == Refused(Refusal.DEFINITION_UNCHANGED, number=2)
    assert workspace.propose("U4", threshold=51) is None
    assert workspace.propose("U4", threshold=None) is None


@pytest.mark.parametrize("act", ["agreed to", "replaced"])
def test_what_asked_for_agreement_shows_what_became_of_it(workspace: Workspace, database: Database, act: str) -> None:
    workspace.propose("U6")
    with database.transaction() as tx:
        tx.execute(table.update().values(state=OutboxState.SENT, sent_at=NOW))
    if act == "replaced":
        workspace.propose("U4", "Has asked for a call")
    else:
        workspace.agree("U4")
    assert workspace.told(MessageKind.EDIT) == ["U3", "U4", "U5", "U7"]


def test_each_version_knows_what_counted_before_it_and_until_when_it_did(
    workspace: Workspace, database: Database
) -> None:
    for number, agreed in enumerate((False, True, False, True), 1):
        workspace.propose("U4", f"Version {number}")
        if agreed:
            workspace.agree("U3", number)
    workspace.propose("U4", "Version 5")
    with database.snapshot() as tx:
        editions = definition_history.editions(tx, WORKSPACE)
        assert definitions.newest(tx, WORKSPACE) is not None
    assert [
        (edition.version.row.number, edition.version.state, edition.before and edition.before.number, edition.until)
        for edition in editions
    ] == [
        (5, State.OPEN, 4, None),
        (4, State.AGREED, 2, None),
        (3, State.REPLACED, 2, None),
        (2, State.AGREED, None, NOW + HOUR),
        (1, State.REPLACED, None, None),
    ]


@pytest.mark.alike
def test_an_open_proposal_is_withdrawn_by_who_made_it_or_sent_back_with_a_word(any_database: Database) -> None:
    workspace = Workspace(any_database)

    def close(by: str, number: int, why: str | None = None) -> object:
        with any_database.transaction() as tx:
            refused = definition.close(tx, WORKSPACE, number, by, why, NOW)
            return refused.reason if isinstance(refused, Refused) else refused

    workspace.propose("U4")
    assert close("U1", 1) == Refusal.AGREE_NOT_ALLOWED
    assert close("U4", 1) is None
    assert (workspace.version(1).state, workspace.standing()) == (State.WITHDRAWN, (None, None, 1))
    assert workspace.told(MessageKind.DEFINITION_SENT_BACK) == []
    assert isinstance(workspace.agree("U3", 1), Refused)
    workspace.propose("U4")  # the same words once more
    assert close("U3", 2, "And the region?") is None
    assert close("U3", 2, "And the region?") == Refusal.PROPOSAL_CLOSED
    assert (workspace.version(2).state, workspace.version(2).row.closed_why) == (State.SENT_BACK, "And the region?")
    assert workspace.told(MessageKind.DEFINITION_SENT_BACK) == ["U4"]
    workspace.propose("U4", "And asked twice")
    workspace.agree("U3", 3)
    assert close("U4", 3) == Refusal.AGREED_ALREADY
    assert workspace.standing() == (3, None, 2)
