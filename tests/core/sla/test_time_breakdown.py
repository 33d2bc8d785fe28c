"""Where the time of a clock went, against a walk through every minute."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from bot.core.sla.calendar import Calendar
from bot.core.sla.calendar_rules import CalendarRules
from bot.core.sla.checkpoints import Agreement
from bot.core.sla.policy import QuietHours, Terms
from bot.core.sla.time_breakdown import Part, TimeBreakdown, break_down
from storage.models import Absence, Event
from storage.vocabulary import CalendarKind, EventType
from tests.core import agreements
from tests.core.calendars import local
from tests.core.oracle import MINUTE
from tests.core.walk import FIRST, opened, spent, within

OWNERS = ("U1", "U2")
HAPPENS = [*OWNERS, None, "leaves", "pause", "go on"]
minutes = st.integers(0, 16 * 24 * 60).map(lambda count: FIRST + count * MINUTE)
nights = st.sampled_from((None, ("20:00", "08:00"), ("12:00", "13:00"), ("01:30", "00:30"), ("17:00", "09:30")))


@st.composite
def absences(draw: DrawFn) -> list[tuple[str, datetime, datetime]]:
    """Absences of which those of one person do not overlap."""
    spans = []
    for who in OWNERS:
        moments = sorted(draw(st.lists(minutes, max_size=6)))
        spans += [(who, begins, ends) for begins, ends in zip(moments[::2], moments[1::2], strict=False)]
    return draw(st.permutations(spans))


happenings = st.lists(
    st.tuples(
        st.sampled_from(
            [
                ("assigned", "U1"),
                ("assigned", "U2"),
                ("unassigned", None),
                ("owner_left", None),
                ("paused", ""),
                ("resumed", None),
            ]
        ),
        minutes,
    ),
    max_size=8,
)


def _events(happened: list[tuple[tuple[str, str | None], datetime]]) -> list[Event]:
    return [
        Event(id=n, workspace_id="T", mql_id=1, type=EventType(kind), at=at, recorded_at=at, after=after)
        for n, ((kind, after), at) in enumerate(happened)
    ]


def _counted(breakdown: TimeBreakdown) -> Counter[str]:
    """Whole minutes by part."""
    spans = {**{part.value: span for part, span in breakdown.spent.items()}, **dict(breakdown.with_owner)}
    return +Counter({name: span // MINUTE for name, span in spans.items()})


@settings(deadline=None, max_examples=120)
@given(happenings, absences(), agreements.calendars, agreements.zones, nights, minutes, st.integers(0, 16 * 24 * 60))
def test_every_minute_is_spent_on_what_the_walk_sees(
    happened: list[tuple[tuple[str, str | None], datetime]],
    away: list[tuple[str, datetime, datetime]],
    rules: CalendarRules,
    zone: str,
    night: tuple[str, str] | None,
    start: datetime,
    length: int,
) -> None:
    end = start + length * MINUTE
    in_order = sorted(happened, key=lambda entry: entry[1])

    def owner(at: datetime) -> str | None:
        return next((a for (k, a), t in reversed(in_order) if t <= at and k in ("assigned", "unassigned")), None)

    def left(at: datetime) -> bool:
        changes = [kind for (kind, _), when in in_order if when <= at and kind not in ("paused", "resumed")]
        return changes[-1:] == ["owner_left"]

    def paused(at: datetime) -> bool:
        return next(
            (k == "paused" for (k, _), t in reversed(in_order) if t <= at and k in ("paused", "resumed")), False
        )

    asleep = set(within(f"{night[0]}-{night[1]}", zone)) if night else set()
    walked = spent(start, end, set(opened(rules, zone)), asleep, owner, paused, away, left)
    quiet = QuietHours(start=night[0], end=night[1]) if night else None
    agreed = Agreement(Terms(calendar=rules, quiet=quiet), Calendar(rules, zone))
    gone = [Absence(id=1, workspace_id="T", user_id=who, from_at=a, until_at=b) for who, a, b in away]
    breakdown = break_down(_events(happened), gone, {}, agreed, start, end)
    assert _counted(breakdown) == walked
    assert breakdown.total == end - start == sum(walked.values()) * MINUTE


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.tuples(st.sampled_from(HAPPENS), st.integers(-(10**12), 3 * 10**12)),
        max_size=8,
    ),
    st.lists(st.integers(0, 2 * 10**12), max_size=6),
    agreements.calendars,
    nights,
    st.integers(-(10**6), 2 * 10**12),
)
def test_to_the_microsecond_the_parts_sum_to_the_whole(
    happened: list[tuple[str | None, int]],
    gone: list[int],
    rules: CalendarRules,
    night: tuple[str, str] | None,
    length: int,
) -> None:
    words = {
        "leaves": EventType.OWNER_LEFT,
        "pause": EventType.PAUSED,
        "go on": EventType.RESUMED,
        None: EventType.UNASSIGNED,
    }
    history = [
        Event(
            id=n,
            workspace_id="T",
            mql_id=1,
            type=words.get(who, EventType.ASSIGNED),
            at=FIRST + timedelta(microseconds=at),
            recorded_at=FIRST,
            after=who,
        )
        for n, (who, at) in enumerate(happened)
    ]
    moments = [FIRST + timedelta(microseconds=at) for at in sorted(gone)]
    away = [
        Absence(id=n, workspace_id="T", user_id="U1", from_at=begins, until_at=ends)
        for n, (begins, ends) in enumerate(zip(moments[::2], moments[1::2], strict=False))
    ]
    quiet = QuietHours(start=night[0], end=night[1]) if night else None
    agreed = Agreement(Terms(calendar=rules, quiet=quiet), Calendar(rules, "Asia/Tokyo"))
    breakdown = break_down(history, away, {}, agreed, FIRST, FIRST + timedelta(microseconds=length))
    owned = [span for _, span in breakdown.with_owner]
    pieces = [*breakdown.spent.values(), *owned]
    assert list(breakdown.spent) == list(Part)
    assert sum(pieces, timedelta(0)) == breakdown.total == max(timedelta(microseconds=length), timedelta(0))
    assert min(pieces) >= timedelta(0)


def test_a_day_is_told_apart_hour_by_hour() -> None:
    """Received 09:00; given to Sato at 10:00, who is away 13:00-14:00; paused 15:00-16:00; quiet from 18:00."""
    rules = CalendarRules(kind=CalendarKind.BUSINESS_HOURS, hours={"tuesday": ("09:00-20:00",)})
    agreed = Agreement(
        Terms(calendar=rules, quiet=QuietHours(start="18:00", end="08:00")), Calendar(rules, "Asia/Tokyo")
    )

    def at(hour: int) -> datetime:
        return local(f"2026-11-17 {hour:02}:00").astimezone(UTC)

    history = _events([(("assigned", "U1"), at(10)), (("paused", ""), at(15)), (("resumed", None), at(16))])
    away = [Absence(id=1, workspace_id="T", user_id="U1", from_at=at(13), until_at=at(14))]
    breakdown = break_down(history, away, {"U1": "佐藤 葵"}, agreed, at(9), at(22))
    hour = timedelta(hours=1)
    assert breakdown.spent == {
        Part.UNASSIGNED: hour,
        Part.AWAY: hour,
        Part.PAUSED: hour,
        Part.QUIET: 2 * hour,
        Part.OUTSIDE: 2 * hour,
        **dict.fromkeys((Part.LEFT, Part.UNREAD), timedelta(0)),
    }
    assert breakdown.with_owner == (("佐藤 葵", 6 * hour),)
    assert breakdown.columns["off_duty"] == 5 * hour


def test_whoever_was_away_while_another_had_it_is_no_excuse() -> None:
    agreed = Agreement(Terms(), Calendar.of(CalendarKind.ALWAYS, "Asia/Tokyo"))
    away = [Absence(id=1, workspace_id="T", user_id="U2", from_at=FIRST, until_at=FIRST + timedelta(days=9))]
    breakdown = break_down(_events([(("assigned", "U1"), FIRST)]), away, {}, agreed, FIRST, FIRST + timedelta(hours=3))
    assert (breakdown[Part.AWAY], breakdown.with_owner) == (timedelta(0), (("U1", timedelta(hours=3)),))


def test_whoever_had_it_for_no_time_is_not_named() -> None:
    agreed = Agreement(Terms(), Calendar.of(CalendarKind.ALWAYS, "Asia/Tokyo"))
    history = _events([(("assigned", "U1"), FIRST), (("assigned", "U2"), FIRST)])
    breakdown = break_down(history, [], {}, agreed, FIRST, FIRST + timedelta(hours=3))
    assert breakdown.with_owner == (("U2", timedelta(hours=3)),)
