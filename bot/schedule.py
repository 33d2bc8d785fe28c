"""Jobs that run every so often, by APScheduler, whatever is done to the machine's clock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from bot.machine_clock import MachineClock

PACE = timedelta(seconds=5)
"""How often we see whether the clock was set; by less than that no job is late."""


class Schedule:
    """Several jobs, each of them once at a time, none made up for. Use once."""

    def __init__(self, clock: MachineClock | None = None, pace: timedelta = PACE) -> None:
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._clock, self._pace = clock or MachineClock(at_least=pace), pace
        self._stopping = threading.Event()
        self._pacer = threading.Thread(target=self._keep_pace, name="pace", daemon=True)

    def every(self, interval: timedelta, job: Callable[[], object]) -> None:
        """Run a job at the start and then every so often."""
        self._scheduler.add_job(
            job,
            "interval",
            seconds=interval.total_seconds(),
            next_run_time=datetime.now(UTC),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()
        self._pacer.start()

    def stop(self) -> None:
        """Finish the jobs in hand and begin none."""
        self._stopping.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
            self._pacer.join()

    def _keep_pace(self) -> None:
        """Let every job run anew when somebody has set the clock: APScheduler waits for a time of day, which is as much
        further off as the clock was set back."""
        while not self._stopping.wait(self._pace.total_seconds()):
            if self._clock.moved() is not None:
                for job in self._scheduler.get_jobs():
                    job.modify(next_run_time=datetime.now(UTC))
