"""Block elements, and in which block each may stand (Slack documentation: Block Kit, block elements)."""

from collections.abc import Iterator
from typing import Any

from playground.blocks.checks import Check, anything, array, boolean, by_type, either, number, one_of, shape, string
from playground.blocks.composition import (
    ACTION_ID,
    ANY_TEXT,
    CONFIRM,
    CONVERSATION_ID,
    DATE,
    DISPATCH,
    FILTER,
    OPTION_GROUP,
    SLACK_FILE,
    STYLE,
    TIME,
    URL,
    USER_ID,
    initial_is_offered,
    option,
    plain,
    text,
)
from playground.blocks.rich_text import RICH_TEXT

Checks = dict[str, Check]

TYPE: Checks = {"type": anything}
ACTION: Checks = {"action_id": ACTION_ID}
MENU: Checks = {**ACTION, "placeholder": plain(150), "focus_on_load": boolean}
PICKER: Checks = {**MENU, "confirm": CONFIRM}
SEVERAL: Checks = {**PICKER, "max_selected_items": number(1, whole=True)}
CHOICES: Checks = {"options": array(option(), 1, 100), "option_groups": array(OPTION_GROUP, 1, 100)}
ONE_LIST = either("options", "option_groups")
MARKED = option(ANY_TEXT)


def element(required: Checks, optional: Checks, *rules: Check) -> Check:
    """Describe one element type; `type` is known already."""
    return shape({**TYPE, **required}, optional, rules)


def _lengths_agree(value: Any, path: str) -> Iterator[str]:
    low, high = value.get("min_length"), value.get("max_length")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        yield f"{path}: min_length {low} is above max_length {high}"


IMAGE = element(
    {"alt_text": string(2000, 1)}, {"image_url": URL, "slack_file": SLACK_FILE}, either("image_url", "slack_file")
)

BUTTON = element(
    {"text": plain(75)},
    {
        **ACTION,
        "url": URL,
        "value": string(2000),
        "style": STYLE,
        "confirm": CONFIRM,
        "accessibility_label": string(75),
    },
)

CLICKABLE: dict[str, Check] = {
    "button": BUTTON,
    "overflow": element({"options": array(option(url=True), 1, 5)}, {**ACTION, "confirm": CONFIRM}),
    "workflow_button": element(
        {"text": plain(75), "workflow": anything}, {**ACTION, "style": STYLE, "accessibility_label": string(75)}
    ),
}

SELECTS: dict[str, Check] = {
    "static_select": element({}, {**PICKER, **CHOICES, "initial_option": option()}, ONE_LIST, initial_is_offered),
    "external_select": element({}, {**PICKER, "initial_option": option(), "min_query_length": number(0, whole=True)}),
    "users_select": element({}, {**PICKER, "initial_user": USER_ID}),
    "conversations_select": element(
        {},
        {
            **PICKER,
            "initial_conversation": CONVERSATION_ID,
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": FILTER,
        },
    ),
    "channels_select": element({}, {**PICKER, "initial_channel": CONVERSATION_ID, "response_url_enabled": boolean}),
}

MULTI_SELECTS: dict[str, Check] = {
    "multi_static_select": element(
        {}, {**SEVERAL, **CHOICES, "initial_options": array(option(), 1, 100)}, ONE_LIST, initial_is_offered
    ),
    "multi_external_select": element(
        {}, {**SEVERAL, "initial_options": array(option(), 1, 100), "min_query_length": number(0, whole=True)}
    ),
    "multi_users_select": element({}, {**SEVERAL, "initial_users": array(USER_ID)}),
    "multi_conversations_select": element(
        {},
        {
            **SEVERAL,
            "initial_conversations": array(CONVERSATION_ID),
            "default_to_current_conversation": boolean,
            "filter": FILTER,
        },
    ),
    "multi_channels_select": element({}, {**SEVERAL, "initial_channels": array(CONVERSATION_ID)}),
}

PICKERS: dict[str, Check] = {
    "checkboxes": element(
        {"options": array(MARKED, 1, 10)},
        {**ACTION, "initial_options": array(MARKED, 1, 10), "confirm": CONFIRM, "focus_on_load": boolean},
        initial_is_offered,
    ),
    "radio_buttons": element(
        {"options": array(MARKED, 1, 10)},
        {**ACTION, "initial_option": MARKED, "confirm": CONFIRM, "focus_on_load": boolean},
        initial_is_offered,
    ),
    "datepicker": element({}, {**PICKER, "initial_date": DATE}),
    "timepicker": element({}, {**PICKER, "initial_time": TIME, "timezone": string(at_least=1)}),
}

DATETIME: dict[str, Check] = {
    "datetimepicker": element(
        {},
        {
            **ACTION,
            "initial_date_time": number(10**9, 10**10 - 1, whole=True),
            "confirm": CONFIRM,
            "focus_on_load": boolean,
        },
    )
}

RICH_INPUT: dict[str, Check] = {
    "rich_text_input": element({}, {**MENU, "dispatch_action_config": DISPATCH, "initial_value": RICH_TEXT})
}

TYPED_INPUTS: dict[str, Check] = {
    "plain_text_input": element(
        {},
        {
            **MENU,
            "initial_value": string(3000),
            "multiline": boolean,
            "min_length": number(0, 3000, whole=True),
            "max_length": number(1, 3000, whole=True),
            "dispatch_action_config": DISPATCH,
        },
        _lengths_agree,
    ),
    "number_input": element(
        {"is_decimal_allowed": boolean},
        {
            **MENU,
            "initial_value": string(),
            "min_value": string(),
            "max_value": string(),
            "dispatch_action_config": DISPATCH,
        },
    ),
    "email_text_input": element({}, {**MENU, "initial_value": string(), "dispatch_action_config": DISPATCH}),
    "url_text_input": element({}, {**MENU, "initial_value": string(), "dispatch_action_config": DISPATCH}),
    "file_input": element(
        {}, {**ACTION, "filetypes": array(string(at_least=1), 1), "max_files": number(1, 10, whole=True)}
    ),
}

CONTEXT_ACTION: dict[str, Check] = {
    "feedback_buttons": element({"positive_button": anything, "negative_button": anything}, ACTION),
    "icon_button": element(
        {"icon": one_of("trash"), "text": plain(75)},
        {
            **ACTION,
            "value": string(2000),
            "confirm": CONFIRM,
            "accessibility_label": string(75),
            "visible_to_user_ids": array(USER_ID),
        },
    ),
}

SECTION_ACCESSORY = by_type({"image": IMAGE, **CLICKABLE, **SELECTS, **MULTI_SELECTS, **PICKERS}, "element")
ACTIONS_ELEMENT = by_type({**CLICKABLE, **SELECTS, **MULTI_SELECTS, **PICKERS, **DATETIME, **RICH_INPUT}, "element")
INPUT_ELEMENT = by_type({**SELECTS, **MULTI_SELECTS, **PICKERS, **DATETIME, **RICH_INPUT, **TYPED_INPUTS}, "element")
CONTEXT_ELEMENT = by_type(
    {"image": IMAGE, "plain_text": text(2000, ("plain_text",)), "mrkdwn": text(2000, ("mrkdwn",))}, "element"
)
CONTEXT_ACTIONS_ELEMENT = by_type(CONTEXT_ACTION, "element")
CARD_ACTION = by_type({"button": BUTTON}, "element")
