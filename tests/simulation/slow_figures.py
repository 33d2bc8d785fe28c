"""The figures of a week, counted from the stories one by one. Uses none of bot.core.reports."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.base.figure import figures_in
from bot.core.reports.figures import Contacts, Figures, WeeklyReport
from bot.core.reports.pauses import Pauses
from tests.simulation.slow_calendar import NOTHING, Stretch, daily, moment
from tests.simulation.slow_clock import SlowClock
from tests.simulation.story import Story

WEEK = timedelta(days=7)
CHANGES = ("assigned", "unassigned", "paused", "resumed")


class Week:
    """One ISO week in a timezone, as it is known at a moment."""

    def __init__(self, stories: Collection[Story], monday: date, zone: ZoneInfo, now: datetime) -> None:
        self.stories = [story for story in stories if story.counts]
        self._withdrawn = [story for story in stories if not story.counts]
        self.start, self.end = moment(zone, monday, 0), moment(zone, monday + WEEK, 0)
        self.as_of = min(now, self.end)

    def figures(self) -> dict[str, Any]:
        """Everything that bot.core.reports.figures.Figures holds."""
        received = [story for story in self.stories if self._within(story.received_at, self.end)]
        response = [story.clocks["response"] for story in received]
        answered = [clock for clock in response if clock.stopped_at is not None and clock.stopped_at <= self.as_of]
        late = [clock for clock in response if clock not in answered and _late_by(clock, self.as_of)]
        raw = [clock.stopped_at - clock.started_at for clock in answered if clock.stopped_at]
        open_ = [clock.terms.calendar.between(clock.started_at, clock.stopped_at) for clock in answered]  # type: ignore[arg-type]
        contacted = [story for story in received if _by(story.contacted_at, self.as_of)]
        disposed = [story for story in self.stories if story.answers and self._within(story.disposed_at, self.as_of)]
        statuses = Counter(story.status for story in disposed)
        debt = [story for story in self.stories if self.owes(story)]
        told: dict[str, Any] = {
            "received": len(received),
            "withdrawn": sum(self._within(story.received_at, self.end) for story in self._withdrawn),
            "repeated": sum(len(self._events(story, "received_again")) for story in self.stories),
            "contactable": sum(story.contactable for story in received),
            "responded": len(answered),
            "due": len(answered) + len(late),
            "in_time": sum(clock.state == "met" for clock in answered),
            "median": _rank(raw, 0.5),
            "p90": _rank(raw, 0.9),
            "median_open": _rank(open_, 0.5),
            "p90_open": _rank(open_, 0.9),
            "contacted": self._contacts(contacted),
            "proven": self._contacts([story for story in contacted if self._proven(story)]),
            "breached": len(self.breached()),
            "escalated": sum(any(_of_response(e) for e in self._events(story, "escalated")) for story in self.stories),
            "pauses": self.pauses(),
            "feedback_due": len(disposed) + len(debt),
            "feedback_given": len(disposed),
        }
        told |= {status: statuses[status] for status in ("qualified", "disqualified", "recycled")}
        told["reported"] = len(disposed)
        reasons = Counter(story.lost_reason for story in disposed if story.lost_reason)
        return told | {"lost_reasons": sorted(reasons.items())}

    def pauses(self) -> Pauses:
        """Pauses begun in the week, MQLs that one holds at its end, and how long they were paused in it."""
        begun, paused, time = 0, 0, NOTHING
        for story in self.stories:
            spans = [(start, end) for start, end in story.pauses if start < self.end]
            begun += sum(self.start <= start for start, _ in spans)
            paused += any(start <= self.as_of < end for start, end in spans)
            time += sum((max(min(end, self.as_of) - max(start, self.start), NOTHING) for start, end in spans), NOTHING)
        return Pauses(begun, paused, time)

    def reps(self, absences: Sequence[Any]) -> dict[str, dict[str, Any]]:
        """Of everyone with anything to tell, what bot.core.reports.figures.RepWeek holds; "" is nobody."""
        found: dict[str, Any] = {}
        for story in self.breached():
            user = _owner_at(story, story.clocks["response"].breached_at)
            spent = self._parts(story, absences)
            mine = found.setdefault(user, nothing())
            mine["breached"] += 1
            mine["idle"] += spent[f"with {user}"] if user else NOTHING
            mine["unassigned"] += spent["unassigned"]
            mine["off_duty"] += spent["off duty"]
        for story in self.stories:
            for event in self._events(story, "assigned"):
                found.setdefault(event.after, nothing())["received"] += 1
            if self.owes(story):
                found.setdefault(story.owner or "", nothing())["debt"] += 1
            if self.in_time(story):
                found.setdefault(story.owner or "", nothing())["in_time"] += 1
        return found

    def in_time(self, story: Story) -> bool:
        """Whether it came in in the week and was answered in time by its end."""
        clock = story.clocks["response"]
        answered = clock.state == "met" and _by(clock.stopped_at, self.as_of)
        return answered and self._within(story.received_at, self.end)

    def outcomes(self, owner: str) -> dict[str, int]:
        """First outcomes of the week, by the newest, of those that somebody has."""
        disposed = [story for story in self.stories if story.answers and self._within(story.disposed_at, self.as_of)]
        return dict(Counter(story.status for story in disposed if story.owner == owner))

    def breached(self) -> list[Story]:
        """Those whose first deadline passed in the week."""
        return [story for story in self.stories if self._within(story.clocks["response"].breached_at, self.as_of)]

    def owes(self, story: Story) -> bool:
        """Whether its outcome was overdue at the end of the week."""
        clock = story.clocks.get("feedback")
        return clock is not None and _late_by(clock, self.as_of) and not _by(clock.stopped_at, self.as_of)

    def _proven(self, story: Story) -> bool:
        told = [event for event in story.events if event.type in ("contacted", "evidence") and event.after is not None]
        return any(event.at <= self.as_of and event.data["evidence"] != "button" for event in told)

    @staticmethod
    def _contacts(contacted: Collection[Story]) -> Contacts:
        pairs = [(story.contacted_at, story.received_at) for story in contacted]
        spans = [contact - received for contact, received in pairs if contact and received]
        return Contacts(len(spans), _rank(spans, 0.5), _rank(spans, 0.9))

    def _within(self, at: datetime | None, end: datetime) -> bool:
        return at is not None and self.start <= at < end

    def _events(self, story: Story, kind: str) -> list[Any]:
        return [event for event in story.events if event.type == kind and self._within(event.at, self.end)]

    def _parts(self, story: Story, absences: Sequence[Any]) -> dict[str, timedelta]:
        clock = story.clocks["response"]
        end = min(clock.stopped_at or self.as_of, self.as_of)
        spent: dict[str, timedelta] = defaultdict(timedelta)
        read_at = min(max(story.events[0].recorded_at, clock.started_at), max(end, clock.started_at))
        spent["off duty"] = open_time = clock.terms.calendar.between(clock.started_at, read_at)
        for start, until, owner, paused in _turns(story, read_at, end):
            off = [(a.from_at, a.until_at) for a in absences if a.user_id == owner] + _quiet(clock, start, until)
            for stretch in clock.terms.calendar.stretches(start, until):
                open_time += stretch[1] - stretch[0]
                for piece, is_off in _pieces(stretch, off):
                    kind = "paused" if paused else "unassigned" if owner is None else f"with {owner}"
                    spent["off duty" if is_off and kind.startswith("with") else kind] += piece
        spent["off duty"] += max(end - clock.started_at, NOTHING) - open_time
        return spent


def differences(report: WeeklyReport, week: Week, before: Week, absences: Sequence[Any] | None) -> Iterator[str]:
    """In what a report and the weeks that it tells of do not agree. Without `absences` the reps are not compared."""
    for name, figures, told in (("now", report.now, week), ("before", report.before, before)):
        yield from compare(f"{report.period}, {name}", _plain(figures), told.figures())
    if absences is None:
        return
    told_of = week.reps(absences)
    for rep in report.reps:
        yield from compare(f"{report.period}, {rep.user_id}", figures_in(rep), told_of.pop(rep.user_id, nothing()))
    for user, rest in told_of.items():
        # A leader who was given something and has nothing to answer for is not listed.
        if rest["breached"] or rest["debt"]:
            yield f"{report.period}: {user} is missing, with {rest}"


def compare(what: str, found: dict[str, Any], expected: dict[str, Any]) -> Iterator[str]:
    """In what the figures of a report and their recount do not agree; also where only one of them has a figure."""
    for name in (name for name in {**expected, **found} if (name in found) != (name in expected)):
        yield f"{what}: {name} is told or recounted, and not both"
    for name in (name for name in expected if name in found and found[name] != expected[name]):
        yield f"{what}: {name} is {found[name]}, by the log it should be {expected[name]}"


def _plain(figures: Figures) -> dict[str, Any]:
    reasons = sorted((reason.key, count) for reason, count in figures.lost_reasons)
    return figures_in(figures) | {"lost_reasons": reasons}


def nothing() -> dict[str, Any]:
    """What bot.core.reports.figures.RepWeek tells of somebody with nothing to tell."""
    numbers = dict.fromkeys(("received", "in_time", "breached", "debt"), 0)
    return {**numbers, **dict.fromkeys(("idle", "unassigned", "off_duty"), NOTHING)}


def _by(at: datetime | None, moment: datetime) -> bool:
    return at is not None and at <= moment


def _late_by(clock: SlowClock, moment: datetime) -> bool:
    """Whether its deadline had passed. Another agreement may make a paused clock late, of which the log tells when it
    runs again."""
    waits = clock.paused_at is not None and clock.paused_at < clock.breach_at
    return _by(clock.breached_at or (None if waits else clock.breach_at), moment)


def _of_response(event: Any) -> bool:
    return bool(event.data["clock"] == "response")


def _rank(spans: list[timedelta], share: float) -> timedelta | None:
    return sorted(spans)[math.ceil(share * len(spans)) - 1] if spans else None


def _owner_at(story: Story, at: datetime | None) -> str:
    # In the order of the log: where the machine's clock was set back, an owner may have got it before the one before.
    held = [event for event in story.events if event.type in CHANGES[:2] and at is not None and event.at < at]
    return held[-1].after or "" if held else ""


def _changes(story: Story) -> list[Any]:
    return sorted((event for event in story.events if event.type in CHANGES), key=lambda event: event.at)


def _turns(story: Story, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, str | None, bool]]:
    owner, paused = None, False
    for event in _changes(story):
        if event.at > start:
            yield start, min(event.at, end), owner, paused
            start = min(event.at, end)
        if event.type in ("paused", "resumed"):
            paused = event.type == "paused"
        else:
            owner = event.after
    yield start, end, owner, paused


def _quiet(clock: SlowClock, start: datetime, end: datetime) -> list[Stretch]:
    quiet = clock.terms.said["quiet"]
    if not quiet:
        return []
    return list(daily(ZoneInfo(clock.terms.timezone), quiet["start"], quiet["end"], start, end))


def _pieces(stretch: Stretch, off: Sequence[Stretch]) -> Iterator[tuple[timedelta, bool]]:
    """A stretch, cut where somebody goes off duty or comes back."""
    cuts = {at for pair in off for at in pair if stretch[0] < at < stretch[1]}
    edges = [stretch[0], *sorted(cuts), stretch[1]]
    for start, end in pairwise(edges):
        yield end - start, any(begins <= start < ends for begins, ends in off)
