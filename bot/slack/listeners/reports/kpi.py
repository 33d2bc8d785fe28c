"""/mql kpi: the revenue target, and what it needs."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from slack_bolt import App

from bot.core.base import amounts
from bot.core.base.permissions import Permission
from bot.core.reports import kpi, kpi_target
from bot.core.reports.kpi import LeadTimes, Origin, Rate, Target
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.reports import kpi as kpi_blocks
from bot.slack.context import AppContext
from bot.slack.listeners.base.form import Errors, Form, Invalid, sending
from bot.slack.listeners.base.pipeline import Interaction, allowing
from storage import kpi_targets

LEAST_RATE = Fraction(1, 1000)

planners = allowing(Permission.KPI, refusal=Reply.KPI_NOT_ALLOWED)


def register(app: App, context: AppContext) -> None:
    """Connect the forms."""
    app.view(ids.KPI_FORM)(sending(context, _take, planners, title="kpi.title"))
    app.view(ids.KPI_PAGE)(sending(context, _form, planners, title="kpi.title"))


def kpi_view(interaction: Interaction) -> View:
    """Return the target that counts and what it needs; where there is none yet, the form."""
    target = kpi_target.view(interaction.tx, interaction.workspace, interaction.now)
    return _form(interaction) if target is None else kpi_blocks.page(target, interaction.t)


def _form(interaction: Interaction) -> View:
    tx, workspace, now = interaction.tx, interaction.workspace, interaction.now
    newest = kpi_targets.newest(tx, workspace.id, now)
    before = kpi_target.target_of(newest[0]) if newest else None
    counted, won = kpi_target.counted(tx, workspace.id, now), kpi_target.won(tx, workspace.id, now)
    leads = kpi_target.leads(tx, workspace, now)
    return kpi_blocks.form(before, won, counted, leads, kpi_target.months_offered(workspace, now), interaction.t)


def _take(form: Form) -> View:
    kpi_target.store(form.tx, form.workspace.id, _read(form), form.by, form.now)
    return kpi_view(form)


def _read(form: Form) -> Target:
    """Return the form as a target. Raises Invalid with everything that is wrong."""
    errors = Errors()
    own = kpi_target.opportunity_rate(form.tx, form.workspace.id, form.now)
    wins = kpi_target.win_rate(form.tx, form.workspace.id, form.now)
    leads = kpi_target.lead_rate(form.tx, form.workspace, form.now) or kpi.UNKNOWN
    revenue, deal = _money(form, ids.REVENUE, errors), _money(form, ids.DEAL, errors)
    first, months = _first(form, errors), _whole(form, ids.MONTHS, 1, kpi.MOST_MONTHS, "error.kpi_months", errors)
    win, opportunity, mql = (
        _rate(form, name, unknown, errors)
        for name, unknown in ((ids.WIN_RATE, wins), (ids.OPPORTUNITY_RATE, own), (ids.MQL_RATE, leads))
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
    entered = form.values.get(name)
    if entered is None:
        return unknown
    share = amounts.share(entered)
    if share is None or not LEAST_RATE <= share <= 1:
        errors[name] = form.t("error.kpi_rate")
        return unknown
    return Rate(Origin.GIVEN, share)


def _first(form: Form, errors: Errors) -> date:
    offered = {f"{month:%Y-%m}": month for month in kpi_target.months_offered(form.workspace, form.now)}
    chosen = offered.get(form.values.get(ids.FIRST_MONTH) or "")
    if chosen is None:
        errors[ids.FIRST_MONTH] = form.t("error.kpi_first_month")
    return chosen or date.min


def _whole(form: Form, name: str, least: int, most: int, error: str, errors: Errors) -> int:
    entered = form.values.get(name) or ""
    if not (entered.isascii() and entered.isdecimal()) or len(entered) > 9 or not least <= int(entered) <= most:
        errors[name] = form.t(error, least=least, most=most)
        return least
    return int(entered)
