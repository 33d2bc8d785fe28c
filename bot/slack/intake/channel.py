"""The intake Slack channel: what MA and form tools post there becomes MQLs, also what came while we were away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from bot.core.mql import queue
from bot.core.mql.queue import Origin
from bot.slack.context import AppContext
from bot.slack.intake.message import Posted, take_deleted, take_edited, take_new
from bot.slack.web_api import timestamps
from bot.slack.web_api.gateway import SlackFailure
from storage import receipts, workspaces
from storage.models import Workspace
from storage.vocabulary import ReceiptKind

LOOK_BACK = timedelta(hours=1)
"""So long after its message a tool's edit is still found, where we were away when it came."""
LEADS = (None, "bot_message", "file_share", "thread_broadcast")
"""Subtypes of messages that may be leads."""
SLACKBOT = "USLACKBOT"
"""Posts the mail that is forwarded into a Slack channel."""

log = structlog.get_logger(__name__)


def take_message(
    tx: sa.Connection, context: AppContext, workspace_id: str, channel: str, message: dict[str, Any]
) -> None:
    """Turn an app's message in the intake channel into an MQL, into an entry of the queue of what could not be read, or
    set it aside; bring up to date what became of it where the app edits or deletes it. Anything else is left alone;
    the same message again changes nothing."""
    workspace = workspaces.get(tx, workspace_id)
    if workspace is None or workspace.intake_channel != channel:
        return
    now, subtype = context.now(), message.get("subtype")
    if subtype == "message_deleted":
        take_deleted(tx, workspace_id, channel, message["deleted_ts"], now)
        return
    posted = Posted(channel, message["message"] if subtype == "message_changed" else message)
    if posted.is_tombstone:
        take_deleted(tx, workspace_id, channel, posted.ts, now)
    elif not _is_from_an_app(context, posted.message):
        return
    elif _is_new(workspace, posted, subtype) and _first_time(tx, workspace_id, posted, context):
        take_new(tx, workspace_id, posted, now)
    elif posted.is_edited or subtype == "message_changed":
        take_edited(tx, workspace_id, posted, now)


def catch_up(context: AppContext, workspace: Workspace) -> int:
    """Take what was posted, edited or deleted since the last look: Slack retries an event for six minutes only, a
    restart may take longer. The first look only notes where to begin. Returns how many messages were looked at."""
    if workspace.intake_channel is None:
        return 0
    if workspace.intake_cursor is None:
        with context.database.transaction() as tx:
            workspaces.move_cursor(tx, workspace.id, f"{context.now().timestamp():.6f}")
        return 0
    cursor = float(workspace.intake_cursor)
    oldest = f"{max(cursor - LOOK_BACK.total_seconds(), 0):.6f}"
    try:
        # Inclusive: the first cursor is our clock's, and a message of that very moment would be missed.
        where = {"channel": workspace.intake_channel, "oldest": oldest, "inclusive": True}
        messages = context.gateway.pages("conversations.history", "messages", **where)
    except SlackFailure as failure:
        log.warning("intake_not_read", workspace=workspace.id, code=failure.code)
        return 0
    fresh = [message for message in messages if float(message["ts"]) >= cursor or _has_changed(message)]
    for message in sorted(fresh, key=lambda posted: float(posted["ts"])):
        _take_late(context, workspace.id, workspace.intake_channel, message)
    if fresh:
        context.wake()
    return len(fresh)


def _has_changed(message: dict[str, Any]) -> bool:
    return Posted("", message).is_edited or Posted("", message).is_tombstone


def _take_late(context: AppContext, workspace_id: str, channel: str, message: dict[str, Any]) -> None:
    try:
        with context.database.transaction() as tx:
            take_message(tx, context, workspace_id, channel, message)
            workspaces.move_cursor(tx, workspace_id, message["ts"])
    except Exception:
        # One message that breaks us must not hold up those behind it, nor be lost: a person reads it.
        log.exception("intake_broken", workspace=workspace_id)
        with context.database.transaction() as tx:
            now, posted = context.now(), Posted(channel, message)
            if _first_time(tx, workspace_id, posted, context):
                came_at = timestamps.moment(posted.ts) or now
                where: Origin = {"channel": channel, "ts": posted.ts}
                queue.keep(tx, workspace_id, reason="bad_value", values={}, came_at=came_at, now=now, **where)
            workspaces.move_cursor(tx, workspace_id, message["ts"])


def _first_time(tx: sa.Connection, workspace_id: str, posted: Posted, context: AppContext) -> bool:
    return receipts.first_time(tx, workspace_id, ReceiptKind.EVENT, posted.key, context.now(), {})


def _is_new(workspace: Workspace, posted: Posted, subtype: str | None) -> bool:
    """Return whether a message that was not taken yet is to be taken. An edit tells of messages, too, that were there
    before we came."""
    if subtype != "message_changed" and not posted.is_edited:
        return True
    return workspace.intake_cursor is not None and float(posted.ts) >= float(workspace.intake_cursor)


def _is_from_an_app(context: AppContext, message: dict[str, Any]) -> bool:
    """Return whether it is a message of another app that stands in the Slack channel itself: classic (subtype
    bot_message) or modern (no subtype), with a file, or sent from a thread to the channel too; or forwarded mail."""
    subtype = message.get("subtype")
    in_thread = message.get("thread_ts") not in (None, message["ts"]) and subtype != "thread_broadcast"
    if subtype not in LEADS or in_thread:
        return False
    ours = message.get("bot_id") == context.identity.bot_id or message.get("user") == context.identity.user_id
    mail = message.get("user") == SLACKBOT and bool(message.get("files"))
    return (bool(message.get("bot_id")) and not ours) or mail
