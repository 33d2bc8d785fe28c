"""What a lead is held for, and what is let through because it is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.agreement import definition, gate_preview
from bot.core.agreement.rules import Facts, Failure, Required, Rule, Rules, failures
from bot.core.base import facets
from bot.core.base.facets import Facet
from storage import members
from storage.database import Database
from tests.workspace import NOW, WORKSPACE, configure, receive

LEAD = Facts(
    company="株式会社青葉",
    person="田中 花子",
    title="営業部 部長",
    email="tanaka@aoba.co.jp",
    channel="展示会",
    score=50,
    attributes={"業種": "製造業", "従業員数": "100〜299名", "都道府県": "東京都"},
)


def failed(rules: Rules, **lead: Any) -> list[Rule]:
    return [failure.rule for failure in failures(rules, replace(LEAD, **lead))]


@pytest.mark.parametrize(
    ("rules", "lead", "rule"),
    [
        (Rules(score=50), {"score": 49}, Rule.SCORE),
        (Rules(required=(Required.PHONE,)), {}, Rule.REQUIRED),
        (Rules(required=(Required.SCORE,)), {"score": None}, Rule.REQUIRED),
        (Rules(excluded_domains=("rival.co.jp",)), {"email": "a@rival.co.jp"}, Rule.EXCLUDED_DOMAIN),
        (Rules(excluded_domains=("ac.jp",)), {"email": "a@u-tokyo.ac.jp"}, Rule.EXCLUDED_DOMAIN),
        (Rules(excluded_domains=("@Rival.co.jp",)), {"email": "a@RIVAL.co.jp"}, Rule.EXCLUDED_DOMAIN),
        (Rules(industries=("小売",)), {}, Rule.INDUSTRY),
        (Rules(size=101), {}, Rule.SIZE),
        (Rules(titles=("課長", "社長")), {}, Rule.TITLE),
        (Rules(regions=("大阪", "京都府")), {}, Rule.REGION),
        (Rules(channels=("ウェビナー",)), {}, Rule.CHANNEL),
        (Rules(), {"email": "test@aoba.co.jp"}, Rule.TEST),
        (Rules(), {"person": "テスト　太郎"}, Rule.TEST),
        (Rules(), {"ours": True}, Rule.OWN_STAFF),
    ],
)
def test_a_lead_fails_a_rule(rules: Rules, lead: dict[str, object], rule: Rule) -> None:
    assert failed(rules, **lead) == [rule]


@pytest.mark.parametrize(
    ("rules", "lead"),
    [
        (Rules(score=50), {}),
        (Rules(score=0), {"score": 0}),
        (Rules(score=50), {"score": None}),
        (Rules(excluded_domains=("rival.co.jp",)), {"email": "a@notrival.co.jp"}),
        (Rules(excluded_domains=("rival.co.jp",)), {"email": None}),
        (Rules(industries=("製造",)), {}),
        (Rules(industries=("小売",)), {"attributes": {}}),
        (Rules(size=100), {}),
        (Rules(size=300), {"attributes": {"従業員数": "多数"}}),
        (Rules(titles=("部長",)), {}),
        (Rules(titles=("社長",)), {"title": None}),
        (Rules(regions=("東京",)), {"attributes": {"Country / Region": "東京都港区"}}),
        (Rules(channels=("展示会 ",)), {}),
        (Rules(channels=("ウェビナー",)), {"channel": None}),
        (Rules(), {"email": "testaccount.tanaka@aoba.co.jp"}),
        (Rules(), {"company": "テスト工業"}),
    ],
)
def test_what_keeps_to_a_rule_or_is_not_known_is_no_failure(rules: Rules, lead: dict[str, object]) -> None:
    assert failed(rules, **lead) == []


def test_every_failure_is_named_with_what_was_found() -> None:
    rules = Rules(score=80, required=(Required.PHONE, Required.MESSAGE), industries=("小売",))
    assert failures(rules, LEAD) == (
        Failure(Rule.REQUIRED, "phone"),
        Failure(Rule.REQUIRED, "message"),
        Failure(Rule.SCORE, "50"),
        Failure(Rule.INDUSTRY, "製造業"),
    )


def test_rules_are_stored_and_read_back() -> None:
    rules = Rules(score=0, required=(Required.EMAIL,), size=30, regions=("東京",))
    assert Rules.of(rules.stored) == rules
    assert Rules.of(Rules().stored) == Rules()
    assert Rules.of({}) is None


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("300", 300),
        ("１，２００名", 1200),
        ("1,001〜5,000", 1001),
        ("100-299人", 100),
        ("50人以下", 0),
        ("1〜50名", 1),
        ("1万人以上", 10_000),
        ("1.5万名", 15_000),
        ("under 20", 0),
        ("500+", 500),
        ("不明", None),
    ],
)
def test_the_size_of_a_company_is_read(text: str, people: int | None) -> None:
    assert facets.at_least(text) == people


def test_facets_stand_under_the_names_that_tools_give_them() -> None:
    given = {"Number of employees": 40, "業界": "金融", "State/Province": "大阪府", "色": "赤", "industry": None}
    assert facets.of(given, Facet.SIZE) == ("40",)
    assert facets.of(given, Facet.INDUSTRY) == ("金融",)
    assert facets.of(given, Facet.REGION) == ("大阪府",)


def test_a_proposal_shows_what_its_rules_would_have_held(database: Database) -> None:
    configure(database)
    with database.transaction() as tx:
        members.save(tx, WORKSPACE, "U4", name="U4", roles=["marketer"])
    for score in (10, 20, 90):
        receive(database, score=score)
    until = NOW + timedelta(days=1)
    with database.transaction() as tx:
        assert definition.propose(tx, WORKSPACE, "x", 50, None, "U4", until, rules=Rules(score=50)) is None
    with database.snapshot() as tx:
        version = definition.find(tx, WORKSPACE, 1)
        late = gate_preview.effect(tx, WORKSPACE, Rules(score=50), NOW + timedelta(days=91))
    assert version is not None
    assert version.effect == gate_preview.Effect(3, 2, 0, 0, {Rule.SCORE: 2})
    assert late.received == 0
