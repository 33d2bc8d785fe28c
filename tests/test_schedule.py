"""Ticks do not stop for as long as the machine's clock was set back."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

from bot.machine_clock import MachineClock
from bot.schedule import Schedule
from tests.patience import LONGEST

HOURS = timedelta(hours=3)


class SetClock:
    """A clock that somebody sets."""

    def __init__(self) -> None:
        self.by = 0.0

    def __call__(self) -> float:
        return time.time() + self.by


def test_a_clock_that_is_set_back_stops_no_job() -> None:
    wall, ran = SetClock(), threading.Semaphore(0)
    schedule = Schedule(MachineClock(wall, at_least=timedelta(seconds=1)), timedelta(seconds=0.01))
    schedule.every(timedelta(hours=1), ran.release)
    schedule.start()
    try:
        assert ran.acquire(timeout=LONGEST)  # the one at the start
        # What is an hour off by the clock of before is four hours off once it is set back by three.
        (job,) = schedule._scheduler.get_jobs()
        job.modify(next_run_time=datetime.now(UTC) + timedelta(hours=1) + HOURS)
        wall.by = -HOURS.total_seconds()
        assert ran.acquire(timeout=LONGEST)
    finally:
        schedule.stop()


def test_a_job_in_hand_is_finished_and_none_begun_afterwards() -> None:
    began, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def job() -> None:
        began.set()
        may_end.wait(LONGEST)
        ended.set()

    schedule = Schedule()
    schedule.every(timedelta(hours=1), job)
    schedule.start()
    assert began.wait(LONGEST)
    threading.Timer(0.05, may_end.set).start()
    schedule.stop()
    assert ended.is_set()


def test_a_schedule_that_never_began_can_be_stopped() -> None:
    Schedule().stop()
