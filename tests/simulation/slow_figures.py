"""The figures of a week, counted from the stories one by one. Uses none of bot.core.reports."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.base.figure import figures_in
from bot.core.reports.figures import Contacts, Figures, WeeklyReport
from bot.core.reports.pauses import Pauses
from tests.simulation.offices import Leg, Relay
from tests.simulation.slow_agreement import SlowTerms
from tests.simulation.slow_calendar import NOTHING, Stretch, daily, moment
from tests.simulation.slow_clock import SlowClock
from tests.simulation.story import Story

WEEK = timedelta(days=7)
CHANGES = ("assigned", "unassigned", "owner_left", "paused", "resumed")
MOMENT = timedelta(microseconds=1)
LEAST = 4
"""Whoever had less than this part of the time allowed is charged with nothing."""
PARTS = ("unassigned", "off_duty", "unread", "paused", "left")


class Missed:
    """A deadline of a response that passed and counts, and the working time of each owner until then."""

    def __init__(self, story: Story, event: Any, since: datetime, absences: Sequence[Any]) -> None:
        clock = story.clocks["response"]
        version = story.versions[event.data.get("policy", clock.policy_id)]
        self.story, self.at = story, event.at
        legs = tuple(Leg.read(leg) for leg in event.data.get("legs", ()))
        later = tuple(leg for leg in clock.legs if leg.since > event.at)
        agreed = version.terms(event.data.get("tier", clock.tier))
        self.parts = parts_of(story, agreed.on(legs), absences, since, event.at)
        self.terms = agreed.on((*legs, *later))
        """With the calendars of those who had it afterwards."""

    @property
    def owner(self) -> str:
        """Whose it is."""
        held = {name[5:]: span for name, span in self.parts.items() if name.startswith("with ")}
        nobody = self.parts["unassigned"] + self.parts["left"] + self.parts["unread"]
        limit = self.terms.target("response")
        for owner, span in held.items():
            if span == max(held.values()) and span > nobody and span >= limit / LEAST:
                return owner
        return ""


def missed(story: Story, absences: Sequence[Any]) -> list[Missed]:
    """The deadlines of its response that passed and count: of each time that the clock began anew the first."""
    clock = story.clocks["response"]
    since, late, open_one = clock.started_at, list[tuple[datetime, Any]](), None
    for event in story.events:
        if event.type == "assigned" and event.data.get("restarted"):
            late += [open_one] if open_one else []
            since, open_one = event.at, None
        elif event.type == "breached" and _of_response(event):
            open_one = open_one or (since, event)
        elif event.type == "deadline_moved" and _of_response(event) and event.data.get("undone"):
            open_one = None
    late += [open_one] if open_one else []
    answered = clock.stopped_at
    counts = [(since, event) for since, event in late if answered is None or event.at <= answered]
    return [Missed(story, event, since, absences) for since, event in counts]


class Week:
    """One ISO week in a timezone, as it is known at a moment."""

    def __init__(
        self,
        stories: Collection[Story],
        monday: date,
        zone: ZoneInfo,
        now: datetime,
        past: Collection[datetime] = (),
    ) -> None:
        """`past`: when those were received that have no story here, because they were imported."""
        self.stories = [story for story in stories if story.counts]
        self._past, self._zone = past, zone
        self._withdrawn = [story for story in stories if not story.counts and story.merged_into is None]
        self.start, self.end = moment(zone, monday, 0), moment(zone, monday + WEEK, 0)
        self.until = min(now, self.end)
        self.as_of = min(now + MOMENT, self.end)
        """Everything before it counts."""

    def figures(self) -> dict[str, Any]:
        """Everything that bot.core.reports.figures.Figures holds."""
        received = [story for story in self.stories if self._within(story.received_at, self.end)]
        response = [story.clocks["response"] for story in received]
        answered = [clock for clock in response if _by(clock.stopped_at, self.as_of)]
        late = [clock for clock in response if clock not in answered and _late_by(clock, self.as_of)]
        raw = [clock.stopped_at - clock.started_at for clock in answered if clock.stopped_at]
        open_ = [clock.terms.calendar.between(clock.started_at, clock.stopped_at) for clock in answered]  # type: ignore[arg-type]
        contacted = [story for story in received if _by(story.contacted_at, self.as_of)]
        disposed = [story for story in self.stories if story.answers and self._within(story.disposed_at, self.as_of)]
        statuses = Counter(story.status for story in disposed)
        debt = [story for story in self.stories if self.owes(story)]
        touches = [kept for story in self.stories for kept in self._touches(story)]
        ages = [self._by_age(story) for story in received]
        figures: dict[str, Any] = {
            "received": len(received),
            "withdrawn": sum(self._within(story.received_at, self.end) for story in self._withdrawn),
            "imported": sum(self._within(at, self.end) for at in self._past),
            "repeated": sum(len(self._events(story, "received_again")) for story in self.stories),
            "contactable": sum(story.contactable for story in received),
            "responded": len(answered),
            "due": len(answered) + len(late),
            "in_time": sum(clock.state == "met" for clock in answered),
            "lead_due": sum(age is not None for age in ages),
            "lead_in_time": sum(age is True for age in ages),
            "median": _rank(raw, 0.5),
            "p90": _rank(raw, 0.9),
            "median_open": _rank(open_, 0.5),
            "p90_open": _rank(open_, 0.9),
            "contacted": self._contacts(contacted),
            "proven": self._contacts([story for story in contacted if self._proven(story)]),
            "proven_by_crm": sum(self._told_by_crm(story) for story in contacted),
            "breached": len(self.breached([])),
            "escalated": sum(any(_told_above(e) for e in self._events(story, "escalated")) for story in self.stories),
            "pauses": self.pauses(),
            "touches_due": len(touches),
            "touches_kept": sum(touches),
            "feedback_due": len(disposed) + len(debt),
            "feedback_given": len(disposed),
        }
        figures |= {status: statuses[status] for status in ("qualified", "disqualified", "recycled")}
        figures["reported"] = len(disposed)
        reasons = Counter(story.lost_reason for story in disposed if story.lost_reason)
        return figures | {"lost_reasons": sorted(reasons.items())}

    def _touches(self, story: Story) -> list[bool]:
        """Of each promise of a next contact whose day ended in the week, whether it was kept; told again from the log,
        and without those in whose place another came, whose owner changed, or whose MQL was over before."""
        kept: list[bool] = []
        open_day: date | None = None
        aside: date | None = None
        made = datetime.max.replace(tzinfo=UTC)
        over = datetime.max.replace(tzinfo=UTC)
        promise = 0
        # By their true time: a contact that is told late keeps what had been promised by then.
        for event in [*sorted(story.events, key=lambda event: (event.at, event.id)), None]:
            if open_day is not None and (event is None or event.at >= over):  # its day went by
                kept += [False] if self._within_week(over) else []
                open_day = None
            if event is None:
                break
            if event.id < promise:  # written before it, by a machine's clock that was set back since
                continue
            zone = story.zones.get(event.id, self._zone)
            day_began = moment(zone, event.at.astimezone(zone).date(), 0)
            contact = (event.type == "evidence" and event.after) or event.type in ("disposed", "corrected")
            if contact and open_day is not None and made < day_began:
                kept += [True] if self._within_week(over) else []
                open_day = None
            if event.type in ("disposed", "withdrawn", "assigned", "unassigned", "merged"):
                aside = open_day if event.type == "merged" else None
                open_day = None
            if event.type == "merge_undone" and aside is not None and event.at < over:
                open_day = aside
            if event.type == "touch_promised":
                open_day, made, promise = date.fromisoformat(event.after or ""), event.at, event.id
                over = moment(zone, open_day + timedelta(days=1), 0)
        return kept

    def _within_week(self, over: datetime) -> bool:
        return self.start < over <= min(self.until, self.end)

    def pauses(self) -> Pauses:
        """Pauses begun in the week, MQLs that one holds at its end, and how long they were paused in it."""
        begun, paused, time = 0, 0, NOTHING
        for story in self.stories:
            spans = [(start, end) for start, end in story.pauses if start < self.end]
            begun += sum(self.start <= start for start, _ in spans)
            paused += any(start <= self.until < end for start, end in spans)
            time += sum((max(min(end, self.until) - max(start, self.start), NOTHING) for start, end in spans), NOTHING)
        return Pauses(begun, paused, time)

    def reps(self, absences: Sequence[Any]) -> dict[str, dict[str, Any]]:
        """Of everyone with anything to tell, what bot.core.reports.figures.RepWeek holds; "" is nobody."""
        rows: dict[str, Any] = {}
        last: dict[tuple[str, int], Missed] = {}
        for late in self.breached(absences):
            rows.setdefault(late.owner, nothing())["breached"] += 1
            last[late.owner, late.story.number] = late
        for late in last.values():
            self._add_parts(rows[late.owner], late, absences)
        for story in self.stories:
            for event in self._events(story, "assigned"):
                rows.setdefault(event.after, nothing())["received"] += 1
            if self.owes(story):
                rows.setdefault(_holder_before(story, self.as_of), nothing())["debt"] += 1
            if self.in_time(story):
                rows.setdefault(owner_at(story, story.clocks["response"].stopped_at), nothing())["in_time"] += 1
        return rows

    def _add_parts(self, mine: dict[str, Any], late: Missed, absences: Sequence[Any]) -> None:
        clock = late.story.clocks["response"]
        end = clock.stopped_at if clock.stopped_at and _by(clock.stopped_at, self.as_of) else self.until
        for name, span in parts_of(late.story, late.terms, absences, clock.started_at, end).items():
            mine["total"] += span
            if name in PARTS:
                mine["parts"][name] += span
            else:
                mine["idle" if name == f"with {late.owner}" else "others"] += span

    def charges(self, absences: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Of each deadline that passed in the week: whose it is, and what each owner had of the time until then."""
        return sorted(
            (
                late.story.number,
                late.at,
                late.owner,
                {name[5:]: span for name, span in late.parts.items() if name.startswith("with ")},
                {name: late.parts[name] for name in PARTS},
            )
            for late in self.breached(absences)
        )

    def in_time(self, story: Story) -> bool:
        """Whether it came in in the week and was answered in time by its end."""
        clock = story.clocks["response"]
        answered = clock.state == "met" and _by(clock.stopped_at, self.as_of)
        return answered and self._within(story.received_at, self.end)

    def outcomes(self, owner: str) -> dict[str, int]:
        """First outcomes of the week, by the newest, of those that somebody has."""
        disposed = [story for story in self.stories if story.answers and self._within(story.disposed_at, self.as_of)]
        return dict(Counter(story.status for story in disposed if story.owner == owner))

    def breached(self, absences: Sequence[Any]) -> list[Missed]:
        """The deadlines that passed in the week."""
        every = (late for story in self.stories for late in missed(story, absences))
        return [late for late in every if self._within(late.at, self.as_of)]

    def owes(self, story: Story) -> bool:
        """Whether its outcome was overdue at the end of the week: by what the log had said until then."""
        clock = story.clocks.get("feedback")
        if clock is None or _by(clock.stopped_at, self.as_of):
            return False
        late = False
        for event in story.events:
            if event.data.get("clock") == "feedback" and clock.started_at <= event.at < self.as_of:
                late = event.type == "breached" or (late and event.data.get("effect") != "safe")
        return late

    def _by_age(self, story: Story) -> bool | None:
        """Whether the lead was answered before it was too old; None: neither answered nor too old."""
        clock = story.clocks["response"]
        answered = _by(clock.stopped_at, self.as_of)
        anew = [event.at for event in story.events if event.type == "assigned" and event.data.get("restarted")]
        if not anew or min(anew) >= self.as_of:
            return clock.state == "met" if answered else False if _late_by(clock, self.as_of) else None
        until = clock.stopped_at if answered and clock.stopped_at else self.as_of - MOMENT
        turns = list(_turns(story, clock.started_at, until))
        age = sum((clock.terms.calendar.between(turn.start, turn.end) for turn in turns if not turn.paused), NOTHING)
        too_old = age >= clock.terms.target("response") + clock.terms.grace
        return not too_old if answered else False if too_old else None

    def _proven(self, story: Story) -> bool:
        return any(event.at < self.as_of and event.data["evidence"] != "button" for event in _contact_events(story))

    def _told_by_crm(self, story: Story) -> bool:
        return any(event.at < self.as_of and event.data.get("reported") for event in _contact_events(story))

    @staticmethod
    def _contacts(contacted: Collection[Story]) -> Contacts:
        pairs = [(story.contacted_at, story.received_at) for story in contacted]
        spans = [contact - received for contact, received in pairs if contact and received]
        return Contacts(len(spans), _rank(spans, 0.5), _rank(spans, 0.9))

    def _within(self, at: datetime | None, end: datetime) -> bool:
        return at is not None and self.start <= at < end

    def _events(self, story: Story, kind: str) -> list[Any]:
        return [event for event in story.events if event.type == kind and self._within(event.at, self.end)]


def parts_of(
    story: Story, terms: SlowTerms, absences: Sequence[Any], start: datetime, end: datetime
) -> dict[str, timedelta]:
    """Where the time between two moments went: each owner's under "with" and the name, in the order they had it."""
    spent: dict[str, timedelta] = dict.fromkeys(PARTS, NOTHING)
    read_at = min(max(story.events[0].recorded_at, start), max(end, start))
    spent["unread"] = open_time = terms.calendar.between(start, read_at)
    for turn in _turns(story, read_at, end):
        off = [(a.from_at, a.until_at) for a in absences if a.user_id == turn.owner]
        off += _quiet(terms, turn.start, turn.end)
        kind = turn.kind
        if turn.start >= turn.end:
            continue
        spent.setdefault(kind, NOTHING)
        for stretch in terms.calendar.stretches(turn.start, turn.end):
            open_time += stretch[1] - stretch[0]
            for piece, is_off in _pieces(stretch, off):
                spent["off_duty" if is_off and kind.startswith("with") else kind] += piece
    spent["off_duty"] += max(end - start, NOTHING) - open_time
    return spent


def differences(report: WeeklyReport, week: Week, before: Week, absences: Sequence[Any] | None) -> Iterator[str]:
    """In what a report and the weeks that it tells of do not agree. Without `absences` the reps are not compared."""
    for name, figures, recounted in (("now", report.now, week), ("before", report.before, before)):
        yield from compare(f"{report.period}, {name}", _plain(figures), recounted.figures())
    if absences is None:
        return
    charged = sorted(
        (charge.number, charge.at, charge.user_id, charge.shares, charge.parts) for charge in report.charges
    )
    if charged != (expected := week.charges(absences)):
        yield f"{report.period}: the deadlines that passed are {charged}, by the log they should be {expected}"
    told_of = week.reps(absences)
    for rep in report.reps:
        yield from compare(f"{report.period}, {rep.user_id}", figures_in(rep), told_of.pop(rep.user_id, nothing()))
    for user, rest in told_of.items():
        yield f"{report.period}: {user} is missing, with {rest}"
    sums = {name: sum(getattr(rep, name) for rep in report.reps) for name in ("breached", "in_time", "debt")}
    whole = {"breached": report.now.breached, "in_time": report.now.in_time}
    whole["debt"] = report.now.feedback_due - report.now.feedback_given
    yield from compare(f"{report.period}, the sum of all rows", sums, whole)


def compare(what: str, figures: dict[str, Any], expected: dict[str, Any]) -> Iterator[str]:
    """In what the figures of a report and their recount do not agree; also where only one of them has a figure."""
    for name in (name for name in {**expected, **figures} if (name in figures) != (name in expected)):
        yield f"{what}: {name} is told or recounted, and not both"
    for name in (name for name in expected if name in figures and figures[name] != expected[name]):
        yield f"{what}: {name} is {figures[name]}, by the log it should be {expected[name]}"


def _plain(figures: Figures) -> dict[str, Any]:
    reasons = sorted((reason.key, count) for reason, count in figures.lost_reasons)
    return figures_in(figures) | {"lost_reasons": reasons}


def nothing() -> dict[str, Any]:
    """What bot.core.reports.figures.RepWeek tells of somebody with nothing to tell."""
    numbers = dict.fromkeys(("received", "in_time", "breached", "debt"), 0)
    return {**numbers, **dict.fromkeys(("idle", "others", "total"), NOTHING), "parts": dict.fromkeys(PARTS, NOTHING)}


def _by(at: datetime | None, moment: datetime) -> bool:
    return at is not None and at < moment


def _late_by(clock: SlowClock, moment: datetime) -> bool:
    """Whether its deadline had passed."""
    waits = clock.paused_at is not None and clock.paused_at < clock.breach_at
    unwritten = clock.breach_at if clock.open and not waits else None
    return _by(clock.breached_at or unwritten, moment)


def _contact_events(story: Story) -> list[Any]:
    return [event for event in story.events if event.type in ("contacted", "evidence") and event.after is not None]


def _of_response(event: Any) -> bool:
    return bool(event.data["clock"] == "response")


def _told_above(event: Any) -> bool:
    """Whether an escalation told somebody, and did not only ask the other reps."""
    return _of_response(event) and event.data["to"] != "peers"


def _rank(spans: list[timedelta], share: float) -> timedelta | None:
    return sorted(spans)[math.ceil(share * len(spans)) - 1] if spans else None


def owner_at(story: Story, at: datetime | None) -> str:
    """Who had it at a moment, or got it then."""
    # In the order of the log: where the machine's clock was set back, an owner may have got it before the one before.
    held = [event for event in story.events if event.type in CHANGES[:2] and at is not None and event.at <= at]
    return held[-1].after or "" if held else ""


def _holder_before(story: Story, at: datetime) -> str:
    """Who had it just before a moment; whoever has left has nothing."""
    held = [event for event in story.events if event.type in CHANGES[:3] and event.at < at]
    return held[-1].after or "" if held else ""


@dataclass(frozen=True)
class Turn:
    """A time in which nobody else got it, left, paused or went on."""

    start: datetime
    end: datetime
    owner: str | None
    paused: bool
    left: bool

    @property
    def kind(self) -> str:
        """What its open time is."""
        if self.paused or self.owner is None:
            return "paused" if self.paused else "unassigned"
        return "left" if self.left else f"with {self.owner}"


def _turns(story: Story, start: datetime, end: datetime) -> Iterator[Turn]:
    owner, paused, left = None, False, False
    changes = sorted((event for event in story.events if event.type in CHANGES), key=lambda event: event.at)
    for event in changes:
        until = min(event.at, end)
        yield Turn(start, max(start, until), owner, paused, left)
        start = max(start, until)
        if event.type in ("paused", "resumed"):
            paused = event.type == "paused"
        elif event.type == "owner_left":
            left = True
        else:
            owner, left = event.after, False
    yield Turn(start, max(start, end), owner, paused, left)


def _quiet(terms: SlowTerms, start: datetime, end: datetime) -> list[Stretch]:
    quiet = terms.body["quiet"]
    if not quiet:
        return []
    spans = terms.calendar.spans if isinstance(terms.calendar, Relay) else [(start, end, terms.calendar)]
    return [
        stretch
        for since, until, calendar in spans
        for stretch in daily(calendar.zone, quiet["start"], quiet["end"], max(start, since), min(end, until))
        if max(start, since) < min(end, until)
    ]


def _pieces(stretch: Stretch, off: Sequence[Stretch]) -> Iterator[tuple[timedelta, bool]]:
    """A stretch, cut where somebody goes off duty or comes back."""
    cuts = {at for pair in off for at in pair if stretch[0] < at < stretch[1]}
    edges = [stretch[0], *sorted(cuts), stretch[1]]
    for start, end in pairwise(edges):
        yield end - start, any(begins <= start < ends for begins, ends in off)
