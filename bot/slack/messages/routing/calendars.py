"""What is said of calendars, and of absences that were learnt."""

from __future__ import annotations

from bot.core.base.day_words import Days
from bot.core.messages import kinds
from bot.core.messages.payloads import CalendarNews, LearntAbsences, TripAsked
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.routing import calendars as blocks
from bot.slack.messages.context import RenderContext
from bot.slack.messages.renderers import renders
from storage import absences


@renders(kinds.ABSENCES_LEARNT)
@renders(kinds.ABSENCES_LEARNT, when_edited=True)
def learnt(context: RenderContext) -> Message:
    """Render what the bot learnt of the reader's absence and is not over."""
    ids = LearntAbsences.of(context.row).absences
    known = (absences.get(context.tx, context.workspace.id, number) for number in ids)
    return blocks.learnt([row for row in known if row is not None and row.next_at is not None], context.t)


@renders(kinds.TRIP_ASKED)
def trip(context: RenderContext) -> Message:
    """Render the question whether the reader is away on a business trip."""
    asked = TripAsked.of(context.row)
    return blocks.trip(Days(asked.first, asked.last), asked.source, context.row.target, context.t)


@renders(kinds.CALENDAR_NEWS)
def news(context: RenderContext) -> Message:
    """Render whether the reader's calendar can be read."""
    return blocks.news(CalendarNews.of(context.row).code, context.t)
