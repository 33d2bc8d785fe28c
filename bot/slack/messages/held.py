"""Several messages in one: what was held back over the quiet hours, or has waited for one reader."""

from __future__ import annotations

from dataclasses import replace

from bot.core.messages import kinds, relevance
from bot.slack.blocks import direct_messages
from bot.slack.blocks.kit import Message
from bot.slack.messages.context import Nothing, RenderContext
from bot.slack.messages.renderers import RENDERERS, renders


@renders(kinds.HELD)
def held(context: RenderContext) -> Message | Nothing:
    """Render what is still true: a single message as it would have been sent alone, several as a list."""
    waited = [replace(context, row=single) for single in relevance.still_true(context.tx, context.row, context.lookup)]
    if not waited:
        return Nothing("nothing that was held back is true any more")
    if len(waited) == 1:
        (only,) = waited
        return RENDERERS[only.row.kind](only)
    timeline = context.timelines([single.event() for single in waited])
    lines = [(single.row.kind, single.view(), entry) for single, entry in zip(waited, timeline, strict=True)]
    return direct_messages.held(lines, context.t, by_day=kinds.HELD.read(context.row).by_day)


@renders(kinds.HELD, when_edited=True)
def held_erased(context: RenderContext) -> Message:
    """Render what stands in the place of a list that may name somebody who was erased."""
    return direct_messages.held_erased(context.t)
