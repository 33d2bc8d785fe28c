"""What waits while nobody is there is shared out evenly, and waits no longer than it may."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.core.mql import response
from bot.core.routing import absences, assignment, backlog
from bot.core.routing.backlog import Kept, Lot, Place, deal
from bot.core.routing.fairness import Entry, replay
from storage import members, mqls, turns
from storage.database import Database
from storage.models import TURN
from storage.vocabulary import AssignmentVerdict, MessageKind, Status
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE, configure

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
REPS = ("U1", "U2", "U4", "U5", "U6")


@pytest.fixture
def engine(database: Database) -> Engine:
    return five(database)


def five(database: Database) -> Engine:
    """Five reps, U3 is their manager; a response is due within ten hours, and due soon in the last two."""
    configure(database)
    engine = Engine(database)
    for user in REPS:
        engine.has(user, "rep")
    engine.agrees(response_hours=10, reminders=(0.8,), escalations=())
    return engine


def away(engine: Engine, *users: str, until: timedelta, at: timedelta = timedelta(0)) -> None:
    with engine.database.transaction() as tx:
        for user in users:
            if until > at:
                assert absences.announce(tx, WORKSPACE, user, NOW + at, NOW + until)
            else:  # back, and the next tick shares out
                members.update(tx, WORKSPACE, user, away_until=None)


def ticks(engine: Engine, at: timedelta) -> int:
    with engine.database.transaction() as tx:
        return assignment.assign_waiting(tx, WORKSPACE, NOW + at)


def owners(engine: Engine, ids: Sequence[int]) -> Counter[str | None]:
    return Counter(engine.mql(mql_id).owner for mql_id in ids)


def kept(engine: Engine, at: timedelta) -> dict[int, Kept]:
    with engine.database.snapshot() as tx:
        return dict(backlog.kept(tx, WORKSPACE, NOW + at))


@pytest.mark.rules
def test_whoever_is_back_five_minutes_before_the_others_gets_no_more_than_they(any_database: Database) -> None:
    engine = five(any_database)
    away(engine, *REPS, until=2 * HOUR)
    ids = [engine.receives(NOW + number * MINUTE) for number in range(30)]
    assert owners(engine, ids) == {None: 30}
    away(engine, "U4", until=2 * HOUR - 5 * MINUTE, at=2 * HOUR - 5 * MINUTE)
    assert ticks(engine, 2 * HOUR - 5 * MINUTE) == 6
    assert owners(engine, ids) == {"U4": 6, None: 24}
    assert [engine.mql(mql_id).owner for mql_id in ids[:6]] == ["U4"] * 6, "the most urgent first"
    assert ticks(engine, 2 * HOUR - 4 * MINUTE) == 0
    assert ticks(engine, 2 * HOUR) == 24
    assert owners(engine, ids) == dict.fromkeys(REPS, 6)


def test_what_is_late_already_is_kept_for_half_an_hour_of_open_time_and_no_longer(engine: Engine) -> None:
    away(engine, *REPS, until=20 * HOUR)
    ids = [engine.receives() for _ in range(10)]
    away(engine, "U1", until=timedelta(0), at=20 * HOUR - 31 * MINUTE)
    late = 20 * HOUR - 31 * MINUTE
    assert ticks(engine, late) == 10, "nobody else is back in time"
    assert owners(engine, ids) == {"U1": 10}


def test_what_is_late_is_shared_with_those_who_are_back_within_half_an_hour(engine: Engine) -> None:
    away(engine, *REPS, until=20 * HOUR)
    ids = [engine.receives() for _ in range(10)]
    away(engine, "U1", until=timedelta(0), at=20 * HOUR - 30 * MINUTE)
    assert ticks(engine, 20 * HOUR - 30 * MINUTE) == 2
    assert ticks(engine, 20 * HOUR) == 8
    assert owners(engine, ids) == dict.fromkeys(REPS, 2)


def test_what_could_not_wait_is_made_up_for_by_those_who_follow(engine: Engine) -> None:
    away(engine, *REPS, until=20 * HOUR)
    ids = [engine.receives() for _ in range(10)]
    away(engine, "U1", until=timedelta(0), at=18 * HOUR)
    assert ticks(engine, 18 * HOUR) == 10
    assert owners(engine, ids) == {"U1": 10}
    more = [engine.receives(NOW + 20 * HOUR) for _ in range(40)]
    assert owners(engine, [*ids, *more]) == dict.fromkeys(REPS, 10)
    assert owners(engine, more[:32]) == dict.fromkeys(REPS[1:], 8), "the others first, in turn"


def test_whoever_is_back_later_than_the_response_time_has_no_share(engine: Engine) -> None:
    away(engine, *REPS[1:], until=90 * HOUR)
    away(engine, "U1", until=20 * HOUR)
    ids = [engine.receives() for _ in range(10)]
    assert ticks(engine, 20 * HOUR) == 10
    assert owners(engine, ids) == {"U1": 10}
    more = [engine.receives(NOW + 90 * HOUR) for _ in range(10)]
    assert owners(engine, more) == dict.fromkeys(REPS, 2), "their absence explains it, and is no debt"


def test_nothing_waits_for_somebody_without_a_known_return(engine: Engine) -> None:
    engine.has("U2", "rep", active=False)
    engine.has("U4", "rep", deactivated=True)
    away(engine, "U1", "U5", "U6", until=HOUR)
    ids = [engine.receives() for _ in range(6)]
    away(engine, "U1", until=timedelta(0), at=MINUTE)
    assert ticks(engine, MINUTE) == 2
    assert {keeping.user for keeping in kept(engine, MINUTE).values()} == {"U5", "U6"}
    with engine.database.transaction() as tx:
        for user in ("U5", "U6"):
            members.update(tx, WORKSPACE, user, active=False)
    assert ticks(engine, 2 * MINUTE) == 4
    assert owners(engine, ids) == {"U1": 6}


def test_a_longer_absence_frees_what_was_kept(engine: Engine) -> None:
    away(engine, *REPS, until=HOUR)
    ids = [engine.receives() for _ in range(10)]
    away(engine, "U1", until=timedelta(0), at=30 * MINUTE)
    assert ticks(engine, 30 * MINUTE) == 2
    away(engine, *REPS[1:], until=9 * HOUR, at=31 * MINUTE)
    assert ticks(engine, 31 * MINUTE) == 8, "they would be back in time to be late only"
    assert owners(engine, ids) == {"U1": 10}


def test_a_single_mql_goes_to_whoever_is_there(engine: Engine) -> None:
    first = engine.receives()
    assert engine.mql(first).owner == "U1"
    away(engine, *REPS, until=HOUR)
    waits = engine.receives()
    away(engine, "U6", until=timedelta(0), at=30 * MINUTE)
    assert ticks(engine, 30 * MINUTE) == 1
    assert engine.mql(waits).owner == "U6", "though U2 had waited as long"


def test_what_comes_in_meanwhile_goes_to_whoever_is_there_at_once(engine: Engine) -> None:
    away(engine, *REPS, until=HOUR)
    ids = [engine.receives() for _ in range(10)]
    away(engine, "U1", until=timedelta(0), at=30 * MINUTE)
    ticks(engine, 30 * MINUTE)
    new = engine.receives(NOW + 40 * MINUTE)
    assert engine.mql(new).owner == "U1"
    ticks(engine, HOUR)
    assert owners(engine, ids) == dict.fromkeys(REPS, 2)


def test_who_declined_it_is_not_waited_for(engine: Engine) -> None:
    mql_id = engine.receives()
    engine.does(response.decline, mql_id, "U1", "not mine", now=NOW)
    away(engine, *REPS, until=HOUR)
    engine.does(response.decline, mql_id, "U2", "nor mine", now=NOW)
    assert engine.mql(mql_id).owner is None
    for user in ("U1", "U2"):
        away(engine, user, until=timedelta(0), at=MINUTE)
    assert (ticks(engine, MINUTE), kept(engine, MINUTE)) == (0, {})
    assert ticks(engine, HOUR) == 1
    assert engine.mql(mql_id).owner == "U4"


def test_what_a_leaver_had_not_answered_is_shared_out_in_the_same_way(engine: Engine) -> None:
    away(engine, *REPS[1:], until=HOUR)
    ids = [engine.receives() for _ in range(10)]
    assert owners(engine, ids) == {"U1": 10}
    away(engine, "U2", until=timedelta(0), at=30 * MINUTE)
    engine.has("U1", "rep", active=False)
    with engine.database.transaction() as tx:
        assert assignment.take_from(tx, WORKSPACE, "U1", NOW + 30 * MINUTE) == 10
    assert owners(engine, ids) == {"U2": 3, None: 7}
    assert ticks(engine, 30 * MINUTE) == 0
    waiting = [mql_id for mql_id in ids if engine.mql(mql_id).owner is None]
    assert [engine.told(mql_id, MessageKind.UNASSIGNED) for mql_id in waiting] == [["U3"]] * 7
    with engine.database.snapshot() as tx:
        considered = mqls.decisions(tx, WORKSPACE, waiting[0])[0].considered
    assert [member.verdict for member in considered] == ["inactive", "eligible", "expected", "expected", "expected"]
    ticks(engine, HOUR)
    assert sorted(owners(engine, ids).values()) == [2, 2, 3, 3]


def test_the_managers_see_for_whom_it_is_kept_the_most_urgent_for_who_is_back_first(engine: Engine) -> None:
    away(engine, "U1", "U2", until=2 * HOUR)
    away(engine, "U4", "U5", "U6", until=HOUR)
    ids = [engine.receives(NOW + number * MINUTE) for number in range(5)]
    away(engine, "U5", until=timedelta(0), at=30 * MINUTE)
    ticks(engine, 30 * MINUTE)
    assert engine.mql(ids[0]).owner == "U5"
    waits = kept(engine, 30 * MINUTE)
    assert [waits[mql_id].user for mql_id in ids[1:]] == ["U4", "U6", "U1", "U2"]
    assert [waits[mql_id].back_at - NOW for mql_id in ids[1:]] == [HOUR, HOUR, 2 * HOUR, 2 * HOUR]


def test_while_nobody_is_there_nothing_is_kept_for_anybody(engine: Engine) -> None:
    away(engine, *REPS, until=HOUR)
    engine.receives()
    assert kept(engine, MINUTE) == {}
    with engine.database.transaction() as tx:
        assert assignment.assign_waiting(tx, "T0ANOTHER1", NOW) == 0


def test_the_decision_says_who_shares_in_it(engine: Engine) -> None:
    away(engine, "U1", "U2", until=5 * HOUR)
    away(engine, "U4", "U5", until=99 * HOUR)
    away(engine, "U6", until=HOUR)
    mql_id = engine.receives()
    ticks(engine, HOUR)
    with engine.database.snapshot() as tx:
        (decision, _) = mqls.decisions(tx, WORKSPACE, mql_id)
        standing = {member.user_id: member.balance for member in members.roster(tx, WORKSPACE)}
        ledger = [
            Entry.of(str(made.chosen), made.considered, turn.weight) for turn, made in turns.ledger(tx, WORKSPACE)
        ]
    assert {member.user: member.verdict for member in decision.considered} == {
        "U1": AssignmentVerdict.EXPECTED,
        "U2": AssignmentVerdict.EXPECTED,
        "U4": AssignmentVerdict.AWAY,
        "U5": AssignmentVerdict.AWAY,
        "U6": AssignmentVerdict.CHOSEN,
    }
    assert standing == {"U1": -TURN // 3, "U2": -TURN // 3, "U3": 0, "U4": 0, "U5": 0, "U6": 2 * TURN // 3}
    assert replay(ledger).items() <= standing.items()
    assert engine.mql(mql_id).status == Status.ASSIGNED


# The deal by itself


def lots(count: int, keep: timedelta = HOUR) -> list[Lot]:
    return [Lot(number, NOW + number * MINUTE, NOW + keep, NOW + keep) for number in range(count)]


def places(here: int, coming: int, **behind: int) -> list[Place]:
    when = [NOW] * here + [NOW + (1 + number) * MINUTE for number in range(coming)]
    return [Place(f"R{i}", at, -behind.get(f"R{i}", 0) * TURN, 0) for i, at in enumerate(when)]


@pytest.mark.parametrize("here", range(1, 6))
@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 30, 31, 33])
def test_those_who_are_there_get_their_even_share_however_many_wait(here: int, count: int) -> None:
    dealt = deal(lots(count), places(here, 5 - here), NOW)
    shares = Counter(keeping.user for keeping in dealt.kept.values())
    assert len(dealt.dealt) + shares.total() == count
    assert set(dealt.dealt) == set(range(len(dealt.dealt)))
    assert count // 5 * here <= len(dealt.dealt) <= -(-count // 5) * here
    assert all(count // 5 <= shares[f"R{i}"] <= -(-count // 5) for i in range(here, 5))


def test_once_dealt_it_stays_so_until_somebody_is_back() -> None:
    for count in range(1, 40):
        table, waiting = places(2, 3), lots(count)
        dealt = deal(waiting, table, NOW)
        given = set(dealt.dealt)
        again = places(2, 3)
        for lot in waiting:
            if lot.mql_id in given:
                deal([lot], again[:2], NOW)
        for place, before in zip(again[2:], table[2:], strict=True):
            place.balance = before.balance - TURN * sum(keeping.user == place.user for keeping in dealt.kept.values())
        for place, before in zip(again[:2], table[:2], strict=True):
            place.balance = before.balance
        left = [lot for lot in waiting if lot.mql_id not in given]
        assert deal(left, again, NOW).dealt == ()


def test_who_is_behind_from_before_is_waited_for_first() -> None:
    dealt = deal(lots(4), places(1, 1, R1=3), NOW)
    assert dealt.dealt == (0,)
    assert {keeping.user for keeping in dealt.kept.values()} == {"R1"}
    assert deal(lots(3), places(1, 1, R1=3), NOW).dealt == ()


def test_what_somebody_could_not_have_shared_in_is_no_debt_that_is_waited_for() -> None:
    alone = [Lot(number, NOW + number * MINUTE, NOW, NOW) for number in range(3)]
    later = Lot(3, NOW + 3 * MINUTE, NOW + HOUR, NOW + HOUR)
    table = places(1, 1)
    assert deal([*alone, later], table, NOW).dealt == (0, 1, 2, 3)
    assert [place.balance for place in table] == [0, 0], "what is shared is tried on a copy"


def test_of_those_who_are_even_whoever_has_waited_longer_has_it_also_among_what_is_dealt() -> None:
    """R1 has waited longer than R0, so that of three they get two, and leave the fourth to R2 who is still to come."""
    alone = [Lot(number, NOW + number * MINUTE, NOW, NOW) for number in range(3)]
    not_for_r0 = Lot(3, NOW + 3 * MINUTE, NOW + HOUR, NOW + HOUR, frozenset({"R0"}))
    table = places(2, 1, R2=1)
    table[0].last_turn = 5
    dealt = deal([*alone, not_for_r0], table, NOW)
    assert [place.balance for place in table] == [-TURN // 2, TURN // 2, -TURN]
    assert {mql_id: keeping.user for mql_id, keeping in dealt.kept.items()} == {3: "R2"}
