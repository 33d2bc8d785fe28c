"""The actions of the review meeting, for those who have them."""

from __future__ import annotations

from bot.core.messages import kinds
from bot.core.review import action_changes, actions
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.review import actions as blocks
from bot.slack.messages.context import RenderContext
from bot.slack.messages.renderers import renders


@renders(kinds.ACTION_DUE)
def action_due(context: RenderContext) -> Message:
    """Render an action that is due today."""
    payload = kinds.ACTION_DUE.read(context.row)
    action = actions.find(context.tx, context.workspace, payload.action, context.now)
    if action is None:
        raise LookupError(f"message {context.row.id} tells of no action of its workspace")
    return blocks.due(action, context.t, payload.owner, payload.due_on)


@renders(kinds.ACTION_CHANGED)
def action_changed(context: RenderContext) -> Message:
    """Render what somebody else changed."""
    payload = kinds.ACTION_CHANGED.read(context.row)
    action = actions.find(context.tx, context.workspace, payload.action, context.now)
    change = action_changes.find_change(context.tx, context.workspace.id, payload.action, payload.change)
    if action is None or change is None:
        raise LookupError(f"message {context.row.id} tells of no action of its workspace")
    return blocks.changed(action, change, context.row.target, context.t)
