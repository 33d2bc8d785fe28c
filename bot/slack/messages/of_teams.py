"""What is said to a team and about it: its weeks and months, its meeting, its agreement, its alerts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from bot.core.agreement import definition
from bot.core.base import team
from bot.core.mql import marketing_updates
from bot.core.reports import checkup, monthly, own_week, scoring, trend, weekly
from bot.core.review import action_changes, actions, meeting
from bot.slack.blocks import actions as action_blocks
from bot.slack.blocks import alerts as alert_blocks
from bot.slack.blocks import checkup as checkup_blocks
from bot.slack.blocks import definition as definition_blocks
from bot.slack.blocks import digest, digest_people, digest_trend, direct_messages
from bot.slack.blocks import marketing_updates as origin_blocks
from bot.slack.blocks import meeting as meeting_blocks
from bot.slack.blocks import monthly as monthly_blocks
from bot.slack.blocks import own_week as own_week_blocks
from bot.slack.blocks import scoring as scoring_blocks
from bot.slack.blocks.kit import Message
from bot.slack.messages.context import RenderContext
from storage import members, mqls, unreadables
from storage.vocabulary import MessageKind, UnreadableState


def _outcomes(context: RenderContext) -> Message:
    span = marketing_updates.span_of(context.row.data)
    return origin_blocks.day(marketing_updates.of_day(context.tx, context.workspace, span), span.end, context.t)


def _unreadable(context: RenderContext) -> Message:
    entry = unreadables.get(context.tx, context.workspace.id, context.row.data["unreadable"])
    if entry is None:
        raise LookupError(f"message {context.row.id} is about no entry of the intake queue")
    if entry.state == UnreadableState.OPEN:
        return direct_messages.unreadable(entry.id, entry.reason, entry.found, context.t)
    closer = members.get(context.tx, context.workspace.id, entry.closed_by or "")
    subject = mqls.get(context.tx, context.workspace.id, entry.mql_id) if entry.mql_id else None
    by = closer.name if closer else (entry.closed_by or "")
    return direct_messages.unreadable_done(entry.state, subject.number if subject else None, by, context.t)


def _digest_erased(context: RenderContext) -> Message:
    return digest.erased(context.row.data["period"], context.t)


def _digest(context: RenderContext) -> Message:
    report = weekly.weekly(context.tx, context.workspace, context.row.data["period"], context.now)
    reader = members.get(context.tx, context.workspace.id, context.row.target)
    return digest.weekly(report, context.t, may_act=team.may_lead(reader))


def _digest_people(context: RenderContext) -> Message | None:
    told = weekly.people(context.tx, context.workspace, context.row.data["period"], context.now)
    return digest_people.people(told, context.t)


def _digest_trend(context: RenderContext) -> Message | None:
    told = trend.look_back(context.tx, context.workspace, context.row.data["period"], context.now)
    return digest_trend.trend(told, context.t)


def _own_week(context: RenderContext) -> Message | None:
    period, reader = context.row.data["period"], context.row.target
    return own_week_blocks.own_week(
        own_week.own_week(context.tx, context.workspace, reader, period, context.now), context.t
    )


def _own_week_erased(context: RenderContext) -> Message:
    return own_week_blocks.erased(context.t)


def _checkup(context: RenderContext) -> Message:
    return checkup_blocks.reminder(checkup.newest(context.tx, context.workspace.id), context.t)


def _monthly(context: RenderContext) -> Message:
    told = monthly.report(context.tx, context.workspace, context.row.data["period"], context.now)
    return monthly_blocks.report(told, context.t)


def _scoring(context: RenderContext) -> Message:
    told = scoring.report(context.tx, context.workspace, context.row.data["period"])
    return scoring_blocks.check(told, context.t)


def _meeting(context: RenderContext) -> Message:
    told = meeting.agenda(context.tx, context.workspace, context.row.data, context.now)
    return meeting_blocks.agenda(told, context.t)


def _action_due(context: RenderContext) -> Message:
    found = actions.find(context.tx, context.workspace, context.row.data["action"], context.now)
    if found is None:
        raise LookupError(f"message {context.row.id} tells of no action of its workspace")
    data = context.row.data
    return action_blocks.due(found, context.t, data["owner"], date.fromisoformat(data["due_on"]))


def _action_changed(context: RenderContext) -> Message:
    data = context.row.data
    found = actions.find(context.tx, context.workspace, data["action"], context.now)
    told = action_changes.find_change(context.tx, context.workspace.id, data["action"], data["change"])
    if found is None or told is None:
        raise LookupError(f"message {context.row.id} tells of no action of its workspace")
    return action_blocks.changed(found, told, context.row.target, context.t)


def _definition(context: RenderContext) -> definition.Version:
    found = definition.find(context.tx, context.workspace.id, context.row.data["definition"])
    if found is None:
        raise LookupError(f"message {context.row.id} tells of no definition of its workspace")
    return found


def _definition_proposed(context: RenderContext) -> Message:
    told, reader = _definition(context), members.get(context.tx, context.workspace.id, context.row.target)
    return definition_blocks.proposed(told, context.t, may_agree=definition.may_agree(reader, told))


def _definition_agreed(context: RenderContext) -> Message:
    return definition_blocks.agreed(_definition(context), context.t)


def _alert(context: RenderContext) -> Message:
    return alert_blocks.alert(context.alert(), team.names(members.roster(context.tx, context.workspace.id)), context.t)


def _alert_over(context: RenderContext) -> Message:
    return alert_blocks.over(context.alert(), context.t)


KINDS: dict[MessageKind, Callable[[RenderContext], Message]] = {
    MessageKind.OUTCOMES: _outcomes,
    MessageKind.UNREADABLE: _unreadable,
    MessageKind.DIGEST: _digest,
    MessageKind.CHECKUP: _checkup,
    MessageKind.MONTHLY: _monthly,
    MessageKind.SCORING: _scoring,
    MessageKind.MEETING: _meeting,
    MessageKind.ACTION_DUE: _action_due,
    MessageKind.ACTION_CHANGED: _action_changed,
    MessageKind.DEFINITION_PROPOSED: _definition_proposed,
    MessageKind.DEFINITION_AGREED: _definition_agreed,
    MessageKind.ALERT: _alert,
    MessageKind.ALERT_OVER: _alert_over,
}

SHORTENED: dict[MessageKind, Callable[[RenderContext], Message]] = {
    MessageKind.DIGEST: _digest_erased,
    MessageKind.OWN_WEEK: _own_week_erased,
}

# Those that are not sent where they would say nothing.
IF_ANYTHING: dict[MessageKind, Callable[[RenderContext], Message | None]] = {
    MessageKind.DIGEST_PEOPLE: _digest_people,
    MessageKind.DIGEST_TREND: _digest_trend,
    MessageKind.OWN_WEEK: _own_week,
}
