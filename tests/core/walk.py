"""A clock and its parts, looked at minute by minute: slow, and short enough to be believed.

Nothing here knows bot.core.sla or policy_migration. Everything happens at whole minutes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence, Set
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from bot.core.sla.calendar_rules import WEEKDAYS, CalendarRules, Weekday
from bot.core.sla.policy import EscalationStep, Terms
from storage.vocabulary import CalendarKind, ClockKind
from tests.core.oracle import MINUTE, Oracle

HOUR = timedelta(hours=1)
UNITS = {"m": MINUTE, "h": HOUR, "d": 24 * HOUR}
# Five weeks in which Berlin and New York change their clocks and Japan has two holidays.
FIRST = datetime(2026, 10, 19, tzinfo=UTC)
LAST = datetime(2026, 11, 24, tzinfo=UTC)

Point = tuple[datetime, str, EscalationStep | None]


@lru_cache(maxsize=64)
def opened(rules: CalendarRules, timezone: str) -> list[datetime]:
    """The open minutes of the five weeks, each named by its start."""
    return sorted(Oracle(rules, timezone, FIRST, LAST).minutes)


def within(block: str, timezone: str) -> list[datetime]:
    """The minutes that lie in a block of local time on any day."""
    every_day: dict[Weekday, tuple[str, ...]] = dict.fromkeys(WEEKDAYS, (block,))
    return opened(CalendarRules(kind=CalendarKind.BUSINESS_HOURS, hours=every_day), timezone)


class Walked:
    """A clock that stands still in every minute that is closed or paused."""

    def __init__(
        self, open: Sequence[datetime], start: datetime, pauses: Sequence[tuple[datetime, datetime]] = ()
    ) -> None:
        stopped = {minute for begins, ends in pauses for minute in _between(open, begins, ends)}
        self.counting = [minute for minute in open[bisect_left(open, start) :] if minute not in stopped]

    def moment(self, after: timedelta) -> datetime | None:
        """When it shows `after`, which is more than zero; None: not within the weeks looked at."""
        whole, rest = divmod(after, MINUTE)
        last = whole if rest else whole - 1
        return self.counting[last] + (rest or MINUTE) if last < len(self.counting) else None

    def checkpoints(self, terms: Terms, kind: ClockKind) -> list[Point]:
        """What is due and when, as far as the weeks reach."""
        allowed = terms.response_hours * HOUR if kind == ClockKind.RESPONSE else terms.feedback_days * terms.day
        reminders = terms.reminders if kind == ClockKind.RESPONSE else terms.feedback_reminders
        steps = list(terms.escalations)
        if kind == ClockKind.FEEDBACK:
            hours = terms.feedback_escalation_days * terms.day / HOUR
            steps = [EscalationStep.model_construct(after_hours=hours, to="manager")]
        grace = terms.grace_minutes * MINUTE
        due: list[tuple[timedelta, int, str, EscalationStep | None]] = [(allowed + grace, 1, "breach", None)]
        due += [(_span(reminder, allowed, terms.day), 0, "remind", None) for reminder in reminders]
        for step in steps:
            for nth in range((step.repeat_times or 0) + 1):
                after = step.after_hours * HOUR + nth * (step.repeat_hours or 0) * HOUR
                due.append((after + grace, 2, "escalate", step))
        moments = [
            (self.moment(after), what, step) for after, _, what, step in sorted(due, key=lambda entry: entry[:2])
        ]
        return [(at, what, step) for at, what, step in moments if at is not None]


def _between(minutes: Sequence[datetime], begins: datetime, ends: datetime) -> Sequence[datetime]:
    return minutes[bisect_left(minutes, begins) : bisect_left(minutes, ends)]


def _span(reminder: float | str, allowed: timedelta, day: timedelta) -> timedelta:
    if isinstance(reminder, str):
        return int(reminder[:-1]) * (UNITS | {"d": day})[reminder[-1]]
    return allowed * reminder


def spent(
    start: datetime,
    end: datetime,
    open: Set[datetime],
    quiet: Set[datetime],
    owner: Callable[[datetime], str | None],
    paused: Callable[[datetime], bool],
    away: Sequence[tuple[str, datetime, datetime]],
    left: Callable[[datetime], bool] = lambda _: False,
) -> Counter[str]:
    """The minutes from `start` to `end` by what each was spent on; an owner's own minutes under their name."""
    minutes: Counter[str] = Counter()
    at = start
    while at < end:
        who = owner(at)
        if at not in open:
            minutes["outside"] += 1
        elif paused(at):
            minutes["paused"] += 1
        elif who is None:
            minutes["unassigned"] += 1
        elif left(at):
            minutes["left"] += 1
        elif at in quiet:
            minutes["quiet"] += 1
        elif any(name == who and begins <= at < ends for name, begins, ends in away):
            minutes["away"] += 1
        else:
            minutes[who] += 1
        at += MINUTE
    return minutes
