"""/mql kpi and /mql checkup: what leaders plan and look at, apart from any MQL."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from slack_bolt import App

from bot.core.base import amounts, team
from bot.core.reports import checkup, kpi, kpi_target
from bot.core.reports.checkup import Answer
from bot.core.reports.kpi import LeadTimes, Origin, Rate, Target
from bot.i18n import Translator
from bot.slack.blocks import checkup as checkup_blocks
from bot.slack.blocks import ids, modals
from bot.slack.blocks import kpi as kpi_blocks
from bot.slack.blocks.kit import View
from bot.slack.context import AppContext
from bot.slack.listeners.forms import Errors, Form, Invalid, sent
from storage import kpi_targets, members
from storage.models import Workspace

LEAST_RATE = Fraction(1, 1000)


def register(app: App, context: AppContext) -> None:
    """Connect the forms."""
    app.view(ids.KPI_FORM)(sent(context, _target))
    app.view(ids.KPI_PAGE)(sent(context, _change))
    app.view(ids.CHECKUP_FORM)(sent(context, _checked))
    app.view(ids.CHECKUP_PAGE)(sent(context, _check_again))


def kpi_view(tx: sa.Connection, workspace: Workspace, t: Translator, now: datetime) -> View:
    """The target that counts and what it needs; where there is none yet, the form."""
    known = kpi_target.view(tx, workspace, now)
    return _form(tx, workspace, t, now) if known is None else kpi_blocks.page(known, t)


def _form(tx: sa.Connection, workspace: Workspace, t: Translator, now: datetime) -> View:
    newest = kpi_targets.newest(tx, workspace.id, now)
    before = kpi_target.target_of(newest[0]) if newest else None
    counted = kpi_target.counted(tx, workspace.id, now)
    won = kpi_target.won(tx, workspace.id, now)
    return kpi_blocks.form(before, won, counted, kpi_target.months_offered(workspace, now), t)


def checkup_view(tx: sa.Connection, workspace: Workspace, t: Translator, now: datetime) -> View:
    """The last self-check; where there is none yet, the questions."""
    last = checkup.newest(tx, workspace.id)
    return _questions(tx, workspace, t, now) if last is None else checkup_blocks.page(last, t)


def _questions(tx: sa.Connection, workspace: Workspace, t: Translator, now: datetime) -> View:
    sight = checkup.look(tx, workspace, now)
    return checkup_blocks.form(sight, checkup.last_answers(tx, workspace.id), t)


def _refused(form: Form, topic: str) -> View | None:
    if team.may_plan(members.get(form.tx, form.workspace.id, form.by)):
        return None
    return modals.notice(f"{topic}.title", form.t.md(f"reply.{topic}_not_allowed"), form.t)


def _check_again(form: Form) -> dict[str, Any] | None:
    return _refused(form, "checkup") or _questions(form.tx, form.workspace, form.t, form.now)


def _checked(form: Form) -> dict[str, Any] | None:
    if refused := _refused(form, "checkup"):
        return refused
    sight, given = checkup.look(form.tx, form.workspace, form.now), form.values
    asked = checkup.asked(sight)
    if not {*asked} <= given.keys():
        # The bot has lost sight of something since it command.
        return _questions(form.tx, form.workspace, form.t, form.now)
    missing = [point for point in asked if given[point] not in {*Answer}]
    if missing:
        raise Invalid({point.value: form.t("error.checkup_answer") for point in missing})
    answers = {point: Answer(given[point] or "") for point in asked}
    checkup.store(form.tx, form.workspace, answers, sight, form.by, form.now)
    return checkup_view(form.tx, form.workspace, form.t, form.now)


def _change(form: Form) -> dict[str, Any] | None:
    return _refused(form, "kpi") or _form(form.tx, form.workspace, form.t, form.now)


def _target(form: Form) -> dict[str, Any] | None:
    if refused := _refused(form, "kpi"):
        return refused
    kpi_target.store(form.tx, form.workspace.id, _read(form), form.by, form.now)
    return kpi_view(form.tx, form.workspace, form.t, form.now)


def _read(form: Form) -> Target:
    """The form as a target. Raises Invalid with everything that is wrong."""
    errors = Errors()
    own = kpi_target.opportunity_rate(form.tx, form.workspace.id, form.now)
    wins = kpi_target.win_rate(form.tx, form.workspace.id, form.now)
    revenue, deal = _money(form, ids.REVENUE, errors), _money(form, ids.DEAL, errors)
    first, months = _first(form, errors), _whole(form, ids.MONTHS, 1, kpi.MOST_MONTHS, "error.kpi_months", errors)
    win, opportunity, mql = (
        _rate(form, name, unknown, errors)
        for name, unknown in ((ids.WIN_RATE, wins), (ids.OPPORTUNITY_RATE, own), (ids.MQL_RATE, kpi.UNKNOWN))
    )
    named = (ids.LEAD_TO_MQL, ids.MQL_TO_OPPORTUNITY, ids.OPPORTUNITY_TO_WIN)
    days = [_whole(form, name, 0, kpi.MOST_DAYS, "error.kpi_days", errors) for name in named]
    if errors:
        raise Invalid(errors)
    return Target(revenue, deal, first, months, win, opportunity, mql, LeadTimes(*days))


def _money(form: Form, name: str, errors: Errors) -> int:
    amount = amounts.money(form.values.get(name) or "")
    if not amount:
        errors[name] = form.t("error.kpi_money")
    return amount or 1


def _rate(form: Form, name: str, unknown: Rate, errors: Errors) -> Rate:
    given = form.values.get(name)
    if given is None:
        return unknown
    share = amounts.share(given)
    if share is None or not LEAST_RATE <= share <= 1:
        errors[name] = form.t("error.kpi_rate")
        return unknown
    return Rate(Origin.GIVEN, share)


def _first(form: Form, errors: Errors) -> date:
    offered = {f"{one:%Y-%m}": one for one in kpi_target.months_offered(form.workspace, form.now)}
    chosen = offered.get(form.values.get(ids.FIRST_MONTH) or "")
    if chosen is None:
        errors[ids.FIRST_MONTH] = form.t("error.kpi_first_month")
    return chosen or date.min


def _whole(form: Form, name: str, least: int, most: int, error: str, errors: Errors) -> int:
    given = form.values.get(name) or ""
    if not (given.isascii() and given.isdecimal()) or len(given) > 9 or not least <= int(given) <= most:
        errors[name] = form.t(error, least=least, most=most)
        return least
    return int(given)
