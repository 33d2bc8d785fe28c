"""Pausing the clocks of an MQL."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from slack_bolt import App

from bot.core.base.results import Refused
from bot.core.mql import response
from bot.slack.blocks import ids, modals
from bot.slack.blocks.kit import View
from bot.slack.context import AppContext
from bot.slack.listeners.form import Errors, Form, Invalid, sending
from bot.slack.listeners.form_data import view_or_refusal
from bot.slack.listeners.pipeline import Press, refused

MOST_PAUSE_DAYS = 366


def register(app: App, context: AppContext) -> None:
    """Connect the form."""
    app.view(ids.PAUSE_FORM)(sending(context, _take))


def pause_form(press: Press, mql_id: int) -> View | Refused:
    """Return the form that asks until when, and why."""
    view = view_or_refusal(press, mql_id)
    return view if isinstance(view, Refused) else modals.pause(view, press.t)


def _take(form: Form) -> Refused | None:
    entered, reason, errors = form.values.get(ids.PAUSE_UNTIL), form.values.get(ids.WHY_PAUSE), Errors()
    day, today = date.fromisoformat(entered) if entered else None, form.t.local_date(form.now)
    last = response.last_pause_day(form.tx, form.workspace.id, form.mql_id, form.by, today)
    last = last or today + timedelta(days=MOST_PAUSE_DAYS)
    if day is None or day <= today:
        errors[ids.PAUSE_UNTIL] = form.t("error.date_past")
    elif day > last:
        errors[ids.PAUSE_UNTIL] = form.t("error.pause_too_long", day=form.t.day(last))
    if not reason:
        errors[ids.WHY_PAUSE] = form.t("error.why_pause")
    if errors or day is None or reason is None:
        raise Invalid(errors)
    until = datetime.combine(day, time(), ZoneInfo(form.workspace.timezone)).astimezone(UTC)
    return refused(response.pause(form.tx, form.workspace.id, form.mql_id, form.by, until, reason, form.now))
