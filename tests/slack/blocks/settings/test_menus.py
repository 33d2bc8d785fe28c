"""Conditions on attributes go through a form unchanged."""

from __future__ import annotations

import pytest

from bot.i18n import Translator
from bot.slack.blocks.settings.kinds import Entry
from bot.slack.blocks.settings.menus import Facts
from storage.vocabulary import Locale

MANY = {name: [f"{name} {number}" for number in range(50)] for name in ("Plan", "Size")}


@pytest.mark.parametrize("facts", [{**MANY, "Area": ["Tokyo"]}, {"utm:source": ["ad"], "Plan": ["gold: yearly"]}])
def test_a_form_that_is_sent_as_it_was_shown_changes_no_attribute(facts: dict[str, list[str]]) -> None:
    (block,) = Facts().inputs(Entry("when", "label", None, optional=True), facts, Translator(Locale.JA, "Asia/Tokyo"))
    element = block["element"]
    entered = {"selected_options": element.get("initial_options"), "value": element.get("initial_value")}
    assert Facts().read({"when": {element["action_id"]: entered}}, "when") == facts


def test_an_attribute_may_be_typed_without_a_space() -> None:
    assert Facts().read({"when": {"when": {"value": "Plan:gold"}}}, "when") == {"Plan": ["gold"]}
