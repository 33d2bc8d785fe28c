"""How fast a workspace speaks to Slack: a pace for each conversation, and a budget for each sort of call."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.models import Lane, lane

# A moment from further ahead is left over from before somebody set the machine's clock back.
LONGEST_PACE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True)
class Budget:
    """At most `burst` calls at once, and one more `every` so often: over any minute burst + 60 s / every.

    Counted by the generic cell rate algorithm (ITU-T I.371): one moment a budget, that up to which it is spent.
    """

    name: str
    """A word in small letters, which no Slack id is."""
    burst: int
    every: timedelta

    def left(self, spent_until: datetime | None, now: datetime) -> int:
        """Return how many calls may be made now, 0 to `burst`."""
        if spent_until is None or not now < spent_until < now + self.burst * self.every + LONGEST_PAUSE:
            return self.burst
        return max(0, (now + self.burst * self.every - spent_until) // self.every)

    def after(self, spent_until: datetime | None, calls: int, now: datetime) -> datetime:
        """Return up to when it is spent once these calls are made now."""
        full = self.left(spent_until, now) == self.burst
        start = now if spent_until is None or full else max(spent_until, now)
        return start + calls * self.every


def spent_until(tx: sa.Connection, workspace_id: str, budget: Budget) -> datetime | None:
    """Return up to when a budget is spent, held until the transaction ends; None where nothing of it ever was."""
    return _next_at(tx, workspace_id, budget.name, hold=True)


def spend(
    tx: sa.Connection, workspace_id: str, budget: Budget, spent: datetime | None, calls: int, now: datetime
) -> None:
    """Take these calls from a budget; `spent` is what `spent_until` returned."""
    pace(tx, workspace_id, budget.name, budget.after(spent, calls, now))


def pause(tx: sa.Connection, workspace_id: str, budget: Budget, until: datetime) -> None:
    """No call of this sort before then; then one, and further ones at the budget's rate."""
    spent_until = until + (budget.burst - 1) * budget.every
    known = _next_at(tx, workspace_id, budget.name, hold=True)
    if known is None or known < spent_until:
        pace(tx, workspace_id, budget.name, spent_until)


def pace(tx: sa.Connection, workspace_id: str, target: str, next_at: datetime, ts: str | None = None) -> None:
    """No call to this conversation before `next_at`; `ts`: Slack's of a message of ours that is there now."""
    paced = {"workspace_id": workspace_id, "target": target, "next_at": next_at, "newest_ts": ts or "0"}
    tx.execute(_pacing(tx.dialect.name), paced)


def free_at(tx: sa.Connection, workspace_id: str, targets: Collection[str]) -> dict[str, datetime]:
    """From when on each of these conversations may be spoken to, as far as we have spoken to them."""
    known = rows.of_each(tx, Lane, lane, {"workspace_id": workspace_id}, "target", targets, order_by="target")
    return {paced_lane.target: paced_lane.next_at for paced_lane in known}


def closed(tx: sa.Connection, workspace_id: str, target: str, now: datetime) -> bool:
    """Return whether whoever is behind this name has asked us to wait until later than `now`."""
    next_at = _next_at(tx, workspace_id, target)
    return next_at is not None and now < next_at <= now + LONGEST_PAUSE


@cache
def _pacing(dialect: str) -> Any:
    later = sa.func.max if dialect == "sqlite" else sa.func.greatest
    paced = rows.inserting_in(dialect, lane)
    values = {"next_at": paced.excluded.next_at, "newest_ts": later(lane.c.newest_ts, paced.excluded.newest_ts)}
    return paced.on_conflict_do_update(index_elements=[lane.c.workspace_id, lane.c.target], set_=values)


def paced(
    workspace_id: sa.ColumnElement[str], now: sa.ColumnElement[datetime], far: sa.ColumnElement[datetime]
) -> sa.Select[str]:
    """Return the conversations that have to wait for their turn; `far` is LONGEST_PACE after now."""
    return sa.select(lane.c.target).where(
        lane.c.workspace_id == workspace_id, lane.c.next_at > now, lane.c.next_at < far
    )


def _next_at(tx: sa.Connection, workspace_id: str, target: str, *, hold: bool = False) -> datetime | None:
    known = rows.find(tx, Lane, lane, {"workspace_id": workspace_id, "target": target}, hold=hold)
    return known.next_at if known else None
