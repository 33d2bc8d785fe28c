"""Several messages in one: what was held back over the quiet hours, or has waited for one reader."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from bot.core.messages import kinds, relevance
from bot.core.messages.kinds import KINDS, Reader
from bot.slack.blocks import direct_messages
from bot.slack.blocks.direct_messages import HeldLine
from bot.slack.blocks.kit import Message
from bot.slack.messages.context import Nothing, RenderContext
from bot.slack.messages.renderers import RENDERERS, WHEN_EDITED, renders
from storage.models import Outbox


@renders(kinds.HELD)
def held(context: RenderContext) -> Message | Nothing:
    """Render what is still true: a single message as it would have been sent alone, several as a list."""
    waited = relevance.still_true(context.tx, context.row, context.lookup)
    if not waited:
        return Nothing("nothing that was held back is true any more")
    if len(waited) == 1:
        return RENDERERS[waited[0].kind](replace(context, row=waited[0]))
    return _list(context, waited, waited)


@renders(kinds.HELD, when_edited=True)
def held_edited(context: RenderContext) -> Message | Nothing:
    """Render the same lines as they stand now: what is over says what became of it."""
    sent = relevance.singles(context.row)
    if len(sent) == 1:
        kind = sent[0].kind
        return (WHEN_EDITED.get(kind) or RENDERERS[kind])(replace(context, row=sent[0]))
    return _list(context, sent, relevance.still_true(context.tx, context.row, context.lookup))


def _list(context: RenderContext, rows: Sequence[Outbox], true: Collection[Outbox]) -> Message:
    singles = [replace(context, row=single) for single in rows]
    timeline = context.timelines([single.event() for single in singles])
    lines = [
        HeldLine(
            single.row.kind,
            single.view(),
            entry,
            over=single.row not in true,
            owner=context.row.target if KINDS[single.row.kind].reader is Reader.OWNER else None,
        )
        for single, entry in zip(singles, timeline, strict=True)
    ]
    return direct_messages.held(lines, context.t, by_day=kinds.HELD.read(context.row).by_day)
