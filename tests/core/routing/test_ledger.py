"""The ledger explains every balance, whatever happens to the MQLs."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from fractions import Fraction
from random import Random

import pytest
import sqlalchemy as sa

from bot.core.base.results import Done
from bot.core.mql import disputes, feedback, intake, response, withdrawal
from bot.core.mql.feedback import Answer
from bot.core.mql.lead import Lead
from bot.core.routing import absences, assignment
from bot.core.routing.fairness import Entry, first, replay
from storage import members, mqls, turns, workspaces
from storage.database import Database
from storage.models import TURN, Considered, LostReason, turn
from storage.vocabulary import AssignmentVerdict, Disposition, EventType, Source, Status
from tests.core.kit import Engine, accept_and_report
from tests.core.overlap import BLOCKED
from tests.patience import LONGEST
from tests.workspace import NOW, WORKSPACE, configure

HOUR = timedelta(hours=1)
REPS = ("U1", "U2", "U5", "U6")
UNFIT = Answer(disposition=Disposition.DISQUALIFIED, lost_reason="duplicate")
FIT = Answer(disposition=Disposition.QUALIFIED, amount=1)


@pytest.fixture
def engine(database: Database) -> Engine:
    """U1, U2, U5 and U6 are reps, U3 is a manager, U4 a marketer."""
    return office(database)


def office(database: Database) -> Engine:
    configure(database)
    engine = Engine(database)
    engine.has("U4", "marketer")
    for user in REPS[2:]:
        engine.has(user, "rep")
    duplicate = LostReason(workspace_id=WORKSPACE, key="duplicate", position=0, ja="重複", en="Duplicate", unfit=True)
    with database.transaction() as tx:
        workspaces.save_reasons(tx, WORKSPACE, [duplicate])
    return engine


def balances(engine: Engine) -> dict[str, Fraction]:
    """Return by how many turns each rep is ahead."""
    with engine.database.snapshot() as tx:
        return {
            member.user_id: Fraction(member.balance, TURN)
            for member in members.roster(tx, WORKSPACE)
            if "rep" in member.roles
        }


def recounted(tx: sa.Connection) -> dict[str, Fraction]:
    entries = [
        Entry.of(str(made.chosen), made.considered, posted.weight) for posted, made in turns.ledger(tx, WORKSPACE)
    ]
    return {user: Fraction(balance, TURN) for user, balance in replay(entries).items()}


@pytest.mark.rules
def test_every_balance_is_the_sum_of_the_ledger_and_every_order_follows_from_it(any_database: Database) -> None:
    engine, random, now = office(any_database), Random(5), NOW
    engine.agrees(escalations=({"after_hours": 24, "to": "manager", "do": "reassign"},))
    open_ones, closed = list[int](), list[int]()
    for number in range(80):
        now += timedelta(minutes=random.randint(1, 300))
        with engine.database.transaction() as tx:
            user, away = random.choice(REPS), random.choice([False, True])
            if away:
                absences.announce(tx, WORKSPACE, user, now, now + 3 * HOUR)
            else:
                absences.come_back(tx, WORKSPACE, user, now)
            assignment.assign_waiting(tx, WORKSPACE, now)
        open_ones.append(engine.receives(now, company=f"Company {number}"))
        mql_id = random.choice(open_ones)
        owner = engine.mql(mql_id).owner
        act = random.choice(["declined", "withdrawn", "unfit", "unfit", "fit", "corrected", "swept"])
        if act == "declined" and owner:
            engine.does(response.decline, mql_id, owner, "busy", now=now)
        elif act == "withdrawn":
            engine.does(withdrawal.withdraw, mql_id, "U4", None, now=now)
        elif act in ("unfit", "fit") and owner:
            engine.does(accept_and_report, mql_id, owner, UNFIT if act == "unfit" else FIT, now=now)
            closed.append(mql_id)
        elif act == "corrected" and closed:
            engine.does(feedback.give, random.choice(closed), "U3", random.choice([UNFIT, FIT]), now=now)
        else:
            engine.sweeps(now)
        with engine.database.snapshot() as tx:
            still = mqls.of_ids(tx, WORKSPACE, open_ones)
        open_ones = [subject.id for subject in still if subject.status in (Status.ASSIGNED, Status.UNASSIGNED)]
    with any_database.snapshot() as tx:
        ledger, counted = turns.ledger(tx, WORKSPACE), recounted(tx)
    weights = Counter(posted.weight for posted, _ in ledger)
    assert min(weights.values()) > 10
    assert balances(engine).items() >= counted.items()
    so_far: list[Entry] = []
    for posted, decision in ledger:
        stood = replay(so_far)
        for member in decision.considered if posted.id == _first_of(ledger, decision.id) else ():
            assert member.balance == stood.get(member.user, 0)
        so_far.append(Entry.of(str(decision.chosen), decision.considered, posted.weight))
        able = [
            candidate
            for candidate in decision.considered
            if candidate.verdict in (AssignmentVerdict.CHOSEN, AssignmentVerdict.ELIGIBLE)
        ]
        assert first(able).user == decision.chosen


def _first_of(ledger: list[turns.Posting], decision_id: int) -> int:
    return next(posted.id for posted, decision in ledger if decision.id == decision_id)


def test_a_turn_that_is_taken_back_long_after_counts_as_much_as_at_once(engine: Engine) -> None:
    given = [engine.receives(company=f"Company {number}") for number in range(40)]
    assert set(balances(engine).values()) == {0}
    mine = [mql_id for mql_id in given if engine.mql(mql_id).owner == "U1"]
    for mql_id in mine[:4]:
        engine.does(accept_and_report, mql_id, "U1", UNFIT, now=NOW + 300 * HOUR)
    assert balances(engine) == {"U1": -3, "U2": 1, "U5": 1, "U6": 1}
    following = [engine.mql(engine.receives(NOW + 301 * HOUR, company=f"Later {number}")).owner for number in range(12)]
    assert Counter(following) == {"U1": 6, "U2": 2, "U5": 2, "U6": 2}
    assert set(balances(engine).values()) == {0}


def test_an_accepted_dispute_takes_the_turn_again(engine: Engine) -> None:
    mql_id = engine.receives()
    engine.does(accept_and_report, mql_id, "U1", UNFIT, now=NOW)
    assert set(balances(engine).values()) == {0}
    engine.does(disputes.dispute, mql_id, "U4", "They have a budget", now=NOW + HOUR)
    (opened,) = engine.log(mql_id, EventType.DISPUTED)
    with engine.database.transaction() as tx:
        assert isinstance(disputes.accept(tx, WORKSPACE, opened.id, "U3", NOW + 2 * HOUR), Done)
        kept = [(row.weight, row.at) for row in tx.execute(sa.select(turn).order_by(turn.c.id))]
    assert kept == [(1, NOW), (-1, NOW), (1, NOW + 2 * HOUR)]
    assert balances(engine)["U1"] == Fraction(3, 4)


def test_a_decline_and_a_lapse_cost_a_turn_and_what_a_person_decides_none(engine: Engine) -> None:
    engine.agrees(escalations=({"after_hours": 24, "to": "manager", "do": "reassign"},))
    mql_id = engine.receives()
    engine.does(response.decline, mql_id, "U1", "busy", now=NOW)
    engine.sweeps(NOW + 24 * HOUR)
    assert engine.mql(mql_id).owner == "U5"
    had = {"U1": 1, "U2": 1, "U5": 1, "U6": 0}
    assert balances(engine) == {user: turns_had - Fraction(3, 4) for user, turns_had in had.items()}
    engine.does(response.reassign, mql_id, "U3", "U6", None, now=NOW + 25 * HOUR)
    assert balances(engine)["U6"] == -Fraction(3, 4)


def test_a_decision_that_chose_nobody_is_no_entry(engine: Engine) -> None:
    for user in REPS:
        engine.has(user, "rep", active=False)
    mql_id = engine.receives()
    with engine.database.transaction() as tx:
        assert turns.ledger(tx, WORKSPACE) == []
        made = mqls.decisions(tx, WORKSPACE, mql_id)[0]
        with pytest.raises(ValueError, match="chose nobody"):
            assignment.post(tx, made, 1, NOW)


def test_a_workspace_beside_it_has_a_ledger_of_its_own(engine: Engine) -> None:
    configure(engine.database, "T2")
    engine.receives()
    with engine.database.snapshot() as tx:
        assert turns.ledger(tx, "T2") == []
        assert {member.balance for member in members.roster(tx, "T2")} == {0}


def test_whoever_is_chosen_shares_in_it_whatever_is_said_of_them() -> None:
    assert Entry.of("U1", [Considered("U2", AssignmentVerdict.AWAY, 0)], 1).sharing == ("U1",)


def test_who_comes_back_while_an_mql_is_given_out_keeps_nobody_waiting_for_ever(any_database: Database) -> None:
    """Each needs what the other might hold: the workspace, and the row of the rep."""
    engine = office(any_database)

    def comes_back() -> bool:
        with any_database.transaction() as tx:
            return absences.come_back(tx, WORKSPACE, "U1", NOW)

    with ThreadPoolExecutor(1) as pool:
        with any_database.transaction() as tx:
            workspaces.locked(tx, WORKSPACE)
            other = pool.submit(comes_back)
            while not any_database.is_sqlite and not _somebody_is_blocked(any_database):
                assert not wait([other], timeout=0.01).done
            mql_id = intake.receive(tx, WORKSPACE, Lead(company="Acme"), Source.GENERIC, NOW).mql_id
        assert not other.result(LONGEST), "U1 had not been away"
    assert engine.mql(mql_id).owner == "U1"
    assert balances(engine)["U1"] == Fraction(3, 4)


def _somebody_is_blocked(database: Database) -> bool:
    with database.snapshot() as tx:
        return tx.execute(BLOCKED).first() is not None


def test_only_an_active_rep_comes_back(engine: Engine) -> None:
    with engine.database.transaction() as tx:
        assert not absences.come_back(tx, WORKSPACE, "U3", NOW)
        assert not absences.come_back(tx, WORKSPACE, "U9", NOW)
