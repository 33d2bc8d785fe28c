"""Steps of Workflow Builder: what a workflow hands over becomes an MQL once, and what cannot be done says why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from bot.core.views.mql import mql_view
from playground.faults import Fault
from storage import workspaces
from storage.vocabulary import Disposition, Source, Status
from tests.patience import LONGEST
from tests.scenarios.stage import Team

LEAD = {
    "company": "株式会社青葉",
    "person": "田中 花子",
    "email": "tanaka@aoba.example",
    "score": 87.5,
    "message": "資料を見ました。\n予算: 300万円",
}


def runs(team: Team, step: str, **inputs: Any) -> Any:
    run = team.slack.run_step(step, inputs, timeout=LONGEST)
    team.settle()
    return run


def _due(team: Team) -> datetime:
    with team.database.snapshot() as tx:
        workspace = workspaces.get(tx, team.id)
        assert workspace is not None
        view = mql_view(tx, workspace, team.mql(1).id)
    assert view is not None
    return view.response.due_at


def test_a_step_registers_an_mql_and_says_who_has_it_until_when(team: Team) -> None:
    run = runs(team, "register_mql", **LEAD)
    assert run.status == "completed"
    mql = team.mql(1)
    assert (mql.company, mql.person, mql.email) == ("株式会社青葉", "田中 花子", "tanaka@aoba.example")
    assert (mql.message, mql.source) == ("資料を見ました。\n予算: 300万円", Source.WORKFLOW)
    assert run.outputs["number"] == 1
    assert run.outputs["owner"] == mql.owner
    assert run.outputs["repeated"] is False
    assert run.outputs["due"] == int(_due(team).timestamp())
    assert run.outputs["link"].startswith("https://")
    team.channel("mql").expect("株式会社青葉")


def test_the_same_lead_again_joins_its_mql(team: Team) -> None:
    runs(team, "register_mql", **LEAD)
    again = runs(team, "register_mql", **LEAD | {"message": "まだでしょうか"})
    assert (again.outputs["number"], again.outputs["repeated"]) == (1, True)


def test_a_step_that_names_nobody_fails_with_words_and_leaves_nothing(team: Team) -> None:
    run = runs(team, "register_mql", message="資料をください", score=10)
    assert run.status == "failed"
    assert "会社名" in run.error
    assert not [message for message in team.channel("mql").messages if message.thread is None]


@pytest.mark.parametrize("fault", [Fault.LOSE_ANSWER, Fault.ERROR_500, Fault.RATE_LIMIT])
def test_an_end_that_did_not_get_through_is_told_again_and_registers_once(team: Team, fault: Fault) -> None:
    # So that Slack sends it again; and of an end that did get through, it says so.
    team.may_break = ("function_executed: answered 500", "the run has completed already")
    team.slack.faults.add("functions.completeSuccess", fault, times=1)
    run = team.slack.run_step("register_mql", LEAD, timeout=0.0)
    team.advance(minutes=1)
    team.advance(minutes=5)
    assert run.status == "completed"
    assert run.outputs["number"] == 1
    assert runs(team, "register_mql", company="次社").outputs["number"] == 2


def test_a_step_reports_the_outcome_in_the_owners_name(team: Team) -> None:
    runs(team, "register_mql", **LEAD)
    team.accepts(1)
    owner = team.mql(1).owner
    run = runs(team, "report_outcome", number=1, reported_by=owner, disposition="商談化", amount="480万円")
    assert (run.status, run.outputs) == ("completed", {"number": 1})
    assert team.mql(1).status == Status(Disposition.QUALIFIED)
    wrong = runs(team, "report_outcome", number="#1", reported_by=owner, disposition="Disqualified", lost_reason="x")
    assert wrong.status == "failed"
    assert "失注理由" in wrong.error


@pytest.mark.alike
@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"number": 9}, "#9"),
        ({"number": "abc"}, "#abc"),
        ({"reported_by": "U0NOBODY"}, "担当者だけ"),
        ({"disposition": "maybe"}, "qualified"),
        ({"disposition": "recycled"}, "再アプローチ"),
        ({"disposition": "recycled", "recycle_on": "soon"}, "soon"),
        ({"disposition": "recycled", "recycle_on": "2020-01-01"}, "明日以降"),
        ({"disposition": "recycled", "recycle_on": "2099-01-01"}, "年以内"),
        ({"amount": "many"}, "金額"),
    ],
)
def test_what_a_step_cannot_report_is_told_and_changes_nothing(team: Team, inputs: dict[str, Any], words: str) -> None:
    runs(team, "register_mql", **LEAD)
    team.accepts(1)
    given = {"number": 1, "reported_by": team.mql(1).owner, "disposition": "qualified"} | inputs
    run = runs(team, "report_outcome", **given)
    assert run.status == "failed"
    assert words in run.error
    assert team.mql(1).status == Status.ACCEPTED


def test_an_outcome_before_the_acceptance_is_refused_like_in_slack(team: Team) -> None:
    runs(team, "register_mql", **LEAD)
    owner = team.mql(1).owner
    run = runs(team, "report_outcome", number=1, reported_by=owner, disposition="qualified")
    assert run.status == "failed"
    assert "受領" in run.error
