"""Disputing a disqualification, and deciding the dispute."""

from __future__ import annotations

from slack_bolt import App

from bot.core.base.permissions import Permission
from bot.core.base.results import Refusal, Refused
from bot.core.mql import disputes
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.mql import disputes as dispute_blocks
from bot.slack.context import AppContext
from bot.slack.listeners.base.form import Form, Invalid, sending
from bot.slack.listeners.base.pipeline import Press, acting, core_decides, opening, refused
from bot.slack.listeners.mql.form_data import view_or_refusal
from storage import mqls


def register(app: App, context: AppContext) -> None:
    """Connect the buttons and the form."""
    app.action(ids.DISPUTE)(opening(context, _form))
    app.view(ids.DISPUTE_FORM)(sending(context, _take))
    app.action(ids.UPHOLD)(opening(context, _uphold_form))
    app.view(ids.UPHOLD_FORM)(sending(context, _uphold))
    app.action(ids.ACCEPT_DISPUTE)(acting(context, _accept, core_decides))


def _form(press: Press) -> View | Refused:
    view = view_or_refusal(press, press.row_id)
    if isinstance(view, Refused):
        return view
    return disputes.refusal(press.tx, press.member, view.mql) or dispute_blocks.form(view, press.t)


def _take(form: Form) -> Refused | None:
    why = form.values.get(ids.WHY_DISPUTE)
    if not why:
        raise Invalid({ids.WHY_DISPUTE: form.t("error.why_dispute")})
    return refused(disputes.dispute(form.tx, form.workspace.id, form.mql_id, form.by, why, form.now))


def _uphold_form(press: Press) -> View | Refused:
    opened = mqls.get_event(press.tx, press.workspace.id, press.row_id)
    view = view_or_refusal(press, opened.mql_id if opened else 0)
    if isinstance(view, Refused):
        return view
    if not press.may(Permission.DECIDE):
        return Refused(Refusal.DECIDE_NOT_ALLOWED, number=view.mql.number)
    done = disputes.over(press.tx, view.mql, opened) if opened else None
    return done or dispute_blocks.uphold_form(view, press.row_id, press.t, from_home=press.in_home)


def _uphold(form: Form) -> Refused | None:
    why = form.values.get(ids.WHY_UPHELD)
    if not why:
        raise Invalid({ids.WHY_UPHELD: form.t("error.why_upheld")})
    dispute_id = int(form.metadata.get("dispute") or 0)
    return refused(disputes.uphold(form.tx, form.workspace.id, dispute_id, form.by, form.now, why))


def _accept(press: Press) -> Refused | None:
    return refused(disputes.accept(press.tx, press.caller.workspace_id, press.row_id, press.by, press.now))
