"""The next touch: on which day the owner means to contact a lead again, and whether they did.

It is the rep's own plan. Nothing of it stops, moves or resets a clock: a promise is no answer, and a lead that waits is
overdue when the SLA says so, whatever was promised. A promise is kept by a further contact, or by the disposition,
until its day is over.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.base import permissions
from bot.core.base.permissions import Permission
from bot.core.base.results import ActionResult, Done, Refusal, Refused
from bot.core.messages import kinds, notifications
from bot.core.mql import followup_question, refusals
from bot.core.sla.own_hours import OwnHours
from storage import members, mqls, next_touches, workspaces
from storage.models import Mql, NextTouch
from storage.vocabulary import EventType

FARTHEST = timedelta(days=366)
A_DAY = timedelta(days=1)


def promise(tx: sa.Connection, workspace_id: str, mql_id: int, by: str, day: date, now: datetime) -> ActionResult:
    """Note that the owner means to contact the lead again on a day, in place of a day that was promised and is not
    over. Only of an MQL that was contacted and has no disposition; only its owner promises. `day`: tomorrow at the
    earliest, at most FARTHEST ahead; ValueError for any other."""
    subject = mqls.locked(tx, workspace_id, mql_id)
    if subject is None:
        return Refused(Refusal.NOT_FOUND)
    if subject.disposed:
        return Refused(Refusal.DISPOSED_ALREADY, number=subject.number)
    if not permissions.may(members.get(tx, workspace_id, by), Permission.NEXT_TOUCH, subject):
        refusals.note(tx, subject, by, Permission.NEXT_TOUCH, now)
        return Refused(Refusal.TOUCH_NOT_OWNER, number=subject.number)
    if subject.contacted_at is None:
        return Refused(Refusal.TOUCH_BEFORE_CONTACT, number=subject.number)
    zone = zone_of(tx, subject)
    today = now.astimezone(zone).date()
    if not today < day <= today + FARTHEST:
        raise ValueError(day)
    next_touches.drop(tx, workspace_id, mql_id, now)
    agreed = followup_question.agreement(tx, subject)
    own = OwnHours.of(members.get(tx, workspace_id, by), agreed.calendar.timezone)
    remind_at = followup_question.time_on(own.agreement(agreed), day)
    due_at = datetime.combine(day + A_DAY, time(), zone).astimezone(UTC)
    values = {"by": by, "made_at": now, "day": day.isoformat(), "due_at": due_at, "remind_at": remind_at}
    next_touches.add(tx, subject, **values)
    event_id = mqls.log(tx, subject, EventType.TOUCH_PROMISED, now, now, actor=by, after=day.isoformat())
    notifications.update_card(tx, subject, event_id, now)
    return Done(subject, event_id)


def keep(tx: sa.Connection, subject: Mql, at: datetime, event_id: int) -> None:
    """Note that a contact at its true time `at`, or the disposition, kept what was promised on an earlier day. What
    happens on the day of the promise itself is still what was promised after."""
    zone = zone_of(tx, subject)
    day_began = datetime.combine(at.astimezone(zone).date(), time(), zone).astimezone(UTC)
    next_touches.keep(tx, subject.workspace_id, subject.id, at, event_id, made_before=day_began)


def zone_of(tx: sa.Connection, subject: Mql) -> ZoneInfo:
    """Return the timezone in which a promised day begins and ends: the workspace's."""
    workspace = workspaces.get(tx, subject.workspace_id)
    if workspace is None:
        raise LookupError(subject.workspace_id)
    return ZoneInfo(workspace.timezone)


def remind(tx: sa.Connection, touch: NextTouch, now: datetime) -> int:
    """Remind the owner of the day's promise, once. Returns 1 where they were reminded: not of one that was kept or
    dropped, nor of an MQL that is over or has another owner by now."""
    subject = mqls.locked(tx, touch.workspace_id, touch.mql_id)
    current = next_touches.get(tx, touch.workspace_id, touch.id)
    if subject is None or current is None or current.remind_at is None or current.remind_at > now:
        return 0
    next_touches.set_reminder(tx, current, None)
    owner, over = members.get(tx, touch.workspace_id, touch.by), subject.disposed or now >= current.due_at
    done = current.kept_at is not None or current.dropped_at is not None
    if done or over or subject.owner != touch.by or owner is None or not owner.active:
        return 0
    event_id = mqls.log(tx, subject, EventType.TOUCH_DUE, now, now, before=touch.by, after=touch.day)
    notifications.send_dm(tx, kinds.NEXT_TOUCH(), [touch.by], subject, event_id, now)
    return 1
