"""Pausing the clocks of an MQL, and the leaders' consent to a pause beyond the limit."""

from __future__ import annotations

from datetime import date, timedelta

from slack_bolt import App

from bot.core.base.permissions import Permission
from bot.core.base.results import Refusal, Refused
from bot.core.mql import pauses
from bot.core.sla import working_days
from bot.slack.blocks.base import forms, ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.base.preset_days import OTHER_DAY
from bot.slack.blocks.base.preset_reasons import reason_field, reason_text
from bot.slack.blocks.mql import pauses as blocks
from bot.slack.context import AppContext
from bot.slack.listeners.base.form import Errors, Form, Invalid, sending
from bot.slack.listeners.base.pipeline import Press, acting, core_decides, opening, refused
from bot.slack.listeners.mql.form_data import view_or_refusal
from storage import mqls
from storage.vocabulary import EventType

MOST_PAUSE_DAYS = 366


def register(app: App, context: AppContext) -> None:
    """Connect the forms and the buttons."""
    app.view(ids.PAUSE_FORM)(sending(context, _take))
    app.action(ids.CONSENT_PAUSE)(acting(context, _consent, core_decides))
    app.action(ids.REFUSE_PAUSE)(opening(context, _refuse_form))
    app.view(ids.REFUSE_PAUSE_FORM)(sending(context, _refuse))


def pause_form(press: Press, mql_id: int) -> View | Refused:
    """Return the form that asks until when, and why."""
    view = view_or_refusal(press, mql_id, Permission.PAUSE)
    if isinstance(view, Refused):
        return view
    last = pauses.last_day(press.tx, press.workspace.id, mql_id, press.by, press.now)
    opens = working_days.next_working_day(press.tx, press.workspace)
    return blocks.form(view, last, press.t, press.t.local_date(press.now), opens)


def _take(form: Form) -> View | Refused | None:
    day, today, errors = _day(form), form.t.local_date(form.now), Errors()
    reason = reason_text("pause", form.values.get(ids.WHY_PAUSE_REASON), form.values.get(ids.WHY_PAUSE), form.team_t)
    if day is None:
        errors[ids.PAUSE_UNTIL if form.values.get(ids.PAUSE_PRESET) else ids.PAUSE_PRESET] = form.t("error.choose_day")
    elif day <= today:
        errors[ids.PAUSE_UNTIL] = form.t("error.date_past")
    elif day > today + timedelta(days=MOST_PAUSE_DAYS):
        errors[ids.PAUSE_UNTIL] = form.t("error.pause_too_long", count=MOST_PAUSE_DAYS)
    if not reason:
        errors[reason_field(ids.WHY_PAUSE_REASON, ids.WHY_PAUSE, form.values)] = form.t("error.why_pause")
    if errors or day is None or reason is None:
        raise Invalid(errors)
    outcome = pauses.pause(form.tx, form.workspace.id, form.mql_id, form.by, day, reason, form.now)
    if isinstance(outcome, pauses.Asked):
        return forms.notice("pause.title", form.t.md("pause.asked", until=form.t.moment(outcome.until)), form.t)
    return refused(outcome)


def _day(form: Form) -> date | None:
    """Return the day that was picked, or else the one that was chosen."""
    picked, preset = form.values.get(ids.PAUSE_UNTIL), form.values.get(ids.PAUSE_PRESET)
    day = picked or (preset if preset != OTHER_DAY else None)
    return date.fromisoformat(day) if day else None


def _consent(press: Press) -> Refused | None:
    return refused(pauses.consent(press.tx, press.caller.workspace_id, press.row_id, press.by, press.now))


def _refuse_form(press: Press) -> View | Refused:
    asked = mqls.get_event(press.tx, press.workspace.id, press.row_id)
    asked = asked if asked is not None and asked.type == EventType.PAUSE_ASKED else None
    view = view_or_refusal(press, asked.mql_id if asked else 0, Permission.CONSENT, Refusal.CONSENT_NOT_ALLOWED)
    return view if isinstance(view, Refused) else blocks.refuse_form(view, press.row_id, press.t)


def _refuse(form: Form) -> Refused | None:
    why = form.values.get(ids.WHY_PAUSE_REFUSED)
    if not why:
        raise Invalid({ids.WHY_PAUSE_REFUSED: form.t("error.why_pause_refused")})
    request_id = int(form.metadata.get("request") or 0)
    return refused(pauses.refuse(form.tx, form.workspace.id, request_id, form.by, why, form.now))
