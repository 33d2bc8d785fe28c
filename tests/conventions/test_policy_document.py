"""The example of docs/policy.md is a good policy that uses every key, and its tables name every key and default."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from bot.core.sla.policy import EscalationStep, Policy, PolicyTable, QuietHours, Terms, Tier, TierRules
from bot.core.teamfile import TeamFile, draft, parse
from tests.core.teamfile.kit import Slack

TEXT = (Path(__file__).parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"^```toml\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
TEAM = """
[workspace]
name = "Sample Inc."
locale = "en"
timezone = "Asia/Tokyo"

[channels]
mql = "C1"

[[members]]
email = "rep@example.com"
name = "佐藤 葵"
roles = ["rep"]

[[members]]
email = "manager@example.com"
name = "田中 美咲"
roles = ["manager"]
"""
SLACK = Slack(
    emails={"rep@example.com": "U1", "manager@example.com": "U2"},
    channels={"sales": "C2"},
    groups={"@sales-leads": "S1"},
)


def example() -> TeamFile:
    return parse(TEAM + EXAMPLE, SLACK)


def test_the_example_is_a_good_policy() -> None:
    policy = example().policy
    assert [tier.name for tier in policy.tiers] == ["Hot", "Partner"]
    hot, partner = (policy.terms(tier.name) for tier in policy.tiers)
    assert [step.to for step in (*policy.escalations, *hot.escalations, *partner.escalations)] == [
        "manager",
        "C2",
        "head",
        "peers",
        "S1",
        "U2",
    ]
    assert (hot.grace_minutes, hot.response, hot.calendar) == (30, "contacted", policy.calendar)


def _used(model: BaseModel) -> set[str]:
    return {name for name in model.model_fields_set if getattr(model, name) not in (None, (), {})}


def test_simulate_takes_the_example_by_itself() -> None:
    """Without the members of a team file whoever is named by address is somebody new, who may be handed an MQL."""
    current = parse(TEAM, SLACK)
    drafted = draft(EXAMPLE, current)
    *known, stranger = drafted.members
    assert (tuple(known), stranger.name) == (current.members, "manager@example.com")
    assert drafted.policy.tiers[1].escalations[0].to == stranger.user_id
    replaced = draft(EXAMPLE.replace("tanaka@", "Tanaka@", 1).replace("# restart", "#"), current)
    assert replaced.members[-1].user_id == stranger.user_id


def _steps(policy: Policy) -> list[EscalationStep]:
    own = [tier.escalations for tier in policy.tiers if "escalations" in tier.model_fields_set]
    return [step for steps in (policy.escalations, *own) for step in steps]


def test_the_example_uses_every_key_and_every_action() -> None:
    policy = example().policy
    assert _used(policy) == set(PolicyTable.model_fields)
    steps = _steps(policy)
    written = {
        name for step in steps for name in EscalationStep.model_fields if getattr(step, name) not in (None, False)
    }
    assert written == set(EscalationStep.model_fields)
    assert {step.do for step in steps} == {"tell", "reassign", "hand_over"}
    assert set().union(*(_used(tier.when) for tier in policy.tiers)) == set(TierRules.model_fields)


@pytest.mark.parametrize("model", [Terms, EscalationStep, TierRules, QuietHours])
def test_the_tables_name_every_key(model: type[BaseModel]) -> None:
    explained = TEXT.replace(EXAMPLE, "")
    assert [name for name in model.model_fields if f"`{name}`" not in explained] == []


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return (
        f"`{list(value)}`"
        if isinstance(value, tuple)
        else f"{value:g}"
        if isinstance(value, int | float)
        else f"`{value}`"
    )


@pytest.mark.parametrize("name", sorted(set(Terms.model_fields) - {"escalations", "calendar", "quiet"}))
def test_the_table_gives_the_defaults_that_hold(name: str) -> None:
    assert f"| `{name}` | {_written(getattr(Terms(), name))} |" in TEXT


def test_a_tier_may_say_what_the_policy_may() -> None:
    assert set(Tier.model_fields) - {"name", "when"} == set(Terms.model_fields)
