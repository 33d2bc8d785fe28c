"""Which messages are held back: kinds that are muted, and the daily ceiling of each person."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.base import audit, wall_clock
from bot.core.base.audit import Author
from bot.core.messages import kinds, outgoing
from bot.core.messages.kinds import Group
from bot.core.sla import clocks, working_days
from storage import claims, mqls, noise, workspaces
from storage.models import Outbox, Workspace
from storage.vocabulary import AuditKind, MessageKind, OutboxState

MUTED = "this kind of message is muted"
"""The reason of the event that tells of a message that was not sent."""


def set_muted(tx: sa.Connection, workspace_id: str, kind: MessageKind, by: str, now: datetime, *, muted: bool) -> bool:
    """Send messages of a kind no more, or again. False: it is so already, or the kind cannot be muted."""
    # Two leaders who press at once take turns: one of them changes something.
    workspaces.locked(tx, workspace_id)
    if kind not in kinds.MUTABLE or (kind in noise.muted(tx, workspace_id)) == muted:
        return False
    noise.set_muted(tx, workspace_id, kind, by, now, muted=muted)
    before, after = ({"muted": value} for value in (not muted, muted))
    author = Author.in_slack(by)
    audit.record(tx, workspace_id, AuditKind.MUTE, author, now, kind.value, before=before, after=after)
    return True


def why_muted(tx: sa.Connection, row: Outbox) -> str | None:
    """Return why a message is not sent though it is true: its kind is muted, and nobody asked for it. None for any
    other."""
    if row.kind not in kinds.MUTABLE or row.kind not in noise.muted(tx, row.workspace_id) or _asked_for(tx, row):
        return None
    return MUTED


def to_send(tx: sa.Connection, row: Outbox, now: datetime) -> Outbox | None:
    """Return what is to be sent of a message that was just claimed: it, or what it became together with others that
    wait for the same reader. None: it waits for the next day, for its reader has had enough today."""
    group = kinds.together_with(row.kind)
    if not group:
        return row
    muted = noise.muted(tx, row.workspace_id)
    if row.kind in muted:
        return row  # by itself, so that its own MQL says that it was dropped
    if kinds.KINDS[row.kind].group is Group.OWN_WORK and _waits(tx, row, now):
        return None
    return claims.merge(tx, row, [kind for kind in group if kind not in muted], outgoing.combined, now)


def _waits(tx: sa.Connection, row: Outbox, now: datetime) -> bool:
    workspace = workspaces.get(tx, row.workspace_id)
    if workspace is None or row.attempts > 1 or row.maybe_sent or _asked_for(tx, row):
        return False
    today = wall_clock.day_in(workspace.timezone, now)
    midnight = datetime.combine(today, time(), ZoneInfo(workspace.timezone)).astimezone(UTC)
    if noise.messages_since(tx, row.workspace_id, row.target, midnight) < workspace.daily_messages:
        return False
    # As one that nobody has tried: those that wait for the same morning become one.
    later = {"attempts": 0, "due_at": (at := morning(tx, workspace, now)), "next_attempt_at": at}
    return claims.settle(tx, row, OutboxState.PENDING, **later, error="over the daily limit")


def _asked_for(tx: sa.Connection, row: Outbox) -> bool:
    event = mqls.get_event(tx, row.workspace_id, row.event_id) if row.event_id is not None else None
    return event is not None and event.actor is not None


def morning(tx: sa.Connection, workspace: Workspace, now: datetime) -> datetime:
    """Return when the next day's messages begin: at the opening of the next working day, or at the digest's time of
    it where the calendar counts whole days; after the quiet hours."""
    tomorrow = wall_clock.day_in(workspace.timezone, now) + timedelta(days=1)
    return working_days.opening(clocks.require_agreement(tx, workspace.id), tomorrow, workspace.digest_time)
