"""Composition objects: texts, options, confirm dialogs (Slack documentation: Block Kit, composition objects)."""

from collections.abc import Iterator
from typing import Any

from playground.blocks.checks import Check, array, boolean, items, kind, one_of, shape, string

PLAIN = ("plain_text",)
ANY_TEXT = ("plain_text", "mrkdwn")
TEXT_KEYS = {"plain_text": {"type", "text", "emoji"}, "mrkdwn": {"type", "text", "verbatim"}}

URL = string(3000, pattern=r"(https?://|mailto:|tel:|slack:)\S+")
ACTION_ID = string(255, 1)
BLOCK_ID = string(255, 1)
DATE = string(pattern=r"\d{4}-\d{2}-\d{2}")
TIME = string(pattern=r"([01]\d|2[0-3]):[0-5]\d")
USER_ID = string(pattern=r"[UW][A-Z0-9]+")
CONVERSATION_ID = string(pattern=r"[CGDUW][A-Z0-9]+")


def text(at_most: int, kinds: tuple[str, ...] = ANY_TEXT) -> Check:
    """Accept a text object of 1 to `at_most` characters, of these kinds."""
    length = string(at_most, 1)

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: must be a text object, is {kind(value)}"
            return
        if value.get("type") not in kinds:
            yield f"{path}.type: {value.get('type')!r}, must be {' or '.join(kinds)}"
            return
        if "text" not in value:
            yield f"{path}: missing text"
        else:
            yield from length(value["text"], path)
        for key in value.keys() - TEXT_KEYS[value["type"]]:
            yield f"{path}.{key}: unknown key"
        for flag in ("emoji", "verbatim"):
            if flag in value:
                yield from boolean(value[flag], f"{path}.{flag}")

    return check


def plain(at_most: int) -> Check:
    """Accept a plain_text object only."""
    return text(at_most, PLAIN)


STYLE = one_of("primary", "danger")

CONFIRM = shape({"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)}, {"style": STYLE})

SLACK_FILE = shape({}, {"id": string(), "url": URL})

DISPATCH = shape({}, {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), at_least=1)})

FILTER = shape(
    {},
    {
        "include": array(one_of("im", "mpim", "private", "public"), at_least=1),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)


def option(kinds: tuple[str, ...] = PLAIN, url: bool = False) -> Check:
    """Accept an option: text 75, value 150, description 75; a url in overflow menus only."""
    optional = {"description": text(75, kinds)}
    if url:
        optional["url"] = URL
    return shape({"text": text(75, kinds), "value": string(150, 1)}, optional)


OPTION_GROUP = shape({"label": plain(75), "options": array(option(), 1, 100)})


def offered(element: dict[str, Any]) -> list[Any]:
    """List the options of an element, those inside groups too."""
    groups = items(element.get("option_groups"))
    inside = [option for group in groups if isinstance(group, dict) for option in items(group.get("options"))]
    return [*items(element.get("options")), *inside]


def initial_is_offered(element: Any, path: str) -> Iterator[str]:
    """Check that what is chosen at first is one of the options, exactly as it stands there."""
    options = offered(element)
    first = element.get("initial_option")
    if first is not None and first not in options:
        yield f"{path}.initial_option: is not one of the options"
    for index, choice in enumerate(items(element.get("initial_options"))):
        if choice not in options:
            yield f"{path}.initial_options[{index}]: is not one of the options"
