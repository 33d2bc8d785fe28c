"""The week of a team, with what stands below it in its thread."""

from __future__ import annotations

from bot.core.base import permissions, team
from bot.core.base.permissions import Permission
from bot.core.messages import kinds
from bot.core.reports import trend
from bot.core.reports.figures import WeeklyReport
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.reports import digest as blocks
from bot.slack.blocks.reports import digest_people as people_blocks
from bot.slack.blocks.reports import digest_trend as trend_blocks
from bot.slack.messages.context import Nothing, RenderContext
from bot.slack.messages.renderers import renders


@renders(kinds.DIGEST)
def digest(context: RenderContext) -> Message:
    """Render the digest of a week."""
    report = _report(context, kinds.DIGEST.read(context.row).period)
    reader = context.lookup.reader(context.row.target)
    return blocks.weekly(
        report, context.t, may_act=permissions.may(reader, Permission.LEAD), marketer=team.is_marketer(reader)
    )


@renders(kinds.DIGEST, when_edited=True)
def digest_erased(context: RenderContext) -> Message:
    """Render what stands in the place of a digest that may name somebody who was erased."""
    return blocks.erased(kinds.DIGEST.read(context.row).period, context.t)


@renders(kinds.DIGEST_PEOPLE)
def digest_people(context: RenderContext) -> Message | Nothing:
    """Render the people and reasons of a week, where there are any."""
    report = _report(context, kinds.DIGEST_PEOPLE.read(context.row).period)
    return people_blocks.people(report, context.t, blocks.rest(report, context.t)) or Nothing()


@renders(kinds.DIGEST_TREND)
def digest_trend(context: RenderContext) -> Message | Nothing:
    """Render the last twelve weeks, where there are enough."""
    period = kinds.DIGEST_TREND.read(context.row).period
    report = trend.look_back(context.tx, context.workspace, period, context.now)
    return trend_blocks.trend(report, context.t) or Nothing()


def _report(context: RenderContext, period: str) -> WeeklyReport:
    return context.weeks.report(context.tx, context.workspace, period, context.now)
