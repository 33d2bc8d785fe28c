"""A business trip in a status or a calendar is asked about rather than decided on.

Some answer from the train, some do not. Whoever travels is asked once, by one message with two buttons, two days ahead
at the earliest; of a status once a week, because most have no end. While nobody answers nothing changes, and nobody is
asked of days on which they are away already.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.base import permissions, team
from bot.core.base.day_words import Days
from bot.core.base.permissions import Permission
from bot.core.messages import kinds, outgoing
from bot.core.routing import absences
from bot.core.routing.learnt_absences import Stretch
from storage import absences as rows
from storage import members
from storage.models import Workspace
from storage.vocabulary import AbsenceSource

AHEAD = timedelta(days=2)


def ask(
    tx: sa.Connection,
    workspace: Workspace,
    user_id: str,
    source: AbsenceSource,
    stretches: Sequence[Stretch],
    now: datetime,
) -> None:
    """Ask somebody whether they are away on trips of theirs, each once."""
    member = members.get(tx, workspace.id, user_id) if stretches else None
    if member is None or not permissions.may(member, Permission.OWN_ABSENCE):
        return
    known = rows.of(tx, workspace.id, user_id, now)
    timezone = team.reader_timezone(member, workspace.timezone)
    for begins, ends in stretches:
        is_away = any(row.from_at <= max(begins, now) and row.until_at > max(begins, now) for row in known)
        if is_away or ends <= now or begins > now + AHEAD:
            continue
        days = Days.of(begins, ends, timezone)
        year, week, _ = days.first.isocalendar()
        which = f"{year}-W{week}" if source == AbsenceSource.STATUS else f"{days.first}:{days.last}"
        content = kinds.TRIP_ASKED(first=days.first, last=days.last, source=source)
        awake = absences.awake(tx, workspace.id, user_id, now)
        key = f"{content.kind.word}:{user_id}:{source}:{which}"
        outgoing.add(tx, workspace.id, key, content, user_id, now, not_before=awake)
