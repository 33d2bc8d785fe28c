"""The form of an owner who cannot take an MQL."""

from __future__ import annotations

from bot.core.views.mql import MqlView
from bot.i18n import Translator
from bot.slack.blocks import ids
from bot.slack.blocks.forms import modal
from bot.slack.blocks.kit import View, section
from bot.slack.blocks.phrases import subject
from bot.slack.blocks.preset_reasons import reason_fields


def form(view: MqlView, t: Translator) -> View:
    """Return why the owner cannot take it."""
    about = section(t.md("decline.about", whom=subject(view.mql, t)))
    blocks = [about, *reason_fields("decline", ids.WHY_NOT_REASON, ids.WHY_NOT, t)]
    submit = t("decline.submit")
    return modal(t("decline.title"), blocks, t, submit=submit, callback_id=ids.DECLINE_FORM, mql=view.mql.id)
