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
from bot.slack.messages.context import Scene
from storage import members, mqls, unreadables
from storage.vocabulary import MessageKind, UnreadableState


def _outcomes(scene: Scene) -> Message:
    span = marketing_updates.span_of(scene.row.data)
    return origin_blocks.day(marketing_updates.of_day(scene.tx, scene.workspace, span), span.end, scene.t)


def _unreadable(scene: Scene) -> Message:
    entry = unreadables.get(scene.tx, scene.workspace.id, scene.row.data["unreadable"])
    if entry is None:
        raise LookupError(f"message {scene.row.id} is about no entry of the intake queue")
    if entry.state == UnreadableState.OPEN:
        return direct_messages.unreadable(entry.id, entry.reason, entry.found, scene.t)
    closer = members.get(scene.tx, scene.workspace.id, entry.closed_by or "")
    subject = mqls.get(scene.tx, scene.workspace.id, entry.mql_id) if entry.mql_id else None
    by = closer.name if closer else (entry.closed_by or "")
    return direct_messages.unreadable_done(entry.state, subject.number if subject else None, by, scene.t)


def _digest_erased(scene: Scene) -> Message:
    return digest.erased(scene.row.data["period"], scene.t)


def _digest(scene: Scene) -> Message:
    report = weekly.weekly(scene.tx, scene.workspace, scene.row.data["period"], scene.now)
    reader = members.get(scene.tx, scene.workspace.id, scene.row.target)
    return digest.weekly(report, scene.t, may_act=team.may_lead(reader))


def _digest_people(scene: Scene) -> Message | None:
    told = weekly.people(scene.tx, scene.workspace, scene.row.data["period"], scene.now)
    return digest_people.people(told, scene.t)


def _digest_trend(scene: Scene) -> Message | None:
    told = trend.look_back(scene.tx, scene.workspace, scene.row.data["period"], scene.now)
    return digest_trend.trend(told, scene.t)


def _own_week(scene: Scene) -> Message | None:
    period, reader = scene.row.data["period"], scene.row.target
    return own_week_blocks.own_week(own_week.own_week(scene.tx, scene.workspace, reader, period, scene.now), scene.t)


def _own_week_erased(scene: Scene) -> Message:
    return own_week_blocks.erased(scene.t)


def _checkup(scene: Scene) -> Message:
    return checkup_blocks.reminder(checkup.newest(scene.tx, scene.workspace.id), scene.t)


def _monthly(scene: Scene) -> Message:
    told = monthly.report(scene.tx, scene.workspace, scene.row.data["period"], scene.now)
    return monthly_blocks.report(told, scene.t)


def _scoring(scene: Scene) -> Message:
    told = scoring.report(scene.tx, scene.workspace, scene.row.data["period"])
    return scoring_blocks.check(told, scene.t)


def _meeting(scene: Scene) -> Message:
    told = meeting.agenda(scene.tx, scene.workspace, scene.row.data, scene.now)
    return meeting_blocks.agenda(told, scene.t)


def _action_due(scene: Scene) -> Message:
    found = actions.find(scene.tx, scene.workspace, scene.row.data["action"], scene.now)
    if found is None:
        raise LookupError(f"message {scene.row.id} tells of no action of its workspace")
    data = scene.row.data
    return action_blocks.due(found, scene.t, data["owner"], date.fromisoformat(data["due_on"]))


def _action_changed(scene: Scene) -> Message:
    data = scene.row.data
    found = actions.find(scene.tx, scene.workspace, data["action"], scene.now)
    told = action_changes.told(scene.tx, scene.workspace.id, data["action"], data["change"])
    if found is None or told is None:
        raise LookupError(f"message {scene.row.id} tells of no action of its workspace")
    return action_blocks.changed(found, told, scene.row.target, scene.t)


def _definition(scene: Scene) -> definition.Version:
    found = definition.find(scene.tx, scene.workspace.id, scene.row.data["definition"])
    if found is None:
        raise LookupError(f"message {scene.row.id} tells of no definition of its workspace")
    return found


def _definition_proposed(scene: Scene) -> Message:
    told, reader = _definition(scene), members.get(scene.tx, scene.workspace.id, scene.row.target)
    return definition_blocks.proposed(told, scene.t, may_agree=definition.may_agree(reader, told))


def _definition_agreed(scene: Scene) -> Message:
    return definition_blocks.agreed(_definition(scene), scene.t)


def _alert(scene: Scene) -> Message:
    return alert_blocks.alert(scene.alert(), team.names(members.roster(scene.tx, scene.workspace.id)), scene.t)


def _alert_over(scene: Scene) -> Message:
    return alert_blocks.over(scene.alert(), scene.t)


KINDS: dict[MessageKind, Callable[[Scene], Message]] = {
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

SHORTENED: dict[MessageKind, Callable[[Scene], Message]] = {
    MessageKind.DIGEST: _digest_erased,
    MessageKind.OWN_WEEK: _own_week_erased,
}

# Those that are not sent where they would say nothing.
IF_ANYTHING: dict[MessageKind, Callable[[Scene], Message | None]] = {
    MessageKind.DIGEST_PEOPLE: _digest_people,
    MessageKind.DIGEST_TREND: _digest_trend,
    MessageKind.OWN_WEEK: _own_week,
}
