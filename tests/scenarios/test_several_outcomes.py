"""Several outcomes in one form: all that were chosen, or none."""

from __future__ import annotations

from typing import Any

import pytest

from storage.models import Feedback, feedback
from storage.rows import many
from storage.vocabulary import Disposition, Status
from tests.scenarios.stage import Team, ja


@pytest.fixture
def team(team: Team) -> Team:
    """Sato has accepted #1 and #4, and not yet #7."""
    for company in ("Acme", "B", "C", "Delta", "E", "F", "Gamma"):
        team.receives(company)
    for number in (1, 4):
        team.user("sato").press(ja("button.accept"), in_=_message(team, number))
    return team


def _message(team: Team, number: int) -> Any:
    return next(
        message
        for message in team.slack.user("sato").dm.messages
        if f"MQL #{number}" in str(message.blocks) + message.text
    )


def _stored(team: Team) -> list[Feedback]:
    with team.database.snapshot() as tx:
        return many(tx, Feedback, feedback.select().order_by(feedback.c.id))


def _fill(team: Team, number: int, disposition: str, reason: str = "") -> None:
    mql_id = team.mql(number).id
    team.user("sato").modal.fill({f"several_answer:{mql_id}": f"{disposition}:{reason}:{mql_id}"})


def _block(team: Team, number: int) -> str:
    return f"several_answer:{team.mql(number).id}"


def test_what_was_chosen_is_recorded_and_the_rest_stays(team: Team) -> None:
    sato = team.user("sato")
    sato.types("/mql-feedback all", channel="sales")
    shown = [block["block_id"] for block in sato.modal.blocks if block["type"] == "input"]
    assert shown == [_block(team, 1), _block(team, 4), "comment"]
    _fill(team, 4, "disqualified", "no_budget")
    assert sato.modal.submit().errors == {}
    assert [(row.mql_id, row.lost_reason) for row in _stored(team)] == [(team.mql(4).id, "no_budget")]
    assert (team.mql(1).status, team.mql(4).status) == (Status.ACCEPTED, Status.DISQUALIFIED)
    assert ja("several.done", count=1) in str(sato.modal.blocks)


def test_the_app_home_offers_it_where_there_are_two_and_shows_what_is_left(team: Team) -> None:
    sato = team.user("sato")
    sato.press(ja("button.several"), in_=sato.opens_home())
    _fill(team, 1, "qualified")
    _fill(team, 4, "qualified")
    assert sato.modal.submit().errors == {}
    assert [row.disposition for row in _stored(team)] == [Disposition.QUALIFIED] * 2
    left = str(team.slack.user("sato").home.blocks)
    assert "Gamma" in left
    assert "Acme" not in left
    assert ja("button.several") not in left


def test_one_comment_goes_to_those_that_ask_for_one(team: Team) -> None:
    sato = team.user("sato")
    sato.types("/mql-feedback まとめて", channel="sales")
    _fill(team, 1, "recycled")
    _fill(team, 4, "qualified")
    assert sato.modal.submit().errors == {"comment": ja("several.comment_missing")}
    assert _stored(team) == []
    sato.modal.fill({"comment": "予算は来期とのこと"})
    assert sato.modal.submit().errors == {}
    assert {row.disposition: row.comment for row in _stored(team)} == {
        Disposition.RECYCLED: "予算は来期とのこと",
        Disposition.QUALIFIED: None,
    }


@pytest.mark.thorough
def test_one_that_has_changed_meanwhile_holds_back_all_until_it_is_left_out(team: Team) -> None:
    sato = team.user("sato")
    sato.types("/mql-feedback all", channel="sales")
    _fill(team, 1, "qualified")
    _fill(team, 4, "qualified")
    tanaka = team.user("tanaka")
    tanaka.types("/mql-feedback 4", channel="sales")
    tanaka.modal.fill({"disposition": "qualified"})
    tanaka.modal.submit()
    assert sato.modal.submit().errors == {_block(team, 4): ja("several.changed")}
    assert team.mql(1).status == Status.ACCEPTED
    sato.modal.fill({_block(team, 4): "later"})
    assert sato.modal.submit().errors == {}
    assert [(row.mql_id, row.by) for row in _stored(team)] == [
        (team.mql(4).id, tanaka.id),
        (team.mql(1).id, sato.id),
    ]


def test_nothing_chosen_is_asked_for_and_nothing_accepted_is_said(team: Team) -> None:
    sato = team.user("sato")
    sato.types("/mql-feedback all", channel="sales")
    assert sato.modal.submit().errors == {_block(team, 1): ja("several.choose_one")}
    assert team.user("suzuki").types("/mql-feedback all", channel="sales").text == ja("reply.several_nothing")
    assert team.slack.user("suzuki").modal is None


@pytest.mark.thorough
def test_ten_are_shown_and_the_number_of_the_others_is_said(team: Team) -> None:
    for _ in range(9):
        for company in ("X", "Y", "Z"):
            team.receives(company)
    sato = team.user("sato")
    mine = [n for n in range(1, 35) if team.mql(n).owner == sato.id and team.mql(n).status == Status.ASSIGNED]
    for number in mine:
        mql_id = team.mql(number).id
        button = next(m for m in team.channel("mql").messages if f"MQL #{number}" in str(m.blocks))
        sato.press("mql_accept", in_=button)
        assert team.mql(number).id == mql_id
    sato.types("/mql-feedback all", channel="sales")
    inputs = [block for block in sato.modal.blocks if block["type"] == "input"]
    assert len(inputs) == 11
    assert ja("several.more", count=len(mine) + 2 - 10) in str(sato.modal.blocks)
