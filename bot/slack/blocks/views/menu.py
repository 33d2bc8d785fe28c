"""The way to everything: help by role, as buttons; lists of MQLs, and the team."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.base import permissions, team
from bot.core.base.permissions import Permission
from bot.core.views.board import Board
from bot.core.views.mql import MqlView
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import modal
from bot.slack.blocks.base.kit import Block, Element, Message, View, actions, button, first_of, message, section
from bot.slack.blocks.base.text import line
from bot.slack.blocks.mql import buttons
from bot.slack.blocks.mql.replies import LISTED, help_text, mql_list, row
from bot.slack.blocks.routing.absences import open_button
from bot.slack.blocks.views import home_team
from storage.models import Member


def help_by_role(member: Member | None, t: Translator) -> Message:
    """Return what a person of this role does here, and the buttons that do it."""
    text = t.md(f"menu.{_role(member)}")
    return message(text, [section(text), *actions([*menu(member, t), _all_commands(t)])])


def menu(member: Member | None, t: Translator) -> list[Element]:
    """Return the buttons of a role, what is needed most first."""
    rep = team.is_rep(member)
    leads, marketer = permissions.may(member, Permission.LEAD), team.is_marketer(member)
    own = {ids.MENU_LIST: "button.menu_list", ids.SEVERAL: "button.several"}
    shown = [button(t(words), action, 0) for action, words in own.items() if rep]
    shown += [button(t("button.menu_team"), ids.MENU_TEAM, 0)] if leads or marketer else []
    shown += [open_button(t)] if leads or team.may_be_away(member) else []
    return [*shown, button(t("button.menu_new"), ids.MENU_NEW, 0)]


def _all_commands(t: Translator) -> Element:
    return button(t("button.menu_help"), ids.MENU_HELP, 0)


def _role(member: Member | None) -> str:
    if permissions.may(member, Permission.LEAD):
        return "leader"
    return "marketer" if team.is_marketer(member) else "rep"


TYPED = 60


def unknown(typed: str, close: str | None, member: Member | None, t: Translator) -> Message:
    """Return that there is no such command, which one was probably meant, and the buttons."""
    typed = line(typed, TYPED)
    text = t.md("menu.did_you_mean", typed=typed, close=close) if close else t.md("menu.unknown", typed=typed)
    return message(text, [section(text), *actions([*menu(member, t), _all_commands(t)])])


def commands_page(commands: Sequence[tuple[str, str]], t: Translator) -> View:
    """Return every command in one line each."""
    return modal(t("menu.title"), help_text(commands, t).blocks, t)


def list_page(views: Sequence[MqlView], t: Translator, now: datetime) -> View:
    """Return the reader's open MQLs as a page."""
    return modal(t("menu.list_title"), mql_list(views, t, now).blocks, t)


def listed(heading: Mrkdwn, views: Sequence[MqlView], t: Translator, now: datetime) -> Message:
    """Return MQLs of anybody below a sentence."""
    above: list[Block] = [section(heading)]
    rows = first_of(views, LISTED, lambda view: [row(view, t, now, owner=True)], t, beside=above)
    return message(heading, [*above, *rows])


def to_do(heading: Mrkdwn, views: Sequence[MqlView], t: Translator, now: datetime, reader: Member) -> list[Block]:
    """Return MQLs, whoever has them, with the buttons of what their reader may do."""

    def with_buttons(view: MqlView) -> list[Block]:
        shown = row(view, t, now, owner=view.mql.owner != reader.user_id)
        return [shown, *actions(buttons.for_reader(view, t, reader))]

    above: list[Block] = [section(heading)]
    return [*above, *first_of(views, LISTED, with_buttons, t, beside=above)]


def team_board(of_team: Board, t: Translator) -> Message:
    """Return what is open with each rep, the most overdue first."""
    return message(home_team.board_title(of_team, t), home_team.board(of_team, t, LISTED))


def team_page(of_team: Board, t: Translator) -> View:
    """Return the same as a page."""
    return modal(t("menu.team_title"), team_board(of_team, t).blocks, t)
