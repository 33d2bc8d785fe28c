"""From an outbox row to the call that puts it into Slack, in the reader's language and the MQL's present state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.core.messages import kinds
from bot.core.messages.lookup import Lookup
from bot.i18n import Translator
from bot.slack.blocks.base import budget
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.base.shortened import shortened as shorten
from bot.slack.messages import registry
from bot.slack.messages.context import Nothing, RenderContext, translator
from bot.slack.messages.kept_week import KeptWeek
from storage import outbox
from storage.models import Outbox, Workspace
from storage.vocabulary import MessageKind, OutboxState

METADATA_EVENT = "mql_bot_message"


@dataclass(frozen=True)
class Call:
    """One Web API call."""

    method: str
    arguments: dict[str, Any]
    t: Translator

    def shortened(self) -> Call:
        """Return the same call with a short message."""
        long = Message(self.arguments["text"], self.arguments["blocks"])
        return replace(self, arguments=self.arguments | _words(shorten(long, self.t)))


def render(lookup: Lookup, row: Outbox, now: datetime, weeks: KeptWeek) -> Call | Nothing:
    """Return the call for a row, or why there is none any more."""
    tx, workspace = lookup.tx, lookup.workspace
    if workspace is None:
        return Nothing("the workspace is not configured any more")
    parent = outbox.get(tx, row.workspace_id, row.parent_id) if row.parent_id else None
    if row.parent_id and (parent is None or parent.state != OutboxState.SENT):
        return Nothing("the message that it belongs to never reached Slack")
    if row.kind == MessageKind.EDIT and parent is not None:
        return _edit(_context(lookup, workspace, parent, now, weeks))
    return _post(_context(lookup, workspace, row, now, weeks), parent)


def place(row: Outbox, parent: Outbox | None) -> tuple[str | None, str | None]:
    """Return where a new message goes: the Slack channel or person, and the thread of its parent or of what it
    answers."""
    if parent:
        return parent.channel, parent.ts
    answers = row.kind == MessageKind.UNREADABLE
    return row.target, kinds.UNREADABLE.read(row).thread_ts if answers else None


def _context(lookup: Lookup, workspace: Workspace, shown: Outbox, now: datetime, weeks: KeptWeek) -> RenderContext:
    return RenderContext(lookup, workspace, shown, now, translator(workspace, lookup.reader(shown.target)), weeks)


def _edit(context: RenderContext) -> Call | Nothing:
    original = context.row
    message = registry.render_edited(context)
    if isinstance(message, Nothing):
        return message
    where = {"channel": original.channel, "ts": original.ts}
    return _call("chat.update", where | _words(message), context.t)


def _post(context: RenderContext, parent: Outbox | None) -> Call | Nothing:
    row = context.row
    message = registry.render(context)
    if isinstance(message, Nothing):
        return message
    words = _words(message)
    acted_in = kinds.PRIVATE.read(row).channel if row.kind == MessageKind.PRIVATE else None
    if acted_in:
        return _call("chat.postEphemeral", {"channel": acted_in, "user": row.target} | words, context.t)
    channel, thread = place(row, parent)
    words |= {
        "channel": channel,
        "thread_ts": thread,
        "metadata": {"event_type": METADATA_EVENT, "event_payload": {"key": row.key}},
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return _call("chat.postMessage", words, context.t)


def _words(message: Message) -> dict[str, Any]:
    return {"text": message.text, "blocks": message.blocks}


def _call(method: str, arguments: dict[str, Any], t: Translator) -> Call:
    """Return a call that Slack takes: the builders keep to the budget, and where one does not, its reader is not told
    nothing."""
    call = Call(method, arguments, t)
    return call if budget.fits(arguments["blocks"]) else call.shortened()
