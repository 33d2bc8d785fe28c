"""What reps answered on days without a miss, counted from the stories one by one. Knows nothing of planning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.simulation.slow_figures import missed, owner_at
from tests.simulation.story import Story

RepDay = tuple[str, date]


def handled(
    stories: Collection[Story], since: datetime, until: datetime, zone: ZoneInfo, absences: Sequence[Any]
) -> dict[RepDay, int]:
    """By rep and day, also on days off: their answers, where no deadline of theirs passed on that day and they answered
    nothing too late that is theirs."""
    answers: Counter[RepDay] = Counter()
    spoiled: set[RepDay] = set()
    for story in (story for story in stories if story.counts):
        clock = story.clocks["response"]
        theirs = missed(story, absences)
        spoiled |= {(late.owner, late.at.astimezone(zone).date()) for late in theirs if since <= late.at < until}
        at = clock.stopped_at
        if at is not None and since <= at < until and clock.state in ("met", "met_late"):
            day = (owner_at(story, at), at.astimezone(zone).date())
            answers[day] += 1
            spoiled |= {day} if day[0] in {late.owner for late in theirs} else set()
    return {day: count for day, count in answers.items() if day[0] and day not in spoiled}
