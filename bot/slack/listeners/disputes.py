"""Disputing a disqualification, and deciding the dispute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from slack_bolt import App

from bot.core.base.results import ActionResult, Refused
from bot.core.mql import disputes
from bot.slack.blocks import disputes as dispute_blocks
from bot.slack.blocks import ids
from bot.slack.blocks.kit import View
from bot.slack.context import AppContext
from bot.slack.listeners.form import Form, Invalid, sending
from bot.slack.listeners.form_data import view_or_refusal
from bot.slack.listeners.pipeline import Press, acting, core_decides, opening, refused

Decide = Callable[[sa.Connection, str, int, str, datetime], ActionResult]


def register(app: App, context: AppContext) -> None:
    """Connect the buttons and the form."""
    app.action(ids.DISPUTE)(opening(context, _form))
    app.view(ids.DISPUTE_FORM)(sending(context, _take))
    app.action(ids.UPHOLD)(acting(context, lambda press: _decide(press, disputes.uphold), core_decides))
    app.action(ids.ACCEPT_DISPUTE)(acting(context, lambda press: _decide(press, disputes.accept), core_decides))


def _form(press: Press) -> View | Refused:
    view = view_or_refusal(press, press.row_id, may_read=True)
    if isinstance(view, Refused):
        return view
    return disputes.refusal(press.tx, press.member, view.mql) or dispute_blocks.form(view, press.t)


def _take(form: Form) -> Refused | None:
    why = form.values.get(ids.WHY_DISPUTE)
    if not why:
        raise Invalid({ids.WHY_DISPUTE: form.t("error.why_dispute")})
    return refused(disputes.dispute(form.tx, form.workspace.id, form.mql_id, form.by, why, form.now))


def _decide(press: Press, decide: Decide) -> Refused | None:
    return refused(decide(press.tx, press.caller.workspace_id, press.row_id, press.by, press.now))
