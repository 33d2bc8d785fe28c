"""A clock that is paused, resumed and restarted, against a walk through every minute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.core.mql import pauses, policy_migration, response
from bot.core.mql.policy_migration import Difference, Effect
from bot.core.sla import clocks
from bot.core.sla.policy import Terms
from storage import mqls, policies, workspaces
from storage.database import Database
from storage.vocabulary import ClockKind, ClockState, EventType
from tests.core import agreements
from tests.core.kit import Engine
from tests.core.oracle import MINUTE
from tests.core.walk import FIRST, Point, Walked, opened
from tests.workspace import WORKSPACE, configure

ACTS = ("pause", "resume", "reassign", "look")
REPS = {"U1": "U2", "U2": "U1"}
EVENTS = {EventType.REMINDED: "remind", EventType.BREACHED: "breach", EventType.ESCALATED: "escalate"}


@pytest.fixture(scope="module")
def engine(migrated_file: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One workspace for all examples: each brings its own policy and its own MQL."""
    file = tmp_path_factory.mktemp("walk") / "mql.db"
    file.write_bytes(migrated_file.read_bytes())
    database = Database(f"sqlite:///{file}")
    configure(database)
    yield Engine(database)
    database.close()


@dataclass
class Expected:
    """What the walk expects of a clock."""

    terms: Terms
    open: list[datetime]
    start: datetime
    pauses: list[tuple[datetime, datetime]] = field(default_factory=list)
    paused: tuple[datetime, datetime] | None = None
    fired: list[tuple[datetime, str]] = field(default_factory=list)
    in_round: int = 0
    breached_at: datetime | None = None
    restarts: int = 0

    def points(self) -> list[Point]:
        return Walked(self.open, self.start, self.pauses).checkpoints(self.terms, ClockKind.RESPONSE)

    def look(self, now: datetime) -> None:
        """What a worker finds at this moment."""
        if self.paused is not None and self.paused[1] <= now:
            self.resume(self.paused[1])
        if self.paused is not None:
            return
        for at, what, _ in self.points()[self.in_round :]:
            if at > now:
                break
            self.fired.append((at, what))
            self.in_round += 1
            if what == "breach" and self.breached_at is None:
                self.breached_at = at

    def resume(self, at: datetime) -> None:
        assert self.paused is not None
        self.pauses.append((self.paused[0], at))
        self.paused = None

    def restart(self, now: datetime) -> None:
        self.start, self.pauses, self.in_round = self.paused[0] if self.paused else now, [], 0
        self.restarts += 1


def _compare(engine: Engine, mql_id: int, expected: Expected) -> None:
    clock = engine.clock(mql_id)
    points = expected.points()
    walked = Walked(expected.open, expected.start, expected.pauses)
    allowed = timedelta(hours=expected.terms.response_hours)
    due, late = walked.moment(allowed), walked.moment(allowed + expected.terms.grace)
    if due is not None:
        soon = [at for at, what, _ in points if what == "remind" and at < due]
        assert (clock.due_at, clock.soon_at) == (due, soon[-1] if soon else due)
    if late is not None:
        assert clock.breach_at == late
    if expected.paused is not None:
        assert (clock.state, clock.paused_at, clock.next_check_at) == (ClockState.PAUSED, *expected.paused)
    elif len(points) > expected.in_round:
        assert (clock.state, clock.next_check_at) == (ClockState.RUNNING, points[expected.in_round][0])
    assert clock.breached_at == expected.breached_at
    fired = [(event.at, EVENTS[event.type]) for event in engine.log(mql_id) if event.type in EVENTS]
    assert fired == expected.fired


def _act(engine: Engine, mql_id: int, expected: Expected, act: str, days: int, now: datetime) -> None:
    until = now + days * timedelta(days=1)
    if act == "pause":
        engine.does(pauses.pause, mql_id, "U3", until, "later", now=now)
        expected.paused = expected.paused or (now, until)
    elif act == "resume":
        engine.does(pauses.resume, mql_id, "U3", now=now)
        if expected.paused is not None:
            expected.resume(now)
    elif act == "reassign":
        engine.does(response.reassign, mql_id, "U3", REPS[engine.mql(mql_id).owner or "U1"], None, now=now)
        if expected.terms.on_reassign == "restart" and expected.restarts < expected.terms.restart_times:
            expected.restart(now)


acts = st.lists(
    st.tuples(st.integers(1, 3 * 24 * 60), st.sampled_from(ACTS), st.integers(1, 5)), min_size=1, max_size=7
)


def _told_only(body: dict[str, Any]) -> dict[str, Any]:
    """Steps that leave the MQL where it is: what they do has tests of its own."""
    return body | {"escalations": [step for step in body["escalations"] if step["do"] == "tell"]}


SIMPLE = {"calendar": "always", "response_hours": 10.0, "reminders": (0.5,), "escalations": (), "grace_minutes": 30}
RESTART = SIMPLE | {"on_reassign": "restart"}


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(agreements.terms(), agreements.zones, st.integers(0, 7 * 24 * 60), acts)
@example(SIMPLE, "Asia/Tokyo", 0, [(300, "pause", 1), (60, "resume", 1), (300, "pause", 1), (2880, "look", 1)])
@example(SIMPLE, "Asia/Tokyo", 0, [(600, "pause", 1), (60, "resume", 1), (10, "pause", 1), (60, "resume", 1)])
@example(SIMPLE, "Asia/Tokyo", 0, [(630, "pause", 1), (60, "resume", 1), (600, "look", 1)])
@example(RESTART, "Asia/Tokyo", 0, [(700, "reassign", 1), (400, "pause", 1), (60, "reassign", 1), (60, "resume", 1)])
@example(RESTART, "Asia/Tokyo", 0, [(300, "pause", 1), (60, "reassign", 1), (60, "reassign", 1), (3000, "look", 1)])
def test_a_clock_shows_what_the_walk_shows(
    engine: Engine, body: dict[str, Any], zone: str, begins: int, acted: list[tuple[int, str, int]]
) -> None:
    body = _told_only(body)
    engine.agrees(zone, **body)
    terms = agreements.policy(body)
    start = FIRST + begins * MINUTE
    mql_id = engine.receives(start)
    expected = Expected(terms, opened(terms.calendar, zone), start)
    _compare(engine, mql_id, expected)
    now = start
    for minutes, act, days in acted:
        now += minutes * MINUTE
        engine.sweeps(now)
        expected.look(now)
        _compare(engine, mql_id, expected)
        _act(engine, mql_id, expected, act, days, now)
        _compare(engine, mql_id, expected)
    _answered(engine, mql_id, expected, now + MINUTE)


def _answered(engine: Engine, mql_id: int, expected: Expected, now: datetime) -> None:
    """Whoever has it answers: late if the clock had shown too much by then, or a former owner let it happen."""
    engine.does(response.contacted, mql_id, engine.mql(mql_id).owner, now=now)
    clock = engine.clock(mql_id)
    walked = Walked(expected.open, expected.start, expected.pauses)
    limit = walked.moment(timedelta(hours=expected.terms.response_hours) + expected.terms.grace)
    judged = expected.paused[0] if expected.paused else now
    late = expected.breached_at is not None or (limit is not None and judged >= limit)
    assert (clock.state, clock.stopped_at) == (ClockState.MET_LATE if late else ClockState.MET, now)
    assert clock.breached_at == (expected.breached_at or (limit if late else None))
    breaches = [at for at, what in expected.fired if what == "breach"]
    this_round = [what for _, what in expected.fired[len(expected.fired) - expected.in_round :]]
    if limit is not None and judged >= limit and "breach" not in this_round:
        breaches.append(limit)
    assert [event.at for event in engine.log(mql_id, EventType.BREACHED)] == breaches


def _only(engine: Engine) -> None:
    """The clocks of earlier examples are of no concern any more."""
    with engine.database.transaction() as tx:
        for subject in mqls.with_open_clock(tx, WORKSPACE):
            clocks.cancel(tx, subject, FIRST)


def _moved(engine: Engine, now: datetime) -> tuple[Difference, Difference]:
    """What would move, and what then moved."""
    with engine.database.transaction() as tx:
        wanted, workspace = policies.current(tx, WORKSPACE), workspaces.locked(tx, WORKSPACE)
        assert wanted is not None
        assert workspace is not None
        shown = policy_migration.difference(tx, WORKSPACE, wanted, now)
        return shown, policy_migration.apply_to_all(tx, workspace, now)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(agreements.terms(), agreements.terms(), agreements.zones, agreements.zones, acts, st.integers(1, 3 * 24 * 60))
@example(
    SIMPLE, SIMPLE | {"response_hours": 4.0}, "Asia/Tokyo", "Asia/Tokyo", [(330, "pause", 1), (60, "resume", 1)], 60
)
@example(SIMPLE, SIMPLE | {"response_hours": 4.0}, "Asia/Tokyo", "Asia/Tokyo", [(330, "pause", 1)], 60)
@example(SIMPLE, SIMPLE | {"response_hours": 40.0}, "Asia/Tokyo", "Asia/Tokyo", [(700, "look", 1)], 60)
@example(RESTART, RESTART | {"response_hours": 40.0}, "Asia/Tokyo", "Asia/Tokyo", [(700, "reassign", 1)], 60)
@example(SIMPLE, SIMPLE | {"calendar": "business_hours"}, "Asia/Tokyo", "Europe/Berlin", [(300, "pause", 2)], 6000)
def test_a_clock_that_is_moved_stands_where_it_would_have_stood_on_the_new_policy_from_the_beginning(
    engine: Engine,
    old: dict[str, Any],
    new: dict[str, Any],
    zone: str,
    elsewhere: str,
    acted: list[tuple[int, str, int]],
    later: int,
) -> None:
    old, new = _told_only(old), _told_only(new)
    _only(engine)
    engine.agrees(zone, **old)
    terms, start = agreements.policy(old), FIRST
    mql_id = engine.receives(start)
    expected = Expected(terms, opened(terms.calendar, zone), start)
    now = start
    for minutes, act, days in acted:
        now += minutes * MINUTE
        engine.sweeps(now)
        expected.look(now)
        _act(engine, mql_id, expected, act, days, now)
    now += later * MINUTE
    engine.sweeps(now)
    expected.look(now)
    before = engine.clock(mql_id)
    policy_id = engine.agrees(elsewhere, **new)
    shown, moved = _moved(engine, now)

    then = agreements.policy(new)
    anew = Expected(then, opened(then.calendar, elsewhere), expected.start, expected.pauses, expected.paused)
    walked = Walked(anew.open, anew.start, anew.pauses)
    judged = expected.paused[0] if expected.paused else now
    due, late = (walked.moment(timedelta(hours=then.response_hours) + grace) for grace in (timedelta(0), then.grace))
    was, will = judged >= before.breach_at, late is not None and judged >= late
    effect = None if was == will else Effect.BREACHED if will else Effect.SAFE

    clock = engine.clock(mql_id)
    assert clock.policy_id == policy_id
    assert shown == moved
    assert [move.effect for move in moved.moves] in ([effect], [] if effect is None else [effect])
    if due is not None:
        assert clock.due_at == due
        assert bool(moved.moves) == (due != before.due_at or effect is not None)
        soon = [at for at, what, _ in anew.points() if what == "remind" and at < due]
        assert clock.soon_at == (soon[-1] if soon else due)
    if late is not None:
        assert clock.breach_at == late
    assert clock.breached_at == _breached_at(expected, effect, now)
    _goes_on(engine, mql_id, expected, anew, will=will, judged=judged, now=now)


def _breached_at(expected: Expected, effect: Effect | None, now: datetime) -> datetime | None:
    """After the move: what it makes late is late from now on, and it undoes only what happened in this week."""
    before = expected.breached_at
    if effect == Effect.BREACHED:
        return before or now
    here = now.astimezone(ZoneInfo("Asia/Tokyo"))
    monday = here.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=here.weekday())
    own = before is not None and before >= max(expected.start, monday)
    return None if own and effect == Effect.SAFE else before


def _goes_on(
    engine: Engine, mql_id: int, expected: Expected, anew: Expected, *, will: bool, judged: datetime, now: datetime
) -> None:
    """After the move: no reminder that would have come by now, nothing twice, and nothing of the rest left out."""
    this_round = [what for _, what in expected.fired[len(expected.fired) - expected.in_round :]]
    done = sum(what != "remind" for what in this_round)
    if anew.paused is not None:
        engine.does(pauses.resume, mql_id, "U3", now=now)
        anew.resume(now)
    points = [(at, what) for at, what, _ in anew.points()]
    # None comes before the move that makes it due.
    after = [(max(at, now), what) for at, what in points if what != "remind"][done if will else 0 :]
    if not will:
        after = sorted(
            after + [point for point in points if point[1] == "remind" and point[0] > judged],
            key=lambda point: point[0],
        )
    end = now + timedelta(days=3)
    engine.sweeps(end)
    fired = [(event.at, EVENTS[event.type]) for event in engine.log(mql_id) if event.type in EVENTS]
    assert fired[len(expected.fired) :] == [point for point in after if point[0] <= end]
