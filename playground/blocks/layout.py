"""Layout blocks and the surfaces they may stand on (Slack documentation: Block Kit, blocks)."""

from collections.abc import Iterator
from typing import Any, Literal

from playground.blocks.charts import DATA_VISUALIZATION, TABLE
from playground.blocks.checks import Check, anything, array, boolean, by_type, either, one_of, shape, string
from playground.blocks.composition import BLOCK_ID, SLACK_FILE, URL, plain, text
from playground.blocks.elements import (
    ACTIONS_ELEMENT,
    CARD_ACTION,
    CONTEXT_ACTIONS_ELEMENT,
    CONTEXT_ELEMENT,
    IMAGE,
    INPUT_ELEMENT,
    SECTION_ACCESSORY,
)
from playground.blocks.rich_text import RICH_TEXT

Surface = Literal["message", "modal", "home"]
EVERYWHERE: frozenset[Surface] = frozenset({"message", "modal", "home"})
MESSAGES: frozenset[Surface] = frozenset({"message"})


def _block(required: dict[str, Check], optional: dict[str, Check] | None = None, *rules: Check) -> Check:
    return shape({"type": string(), **required}, {"block_id": BLOCK_ID, **(optional or {})}, rules)


def _collapse_agrees(block: Any, path: str) -> Iterator[str]:
    if block.get("is_collapsible") and block.get("has_header_divider"):
        yield f"{path}.has_header_divider: not together with is_collapsible"
    if block.get("default_collapsed") and not block.get("is_collapsible"):
        yield f"{path}.default_collapsed: needs is_collapsible"


CARD = _block(
    {},
    {
        "hero_image": IMAGE,
        "icon": IMAGE,
        "slack_icon": anything,
        "title": text(150),
        "subtitle": text(150),
        "body": text(200),
        "actions": array(CARD_ACTION, 1, 3),
    },
    either("hero_image", "title", "actions", "body", both=True),
)

PLAIN_BLOCKS: dict[str, Check] = {
    "section": _block(
        {},
        {
            "text": text(3000),
            "fields": array(text(2000), 1, 10),
            "accessory": SECTION_ACCESSORY,
            "expand": boolean,
        },
        either("text", "fields", both=True),
    ),
    "header": _block({"text": plain(150)}),
    "divider": _block({}),
    "image": _block(
        {"alt_text": string(2000, 1)},
        {"image_url": URL, "slack_file": SLACK_FILE, "title": plain(2000)},
        either("image_url", "slack_file"),
    ),
    "actions": _block({"elements": array(ACTIONS_ELEMENT, 1, 25)}),
    "context": _block({"elements": array(CONTEXT_ELEMENT, 1, 10)}),
    "context_actions": _block({"elements": array(CONTEXT_ACTIONS_ELEMENT, 1, 5)}),
    "input": _block(
        {"label": plain(2000), "element": INPUT_ELEMENT},
        {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": RICH_TEXT,
    "table": TABLE,
    "video": _block(
        {"alt_text": string(at_least=1), "title": plain(199), "thumbnail_url": URL, "video_url": URL},
        {
            "author_name": string(49),
            "description": plain(200),
            "provider_icon_url": URL,
            "provider_name": string(),
            "title_url": URL,
        },
    ),
}

CONTAINER = _block(
    {"child_blocks": array(by_type(PLAIN_BLOCKS, "block"), 1, 10)},
    {
        "title": plain(150),
        "rich_text_title": RICH_TEXT,
        "subtitle": text(150),
        "icon": IMAGE,
        "width": one_of("narrow", "standard", "wide", "full"),
        "is_collapsible": boolean,
        "default_collapsed": boolean,
        "has_header_divider": boolean,
    },
    either("title", "rich_text_title", both=True),
    _collapse_agrees,
)

BLOCKS: dict[str, Check] = {
    **PLAIN_BLOCKS,
    "markdown": _block({"text": string(12_000, 1)}),
    "alert": _block({"text": text(200)}, {"level": one_of("default", "info", "warning", "error", "success")}),
    "card": CARD,
    "carousel": _block({"elements": array(by_type({"card": CARD}, "block"), 1, 10)}),
    "container": CONTAINER,
    "data_visualization": DATA_VISUALIZATION,
}

SURFACES: dict[str, frozenset[Surface]] = {
    "alert": frozenset({"modal"}),
    "carousel": frozenset({"message", "home"}),
    "container": MESSAGES,
    "context_actions": MESSAGES,
    "data_visualization": MESSAGES,
    "markdown": MESSAGES,
    "table": MESSAGES,
}


def layout_block(surface: Surface) -> Check:
    """Accept one layout block on this surface."""
    known = by_type(BLOCKS, "block")

    def check(value: Any, path: str) -> Iterator[str]:
        name = value.get("type") if isinstance(value, dict) else None
        allowed = SURFACES.get(name, EVERYWHERE) if isinstance(name, str) else EVERYWHERE
        if surface not in allowed:
            yield f"{path}: {name} cannot stand in a {surface}, only in {', '.join(sorted(allowed))}"
        else:
            yield from known(value, path)

    return check
