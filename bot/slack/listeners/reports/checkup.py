"""/mql checkup: how marketing and sales work together, in twelve points."""

from __future__ import annotations

from slack_bolt import App

from bot.core.base.permissions import Permission
from bot.core.reports import checkup
from bot.core.reports.checkup import Answer
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.reports import checkup as checkup_blocks
from bot.slack.context import AppContext
from bot.slack.listeners.base.form import Form, Invalid, sending
from bot.slack.listeners.base.pipeline import Interaction, allowing

planners = allowing(Permission.CHECKUP, refusal=Reply.CHECKUP_NOT_ALLOWED)


def register(app: App, context: AppContext) -> None:
    """Connect the forms."""
    app.view(ids.CHECKUP_FORM)(sending(context, _take, planners, title="checkup.title"))
    app.view(ids.CHECKUP_PAGE)(sending(context, _questions, planners, title="checkup.title"))


def checkup_view(interaction: Interaction) -> View:
    """Return the last self-check; where there is none yet, the questions."""
    last = checkup.newest(interaction.tx, interaction.workspace.id)
    return _questions(interaction) if last is None else checkup_blocks.page(last, interaction.t)


def _questions(interaction: Interaction) -> View:
    sight = checkup.look(interaction.tx, interaction.workspace, interaction.now)
    return checkup_blocks.form(sight, checkup.last_answers(interaction.tx, interaction.workspace.id), interaction.t)


def _take(form: Form) -> View:
    sight, values = checkup.look(form.tx, form.workspace, form.now), form.values
    points = checkup.asked(sight)
    if not {*points} <= values.keys():
        # The bot has lost sight of something since it asked.
        return _questions(form)
    missing = [point for point in points if values[point] not in {*Answer}]
    if missing:
        raise Invalid({point.value: form.t("error.checkup_answer") for point in missing})
    answers = {point: Answer(values[point] or "") for point in points}
    checkup.store(form.tx, form.workspace, answers, sight, form.by, form.now)
    return checkup_view(form)
