"""Merging two MQLs: the button on an MQL's page, and the form that asks with which one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal

from bot.core.views.mql import MqlView
from bot.i18n import Translator
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import field, modal, text_input
from bot.slack.blocks.base.kit import Element, View, button, option, section, select
from bot.slack.blocks.base.phrases import numbered, owner_name
from bot.slack.blocks.mql.related import state

LONGEST_SOUGHT = 100


def offered(view: MqlView, act: Literal["merge", "undo"] | None, t: Translator) -> list[Element]:
    """Return the button that merges the MQL with another one, or takes its merge back."""
    if act is None:
        return []
    words = t("button.merge" if act == "merge" else "button.undo_merge")
    action_id = ids.MERGE if act == "merge" else ids.UNDO_MERGE
    return [button(words, action_id, view.mql.id, say=f"{words} #{view.mql.number}")]


def found_id(sought: str) -> str:
    """Return the field that offers what was found by a text. A checksum, for an id is no place for what people type."""
    return f"{ids.MERGE_FOUND}:{hashlib.sha256(sought.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def form(view: MqlView, others: Sequence[MqlView], t: Translator, sought: str | None = None) -> View:
    """Return the form that asks which other MQL is the same lead. `others`: the likeliest first, or what was found by
    the text `sought`; any can be typed."""
    typed = field(
        ids.MERGE_NUMBER,
        t("merge.number"),
        text_input(ids.MERGE_NUMBER, None, most=LONGEST_SOUGHT),
        optional=True,
        hint=t("merge.number_hint"),
    )
    blocks = [section(t.md("merge.about", whom=numbered(view.mql, t)))]
    if sought is not None:
        # What was typed stays above what it has found.
        blocks.append(typed)
    if others:
        options = [option(numbered(other.mql, t), str(other.mql.id), description=_where(other, t)) for other in others]
        only = str(others[0].mql.id) if sought is not None and len(others) == 1 else None
        chooser = select(ids.MERGE_WITH, options, t("merge.search"), only)
        name = ids.MERGE_WITH if sought is None else found_id(sought)
        blocks.append(field(name, t("merge.with"), chooser, optional=True))
    if sought is None:
        blocks.append(typed)
    submit = t("merge.submit")
    return modal(t("merge.title"), blocks, t, submit=submit, callback_id=ids.MERGE_FORM, mql=view.mql.id)


def _where(view: MqlView, t: Translator) -> str:
    if view.mql.owner is None:
        return state(view.mql, t)
    return t("merge.where", state=state(view.mql, t), rep=owner_name(view, t))
