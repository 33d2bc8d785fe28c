"""What comes at the digest's time never comes on a holiday or in a closure, and still tells of its own week."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.core.messages.periodic import Occasion
from bot.core.reports import checkup, weekly
from bot.core.review import actions
from storage import outbox, reports_due, workspaces
from storage.database import Database
from storage.models import Workspace
from storage.vocabulary import ReportKind
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE

pytestmark = pytest.mark.rules

TOKYO = ZoneInfo("Asia/Tokyo")
DAYS = {"kind": "business_days", "holidays": "JP"}


@pytest.fixture
def engine(office: Database) -> Engine:
    return Engine(office)


def nine(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(9), TOKYO).astimezone(UTC)


def workspace_of(engine: Engine, **columns: Any) -> Workspace:
    with engine.database.transaction() as tx:
        if columns:
            workspaces.save(tx, WORKSPACE, NOW, **columns)
        workspace = workspaces.get(tx, WORKSPACE)
    assert workspace is not None
    return workspace


def digests(engine: Engine, after: str, count: int) -> list[Occasion]:
    workspace = workspace_of(engine)
    with engine.database.snapshot() as tx:
        return list(islice(weekly.digest_times(tx, workspace, nine(after)), count))


def test_a_digest_whose_monday_is_a_holiday_comes_on_the_tuesday_about_the_same_week(engine: Engine) -> None:
    engine.agrees(calendar=DAYS)
    assert digests(engine, "2026-11-16", 2) == [
        Occasion(nine("2026-11-24"), "2026-W47"),
        Occasion(nine("2026-11-30"), "2026-W48"),
    ]
    # Asked in between, it is still to come.
    assert digests(engine, "2026-11-23", 1) == [Occasion(nine("2026-11-24"), "2026-W47")]


def test_of_two_digests_that_closures_put_on_one_day_the_later_comes(engine: Engine) -> None:
    engine.agrees(calendar=DAYS | {"closures": [{"first": "2026-12-26", "last": "2027-01-05"}]})
    assert digests(engine, "2026-12-21", 2) == [
        Occasion(nine("2027-01-06"), "2026-W53"),
        Occasion(nine("2027-01-12"), "2027-W01"),  # the 11th is a holiday
    ]


@pytest.mark.sql
def test_a_digest_on_a_sunday_that_the_team_file_names_stays_there(engine: Engine) -> None:
    workspace_of(engine, digest_weekday=6)
    engine.agrees(calendar=DAYS)
    assert digests(engine, "2026-11-16", 1) == [Occasion(nine("2026-11-22"), "2026-W46")]
    engine.agrees(calendar=DAYS | {"closures": ["2026-11-22"]})
    assert digests(engine, "2026-11-16", 1) == [Occasion(nine("2026-11-24"), "2026-W46")]


def test_where_the_calendar_never_closes_the_digest_comes_on_its_weekday(engine: Engine) -> None:
    engine.agrees(calendar="always")
    assert digests(engine, "2026-11-16", 1) == [Occasion(nine("2026-11-23"), "2026-W47")]


def test_on_a_holiday_nobody_gets_the_digest_or_their_own_week_and_on_the_next_day_both_do(engine: Engine) -> None:
    engine.agrees(calendar=DAYS)
    workspace = workspace_of(engine)
    with engine.database.transaction() as tx:
        weekly.DIGEST.schedule(tx, workspace, nine("2026-11-20"))
        assert reports_due.due(tx, nine("2026-11-23") + timedelta(hours=14)) == []
        (row,) = reports_due.due(tx, nine("2026-11-24"))
        weekly.DIGEST.send_due(tx, row, nine("2026-11-24"))
        keys = [f"digest:2026-W47:{user}" for user in ("U3",)] + [f"own_week:2026-W47:{user}" for user in ("U1", "U2")]
        assert {message.key for message in outbox.by_keys(tx, WORKSPACE, keys)} == set(keys)
        following = reports_due.find(tx, WORKSPACE, ReportKind.WEEKLY, "2026-W48")
    assert following is not None
    assert following.due_at == nine("2026-11-30")


def test_a_digest_that_a_new_closure_passes_over_is_not_sent_before_its_week_is_over(engine: Engine) -> None:
    engine.agrees(calendar=DAYS)
    workspace, now = workspace_of(engine), nine("2026-11-18")
    with engine.database.transaction() as tx:
        weekly.DIGEST.schedule(tx, workspace, now)
    engine.agrees(calendar=DAYS | {"closures": [{"first": "2026-11-21", "last": "2026-12-01"}]})
    with engine.database.transaction() as tx:
        weekly.DIGEST.schedule(tx, workspace, now)
        for row in reports_due.due(tx, now):
            weekly.DIGEST.send_due(tx, row, now)
        assert outbox.by_key(tx, WORKSPACE, "digest:2026-W47:U3") is None
        assert [row.due_at for row in reports_due.due(tx, nine("2026-12-31"))] == [nine("2026-12-02")]


def test_the_reminder_of_the_self_check_moves_with_the_digest(engine: Engine) -> None:
    engine.agrees(calendar=DAYS | {"closures": [{"first": "2026-12-29", "last": "2027-01-04"}]})
    workspace = workspace_of(engine)
    with engine.database.snapshot() as tx:
        occasion = next(checkup.REMINDER.times(tx, workspace, NOW))
    assert occasion == Occasion(nine("2027-01-05"), "2027-Q1")


def test_an_action_that_is_due_on_a_holiday_is_told_on_the_next_working_day(engine: Engine) -> None:
    engine.agrees(calendar=DAYS)
    workspace = workspace_of(engine)
    with engine.database.snapshot() as tx:
        moments = [actions.told_at(tx, workspace, date(2026, 11, day)) for day in (20, 21, 23)]
    # A Saturday that somebody named stays.
    assert moments == [nine("2026-11-20"), nine("2026-11-21"), nine("2026-11-24")]
