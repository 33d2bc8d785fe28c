"""Whose a deadline is that passed, and which of them count."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.sla.breaches import breaches, charged_to
from bot.core.sla.time_breakdown import WITH_NOBODY, Part, TimeBreakdown
from storage.models import Clock, Event
from storage.vocabulary import ClockKind, ClockState, EventType
from tests.workspace import NOW

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
LIMIT = 8 * HOUR
spans = st.integers(0, 9 * 60).map(lambda minutes: minutes * MINUTE)


def spent(*owners: tuple[str, timedelta], **parts: timedelta) -> TimeBreakdown:
    of_parts = dict.fromkeys(Part, timedelta(0)) | {Part(name): span for name, span in parts.items()}
    return TimeBreakdown(sum(of_parts.values(), sum((span for _, span in owners), timedelta(0))), of_parts, owners)


@pytest.mark.parametrize(
    ("parts", "owner"),
    [
        (spent(("U1", 8 * HOUR - MINUTE), ("U2", MINUTE)), "U1"),  # declined at 7:59 of 8 hours
        (spent(("U1", MINUTE), ("U2", 8 * HOUR - MINUTE)), "U2"),
        (spent(("U1", 4 * HOUR), ("U2", 4 * HOUR)), "U1"),  # a tie: whoever had it first
        (spent(("U1", 2 * HOUR), outside=14 * HOUR), "U1"),  # a quarter of the limit, exactly
        (spent(("U1", 2 * HOUR - MINUTE), away=6 * HOUR), None),
        (spent(("U1", 3 * HOUR), unassigned=5 * HOUR), None),  # nobody had it for longer
        (spent(("U1", 4 * HOUR), unassigned=4 * HOUR), None),
        (spent(("U1", 4 * HOUR), unassigned=2 * HOUR, left=2 * HOUR), None),
        (spent(("U1", 5 * HOUR), paused=90 * HOUR, quiet=3 * HOUR), "U1"),  # these are no rivals of the owner
        (spent(("U1", timedelta(0)), left=8 * HOUR), None),
        (spent(unassigned=8 * HOUR), None),
    ],
)
def test_a_deadline_is_that_of_whoever_had_it_longest_or_nobodys(parts: TimeBreakdown, owner: str | None) -> None:
    assert charged_to(parts, LIMIT) == owner


@given(st.dictionaries(st.sampled_from(["U1", "U2", "U3"]), spans), st.dictionaries(st.sampled_from(list(Part)), spans))
def test_nobody_is_charged_who_had_less_than_others_or_than_a_quarter(
    held: dict[str, timedelta], parts: dict[Part, timedelta]
) -> None:
    of = spent(*held.items(), **parts)
    owner, nobody = charged_to(of, LIMIT), sum((of[part] for part in WITH_NOBODY), timedelta(0))
    may_be_charged = [span for span in held.values() if span >= LIMIT / 4 and span > nobody]
    assert (owner is None) == (not may_be_charged)
    if owner is not None:
        assert held[owner] == max(held.values())


def clock(**columns: Any) -> Clock:
    moments = dict.fromkeys(("started_at", "soon_at", "due_at", "breach_at", "round_from", "counted_from"), NOW)
    values = {"id": 1, "workspace_id": "T", "mql_id": 1, "kind": ClockKind.RESPONSE, "policy_id": 3, "tier": "hot"}
    return Clock(**{**moments, **values, "state": ClockState.RUNNING, **columns})


def log(*happened: tuple[EventType, float, dict[str, Any]]) -> list[Event]:
    return [
        Event(id=n, workspace_id="T", mql_id=1, type=kind, at=NOW + hours * HOUR, recorded_at=NOW, data=data)
        for n, (kind, hours, data) in enumerate(happened)
    ]


OF_RESPONSE = {"clock": "response", "round": 0, "policy": 2, "tier": None}
ANEW = (EventType.ASSIGNED, 9, {"restarted": True})
SAFE = {"clock": "response", "effect": "safe"}
UNDONE, KEPT = SAFE | {"undone": True}, SAFE | {"undone": False}


@pytest.mark.parametrize(
    ("happened", "answered", "expected"),
    [
        ([(EventType.BREACHED, 8, OF_RESPONSE)], None, [(8, 0)]),
        # Each owner's own, and of one owner's not two.
        ([(EventType.BREACHED, 8, OF_RESPONSE), ANEW, (EventType.BREACHED, 17, OF_RESPONSE)], None, [(8, 0), (17, 9)]),
        ([(EventType.BREACHED, 8, OF_RESPONSE), (EventType.BREACHED, 17, OF_RESPONSE)], None, [(8, 0)]),
        ([ANEW, (EventType.BREACHED, 17, OF_RESPONSE)], 17, [(17, 9)]),
        # Answered before, as was reported later; the former owner's stays.
        ([(EventType.BREACHED, 8, OF_RESPONSE)], 7.9, []),
        ([(EventType.BREACHED, 8, OF_RESPONSE), ANEW, (EventType.BREACHED, 17, OF_RESPONSE)], 12, [(8, 0)]),
        # The outcome's clock is another.
        ([(EventType.BREACHED, 8, {"clock": "feedback", "round": 0})], None, []),
        # Moved: taken back in its own week, else not; 0.1.0 always took it back.
        ([(EventType.BREACHED, 8, OF_RESPONSE), (EventType.DEADLINE_MOVED, 9, UNDONE)], None, []),
        (
            [(EventType.BREACHED, 8, OF_RESPONSE), (EventType.DEADLINE_MOVED, 9, KEPT)],
            None,
            [(8, 0)],
        ),
        ([(EventType.BREACHED, 8, OF_RESPONSE), (EventType.DEADLINE_MOVED, 9, SAFE)], None, []),
    ],
)
def test_the_log_tells_which_deadlines_count(
    happened: list[Any], answered: float | None, expected: list[tuple[float, float]]
) -> None:
    stopped_at = None if answered is None else NOW + answered * HOUR
    counted = breaches(log(*happened), clock(stopped_at=stopped_at))
    assert [(breach.at, breach.since) for breach in counted] == [
        (NOW + at * HOUR, NOW + since * HOUR) for at, since in expected
    ]
    assert {(breach.policy_id, breach.tier) for breach in counted} <= {(2, None)}


def test_a_breach_that_0_1_0_wrote_goes_by_the_version_of_its_clock() -> None:
    (breach,) = breaches(log((EventType.BREACHED, 8, {"clock": "response", "round": 0})), clock())
    assert (breach.policy_id, breach.tier, breach.since) == (3, "hot", NOW)
    assert isinstance(breach.at, datetime)
