"""A file that somebody sent: how far it has come."""

from __future__ import annotations

from bot.connectors.tables.summary import Summary
from bot.core.messages import kinds
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.mql import uploads as blocks
from bot.slack.messages.context import RenderContext
from bot.slack.messages.renderers import renders
from storage import uploads


@renders(kinds.UPLOAD)
def upload(context: RenderContext) -> Message:
    """Render an upload as it stands."""
    row = uploads.get(context.tx, context.workspace.id, kinds.UPLOAD.read(context.row).upload)
    if row is None:
        raise LookupError(f"message {context.row.id} is about no upload of its workspace")
    return blocks.upload(row, Summary.model_validate(row.summary), context.t)
