"""What Slack asks for while somebody types into a menu of the settings. Only who may change them is answered: words are
those of leads, and user groups those of the company."""

from __future__ import annotations

from collections.abc import Callable

from slack_bolt import Ack, App

from bot.core.routing.known_words import CONDITIONS, TIERS, known_words
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import Element
from bot.slack.blocks.settings import suggestions
from bot.slack.caller import Caller
from bot.slack.context import AppContext
from bot.slack.listeners.base.pipeline import Body, Interaction, Listener
from bot.slack.listeners.settings.pages import admins

Options = Callable[[Interaction, Body], list[Element]]
FIELD = f"{ids.SETTING_FIELD}:when."


def register(app: App, context: AppContext) -> None:
    """Connect the menus."""
    app.options(ids.REMINDERS_MENU)(_answering(context, _reminders))
    app.options(ids.HOURS_MENU)(_answering(context, _hours))
    app.options(ids.WORDS_MENU)(_answering(context, _words))
    app.options(ids.GROUPS_MENU)(_groups(context))


def _answering(context: AppContext, matching: Options) -> Listener:
    def listener(ack: Ack, body: Body) -> None:
        with context.database.snapshot() as tx:
            interaction = Interaction(tx, context, Caller.of(body), context.now())
            options = matching(interaction, body) if _may_ask(interaction) else []
        ack(options=options)

    return listener


def _groups(context: AppContext) -> Listener:
    def listener(ack: Ack, body: Body) -> None:
        with context.database.snapshot() as tx:
            answers = _may_ask(Interaction(tx, context, Caller.of(body), context.now()))
        # Slack is asked outside of the transaction.
        ack(options=suggestions.groups_matching(body["value"], context.user_groups.asked()) if answers else [])

    return listener


def _may_ask(interaction: Interaction) -> bool:
    return interaction.configured and admins(interaction) is None


def _reminders(interaction: Interaction, body: Body) -> list[Element]:
    return suggestions.reminders_matching(body["value"], interaction.t)


def _hours(interaction: Interaction, body: Body) -> list[Element]:
    return suggestions.hours_matching(body["value"], interaction.t)


def _words(interaction: Interaction, body: Body) -> list[Element]:
    condition = str(body.get("block_id", "")).removeprefix(FIELD)
    if condition not in CONDITIONS:
        return []
    known = known_words(interaction.tx, interaction.workspace.id, condition, interaction.t.locale)
    return suggestions.words_matching(body["value"], known, free=condition != TIERS)
