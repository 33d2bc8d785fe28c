"""Muting the kinds of messages that nobody acts on, and having them again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from bot.core.base import team
from bot.core.messages import limits
from bot.core.reports import noise
from bot.slack.blocks import ids
from bot.slack.blocks import noise as noise_blocks
from bot.slack.caller import Caller, configured, first_time
from bot.slack.context import AppContext
from bot.slack.forms import show_instead
from bot.slack.replies import reply
from storage import members
from storage.vocabulary import MessageKind, ReceiptKind


def register(app: App, context: AppContext) -> None:
    """Connect the buttons."""
    app.action(ids.MUTE)(_setting(context, muted=True))
    app.action(ids.UNMUTE)(_setting(context, muted=False))


def _setting(context: AppContext, *, muted: bool) -> Callable[..., None]:
    """A button of the report, which then shows what came of it."""

    def listener(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller, page = Caller.of(body), None
        kind, now = MessageKind(body["actions"][0]["value"]), context.now()
        with context.database.transaction() as tx:
            ready = configured(tx, caller)
            if ready is None or not first_time(tx, context, caller, ReceiptKind.ACTION):
                return
            member = members.get(tx, caller.workspace_id, caller.user_id)
            if member is None or not member.has(*team.LEADERS):
                reply(tx, context, caller, "noise_not_allowed")
            else:
                limits.set_muted(tx, caller.workspace_id, kind, caller.user_id, now, muted=muted)
                page = noise_blocks.page(noise.report(tx, ready[0], now), ready[1])
        context.wake()
        if page is not None:
            show_instead(context, body, page)

    return listener
