"""A field that a CRM and the bot hold otherwise, to whoever decides."""

from __future__ import annotations

from bot.core.crm import conflicts
from bot.core.messages import kinds
from bot.core.messages.payloads import ConflictEntry
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.crm import conflicts as blocks
from bot.slack.messages.context import RenderContext
from bot.slack.messages.renderers import renders
from storage import crm_conflicts


@renders(kinds.CRM_CONFLICT)
def conflict(context: RenderContext) -> Message:
    """Render what both sides say, with a button for each; once it is decided, which value holds."""
    row = crm_conflicts.get(context.tx, context.workspace.id, ConflictEntry.of(context.row).conflict)
    shown = conflicts.view(context.tx, row, context.t.locale) if row else None
    return blocks.asked(context.view(), row.id if row else 0, shown, context.t)
