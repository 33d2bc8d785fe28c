"""The buttons of the help: my MQLs, the team, a new MQL, every command."""

from __future__ import annotations

from slack_bolt import App

from bot.core.base.permissions import Permission
from bot.core.views import board as team_board
from bot.core.views import home
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import Message, View
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.mql import intake
from bot.slack.blocks.views import menu
from bot.slack.context import AppContext
from bot.slack.listeners.base.pipeline import Interaction, Press, allowing, opening
from storage import members, mqls

sees_everybody = allowing(Permission.SEE_EVERYBODY, refusal=Reply.LIST_NOT_ALLOWED)


def register(app: App, context: AppContext) -> None:
    """Connect the buttons."""
    app.action(ids.MENU_LIST)(opening(context, _mine))
    app.action(ids.MENU_TEAM)(opening(context, _team, sees_everybody))
    app.action(ids.MENU_NEW)(opening(context, new_form))


def board(interaction: Interaction) -> Message:
    """Return what is open with each rep."""
    return menu.team_board(_board(interaction), interaction.t)


def new_form(interaction: Interaction) -> View:
    """Return the form of an MQL entered by hand."""
    known = mqls.channels(interaction.tx, interaction.workspace.id, intake.CHANNELS_OFFERED)
    return intake.new_mql(interaction.t, channels=known)


def _mine(press: Press) -> View:
    return menu.list_page(home.open_of(press.tx, press.workspace, press.by), press.t, press.now)


def _team(press: Press) -> View:
    return menu.team_page(_board(press), press.t)


def _board(interaction: Interaction) -> team_board.Board:
    tx, workspace = interaction.tx, interaction.workspace
    return team_board.board(tx, workspace, interaction.now, members.roster(tx, workspace.id))
