"""The definition decides: a lead that fails it is held for marketing, and never lost on the way to sales or back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.agreement import definition
from bot.core.agreement.rules import Required, Rules
from bot.core.reports import weekly
from storage import unreadables, workspaces
from storage.models import Unreadable
from storage.vocabulary import Status, UnreadableState
from tests.scenarios.stage import Team

GOOD = {
    "company": "株式会社青葉",
    "person": "田中 花子",
    "email": "tanaka@aoba.example",
    "score": 80,
    "phone": "03-0000-0001",
}
POOR = {"company": "株式会社若葉", "email": "sato@wakaba.example", "score": 20, "message": "資料をください"}


def agree(team: Team, rules: Rules | None) -> None:
    """Both sides agree on a version."""
    with team.database.transaction() as tx:
        now, by = team.time.now(), team.slack.user("ito").id
        text = f"スコア{rules.score if rules else ''}"
        assert definition.propose(tx, team.id, text, None, None, by, now, rules=rules) is None
        newest = definition.standing(tx, team.id).proposed
        assert newest is not None
        assert definition.agree(tx, team.id, newest.row.id, team.slack.user("tanaka").id, now) is None
    team.settle()


def held(team: Team) -> list[Unreadable]:
    with team.database.transaction() as tx:
        return unreadables.held(tx, team.id)


def test_a_lead_that_fails_a_rule_waits_for_marketing_and_one_that_keeps_to_them_does_not(team: Team) -> None:
    agree(team, Rules(score=50, required=(Required.EMAIL,)))
    assert team.posts_webhook(GOOD).body == {"number": 1, "repeated": False}
    assert team.posts_webhook(POOR).body == {"number": None, "repeated": False, "held": True}
    assert [entry.content["company"] for entry in held(team)] == ["株式会社若葉"]
    team.advance(minutes=2)
    team.dm("ito").expect("確認待ちのリード", "株式会社若葉", "スコアが20点です")


def test_before_both_have_signed_and_for_words_alone_nothing_is_held(team: Team) -> None:
    with team.database.transaction() as tx:
        by = team.slack.user("ito").id
        assert definition.propose(tx, team.id, "x", None, None, by, team.time.now(), rules=Rules(score=50)) is None
    assert team.posts_webhook(POOR).body["number"] == 1
    agree(team, None)
    assert team.posts_webhook(POOR | {"email": "b@wakaba.example"}).body["number"] == 2


def test_marketing_hands_a_held_lead_over_with_a_reason_and_sales_time_begins_then(team: Team) -> None:
    agree(team, Rules(score=50))
    team.posts_webhook(POOR | {"attributes": {"業種": "製造業"}})
    team.advance(hours=3)
    ito = team.user("ito")
    ito.press("held_hand_over", in_=team.dm("ito").messages[-1])
    ito.modal.fill({"why_hand_over": "展示会で商談の希望を伺いました"})
    ito.modal.submit()
    team.settle()
    mql = team.mql(1)
    assert (mql.company, mql.attributes, mql.status) == ("株式会社若葉", {"業種": "製造業"}, Status.ASSIGNED)
    assert mql.received_at == team.time.now()
    assert held(team) == []
    team.dm("ito").expect("展示会で商談の希望を伺いました")


def test_marketing_sends_a_held_lead_back_and_may_still_hand_it_over(team: Team) -> None:
    agree(team, Rules(score=50))
    team.posts_webhook(POOR)
    team.advance(minutes=2)
    ito = team.user("ito")
    ito.press("unreadable_dismiss", in_=team.dm("ito").messages[-1])
    team.settle()
    team.dm("ito").expect("育成へ戻しました")
    with team.database.snapshot() as tx:
        (entry,) = unreadables.of_ids(tx, team.id, [1])
        workspace = workspaces.get(tx, team.id)
        assert workspace is not None
        report = weekly.weekly(tx, workspace, "2026-W47", team.time.now())
    assert entry.state == UnreadableState.DISMISSED
    assert (report.held, report.handed_over, report.nurtured) == (1, 0, 1)
    ito.press("held_hand_over", in_=team.dm("ito").messages[-1])
    ito.modal.fill({"why_hand_over": "本人から連絡がありました"})
    ito.modal.submit()
    assert team.mql(1).company == "株式会社若葉"


def test_a_held_lead_that_comes_again_is_held_once_and_one_that_keeps_to_the_rules_by_then_becomes_an_mql(
    team: Team,
) -> None:
    agree(team, Rules(score=50))
    team.posts_webhook(POOR)
    team.posts_webhook(POOR | {"score": 30})
    assert [entry.content["score"] for entry in held(team)] == ["30"]
    assert team.posts_webhook(POOR | {"score": 60}).body["number"] == 1
    assert held(team) == []


@pytest.mark.thorough
def test_a_lead_whose_mql_is_with_sales_is_never_held(team: Team) -> None:
    team.posts_webhook(POOR)
    agree(team, Rules(score=50))
    assert team.posts_webhook(POOR).body == {"number": 1, "repeated": True}


@pytest.mark.thorough
def test_what_marketing_does_not_decide_in_a_working_day_goes_to_the_managers(team: Team) -> None:
    agree(team, Rules(score=50))
    team.posts_webhook(POOR)
    team.advance(hours=23)
    team.dm("tanaka").expect_none("株式会社若葉")
    team.advance(hours=2)
    team.dm("tanaka").expect("株式会社若葉")


def test_a_notice_of_the_intake_channel_and_a_step_are_held_too(team: Team) -> None:
    agree(team, Rules(score=50))
    team.app("フォーム").posts("mql-intake", "会社名: 株式会社若葉\nメール: sato@wakaba.example\nスコア: 20")
    team.settle()
    run = team.slack.run_step("register_mql", POOR | {"email": "other@wakaba.example"})
    team.settle()
    assert run.status == "failed"
    assert len(held(team)) == 2
    assert timedelta(0) <= team.time.now() - held(team)[0].came_at < timedelta(minutes=1)
