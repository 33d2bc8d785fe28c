"""A rep's own week by message: starting and stopping it."""

from __future__ import annotations

from slack_bolt import App

from bot.core.base import team
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.reports import own_week
from bot.slack.context import AppContext
from bot.slack.listeners.base.pipeline import Press, acting, anybody


def register(app: App, context: AppContext) -> None:
    """Connect the button."""
    app.action(ids.OWN_WEEK)(acting(context, _choose, anybody))


def _choose(press: Press) -> Reply:
    """Start or stop it. Whoever presses Stop in an old message hears that it has been stopped."""
    wants = press.value == own_week.ON
    gets_it = press.member is not None and team.gets_own_week(press.member, press.workspace)
    if not team.choose_own_week(press.tx, press.workspace.id, press.by, wants=wants):
        return Reply.OWN_WEEK_ONLY_REPS
    if wants:
        return Reply.OWN_WEEK_ON
    return Reply.OWN_WEEK_OFF if gets_it else Reply.OWN_WEEK_OFF_ALREADY
