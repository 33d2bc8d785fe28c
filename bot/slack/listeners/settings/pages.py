"""/mql settings: everything that the team file holds, one decision at a time, with its effect before it is saved.

A form is sent once to see its effect, and again, unchanged, to save it. What is slow follows in the open form.
"""

from __future__ import annotations

from slack_bolt import Ack, App

from bot.core.base.permissions import Permission
from bot.core.settings import Settings, present
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.settings import pages
from bot.slack.blocks.settings.groups import Places, Target
from bot.slack.blocks.settings.screens import SCREENS, Form, Place
from bot.slack.context import AppContext
from bot.slack.listeners.agreement import definition
from bot.slack.listeners.base.pipeline import Body, Interaction, Listener, Press, allowing, opening, turning
from bot.slack.listeners.settings import form
from bot.slack.listeners.sources import sources

WITH_GROUPS = frozenset(
    name
    for name, screen in SCREENS.items()
    if isinstance(screen, Form) and any(isinstance(each.kind, Places | Target) for each in screen.fields)
)
"""Forms in which a user group may stand."""
admins = allowing(Permission.SETTINGS, refusal=Reply.SETTINGS_NOT_ALLOWED)


def register(app: App, context: AppContext) -> None:
    """Connect the buttons and the form."""
    app.action(ids.SETTINGS)(opening(context, page_view, admins))
    for button in (ids.SETTING, ids.SETTING_BACK, ids.SETTING_NEXT):
        app.action(button)(_knowing_groups(context, turning(context, _show, admins)))
    app.action(ids.SETTING_PERSON)(turning(context, _person, admins))
    app.view(ids.SETTINGS_FORM)(form.listener(context, admins))


def _knowing_groups(context: AppContext, turned: Listener) -> Listener:
    """Ask Slack for the user groups before a form is shown that names them: no transaction waits for the network."""

    def listener(ack: Ack, body: Body) -> None:
        ack()
        place = _place(str(body["actions"][0].get("value")))
        if place is not None and place.screen in WITH_GROUPS:
            context.user_groups.asked()
        turned(ack, body)

    return listener


def page_view(interaction: Interaction) -> View:
    """Return the list of all settings."""
    return pages.page(Place("settings"), _settings(interaction), interaction.t)


def _settings(interaction: Interaction) -> Settings:
    settings = present(interaction.tx, interaction.workspace.id)
    if settings is None:
        raise LookupError(interaction.workspace.id)
    return settings


def _show(press: Press) -> View | Reply:
    place = _place(press.value)
    if place is None:
        return Reply.FORM_EXPIRED
    if place.screen == "definition":
        return definition.page_view(press)
    if place.screen == "sources":
        return sources.page_view(press)
    settings = _settings(press)
    gone = form.is_gone(place, settings.document)
    shown, notice = (Place("settings"), press.t.md("settings.gone")) if gone else (place, None)
    return pages.page(shown, settings, press.t, notice, press.context.user_groups.known)


def _person(press: Press) -> View | Reply:
    """Show the form of somebody who was picked from all people of Slack, on the roster or new."""
    return pages.page(Place("member", ("members", press.value)), _settings(press), press.t)


def _place(value: str) -> Place | None:
    try:
        return Place.read(value)
    except ValueError:
        return None
