"""Sending again what Slack refused."""

from __future__ import annotations

import structlog
from slack_bolt import App

from bot.core.base import audit
from bot.core.base.audit import Author
from bot.core.base.permissions import Permission
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.context import AppContext
from bot.slack.listeners.base.pipeline import Press, acting, allowing
from storage import undelivered
from storage.vocabulary import AuditKind

log = structlog.get_logger(__name__)


def register(app: App, context: AppContext) -> None:
    """Connect the buttons of the App Home, which then shows what is left."""
    admins = allowing(Permission.RESEND, refusal=Reply.RESEND_NOT_ALLOWED)
    app.action(ids.RESEND)(acting(context, lambda press: _resend(press, press.row_id), admins))
    app.action(ids.RESEND_ALL)(acting(context, lambda press: _resend(press, None), admins))


def _resend(press: Press, message_id: int | None) -> Reply | None:
    """Give one message another try, or (None) all of them."""
    count = undelivered.revive(press.tx, press.workspace.id, press.now, message_id)
    if not count:
        return Reply.RESEND_NOTHING
    author = Author.in_slack(press.by)
    audit.record(press.tx, press.workspace.id, AuditKind.RESEND, author, press.now, after={"messages": count})
    log.info("resent", workspace=press.workspace.id, count=count)
    press.reply(Reply.RESENT, count=count)
    return None
