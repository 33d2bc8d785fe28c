"""What comes due within moments is told in one message: MQLs of a trade fair pass their deadlines seconds apart."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cached_property

import sqlalchemy as sa

from bot.core.messages import kinds, notifications
from bot.core.messages.notifications import HeldBack
from bot.core.sla.checkpoints import Agreement
from bot.core.sla.clocks import Pin
from bot.core.sla.own_hours import awake_of
from storage import mqls, noise, outbox
from storage.models import Member
from storage.vocabulary import MessageKind

GATHERED_WITHIN = timedelta(seconds=30)
"""So long the first of several waits for those that follow, and no message waits longer."""


class Gathering:
    """For how long what is told now waits for what follows. For one transaction.

    A message waits where another clock of the workspace comes due within GATHERED_WITHIN, and where an earlier message
    waits for the same reader: then until that one goes. Whatever waits is still one row for each event, which
    `claims.merge` joins when the first is sent."""

    def __init__(self, tx: sa.Connection, workspace_id: str, now: datetime) -> None:
        self._tx, self._workspace_id, self._now = tx, workspace_id, now
        self._until: dict[str, datetime | None] = {}
        self._follows: bool | None = None
        self._awake: dict[tuple[Pin, str], datetime] = {}
        self.held: list[HeldBack] = []
        """What is told after the quiet hours of its reader."""

    @cached_property
    def muted(self) -> Collection[MessageKind]:
        """The kinds that are muted."""
        return noise.muted(self._tx, self._workspace_id)

    def awake(self, pinned: Pin, agreed: Agreement, person: Member | str) -> datetime:
        """Return when somebody hears of what they have not asked for, by what is agreed under a pin: of the thousands
        of clocks that a trade fair leaves most have the same few readers."""
        key = pinned, notifications.user_of(person)
        if key not in self._awake:
            self._awake[key] = awake_of(agreed, person, self._now)
        return self._awake[key]

    def until(self, target: str) -> datetime | None:
        """Return when a message to `target` is due; None: at once."""
        if target not in self._until:
            last = self._now + GATHERED_WITHIN
            waits = outbox.first_due(self._tx, self._workspace_id, target, kinds.HOLDABLE, self._now, last)
            self._until[target] = waits or (last if self._others_follow(last) else None)
        return self._until[target]

    def _others_follow(self, last: datetime) -> bool:
        if self._follows is None:
            self._follows = mqls.any_due(self._tx, self._workspace_id, self._now, last)
        return self._follows
