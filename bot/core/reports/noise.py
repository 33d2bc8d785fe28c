"""Whether messages lead to anything, and what is done about those that do not: a ceiling for each person and day, and
kinds that nobody acts on are proposed to be muted. The definitions stand in docs/metrics.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

import sqlalchemy as sa

from bot.core.base import team
from bot.core.base.figure import Figure, Key
from bot.core.base.statistics import Estimate, wilson
from bot.core.messages import kinds
from bot.core.sla import clocks
from bot.core.sla.calendar import Calendar
from storage import members, noise
from storage.models import Mute, Workspace
from storage.noise import MeasuredMessage
from storage.reports import Span
from storage.vocabulary import MessageKind

LOOK_BACK = timedelta(days=90)
IN_TIME = timedelta(hours=24)
"""Open time after a message in which an act counts as one that it led to."""
ENOUGH = 30
"""Messages; below this no share is told."""
TOO_FEW_ACT = 0.05


@dataclass(frozen=True)
class Share:
    """The messages of one kind, and those that led to an act of their reader."""

    kind: MessageKind
    sent: Annotated[int, Figure("sent")]
    acted: Annotated[int, Figure("led to something")]

    @property
    def rate(self) -> Annotated[Estimate | None, Figure("led to something", "interval")]:
        """The share with its interval; None: not enough data."""
        return Estimate(self.acted / self.sent, wilson(self.acted, self.sent)) if self.sent >= ENOUGH else None

    @property
    def useless(self) -> bool:
        """Whether it is proposed to mute this kind: even the upper end of the interval is below 5 %."""
        return self.kind in kinds.MUTABLE and self.rate is not None and self.rate.interval.high < TOO_FEW_ACT


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
    daily_limit: Annotated[int, Key()]
    shares: tuple[Share, ...]
    """Most sent first."""
    muted: tuple[Silenced, ...]

    @property
    def proposed(self) -> tuple[Share, ...]:
        """The kinds that nobody acts on and that are not muted yet."""
        silent = {mute.kind for mute in self.muted}
        return tuple(share for share in self.shares if share.useless and share.kind not in silent)


def report(tx: sa.Connection, workspace: Workspace, now: datetime) -> NoiseReport:
    """Return what the messages of the last 90 days led to, without those whose time is not over."""
    calendar = clocks.require_agreement(tx, workspace.id).calendar
    until = _over_before(calendar, now)
    since = now - LOOK_BACK
    messages = noise.measured_messages(tx, workspace.id, kinds.MEASURED, Span(since, until))
    names = team.names(members.roster(tx, workspace.id))
    silent = [_silenced(mute, names) for mute in noise.muted(tx, workspace.id).values()]
    return NoiseReport(since, until, workspace.daily_messages, _shares(messages, calendar), tuple(silent))


def _silenced(mute: Mute, names: dict[str, str]) -> Silenced:
    return Silenced(mute.kind, names.get(mute.by, mute.by), mute.at)


def _over_before(calendar: Calendar, now: datetime) -> datetime:
    """Return the latest moment from which 24 open hours have passed by now, to a minute."""
    low, high = now - timedelta(days=366), now
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if calendar.open_between(middle, now) >= IN_TIME else (low, middle)
    return low


def _shares(messages: Sequence[MeasuredMessage], calendar: Calendar) -> tuple[Share, ...]:
    counts: dict[MessageKind, list[int]] = defaultdict(lambda: [0, 0])
    for message in messages:
        counts[message.kind][0] += 1
        if message.acted_at is not None and calendar.open_between(message.sent_at, message.acted_at) <= IN_TIME:
            counts[message.kind][1] += 1
    shares = (Share(kind, sent, acted) for kind, (sent, acted) in counts.items())
    return tuple(sorted(shares, key=lambda share: (-share.sent, share.kind)))
