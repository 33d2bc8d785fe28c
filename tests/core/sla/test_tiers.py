"""Which MQLs belong to a tier, and what holds there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.sla.policy import Policy, Terms, TierRules
from storage.models import Mql
from storage.vocabulary import Source, Status
from tests.core import agreements


def lead(**columns: Any) -> Mql:
    """An MQL as it is stored."""
    now = datetime(2026, 11, 17)  # noqa: DTZ001
    known: dict[str, Any] = {
        "id": 1,
        "workspace_id": "T",
        "number": 1,
        "source": Source.GENERIC,
        "status": Status.UNASSIGNED,
    }
    return Mql.model_construct(**known, received_at=now, **{"score": None, "attributes": {}} | columns)


def named(*tiers: tuple[str, dict[str, Any]]) -> Policy:
    return agreements.policy({"tiers": [{"name": name, "when": when} for name, when in tiers]})


@pytest.mark.parametrize(
    ("when", "belongs", "does_not"),
    [
        ({"min_score": 80}, [{"score": 80}, {"score": 1_000_000}], [{"score": 79}, {"score": 0}, {"score": None}]),
        ({"min_score": 0}, [{"score": 0}], [{"score": None}]),
        ({"max_score": 0}, [{"score": 0}], [{"score": 1}, {"score": None}]),
        ({"min_score": 50, "max_score": 50}, [{"score": 50}], [{"score": 49}, {"score": 51}]),
        ({"min_score": 40, "max_score": 60}, [{"score": 40}, {"score": 60}], [{"score": 39}, {"score": 61}]),
        (
            {"channels": ["webinar", "展示会"]},
            [{"channel": "webinar"}, {"channel": "WEBINAR "}, {"channel": "展示会"}],
            [{"channel": "webinars"}, {"channel": ""}, {"channel": None}, {"campaign": "webinar"}],
        ),
        ({"campaigns": [" Spring "]}, [{"campaign": "spring"}], [{"channel": "spring"}]),
        ({"forms": ["demo"]}, [{"form": "Demo"}], [{"form": None}]),
        (
            {"attributes": {"plan": ["gold", "500"], "country": ["jp"]}},
            [
                {"attributes": {"plan": "Gold", "country": "JP"}},
                {"attributes": {"plan": 500, "country": "jp", "other": None}},
            ],
            [
                {"attributes": {"plan": "gold"}},
                {"attributes": {"plan": None, "country": "jp"}},
                {"attributes": {"Plan": "gold", "country": "jp"}},
                {"attributes": {}},
            ],
        ),
        (
            {"attributes": {"interests": ["ERP"]}},
            [{"attributes": {"interests": ["CRM", "erp"]}}],
            [
                {"attributes": {"interests": ["CRM"]}},
                {"attributes": {"interests": []}},
                {"attributes": {"interests": {"erp": 1}}},
            ],
        ),
        (
            {"min_score": 50, "channels": ["webinar"]},
            [{"score": 50, "channel": "webinar"}],
            [{"score": 50}, {"channel": "webinar"}, {"score": 49, "channel": "webinar"}],
        ),
        ({"channels": ["Straße"]}, [{"channel": "STRASSE"}], [{"channel": "strase"}]),
    ],
)
def test_an_mql_belongs_to_a_tier_where_every_rule_holds(
    when: dict[str, Any], belongs: list[dict[str, Any]], does_not: list[dict[str, Any]]
) -> None:
    policy = named(("hot", when))
    for columns in belongs:
        assert policy.tier_of(lead(**columns)) == "hot", columns
    for columns in does_not:
        assert policy.tier_of(lead(**columns)) is None, columns


def test_of_several_tiers_the_first_that_matches_counts() -> None:
    policy = named(("top", {"min_score": 90}), ("webinar", {"channels": ["webinar"]}), ("good", {"min_score": 50}))
    assert policy.tier_of(lead(score=95, channel="webinar")) == "top"
    assert policy.tier_of(lead(score=80, channel="webinar")) == "webinar"
    assert policy.tier_of(lead(score=80, channel="ads")) == "good"
    assert policy.tier_of(lead(score=10, channel="ads")) is None


leads = st.fixed_dictionaries(
    {
        "score": st.none() | st.integers(0, 6),
        "channel": st.none() | st.sampled_from(["a", "B", " c"]),
        "campaign": st.none() | st.sampled_from(["a", "b"]),
        "form": st.none() | st.sampled_from(["a", "b"]),
        "attributes": st.dictionaries(st.sampled_from(["k", "l"]), st.sampled_from(["a", "B", 3, None])),
    }
)
some = st.lists(st.sampled_from(["A", "b", "c", "3"]), min_size=1, max_size=2)
rules = st.fixed_dictionaries(
    {},
    optional={
        "min_score": st.integers(0, 3),
        "max_score": st.integers(3, 6),
        "channels": some,
        "campaigns": some,
        "forms": some,
        "attributes": st.dictionaries(st.sampled_from(["k", "l"]), some, min_size=1),
    },
).filter(bool)


@given(
    st.lists(rules, min_size=1, max_size=5, unique_by=lambda when: repr(TierRules.model_validate(when, strict=False))),
    leads,
)
def test_the_first_match_is_found_as_one_would_by_hand(whens: list[dict[str, Any]], columns: dict[str, Any]) -> None:
    def says(value: object, wanted: list[str]) -> bool:
        return value is not None and str(value).strip().lower() in [word.lower() for word in wanted]

    def holds(rule: str, wanted: Any) -> bool:
        score = columns["score"]
        if rule == "min_score":
            return score is not None and score >= wanted
        if rule == "max_score":
            return score is not None and score <= wanted
        if rule == "attributes":
            return all(says(columns["attributes"].get(name), words) for name, words in wanted.items())
        return says(columns[rule.removesuffix("s")], wanted)

    expected = None
    for number, when in enumerate(whens):
        if all(holds(rule, wanted) for rule, wanted in when.items()):
            expected = f"tier {number}"
            break
    policy = named(*((f"tier {number}", when) for number, when in enumerate(whens)))
    assert policy.tier_of(lead(**columns)) == expected


@settings(deadline=None, max_examples=100)
@given(agreements.with_tiers())
def test_a_tier_is_the_policy_with_what_it_says_instead(body: dict[str, Any]) -> None:
    policy = agreements.policy(body)
    for tier, written in zip(policy.tiers, body["tiers"], strict=True):
        own = {key: value for key, value in written.items() if key not in ("name", "when")}
        plain = {key: value for key, value in body.items() if key != "tiers"}
        expected = agreements.policy(plain | own)
        terms = policy.terms(tier.name)
        for key in Terms.model_fields:
            assert getattr(terms, key) == getattr(expected, key), key
    assert policy.terms(None) is policy
