"""A week that is over tells later what it told at its end, but for what docs/metrics.md names under "Past weeks"."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.base import period_words
from bot.core.reports import weekly
from storage import models, workspaces
from tests.simulation import audit
from tests.simulation.slow_figures import WEEK, Week, compare, differences
from tests.simulation.story import Journal, Story

MOST_WEEKS = 4
"""So many weeks back are looked at again each time."""
CHANGE_A_PAST_WEEK = ("withdrawn", "merged", "merge_undone", "erased", "corrected", "reopened", "undo")
AT_THEIR_TRUE_TIME = ("received", "received_again", "contacted", "evidence", "accepted", "assigned")


@dataclass(frozen=True)
class Told:
    """A week as it was known soon after its end."""

    monday: date
    zone: ZoneInfo
    at: datetime
    last_event: int
    stories: Sequence[Story]
    absences: Sequence[Any]

    def week(self, stories: Collection[Story], now: datetime) -> Week:
        """The same week, of some stories, as it is known at another time."""
        return Week(stories, self.monday, self.zone, now)

    def may_change(self, story: Story) -> bool:
        """Whether what has become known since may change what the week tells of an MQL."""
        if self._was_moved(story):
            return True
        end = self.week((), self.at).end
        for event in (event for event in story.events if event.id > self.last_event):
            if event.type in CHANGE_A_PAST_WEEK or (event.type in AT_THEIR_TRUE_TIME and event.at < end):
                return True
        return False

    def _was_moved(self, story: Story) -> bool:
        """Whether a move has put its response clock on the team's calendar, which had run on its owners', or counts the
        age of a lead whose clock began anew by another calendar, also where its deadline stays."""
        then = next((known.clocks["response"] for known in self.stories if known.number == story.number), None)
        now = story.clocks["response"]
        if then is None:
            return False
        counted_anew = story.restarts > 0 and then.policy_id != now.policy_id
        return counted_anew or now.legs[: len(then.legs)] != then.legs


class ToldWeeks:
    """The weeks that are over."""

    def __init__(self) -> None:
        self._weeks: list[Told] = []
        self.compared = 0

    def note(self, tx: sa.Connection, workspace_id: str, journal: Journal, now: datetime) -> None:
        """Keep the week that is over, if it was not kept before. Asked right after a tick. What was told by a clock
        that was ahead told of a week that was not over."""
        self._weeks = [week for week in self._weeks if week.at <= now]
        zone = _zone(tx, workspace_id)
        today = now.astimezone(zone).date()
        monday = today - timedelta(days=today.weekday()) - WEEK
        if self._weeks and self._weeks[-1].monday >= monday:
            return
        every = [row.id for row in tx.execute(sa.select(models.mql.c.id))]
        known, _ = audit.stories(tx, journal, every)
        if all(story.straight for story in known.values()):
            last = tx.execute(sa.select(sa.func.coalesce(sa.func.max(models.event.c.id), 0))).scalar_one()
            absences = list(tx.execute(sa.select(models.absence)))
            self._weeks.append(Told(monday, zone, now, last, list(known.values()), absences))

    def differences(
        self, tx: sa.Connection, workspace_id: str, known: Collection[Story], now: datetime
    ) -> Iterator[str]:
        """In what a week tells something else now, and what is told now is not what the log says."""
        workspace = workspaces.get(tx, workspace_id)
        assert workspace is not None
        if not all(story.straight for story in known):
            return
        absences = list(tx.execute(sa.select(models.absence)))
        for week in self._weeks[-MOST_WEEKS:]:
            if week.zone.key != workspace.timezone:
                continue
            changed = {story.number for story in known if week.may_change(story)}
            then = week.week([story for story in week.stories if story.number not in changed], week.at)
            later = week.week([story for story in known if story.number not in changed], now)
            what = f"the week of {week.monday}, told at {week.at} and {now}"
            yield from compare(what, later.figures(), then.figures())
            yield from compare(what, later.reps(absences), then.reps(week.absences))
            if later.charges(absences) != then.charges(week.absences):
                yield f"{what}: the deadlines that passed are {later.charges(absences)}, then {then.charges(absences)}"
            self.compared += 1
            report = weekly.weekly(tx, workspace, period_words.iso_week(week.monday), now)
            before = Week(known, week.monday - WEEK, week.zone, now)
            yield from differences(report, week.week(known, now), before, absences)


def _zone(tx: sa.Connection, workspace_id: str) -> ZoneInfo:
    workspace = workspaces.get(tx, workspace_id)
    assert workspace is not None
    return ZoneInfo(workspace.timezone)
