"""Reasons that one tap chooses instead of typing, beside a field for one's own words. The words of a reason are
`<noun>.why.<reason>`."""

from __future__ import annotations

from bot.i18n import Translator
from bot.slack.blocks.forms import TEXT, field, radio_buttons, text_input
from bot.slack.blocks.kit import Block, option

REASONS = {
    "decline": ("area", "busy", "colleague", "absent"),
    "pause": ("appointment", "material", "decision"),
}
"""By what is to be explained, the most frequent first."""


def reason_fields(noun: str, chosen: str, typed: str, t: Translator, *, most: int = TEXT) -> list[Block]:
    """Return the choice and the field for one's own words, each by its id; one of the two is enough."""
    options = [option(t(f"{noun}.why.{reason}"), reason) for reason in REASONS[noun]]
    own = text_input(typed, None, most=most, multiline=True)
    return [
        field(chosen, t(f"{noun}.reason"), radio_buttons(chosen, options), optional=True),
        field(typed, t("form.own_words"), own, optional=True, hint=t(f"{noun}.reason_hint")),
    ]


def reason_text(noun: str, chosen: str | None, typed: str | None, t: Translator) -> str | None:
    """Return what was chosen and what was typed as one text; None where neither was."""
    words = t(f"{noun}.why.{chosen}") if chosen in REASONS[noun] else None
    if words and typed:
        return t("form.reason_and_words", reason=words, words=typed)
    return words or typed
