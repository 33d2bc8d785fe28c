"""The meeting of marketing and sales: its page, and that it was held."""

from __future__ import annotations

from datetime import date

from slack_bolt import App

from bot.core.base import wall_clock
from bot.core.review import meeting
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.review import meeting as meeting_blocks
from bot.slack.context import AppContext
from bot.slack.listeners.base.pipeline import Interaction, Press, acting


def register(app: App, context: AppContext) -> None:
    """Connect the button. The page's own button asks for the form of an action, and stands with the actions."""
    app.action(ids.MEETING_HELD)(acting(context, _hold, page=page_view))


def page_view(interaction: Interaction) -> View:
    """Return what `/mql meeting` shows."""
    standing = meeting.standing(interaction.tx, interaction.workspace, interaction.now)
    return meeting_blocks.page(standing, interaction.t)


def _hold(press: Press) -> Reply | None:
    """Note that the meeting was held. In a form the page shows it; elsewhere a reply says why nothing was changed."""
    day = date.fromisoformat(press.value)
    if meeting.hold(press.tx, press.workspace, day, press.by, press.now) or press.caller.channel_id is None:
        return None
    if day > wall_clock.day_in(press.workspace.timezone, press.now):
        return Reply.MEETING_FUTURE
    if meeting.begins_later(press.tx, press.workspace, day, press.now):
        press.reply(Reply.MEETING_BEGINS_LATER, at=press.workspace.meeting_time or "")
        return None
    return Reply.MEETING_HELD_ALREADY
