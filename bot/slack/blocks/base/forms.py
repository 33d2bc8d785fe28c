"""The bricks of modal forms: an input's block id is its name, so that an error can be shown on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base.kit import VIEW_BLOCKS, Block, Element, View, metadata, plain, section
from bot.slack.blocks.base.text import clean, clip

LINE = 200
TEXT = 3000
AMOUNT_MOST = 999_999_999_999_999


def modal(
    title: str,
    blocks: Sequence[Block],
    t: Translator,
    *,
    submit: str | None = None,
    callback_id: str | None = None,
    **kept: int | str | None,
) -> View:
    """Return a modal; without `submit` it is only read. `kept` becomes its private_metadata."""
    # Where nothing is typed there is nothing to give up.
    typed = any(block["type"] == "input" for block in blocks)
    view: View = {
        "type": "modal",
        "title": plain(title, 24),
        "close": plain(t("form.cancel" if submit and typed else "form.close"), 24),
        "blocks": list(blocks[:VIEW_BLOCKS]),
        "private_metadata": metadata(**kept),
    }
    if submit is not None:
        view["submit"] = plain(submit, 24)
    if callback_id is not None:
        view["callback_id"] = callback_id
    return view


def field(
    name: str, label: str, element: Element, *, optional: bool = False, hint: str | None = None, dispatch: bool = False
) -> Block:
    """Return an input. Slack marks optional ones itself, in the reader's language."""
    block: Block = {"type": "input", "block_id": name, "label": plain(label, 150), "element": element}
    if optional:
        block["optional"] = True
    if hint:
        block["hint"] = plain(hint, 300)
    if dispatch:
        block["dispatch_action"] = True
    return block


def text_input(name: str, initial: str | None, *, most: int = LINE, multiline: bool = False) -> Element:
    """Free text of at most `most` characters."""
    return _typed({"type": "plain_text_input", "multiline": multiline, "max_length": most}, name, initial, most)


def email_input(name: str, initial: str | None) -> Element:
    """Return an e-mail address; Slack checks its form."""
    return _typed({"type": "email_text_input"}, name, initial, 254)


def date_input(name: str, initial: str | None = None) -> Element:
    """Return a day; `initial` is an ISO date."""
    element: Element = {"type": "datepicker", "action_id": name}
    return element if initial is None else {**element, "initial_date": initial}


def radio_buttons(name: str, options: Sequence[Element], chosen: Element | None = None) -> Element:
    """Return a choice of one, of at most ten; `chosen`: the one that is made already."""
    element: Element = {"type": "radio_buttons", "action_id": name, "options": list(options[:10])}
    return element if chosen is None else {**element, "initial_option": chosen}


def number_input(name: str, initial: int | None, most: int) -> Element:
    """Return a whole number from 0, typed on a number pad."""
    element = {"type": "number_input", "is_decimal_allowed": False, "min_value": "0", "max_value": str(most)}
    return _typed(element, name, None if initial is None else str(initial), 20)


def _typed(element: dict[str, Any], name: str, initial: str | None, most: int) -> Element:
    value = clip(clean(initial), most)
    return {**element, "action_id": name, **({"initial_value": value} if value else {})}


def read_only(title: str, texts: Sequence[Mrkdwn], t: Translator) -> View:
    """Return a modal of paragraphs."""
    return modal(title, [section(text) for text in texts], t)


def notice(title_key: str, text: Mrkdwn | str, t: Translator) -> View:
    """One paragraph to read. Text that is not mrkdwn already is escaped."""
    return read_only(t(title_key), [text if isinstance(text, Mrkdwn) else escape(clean(text))], t)
