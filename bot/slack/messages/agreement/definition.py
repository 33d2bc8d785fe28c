"""The MQL definition: proposed, and agreed upon."""

from __future__ import annotations

from bot.core.agreement import definition
from bot.core.messages import kinds
from bot.core.messages.payloads import DefinitionVersion
from bot.slack.blocks.agreement import definition as blocks
from bot.slack.blocks.base.kit import Message
from bot.slack.messages.context import RenderContext
from bot.slack.messages.renderers import renders


@renders(kinds.DEFINITION_PROPOSED)
def proposed(context: RenderContext) -> Message:
    """Render a proposal to whoever may agree."""
    version = _version(context, kinds.DEFINITION_PROPOSED.read(context.row))
    reader = context.lookup.reader(context.row.target)
    may = {"may_agree": definition.may_agree(reader, version), "may_close": definition.may_close(reader, version)}
    return blocks.proposed(version, context.t, **may)


@renders(kinds.DEFINITION_AGREED)
def agreed(context: RenderContext) -> Message:
    """Render a definition that counts from now on."""
    return blocks.agreed(_version(context, kinds.DEFINITION_AGREED.read(context.row)), context.t)


@renders(kinds.DEFINITION_SENT_BACK)
def sent_back(context: RenderContext) -> Message:
    """Render that a proposal was sent back, to whoever proposed it."""
    return blocks.sent_back(_version(context, kinds.DEFINITION_SENT_BACK.read(context.row)), context.t)


def _version(context: RenderContext, payload: DefinitionVersion) -> definition.Version:
    version = definition.find(context.tx, context.workspace.id, payload.definition)
    if version is None:
        raise LookupError(f"message {context.row.id} tells of no definition of its workspace")
    return version
