"""What reps answered on days without a miss, counted from the stories one by one. Knows nothing of planning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tests.simulation.story import Story

RepDay = tuple[str, date]


def handled(stories: Collection[Story], since: datetime, until: datetime, zone: ZoneInfo) -> dict[RepDay, int]:
    """By rep and day, also on days off: their answers, where all of them were in time and no deadline passed."""
    states: dict[RepDay, list[str]] = defaultdict(list)
    for story in stories:
        clock = story.clocks["response"]
        answered = clock.state in ("met", "met_late")
        moments = {"breached": clock.breached_at, clock.state: clock.stopped_at if answered else None}
        for state, at in moments.items():
            if story.counts and at is not None and since <= at < until:
                states[_owner_at(story, at), at.astimezone(zone).date()].append(state)
    return {day: len(told) for day, told in states.items() if day[0] and set(told) == {"met"}}


def _owner_at(story: Story, moment: datetime) -> str:
    """Whoever gets it in that very instant has it."""
    held = [one.after for one in story.events if one.type in ("assigned", "unassigned") and one.at <= moment]
    return held[-1] or "" if held else ""
