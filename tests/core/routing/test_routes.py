"""Routes: which lead goes to whom, and what is stored of the reasons."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from bot.core.base.results import Done, Refusal, Refused
from bot.core.mql import feedback, response, route_preview, withdrawal
from bot.core.mql.feedback import Answer
from bot.core.mql.lead import Lead
from bot.core.routing import absences, assignment, lapses, rehearsal, shares
from bot.core.routing.conditions import Conditions, LeadFacts
from bot.core.routing.routes import Routing
from bot.core.whatif import fairness_account, turns_again
from storage import members, mqls, routing, turns, workspaces
from storage.database import Database
from storage.models import Assignment, Workspace
from storage.vocabulary import Disposition, EventType, MessageKind, Status, Strategy
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE, configure

HOUR = timedelta(hours=1)
RECYCLED = Answer(disposition=Disposition.RECYCLED, comment="next year")


@pytest.fixture
def engine(database: Database) -> Engine:
    """U1, U2, U5 and U6 are reps, U3 is a manager."""
    return office(database)


def office(database: Database) -> Engine:
    configure(database)
    engine = Engine(database)
    engine.agrees(escalations=({"after_hours": 24, "to": "manager", "do": "reassign"},))
    for user in ("U5", "U6"):
        engine.has(user, "rep", email=f"{user.lower()}@example.com")
    return engine


def pool(name: str, *users: str | dict[str, Any], **caps: int) -> dict[str, Any]:
    people = [{"user": user} if isinstance(user, str) else user for user in users]
    return {"name": name, "members": people, **caps}


def routes(engine: Engine, *written: dict[str, Any], pools: tuple[dict[str, Any], ...] = (), **more: Any) -> None:
    """From now on the workspace routes so."""
    wanted = Routing.model_validate_json(json.dumps({"routes": written, "pools": pools, **more}))
    with engine.database.transaction() as tx:
        routing.add(tx, WORKSPACE, wanted.model_dump_json(exclude_defaults=True), NOW)
        for entry in wanted.pools:
            routing.joins(tx, WORKSPACE, entry.name, entry.by_user)


def decision(engine: Engine, mql_id: int) -> Assignment:
    with engine.database.snapshot() as tx:
        return mqls.decisions(tx, WORKSPACE, mql_id)[0]


def standing(engine: Engine, name: str, user: str) -> int:
    with engine.database.snapshot() as tx:
        return routing.standings(tx, WORKSPACE, name)[user].balance


def workspace(engine: Engine) -> Workspace:
    with engine.database.snapshot() as tx:
        known = workspaces.get(tx, WORKSPACE)
    assert known is not None
    return known


def owners(engine: Engine, count: int, now: Any = NOW, **lead: Any) -> list[str | None]:
    given = [engine.receives(now, company=f"C{n} {now:%H%M%S%f}", **lead) for n in range(count)]
    return [engine.mql(mql_id).owner for mql_id in given]


@pytest.mark.rules
def test_the_first_route_that_fits_takes_the_lead_and_its_reasons_are_stored(any_database: Database) -> None:
    engine = office(any_database)
    east = {"name": "East", "when": {"regions": ["関東"], "size": 300}, "pool": "east"}
    routes(
        engine,
        east,
        {"name": "Score", "when": {"score": 80}, "pool": "hot"},
        pools=(pool("east", "U5"), pool("hot", "U6")),
    )
    mine = engine.receives(attributes={"都道府県": "東京都", "従業員数": "1,001〜5,000名"}, score=90)
    made = decision(engine, mine)
    assert (made.chosen, made.route, made.pool, made.strategy) == ("U5", "East", "east", Strategy.ROTATION)
    assert made.matched == [["size", "300"], ["regions", "関東"]]
    assert decision(engine, engine.receives(company="B", score=90)).chosen == "U6"
    other = decision(engine, engine.receives(company="C", attributes={"都道府県": "京都府"}))
    assert (other.chosen, other.route, other.pool) == ("U1", None, None)


def test_pools_have_standings_of_their_own_and_a_turn_taken_back_is_made_good_in_its_pool(engine: Engine) -> None:
    half = {"user": "U5", "weight": 0.5}
    routes(
        engine,
        {"name": "East", "when": {"channels": ["east"]}, "pool": "east"},
        pools=(pool("east", "U1", half),),
    )
    assert Counter(owners(engine, 12, channel="east")) == {"U1": 8, "U5": 4}
    # Among all reps, where nobody has had one yet, the twelve of the other pool count nothing.
    assert Counter(owners(engine, 4)) == {"U1": 1, "U2": 1, "U5": 1, "U6": 1}
    theirs = [engine.receives(company=f"Unfit {n}", channel="east") for n in range(3)]
    given = Counter(engine.mql(mql_id).owner for mql_id in theirs)
    with engine.database.transaction() as tx:
        for mql_id in theirs:
            subject = mqls.locked(tx, WORKSPACE, mql_id)
            assert subject is not None
            assert assignment.give_turns_back(tx, subject, NOW)
    assert given == {"U1": 2, "U5": 1}
    assert Counter(owners(engine, 3, NOW + HOUR, channel="east")) == {"U1": 2, "U5": 1}
    with engine.database.snapshot() as tx:
        assert turns_again.differing(turns_again.again(turns.ledger(tx, WORKSPACE))) == []
        stands = routing.standings(tx, WORKSPACE, "east")
    assert abs(sum(standing.balance for standing in stands.values())) < 100


def test_who_is_at_a_cap_is_skipped_with_that_reason_and_misses_nothing(engine: Engine) -> None:
    few = {"user": "U1", "open_at_most": 1}
    routes(engine, {"name": "All", "pool": "all"}, pools=(pool("all", few, "U2", per_day=3),))
    given = [engine.receives(company=f"C{n}") for n in range(5)]
    assert [engine.mql(mql_id).owner for mql_id in given] == ["U1", "U2", "U2", "U2", None]
    seen = {
        candidate.user: (candidate.verdict.value, candidate.limit)
        for candidate in decision(engine, given[4]).considered
    }
    assert seen == {"U1": ("cap_open", 1), "U2": ("cap_day", 3)}
    assert engine.told(given[4], MessageKind.UNASSIGNED) == ["U3"]
    with engine.database.snapshot() as tx:
        (share, *_) = shares.shares(tx, workspace(engine), NOW + HOUR)
    assert [(person.user, person.given, round(person.due, 1), person.capped) for person in share.people] == [
        ("U1", 1, 0.5, 3),
        ("U2", 3, 3.5, 0),
    ]


def test_whoever_goes_first_is_asked_first_and_it_costs_no_turn(engine: Engine) -> None:
    prefer = ["former_owner", "crm_owner", "same_company"]
    routes(engine, {"name": "Known", "prefer": prefer, "pool": "p"}, pools=(pool("p", "U1", "U2"),))
    first = engine.receives(company="青空商事", email="a@aozora.co.jp")
    assert engine.mql(first).owner == "U1"
    colleague = decision(engine, engine.receives(company="青空商事", email="b@aozora.co.jp"))
    assert (colleague.chosen, colleague.strategy, colleague.turn) == ("U1", Strategy.SAME_COMPANY, False)
    by_crm = decision(engine, engine.receives(company="Beta", attributes={"Owner": "u6@EXAMPLE.com"}))
    assert (by_crm.chosen, by_crm.strategy) == ("U6", Strategy.CRM_OWNER), "also who is not of the pool"
    engine.does(response.accept, first, "U1", now=NOW)
    engine.does(feedback.give, first, "U1", RECYCLED, now=NOW)
    back = decision(engine, engine.receives(NOW + HOUR, company="青空商事", email="a@aozora.co.jp"))
    assert (back.chosen, back.strategy) == ("U1", Strategy.FORMER_OWNER)
    engine.has("U4", "marketer")
    taken_back = engine.receives(NOW + HOUR, company="Delta", email="d@delta.co.jp")
    mine = engine.mql(taken_back).owner
    engine.does(withdrawal.withdraw, taken_back, "U4", None, now=NOW + HOUR)
    again = decision(engine, engine.receives(NOW + HOUR, company="Delta", email="d@delta.co.jp"))
    assert (again.chosen, again.strategy) == (mine, Strategy.FORMER_OWNER), "also of one that was withdrawn"
    with engine.database.transaction() as tx:
        absences.announce(tx, WORKSPACE, "U6", NOW, NOW + 90 * HOUR)
    in_turn = decision(engine, engine.receives(NOW + HOUR, company="Gamma", attributes={"Owner": "u6@example.com"}))
    assert in_turn.strategy == Strategy.ROTATION
    assert ("U6", "away") in [(candidate.user, candidate.verdict.value) for candidate in in_turn.considered]


def test_who_is_named_from_outside_of_a_pool_has_no_part_in_its_turns(engine: Engine) -> None:
    named = {"name": "Named", "when": {"channels": ["web"]}, "pool": "p", "strategy": "person", "person": "U6"}
    routes(engine, named, pools=(pool("p", "U1", {"user": "U2", "weight": 0.5}),))
    mql_id = engine.receives(channel="web")
    assert engine.mql(mql_id).owner == "U6"
    engine.does(response.decline, mql_id, "U6", "too busy", now=NOW + HOUR)
    assert decision(engine, mql_id).strategy == Strategy.ROTATION
    with engine.database.snapshot() as tx:
        stands = {user: row.balance for user, row in routing.standings(tx, WORKSPACE, "p").items()}
        recounted = turns_again.again(turns.ledger(tx, WORKSPACE))
    assert sorted(stands) == ["U1", "U2"]
    assert sum(stands.values()) == 0
    assert turns_again.differing(recounted) == []


def test_least_open_and_a_named_person(engine: Engine) -> None:
    fewest = {"name": "Fewest", "when": {"channels": ["web"]}, "pool": "p", "strategy": "least_open"}
    named = {"name": "Named", "when": {"titles": ["社長"]}, "strategy": "person", "person": "U6"}
    routes(engine, fewest, named, pools=(pool("p", "U1", "U2", "U5"),))
    given = [engine.receives(company=f"C{n}", channel="web") for n in range(3)]
    assert sorted(str(engine.mql(mql_id).owner) for mql_id in given) == ["U1", "U2", "U5"]
    engine.does(response.accept, given[1], str(engine.mql(given[1]).owner), now=NOW)
    engine.does(feedback.give, given[1], str(engine.mql(given[1]).owner), RECYCLED, now=NOW)
    free = engine.mql(given[1]).owner
    assert owners(engine, 1, NOW + HOUR, channel="web") == [free]
    assert decision(engine, engine.receives(company="D", title="代表取締役社長")).strategy == Strategy.PERSON


def test_an_offer_goes_to_the_pool_without_the_persons_name_and_in_turn_after_its_time(engine: Engine) -> None:
    offered = {"name": "Web", "pool": "p", "strategy": "first_to_accept", "accept_minutes": 15, "named": False}
    routes(engine, offered, pools=(pool("p", "U1", "U2"),))
    lead: dict[str, Any] = {"person": "山田 花子", "email": "hanako@aozora.co.jp"}
    taken, left = engine.receives(company="A", **lead), engine.receives(company="B")
    assert engine.told(taken, MessageKind.FIRST_OFFER) == ["U1", "U2"]
    assert [event.type for event in engine.log(taken)] == [EventType.RECEIVED, EventType.OFFERED]
    refused = engine.does(response.accept, taken, "U5", now=NOW)
    assert isinstance(refused, Refused)
    assert refused.reason == Refusal.NOT_OFFERED
    assert isinstance(engine.does(response.accept, taken, "U2", now=NOW + 5 * HOUR / 60), Done)
    late = engine.does(response.accept, taken, "U1", now=NOW + 6 * HOUR / 60)
    assert isinstance(late, Refused)
    assert late.reason == Refusal.ALREADY_ACCEPTED
    with engine.database.transaction() as tx:
        assert assignment.assign_waiting(tx, WORKSPACE, NOW + 14 * HOUR / 60) == 0
        assert assignment.assign_waiting(tx, WORKSPACE, NOW + 15 * HOUR / 60) == 1
    assert (engine.mql(left).owner, engine.mql(left).status) == ("U1", Status.ASSIGNED)


@pytest.mark.timeout(120)
def test_of_two_who_accept_at_once_one_has_it(postgres_url: str) -> None:
    database = Database(postgres_url)
    engine = office(database)
    routes(
        engine,
        {"name": "Web", "pool": "p", "strategy": "first_to_accept"},
        pools=(pool("p", "U1", "U2"),),
    )
    for number in range(5):
        mql_id = engine.receives(company=f"C{number}")
        with ThreadPoolExecutor(2) as people:
            pressed = [
                people.submit(engine.does, response.accept, mql_id, user, now=NOW + HOUR / 60) for user in ("U1", "U2")
            ]
            outcomes = [press.result(timeout=60) for press in pressed]
        assert sorted(isinstance(outcome, Done) for outcome in outcomes) == [False, True]
        (refused,) = (outcome for outcome in outcomes if isinstance(outcome, Refused))
        assert refused.reason == Refusal.ALREADY_ACCEPTED
        assert len(engine.log(mql_id, EventType.ACCEPTED)) == 1
    database.close()


def test_a_breach_moves_it_within_the_pool_and_three_in_a_row_ask_a_leader(engine: Engine) -> None:
    routes(engine, {"name": "P", "pool": "p"}, pools=(pool("p", "U1", "U2"),), pause_after=3)
    given = [engine.receives(company=f"C{n}") for n in range(6)]
    mine = [mql_id for mql_id in given if engine.mql(mql_id).owner == "U1"]
    for mql_id in given:
        if mql_id not in mine:
            engine.does(response.accept, mql_id, "U2", now=NOW)
    engine.sweeps(NOW + 24 * HOUR)
    assert {engine.mql(mql_id).owner for mql_id in mine} == {"U2"}, "nobody of another pool, and never straight back"
    with engine.database.transaction() as tx:
        rep = members.get(tx, WORKSPACE, "U1")
        assert rep is not None
        assert (rep.lapses, rep.turns_paused_at) == (3, None), "nothing is paused in silence"
        assert lapses.pause(tx, WORKSPACE, rep.id, "U2", NOW) == Refused(Refusal.PAUSE_TURNS_NOT_ALLOWED)
        assert lapses.pause(tx, WORKSPACE, rep.id, "U3", NOW + 25 * HOUR) is None
    before = standing(engine, "p", "U1")
    assert owners(engine, 3, NOW + 25 * HOUR) == ["U2", "U2", "U2"]
    with engine.database.transaction() as tx:
        assert lapses.resume(tx, WORKSPACE, rep.id, "U1", NOW + 26 * HOUR) is None
    assert standing(engine, "p", "U1") == before, "what came meanwhile is owed to nobody"
    assert "U1" in owners(engine, 2, NOW + 26 * HOUR)


def test_an_answer_begins_the_count_anew(engine: Engine) -> None:
    routes(engine, {"name": "P", "pool": "p"}, pools=(pool("p", "U1", "U2"),), pause_after=3)
    with engine.database.transaction() as tx:
        members.update(tx, WORKSPACE, "U1", lapses=2)
    engine.does(response.accept, engine.receives(company="Answered"), "U1", now=NOW)
    with engine.database.snapshot() as tx:
        rep = members.get(tx, WORKSPACE, "U1")
    assert rep is not None
    assert rep.lapses == 0


def test_who_gets_an_mql_just_before_its_deadline_has_let_nothing_pass(engine: Engine) -> None:
    routes(engine, {"name": "P", "pool": "p"}, pools=(pool("p", "U1"),), pause_after=3)
    mql_id = engine.receives(company="Late")
    engine.does(response.reassign, mql_id, "U3", "U2", None, now=NOW + 23.9 * HOUR)
    engine.sweeps(NOW + 24 * HOUR)
    with engine.database.snapshot() as tx:
        counted = {member.user_id: member.lapses for member in members.roster(tx, WORKSPACE) if member.lapses}
    assert counted == {"U1": 1}


def test_what_waits_is_shared_out_in_its_pool_alone(engine: Engine) -> None:
    routes(engine, {"name": "East", "when": {"channels": ["east"]}, "pool": "east"}, pools=(pool("east", "U5", "U6"),))
    with engine.database.transaction() as tx:
        for user, hours in (("U5", 10), ("U6", 11)):
            absences.announce(tx, WORKSPACE, user, NOW, NOW + hours * HOUR)
    waiting = [engine.receives(company=f"C{n}", channel="east") for n in range(4)]
    assert owners(engine, 2) == ["U1", "U2"], "the other pool goes on"
    assert {engine.mql(mql_id).status for mql_id in waiting} == {Status.UNASSIGNED}
    with engine.database.transaction() as tx:
        assert assignment.assign_waiting(tx, WORKSPACE, NOW + 10 * HOUR) == 2, "the rest is kept for U6"
        assert assignment.assign_waiting(tx, WORKSPACE, NOW + 11 * HOUR) == 2
    assert Counter(engine.mql(mql_id).owner for mql_id in waiting) == {"U5": 2, "U6": 2}


def test_a_preview_says_what_would_happen_and_writes_nothing(engine: Engine) -> None:
    routes(
        engine,
        {"name": "East", "when": {"regions": ["東京"]}, "pool": "east", "strategy": "first_to_accept"},
        pools=(pool("east", "U5", {"user": "U6", "weight": 0}),),
    )
    lead = Lead(company="A", attributes={"所在地": "東京都千代田区"})
    with engine.database.snapshot() as tx:
        preview = route_preview.preview(tx, workspace(engine), lead, NOW)
        assert mqls.newest_open(tx, WORKSPACE, 5) == []
    assert (preview.offered, preview.chosen, preview.decision.met) == (("U5",), None, (("regions", "東京"),))
    assert preview.due_at == NOW + 24 * HOUR


def test_the_last_quarter_under_other_routes(engine: Engine) -> None:
    for n in range(12):
        engine.receives(NOW + n * HOUR, company=f"C{n}", score=90 if n % 3 == 0 else 10)
    wanted = Routing.model_validate(
        {
            "routes": [{"name": "Hot", "when": {"score": 80}, "pool": "hot"}],
            "pools": [pool("hot", "U5", {"user": "U6", "weight": 0.5})],
        }
    )
    with engine.database.snapshot() as tx:
        rehearsed = rehearsal.rehearse(tx, workspace(engine), wanted, NOW + 20 * HOUR)
    assert rehearsed.had == {"U1": 3, "U2": 3, "U5": 3, "U6": 3}
    assert rehearsed.by_route == {"Hot": 4, "*": 8}
    assert rehearsed.would_have == {"U1": 2, "U2": 2, "U5": 5, "U6": 3}


def test_ones_own_account_names_every_turn_and_why_one_was_passed_over(engine: Engine) -> None:
    routes(engine, {"name": "P", "pool": "p"}, pools=(pool("p", "U1", "U2"),))
    owners(engine, 2)
    with engine.database.transaction() as tx:
        absences.announce(tx, WORKSPACE, "U1", NOW, NOW + 3 * HOUR)
    owners(engine, 1, NOW + HOUR)
    with engine.database.snapshot() as tx:
        account = fairness_account.account(tx, workspace(engine), "U1", NOW + 5 * HOUR)
    assert [(line.chosen, line.verdict.value, line.place) for line in account.lines] == [
        ("U2", "away", None),
        ("U2", "eligible", None) if account.lines[1].place is None else ("U2", "eligible", 2),
        ("U1", "chosen", 1),
    ]
    assert (account.turns, account.same, account.agrees) == (3, 3, True)
    ((_, mine),) = ((pool_, share) for pool_, share in account.shares if pool_.pool == "p")
    assert (mine.given, mine.due, mine.away) == (1, 1.0, 1)


def test_what_is_not_known_of_a_lead_meets_no_condition() -> None:
    facts = LeadFacts(attributes={"業種": "製造業", "予算": "1000万円"}, email="a@mail.acme.co.jp", tier="Hot")
    for met in (
        {"industries": ["製造"]},
        {"attributes": {"予算": ["1000万"]}},
        {"domains": ["acme.co.jp"]},
        {"tiers": ["hot"]},
    ):
        assert Conditions.model_validate(met).met_by(facts) is not None, met
    for unmet in ({"regions": ["東京"]}, {"score": 0}, {"size": 1}, {"titles": ["部長"]}, {"crm_owner": True}):
        assert Conditions.model_validate(unmet).met_by(facts) is None, unmet
    assert Conditions(crm_owner=False, returning=False).met_by(facts) is not None


def test_a_withdrawn_lead_fills_no_cap(engine: Engine) -> None:
    engine.has("U4", "admin")
    routes(engine, {"name": "All", "pool": "one"}, pools=(pool("one", "U1", per_day=1, per_week=1),))
    test, waiting = engine.receives(company="Test"), engine.receives(company="Waits")
    assert engine.mql(waiting).owner is None
    engine.does(withdrawal.withdraw, test, "U4", None, now=NOW)
    with engine.database.transaction() as tx:
        assignment.assign_waiting(tx, WORKSPACE, NOW)
    assert engine.mql(waiting).owner == "U1"


def test_a_quarter_is_recounted_from_what_everybody_began_it_with(engine: Engine) -> None:
    engine.has("U4", "admin")
    weighty = {"user": "U5", "weight": 0.5}
    routes(engine, {"name": "All", "pool": "p"}, pools=(pool("p", "U1", "U2", weighty),))
    leads = []
    for number in range(24):
        leads.append(engine.receives(company=f"C{number}", at=NOW + number * HOUR))
        if number in (9, 14, 20):  # of turns from before the period, and within it
            engine.does(withdrawal.withdraw, leads[number - 6], "U4", None, now=NOW + number * HOUR)
    since = NOW + 12 * HOUR
    with engine.database.snapshot() as tx:
        whole = turns_again.again(turns.ledger(tx, WORKSPACE))
        quarter = turns_again.again(turns.ledger(tx, WORKSPACE, since), since)
    assert all(turn.agrees for turn in whole)
    assert quarter == [turn for turn in whole if turn.decision.at >= since]
