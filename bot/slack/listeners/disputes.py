"""Disputing a disqualification, and deciding the dispute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from slack_bolt import Ack, App

from bot.core.base.results import ActionResult, Refused
from bot.core.mql import disputes
from bot.slack.blocks import disputes as dispute_blocks
from bot.slack.blocks import ids
from bot.slack.blocks.kit import View
from bot.slack.caller import Caller, first_time
from bot.slack.context import AppContext
from bot.slack.forms import open_or_explain
from bot.slack.listeners.events import home_again
from bot.slack.listeners.form_data import view_or_refusal
from bot.slack.listeners.forms import Form, Invalid, page_of, sent
from bot.slack.replies import explain
from storage import members
from storage.vocabulary import ReceiptKind

Decide = Callable[[sa.Connection, str, int, str, datetime], ActionResult]


def register(app: App, context: AppContext) -> None:
    """Connect the buttons and the form."""
    app.action(ids.DISPUTE)(_opening(context))
    app.view(ids.DISPUTE_FORM)(sent(context, _dispute))
    app.action(ids.UPHOLD)(_deciding(context, disputes.uphold))
    app.action(ids.ACCEPT_DISPUTE)(_deciding(context, disputes.accept))


def _opening(context: AppContext) -> Callable[..., None]:
    def listener(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller, mql_id = Caller.of(body), int(body["actions"][0]["value"])
        with context.database.snapshot() as tx:
            shown = _form(tx, caller, mql_id)
        open_or_explain(context, caller, shown)

    return listener


def _form(tx: sa.Connection, caller: Caller, mql_id: int) -> View | Refused:
    found = view_or_refusal(tx, caller, mql_id, may_read=True)
    if isinstance(found, Refused):
        return found
    workspace, t, view = found
    refused = disputes.refusal(tx, members.get(tx, workspace.id, caller.user_id), view.mql)
    return refused or dispute_blocks.form(view, t)


def _dispute(form: Form) -> View | None:
    why, mql_id = form.values.get(ids.WHY_DISPUTE), int(form.metadata["mql"])
    if not why:
        raise Invalid({ids.WHY_DISPUTE: form.t("error.why_dispute")})
    return page_of(form, disputes.dispute(form.tx, form.workspace.id, mql_id, form.by, why, form.now))


def _deciding(context: AppContext, decide: Decide) -> Callable[..., None]:
    def listener(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller, dispute_id = Caller.of(body), int(body["actions"][0]["value"])
        with context.database.transaction() as tx:
            if first_time(tx, context, caller, ReceiptKind.ACTION):
                outcome = decide(tx, caller.workspace_id, dispute_id, caller.user_id, context.now())
                if isinstance(outcome, Refused):
                    explain(tx, context, caller, outcome)
        context.wake()
        home_again(context, body)

    return listener
