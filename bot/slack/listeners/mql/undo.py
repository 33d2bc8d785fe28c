"""The button that undoes what one tap has just done."""

from __future__ import annotations

from slack_bolt import App

from bot.core.base.results import Refused
from bot.core.mql import undo
from bot.slack.blocks.base import ids
from bot.slack.context import AppContext
from bot.slack.listeners.base.pipeline import Press, acting, core_decides, refused
from bot.slack.listeners.mql.form_data import details_page


def register(app: App, context: AppContext) -> None:
    """Connect the button."""
    app.action(ids.UNDO)(acting(context, _undo, core_decides, page=details_page))


def _undo(press: Press) -> Refused | None:
    return refused(undo.undo(press.tx, press.caller.workspace_id, press.row_id, press.by, press.now))
