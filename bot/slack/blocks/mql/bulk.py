"""The forms for one act on several MQLs, and what it came to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.base import team
from bot.core.base.results import Refused
from bot.core.mql.bulk import MOST, Bulk
from bot.core.views.mql import MqlView
from bot.i18n import Translator
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import field, modal, read_only, text_input
from bot.slack.blocks.base.kit import Block, Element, View, and_more, option, section, select
from bot.slack.blocks.base.phrases import numbered, owner_called, timing_text
from bot.slack.blocks.mql import handover
from bot.slack.blocks.mql.replies import private
from storage.models import Member

A_BLOCK = 10
"""How many checkboxes Slack takes in one block."""
BY_TURN = "by_turn"
"""The value of the option that gives each MQL to whose turn it is."""
REFUSALS_SHOWN = 10


def reassign(
    views: Sequence[MqlView], members: Sequence[Member], t: Translator, now: datetime, *, ticked: bool, home: bool
) -> View:
    """Return which of these MQLs are to go to whom. `ticked`: all are chosen to begin with; `home`: it was asked for in
    the App Home."""
    title = t("bulk.reassign_title")
    if not views:
        return read_only(title, [t.md("bulk.nothing")], t)
    free = [member for member in members if team.is_rep(member) and not member.deactivated]
    options = [option(t("bulk.by_turn"), BY_TURN)]
    options += [option(handover.member_name(member, t, now), member.user_id) for member in free]
    chooser = select(ids.NEW_OWNER, options, t("form.choose"), BY_TURN)
    why = text_input(ids.COMMENT, None, multiline=True)
    blocks = [
        field(ids.NEW_OWNER, t("reassign.new_owner"), chooser),
        *_choices(views, t, ticked=ticked),
        field(ids.COMMENT, t("reassign.reason"), why, optional=True, hint=t("reassign.reason_hint")),
    ]
    submit = t("reassign.submit")
    return modal(title, blocks, t, submit=submit, callback_id=ids.REASSIGN_SEVERAL_FORM, home=1 if home else None)


def remind(views: Sequence[MqlView], t: Translator) -> View:
    """Return of which MQLs the owners are to be asked."""
    title = t("bulk.remind_title")
    if not views:
        return read_only(title, [t.md("bulk.nothing")], t)
    blocks = [section(t.md("bulk.remind_about")), *_choices(views, t, ticked=False)]
    return modal(title, blocks, t, submit=t("bulk.remind_submit"), callback_id=ids.REMIND_SEVERAL_FORM, home=1)


def done(key: str, bulk: Bulk, t: Translator) -> View:
    """Return what was done, and what was not and why."""
    texts = [t.md(f"bulk.{key}_done", count=len(bulk.done))] if bulk.done else []
    for refused in _each_once(bulk.refused):
        words = {"by": refused.by, "rep": refused.by, "number": refused.number or 0}
        texts.append(private(refused.reason, t, **words).text)
    return read_only(t(f"bulk.{key}_title"), texts or [t.md("bulk.nothing")], t)


def _each_once(refused: Sequence[Refused]) -> list[Refused]:
    return list(dict.fromkeys(refused))[:REFUSALS_SHOWN]


def _choices(views: Sequence[MqlView], t: Translator, *, ticked: bool) -> list[Block]:
    """Return checkboxes by owner, the most urgent first in each."""
    of_owner: dict[str, list[MqlView]] = {}
    for view in views[:MOST]:
        of_owner.setdefault(view.mql.owner or "", []).append(view)
    blocks: list[Block] = []
    for mine in of_owner.values():
        for first in range(0, len(mine), A_BLOCK):
            blocks.append(_checkboxes(mine[first : first + A_BLOCK], len(mine), len(blocks), t, ticked=ticked))
    return [*blocks, *and_more(len(views) - MOST, t)]


def _checkboxes(views: Sequence[MqlView], count: int, place: int, t: Translator, *, ticked: bool) -> Block:
    options = [option(numbered(view.mql, t), str(view.mql.id), description=timing_text(view, t)) for view in views]
    element: Element = {"type": "checkboxes", "action_id": ids.PICKED, "options": options}
    if ticked:
        element["initial_options"] = options
    rep = owner_called(views[0], t) if views[0].mql.owner else t("status.unassigned")
    label = t("listed.part", who=rep, count=count)
    return field(f"{ids.PICKED}:{place}", label, element, optional=True)
