"""Rules that ask for the time, at the very moment and one before it. On SQLite: they are about moments, not SQL."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.connectors.tables.columns import OF_DEAL, propose
from bot.connectors.tables.deal_rows import DealReader
from bot.connectors.tables.table import open_table
from bot.core.base.results import Done, Refusal, Refused
from bot.core.messages import kinds
from bot.core.mql import activity, deal_file, deals, feedback, followup_question, marketing_updates, pauses, response
from bot.core.mql.activity import Activity, CountedAs
from bot.core.mql.feedback import Answer
from storage import members, mqls, outbox, workspaces
from storage.database import Database
from storage.models import Workspace
from storage.reports import Span
from storage.vocabulary import AskWhy, ClockState, Disposition, EventType, Evidence, MessageKind, OutcomesTold
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE, configure

MOMENT, HOUR, DAY = timedelta(microseconds=1), timedelta(hours=1), timedelta(days=1)
MIDNIGHT = datetime(2026, 11, 17, 15, 0, tzinfo=UTC)  # NOW is Tuesday, 10:00 in Tokyo; then it is Wednesday


@pytest.fixture
def engine(database: Database) -> Engine:
    """U1 and U2 are reps, U3 is a manager."""
    configure(database)
    return Engine(database)


def workspace_of(engine: Engine) -> Workspace:
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
    assert workspace is not None
    return workspace


def accepted(engine: Engine) -> int:
    mql_id = engine.receives()
    engine.does(response.accept, mql_id, "U1", now=NOW)
    return mql_id


# A nudge


def test_a_leader_may_nudge_again_after_ten_minutes(engine: Engine) -> None:
    mql_id, ten = engine.receives(), timedelta(minutes=10)
    assert isinstance(engine.does(response.remind, mql_id, "U3", now=NOW), Done)
    early = engine.does(response.remind, mql_id, "U3", now=NOW + ten - MOMENT)
    assert early == Refused(Refusal.JUST_REMINDED, "U3", 1)
    assert isinstance(engine.does(response.remind, mql_id, "U3", now=NOW + ten), Done)
    assert engine.told(mql_id, MessageKind.REMINDER) == ["U1", "U1"]


def test_what_another_owner_was_nudged_about_is_no_reason_not_to_nudge(engine: Engine) -> None:
    mql_id = engine.receives()
    engine.does(response.remind, mql_id, "U3", now=NOW)
    engine.does(response.reassign, mql_id, "U3", "U2", "load", now=NOW)
    assert isinstance(engine.does(response.remind, mql_id, "U3", now=NOW), Done)
    assert engine.told(mql_id, MessageKind.REMINDER) == ["U1", "U2"]


def test_only_leaders_nudge_and_only_an_owner_who_has_not_answered(engine: Engine) -> None:
    mql_id = engine.receives()
    refused = engine.does(response.remind, mql_id, "U2", now=NOW)
    assert isinstance(refused, Refused)
    assert engine.log(mql_id, EventType.REMINDED) == []
    engine.does(response.accept, mql_id, "U1", now=NOW)
    assert engine.does(response.remind, mql_id, "U3", now=NOW) == Refused(Refusal.ALREADY_ACCEPTED, "U1", 1)


# What the CRM reports


def report(engine: Engine, at: datetime, now: datetime = NOW, kind: Evidence = Evidence.CALL) -> CountedAs:
    with engine.database.transaction() as tx:
        return activity.record(tx, WORKSPACE, Activity(kind, at, number=1), "U1", now).counted_as


def test_an_activity_may_lie_five_minutes_ahead_and_counts_as_of_now(engine: Engine) -> None:
    mql_id, ahead = engine.receives(), timedelta(minutes=5)
    with pytest.raises(activity.InTheFuture):
        report(engine, NOW + ahead + MOMENT)
    assert report(engine, NOW + ahead) == CountedAs.CONTACT
    assert engine.mql(mql_id).contacted_at == NOW


def test_an_activity_may_lie_a_day_before_the_lead_and_counts_as_of_its_coming(engine: Engine) -> None:
    mql_id = engine.receives()
    with pytest.raises(activity.BeforeLead):
        report(engine, NOW - DAY - MOMENT)
    assert report(engine, NOW - DAY) == CountedAs.CONTACT
    assert engine.mql(mql_id).contacted_at == engine.mql(mql_id).accepted_at == NOW


def test_an_earlier_activity_is_the_contact_and_one_of_the_same_moment_is_evidence(engine: Engine) -> None:
    mql_id = engine.receives()
    assert report(engine, NOW + 2 * HOUR, NOW + 9 * HOUR) == CountedAs.CONTACT
    assert report(engine, NOW + 2 * HOUR, NOW + 9 * HOUR) == CountedAs.EVIDENCE
    assert report(engine, NOW + 2 * HOUR - MOMENT, NOW + 9 * HOUR) == CountedAs.CONTACT
    assert engine.mql(mql_id).contacted_at == NOW + 2 * HOUR - MOMENT


def test_an_activity_counts_up_to_the_moment_of_the_outcome(engine: Engine) -> None:
    mql_id = accepted(engine)
    over = Answer(disposition=Disposition.RECYCLED, comment="Next year")
    engine.does(feedback.give, mql_id, "U1", over, now=NOW + HOUR)
    assert report(engine, NOW + HOUR + MOMENT, NOW + 2 * HOUR) == CountedAs.RECORD
    assert engine.mql(mql_id).contacted_at is None
    assert report(engine, NOW + HOUR, NOW + 2 * HOUR) == CountedAs.CONTACT


# Deals


def test_a_deal_is_decided_between_the_day_of_the_lead_and_today(engine: Engine) -> None:
    engine.receives()
    subject, workspace = engine.mql(1), workspace_of(engine)
    tuesday = date(2026, 11, 17)

    def wrong(day: date, now: datetime) -> str | None:
        return deals.wrong_day(workspace, subject, day, now)

    assert wrong(tuesday, NOW) is None
    assert wrong(tuesday - DAY, NOW) == "deal_before_received"
    assert wrong(tuesday + DAY, MIDNIGHT - MOMENT) == "deal_in_future"
    assert wrong(tuesday + DAY, MIDNIGHT) is None
    assert deals.wrong_day(workspace, None, tuesday - DAY, NOW) is None


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("1,won,2026-11-17,999999999999999", None),
        ("1,won,2026-11-17,¥5", None),
        ("1,won,2026-11-17,1000000000000000", "amount"),
        ("1,won,2026-11-17,five", "amount"),
        ("1,won,2026-11-17,", "won_amount"),
        ("1,lost,2026-11-17,", None),
        ("#1,lost,2026-11-17,", None),
        ("999999999,lost,2026-11-17,", "not_found"),
        ("1000000000,lost,2026-11-17,", "number"),
        (",lost,2026-11-17,", "which"),
        ("2,lost,2026-11-17,", "not_qualified"),
        ("1,lost,2026-11-18,", "deal_in_future"),
        ("1,lost,2026-11-16,", "deal_before_received"),
        ("1,lost,2026-11-31,", "date"),
        ("1,maybe,2026-11-17,", "outcome"),
        ("1,lost,2026-11-17", "bad_row"),
    ],
)
def test_a_line_of_a_file_of_deals_is_right_or_says_why_not(
    engine: Engine, row: str, problem: str | None, tmp_path: Path
) -> None:
    mql_id = accepted(engine)
    engine.receives(company="Globex")
    engine.does(feedback.give, mql_id, "U1", Answer(disposition=Disposition.QUALIFIED), now=NOW)
    file = tmp_path / "deals.csv"
    file.write_text(f"number,outcome,date,amount\n{row}\n", encoding="utf-8")
    table = open_table(file)
    reader = DealReader(propose(table.columns, OF_DEAL), ZoneInfo(workspace_of(engine).timezone), None)
    with engine.database.transaction() as tx:
        result = deal_file.read(tx, workspace_of(engine), reader.read(table), NOW)
    assert [(wrong.line, wrong.word) for wrong in result.problems] == ([(2, problem)] if problem else [])
    assert set(result.deals) == (set() if problem else {mql_id})


# Asking once more


def test_the_owner_is_asked_at_the_moment_that_was_set_and_three_days_apart(engine: Engine) -> None:
    engine.agrees(feedback_ask_again=True)
    mql_id = accepted(engine)

    def ask(now: datetime) -> bool:
        with engine.database.transaction() as tx:
            return followup_question.ask(tx, WORKSPACE, mql_id, now)

    def plan(at: datetime) -> None:
        with engine.database.transaction() as tx:
            mqls.update(tx, WORKSPACE, mql_id, ask_at=at, ask_why=AskWhy.MEETING)

    plan(NOW + HOUR)
    assert not ask(NOW + HOUR - MOMENT)
    assert ask(NOW + HOUR)
    assert not ask(NOW + HOUR)
    plan(NOW + HOUR + 3 * DAY - MOMENT)
    assert not ask(NOW + HOUR + 3 * DAY - MOMENT)
    assert engine.mql(mql_id).ask_at == NOW + HOUR + 3 * DAY
    assert ask(NOW + HOUR + 3 * DAY)
    assert engine.told(mql_id, MessageKind.FEEDBACK_AGAIN) == ["U1", "U1"]


# Pauses and steps


def test_a_pause_ends_at_its_moment_however_late_that_is_noticed(engine: Engine) -> None:
    engine.agrees()
    mql_id, until = engine.receives(), NOW + 5 * HOUR
    engine.does(pauses.pause, mql_id, "U1", until, "asked for a date", now=NOW)
    engine.sweeps(until - MOMENT)
    assert engine.clock(mql_id).state == ClockState.PAUSED
    engine.sweeps(until)
    assert engine.clock(mql_id).state == ClockState.RUNNING
    (resumed,) = engine.log(mql_id, EventType.RESUMED)
    assert resumed.at == until


@pytest.mark.parametrize(("now", "held"), [(MIDNIGHT - 4 * HOUR - MOMENT, False), (MIDNIGHT - 4 * HOUR, True)])
def test_what_nobody_asked_for_waits_from_the_beginning_of_the_quiet_hours(
    engine: Engine, now: datetime, held: bool
) -> None:
    engine.agrees(reminders=(0.5,), quiet={"start": "20:00", "end": "08:00"})
    mql_id = engine.receives(now - 12 * HOUR)
    engine.sweeps(now)
    reminders = engine.messages(mql_id, MessageKind.REMINDER)
    assert bool(reminders) is not held


# What marketing hears


@pytest.mark.parametrize(
    ("now", "ends"),
    [(NOW, NOW + 7 * HOUR), (NOW + 7 * HOUR - MOMENT, NOW + 7 * HOUR), (NOW + 7 * HOUR, NOW + 31 * HOUR)],
)
def test_an_outcome_belongs_to_the_day_that_ends_at_the_next_telling(
    engine: Engine, now: datetime, ends: datetime
) -> None:
    mql_id = accepted(engine)
    with engine.database.transaction() as tx:
        daily = {"outcomes_told": OutcomesTold.DAILY, "outcomes_time": "17:00", "marketing_channel": "C3"}
        workspaces.save(tx, WORKSPACE, NOW, **daily)
    engine.does(feedback.give, mql_id, "U1", Answer(disposition=Disposition.QUALIFIED), now=now)
    with engine.database.snapshot() as tx:
        waiting = outbox.by_key(tx, WORKSPACE, f"outcomes:{ends.isoformat()}")
        assert waiting is not None
        day, workspace = kinds.MARKETING_UPDATES.read(waiting), workspace_of(engine)
        span = Span(day.start, day.end)
        roster = members.roster(tx, WORKSPACE)
        mql_ids = [heard.view.mql.id for heard in marketing_updates.of_day(tx, workspace, span, roster)]
    assert (waiting.target, waiting.due_at, span) == ("C3", ends, Span(ends - DAY, ends))
    assert mql_ids == [mql_id]
