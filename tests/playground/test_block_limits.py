"""Every limit from both sides: at the limit Slack accepts, one over it refuses and says where."""

from collections.abc import Callable
from typing import Any

import pytest

from playground.blocks import Surface, problems, view_problems
from tests.playground.kit import actions, button, modal, mrkdwn, plain, section, text_input

Json = dict[str, Any]
Build = Callable[[int], Json]


def option(text: str = "One", value: str = "1", **more: Any) -> Json:
    return {"text": plain(text), "value": value, **more}


def options(count: int) -> list[Json]:
    return [option(f"Option {n}", str(n)) for n in range(count)]


def select(**more: Any) -> Json:
    return {"type": "static_select", "action_id": "a", "options": options(2), **more}


def confirm(**more: Any) -> Json:
    return {"title": plain("Sure?"), "text": plain("x"), "confirm": plain("Yes"), "deny": plain("No"), **more}


def field(element: Json) -> Json:
    return {"type": "input", "label": plain("Label"), "element": element}


def table(rows: int = 1, columns: int = 1) -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * columns] * rows}


def bars(series: int = 1, points: int = 1, name: str = "n", label: str = "c") -> Json:
    labels = [f"{label}{n}" if points > 1 else label for n in range(points)]
    data = [{"label": category, "value": 1} for category in labels]
    several = [{"name": f"{name}{n}" if series > 1 else name, "data": data} for n in range(series)]
    chart = {"type": "bar", "series": several, "axis_config": {"categories": labels}}
    return {"type": "data_visualization", "title": "Chart", "chart": chart}


def pie(segments: int = 1, title: str = "Pie", label: str = "s") -> Json:
    parts = [{"label": label, "value": 1} for _ in range(segments)]
    return {"type": "data_visualization", "title": title, "chart": {"type": "pie", "segments": parts}}


def card(**more: Any) -> Json:
    return {"type": "card", "title": mrkdwn("Acme"), **more}


def image(**more: Any) -> Json:
    return {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a", **more}


def container(**more: Any) -> Json:
    return {"type": "container", "title": plain("Box"), "child_blocks": [section()], **more}


def url(length: int) -> str:
    return "https://example.com/".ljust(length, "x")


MESSAGE_LIMITS: list[tuple[str, int, Build]] = [
    ("section text", 3000, lambda n: section("x" * n)),
    ("section field", 2000, lambda n: {"type": "section", "fields": [mrkdwn("x" * n)]}),
    ("section fields", 10, lambda n: {"type": "section", "fields": [mrkdwn("x")] * n}),
    ("header", 150, lambda n: {"type": "header", "text": plain("x" * n)}),
    ("button text", 75, lambda n: actions(button("x" * n))),
    ("button value", 2000, lambda n: actions(button(value="x" * n))),
    ("button url", 3000, lambda n: actions(button(url=url(n)))),
    ("accessibility label", 75, lambda n: actions(button(accessibility_label="x" * n))),
    ("action id", 255, lambda n: actions(button(action_id="x" * n))),
    ("block id", 255, lambda n: section(block_id="x" * n)),
    ("actions elements", 25, lambda n: actions(*(button(action_id=f"a{i}") for i in range(n)))),
    ("context elements", 10, lambda n: {"type": "context", "elements": [mrkdwn("x")] * n}),
    ("option value", 150, lambda n: actions(select(options=[option(value="x" * n)]))),
    ("option text", 75, lambda n: actions(select(options=[option("x" * n)]))),
    ("option description", 75, lambda n: actions(select(options=[option(description=plain("x" * n))]))),
    ("options", 100, lambda n: actions(select(options=options(n)))),
    ("overflow", 5, lambda n: actions({"type": "overflow", "action_id": "a", "options": options(n)})),
    ("radio buttons", 10, lambda n: actions({"type": "radio_buttons", "action_id": "a", "options": options(n)})),
    ("checkboxes", 10, lambda n: actions({"type": "checkboxes", "action_id": "a", "options": options(n)})),
    ("placeholder", 150, lambda n: actions(select(placeholder=plain("x" * n)))),
    ("confirm title", 100, lambda n: actions(button(confirm=confirm(title=plain("x" * n))))),
    ("confirm text", 300, lambda n: actions(button(confirm=confirm(text=plain("x" * n))))),
    ("confirm yes", 30, lambda n: actions(button(confirm=confirm(confirm=plain("x" * n))))),
    ("confirm no", 30, lambda n: actions(button(confirm=confirm(deny=plain("x" * n))))),
    ("markdown", 12_000, lambda n: {"type": "markdown", "text": "x" * n}),
    ("table rows", 100, lambda n: table(rows=n)),
    ("table columns", 20, lambda n: table(columns=n)),
    ("chart title", 50, lambda n: pie(title="x" * n)),
    ("chart series", 12, lambda n: bars(series=n)),
    ("chart points", 20, lambda n: bars(points=n)),
    ("chart segments", 12, lambda n: pie(segments=n)),
    ("chart label", 20, lambda n: pie(label="x" * n)),
    ("series name", 20, lambda n: bars(name="x" * n)),
    ("category", 20, lambda n: bars(label="x" * n)),
    ("card title", 150, lambda n: card(title=mrkdwn("x" * n))),
    ("card subtitle", 150, lambda n: card(subtitle=mrkdwn("x" * n))),
    ("card body", 200, lambda n: card(body=mrkdwn("x" * n))),
    ("card actions", 3, lambda n: card(actions=[button(action_id=f"a{i}") for i in range(n)])),
    ("carousel", 10, lambda n: {"type": "carousel", "elements": [card()] * n}),
    ("container", 10, lambda n: container(child_blocks=[section()] * n)),
    ("container title", 150, lambda n: container(title=plain("x" * n))),
    ("image alt text", 2000, lambda n: image(alt_text="x" * n)),
    ("image title", 2000, lambda n: image(title=plain("x" * n))),
]


@pytest.mark.parametrize(("limit", "build"), [case[1:] for case in MESSAGE_LIMITS], ids=[c[0] for c in MESSAGE_LIMITS])
def test_a_message_takes_the_limit_and_not_one_more(limit: int, build: Build) -> None:
    assert problems([build(limit)], "message") == []
    complaints = problems([build(limit + 1)], "message")
    assert any(f"{limit + 1}" in complaint and f"limit {limit}" in complaint for complaint in complaints), complaints


@pytest.mark.parametrize(("surface", "limit"), [("message", 50), ("modal", 100), ("home", 100)])
def test_a_surface_takes_so_many_blocks(surface: Surface, limit: int) -> None:
    assert problems([{"type": "divider"}] * limit, surface) == []
    assert problems([{"type": "divider"}] * (limit + 1), surface) == [f"blocks: {limit + 1} items, limit {limit}"]


VIEW_LIMITS: list[tuple[str, int, Build]] = [
    ("title", 24, lambda n: modal(title=plain("x" * n))),
    ("submit", 24, lambda n: modal(submit=plain("x" * n))),
    ("close", 24, lambda n: modal(close=plain("x" * n))),
    ("private metadata", 3000, lambda n: modal(private_metadata="x" * n)),
    ("callback id", 255, lambda n: modal(callback_id="x" * n)),
    ("external id", 255, lambda n: modal(external_id="x" * n)),
    ("label", 2000, lambda n: modal(text_input("x" * n))),
    ("hint", 2000, lambda n: modal({**text_input(), "hint": plain("x" * n)})),
    ("initial value", 3000, lambda n: modal(text_input(initial_value="x" * n))),
    ("max length", 3000, lambda n: modal(text_input(max_length=n))),
    ("alert", 200, lambda n: modal({"type": "alert", "text": plain("x" * n)})),
    ("home metadata", 3000, lambda n: {"type": "home", "blocks": [], "private_metadata": "x" * n}),
]


@pytest.mark.parametrize(("limit", "build"), [case[1:] for case in VIEW_LIMITS], ids=[c[0] for c in VIEW_LIMITS])
def test_a_view_takes_the_limit_and_not_one_more(limit: int, build: Build) -> None:
    assert view_problems(build(limit)) == []
    assert any(f"limit {limit}" in view_problem for view_problem in view_problems(build(limit + 1)))


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        (section(""), "blocks[0].text: 0 characters, at least 1"),
        ({"type": "section"}, "blocks[0]: needs text or fields"),
        ({"type": "header", "text": mrkdwn("x")}, "blocks[0].text.type: 'mrkdwn', must be plain_text"),
        (actions({**button(), "text": mrkdwn("x")}), "blocks[0].elements[0].text.type: 'mrkdwn', must be plain_text"),
        (actions(), "blocks[0].elements: 0 items, at least 1"),
        (actions({"type": "button"}), "blocks[0].elements[0]: missing text"),
        (section(colour="red"), "blocks[0].colour: unknown key"),
        (actions(button(colour="red")), "blocks[0].elements[0].colour: unknown key"),
        (actions(button(style="blue")), "blocks[0].elements[0].style: 'blue', must be one of primary, danger"),
        (actions(button(url="no url")), "is not of the form"),
        ({"type": "paragraph"}, "blocks[0].type: block 'paragraph' is not allowed here"),
        ({"text": plain("x")}, "blocks[0]: missing type"),
        (actions({"type": "knob"}), "blocks[0].elements[0].type: element 'knob' is not allowed here"),
        (
            actions(text_input()["element"]),
            "blocks[0].elements[0].type: element 'plain_text_input' is not allowed here",
        ),
        (section(accessory=text_input()["element"]), "element 'plain_text_input' is not allowed here"),
        ({"type": "context", "elements": [button()]}, "element 'button' is not allowed here"),
        (field(button()), "blocks[0].element.type: element 'button' is not allowed here"),
        (actions(button(), button()), "blocks[0]: action_id 'accept' stands 2 times in one block"),
        (actions(select(initial_option=option("Other", "9"))), "initial_option: is not one of the options"),
        (actions({"type": "static_select", "action_id": "a"}), "needs options or option_groups"),
        (field({"type": "number_input", "action_id": "a"}), "missing is_decimal_allowed"),
        (field({"type": "plain_text_input", "min_length": 5, "max_length": 4}), "min_length 5 is above max_length 4"),
        (image(slack_file={"id": "F1"}), "image_url and slack_file exclude each other"),
        ({"type": "alert", "text": plain("x")}, "alert cannot stand in a message, only in modal"),
        (card(title=None), "blocks[0].title: must be a text object, is null"),
        ({"type": "card"}, "blocks[0]: needs hero_image or title or actions or body"),
        ({"type": "carousel", "elements": [section()]}, "block 'section' is not allowed here"),
        (container(child_blocks=[container()]), "block 'container' is not allowed here"),
        (container(is_collapsible=True, has_header_divider=True), "not together with is_collapsible"),
        (pie(segments=0), "segments: 0 items, at least 1"),
        (table(rows=0), "rows: 0 items, at least 1"),
        ("text", "blocks[0]: must be an object, is a string"),
    ],
)
def test_a_broken_rule_is_said_with_its_place(block: Any, sentence: str) -> None:
    complaints = problems([block], "message")
    assert any(sentence in complaint for complaint in complaints), complaints


def test_block_ids_are_unique_in_a_message_and_action_ids_in_their_block() -> None:
    twice = [section(block_id="b"), section(block_id="b")]
    assert problems(twice, "message") == ["blocks[1].block_id: 'b' stands already at blocks[0]"]
    assert problems([actions(button()), actions(button())], "home") == []


def test_one_table_two_charts_and_12000_characters_of_markdown_per_message() -> None:
    assert problems([table()], "message") == []
    assert problems([table(), table()], "message") == ["blocks: 2 table blocks, limit 1"]
    assert problems([pie(), pie()], "message") == []
    assert problems([pie(), pie(), pie()], "message") == ["blocks: 3 data_visualization blocks, limit 2"]
    half = {"type": "markdown", "text": "x" * 6000}
    assert problems([half, half], "message") == []
    assert problems([half, {"type": "markdown", "text": "x" * 6001}], "message") == [
        "blocks: 12001 characters in markdown blocks together, limit 12000"
    ]


def test_a_chart_needs_positive_segments_and_points_for_every_category() -> None:
    empty = pie()
    empty["chart"]["segments"][0]["value"] = 0
    assert problems([empty], "message") == ["blocks[0].chart.segments[0].value: 0, must be above 0"]
    gap = bars(points=3)
    gap["chart"]["series"][0]["data"] = gap["chart"]["series"][0]["data"][:2]
    assert "labels must be the categories" in problems([gap], "message")[0]
    same = bars(series=2)
    same["chart"]["series"][1]["name"] = "n0"
    assert problems([same], "message") == ["blocks[0].chart.series: names must differ"]


@pytest.mark.parametrize("kind", ["table", "markdown", "container", "data_visualization"])
def test_some_blocks_stand_in_messages_only(kind: str) -> None:
    block = {
        "table": table(),
        "markdown": {"type": "markdown", "text": "x"},
        "container": container(),
        "data_visualization": pie(),
    }[kind]
    surfaces: list[Surface] = ["modal", "home"]
    assert problems([block], "message") == []
    for surface in surfaces:
        assert problems([block], surface) == [f"blocks[0]: {kind} cannot stand in a {surface}, only in message"]


def test_inputs_stand_on_every_surface() -> None:
    surfaces: list[Surface] = ["message", "modal", "home"]
    assert [problems([text_input()], surface) for surface in surfaces] == [[], [], []]


def test_a_modal_with_an_input_needs_a_submit_button_and_every_modal_a_title() -> None:
    view = modal(text_input())
    del view["submit"]
    assert view_problems(view) == ["view: has an input block and so needs submit"]
    view = modal()
    del view["title"]
    assert view_problems(view) == ["view: missing title"]
    assert view_problems({"type": "home", "blocks": [], "title": plain("x")}) == ["view.title: unknown key"]
    assert view_problems({"type": "panel"}) == ["view.type: 'panel', must be one of modal, home"]


def test_only_one_element_of_a_view_takes_the_focus() -> None:
    first, second = text_input(focus_on_load=True), text_input(block_id="other", focus_on_load=True)
    assert view_problems(modal(first)) == []
    assert view_problems(modal(first, second)) == ["view.blocks: 2 elements with focus_on_load, limit 1"]


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def rich_section(*parts: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(parts)}


def test_rich_text_takes_sections_lists_quotes_and_code() -> None:
    text = {"type": "text", "text": "x", "style": {"bold": True}}
    parts: list[Json] = [
        text,
        {"type": "link", "url": "https://example.com", "text": "x"},
        {"type": "emoji", "name": "tada"},
        {"type": "user", "user_id": "U0SATO0001"},
        {"type": "usergroup", "usergroup_id": "S012345"},
        {"type": "channel", "channel_id": "C0MQL00001"},
        {"type": "broadcast", "range": "here"},
        {"type": "date", "timestamp": 1_795_000_000, "format": "{ago}", "fallback": "soon"},
    ]
    whole = rich(
        rich_section(*parts),
        {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [rich_section(text)]},
        {"type": "rich_text_quote", "elements": [text]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "code"}], "border": 0},
    )
    assert problems([whole], "message") == []


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ({"type": "text"}, "missing text"),
        ({"type": "text", "text": ""}, "0 characters, at least 1"),
        ({"type": "link"}, "missing url"),
        ({"type": "emoji"}, "missing name"),
        ({"type": "user"}, "missing user_id"),
        ({"type": "user", "user_id": "sato"}, "is not of the form"),
        ({"type": "usergroup"}, "missing usergroup_id"),
        ({"type": "usergroup", "usergroup_id": "sales-leads"}, "is not of the form"),
        ({"type": "date", "timestamp": 1}, "missing format"),
        ({"type": "date", "timestamp": "1", "format": "{ago}"}, "must be an integer, is a string"),
        ({"type": "broadcast", "range": "all"}, "must be one of here, channel, everyone"),
        ({"type": "countdown"}, "rich text element 'countdown' is not allowed here"),
        ({"type": "text", "text": "x", "style": {"loud": True}}, "style.loud: unknown key"),
    ],
)
def test_parts_of_rich_text_need_their_fields(part: Json, sentence: str) -> None:
    complaints = problems([rich(rich_section(part))], "message")
    assert any(sentence in complaint for complaint in complaints), complaints
