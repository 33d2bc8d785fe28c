"""What is exported reads back to the same, whatever a team agreed on."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.sla.policy import read_policy
from bot.core.teamfile import TeamFile, diff, export, parse
from bot.core.teamfile.positions import lines_of
from bot.core.teamfile.schema import DEFAULT_REASONS, Person
from storage.vocabulary import Locale, Role
from tests.core import agreements

MEMBERS = (
    Person("U0SATO0001", "佐藤 葵", (Role.REP,), manager="U0TANAKA01"),
    Person("U0TANAKA01", "田中 美咲", (Role.MANAGER, Role.HEAD)),
    Person("U0BROWN001", "Alex", (Role.REP,), hours={"every": ("10:00-19:00",)}, timezone="America/New_York"),
    Person(
        "U0MORI0001",
        "森",
        (Role.REP,),
        hours={"monday": ("10:00-14:00", "15:00-17:00"), "friday": ("9:00-12:00".zfill(11),)},
    ),
)


def team(body: dict[str, Any]) -> TeamFile:
    policy = agreements.policy(body)
    return TeamFile("T1", "Sample", Locale.JA, "Asia/Tokyo", "C1", None, 0, "09:00", policy, MEMBERS, DEFAULT_REASONS)


@settings(deadline=None, max_examples=150)
@given(agreements.with_tiers())
def test_an_exported_policy_reads_back_to_the_same(body: dict[str, Any]) -> None:
    wanted = team(body)
    text = export(wanted)
    again = parse(text, None)
    assert again == wanted
    assert diff(wanted, again) == []
    assert export(again) == text


@settings(deadline=None, max_examples=100)
@given(agreements.with_tiers())
def test_a_stored_policy_reads_back_to_the_same(body: dict[str, Any]) -> None:
    policy = agreements.policy(body)
    stored = json.loads(json.dumps(policy.model_dump(mode="json")))
    assert read_policy(stored) == policy
    assert read_policy(stored).model_dump(mode="json") == stored
    assert [tier.model_fields_set for tier in read_policy(stored).tiers] == [
        tier.model_fields_set for tier in policy.tiers
    ]


@settings(deadline=None, max_examples=80)
@given(agreements.with_tiers())
def test_every_key_of_an_exported_policy_is_found_on_its_line(body: dict[str, Any]) -> None:
    text = export(team(body))
    lines = text.split("\n")
    line_numbers = lines_of(text)

    def walk(value: Any, path: tuple[str | int, ...]) -> None:
        assert path in line_numbers
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(inner, (*path, key))
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                walk(inner, (*path, index))
        else:
            last = next(part for part in reversed(path) if isinstance(part, str))
            assert (
                last in lines[line_numbers[path] - 1]
                or not last.isascii()
                or not last.isprintable()
                or '"' in last
                or "\\" in last
            )

    walk(tomllib.loads(text)["policy"], ("policy",))


@settings(deadline=None, max_examples=100)
@given(agreements.with_tiers(), agreements.with_tiers())
def test_two_policies_that_differ_have_a_difference_to_show(body: dict[str, Any], other: dict[str, Any]) -> None:
    before, after = team(body), team(other)
    changes = diff(before, after)
    assert bool(changes) == (before.policy != after.policy)
    assert {change.code for change in changes} <= {"policy"}
    assert diff(after, replace(after)) == []


@given(st.sampled_from(["escalations", "reminders", "tiers", "feedback_reminders"]))
def test_an_empty_list_is_not_the_default(key: str) -> None:
    wanted = team({key: []})
    assert getattr(parse(export(wanted), None).policy, key) == ()
