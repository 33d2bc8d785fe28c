"""One clock, told again from what the log says happened to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.simulation.offices import Leg
from tests.simulation.slow_agreement import Due, SlowTerms
from tests.simulation.slow_calendar import NOTHING, Stretch

Moved = tuple[datetime, datetime | None, str | None, bool | None]


@dataclass
class SlowClock:
    """What a clock must look like. `fired` counts the checkpoints of this round that are in the log."""

    kind: str
    agreed: SlowTerms
    """On the team's calendar."""
    policy_id: int
    tier: str | None
    started_at: datetime
    round: int = 0
    fired: int = 0
    state: str = "running"
    stopped_at: datetime | None = None
    breached_at: datetime | None = None
    """The first breach that counts."""
    own_breach_at: datetime | None = None
    """Of these the one of the time that the present owner has, or had."""
    moved_at: datetime | None = None
    made_late_at: datetime | None = None
    """When a move made it late."""
    breach_logged: bool = False
    """Whether the breach that holds for the present owner is in the log."""
    paused_at: datetime | None = None
    paused_until: datetime | None = None
    looked_at_from: datetime | None = None
    """Of a lead that was read late: what came before is told by the tick after it."""
    round_from: datetime = field(init=False)
    since: datetime = field(init=False)
    """The start of the run that goes on, or that the present pause cut short."""
    runs: list[Stretch] = field(default_factory=list)
    """The earlier runs of this round."""
    legs: tuple[Leg, ...] = ()
    """On whose calendars it has run."""
    terms: SlowTerms = field(init=False)
    """As its deadlines show them: who gets it in a pause changes these once the pause ends."""

    def __post_init__(self) -> None:
        self.round_from = self.since = self.started_at
        self.terms = self.agreed

    def follow(self, leg: Leg) -> None:
        """Count on somebody's calendar from now on."""
        self.legs = (*(known for known in self.legs if known.since <= leg.since), leg)
        if self.state == "running":
            self.terms, self.looked_at_from = self.agreed.on(self.legs), None

    # What it shows

    @property
    def due(self) -> list[Due]:
        """All checkpoints of a round."""
        return self.terms.due(self.kind)

    @property
    def reminders(self) -> int:
        """How many of them come before the breach."""
        return [due.kind for due in self.due].index("breached")

    @property
    def counted(self) -> timedelta:
        """The open time of the earlier runs."""
        return sum((self.terms.calendar.between(*run) for run in self.runs), NOTHING)

    def shows(self, after: timedelta) -> datetime:
        """The true moment when so much open time had passed, or will have if nobody pauses."""
        for start, end in self.runs:
            run = self.terms.calendar.between(start, end)
            if after <= run:
                return self.terms.calendar.add(start, after)
            after -= run
        return self.terms.calendar.add(self.since, after)

    def known_from(self, kind: str) -> datetime:
        """Since when a checkpoint can be in the log: nobody is told of a step while the clock stands still, and no move
        changes what was before it."""
        resumed_at = self.since if kind == "escalated" else self.round_from
        return max(resumed_at, self.moved_at or self.round_from)

    @property
    def due_at(self) -> datetime:
        """The deadline."""
        return self.shows(self.terms.target(self.kind))

    @property
    def breach_at(self) -> datetime:
        """The deadline and the grace after it."""
        return self.shows(self.terms.target(self.kind) + self.terms.grace)

    @property
    def soon_at(self) -> datetime:
        """The last reminder before the deadline."""
        last = self.terms.last_reminder(self.kind)
        return self.due_at if last is None else self.shows(last)

    @property
    def next_due(self) -> Due | None:
        """The checkpoint that comes next."""
        return self.due[self.fired] if self.fired < len(self.due) else None

    @property
    def next_check_at(self) -> datetime | None:
        """When somebody must look at it again."""
        if self.state == "paused":
            return self.paused_until
        if self.state != "running" or self.next_due is None:
            return None
        at = self.shows(self.next_due.after)
        return max(at, self.looked_at_from) if self.looked_at_from else at

    @property
    def open(self) -> bool:
        """Whether it has not been stopped."""
        return self.stopped_at is None

    # What happens to it

    def pause(self, at: datetime, until: datetime) -> None:
        """Stand still."""
        self.state, self.paused_at, self.paused_until = "paused", at, until

    def resume(self, at: datetime) -> None:
        """Go on."""
        assert self.paused_at is not None
        self.terms = self.agreed.on(self.legs)
        self.looked_at_from = None
        self.runs.append((self.since, self.paused_at))
        self.since, self.state, self.paused_at, self.paused_until = at, "running", None, None

    def restart(self, at: datetime) -> None:
        """Begin anew for a new owner."""
        self.terms = self.agreed.on(self.legs)
        self.round, self.fired, self.breach_logged, self.runs = self.round + 1, 0, False, []
        self.own_breach_at = self.made_late_at = self.looked_at_from = None
        self.round_from = self.since = self.paused_at or at

    def breach(self, at: datetime) -> None:
        """The deadline and its grace have passed."""
        self.breached_at, self.own_breach_at = self.breached_at or at, self.own_breach_at or at
        self.breach_logged, self.fired, self.made_late_at = True, self.reminders + 1, None

    def move(
        self, terms: SlowTerms, policy_id: int, tier: str | None, at: datetime, monday: datetime, legs: tuple[Leg, ...]
    ) -> Moved:
        """Go on under other terms. `monday`: the start of the week in which that happens; `legs`: of a clock that goes
        by its owner from now on, and had none. Returns the deadline as it was, the breach that nobody had noticed, what
        the move did (breached, safe or None), and whether a breach counts no more."""
        judged, due_at = self.paused_at or at, self.due_at
        was, unnoticed = judged >= self.breach_at or self.breach_logged, None
        if was and not self.breach_logged:
            unnoticed = self.breach_at
            self.breach(unnoticed)
        done = max(self.fired - self.reminders, 0)
        self.agreed, self.policy_id, self.tier, self.looked_at_from = terms, policy_id, tier, None
        by_owner = terms.by_owner and self.kind == "response"
        self.legs = (self.legs or legs) if by_owner else ()
        self.terms = self.agreed.on(self.legs)
        self.round, self.moved_at = self.round + 1, at
        if judged >= self.breach_at:
            self.fired = min(self.reminders + done, len(self.due))
            self.made_late_at = None if was else at
            return due_at, unnoticed, None if was else "breached", None
        self.breach_logged = False
        self.fired = sum(self.shows(due.after) <= judged for due in self.due if due.kind == "reminded")
        if not was:
            return due_at, unnoticed, None, None
        undone = self.own_breach_at is not None and self.own_breach_at >= monday
        if undone:
            self.breached_at = None if self.breached_at == self.own_breach_at else self.breached_at
            self.own_breach_at = None
        return due_at, unnoticed, "safe", undone

    def cancel(self, at: datetime) -> None:
        """Nobody waits for an answer any more."""
        if self.open:
            self.state, self.stopped_at, self.paused_at, self.paused_until = "cancelled", at, None, None

    def stop(self, at: datetime) -> bool:
        """Answered. False where its breach should be in the log by now and is not."""
        # Neither before the lead came in nor before a new owner's time began, whichever the machine's clock says first.
        judged = max(at, min(self.started_at, self.round_from))
        judged = min(self.paused_at or judged, judged)
        late = judged >= self.breach_at
        self.stopped_at, self.paused_at, self.paused_until = max(at, self.started_at), None, None
        if self.breached_at is not None and self.breached_at > self.stopped_at:
            self.breached_at = None
        self.state = "met_late" if self.breached_at else "met"
        return not late or self.breach_logged
