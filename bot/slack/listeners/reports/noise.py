"""Muting the kinds of messages that nobody acts on, and having them again."""

from __future__ import annotations

from slack_bolt import App

from bot.core.base.permissions import Permission
from bot.core.messages import limits
from bot.core.reports import noise
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.reports import noise as noise_blocks
from bot.slack.context import AppContext
from bot.slack.listeners.base.pipeline import Interaction, Press, acting, allowing
from storage.vocabulary import MessageKind

leaders = allowing(Permission.MUTE, refusal=Reply.NOISE_NOT_ALLOWED)


def register(app: App, context: AppContext) -> None:
    """Connect the buttons of the report, which then shows what came of it."""
    app.action(ids.MUTE)(acting(context, lambda press: _set(press, muted=True), leaders, page=page_view))
    app.action(ids.UNMUTE)(acting(context, lambda press: _set(press, muted=False), leaders, page=page_view))


def page_view(interaction: Interaction) -> View:
    """Return what `/mql report noise` shows."""
    report = noise.report(interaction.tx, interaction.workspace, interaction.now)
    return noise_blocks.page(report, interaction.t)


def _set(press: Press, *, muted: bool) -> None:
    limits.set_muted(press.tx, press.workspace.id, MessageKind(press.value), press.by, press.now, muted=muted)
