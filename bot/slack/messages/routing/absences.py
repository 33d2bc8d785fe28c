"""What is said of absences: to whoever is away, back, or leads them."""

from __future__ import annotations

from bot.core.base import team
from bot.core.messages import kinds
from bot.core.messages.payloads import AbsenceEntry
from bot.core.views import absences as views
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.routing import absences as blocks
from bot.slack.messages.context import Nothing, RenderContext
from bot.slack.messages.renderers import renders
from storage import absences
from storage.models import Absence


@renders(kinds.ABSENCE_SET)
def set_by(context: RenderContext) -> Message:
    """Render that somebody else has set the reader's absence."""
    row = _absence(context)
    names = team.names(context.roster)
    return blocks.set_by(row, names.get(row.set_by or "", row.set_by or ""), context.t)


@renders(kinds.ABSENCE_BEGAN)
def began(context: RenderContext) -> Message | Nothing:
    """Render the beginning of an absence, where something waits."""
    row = _absence(context)
    waiting = views.waiting(context.tx, context.workspace, row.user_id, context.now)
    return blocks.began(row, waiting, context.t) if waiting.views else Nothing("nothing waits for them any more")


@renders(kinds.ABSENCE_BEGAN, when_edited=True)
def began_edited(context: RenderContext) -> Message:
    """Render the same once somebody has seen to it."""
    row = _absence(context)
    return blocks.began(row, views.waiting(context.tx, context.workspace, row.user_id, context.now), context.t)


@renders(kinds.ABSENCE_OVER)
def over(context: RenderContext) -> Message | Nothing:
    """Render what was covered for whoever is back."""
    row = _absence(context)
    covered = views.covered(context.tx, context.workspace, row.user_id)
    return blocks.over(row, covered, context.t) if covered else Nothing("nothing is covered any more")


@renders(kinds.ABSENCE_OVER, when_edited=True)
def over_edited(context: RenderContext) -> Message:
    """Render the same after a choice."""
    row = _absence(context)
    return blocks.over(row, views.covered(context.tx, context.workspace, row.user_id), context.t)


def _absence(context: RenderContext) -> Absence:
    known = absences.get(context.tx, context.workspace.id, AbsenceEntry.of(context.row).absence)
    if known is None:
        raise LookupError(f"message {context.row.id} tells of no absence of its workspace")
    return known
