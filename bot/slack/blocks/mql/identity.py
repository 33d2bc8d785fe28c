"""Direct messages about the person of an MQL: what they wrote again, that they are back, that two MQLs are one."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.views.mql import MqlView, Timeline, Words
from bot.i18n import Translator
from bot.slack.blocks.base.kit import Message, actions, context, lines, message, section
from bot.slack.blocks.base.phrases import link, numbered, owner_name
from bot.slack.blocks.base.text import bare_name, clean, clip
from bot.slack.blocks.mql import buttons, related
from storage.vocabulary import EventType

WORDS_SHOWN = 600
TEXTS_SHOWN = 5
ON_LOCK_SCREEN = 150


def new_words(view: MqlView, written: Sequence[Words], t: Translator, reader: str | None = None) -> Message:
    """To whoever has the MQL: its lead has written again, and what. `written`: the newest first."""
    key = "identity.new_words" if reader in (None, view.mql.owner) else "identity.new_words_to_leader"
    names = {"whom": numbered(view.mql, t), "rep": owner_name(view, t)}
    if view.mql.owner is None:
        key = "identity.new_words_unowned"
    sentence = t.md(key, **names)
    first = clip(clean(written[0].text), ON_LOCK_SCREEN) if written else ""
    text = lines([sentence, t.md("identity.quoted", text=first) if first else None])
    blocks = [section(sentence), *related.quoted(written, t, WORDS_SHOWN, TEXTS_SHOWN)]
    return message(text, [*blocks, context(t.md("show.card", link=link(view, t))), *actions([buttons.show(view, t)])])


def lead_back(view: MqlView, t: Translator) -> Message:
    """To whoever had the former MQL: its lead is back as another one, and who has that."""
    former = view.related.former if view.related else None
    number = f"#{former.mql.number}" if former else t("identity.an_earlier_one")
    key = "identity.lead_back" if view.mql.owner else "identity.lead_back_unowned"
    return message(
        sentence := t.md(key, former=number, whom=numbered(view.mql, t), rep=owner_name(view, t)),
        [section(sentence), context(t.md("show.card", link=link(view, t)))],
    )


def merged(view: MqlView, entry: Timeline, t: Translator) -> Message:
    """To the owners of two MQLs that somebody has made one, or has parted again."""
    names = {"actor": bare_name(entry.actor) or t("note.bot"), "whom": numbered(view.mql, t)}
    other = entry.event.data.get("into", entry.event.data.get("number", 0))
    word = {EventType.MERGED: "gone", EventType.MERGED_IN: "stays"}.get(entry.event.type, "undone")
    if word == "undone":
        word = "undone_gone" if "into" in entry.event.data else "undone_stays"
    sentence = t.md(f"identity.merged.{word}", other=f"#{other}", **names)
    blocks = [section(sentence)]
    if word == "stays":
        blocks += related.words_of_lead(view, t, WORDS_SHOWN)
    return message(
        sentence, [*blocks, context(t.md("show.card", link=link(view, t))), *actions([buttons.show(view, t)])]
    )
