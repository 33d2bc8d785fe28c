"""One form for several outcomes: a menu for each MQL, and one comment for the answers that ask for one."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.views.mql import MqlView
from bot.i18n import Translator
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import TEXT, field, modal, text_input
from bot.slack.blocks.base.kit import Block, View, and_more, option, section, select
from bot.slack.blocks.base.phrases import numbered, timing_text
from bot.slack.blocks.mql import quick_disposition

SHOWN = 10
LATER = "later"
"""The value of the option that says nothing: a menu that was chosen from cannot be emptied again."""


def several(views: Sequence[MqlView], t: Translator, *, from_home: bool = False) -> View:
    """Return the first of these MQLs, each to be answered or left as it is."""
    blocks = [section(t.md("several.about")), *(_row(view, t) for view in views[:SHOWN])]
    blocks += and_more(len(views) - SHOWN, t, "several.more")
    comment = text_input(ids.COMMENT, None, most=TEXT, multiline=True)
    blocks.append(field(ids.COMMENT, t("several.comment"), comment, optional=True, hint=t("several.comment_hint")))
    home = {"home": 1} if from_home else {}
    title, submit = t("several.title"), t("several.submit")
    return modal(title, blocks, t, submit=submit, callback_id=ids.SEVERAL_FORM, **home)


def block_of(mql_id: int) -> str:
    """Return the id of the block in which an MQL is answered."""
    return f"{ids.SEVERAL_ANSWER}:{mql_id}"


def _row(view: MqlView, t: Translator) -> Block:
    answers = [*quick_disposition.options(view, t, alone=False), option(t("several.later"), LATER)]
    menu = select(ids.SEVERAL_ANSWER, answers, t("several.choose"))
    return field(block_of(view.mql.id), numbered(view.mql, t), menu, optional=True, hint=timing_text(view, t))
