"""From an outbox row to the call that puts it into Slack, in the reader's language and the MQL's present state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.messages import relevance
from bot.core.mql import marketing_updates
from bot.slack.messages import of_mqls, of_teams
from bot.slack.messages.context import RenderContext, translator
from storage import outbox, workspaces
from storage.models import Outbox, Workspace
from storage.vocabulary import MessageKind, OutboxState

METADATA_EVENT = "mql_bot_message"
_KINDS = of_mqls.KINDS | of_teams.KINDS
_SHORTENED = of_mqls.SHORTENED | of_teams.SHORTENED


@dataclass(frozen=True)
class Call:
    """One Web API call."""

    method: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Nothing:
    """There is nothing to send, and why."""

    reason: str


def render(tx: sa.Connection, row: Outbox, now: datetime) -> Call | Nothing:
    """The call for a row, or why there is none any more."""
    workspace = workspaces.get(tx, row.workspace_id)
    if workspace is None:
        return Nothing("the workspace is not configured any more")
    parent = outbox.get(tx, row.workspace_id, row.parent_id) if row.parent_id else None
    if row.parent_id and (parent is None or parent.state != OutboxState.SENT):
        return Nothing("the message that it belongs to never reached Slack")
    if row.kind == MessageKind.EDIT and parent is not None:
        return _edit(tx, workspace, parent, now)
    if row.kind == MessageKind.HELD and not relevance.still_true(tx, row):
        return Nothing("nothing that was held back is true any more")
    if row.kind == MessageKind.OUTCOMES and not marketing_updates.of_day(
        tx, workspace, marketing_updates.span_of(row.data)
    ):
        return Nothing("what it was to tell of was withdrawn")
    return _post(tx, workspace, row, parent, now)


def place(row: Outbox, parent: Outbox | None) -> tuple[str | None, str | None]:
    """Where a new message goes: the Slack channel or person, and the thread of its parent or of what it answers."""
    return (parent.channel, parent.ts) if parent else (row.target, row.data.get("thread_ts"))


def _edit(tx: sa.Connection, workspace: Workspace, original: Outbox, now: datetime) -> Call:
    context = RenderContext(tx, workspace, original, now, translator(tx, workspace, original.target))
    # A list is edited for one reason only: somebody whom it may name was erased.
    message = (_SHORTENED.get(original.kind) or _KINDS[original.kind])(context)
    where = {"channel": original.channel, "ts": original.ts}
    return Call("chat.update", where | {"text": message.text, "blocks": message.blocks})


def _post(tx: sa.Connection, workspace: Workspace, row: Outbox, parent: Outbox | None, now: datetime) -> Call | Nothing:
    context = RenderContext(tx, workspace, row, now, translator(tx, workspace, row.target))
    message = _KINDS[row.kind](context) if row.kind in _KINDS else of_teams.IF_ANYTHING[row.kind](context)
    if message is None:
        return Nothing("there is nothing to tell")
    words: dict[str, Any] = {"text": message.text, "blocks": message.blocks}
    if row.kind == MessageKind.PRIVATE and row.data["channel"]:
        return Call("chat.postEphemeral", {"channel": row.data["channel"], "user": row.target} | words)
    channel, thread = place(row, parent)
    words |= {
        "channel": channel,
        "thread_ts": thread,
        "metadata": {"event_type": METADATA_EVENT, "event_payload": {"key": row.key}},
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return Call("chat.postMessage", words)
