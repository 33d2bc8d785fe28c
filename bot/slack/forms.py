"""Opening a form for whoever pressed a button, and replacing the open one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from bot.slack.blocks.base.kit import View
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.caller import Caller
from bot.slack.context import AppContext
from bot.slack.replies import reply
from bot.slack.web_api.gateway import Denied, OutcomeUnknown, SlackFailure

log = structlog.get_logger(__name__)


def open_form(context: AppContext, caller: Caller, view: View) -> View | None:
    """Open a form for the caller, and return it as Slack has it; where Slack will not, tell them to press again, and
    where nobody knows, to press again if they see none."""
    try:
        opened: View = context.gateway.call_in_time("views.open", trigger_id=caller.trigger_id, view=view)["view"]
        return opened
    except SlackFailure as failure:
        if isinstance(failure, Denied) and failure.code == "exchanged_trigger_id":
            return None  # the same press came twice, and the form is open already
        log.warning("form_not_opened", workspace=caller.workspace_id, code=failure.code)
        unknown = isinstance(failure, OutcomeUnknown)
        with context.database.transaction() as tx:
            reply(tx, context, caller, Reply.FORM_UNCERTAIN if unknown else Reply.FORM_EXPIRED)
        context.wake()
        return None


def replace_view(context: AppContext, body: Mapping[str, Any], view: View) -> None:
    """Show a view in the place of the open one. Where Slack will not, the open one stays as it was."""
    try:
        # The hash makes an answer to an older press lose against a newer one.
        context.gateway.call_in_time("views.update", view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)
    except SlackFailure as failure:
        log.info("form_not_changed", workspace=body["team"]["id"], code=failure.code)
