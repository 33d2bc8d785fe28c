"""Reasons that one tap chooses instead of typing, beside a field for one's own words. The words of a reason are
`<noun>.why.<reason>`."""

from __future__ import annotations

from collections.abc import Mapping

from bot.i18n import Translator
from bot.slack.blocks.base.forms import TEXT, field, radio_buttons, text_input
from bot.slack.blocks.base.kit import Block, option

REASONS = {
    "decline": ("area", "busy", "colleague", "absent"),
    "pause": ("appointment", "material", "decision"),
}
"""By what is to be explained, the most frequent first."""
OTHER_REASON = "other"
"""The choice of one's own words instead."""


def reason_fields(noun: str, chosen: str, typed: str, t: Translator, *, most: int = TEXT) -> list[Block]:
    """Return the choice, of which the last, one's own words, is made already, and the field for these, each by its
    id."""
    options = [option(t(f"{noun}.why.{reason}"), reason) for reason in REASONS[noun]]
    options.append(option(t("form.other_reason"), OTHER_REASON))
    own = text_input(typed, None, most=most, multiline=True)
    return [
        field(chosen, t(f"{noun}.reason"), radio_buttons(chosen, options, options[-1])),
        field(typed, t("form.own_words"), own, optional=True, hint=t(f"{noun}.reason_hint")),
    ]


def reason_field(chosen: str, typed: str, values: Mapping[str, str | None]) -> str:
    """Return the field beside which a missing reason is asked for: where "other" is chosen, that for the words."""
    return typed if values.get(chosen) == OTHER_REASON else chosen


def reason_text(noun: str, chosen: str | None, typed: str | None, t: Translator) -> str | None:
    """Return what was chosen and what was typed as one text; None where neither was."""
    words = t(f"{noun}.why.{chosen}") if chosen in REASONS[noun] else None
    if words and typed:
        return t("form.reason_and_words", reason=words, words=typed)
    return words or typed
