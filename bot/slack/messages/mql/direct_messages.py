"""What owners, leaders and colleagues hear of one MQL while it waits for an answer or an outcome."""

from __future__ import annotations

from bot.core.messages import kinds
from bot.core.views import mql, related
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.mql import direct_messages
from bot.slack.messages.context import RenderContext
from bot.slack.messages.kept import with_kept
from bot.slack.messages.renderers import renders
from storage import members, outbox
from storage.vocabulary import ClockKind


@renders(kinds.COVER)
@renders(kinds.ASSIGNMENT)
def assignment(context: RenderContext) -> Message:
    """Render the news of an MQL to its owner, or to whoever covers for them."""
    view = related.with_related(context.tx, context.workspace, context.view(), context.roster)
    return direct_messages.assignment(view, context.t, context.row.target, context.now)


@renders(kinds.REMINDER)
def reminder(context: RenderContext) -> Message:
    """Render a reminder to accept, by the clock or by a colleague."""
    view, entry = context.view(), context.timeline()
    if entry.actor:
        return direct_messages.nudge(view, context.t, entry.actor, context.row.target)
    left = mql.time_left(context.tx, view, ClockKind.RESPONSE, context.now)
    return direct_messages.reminder(view, context.t, left, context.row.target, earlier=_newer(context))


def _newer(context: RenderContext) -> bool:
    """Return whether its reader has got a newer message of the same kind about the MQL: the two shall not read
    alike."""
    row = context.row
    known = outbox.about(context.tx, context.workspace.id, [row.mql_id or 0], [row.kind])
    return any(other.id > row.id and other.target == row.target for other in known)


@renders(kinds.ESCALATION)
def escalation(context: RenderContext) -> Message:
    """Render an MQL that nobody has answered in time."""
    view, entry = context.view(), context.timeline()
    parts = mql.breakdown_until(context.tx, context.workspace, view, entry.event.at, context.roster)
    to = kinds.ESCALATION.read(context.row).to or entry.event.data["to"]
    return direct_messages.escalation(view, context.t, entry, parts, to, context.now)


@renders(kinds.OFFER)
def offer(context: RenderContext) -> Message:
    """Render the offer to take an MQL over."""
    return direct_messages.offer(context.view(), context.t)


@renders(kinds.UNASSIGNED)
def unassigned(context: RenderContext) -> Message:
    """Render an MQL that waits for an owner."""
    (view,) = with_kept(context.tx, context.workspace.id, [context.view()], context.now)
    return direct_messages.unassigned(view, context.t)


@renders(kinds.OWNER_LEFT)
def owner_left(context: RenderContext) -> Message:
    """Render an MQL whose owner left the team."""
    return direct_messages.owner_left(context.view(), context.t, kinds.OWNER_LEFT.read(context.row).left)


@renders(kinds.UNREACHABLE)
def unreachable(context: RenderContext) -> Message:
    """Render that a person, or a Slack channel, takes no messages."""
    payload = kinds.UNREACHABLE.read(context.row)
    whom, error = payload.whom, payload.error
    if context.row.mql_id is None:
        return direct_messages.channel_unreachable(whom, error, context.t)
    member = members.get(context.tx, context.workspace.id, whom)
    return direct_messages.unreachable(context.view(), context.t, whom, member.name if member else whom, error)


@renders(kinds.FEEDBACK_REMINDER)
def feedback_reminder(context: RenderContext) -> Message:
    """Render a reminder to say what became of an MQL."""
    view = context.view()
    left = mql.time_left(context.tx, view, ClockKind.FEEDBACK, context.now)
    return direct_messages.feedback_reminder(view, context.t, left, context.row.target, earlier=_newer(context))


@renders(kinds.FEEDBACK_OVERDUE)
def feedback_overdue(context: RenderContext) -> Message:
    """Render an MQL of which nobody has said in time what became of it."""
    return direct_messages.feedback_overdue(context.view(), context.t, context.now)
