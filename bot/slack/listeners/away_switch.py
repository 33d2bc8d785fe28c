"""The away switch of the App Home: a rep gets no new MQLs until a day, or is back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from slack_bolt import App

from bot.core.base import team
from bot.core.routing import assignment
from bot.slack.blocks import ids, modals
from bot.slack.blocks.kit import View
from bot.slack.blocks.reply_keys import Reply
from bot.slack.context import AppContext
from bot.slack.listeners.absence import MOST_AWAY_DAYS
from bot.slack.listeners.form import Form, Invalid, sending
from bot.slack.listeners.pipeline import Press, acting, opening


def register(app: App, context: AppContext) -> None:
    """Connect the buttons and the form."""
    app.action(ids.AWAY)(opening(context, _form))
    app.action(ids.BACK)(acting(context, _back))
    app.view(ids.AWAY_FORM)(sending(context, _away))


def _form(press: Press) -> View:
    return modals.away(press.t, press.t.local_date(press.now) + timedelta(days=1))


def _away(form: Form) -> Reply | None:
    entered, today = form.values.get(ids.BACK_ON), form.t.local_date(form.now)
    day = date.fromisoformat(entered) if entered else today
    if not today < day <= today + timedelta(days=MOST_AWAY_DAYS):
        raise Invalid({ids.BACK_ON: form.t("error.date_past")})
    until = datetime.combine(day, time(), ZoneInfo(form.workspace.timezone)).astimezone(UTC)
    return None if team.set_away(form.tx, form.workspace.id, form.by, form.now, until) else Reply.ONLY_REPS


def _back(press: Press) -> Reply | None:
    back = assignment.bring_back(press.tx, press.workspace.id, press.by, press.now)
    return None if back else Reply.ONLY_REPS
