"""What names a person goes, from every table; what is counted stays. On both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from bot.core.base.results import ActionResult, Done, Refusal, Refused
from bot.core.mql import activity, erasure, escalation, feedback, intake, pauses, queue, response, withdrawal
from bot.core.mql.activity import CountedAs
from bot.core.mql.erasure import Erased, Request
from bot.core.mql.feedback import Answer
from bot.core.mql.lead import Lead
from bot.core.mql.queue import Sender
from bot.core.reports import weekly
from bot.core.sla import clocks
from storage import models, mqls, receipts, unreadables, workspaces
from storage.database import Database
from storage.models import Mql
from storage.models.columns import OfPerson, emptied, nulled
from storage.vocabulary import (
    ClockKind,
    ClockState,
    Disposition,
    ErasedFor,
    EventType,
    Evidence,
    ReceiptKind,
    Source,
    Status,
)
from tests.core.kit import accept_and_report
from tests.core.mql.test_races import _together
from tests.workspace import NOW, WORKSPACE, configure, receive

pytestmark = pytest.mark.rules

HOUR = timedelta(hours=1)
LATER = NOW + timedelta(days=400)
JANE: dict[str, Any] = {
    "external_id": "contact-hush",
    "person": "Jane Hush",
    "title": "Head of hush",
    "email": "Jane@hush.example",
    "phone": "hush 03-0000-0000",
    "score_reason": "Asked about hush",
    "message": "My hush is this",
    "crm_url": "https://crm.example/hush",
    "attributes": {"hush": {"deep": ["hush"]}},
}
DISQUALIFIED = Answer(disposition=Disposition.DISQUALIFIED, lost_reason="no_budget", comment="Jane has a hush")
QUALIFIED = Answer(disposition=Disposition.QUALIFIED, amount=5_000_000, next_step="Meet Jane in hush")


def everything(database: Database) -> str:
    """All that the tables hold."""
    with database.snapshot() as tx:
        return "\n".join(
            str(tuple(row)) for table in models.metadata.sorted_tables for row in tx.execute(sa.select(table))
        )


def erase(database: Database, mql_id: int, now: datetime = LATER, why: ErasedFor = ErasedFor.AGE) -> Erased | None:
    with database.transaction() as tx:
        return erasure.erase(tx, WORKSPACE, mql_id, why, now)


def stored_mql(database: Database, mql_id: int) -> Mql:
    with database.snapshot() as tx:
        subject = mqls.get(tx, WORKSPACE, mql_id)
    assert subject is not None
    return subject


def say(database: Database, mql_id: int, answer: Answer, now: datetime = NOW + 2 * HOUR) -> None:
    with database.transaction() as tx:
        accept_and_report(tx, WORKSPACE, mql_id, "U3", answer, now)


def keep(tx: sa.Connection, ts: str, values: dict[str, str], at: datetime, sender: Sender | None = None) -> int:
    """Put a message into the queue."""
    fields: dict[str, Any] = {"reason": "nobody", "values": values, "came_at": at, "now": at}
    return queue.keep(tx, WORKSPACE, **fields, channel="C2", ts=ts, sender=sender)


def told_much(database: Database) -> int:
    """An MQL about which everybody has written something personal; returns its id."""
    mql_id = receive(database, "Acme", **JANE)
    with database.transaction() as tx:
        # The same person once more, by the id, with another address.
        again = Lead.model_validate({**JANE, "email": "jane2@hush.example", "message": "Again my hush"})
        intake.receive(tx, WORKSPACE, again, Source.GENERIC, NOW + HOUR)
        response.decline(tx, WORKSPACE, mql_id, "U1", "Jane is a hush friend", NOW + HOUR)
        response.reassign(tx, WORKSPACE, mql_id, "U3", "U1", "Knows the hush", NOW + HOUR)
        response.accept(tx, WORKSPACE, mql_id, "U1", NOW + HOUR)
        response.contacted(tx, WORKSPACE, mql_id, "U1", NOW + HOUR, Evidence.CALL, "Jane told a hush")
        response.contacted(tx, WORKSPACE, mql_id, "U1", NOW + HOUR, Evidence.EMAIL, "Wrote to Jane in hush")
        pauses.pause(tx, WORKSPACE, mql_id, "U1", NOW + 30 * HOUR, "Jane is away, hush", NOW + HOUR)
        sender = Sender("B1", "HubSpot", "Hush Jane")
        entry = keep(tx, "1.2", {"Jane Hush": "hello"}, NOW, sender=sender)
        queue.close(tx, WORKSPACE, entry, "U3", NOW, mql_id)
        held = {"lead": JANE, "failing": [["test", "Jane Hush"]], "definition_id": 1, "why": "Jane knows a hush"}
        held["guess"] = {"guesses": [["message_end", "Jane said hush"]]}
        fields: dict[str, Any] = {"reason": "definition", "values": {"person": "Jane Hush"}, "came_at": NOW, "now": NOW}
        queue.close(tx, WORKSPACE, queue.keep(tx, WORKSPACE, **fields, held=held), "U3", NOW, mql_id)
    say(database, mql_id, QUALIFIED)
    say(database, mql_id, DISQUALIFIED)
    return mql_id


def let_time_pass(database: Database, until: datetime) -> None:
    """Everything that clocks set off by then."""
    with database.transaction() as tx:
        while due := mqls.due_clocks(tx, until, 1):
            escalation.check(tx, due[0], due[0].next_check_at or until)


def test_nothing_that_names_the_person_is_left_in_any_table(office: Database) -> None:
    mql_id = told_much(office)
    assert everything(office).lower().count("hush") > 15
    erased = erase(office, mql_id)
    assert erased is not None
    assert "hush" not in everything(office).lower()
    assert vars(erased.counts) == {"fields": 9, "events": 6, "feedback": 2, "intake": 2}
    left = stored_mql(office, mql_id)
    assert (left.company, left.status, left.erased_at) == ("Acme", Status.DISQUALIFIED, LATER)
    with office.snapshot() as tx:
        history = mqls.history(tx, WORKSPACE, mql_id)
        (answer,) = mqls.last_feedback(tx, WORKSPACE, [mql_id])
    assert (history[-1].type, history[-1].reason, history[-1].data) == ("erased", "age", vars(erased.counts))
    assert [event.type for event in history].count(EventType.RECEIVED_AGAIN) == 1
    assert answer.lost_reason == "no_budget"


@pytest.mark.sql
@pytest.mark.parametrize("model", [Mql, models.Feedback, models.Unreadable])
def test_every_column_that_is_declared_personal_is_filled_here_and_empty_afterwards(
    office: Database, model: type[SQLModel]
) -> None:
    mql_id = told_much(office)
    table = models.metadata.tables[model.__name__.lower()]
    empty = emptied(model, OfPerson.ERASED)
    assert set(model.model_fields) >= set(empty) != set()

    def stored() -> dict[str, set[str]]:
        with office.snapshot() as tx:
            rows = tx.execute(sa.select(*(table.c[name] for name in empty))).mappings().all()
        return {name: {str(row[name]) for row in rows if row[name] != empty[name]} for name in empty}

    assert all(stored().values()), "told_much leaves a personal column empty: tell of it there, too"
    erase(office, mql_id)
    assert stored() == {name: set() for name in empty}


def test_the_bytes_are_gone_from_the_file_too(database: Database) -> None:
    configure(database)
    mql_id = told_much(database)
    erase(database, mql_id)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").close()
    data = Path(str(database.url.database)).read_bytes().lower()
    assert b"acme" in data
    assert b"hush" not in data


def test_no_weekly_figure_changes(office: Database) -> None:
    ids = [told_much(office)]
    ids += [receive(office, f"Company {n}", email=f"lead{n}@example.com", phone="1") for n in range(4)]
    receive(office, "Company 1", email="lead1@example.com", message="Once more")
    ids.append(receive(office, "Nobody's address"))
    let_time_pass(office, NOW + 26 * HOUR)
    for mql_id, answer in zip(ids[1:4], (QUALIFIED, DISQUALIFIED, DISQUALIFIED), strict=True):
        say(office, mql_id, answer, NOW + 30 * HOUR)
    say(office, ids[5], QUALIFIED, NOW + timedelta(days=8))

    def weeks() -> list[Any]:
        with office.snapshot() as tx:
            workspace = workspaces.get(tx, WORKSPACE)
            assert workspace is not None
            return [weekly.weekly(tx, workspace, f"2026-W{week}", LATER) for week in (47, 48, 49)]

    before = weeks()
    assert (before[0].now.contactable, before[0].now.breached, before[0].now.escalated) == (5, 5, 5)
    for mql_id in ids[:4] + ids[5:]:
        assert erase(office, mql_id) is not None
    after = weeks()
    for week, other in zip(before, after, strict=True):
        assert (week.now, week.before, week.reps) == (other.now, other.before, other.reps)


EVENTS = {
    # (is its reason a word of ours, does its data come from the lead)
    **dict.fromkeys((EventType.DISPOSED, EventType.CORRECTED, EventType.REFUSED), (True, False)),
    EventType.RECEIVED_AGAIN: (False, True),
    **dict.fromkeys((EventType.ASSIGNED, EventType.DECLINED, EventType.PAUSED, EventType.WITHDRAWN), (False, False)),
    **dict.fromkeys((EventType.CONTACTED, EventType.EVIDENCE, EventType.DEAL), (False, False)),
    **dict.fromkeys((EventType.PAUSE_ASKED, EventType.PAUSE_REFUSED), (False, False)),
    **dict.fromkeys(
        (EventType.MERGED, EventType.MERGED_IN, EventType.MERGE_UNDONE, EventType.IMPORTED), (False, False)
    ),
    **dict.fromkeys((EventType.UNDO, EventType.UNDONE, EventType.TOUCH_PROMISED, EventType.TOUCH_DUE), (False, False)),
    EventType.CRM_SKIPPED: (False, False),
    **dict.fromkeys((EventType.DISPUTED, EventType.UPHELD, EventType.REOPENED), (False, False)),
    # Written by the bot itself, with words of ours or none.
    **dict.fromkeys(
        (
            EventType.RECEIVED,
            EventType.COVERED,
            EventType.COVER_ENDED,
            EventType.OFFERED,
            EventType.UNASSIGNED,
            EventType.OWNER_LEFT,
            EventType.ACCEPTED,
            EventType.REMINDED,
            EventType.ASKED,
            EventType.ESCALATED,
            EventType.BREACHED,
            EventType.RESUMED,
            EventType.DEADLINE_MOVED,
            EventType.MESSAGE_DROPPED,
            EventType.MESSAGE_DEAD,
            EventType.ERASED,
        ),
        (False, False),
    ),
}


def test_it_is_decided_for_every_kind_of_event_what_of_it_is_erased() -> None:
    assert set(EVENTS) == set(EventType)
    assert {kind for kind, (ours, _) in EVENTS.items() if ours} == set(erasure.REASONS_OF_OURS)
    assert {kind for kind, (_, theirs) in EVENTS.items() if theirs} == set(erasure.DATA_OF_THE_LEAD)


@pytest.mark.sql
def test_what_the_bot_itself_gave_as_a_reason_stays(office: Database) -> None:
    mql_id = receive(office)
    with office.transaction() as tx:
        subject = mqls.locked(tx, WORKSPACE, mql_id)
        assert subject is not None
        mqls.log(tx, subject, EventType.ASSIGNED, NOW, NOW, after="U2", reason="escalated", data={"restarted": True})
    say(office, mql_id, DISQUALIFIED)
    erase(office, mql_id)
    with office.snapshot() as tx:
        history = mqls.history(tx, WORKSPACE, mql_id)
    assert [(e.reason, e.data) for e in history if e.reason == "escalated"] == [("escalated", {"restarted": True})]
    assert "no_budget" in [event.reason for event in history]


def test_an_open_mql_is_withdrawn_and_nobody_waits_for_it_any_more(office: Database) -> None:
    mql_id = receive(office, **JANE)
    erased = erase(office, mql_id, NOW + HOUR, ErasedFor.REQUEST)
    assert erased is not None
    assert erased.withdrawn
    left = stored_mql(office, mql_id)
    assert (left.status, left.disposed, left.owner) == (Status.WITHDRAWN, True, "U1")
    assert left.withdrawn_by_erasure
    with office.snapshot() as tx:
        (clock,) = mqls.clocks(tx, WORKSPACE, [mql_id])
        assert mqls.due_clocks(tx, LATER, 10) == []
        assert mqls.open_of(tx, WORKSPACE, "U1") == []
    assert (clock.state, clock.next_check_at) == (ClockState.CANCELLED, None)


@pytest.mark.sql
def test_a_withdrawn_mql_counts_in_no_figure_not_even_with_its_breach(office: Database) -> None:
    mql_id = receive(office, **JANE)
    with office.transaction() as tx:
        running = mqls.open_clock(tx, WORKSPACE, mql_id, ClockKind.RESPONSE)
        assert running is not None
        mqls.change_clock(tx, running, breached_at=running.breach_at)
    erase(office, mql_id, NOW + 30 * HOUR, ErasedFor.REQUEST)
    with office.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        figures = weekly.weekly(tx, workspace, "2026-W47", LATER).now
    assert (figures.withdrawn, figures.received, figures.contactable) == (1, 0, 0)
    assert (figures.responded, figures.due, figures.breached, figures.median) == (0, 0, 0, None)


@pytest.mark.sql
def test_one_that_had_been_withdrawn_is_erased_when_it_is_old_and_was_not_withdrawn_by_that(office: Database) -> None:
    mql_id = receive(office, **JANE)
    with office.transaction() as tx:
        assert isinstance(withdrawal.withdraw(tx, WORKSPACE, mql_id, "U3", "Jane's hush test", NOW + HOUR), Done)
        workspaces.save(tx, WORKSPACE, NOW, erase_after_days=30)
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        assert erasure.due(tx, workspace, NOW + timedelta(days=30), 10) == []
        assert erasure.due(tx, workspace, NOW + timedelta(days=31), 10) == [mql_id]
    assert not stored_mql(office, mql_id).withdrawn_by_erasure
    erased = erase(office, mql_id)
    assert erased is not None
    assert not erased.withdrawn
    assert not stored_mql(office, mql_id).withdrawn_by_erasure
    assert "hush" not in everything(office).lower()


@pytest.mark.sql
def test_one_that_nobody_had_is_withdrawn_without_an_owner(office: Database) -> None:
    with office.transaction() as tx:
        tx.execute(models.member.update().values(active=False))
    mql_id = receive(office, **JANE)
    erase(office, mql_id, NOW + HOUR, ErasedFor.REQUEST)
    assert (stored_mql(office, mql_id).status, stored_mql(office, mql_id).owner) == (Status.WITHDRAWN, None)


ACTS: dict[str, Callable[[sa.Connection, int], ActionResult]] = {
    "accept": lambda tx, mql_id: response.accept(tx, WORKSPACE, mql_id, "U1", LATER),
    "contacted": lambda tx, mql_id: response.contacted(tx, WORKSPACE, mql_id, "U1", LATER),
    "reassign": lambda tx, mql_id: response.reassign(tx, WORKSPACE, mql_id, "U3", "U2", "hush", LATER),
    "decline": lambda tx, mql_id: response.decline(tx, WORKSPACE, mql_id, "U1", "hush", LATER),
    "pause": lambda tx, mql_id: pauses.pause(tx, WORKSPACE, mql_id, "U1", LATER + HOUR, "hush", LATER),
    "how": lambda tx, mql_id: response.contacted(tx, WORKSPACE, mql_id, "U1", LATER, Evidence.CALL, "hush"),
    "feedback": lambda tx, mql_id: feedback.give(tx, WORKSPACE, mql_id, "U1", DISQUALIFIED, LATER),
}


@pytest.mark.sql
@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_written_about_an_erased_mql_any_more(office: Database, act: str) -> None:
    mql_id = receive(office, **JANE)
    erase(office, mql_id)
    with office.transaction() as tx:
        outcome = ACTS[act](tx, mql_id)
    assert isinstance(outcome, Refused)
    assert outcome.reason == Refusal.ERASED
    assert "hush" not in everything(office).lower()


def test_an_activity_of_the_crm_is_only_recorded_once_the_person_was_erased(office: Database) -> None:
    mql_id = receive(office, **JANE)
    erase(office, mql_id, NOW + 5 * HOUR, ErasedFor.REQUEST)
    with office.transaction() as tx:
        reported = activity.Activity(Evidence.CALL, NOW + HOUR, number=1)
        assert activity.record(tx, WORKSPACE, reported, "U1", LATER).counted_as == CountedAs.RECORD
    assert (stored_mql(office, mql_id).status, stored_mql(office, mql_id).contacted_at) == (Status.WITHDRAWN, None)


def test_a_report_that_is_over_is_not_declined(office: Database) -> None:
    mql_id = receive(office)
    say(office, mql_id, DISQUALIFIED)
    with office.transaction() as tx:
        owner = stored_mql(office, mql_id).owner or ""
        outcome = response.decline(tx, WORKSPACE, mql_id, owner, "busy", LATER)
    assert isinstance(outcome, Refused)
    assert outcome.reason == Refusal.DISPOSED_ALREADY


def test_two_workers_erase_once(office: Database) -> None:
    mql_id = told_much(office)
    done = _together(*[lambda: erase(office, mql_id)] * 4)
    assert len([result for result in done if result is not None]) == 1
    with office.snapshot() as tx:
        history = mqls.history(tx, WORKSPACE, mql_id)
    assert [event.type for event in history].count(EventType.ERASED) == 1


def test_a_person_who_comes_back_is_a_new_mql(office: Database) -> None:
    mql_id = receive(office, **JANE)
    say(office, mql_id, QUALIFIED)
    erase(office, mql_id)
    assert receive(office, **JANE) != mql_id


def test_only_what_has_been_over_for_longer_than_the_team_wants_is_due(office: Database) -> None:
    over, recent, still_open = (receive(office, name) for name in ("Over", "Recent", "Open"))
    say(office, over, QUALIFIED, NOW + HOUR)
    say(office, recent, DISQUALIFIED, NOW + timedelta(days=5))
    moment = NOW + HOUR + timedelta(days=30)

    def due(days: int | None, now: datetime = moment) -> list[int]:
        with office.transaction() as tx:
            workspaces.save(tx, WORKSPACE, NOW, erase_after_days=days)
            workspace = workspaces.get(tx, WORKSPACE)
            assert workspace is not None
            return erasure.due(tx, workspace, now, 10)

    assert due(None) == []
    assert due(30) == []
    assert due(30, moment + timedelta(microseconds=1)) == [over]
    assert due(20) == [over, recent]
    erase(office, over)
    assert due(20) == [recent]
    assert still_open not in due(1, LATER)


@pytest.mark.sql
def test_receipts_and_read_intake_messages_go_when_they_are_as_old(office: Database) -> None:
    with office.transaction() as tx:
        workspaces.save(tx, WORKSPACE, NOW, erase_after_days=10)
        for days in (1, 40):
            at = LATER - timedelta(days=days)
            receipts.first_time(tx, WORKSPACE, ReceiptKind.WEBHOOK, f"msg_{days}", at, {"number": 1})
            receipts.first_time(tx, "T2", ReceiptKind.WEBHOOK, f"other_{days}", at, {})
            for state in ("open", "dismissed"):
                entry = keep(tx, f"{days}.{state}", {"Name": "Jane"}, at)
                if state != "open":
                    queue.close(tx, WORKSPACE, entry, "U3", at)
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        assert erasure.sweep(tx, workspace, LATER) == 2
        assert erasure.sweep(tx, workspace, LATER) == 0
        keys = set(tx.execute(sa.select(models.receipt.c.key)).scalars())
        read = {row.ts: row.content for row in tx.execute(sa.select(models.unreadable))}
    assert keys == {"msg_1", "other_1", "other_40"}
    kept = {"Name": "Jane"}
    assert read == {"1.open": kept, "1.dismissed": kept, "40.open": kept, "40.dismissed": {}}


@pytest.mark.sql
def test_a_person_is_found_by_every_address_they_gave_and_nobody_else_is_touched(office: Database) -> None:
    mql_id = told_much(office)
    other = receive(office, "Other", email="xjane2@hush.example", message="Please ask jane2@hush.example")
    with office.transaction() as tx:
        workspaces.save(tx, "T2", NOW, name="Other", locale="ja", timezone="UTC", mql_channel="C9",
                        digest_weekday=0, digest_time="09:00")  # fmt: skip
        receipts.first_time(tx, WORKSPACE, ReceiptKind.WEBHOOK, "form:JANE2@hush.example", NOW, {})
        hers = Request(" JANE2@hush.example")
        entry = keep(tx, "7.7", {"": "Jane2@hush.example wrote"}, NOW)
        assert [mql.id for mql in erasure.mentioned(tx, WORKSPACE, hers).mqls] == [other]
        done = erasure.erase_person(tx, WORKSPACE, hers, LATER)
        assert [mql.mql.id for mql in done.mqls] == [mql_id]
        assert (done.intake, done.receipts) == (1, 1)
        read = unreadables.get(tx, WORKSPACE, entry)
        assert read is not None
        assert read.content == {}
        assert erasure.erase_person(tx, WORKSPACE, hers, LATER).mqls == ()
    assert stored_mql(office, other).email == "xjane2@hush.example"


@pytest.mark.sql
def test_an_mql_without_an_address_is_erased_by_its_number(office: Database) -> None:
    receive(office, "Acme")
    mql_id = receive(office, "Acme", person="Jane Hush")
    with office.transaction() as tx:
        done = erasure.erase_person(tx, WORKSPACE, Request(numbers=(2, 99)), LATER)
    assert [mql.mql.id for mql in done.mqls] == [mql_id]
    assert "hush" not in everything(office).lower()


@pytest.mark.sql
def test_a_company_that_is_its_owners_name_goes_when_that_is_asked_for(office: Database) -> None:
    mql_id = receive(office, "Hush Consulting", **JANE)
    with office.transaction() as tx:
        erasure.erase_person(tx, WORKSPACE, Request(JANE["email"], with_company=True), LATER)
    assert stored_mql(office, mql_id).company is None
    assert "hush" not in everything(office).lower()


@pytest.mark.sql
def test_the_database_refuses_an_erased_mql_that_names_somebody(office: Database) -> None:
    mql_id = receive(office, **JANE)
    erase(office, mql_id)
    for name in nulled(Mql, OfPerson.ERASED):
        with pytest.raises(sa.exc.IntegrityError), office.transaction() as tx:
            mqls.update(tx, WORKSPACE, mql_id, **{name: "hush"})


def test_a_paused_clock_is_cancelled_too(office: Database) -> None:
    mql_id = receive(office)
    with office.transaction() as tx:
        subject = mqls.locked(tx, WORKSPACE, mql_id)
        assert subject is not None
        clocks.pause(tx, subject, clocks.running(tx, subject), NOW + HOUR, NOW + 5 * HOUR)
    erase(office, mql_id, NOW + 2 * HOUR, ErasedFor.REQUEST)
    with office.snapshot() as tx:
        (clock,) = mqls.clocks(tx, WORKSPACE, [mql_id])
    assert (clock.state, clock.paused_at, clock.stopped_at) == (ClockState.CANCELLED, None, NOW + 2 * HOUR)


@pytest.mark.sql
def test_a_person_is_found_by_a_phone_number_however_it_is_written(office: Database) -> None:
    """By its last nine digits, also where it came in later, and in what nobody could read."""
    first = receive(office, person="Jane", phone="03-1234-5678", external_id="1")
    other = receive(office, person="Joe", phone="03-1234-5679", external_id="2")
    later = receive(office, person="Jane again", external_id="3")
    assert receive(office, phone="(03) 1234 5678", external_id="3") == later
    with office.transaction() as tx:
        values = {"Message": "Call 03 1234 5678"}
        entry = queue.keep(tx, WORKSPACE, reason="nobody", values=values, came_at=NOW, now=NOW)
        assert erasure.erase_person(tx, WORKSPACE, Request(phone="1234-5678"), LATER).mqls == (), "too few digits"
        done = erasure.erase_person(tx, WORKSPACE, Request(phone="+81 3 1234 5678"), LATER)
        read = unreadables.get(tx, WORKSPACE, entry)
    assert ([mql.mql.id for mql in done.mqls], done.intake) == ([first, later], 1)
    assert read is not None
    assert read.content == {}
    assert stored_mql(office, other).person == "Joe"
