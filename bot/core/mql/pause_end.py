"""End pauses at their time, however late that is noticed, and tell the owner."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from bot.core.base import team
from bot.core.messages import kinds, notifications
from bot.core.messages.kinds import Content
from bot.core.messages.notifications import HeldBack
from bot.core.mql import followup_question
from bot.core.sla import clocks
from bot.core.sla.checkpoints import Agreement
from bot.core.sla.own_hours import awake_of
from storage import members, mqls
from storage.models import Clock, Member, Mql
from storage.vocabulary import AskWhy, ClockState, EventType


def end_if_over(tx: sa.Connection, subject: Mql, now: datetime) -> bool:
    """End a pause that is over, at its true time, and tell the owner. Return whether one was over.

    Called by the tick, and by everything that stops or starts a clock of a paused MQL, because the tick may be late."""
    over = over_at(clocks.paused(tx, subject), now)
    if over is None:
        return False
    end(tx, subject, over, now)
    return True


def over_at(open_clocks: Iterable[Clock], now: datetime) -> datetime | None:
    """Return when the pause of an MQL ended, by its clocks; None if it has not."""
    ends = (clock.next_check_at for clock in open_clocks if clock.state == ClockState.PAUSED)
    return next((end for end in ends if end is not None and end <= now), None)


def running(tx: sa.Connection, subject: Mql, now: datetime) -> list[Clock]:
    """Return the running clocks of an MQL; the paused ones if its pause is over but the tick has not ended it yet."""
    waiting = clocks.paused(tx, subject)
    return clocks.running(tx, subject) or (waiting if over_at(waiting, now) else [])


def end(tx: sa.Connection, subject: Mql, at: datetime, now: datetime, by: str | None = None) -> int | None:
    """Resume the paused clocks from `at`, and tell the owner unless they ended the pause themselves. Return the event's
    id; None if nothing was paused."""
    waiting = clocks.paused(tx, subject)
    if not waiting:
        return None
    clocks.resume(tx, waiting, at)
    event_id = mqls.log(tx, subject, EventType.RESUMED, at, now, actor=by)
    if by is None and subject.awaits_outcome:
        followup_question.schedule(tx, subject, AskWhy.PAUSE, at)
    asked = team.responder(members.roster(tx, subject.workspace_id), subject, now)
    if asked is not None and asked.user_id != by:
        agreed = clocks.agreement_of(tx, waiting[0])
        tell_awake(tx, kinds.PAUSE_OVER(), [asked], subject, event_id, agreed, now)
    notifications.update_card(tx, subject, event_id, now)
    return event_id


def tell_awake(
    tx: sa.Connection,
    content: Content,
    people: Iterable[Member | str],
    subject: Mql,
    event_id: int,
    agreed: Agreement,
    now: datetime,
) -> None:
    """Send an unsolicited direct message; in the quiet hours of its reader it is held until they end."""
    for person in people:
        awake = awake_of(agreed, person, now)
        if awake > now:
            held = HeldBack(content, notifications.user_of(person), subject, event_id, awake)
            notifications.hold_all(tx, [held], now)
        else:
            notifications.send_dm(tx, content, [person], subject, event_id, now)
