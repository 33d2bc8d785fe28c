"""One MQL, told again from its log: what its row and its clocks must say, and everything in the log that cannot be.

The log is the only source, with two things that the log does not hold: the lead as it first came in, and when admins
changed the agreement. The simulation notes these down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.simulation.offices import AS_THE_TEAM, Hours, Leg
from tests.simulation.slow_agreement import Version
from tests.simulation.slow_calendar import moment
from tests.simulation.slow_clock import SlowClock

APART = timedelta(days=3)
TAKEN = ("accepted", "contacted")
OPEN = ("unassigned", "assigned", *TAKEN)
PERSONAL = ("person", "title", "email", "phone", "score_reason", "message", "crm_url")
ASIDE = ("message_dropped", "message_dead", "refused", "undo", "undone")
FIELDS = (
    "company",
    "person",
    "title",
    "email",
    "phone",
    "channel",
    "campaign",
    "form",
    "score",
    "score_reason",
    "message",
    "crm_url",
)


@dataclass(frozen=True)
class Change:
    """An agreement that was applied after the event of this id had been written."""

    after_event: int
    version: Version
    at: datetime
    moves_open: bool
    hours: Mapping[str, Hours] = field(default_factory=dict)
    """Of everybody on the roster then."""


@dataclass
class Journal:
    """What people did that the log does not hold."""

    leads: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By company, which no two of them share, as they first came in."""
    sent: dict[str, datetime] = field(default_factory=dict)
    """By company, when they came, where somebody said so."""
    changes: list[Change] = field(default_factory=list)
    filled: dict[int, dict[str, Any]] = field(default_factory=dict)
    """What MQLs took over from others that were merged into them, by event."""
    again: dict[int, dict[str, Any]] = field(default_factory=dict)
    """What leads said when they came again, by event: whoever asks to be erased is erased from the log."""

    def posted(self, company: str, ts: str) -> None:
        """Note that a lead stands in the intake channel: it came with its message."""
        seconds, micros = map(int, ts.split("."))
        self.sent[company] = datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=micros)


@dataclass
class OwnPause:
    """A pause that an owner took alone."""

    owner: str | None
    day: date
    clocks: dict[str, datetime]
    """Since when it holds each clock."""
    ended: datetime | None = None


class Story:
    """One MQL. `problems` are sentences about what cannot be."""

    def __init__(self, number: int, company: str, journal: Journal, events: Sequence[Any]) -> None:
        self.number, self.problems = number, list[str]()
        self.lead, self._again, self._filled = dict(journal.leads[company]), journal.again, journal.filled
        self.merged_into: int | None = None
        self._before_merge: tuple[str, bool, dict[str, SlowClock]] | None = None
        self._taken_over: dict[int, dict[str, Any]] = {}
        self._sent_at = journal.sent.get(company)
        self.erased_at: datetime | None = None
        self.contactable = bool(self.lead["email"] or self.lead["phone"])
        self.came_with = {f"received_{name}": self.lead[name] for name in ("channel", "campaign", "form", "score")}
        self.owner: str | None = None
        self.status, self.offered, self.had_owner = "unassigned", False, False
        self.received_at: datetime | None = None
        self.read_at: datetime | None = None
        self.accepted_at: datetime | None = None
        self.contacted_at: datetime | None = None
        self.disposed_at: datetime | None = None
        self.disputed_at: datetime | None = None
        self.dispute: int | None = None
        self.evidence: str | None = None
        self.answers = 0
        self.lost_reason: str | None = None
        self.clocks: dict[str, SlowClock] = {}
        self.events = [event for event in events if event.type not in ASIDE]
        self.pauses: list[tuple[datetime, datetime]] = []
        """Each from when until when it held, or is to hold."""
        self.hidden: list[tuple[Any, str | None]] = []
        """The events of pauses that began after a deadline, each with the owner: a leader must hear of it."""
        self._own: list[OwnPause] = []
        self._request: int | None = None
        self._changes = list(journal.changes)
        self._version: Version | None = None
        self._hours: Mapping[str, Hours] = {}
        self.versions = {change.version.id: change.version for change in journal.changes}
        self.restarts = 0
        self._moved: list[tuple[str, datetime, datetime, str | None, bool | None]] = []
        self._unnoticed: list[tuple[str, datetime]] = []
        self._closing: list[tuple[SlowClock, int]] = []
        self.zones: dict[int, ZoneInfo] = {}
        """The timezone of the workspace at each event, by its id."""
        for event in self.events:
            self._change_before(event)
            if self._version is not None:
                self.zones[event.id] = ZoneInfo(self._version.timezone)
            self._hear(event)
        self._change_before(None)
        self._moves_told("the end")

    @property
    def counts(self) -> bool:
        """Whether the figures count it."""
        return self.status != "withdrawn"

    @property
    def straight(self) -> bool:
        """Whether no clock was set back while it was written: then its order is that of time."""
        moments = [event.recorded_at for event in self.events]
        return moments == sorted(moments)

    # The log, event by event

    def _hear(self, event: Any) -> None:
        if event.type == "breached" and (event.data["clock"], event.at) in self._unnoticed:
            # What nobody had noticed before an agreement was changed; the clock knows.
            self._unnoticed.remove((event.data["clock"], event.at))
            return
        by_move = event.type == "breached" and self.clocks[event.data["clock"]].made_late_at is not None
        if event.type != "deadline_moved" and not by_move:
            self._moves_told(event.type)
        # What is told of a lead that came in before the machine's clock was set back does not lie before the lead.
        if event.at > max(event.recorded_at, self.received_at or event.recorded_at):
            self._cannot_be(event, f"happens at {event.at}, after it was written down at {event.recorded_at}")
        waiting, self._closing = self._closing, []
        getattr(self, f"_{event.type}")(event)
        if event.type == "breached":
            # What stops both clocks first writes down the breach of each that nobody had noticed.
            self._closing = waiting + self._closing
            return
        for clock, breached_in in waiting:
            if clock.state == "running" and clock.round == breached_in:
                self._cannot_be(event, f"the {clock.kind} clock was breached out of turn, and goes on")

    def _touch_promised(self, event: Any) -> None:
        """Change nothing: a promise stops, moves and resets no clock."""
        if self.status != "contacted" or event.actor != self.owner:
            self._cannot_be(event, f"promised by {event.actor} while {self.owner} has it and it is {self.status}")

    def _touch_due(self, event: Any) -> None:
        if event.before != self.owner or self.status not in OPEN:
            self._cannot_be(event, f"reminds {event.before} while {self.owner} has it and it is {self.status}")

    def _received(self, event: Any) -> None:
        self.received_at, self.read_at = event.at, event.recorded_at
        expected = min(self._sent_at or event.recorded_at, event.recorded_at)
        if event.at != expected:
            self._cannot_be(event, f"came at {event.at}, expected {expected}")
        self._start("response", event.at)
        self.came_with["received_tier"] = self.clocks["response"].tier
        # Of what came before it was read nobody could be reminded.
        response, read_at = self.clocks["response"], event.recorded_at
        response.looked_at_from = read_at
        response.fired = sum(due.kind == "reminded" and response.shows(due.after) <= read_at for due in response.due)

    def _received_again(self, event: Any) -> None:
        for name in FIELDS:
            value = self._again.get(event.id, event.data).get(name)
            if value is not None and (self.lead[name] is None or name == "score"):
                self.lead[name] = value

    def _assigned(self, event: Any) -> None:
        response = self.clocks["response"]
        restarts = self.had_owner and response.open and response.terms.body["on_reassign"] == "restart"
        restarts = restarts and self.restarts < response.terms.body.get("restart_times", 2)
        self.restarts += restarts
        self._follows(event)
        if restarts and response.state == "running":
            self._must_have_told(response, event)
        if restarts:
            response.restart(event.at)
        if bool(event.data.get("restarted")) != restarts:
            self._cannot_be(event, f"restarts: {event.data.get('restarted')}, agreed: {restarts}")
        if event.before != self.owner:
            self._cannot_be(event, f"takes it from {event.before}, but {self.owner} has it")
        self.owner, self.had_owner, self.offered, self._request = event.after, True, False, None
        self.status = "assigned" if self.status == "unassigned" else self.status

    def _follows(self, event: Any) -> None:
        """The response clock counts on the calendar of whoever has the MQL now, where that is agreed."""
        response = self.clocks["response"]
        if not response.open or not response.terms.by_owner:
            return
        if response.state == "running":
            self._must_have_told(response, event)
        response.follow(self._leg(event.after, response.agreed.timezone, event.at))

    def _leg(self, owner: str | None, timezone: str, at: datetime) -> Leg:
        return Leg(at, self._hours.get(owner or "", AS_THE_TEAM), timezone)

    def _unassigned(self, event: Any) -> None:
        if self.owner is not None:
            self._follows(event)
        self.owner, self.status, self._request = None, "unassigned", None

    def _offered(self, event: Any) -> None:
        """Change nothing: nobody has it until one of the pool accepts it, or it goes in turn."""
        if self.owner is not None:
            self._cannot_be(event, f"offered to several while {self.owner} has it")

    def _declined(self, event: Any) -> None:
        if event.actor != self.owner or self.status != "assigned":
            self._cannot_be(event, f"{event.actor} declines what {self.owner} has, {self.status}")

    def _owner_left(self, event: Any) -> None:
        if event.before != self.owner or self.status not in TAKEN:
            self._cannot_be(event, f"{event.before} leaves what {self.owner} has, {self.status}")

    def _accepted(self, event: Any) -> None:
        if self.accepted_at is not None:
            self._cannot_be(event, "accepted twice")
        self.accepted_at, self.status = event.at, "accepted"
        response = self.clocks["response"]
        holds = response.paused_until if response.state == "paused" else None
        if response.open and response.terms.body["response"] == "accepted":
            self._stop(response, event)
        self._start("feedback", event.at)
        self._meets_pauses(event, holds)

    def _meets_pauses(self, event: Any, holds: datetime | None) -> None:
        """The feedback clock stands still in every pause since its start, and in the one that holds until its end."""
        clock, now = self.clocks["feedback"], event.recorded_at
        for number, (start, end) in enumerate(self.pauses, start=1):
            last = holds is not None and number == len(self.pauses)
            if not last and end <= event.at:
                continue
            clock.pause(min(max(start, clock.since), now), end)
            if not last:
                assert clock.paused_at is not None
                clock.resume(min(max(end, clock.paused_at), now))
        if holds is not None and self._own and self._own[-1].ended is None:
            self._own[-1].clocks["feedback"] = max(event.at, self.pauses[-1][0])
        until = event.data.get("until")
        if until != (holds and holds.isoformat()):
            self._cannot_be(event, f"says that a pause holds until {until}, it holds until {holds}")

    def _contacted(self, event: Any) -> None:
        """By a press, or as the CRM tells it, long after its true time and perhaps after the outcome."""
        assert self.received_at is not None
        self.contacted_at, self.evidence = max(event.at, self.received_at), event.data["evidence"]
        self.status = "contacted" if self.disposed_at is None else self.status
        self._stop(self.clocks["response"], event)

    def _evidence(self, event: Any) -> None:
        if event.after is None:
            return
        if self.contacted_at is None or self.received_at is None:
            self._cannot_be(event, "evidence of a contact that nobody knows of")
            return
        self.contacted_at = min(self.contacted_at, max(event.at, self.received_at))
        self.evidence = event.data["evidence"] if self.evidence == "button" else self.evidence
        if event.after != self.evidence:
            self._cannot_be(event, f"{event.after} takes the place of {self.evidence}")

    def _disposed(self, event: Any) -> None:
        if self.status not in TAKEN:
            self._cannot_be(event, f"disposed, but it is {self.status}")
        self.disposed_at = event.at
        self._pause_ends(event.at)
        for clock in self.clocks.values():
            self._stop(clock, event)
        self._corrected(event)

    def _corrected(self, event: Any) -> None:
        self.answers += 1
        self.status, self.lost_reason = event.after, event.reason
        if self.status != "disqualified":
            self.disputed_at = None

    def _disputed(self, event: Any) -> None:
        if self.status != "disqualified" or self.disputed_at is not None or self.erased_at is not None:
            self._cannot_be(event, f"disputed, but it is {self.status}, disputed since {self.disputed_at}")
        self.disputed_at, self.dispute = event.at, event.id

    def _upheld(self, event: Any) -> None:
        self._decided(event)

    def _reopened(self, event: Any) -> None:
        """It has no outcome any more, and the feedback clock starts as if there had been none."""
        self._decided(event)
        expected = "accepted" if self.contacted_at is None else "contacted"
        if event.after != expected:
            self._cannot_be(event, f"reopened as {event.after}, expected {expected}")
        self.status, self.disposed_at = event.after, None
        before = self.clocks["feedback"]
        self._start("feedback", event.at)
        self.clocks["feedback"].round = before.round + 1

    def _decided(self, event: Any) -> None:
        if self.disputed_at is None or event.data["dispute"] != self.dispute:
            self._cannot_be(event, f"decides {event.data['dispute']}, but {self.dispute} was the last dispute")
        self.disputed_at = None

    def _deal(self, event: Any) -> None:
        if self.status != "qualified":
            self._cannot_be(event, f"a deal of an MQL that is {self.status}")

    def _erased(self, event: Any) -> None:
        """Nothing names the person any more. One that was open is withdrawn."""
        self.lead |= dict.fromkeys(PERSONAL)
        self.erased_at, self.disputed_at = event.at, None
        if self.status in OPEN:
            self._take_back(event)

    def _withdrawn(self, event: Any) -> None:
        if self.status not in OPEN or event.before != self.status:
            self._cannot_be(event, f"{event.before} is withdrawn, but it is {self.status}")
        self._take_back(event)

    def _merged(self, event: Any) -> None:
        if self.status not in OPEN or event.before != self.status:
            self._cannot_be(event, f"{event.before} is merged, but it is {self.status}")
        self._before_merge = (self.status, self.offered, deepcopy(self.clocks))
        self.status, self.disposed_at, self.offered = "withdrawn", event.at, False
        self.merged_into = event.data["into"]
        for clock in self.clocks.values():
            clock.cancel(event.at)

    def _merged_in(self, event: Any) -> None:
        taken = self._filled[event.id]
        if any(self.lead[name] is not None for name in taken):
            self._cannot_be(event, f"takes {taken} over, but had {self.lead}")
        self._taken_over[event.data["mql"]] = taken
        self.lead |= taken

    def _merge_undone(self, event: Any) -> None:
        """What it was before goes on, as if nothing had been; the other one has no more of it."""
        if "into" in event.data:
            if self._before_merge is None or event.data["into"] != self.merged_into:
                self._cannot_be(event, f"parted from #{event.data['into']}, merged into #{self.merged_into}")
                return
            self.status, self.offered, self.clocks = self._before_merge
            self.disposed_at, self.merged_into, self._before_merge = None, None, None
            return
        for name, value in self._taken_over.pop(event.data["mql"]).items():
            self.lead[name] = None if self.lead[name] == value else self.lead[name]

    def _take_back(self, event: Any) -> None:
        self.status, self.disposed_at, self.offered = "withdrawn", event.at, False
        self._pause_ends(event.at)
        for clock in self.clocks.values():
            clock.cancel(event.at)

    def _reminded(self, event: Any) -> None:
        clock = self.clocks[event.data["clock"]]
        if event.actor is None:
            self._checkpoint(event)
        elif clock.state != "running":
            self._cannot_be(event, f"{event.actor} asks for a response, but the clock is {clock.state}")

    def _asked(self, event: Any) -> None:
        """Only while there is something to ask, and never soon after the last question."""
        recycled = event.data["why"] == "return"
        if self.status not in (("recycled",) if recycled else TAKEN) or event.before != self.owner:
            self._cannot_be(event, f"{event.before} is asked, but {self.owner} has it, {self.status}")
        if any(clock.state == "paused" for clock in self.clocks.values()) and not recycled:
            self._cannot_be(event, "asked in a pause")
        asked = [question for question in self.events if question.id < event.id and _is_question(question)]
        if asked and timedelta(0) <= event.at - max(question.at for question in asked) < APART:
            self._cannot_be(event, "asked again too soon")

    def _escalated(self, event: Any) -> None:
        self._checkpoint(event)
        if event.data["to"] == "peers":
            self.offered = True

    def _breached(self, event: Any) -> None:
        clock = self.clocks[event.data["clock"]]
        if clock.breach_logged or event.data["round"] != clock.round:
            self._cannot_be(event, f"breached again in round {event.data['round']} of {clock.round}")
        if not clock.open:
            self._cannot_be(event, "breached after it had stopped")
        due_at = clock.made_late_at or clock.breach_at
        if event.at != due_at:
            self._cannot_be(event, f"breached at {event.at}, due at {due_at}")
        by_move = clock.made_late_at is not None
        # An act that can be undone first writes down what has come without it; a tick, which says its step, does not.
        by_tick = "step" in event.data
        if by_tick and not by_move and (clock.state != "running" or clock.fired != clock.reminders):
            self._closing.append((clock, clock.round))
        clock.breach(event.at)

    def _paused(self, event: Any) -> None:
        """An owner's own pauses of a clock reach no further than agreed, or a leader is in it."""
        running = [clock for clock in self.clocks.values() if clock.state == "running"]
        if not running or len(running) < sum(clock.open for clock in self.clocks.values()):
            self._cannot_be(event, "nothing runs that could be paused, or a pause holds")
        until, request = datetime.fromisoformat(event.after), event.data.get("request")
        if request is not None and request != self._request:
            self._cannot_be(event, f"consents to {request}, but {self._request} waits")
        self._request = None
        self.pauses.append((event.at, until))
        own = None
        if not event.data.get("by_leader"):
            own = OwnPause(
                self.owner, date.fromisoformat(event.data["day"]), {clock.kind: event.at for clock in running}
            )
            self._own.append(own)
        zone = ZoneInfo(running[0].terms.timezone) if running else None
        if any(clock.breach_at <= event.at for clock in running) and request is None:
            self.hidden.append((event, self.owner))
        for clock in running:
            self._must_have_told(clock, event)
            clock.pause(event.at, until)
            taken = self._taken(clock, zone) if own is not None and zone is not None else 0
            if taken > clock.terms.body["pause_days"]:
                self._cannot_be(event, f"is day {taken} on which {self.owner} pauses the {clock.kind} clock, unasked")

    def _taken(self, clock: SlowClock, zone: ZoneInfo) -> int:
        """On how many days the owner has paused a clock alone, with all that the present pause is to take."""
        days: set[date] = set()
        for own in self._own:
            if own.owner == self.owner and clock.kind in own.clocks:
                first = own.clocks[clock.kind].astimezone(zone).date()
                last = min(own.day, own.ended.astimezone(zone).date()) if own.ended else own.day
                days |= {first + timedelta(days=number) for number in range(max((last - first).days, 1))}
        return clock.terms.calendar.count(days)

    def _pause_ends(self, at: datetime) -> None:
        if not any(clock.state == "paused" for clock in self.clocks.values()):
            return
        started, _ = self.pauses[-1]
        self.pauses[-1] = (started, at)
        for own in self._own:
            own.ended = own.ended or at

    def _pause_asked(self, event: Any) -> None:
        if not any(clock.state == "running" for clock in self.clocks.values()):
            self._cannot_be(event, "nothing runs that could be paused")
        self._request = event.id

    def _pause_refused(self, event: Any) -> None:
        if event.data["request"] != self._request:
            self._cannot_be(event, f"refuses {event.data['request']}, but {self._request} waits")
        self._request = None

    def _resumed(self, event: Any) -> None:
        waiting = [clock for clock in self.clocks.values() if clock.state == "paused"]
        if not waiting:
            self._cannot_be(event, "nothing is paused")
        self._pause_ends(event.at)
        for clock in waiting:
            if event.actor is None and event.at != clock.paused_until:
                self._cannot_be(event, f"the pause ends at {event.at} instead of {clock.paused_until}")
            clock.resume(event.at)

    def _deadline_moved(self, event: Any) -> None:
        before, after = (datetime.fromisoformat(text) for text in (event.before, event.after))
        logged = (event.data["clock"], before, after, event.data["effect"], event.data.get("undone"))
        if not self._moved or self._moved[0] != logged:
            self._cannot_be(event, f"says {logged}, expected {self._moved[:1]}")
        self._moved = self._moved[1:]
        if event.data["effect"] == "safe" and event.data["clock"] == "response":
            self.offered = False

    def _checkpoint(self, event: Any) -> None:
        clock = self.clocks[event.data["clock"]]
        due = clock.next_due
        if clock.state != "running":
            self._cannot_be(event, f"the {clock.kind} clock is {clock.state}")
            return
        comes_at = due and max(clock.shows(due.after), min(clock.known_from(due.kind), event.recorded_at))
        expected = due and (due.kind, comes_at, clock.round, clock.fired, due.to, due.hours, due.limit)
        data = event.data
        logged: tuple[Any, ...] = (
            event.type,
            event.at,
            data["round"],
            data["step"],
            data.get("to"),
            data.get("hours"),
            data.get("limit"),
        )
        if logged != expected:
            self._cannot_be(event, f"says {logged}, expected {expected}")
        if event.before != self.owner:
            self._cannot_be(event, f"is about {event.before}, but {self.owner} has it")
        clock.fired += 1

    # What changes the clocks

    def _start(self, kind: str, at: datetime) -> None:
        assert self._version is not None
        tier = self._version.tier_of(self.lead)
        self.clocks[kind] = SlowClock(kind, self._version.terms(tier), self._version.id, tier, at)

    def _stop(self, clock: SlowClock, event: Any) -> None:
        if clock.open and not clock.stop(event.at):
            self._cannot_be(event, f"the {clock.kind} clock was late at {clock.breach_at}, and no breach is in the log")

    def _must_have_told(self, clock: SlowClock, event: Any) -> None:
        """A breach that has happened must not be forgotten by what changes the clock now."""
        if clock.breach_at <= event.at and not clock.breach_logged:
            self._cannot_be(event, f"the {clock.kind} clock was late at {clock.breach_at}, and no breach is in the log")

    def _change_before(self, event: Any | None) -> None:
        while self._changes and (event is None or self._changes[0].after_event < event.id):
            if event is not None and self._ends_a_pause_before(self._changes[0], event):
                return
            change, self._version, self._hours = self._changes[0], self._changes[0].version, self._changes[0].hours
            del self._changes[0]
            for clock in self.clocks.values() if change.moves_open else ():
                if clock.open and clock.policy_id != change.version.id:
                    self._move(clock, change)

    def _ends_a_pause_before(self, change: Change, event: Any) -> bool:
        """Whether the change found a pause that was over and that no tick had ended: that happens first."""
        over = event.type == "resumed" and event.actor is None and event.recorded_at == change.at
        return over and change.moves_open and event.id > change.after_event

    def _move(self, clock: SlowClock, change: Change) -> None:
        tier = change.version.tier_of(self.lead)
        monday = _monday(ZoneInfo(change.version.timezone), change.at)
        legs = (self._leg(self.owner, change.version.timezone, change.at),) if self.owner else ()
        move = clock.move(change.version.terms(tier), change.version.id, tier, change.at, monday, legs)
        before, unnoticed, effect, undone = move
        self._unnoticed += [(clock.kind, unnoticed)] if unnoticed else []
        if effect or before != clock.due_at:
            self._moved.append((clock.kind, before, clock.due_at, effect, undone))

    def _moves_told(self, by: str) -> None:
        made_late = [(clock.kind, clock.made_late_at) for clock in self.clocks.values() if clock.made_late_at]
        if missing := [*self._moved, *self._unnoticed, *made_late]:
            self.problems.append(f"#{self.number}: by {by} no event says {missing}")
            self._moved, self._unnoticed = [], []

    def _cannot_be(self, event: Any, why: str) -> None:
        self.problems.append(f"#{self.number}: event {event.id}, {event.type} at {event.at}: {why}")


def _monday(zone: ZoneInfo, at: datetime) -> datetime:
    """The start of the week that a moment lies in."""
    day = at.astimezone(zone).date()
    return moment(zone, day - timedelta(days=day.weekday()), 0)


def _is_question(event: Any) -> bool:
    return bool(event.type == "asked" or (event.type == "reminded" and event.data["clock"] == "feedback"))
