"""What owners hear of the person of their MQL."""

from __future__ import annotations

from bot.core.messages import kinds
from bot.core.views import related
from bot.core.views.mql import MqlView, Words
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.mql import identity
from bot.slack.messages.context import RenderContext
from bot.slack.messages.renderers import renders
from storage import mqls


@renders(kinds.NEW_WORDS)
def new_words(context: RenderContext) -> Message:
    """Render what a lead wrote when it came in again."""
    ids = kinds.NEW_WORDS.read(context.row).events
    events = filter(None, (mqls.get_event(context.tx, context.workspace.id, event_id) for event_id in ids))
    written = [Words(event.at, text) for event in events if (text := related.text_of(event))]
    return identity.new_words(context.view(), written[::-1], context.t, context.row.target)


@renders(kinds.LEAD_BACK)
def lead_back(context: RenderContext) -> Message:
    """Render that a lead is back as another MQL."""
    return identity.lead_back(_related(context), context.t)


@renders(kinds.MERGED)
def merged(context: RenderContext) -> Message:
    """Render that two MQLs are one, or are no longer."""
    return identity.merged(_related(context), context.timeline(), context.t)


def _related(context: RenderContext) -> MqlView:
    return related.with_related(context.tx, context.workspace, context.view(), context.roster)
