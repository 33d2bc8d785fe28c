"""Asking the owner once more what became of an MQL, when they likely know: the working day after a meeting, after the
end of a pause, after the day on which a recycled lead was to be asked again. One question waits at a time: a later
moment takes the place of an earlier one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.base import team
from bot.core.messages import kinds, notifications
from bot.core.sla import clocks
from bot.core.sla.checkpoints import Agreement
from bot.core.sla.own_hours import awake_of
from storage import followup_questions, members, mqls
from storage.models import Mql
from storage.vocabulary import AskWhy, ClockKind, ClockState, EventType, Status

AT = time(10)
"""Local time of the question, where the calendar is open then."""
APART = timedelta(days=3)
"""At least so long after the last question, or reminder of the feedback clock."""
A_DAY = timedelta(days=1)
NOTHING: dict[str, Any] = {"ask_at": None, "ask_why": None}
"""The columns of an MQL about which nobody is to be asked."""


def schedule(tx: sa.Connection, subject: Mql, why: AskWhy, happened: datetime) -> None:
    """Ask on the working day after something happened, at AT. The caller holds the MQL."""
    zone = ZoneInfo(agreement(tx, subject).calendar.timezone)
    schedule_on(tx, subject, why, happened.astimezone(zone).date())


def schedule_on(tx: sa.Connection, subject: Mql, why: AskWhy, day: date) -> None:
    """Ask on the working day after a day, at AT. The caller holds the MQL."""
    agreed = agreement(tx, subject)
    if agreed.terms.feedback_ask_again:
        mqls.update(tx, subject.workspace_id, subject.id, ask_at=time_on(agreed, day + A_DAY), ask_why=why)


def ask(tx: sa.Connection, workspace_id: str, mql_id: int, now: datetime) -> bool:
    """Ask the owner now, if there is still something to ask. Says whether they were asked; where they were asked a
    short while ago, or sleep, the question waits."""
    subject = mqls.locked(tx, workspace_id, mql_id)
    if subject is None or subject.ask_at is None or subject.ask_why is None or subject.ask_at > now:
        return False
    agreed = agreement(tx, subject)
    later = _not_before(tx, subject, agreed, now)
    if later > now and _worth(tx, subject, agreed):
        mqls.update(tx, workspace_id, mql_id, ask_at=later)
        return False
    mqls.update(tx, workspace_id, mql_id, **NOTHING)
    asked = team.responder(members.roster(tx, workspace_id), subject, now)
    if asked is None or not _worth(tx, subject, agreed):
        return False
    data = {"why": subject.ask_why}
    event_id = mqls.log(tx, subject, EventType.ASKED, now, now, before=asked.user_id, data=data)
    notifications.send_dm(tx, kinds.FEEDBACK_AGAIN(why=subject.ask_why), [asked.user_id], subject, event_id, now)
    return True


def _worth(tx: sa.Connection, subject: Mql, agreed: Agreement) -> bool:
    """Return whether there is an owner who can answer: the outcome is missing and its clock does not stand still, or
    the lead was recycled until then."""
    owner = members.get(tx, subject.workspace_id, subject.owner or "")
    if owner is None or not owner.active or not agreed.terms.feedback_ask_again:
        return False
    if subject.ask_why == AskWhy.RETURN:
        return subject.status == Status.RECYCLED
    clock_rows = mqls.clocks(tx, subject.workspace_id, [subject.id])
    return subject.awaits_outcome and all(clock.state != ClockState.PAUSED for clock in clock_rows)


def _not_before(tx: sa.Connection, subject: Mql, agreed: Agreement, now: datetime) -> datetime:
    last = followup_questions.last_question(tx, subject.workspace_id, subject.id)
    at = now if last is None else max(now, last + APART)
    roster = members.roster(tx, subject.workspace_id)
    if team.responder(roster, subject, now) is None:  # whoever is away, without a cover, is asked when they are back
        owner = next((member for member in roster if member.user_id == subject.owner), None)
        at = max(at, owner.away_until or at) if owner else at
    return awake_of(agreed, team.responder(roster, subject, at), at)


def time_on(agreed: Agreement, first: date) -> datetime:
    """Return the first open moment from AT of a day on; of a later day its AT where that is open, else its opening."""
    zone = ZoneInfo(agreed.calendar.timezone)
    at = datetime.combine(first, AT, zone).astimezone(UTC)
    opening = agreed.calendar.next_opening(at)
    if opening > at:
        wanted = datetime.combine(opening.astimezone(zone).date(), AT, zone).astimezone(UTC)
        opening = wanted if wanted > opening and agreed.calendar.is_open(wanted) else opening
    return agreed.awake_at(opening)


def agreement(tx: sa.Connection, subject: Mql) -> Agreement:
    """Return what was agreed for the feedback of an MQL; for its response where it never had a feedback clock."""
    clock_of = {clock.kind: clock for clock in mqls.clocks(tx, subject.workspace_id, [subject.id])}
    return clocks.agreement_of(tx, clock_of.get(ClockKind.FEEDBACK) or clock_of[ClockKind.RESPONSE])
