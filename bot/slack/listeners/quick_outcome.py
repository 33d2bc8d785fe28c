"""The outcome by two taps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from slack_bolt import Ack, App

from bot.core.base.results import Refused
from bot.core.mql import feedback
from bot.core.mql.feedback import Answer
from bot.slack.blocks import ids, quick_outcome
from bot.slack.blocks.kit import View
from bot.slack.blocks.quick_outcome import Chosen
from bot.slack.caller import Caller, first_time
from bot.slack.context import AppContext
from bot.slack.forms import open_form
from bot.slack.listeners.events import home_again
from bot.slack.listeners.form_data import feedback_view, report_or_refusal
from bot.slack.replies import explain
from storage import workspaces
from storage.vocabulary import Disposition, ReceiptKind


def register(app: App, context: AppContext) -> None:
    """Connect the menu."""
    app.action(ids.QUICK)(_choosing(context))


def _choosing(context: AppContext) -> Callable[..., None]:
    def listener(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller = Caller.of(body)
        chosen = quick_outcome.read(body["actions"][0]["selected_option"]["value"])
        with context.database.transaction() as tx:
            form = _take(tx, context, caller, chosen)
        context.wake()
        if form is not None:
            open_form(context, caller, form)
        else:
            home_again(context, body)

    return listener


def _take(tx: sa.Connection, context: AppContext, caller: Caller, chosen: Chosen) -> View | None:
    """Store the answer if it is whole; else return the form that asks for the rest."""
    if not _is_whole(tx, caller, chosen):
        return _form(tx, context, caller, chosen)
    if first_time(tx, context, caller, ReceiptKind.ACTION):
        answer = Answer(disposition=chosen.disposition, lost_reason=chosen.lost_reason)
        given = feedback.give_first(tx, caller.workspace_id, chosen.mql_id, caller.user_id, answer, context.now())
        if isinstance(given, Refused):
            explain(tx, context, caller, given)
    return None


def _is_whole(tx: sa.Connection, caller: Caller, chosen: Chosen) -> bool:
    """Whether nothing more has to be said. An old message may still offer a reason that asks for a comment by now."""
    if chosen.disposition != Disposition.DISQUALIFIED:
        return chosen.disposition == Disposition.QUALIFIED
    reasons = workspaces.reasons(tx, caller.workspace_id)
    return any(one.key == chosen.lost_reason and not one.comment_required for one in reasons)


def _form(tx: sa.Connection, context: AppContext, caller: Caller, chosen: Chosen) -> View | None:
    found = report_or_refusal(tx, caller, chosen.mql_id)
    if isinstance(found, Refused):
        if first_time(tx, context, caller, ReceiptKind.ACTION):
            explain(tx, context, caller, found)
        return None
    workspace, t, view = found
    return feedback_view(tx, workspace, view, t, chosen.disposition, reason=chosen.lost_reason)
