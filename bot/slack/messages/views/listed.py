"""Several messages in one: what was held back over the quiet hours, or has come for one reader at once."""

from __future__ import annotations

from bot.core.messages import kinds
from bot.core.views import listed
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.views import listed as blocks
from bot.slack.messages.context import Nothing, RenderContext
from bot.slack.messages.renderers import renders


@renders(kinds.HELD)
def held(context: RenderContext) -> Message | Nothing:
    """Render a row for each: what asks for something, and struck through what does so no more."""
    rows = listed.rows(context.tx, context.workspace, context.row, context.roster)
    if not rows:
        return Nothing("nothing that was held back is true any more")
    by_day = kinds.HELD.read(context.row).by_day
    return blocks.listed(rows, context.row.id, context.t, context.now, by_day=by_day)
