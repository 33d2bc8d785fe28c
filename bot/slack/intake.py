"""The intake Slack channel: what MA and form tools post there becomes MQLs, also what came while we were away."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
import structlog

from bot.connectors import notification
from bot.connectors.sources.contract import NotALead
from bot.core.mql import intake
from bot.slack import timestamps
from bot.slack.context import AppContext
from bot.slack.gateway import SlackFailure
from storage import receipts, workspaces
from storage.models import Workspace
from storage.vocabulary import ReceiptKind, Source

log = structlog.get_logger(__name__)


def take_message(
    tx: sa.Connection, context: AppContext, workspace_id: str, channel: str, message: dict[str, Any]
) -> None:
    """Turn an app's message in the intake channel into an MQL, or into an entry of the queue of what could not be
    read. Anything else is left alone; the same message again changes nothing."""
    workspace = workspaces.get(tx, workspace_id)
    if workspace is None or workspace.intake_channel != channel or not _is_from_an_app(context, message):
        return
    ts, now = message["ts"], context.now()
    if not receipts.first_time(tx, workspace_id, ReceiptKind.EVENT, f"intake:{channel}:{ts}", now, {}):
        return
    reading = notification.read(message)
    if isinstance(reading, NotALead):
        intake.keep_unreadable(tx, workspace_id, channel, ts, "perhaps_no_lead", [], now)
        return
    if isinstance(reading, notification.Unreadable):
        intake.keep_unreadable(tx, workspace_id, channel, ts, reading.reason, list(reading.found), now)
        return
    for lead in reading:
        sent = lead.model_copy(update={"sent_at": timestamps.moment(ts)})
        intake.receive(tx, workspace_id, sent, Source.NOTIFICATION, now)


def catch_up(context: AppContext, workspace: Workspace) -> int:
    """Take what was posted since the last look: Slack retries an event for six minutes only, a restart may take
    longer. The first look only notes where to begin. Returns how many messages were looked at."""
    if workspace.intake_channel is None:
        return 0
    if workspace.intake_cursor is None:
        with context.database.transaction() as tx:
            workspaces.move_cursor(tx, workspace.id, f"{context.now().timestamp():.6f}")
        return 0
    try:
        # Inclusive: the first cursor is our clock's, and a message of that very moment would be missed.
        where = {"channel": workspace.intake_channel, "oldest": workspace.intake_cursor, "inclusive": True}
        messages = context.gateway.pages("conversations.history", "messages", **where)
    except SlackFailure as failure:
        log.warning("intake_not_read", workspace=workspace.id, code=failure.code)
        return 0
    for message in sorted(messages, key=lambda posted: float(posted["ts"])):
        _take_late(context, workspace.id, workspace.intake_channel, message)
    if messages:
        context.wake()
    return len(messages)


def _take_late(context: AppContext, workspace_id: str, channel: str, message: dict[str, Any]) -> None:
    try:
        with context.database.transaction() as tx:
            take_message(tx, context, workspace_id, channel, message)
            workspaces.move_cursor(tx, workspace_id, message["ts"])
    except Exception:
        # One message that breaks us must not hold up those behind it, nor be lost: a person reads it.
        log.exception("intake_broken", workspace=workspace_id)
        with context.database.transaction() as tx:
            now, key = context.now(), f"intake:{channel}:{message['ts']}"
            if receipts.first_time(tx, workspace_id, ReceiptKind.EVENT, key, now, {}):
                intake.keep_unreadable(tx, workspace_id, channel, message["ts"], "bad_value", [], now)
            workspaces.move_cursor(tx, workspace_id, message["ts"])


def _is_from_an_app(context: AppContext, message: dict[str, Any]) -> bool:
    """Return whether it is a new message of another app: classic (subtype bot_message) or modern (no subtype), not
    in a thread."""
    if message.get("subtype") not in (None, "bot_message") or message.get("thread_ts") not in (None, message["ts"]):
        return False
    ours = message.get("bot_id") == context.identity.bot_id or message.get("user") == context.identity.user_id
    return bool(message.get("bot_id")) and not ours
