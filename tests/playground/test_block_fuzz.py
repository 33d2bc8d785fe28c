"""Whatever JSON a bot sends, the rules answer with sentences and never break."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground import Playground
from playground.blocks import attachment_problems, problems, view_problems
from playground.blocks.elements import ACTIONS_ELEMENT
from playground.blocks.layout import BLOCKS
from tests.playground.kit import actions, button, modal, section, text_input

WORDS = """
type text elements accessory element fields options option_groups initial_option initial_options label blocks
child_blocks actions rows chart segments series axis_config data title block_id action_id confirm
"""
KEYS = st.sampled_from(WORDS.split())
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(allow_nan=False)
    | st.sampled_from([*BLOCKS, "plain_text", "mrkdwn", "button", "static_select", "overflow", "pie", "bar", ""])
)
ANY_JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=20
)


@settings(max_examples=400, deadline=None)
@given(ANY_JSON)
def test_the_rules_take_any_json(value: Any) -> None:
    for complaints in (problems(value, "message"), problems([value], "home"), view_problems(value)):
        assert all(isinstance(complaint, str) for complaint in complaints)
    assert view_problems({"type": "modal", "blocks": value})
    attachment_problems(value)
    attachment_problems([{"blocks": value}])


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([*BLOCKS]), st.dictionaries(KEYS, ANY_JSON, max_size=4))
def test_a_known_block_with_strange_content_is_judged(kind: str, content: dict[str, Any]) -> None:
    problems([{**content, "type": kind}], "message")


GOOD: list[dict[str, Any]] = [
    section(accessory=button()),
    actions({"type": "static_select", "action_id": "a", "options": [{"text": {"type": "plain_text", "text": "x"}}]}),
    {
        "type": "data_visualization",
        "title": "x",
        "chart": {
            "type": "bar",
            "series": [{"name": "n", "data": [{"label": "c", "value": 1}]}],
            "axis_config": {"categories": ["c"]},
        },
    },
    {"type": "container", "title": {"type": "plain_text", "text": "x"}, "child_blocks": [text_input()]},
]


def _places(value: Any) -> list[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    return [(value, key) for key in keys] + [place for key in keys for place in _places(value[key])]


@pytest.mark.parametrize("index", range(len(GOOD)))
@pytest.mark.parametrize("poison", [None, 7, "x", [], {}, [7], {"type": 7}, True])
def test_one_wrong_value_anywhere_is_judged(index: int, poison: Any) -> None:
    for number in range(len(_places(GOOD[index]))):
        block = copy.deepcopy(GOOD[index])
        where, key = _places(block)[number]
        where[key] = poison
        problems([block], "message")
        view_problems(modal(block))
    list(ACTIONS_ELEMENT(poison, "element"))


NONSENSE: list[tuple[str, str, list[Any]]] = [
    ("blocks", "invalid_blocks", [[7], [{"type": "actions", "elements": 5}], [{"type": 5}]]),
    ("blocks", "invalid_blocks_format", [7, "x", {"type": "section"}]),
    ("metadata", "invalid_metadata_format", [7, [], "x", {"event_type": 5, "event_payload": {}}]),
    ("attachments", "invalid_attachments", [7, "x", [7], [{"blocks": 5}]]),
    ("view", "invalid_arguments", [7, [], {}, {"type": "modal", "blocks": 5}, {"type": []}]),
]


@pytest.mark.parametrize(("argument", "code", "values"), NONSENSE)
def test_a_bot_that_sends_nonsense_gets_an_error_and_no_crash(
    slack: Playground, argument: str, code: str, values: list[Any]
) -> None:
    for value in values:
        given = {"channel": "#mql", "text": "x", "trigger_id": slack.views.new_trigger("U0SATO0001"), argument: value}
        method = "views.open" if argument == "view" else "chat.postMessage"
        assert slack.web_api.call(method, given, slack.bot_token).body["error"] == code, value
