"""What Slack asks for while somebody types into a menu of places. It is the same for everybody, and holds no data."""

from __future__ import annotations

from collections.abc import Callable

from slack_bolt import Ack, App

from bot.i18n import Translator
from bot.slack.blocks.base import ids, place_menus
from bot.slack.blocks.base.kit import Element
from bot.slack.caller import Caller
from bot.slack.context import AppContext
from bot.slack.listeners.base.pipeline import Body, Interaction, Listener

MENUS: dict[str, Callable[[str, Translator], list[Element]]] = {
    ids.TIMEZONE_MENU: place_menus.timezones_matching,
    ids.OWN_TIMEZONE_MENU: place_menus.own_timezones_matching,
    ids.HOLIDAYS_MENU: place_menus.holidays_matching,
}


def register(app: App, context: AppContext) -> None:
    """Connect the menus."""
    for action_id, matching in MENUS.items():
        app.options(action_id)(_answering(context, matching))


def _answering(context: AppContext, matching: Callable[[str, Translator], list[Element]]) -> Listener:
    def listener(ack: Ack, body: Body) -> None:
        with context.database.snapshot() as tx:
            t = Interaction(tx, context, Caller.of(body), context.now()).t
        ack(options=matching(body["value"], t))

    return listener
