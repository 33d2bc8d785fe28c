"""Opening a form for whoever pressed a button, and changing it while it is open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from bot.core.base.results import Refused
from bot.slack.caller import Caller, first_time
from bot.slack.context import AppContext
from bot.slack.gateway import Denied, SlackFailure
from bot.slack.replies import explain, reply
from storage.vocabulary import ReceiptKind

log = structlog.get_logger(__name__)


def open_or_explain(context: AppContext, caller: Caller, shown: dict[str, Any] | Refused) -> None:
    """Open a form for whoever pressed a button, or tell them why there is none: once for each press."""
    if not isinstance(shown, Refused):
        open_form(context, caller, shown)
        return
    with context.database.transaction() as tx:
        if first_time(tx, context, caller, ReceiptKind.ACTION):
            explain(tx, context, caller, shown)
    context.wake()


def open_form(context: AppContext, caller: Caller, view: dict[str, Any]) -> dict[str, Any] | None:
    """Open a form for the caller, and return it as Slack has it; where Slack will not, tell them to press again."""
    try:
        opened: dict[str, Any] = context.gateway.call("views.open", trigger_id=caller.trigger_id, view=view)["view"]
        return opened
    except SlackFailure as failure:
        if isinstance(failure, Denied) and failure.code == "exchanged_trigger_id":
            return None  # the same press came twice, and the form is open already
        log.warning("form_not_opened", workspace=caller.workspace_id, code=failure.code)
        with context.database.transaction() as tx:
            reply(tx, context, caller, "form_expired")
        context.wake()
        return None


def show_instead(context: AppContext, body: Mapping[str, Any], view: dict[str, Any]) -> None:
    """Show a form in the place of the open one, if there is one. Where Slack will not, it stays as it was."""
    if body.get("view") is None:
        return
    try:
        # The hash makes an answer to an older press lose against a newer one.
        context.gateway.call("views.update", view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)
    except SlackFailure as failure:
        log.info("form_not_changed", workspace=body["team"]["id"], code=failure.code)
