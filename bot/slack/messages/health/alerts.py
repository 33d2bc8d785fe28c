"""What the bot's watch tells the admins."""

from __future__ import annotations

from bot.core.base import team
from bot.core.messages import kinds
from bot.core.messages.payloads import AlertEntry
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.health import alerts as blocks
from bot.slack.messages.context import RenderContext
from bot.slack.messages.renderers import renders
from storage import alerts
from storage.models import Alert


@renders(kinds.ALERT)
def alert(context: RenderContext) -> Message:
    """Render an alert."""
    names = team.names(context.roster)
    return blocks.alert(_alert(context, kinds.ALERT.read(context.row)), names, context.t)


@renders(kinds.ALERT_OVER)
def alert_over(context: RenderContext) -> Message:
    """Render the end of an alert."""
    return blocks.over(_alert(context, kinds.ALERT_OVER.read(context.row)), context.t)


def _alert(context: RenderContext, payload: AlertEntry) -> Alert:
    alert = alerts.get(context.tx, context.workspace.id, payload.alert)
    if alert is None:
        raise LookupError(f"message {context.row.id} tells of no alert of its workspace")
    return alert
