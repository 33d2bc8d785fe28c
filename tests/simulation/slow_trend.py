"""Twelve weeks, how far their MQLs have come, and each rep's own week, told from the stories one by one. Knows nothing
of bot.core.reports.trend and own_week."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.base.figure import figures_in
from bot.core.reports.figures import Overdue, WeeklyReport
from bot.core.reports.own_week import OwnWeek
from bot.core.reports.trend import Trend
from tests.simulation.slow_calendar import Stretch, moment
from tests.simulation.slow_figures import MOMENT, WEEK, Week, compare, nothing
from tests.simulation.story import OPEN, Story

POINT = ("received", "due", "in_time", "median", "p90")
PARTS = ("idle", "others", "total", "parts")
NEEDS_ABSENCES = ("breached", *PARTS)
LISTS = ("waiting", "debt", "next")


def differences(trend: Trend, known: Collection[Story], zone: ZoneInfo, now: datetime) -> Iterator[str]:
    """In what a trend and the weeks that it tells of do not agree."""
    for point in trend.points:
        figures = Week(known, point.first, zone, now).figures()
        yield from compare(f"trend, {point.first}", figures_in(point), {name: figures[name] for name in POINT})
    first, last = trend.points[0].first, trend.points[-1].first + WEEK
    counts = _stages(known, zone, (moment(zone, first, 0), moment(zone, last, 0)), now)
    if vars(trend.stages) != counts:
        yield f"trend to {last}: stages are {trend.stages}, by the log they should be {counts}"


def _stages(known: Collection[Story], zone: ZoneInfo, span: Stretch, now: datetime) -> dict[str, int]:
    start, end = span
    as_of = min(now + MOMENT, end)
    stages = dict.fromkeys(("received", "taken", "contacted", "qualified", "won"), 0)
    for story in known:
        if not story.counts or story.received_at is None or not start <= story.received_at < end:
            continue
        qualified = story.status == "qualified" and _by(story.disposed_at, as_of)
        reached = {
            "received": True,
            "taken": any(_by(at, as_of) for at in (story.accepted_at, story.contacted_at, story.disposed_at)),
            "contacted": _by(story.contacted_at, as_of) or qualified,
            "qualified": qualified,
            "won": qualified and _by(_won(story, zone), as_of),
        }
        for name, has in reached.items():
            stages[name] += has
    return stages


def _won(story: Story, zone: ZoneInfo) -> datetime | None:
    """The day on which its deal was won; another outcome than "qualified" takes the deal back."""
    day = None
    for event in story.events:
        if event.type == "deal":
            day = date.fromisoformat(event.data["on"]) if event.after == "won" else None
        elif event.type == "corrected" and event.after != "qualified":
            day = None
    return moment(zone, day, 0) if day else None


def differences_of_own(
    own: OwnWeek, user: str, known: Collection[Story], zone: ZoneInfo, now: datetime, absences: Sequence[Any] | None
) -> Iterator[str]:
    """In what a rep's own week and the log do not agree. Without `absences` the parts are not compared."""
    week = Week(known, own.first, zone, now)
    rows = week.reps(absences or [])
    row = rows.get(user, nothing())
    known_of = [name for name in figures_in(own.week) if name != "debt"]
    names = [name for name in known_of if absences is not None or name not in NEEDS_ABSENCES]
    for name in names:
        expected = row[name]
        if getattr(own.week, name) != expected:
            yield f"{user}, own week {own.first}: {name} is {getattr(own.week, name)}, should be {expected}"
    outcomes = {str(status): count for status, count in own.outcomes.items()}
    if outcomes != week.outcomes(user):
        yield f"{user}, own week {own.first}: outcomes are {outcomes}, should be {week.outcomes(user)}"
    if own.week.debt != own.debt.count:
        yield f"{user}, own week {own.first}: debt is {own.week.debt} in the figures and {own.debt.count} in the list"
    for name in LISTS:
        expected = _listed(name, [story for story in known if story.owner == user], now)
        yield from _unlike(f"{user}, own week {own.first}: {name}", getattr(own, name), expected, most=5)


def differences_of_lists(report: WeeklyReport, known: Collection[Story], now: datetime) -> Iterator[str]:
    """In what the lists of a digest and the log do not agree."""
    for name in ("waiting", "debt"):
        yield from _unlike(f"{report.period}: {name}", getattr(report, name), _listed(name, known, now), most=10)


def _unlike(what: str, overdue: Overdue, expected: list[tuple[datetime, int]], most: int) -> Iterator[str]:
    shown = [view.mql.number for view in overdue.oldest]
    strange = set(shown) - {number for _, number in expected}
    if figures_in(overdue) != {"count": len(expected)} or strange or len(shown) != min(most, len(expected)):
        yield f"{what} is {overdue.count}, {shown}, should be {expected}"


def _listed(name: str, known: Collection[Story], now: datetime) -> list[tuple[datetime, int]]:
    kinds = {"waiting": ("response",), "debt": ("feedback",), "next": ("response", "feedback")}[name]
    listed = []
    for story in known:
        if story.status not in OPEN:
            continue
        for kind in kinds:
            clock = story.clocks.get(kind)
            if clock is None or not clock.open:
                continue
            ahead = clock.state == "running" and now < clock.breach_at < now + timedelta(days=7)
            if ahead if name == "next" else clock.breach_at <= (clock.paused_at or now):
                listed.append((clock.due_at, story.number))
    return sorted(listed)


def _by(at: datetime | None, until: datetime) -> bool:
    return at is not None and at < until


def mondays(first: date, last: date) -> Iterator[date]:
    """The Mondays of the weeks from that of one day to that of another."""
    monday = first - timedelta(days=first.weekday())
    while monday <= last:
        yield monday
        monday += WEEK
