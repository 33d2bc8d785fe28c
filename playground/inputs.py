"""Elements that hold a value: what is in them at first, what a person can put there, what the client refuses."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from playground.blocks import blocks_inside, elements_inside
from playground.blocks.composition import offered
from playground.errors import ClientRefused
from playground.model import Json, Values

TYPED = {"plain_text_input", "number_input", "email_text_input", "url_text_input"}
SINGLE = {"static_select", "radio_buttons", "external_select"}
SEVERAL = {"multi_static_select", "checkboxes", "multi_external_select"}
EXTERNAL = {"external_select", "multi_external_select"}
VALUE_KEY = {
    **dict.fromkeys(TYPED, "value"),
    **dict.fromkeys(SINGLE, "selected_option"),
    **dict.fromkeys(SEVERAL, "selected_options"),
    "overflow": "selected_option",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "rich_text_input": "rich_text_value",
}
FORMS = {
    "datepicker": r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])",
    "timepicker": r"([01]\d|2[0-3]):[0-5]\d",
    "email_text_input": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "url_text_input": r"https?://\S+",
    "number_input": r"-?\d+(\.\d+)?",
}
Resolve = Callable[[str, str], str]
"""Turn what a test or page calls a user or channel into its id: (element type, name) → id."""


def stateful(blocks: Any) -> Iterator[tuple[Json, Json]]:
    """Walk the elements that hold a value, each with its block."""
    for _, block in blocks_inside(blocks):
        for element in elements_inside(block):
            if element.get("type") in VALUE_KEY and element["type"] != "overflow":
                yield block, element


def initial_values(blocks: Any) -> Values:
    """Return `state.values` before anybody touched anything."""
    values: Values = {}
    for block, element in stateful(blocks):
        values.setdefault(block["block_id"], {})[element["action_id"]] = initial_value(element)
    return values


def initial_value(element: Json) -> Json:
    """Return the value an element starts with."""
    key = VALUE_KEY[element["type"]]
    names = {"value": "initial_value", "rich_text_value": "initial_value"}
    initial = element.get(names.get(key, key.replace("selected", "initial")))
    if initial is None and key.endswith("s"):
        initial = []
    return {"type": element["type"], key: initial}


def new_value(element: Json, given: Any, resolve: Resolve) -> Json:
    """Return the value after a person typed or chose `given`; raises ClientRefused where the client would not."""
    kind = element["type"]
    key = VALUE_KEY[kind]
    if given is None or given in ("", []):
        return {"type": kind, key: [] if key.endswith("s") else None}
    if kind in SINGLE or kind == "overflow":
        return {"type": kind, key: pick(element, str(given))}
    several = [given] if isinstance(given, str) else given
    if kind in SEVERAL:
        return {"type": kind, key: _bounded(element, [pick(element, str(choice)) for choice in several])}
    if kind.startswith("multi_"):
        return {"type": kind, key: _bounded(element, [resolve(kind, str(name)) for name in several])}
    if kind in ("users_select", "conversations_select", "channels_select"):
        return {"type": kind, key: resolve(kind, str(given))}
    if kind in ("datetimepicker", "rich_text_input"):
        return {"type": kind, key: given}
    text = str(given)
    _check_form(element, text)
    return {"type": kind, key: text}


def pick(element: Json, wanted: str) -> Json:
    """Find the option with this text or value."""
    options = offered(element)
    for option in options:
        if wanted in (option["text"]["text"], option.get("value")):
            return dict(option)
    there = ", ".join(option["text"]["text"] for option in options)
    raise ClientRefused(f"no option {wanted!r} in {element.get('action_id')}; there are: {there}")


def _bounded(element: Json, chosen: list[Any]) -> list[Any]:
    limit = element.get("max_selected_items")
    if limit is not None and len(chosen) > limit:
        raise ClientRefused(f"{element['action_id']}: {len(chosen)} chosen, limit {limit}")
    return chosen


def _check_form(element: Json, text: str) -> None:
    kind, name = element["type"], element.get("action_id")
    if kind in FORMS and not re.fullmatch(FORMS[kind], text):
        raise ClientRefused(f"{name}: {text!r} is not accepted by a {kind}")
    if kind == "number_input":
        if not element["is_decimal_allowed"] and "." in text:
            raise ClientRefused(f"{name}: {text} has decimals")
        low, high = element.get("min_value", "-inf"), element.get("max_value", "inf")
        if not float(low) <= float(text) <= float(high):
            raise ClientRefused(f"{name}: {text} is not between {low} and {high}")
    if kind == "plain_text_input":
        if not element.get("multiline") and "\n" in text:
            raise ClientRefused(f"{name}: a single line takes no line break")
        low, high = element.get("min_length", 0), element.get("max_length", 3000)
        if not low <= len(text) <= high:
            raise ClientRefused(f"{name}: {len(text)} characters, must be {low} to {high}")


def is_empty(value: Json) -> bool:
    """Tell whether nothing was entered."""
    content = value.get(VALUE_KEY[value["type"]])
    return content is None or content in ("", [])


def missing_inputs(blocks: Any, values: Values) -> list[str]:
    """List the labels of required inputs that are still empty."""
    missing = []
    for block, element in stateful(blocks):
        if block["type"] == "input" and not block.get("optional"):
            value = values.get(block["block_id"], {}).get(element["action_id"])
            if value is None or is_empty(value):
                missing.append(block["label"]["text"])
    return missing
