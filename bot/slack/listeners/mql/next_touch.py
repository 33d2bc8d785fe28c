"""The next touch: the menu of days and the form."""

from __future__ import annotations

from datetime import date

from slack_bolt import App

from bot.core.base.permissions import Permission
from bot.core.base.results import Refusal, Refused
from bot.core.mql import next_touch
from bot.core.sla import working_days
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.base.preset_days import PRESETS, day_of
from bot.slack.blocks.mql import next_touch as blocks
from bot.slack.context import AppContext
from bot.slack.listeners.base.form import Form, Invalid, sending
from bot.slack.listeners.base.pipeline import Press, acting, anybody, refused
from bot.slack.listeners.mql.form_data import details_page, view_or_refusal


def register(app: App, context: AppContext) -> None:
    """Connect the menu and the form."""
    app.action(ids.NEXT_TOUCH)(acting(context, _choose, anybody, page=details_page))
    app.view(ids.NEXT_TOUCH_FORM)(sending(context, _take))


def next_touch_form(press: Press, mql_id: int) -> View | Refused:
    """Return the form that asks for the day."""
    view = view_or_refusal(press, mql_id, Permission.NEXT_TOUCH, Refusal.TOUCH_NOT_OWNER)
    return view if isinstance(view, Refused) else blocks.form(view, press.t, press.t.local_date(press.now))


def _choose(press: Press) -> View | Refused | None:
    """Promise the day; for another one, ask."""
    chosen, _, mql_id = press.value.partition(":")
    if chosen not in PRESETS:
        return next_touch_form(press, int(mql_id))
    opens = working_days.next_working_day(press.tx, press.workspace)
    day = day_of(chosen, press.t.local_date(press.now), opens)
    return refused(next_touch.promise(press.tx, press.workspace.id, int(mql_id), press.by, day, press.now))


def _take(form: Form) -> Refused | None:
    entered = form.values.get(ids.NEXT_TOUCH_ON)
    day = date.fromisoformat(entered) if entered else None
    problem = blocks.problem(day, form.t.local_date(form.now), form.t)
    if problem is not None or day is None:
        raise Invalid({ids.NEXT_TOUCH_ON: problem or ""})
    return refused(next_touch.promise(form.tx, form.workspace.id, form.mql_id, form.by, day, form.now))
