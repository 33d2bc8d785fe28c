"""The pauses of an MQL as its log tells them, what they take of whose limit, and what a clock met of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from bot.core.sla import pauses, working_days
from bot.core.sla.pauses import Met, Pause
from storage import workspaces
from storage.database import Database
from storage.models import Event
from storage.vocabulary import ClockKind, EventType, Locale
from tests.workspace import NOW, WORKSPACE

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TODAY = date(2026, 11, 17)
BOTH = [ClockKind.RESPONSE, ClockKind.FEEDBACK]


def event(kind: EventType, hours: float, **words: Any) -> Event:
    at = NOW + hours * HOUR
    return Event(id=1, workspace_id="T1", mql_id=1, type=kind, at=at, recorded_at=at, **words)


def paused(hours: float, until: float = 48, **data: Any) -> Event:
    after = (NOW + until * HOUR).isoformat()
    return event(EventType.PAUSED, hours, after=after, data={"clocks": [ClockKind.RESPONSE]} | data)


def pause(began: float, ended: float | None, owner: str = "U1", until: float = 48, by_leader: bool = False) -> Pause:
    end = None if ended is None else NOW + ended * HOUR
    start, holds_until = NOW + began * HOUR, NOW + until * HOUR
    return Pause(owner, start, holds_until, holds_until.date(), by_leader, {ClockKind.RESPONSE: start}, end)


def ends(*log: Event) -> list[float | None]:
    """After how many hours each pause of a log ended."""
    return [(pause.ended - NOW) / HOUR if pause.ended else None for pause in pauses.read(log, "UTC")]


@pytest.mark.parametrize("kind", [EventType.RESUMED, EventType.DISPOSED, EventType.WITHDRAWN, EventType.ERASED])
def test_a_pause_ends_once_and_only_the_last_one(kind: EventType) -> None:
    assert ends(paused(1), event(kind, 2), event(kind, 3)) == [2]
    assert ends(paused(1), event(EventType.RESUMED, 2), paused(3), event(kind, 4)) == [2, 4]
    assert ends(event(kind, 1), paused(2)) == [None]


@pytest.mark.parametrize(
    "kind", [EventType.REMINDED, EventType.BREACHED, EventType.ESCALATED, EventType.DEADLINE_MOVED, EventType.ASSIGNED]
)
def test_nothing_else_that_happens_ends_a_pause(kind: EventType) -> None:
    assert ends(paused(1), event(kind, 2, after="U1")) == [None]


def test_a_pause_in_a_pause_ends_the_first() -> None:
    assert ends(paused(1), paused(3)) == [3, None]


def test_in_release_0_1_0_an_acceptance_ended_the_last_pause() -> None:
    assert ends(paused(1), event(EventType.RESUMED, 2), paused(3), event(EventType.ACCEPTED, 5)) == [2, 5]
    assert ends(paused(1), event(EventType.ACCEPTED, 5), event(EventType.RESUMED, 6)) == [5]


def test_the_outcomes_clock_of_an_acceptance_in_a_pause_stands_still_since_then_and_never_before_the_pause() -> None:
    until = {"until": (NOW + 48 * HOUR).isoformat()}
    first = paused(1), event(EventType.RESUMED, 2)
    for accepted, since in ((5, 5), (2.5, 3)):
        other, last = pauses.read([*first, paused(3), event(EventType.ACCEPTED, accepted, data=until)], "UTC")
        assert set(other.clocks) == {ClockKind.RESPONSE}
        assert last.clocks == {ClockKind.RESPONSE: NOW + 3 * HOUR, ClockKind.FEEDBACK: NOW + since * HOUR}
        assert last.ended is None


def test_the_owner_of_a_pause_is_who_had_it_when_it_began() -> None:
    log = [event(EventType.ASSIGNED, 0, after="U1"), paused(1), event(EventType.ASSIGNED, 2, after="U2"), paused(3)]
    log += [event(EventType.UNASSIGNED, 4), paused(5)]
    assert [pause.owner for pause in pauses.read(log, "UTC")] == ["U1", "U2", None]


def test_the_log_tells_the_day_the_clocks_and_whether_a_leader_paused() -> None:
    (alone,) = pauses.read([paused(1, day="2026-11-21", clocks=BOTH)], "UTC")
    assert (alone.day, set(alone.clocks), alone.by_leader) == (date(2026, 11, 21), set(BOTH), False)
    (led,) = pauses.read([paused(1, by_leader=True)], "UTC")
    assert (led.day, led.by_leader) == (TODAY + 2 * DAY, True)


def test_a_pause_takes_the_days_of_its_own_owner_and_clock_and_none_where_a_leader_paused() -> None:
    known = [pause(0, 1), pause(24, None, "U2"), pause(0, None, until=96, by_leader=True)]
    assert pauses.taken(known, "U1", ClockKind.RESPONSE, "UTC") == {TODAY}
    assert pauses.taken(known, "U2", ClockKind.RESPONSE, "UTC") == {TODAY + DAY}
    assert pauses.taken(known, "U1", ClockKind.FEEDBACK, "UTC") == set()
    assert pauses.taken(known, None, ClockKind.RESPONSE, "UTC") == set()
    assert pauses.all_days(known, "UTC") == {TODAY + n * DAY for n in range(4)}


def test_the_day_until_which_it_holds_is_not_taken_and_the_one_on_which_it_began_always() -> None:
    assert pause(0, None).days(NOW, "UTC") == {TODAY, TODAY + DAY}
    assert pause(0, 24).days(NOW, "UTC") == {TODAY}
    assert pause(0, 1).days(NOW, "UTC") == {TODAY}
    assert pause(0, 96).days(NOW, "UTC") == {TODAY, TODAY + DAY}, "work may have begun later than on the chosen day"


def met(start: float, now: float, *known: Pause) -> Met:
    return pauses.met(known, NOW + start * HOUR, NOW + now * HOUR)


def hours(run: Met) -> tuple[list[tuple[float, float]], float | None, float | None]:
    def since(moment: Any) -> float | None:
        return None if moment is None else (moment - NOW) / HOUR

    return [((a - NOW) / HOUR, (b - NOW) / HOUR) for a, b in run.ran], since(run.since), since(run.until)


def test_a_clock_meets_no_pause_that_was_over_when_it_started() -> None:
    assert met(2, 9, pause(0, 1), pause(1, 2)) == Met()
    assert met(2, 9) == Met()
    assert hours(met(2, 9, pause(0, 1), pause(1, 2.5))) == ([(2, 2)], 2.5, None)


def test_a_clock_runs_between_the_pauses_that_it_meets() -> None:
    assert hours(met(0, 9, pause(1, 3), pause(4, 6))) == ([(0, 1), (3, 4)], 6, None)
    assert hours(met(0, 9, pause(1, 3), pause(4, None))) == ([(0, 1), (3, 4)], None, 48)


def test_a_clock_never_runs_backwards_where_the_machines_clock_was_set_back() -> None:
    assert hours(met(0, 2, pause(1, 3), pause(4, 6))) == ([(0, 1), (2, 2)], 2, None)
    assert hours(met(0, 9, pause(1, 5), pause(3, 4))) == ([(0, 1), (5, 5)], 5, None)


def test_what_the_acceptance_says_of_pauses_is_read_as_it_was() -> None:
    for run in (met(0, 9, pause(1, 3), pause(4, 6)), met(0, 9, pause(1, None))):
        accepted = event(EventType.ACCEPTED, 0, data=run.to_json())
        assert pauses.begun(accepted) == (list(run.ran), run.since)
    assert Met().to_json() == {}
    assert pauses.begun(event(EventType.ACCEPTED, 2)) == ([], NOW + 2 * HOUR)
    held = event(EventType.REOPENED, 3, data=met(0, 9, pause(1, 3)).to_json())
    assert pauses.begun(held) == ([], NOW + 3 * HOUR)


def test_a_request_is_open_until_it_is_settled() -> None:
    asked, reminded = event(EventType.PAUSE_ASKED, 1), event(EventType.REMINDED, 2)
    assert pauses.open_request([asked, reminded]) == asked
    assert pauses.open_request([reminded]) is None
    for kind in (EventType.PAUSED, EventType.PAUSE_REFUSED, EventType.ASSIGNED, EventType.UNASSIGNED):
        assert pauses.open_request([asked, event(kind, 2)]) is None
        assert pauses.open_request([event(kind, 0), asked]) == asked
    for kind in (EventType.DISPOSED, EventType.WITHDRAWN, EventType.ERASED):
        assert pauses.open_request([asked, event(kind, 2), reminded]) is None


def test_where_no_policy_holds_yet_no_day_is_off_and_none_is_moved(database: Database) -> None:
    with database.transaction() as tx:
        where = {"mql_channel": "C1", "digest_weekday": 0, "digest_time": "09:00"}
        workspaces.save(tx, WORKSPACE, NOW, **where, name="Sample Inc.", locale=Locale.JA, timezone="Asia/Tokyo")
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        new_year = date(2027, 1, 1)
        assert not working_days.days_off(tx, workspace)(new_year)
        assert working_days.next_open_day(tx, workspace)(new_year) == new_year
