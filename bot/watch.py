"""The bot watches itself: every process looks, whichever sees it first tells the admins.

What is wrong may be the delivery itself, so a watch delivers its own messages, and only these.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import structlog

from bot.core.health import alerts
from bot.core.health.conditions import ConditionContext
from bot.core.health.machine import Machine
from bot.core.messages.kinds import ALERTS
from bot.database_alarm import DatabaseAlarm
from bot.machine_clock import MachineClock
from bot.slack.context import AppContext
from bot.slack.delivery.loop import Delivery
from storage import future, undelivered, workspaces

INTERVAL = timedelta(seconds=30)
# Who has not looked for so long was asleep, or the clock was moved.
GAP = 3 * INTERVAL
ARRIVALS_EVERY = timedelta(minutes=10)

log = structlog.get_logger(__name__)


class Watch:
    """Looks twice a minute, in a thread of its own."""

    def __init__(
        self, context: AppContext, delivery: Delivery, clock: MachineClock | None = None, *, ticking: bool = True
    ) -> None:
        """`clock`: the machine's; `ticking`: whether this process watches the deadlines, too."""
        self._context, self._delivery = context, delivery
        self._clock = clock or MachineClock()
        self.alarm = DatabaseAlarm(context, ticking=ticking)
        self._moved: timedelta | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._since: datetime | None = None
        self._last: datetime | None = None
        self._arrivals_at: datetime | None = None
        self._trouble: str | None = None

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more. A look that has begun is not waited for: it may be on the way to a Slack that is away."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.look()
            except Exception:
                # The database may be away; the next look has to come all the same.
                log.exception("watch_failed")
            self._stopping.wait(INTERVAL.total_seconds())

    def look(self) -> None:
        """See what has begun and what is over, and say so."""
        now = self._context.now()
        self._ask_slack()
        self._moved = self._clock.moved() or self._moved
        if not self.alarm.look():
            return
        self._release(now)
        self._judge(now)
        self._moved = None
        with self._context.database.snapshot() as tx:
            unsent = undelivered.unsent_of(tx, self._context.identity.team_id, ALERTS)
        if unsent:
            self._delivery.drain(only=ALERTS)

    def _ask_slack(self) -> None:
        """Log when the way to Slack is lost, and when it is there again: the alerts need that way themselves."""
        gateway = self._context.gateway
        gateway.ask_if_quiet()
        if gateway.trouble != self._trouble:
            self._trouble = gateway.trouble
            if self._trouble:
                log.error("slack_away", code=self._trouble)
            else:
                log.info("slack_back")

    def _release(self, now: datetime) -> None:
        """Let go what waits for a time that the clock showed by mistake."""
        workspace_id = self._context.identity.team_id
        with self._context.database.snapshot() as tx:
            back = future.furthest(tx, workspace_id, now)
        if back is None and not (self._moved and self._moved < timedelta(0)):
            return
        # The heartbeat tells, too, where the clock was set while no process ran.
        self._moved = self._moved or (-back if back else None)
        with self._context.database.transaction() as tx:
            released = future.release(tx, workspace_id, now)
        log.warning("clock_set_back", workspace=workspace_id, released=released)
        self._context.wake()

    def _judge(self, now: datetime) -> None:
        since = self._watching_since(now)
        arrivals_too = self._asks_for_arrivals(now)
        file = self._context.database.file
        gateway, free = self._context.gateway, file.free if file else None
        machine = Machine(self._moved, gateway.clock.known, free, gateway.strangers.lasting)
        with self._context.database.snapshot() as tx:
            workspace = workspaces.get(tx, self._context.identity.team_id)
            if workspace is None or not alerts.changed(
                ConditionContext(tx, workspace, now, since, arrivals_too, machine)
            ):
                return
        with self._context.database.transaction() as tx:
            held = workspaces.locked(tx, workspace.id)
            if held is not None:
                alerts.tell(ConditionContext(tx, held, now, since, arrivals_too, machine))

    def _watching_since(self, now: datetime) -> datetime:
        if self._since is None or self._last is None or not timedelta(0) <= now - self._last <= GAP:
            self._since = now
        self._last = now
        return self._since

    def _asks_for_arrivals(self, now: datetime) -> bool:
        if self._arrivals_at is not None and timedelta(0) <= now - self._arrivals_at < ARRIVALS_EVERY:
            return False
        self._arrivals_at = now
        return True
