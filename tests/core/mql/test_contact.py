"""What is known of a contact: by whom it was told, at which time, and what it stops. On both databases."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.base.results import ActionResult, Done, Refusal, Refused
from bot.core.mql import activity, escalation, response
from bot.core.mql.activity import Activity, CountedAs
from bot.core.mql.feedback import Answer
from bot.core.mql.intake import UnknownLead
from bot.core.reports import weekly
from bot.core.reports.figures import Contacts
from bot.core.routing import assignment
from bot.core.sla.policy import Policy
from storage import members, models, mqls, policies, workspaces
from storage.database import Database
from storage.models import Clock, Event, Mql
from storage.vocabulary import ClockKind, ClockState, Disposition, EventType, Evidence, MessageKind, Status
from tests.core.kit import accept_and_report
from tests.thorough import thoroughly
from tests.workspace import NOW, WORKSPACE, configure, receive

pytestmark = pytest.mark.rules

HOUR = timedelta(hours=1)
WEEK = "2026-W47"
WEEK_END = datetime.fromisoformat("2026-11-23T00:00:00+09:00")


def press(office: Database, mql_id: int, at: datetime, by: str = "U1", how: Evidence = Evidence.BUTTON) -> ActionResult:
    note = "They call back" if how == Evidence.NOTE else None
    with office.transaction() as tx:
        return response.contacted(tx, WORKSPACE, mql_id, by, at, how, note)


def report(
    office: Database,
    at: datetime,
    now: datetime,
    kind: Evidence = Evidence.CALL,
    by: str | None = None,
    **named: Any,
) -> CountedAs:
    reported = Activity(kind, at, **({"number": 1} | named))
    with office.transaction() as tx:
        return activity.record(tx, WORKSPACE, reported, by, now).counted_as


def dispose(office: Database, mql_id: int, at: datetime, by: str = "U1") -> None:
    answer = Answer(disposition=Disposition.DISQUALIFIED, lost_reason="no_budget")
    with office.transaction() as tx:
        assert isinstance(accept_and_report(tx, WORKSPACE, mql_id, by, answer, at), Done)


def stored_mql(office: Database, mql_id: int) -> Mql:
    with office.snapshot() as tx:
        mql = mqls.get(tx, WORKSPACE, mql_id)
    assert mql is not None
    return mql


def contact_of(office: Database, mql_id: int) -> tuple[datetime | None, Evidence | None]:
    mql = stored_mql(office, mql_id)
    return mql.contacted_at, mql.contact_evidence


def log(office: Database, mql_id: int, *kinds: EventType) -> list[Event]:
    with office.snapshot() as tx:
        return [event for event in mqls.history(tx, WORKSPACE, mql_id) if event.type in kinds]


def clock(office: Database, mql_id: int, kind: ClockKind) -> Clock:
    with office.snapshot() as tx:
        (match,) = [clock for clock in mqls.clocks(tx, WORKSPACE, [mql_id]) if clock.kind == kind]
    return match


def notes(office: Database) -> int:
    with office.snapshot() as tx:
        query = sa.select(sa.func.count()).where(models.outbox.c.kind == MessageKind.NOTE)
        return int(tx.execute(query).scalar_one())


def test_a_press_is_a_contact_that_nothing_proves(office: Database) -> None:
    mql_id = receive(office)
    assert contact_of(office, mql_id) == (None, None)
    assert isinstance(press(office, mql_id, NOW + HOUR), Done)
    assert contact_of(office, mql_id) == (NOW + HOUR, Evidence.BUTTON)
    (event,) = log(office, mql_id, EventType.CONTACTED)
    assert event.data == {"evidence": "button"}


@pytest.mark.parametrize("how", [Evidence.CALL, Evidence.EMAIL, Evidence.MEETING, Evidence.NOTE])
def test_a_contact_told_with_how_is_proven_at_once(office: Database, how: Evidence) -> None:
    mql_id = receive(office)
    press(office, mql_id, NOW + HOUR, how=how)
    assert contact_of(office, mql_id) == (NOW + HOUR, how)
    (event,) = log(office, mql_id, EventType.CONTACTED)
    assert (event.data, event.reason) == ({"evidence": how}, "They call back" if how == Evidence.NOTE else None)
    assert stored_mql(office, mql_id).status == Status.CONTACTED


def test_proof_takes_the_place_of_a_press_and_nothing_takes_the_place_of_proof(office: Database) -> None:
    mql_id = receive(office)
    press(office, mql_id, NOW + HOUR)
    for hours, how in ((2, Evidence.NOTE), (3, Evidence.CALL)):
        assert isinstance(press(office, mql_id, NOW + hours * HOUR, how=how), Done)
        assert contact_of(office, mql_id) == (NOW + HOUR, Evidence.NOTE)
    again = press(office, mql_id, NOW + 4 * HOUR)
    assert isinstance(again, Refused)
    assert again.reason == Refusal.ALREADY_CONTACTED
    assert contact_of(office, mql_id) == (NOW + HOUR, Evidence.NOTE)
    changes = [(entry.data["evidence"], entry.before, entry.after) for entry in log(office, mql_id, EventType.EVIDENCE)]
    assert changes == [("note", "button", "note"), ("call", "note", "note")]
    assert clock(office, mql_id, ClockKind.RESPONSE).stopped_at == NOW + HOUR


def test_how_may_be_told_after_the_outcome_of_a_contact_that_is_known(office: Database) -> None:
    mql_id = receive(office)
    press(office, mql_id, NOW + HOUR)
    dispose(office, mql_id, NOW + 2 * HOUR)
    assert isinstance(press(office, mql_id, NOW + 3 * HOUR, how=Evidence.CALL), Done)
    assert contact_of(office, mql_id) == (NOW + HOUR, Evidence.CALL)
    assert stored_mql(office, mql_id).status == Status.DISQUALIFIED
    other = receive(office, "Beta")
    dispose(office, other, NOW + 2 * HOUR, by="U2")
    refused = press(office, other, NOW + 3 * HOUR, by="U2", how=Evidence.CALL)
    assert isinstance(refused, Refused)
    assert refused.reason == Refusal.DISPOSED_ALREADY


def test_only_who_may_act_on_the_mql_may_tell_how(office: Database) -> None:
    mql_id = receive(office)
    for at in (NOW, NOW + 2 * HOUR):
        refused = press(office, mql_id, at, by="U2", how=Evidence.CALL)
        assert isinstance(refused, Refused)
        assert refused.reason == Refusal.NOT_ALLOWED
        press(office, mql_id, NOW + HOUR)
    assert contact_of(office, mql_id) == (NOW + HOUR, Evidence.BUTTON)
    assert [entry.reason for entry in log(office, mql_id, EventType.REFUSED)] == ["contacted", "evidence"]
    assert isinstance(press(office, mql_id, NOW + 3 * HOUR, by="U3", how=Evidence.CALL), Done)


def test_an_activity_counts_at_its_true_time_and_as_acceptance_by_the_owner(office: Database) -> None:
    mql_id = receive(office)
    called, now = NOW + HOUR, NOW + 30 * HOUR
    with office.transaction() as tx:
        for due in mqls.due_clocks(tx, now, 10):
            escalation.check(tx, due, now)
    assert report(office, called, now) == CountedAs.CONTACT
    mql = stored_mql(office, mql_id)
    assert (mql.status, mql.accepted_at, mql.contacted_at) == (Status.CONTACTED, called, called)
    assert mql.contact_evidence == Evidence.CALL
    response_clock = clock(office, mql_id, ClockKind.RESPONSE)
    assert (response_clock.state, response_clock.stopped_at) == (ClockState.MET, called)
    assert clock(office, mql_id, ClockKind.FEEDBACK).started_at == called
    accepted, contacted = log(office, mql_id, EventType.ACCEPTED, EventType.CONTACTED)
    assert [(event.at, event.recorded_at) for event in (accepted, contacted)] == [(called, now)] * 2
    assert (accepted.actor, contacted.actor) == ("U1", None)
    assert contacted.data == {"evidence": "call", "reported": True}


def test_where_only_contact_counts_an_activity_stops_the_clock_of_an_accepted_mql(office: Database) -> None:
    configure_contact(office)
    mql_id = receive(office)
    with office.transaction() as tx:
        response.accept(tx, WORKSPACE, mql_id, "U1", NOW + HOUR)
    assert clock(office, mql_id, ClockKind.RESPONSE).state == ClockState.RUNNING
    report(office, NOW + 2 * HOUR, NOW + 40 * HOUR, by="U3")
    stopped = clock(office, mql_id, ClockKind.RESPONSE)
    assert (stopped.state, stopped.stopped_at) == (ClockState.MET, NOW + 2 * HOUR)
    assert stored_mql(office, mql_id).accepted_at == NOW + HOUR
    (event,) = log(office, mql_id, EventType.CONTACTED)
    assert event.actor == "U3"


def configure_contact(office: Database) -> None:
    """Agree that only contact counts as the response."""
    with office.transaction() as tx:
        body = Policy(response="contacted").model_dump(mode="json")
        policies.add(tx, WORKSPACE, body, "Asia/Tokyo", {}, NOW)


def test_an_activity_before_the_press_moves_the_contact_to_its_true_time(office: Database) -> None:
    mql_id = receive(office)
    press(office, mql_id, NOW + 3 * HOUR)
    assert report(office, NOW + HOUR, NOW + 4 * HOUR) == CountedAs.CONTACT
    assert contact_of(office, mql_id) == (NOW + HOUR, Evidence.CALL)
    assert report(office, NOW + 2 * HOUR, NOW + 5 * HOUR, Evidence.MEETING) == CountedAs.EVIDENCE
    assert contact_of(office, mql_id) == (NOW + HOUR, Evidence.CALL)
    assert clock(office, mql_id, ClockKind.RESPONSE).stopped_at == NOW + 3 * HOUR


def test_the_thread_hears_of_the_activity_that_proves_and_of_no_more(office: Database) -> None:
    mql_id = receive(office)
    press(office, mql_id, NOW + HOUR)
    before = notes(office)
    report(office, NOW + 2 * HOUR, NOW + 2 * HOUR)
    assert notes(office) == before + 1
    for hours in range(3, 9):
        report(office, NOW + hours * HOUR, NOW + hours * HOUR, Evidence.EMAIL)
    assert notes(office) == before + 1
    assert len(log(office, mql_id, EventType.EVIDENCE)) == 7


def test_no_clock_stops_before_it_started(office: Database) -> None:
    mql_id = receive(office)
    assert report(office, NOW - 20 * HOUR, NOW + HOUR) == CountedAs.CONTACT
    mql = stored_mql(office, mql_id)
    assert (mql.accepted_at, mql.contacted_at) == (NOW, NOW)
    assert clock(office, mql_id, ClockKind.RESPONSE).stopped_at == NOW
    (event,) = log(office, mql_id, EventType.CONTACTED)
    assert event.at == NOW - 20 * HOUR


@pytest.mark.parametrize(
    ("at", "error"),
    [
        (NOW - timedelta(days=1, seconds=1), activity.BeforeLead),
        (NOW + HOUR + timedelta(minutes=5, seconds=1), activity.InTheFuture),
    ],
)
def test_an_activity_that_cannot_be_of_this_lead_changes_nothing(
    office: Database, at: datetime, error: type[Exception]
) -> None:
    mql_id = receive(office)
    with pytest.raises(error):
        report(office, at, NOW + HOUR)
    assert contact_of(office, mql_id) == (None, None)
    assert log(office, mql_id, EventType.EVIDENCE, EventType.CONTACTED, EventType.ACCEPTED) == []


def test_a_clock_that_is_a_little_ahead_is_set_back_to_ours(office: Database) -> None:
    mql_id = receive(office)
    report(office, NOW + HOUR + timedelta(minutes=5), NOW + HOUR)
    assert contact_of(office, mql_id) == (NOW + HOUR, Evidence.CALL)


def test_an_activity_for_an_mql_without_an_owner_is_recorded_and_counts_as_no_contact(office: Database) -> None:
    for user in ("U1", "U2"):
        with office.transaction() as tx:
            members.update(tx, WORKSPACE, user, away_until=NOW + 9 * HOUR)
    mql_id = receive(office)
    before = notes(office)
    assert report(office, NOW + HOUR, NOW + 2 * HOUR, by="U1") == CountedAs.RECORD
    assert (stored_mql(office, mql_id).status, contact_of(office, mql_id)) == (Status.UNASSIGNED, (None, None))
    assert clock(office, mql_id, ClockKind.RESPONSE).state == ClockState.RUNNING
    (kept,) = log(office, mql_id, EventType.EVIDENCE)
    assert (kept.at, kept.actor, kept.before, kept.after) == (NOW + HOUR, "U1", Status.UNASSIGNED, None)
    assert notes(office) == before + 1
    with office.transaction() as tx:
        assignment.assign_waiting(tx, WORKSPACE, NOW + 10 * HOUR)
    press(office, mql_id, NOW + 11 * HOUR)
    assert contact_of(office, mql_id) == (NOW + 11 * HOUR, Evidence.BUTTON)
    assert week(office, WEEK_END)[1].count == 0


@pytest.mark.sql
def test_an_activity_after_the_outcome_is_recorded_and_one_before_it_still_counts(office: Database) -> None:
    mql_id = receive(office)
    dispose(office, mql_id, NOW + 3 * HOUR)
    before = notes(office)
    assert report(office, NOW + 4 * HOUR, NOW + 5 * HOUR) == CountedAs.RECORD
    assert (contact_of(office, mql_id), notes(office)) == ((None, None), before)
    assert report(office, NOW + 2 * HOUR, NOW + 6 * HOUR, Evidence.EMAIL) == CountedAs.CONTACT
    assert contact_of(office, mql_id) == (NOW + 2 * HOUR, Evidence.EMAIL)
    assert stored_mql(office, mql_id).status == Status.DISQUALIFIED
    assert report(office, NOW + 7 * HOUR, NOW + 7 * HOUR, Evidence.CALL) == CountedAs.RECORD
    assert contact_of(office, mql_id) == (NOW + 2 * HOUR, Evidence.EMAIL)


def test_a_lead_is_found_by_number_external_id_or_address(office: Database) -> None:
    receive(office, "Acme", external_id="42", email="jane@example.com")
    receive(office, "Beta", external_id="43", email="joe@example.com")
    names: list[dict[str, Any]] = [
        {"number": 2},
        {"number": None, "external_id": "42"},
        {"number": None, "external_id": "unknown", "email": "joe@example.com"},
        {"number": None, "external_id": "42", "email": "joe@example.com"},
    ]
    for named in names:
        report(office, NOW + HOUR, NOW + HOUR, **named)
    assert [len(log(office, i, EventType.CONTACTED, EventType.EVIDENCE)) for i in (1, 2)] == [2, 2]
    unknown: dict[str, Any]
    for unknown in ({"number": 3}, {"number": None, "email": "jim@example.com"}):
        with pytest.raises(UnknownLead):
            report(office, NOW + HOUR, NOW + HOUR, **unknown)


def test_another_workspace_s_leads_are_unknown(office: Database) -> None:
    configure(office, "T2")
    receive(office, "Acme", "T2", email="jane@example.com")
    named: dict[str, Any]
    for named in ({"number": 1}, {"number": None, "email": "jane@example.com"}):
        with pytest.raises(UnknownLead):
            report(office, NOW + HOUR, NOW + HOUR, **named)


@pytest.mark.sql
def test_of_a_lead_that_has_come_back_the_mql_of_that_time_is_meant(office: Database) -> None:
    first = receive(office, email="jane@example.com")
    dispose(office, first, NOW + 3 * HOUR)
    with office.transaction() as tx:
        tx.execute(models.mql.update().values(received_at=NOW - timedelta(days=9)))
    second = receive(office, email="jane@example.com")
    by_mail: dict[str, Any] = {"number": None, "email": "jane@example.com"}
    report(office, NOW - timedelta(days=5), NOW + HOUR, **by_mail)
    assert contact_of(office, first) == (NOW - timedelta(days=5), Evidence.CALL)
    assert contact_of(office, second) == (None, None)
    report(office, NOW + HOUR, NOW + 2 * HOUR, **by_mail)
    assert contact_of(office, second) == (NOW + HOUR, Evidence.CALL)


def test_who_is_not_of_the_team_is_not_named(office: Database) -> None:
    mql_id = receive(office)
    report(office, NOW + HOUR, NOW + HOUR, by="U9STRANGER")
    (event,) = log(office, mql_id, EventType.CONTACTED)
    assert event.actor is None


def test_a_press_and_an_activity_at_once_make_one_contact_that_is_proven(office: Database) -> None:
    mql_id = receive(office)
    barrier = Barrier(2)

    def together(act: str) -> None:
        barrier.wait()
        if act == "press":
            press(office, mql_id, NOW + 2 * HOUR)
        else:
            report(office, NOW + HOUR, NOW + 2 * HOUR)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(together, ("press", "report")))
    assert contact_of(office, mql_id) == (NOW + HOUR, Evidence.CALL)
    assert len(log(office, mql_id, EventType.CONTACTED)) == 1
    assert len(log(office, mql_id, EventType.ACCEPTED)) == 1


@pytest.mark.sql
@pytest.mark.parametrize("values", [{"contact_evidence": "call"}, {"contacted_at": NOW, "accepted_at": NOW}])
def test_the_database_refuses_a_contact_without_evidence_and_evidence_without_a_contact(
    office: Database, values: dict[str, object]
) -> None:
    mql_id = receive(office)
    with pytest.raises(sa.exc.IntegrityError, match="contact_has_evidence"), office.transaction() as tx:
        mqls.update(tx, WORKSPACE, mql_id, **values)


def week(office: Database, now: datetime) -> tuple[Contacts, Contacts]:
    with office.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        figures = weekly.weekly(tx, workspace, WEEK, now).now
    return figures.contacted, figures.proven


def from_the_log(office: Database, as_of: datetime) -> tuple[Contacts, Contacts]:
    """The same figures by another way: from the events alone."""
    with office.snapshot() as tx:
        events = [Event.model_construct(**row._mapping) for row in tx.execute(models.event.select())]
    received = {event.mql_id: event.at for event in events if event.type == EventType.RECEIVED}
    spans: dict[int, list[timedelta]] = {}
    proven = set()
    for event in events:
        counts = event.type == EventType.CONTACTED or (event.type == EventType.EVIDENCE and event.after is not None)
        if counts and event.at <= as_of:
            spans.setdefault(event.mql_id, []).append(max(event.at - received[event.mql_id], timedelta(0)))
            proven |= {event.mql_id} if event.data["evidence"] != "button" else set()
    first = {mql_id: min(stored_mql) for mql_id, stored_mql in spans.items()}
    return _contacts(list(first.values())), _contacts([first[mql_id] for mql_id in proven])


def _contacts(spans: list[timedelta]) -> Contacts:
    if not spans:
        return Contacts(0, None, None)
    half, most = (
        min(s for s in spans if sum(other <= s for other in spans) >= share * len(spans)) for share in (0.5, 0.9)
    )
    return Contacts(len(spans), half, most)


@pytest.mark.parametrize("seed", thoroughly(range(4), but=[0]))
def test_the_week_s_contacts_are_what_the_log_says(office: Database, seed: int) -> None:
    story = random.Random(seed)
    ids = [receive(office, f"Company {n}") for n in range(20)]
    press(office, ids[0], NOW + HOUR, by="U3")  # one at least that nothing proves
    for minutes in sorted(story.randrange(6 * 24 * 60) for _ in range(40)):
        n, at = story.randrange(1, 20), NOW + timedelta(minutes=minutes)
        how = story.choice([*[Evidence.BUTTON] * 3, Evidence.CALL, Evidence.NOTE])
        act = story.randrange(6)
        if act == 0:
            dispose(office, ids[n], at, by="U3")
        elif act < 4:
            press(office, ids[n], at, by="U3", how=how)
        else:
            report(office, at - story.randrange(30) * HOUR if at > NOW + 30 * HOUR else at, at, number=n + 1)
    for now in (NOW + timedelta(days=3), WEEK_END, WEEK_END + timedelta(days=30)):
        assert week(office, now) == from_the_log(office, min(now, WEEK_END))
    assert 0 < week(office, WEEK_END)[1].count < week(office, WEEK_END)[0].count


def test_proof_that_comes_after_the_week_does_not_change_the_week_s_report(office: Database) -> None:
    mql_id = receive(office)
    press(office, mql_id, NOW + HOUR)
    later = WEEK_END + HOUR
    assert week(office, later) == (Contacts(1, HOUR, HOUR), Contacts(0, None, None))
    press(office, mql_id, later, how=Evidence.CALL)
    assert week(office, later) == (Contacts(1, HOUR, HOUR), Contacts(0, None, None))
