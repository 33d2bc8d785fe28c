"""The form of how a lead was contacted."""

from __future__ import annotations

from bot.core.views.mql import MqlView
from bot.i18n import Translator
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import field, modal, radio_buttons, text_input
from bot.slack.blocks.base.kit import View, option, section
from bot.slack.blocks.base.phrases import subject
from storage.vocabulary import Evidence

NOTE = 300  # as much as the thread shows

TOLD_BY_PEOPLE = (Evidence.CALL, Evidence.EMAIL, Evidence.MEETING, Evidence.NOTE)


def how(view: MqlView, t: Translator) -> View:
    """Return how the lead was contacted. Sent before a press on Contacted, it is that press too."""
    options = [option(t(f"evidence.{kind}"), kind.value) for kind in TOLD_BY_PEOPLE]
    kinds = radio_buttons(ids.CONTACT_KIND, options)
    note = text_input(ids.CONTACT_NOTE, None, most=NOTE, multiline=True)
    blocks = [
        section(t.md("how.about", whom=subject(view.mql, t))),
        field(ids.CONTACT_KIND, t("how.kind"), kinds),
        field(ids.CONTACT_NOTE, t("how.note"), note, optional=True, hint=t("how.note_hint")),
    ]
    return modal(t("how.title"), blocks, t, submit=t("how.submit"), callback_id=ids.HOW_FORM, mql=view.mql.id)
