"""The end of a pause: by itself at its time, however late that is noticed, and what its owner hears of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from bot.core.base import team
from bot.core.messages import kinds, notifications
from bot.core.messages.kinds import Content
from bot.core.mql import followup_question
from bot.core.sla import clocks
from bot.core.sla.checkpoints import Agreement
from storage import members, mqls
from storage.models import Member, Mql
from storage.vocabulary import AskWhy, EventType


def end_if_over(tx: sa.Connection, subject: Mql, now: datetime) -> bool:
    """End a pause that is over at its true time, and tell the owner. Says whether one was. Called by the tick, and by
    whatever stops or starts a clock of a paused MQL: the tick may not have come by."""
    ends = [clock.next_check_at for clock in clocks.paused(tx, subject)]
    over = [end for end in ends if end is not None and end <= now]
    if not over:
        return False
    end(tx, subject, over[0], now)
    return True


def end(tx: sa.Connection, subject: Mql, at: datetime, now: datetime, by: str | None = None) -> int | None:
    """Let the paused clocks run again from `at`, and tell the owner unless it is they who ended it. Returns the event's
    id; None where nothing was paused."""
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
    """Send a direct message that nobody has asked for: in the quiet hours it waits for their end."""
    awake = agreed.awake_at(now)
    if awake > now:
        notifications.hold_dm(tx, content, people, subject, event_id, now, awake)
    else:
        notifications.send_dm(tx, content, people, subject, event_id, now)
