"""The filters and pages of the list of all open MQLs in the App Home of leaders."""

from __future__ import annotations

from dataclasses import replace

from slack_bolt import App

from bot.core.base.permissions import Permission
from bot.core.base.results import Refusal, Refused
from bot.core.views.board import Filter
from bot.slack.blocks.base import ids
from bot.slack.context import AppContext
from bot.slack.listeners.base.pipeline import Press, acting, allowing
from storage import homes

FILTERS = {ids.HOME_REP: "rep", ids.HOME_STATE: "state", ids.HOME_TIER: "tier"}
MOST_PAGES = 10_000


def register(app: App, context: AppContext) -> None:
    """Connect the menus and the buttons."""
    leaders = allowing(Permission.LEAD, refusal=Refused(Refusal.NOT_ALLOWED))
    for action_id in FILTERS:
        app.action(action_id)(acting(context, _filter, leaders))
    for action_id in (ids.HOME_BEFORE, ids.HOME_AFTER):
        app.action(action_id)(acting(context, _turn, leaders))


def _filter(press: Press) -> None:
    """Show what passes from its first page on. The value of every option but "all" is behind an equals sign."""
    chosen = press.value.removeprefix("=") if press.value.startswith("=") else ""
    known = Filter.of(homes.chosen(press.tx, press.workspace.id, press.by))
    _choose(press, replace(known, page=0, **{FILTERS[press.action_id]: chosen}))


def _turn(press: Press) -> None:
    known = Filter.of(homes.chosen(press.tx, press.workspace.id, press.by))
    _choose(press, replace(known, page=max(0, min(press.row_id, MOST_PAGES))))


def _choose(press: Press, wanted: Filter) -> None:
    homes.choose(press.tx, press.workspace.id, press.by, wanted.to_json())
