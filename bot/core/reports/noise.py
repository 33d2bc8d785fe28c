"""Whether messages lead to anything, and what is done about those that do not: a ceiling for each person and day, and
kinds that nobody acts on are proposed to be muted. The definitions stand in docs/metrics.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.base import team, wall_clock
from bot.core.base.statistics import Estimate, wilson
from bot.core.messages import notifications
from bot.core.sla import clocks
from bot.core.sla.calendar import Calendar
from bot.core.sla.checkpoints import Agreement
from storage import claims, members, mqls, noise, policies, workspaces
from storage.models import Mute, Outbox, Workspace
from storage.noise import Told
from storage.reports import Span
from storage.vocabulary import CalendarKind, MessageKind, OutboxState

LOOK_BACK = timedelta(days=90)
IN_TIME = timedelta(hours=24)
"""Open time after a message in which an act counts as one that it led to."""
ENOUGH = 30
"""Messages; below this no share is told."""
TOO_FEW_ACT = 0.05
MUTABLE = notifications.MERGED
"""Reminders. What names a new MQL, and what tells a leader, is never muted."""
MUTED = "this kind of message is muted"
"""The reason of the event that tells of a message that was not sent."""
MEASURED = (
    MessageKind.ASSIGNMENT,
    MessageKind.REMINDER,
    MessageKind.FEEDBACK_REMINDER,
    MessageKind.FEEDBACK_AGAIN,
    MessageKind.HELD,
    MessageKind.ESCALATION,
    MessageKind.FEEDBACK_OVERDUE,
    MessageKind.OFFER,
    MessageKind.UNASSIGNED,
    MessageKind.OWNER_LEFT,
    MessageKind.DISPUTED,
    MessageKind.REOPENED,
    MessageKind.UNREACHABLE,
)
"""Direct messages about MQLs, which have something to press."""


@dataclass(frozen=True)
class Share:
    """The messages of one kind, and those that led to an act of their reader."""

    kind: MessageKind
    sent: int
    acted: int

    @property
    def rate(self) -> Estimate | None:
        """The share with its interval; None: not enough data."""
        return Estimate(self.acted / self.sent, wilson(self.acted, self.sent)) if self.sent >= ENOUGH else None

    @property
    def useless(self) -> bool:
        """Whether it is proposed to mute this kind: even the upper end of the interval is below 5 %."""
        return self.kind in MUTABLE and self.rate is not None and self.rate.interval.high < TOO_FEW_ACT


@dataclass(frozen=True)
class Silenced:
    """A kind that is muted."""

    kind: MessageKind
    by: str
    """Display name."""
    at: datetime


@dataclass(frozen=True)
class NoiseReport:
    """What the direct messages of 90 days led to."""

    since: datetime
    until: datetime
    """Later ones may still lead to something."""
    daily_limit: int
    shares: tuple[Share, ...]
    """Most sent first."""
    muted: tuple[Silenced, ...]

    @property
    def proposed(self) -> tuple[Share, ...]:
        """The kinds that nobody acts on and that are not muted yet."""
        silent = {one.kind for one in self.muted}
        return tuple(share for share in self.shares if share.useless and share.kind not in silent)


def report(tx: sa.Connection, workspace: Workspace, now: datetime) -> NoiseReport:
    """What the messages of the last 90 days led to, without those whose time is not over."""
    calendar = _agreement(tx, workspace).calendar
    until = _over_before(calendar, now)
    since = now - LOOK_BACK
    told = noise.told(tx, workspace.id, MEASURED, Span(since, until))
    names = team.names(members.roster(tx, workspace.id))
    silent = [_silenced(one, names) for one in noise.muted(tx, workspace.id).values()]
    return NoiseReport(since, until, workspace.daily_messages, _shares(told, calendar), tuple(silent))


def _silenced(one: Mute, names: dict[str, str]) -> Silenced:
    return Silenced(one.kind, names.get(one.by, one.by), one.at)


def _over_before(calendar: Calendar, now: datetime) -> datetime:
    """The latest moment from which 24 open hours have passed by now, to a minute."""
    low, high = now - timedelta(days=366), now
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if calendar.open_between(middle, now) >= IN_TIME else (low, middle)
    return low


def _shares(told: Sequence[Told], calendar: Calendar) -> tuple[Share, ...]:
    counts: dict[MessageKind, list[int]] = defaultdict(lambda: [0, 0])
    for one in told:
        counts[one.kind][0] += 1
        if one.acted_at is not None and calendar.open_between(one.sent_at, one.acted_at) <= IN_TIME:
            counts[one.kind][1] += 1
    shares = (Share(kind, sent, acted) for kind, (sent, acted) in counts.items())
    return tuple(sorted(shares, key=lambda share: (-share.sent, share.kind)))


# Muting


def set_muted(tx: sa.Connection, workspace_id: str, kind: MessageKind, by: str, now: datetime, *, muted: bool) -> bool:
    """Send messages of a kind no more, or again. False: it is so already, or the kind cannot be muted."""
    # Two leaders who press at once take turns: one of them changes something.
    workspaces.locked(tx, workspace_id)
    if kind not in MUTABLE or (kind in noise.muted(tx, workspace_id)) == muted:
        return False
    noise.set_muted(tx, workspace_id, kind, by, now, muted=muted)
    return True


def why_muted(tx: sa.Connection, row: Outbox) -> str | None:
    """Why a message is not sent though it is true: its kind is muted, and nobody asked for it. None for any other."""
    if row.kind not in MUTABLE or row.kind not in noise.muted(tx, row.workspace_id) or _asked_for(tx, row):
        return None
    return MUTED


# The ceiling


def to_send(tx: sa.Connection, row: Outbox, now: datetime) -> Outbox | None:
    """What is to be sent of a message that was just claimed: it, or what it became together with others that wait for
    the same reader. None: it waits for the next day, for its reader has had enough today."""
    if row.kind not in notifications.MERGED:
        return row
    muted = noise.muted(tx, row.workspace_id)
    if row.kind in muted:
        return row  # by itself, so that its own MQL says that it was dropped
    if _waits(tx, row, now):
        return None
    return claims.merge(tx, row, [kind for kind in notifications.MERGED if kind not in muted], now)


def _waits(tx: sa.Connection, row: Outbox, now: datetime) -> bool:
    workspace = workspaces.get(tx, row.workspace_id)
    if workspace is None or row.attempts > 1 or row.maybe_sent or _asked_for(tx, row):
        return False
    today = wall_clock.day_in(workspace.timezone, now)
    midnight = datetime.combine(today, time(), ZoneInfo(workspace.timezone)).astimezone(UTC)
    if noise.told_since(tx, row.workspace_id, row.target, midnight) < workspace.daily_messages:
        return False
    # As one that nobody has tried: those that wait for the same morning become one.
    later = {"attempts": 0, "due_at": (at := morning(tx, workspace, now)), "next_attempt_at": at}
    return claims.settle(tx, row, OutboxState.PENDING, **later, error="over the daily limit")


def _asked_for(tx: sa.Connection, row: Outbox) -> bool:
    told = mqls.get_event(tx, row.workspace_id, row.event_id) if row.event_id is not None else None
    return told is not None and told.actor is not None


def morning(tx: sa.Connection, workspace: Workspace, now: datetime) -> datetime:
    """When the next day's messages begin: at the opening of the next working day, or at the digest's time of it where
    the calendar counts whole days; after the quiet hours."""
    zone, agreed = ZoneInfo(workspace.timezone), _agreement(tx, workspace)
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    opens = agreed.calendar.next_opening(datetime.combine(tomorrow, time(), zone))
    if agreed.calendar.rules.kind != CalendarKind.BUSINESS_HOURS:
        day, at = opens.astimezone(zone).date(), time.fromisoformat(workspace.digest_time)
        opens = max(opens, datetime.combine(day, at, zone).astimezone(UTC))
    return agreed.terms.quiet.over_at(opens, workspace.timezone) if agreed.terms.quiet else opens


def _agreement(tx: sa.Connection, workspace: Workspace) -> Agreement:
    version = policies.current(tx, workspace.id)
    if version is None:
        raise LookupError(f"workspace {workspace.id} has no policy")
    return clocks.agreement(version, None)
