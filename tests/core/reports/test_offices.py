"""A lead that goes from one office to another: each owner's time is counted by their own clock on the wall."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.mql import response
from bot.core.reports import weekly
from storage import workspaces
from storage.database import Database
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE, configure

HOUR = timedelta(hours=1)
OFFICE = {"kind": "business_hours", "hours": {day: ["09:00-18:00"] for day in ("monday", "tuesday", "wednesday")}}


@pytest.fixture
def engine(database: Database) -> Engine:
    configure(database)
    engine = Engine(database)
    engine.has("U2", "rep", timezone="America/New_York")
    engine.agrees(calendar=OFFICE, response_calendar="owner", response_hours=2, escalations=())
    return engine


def test_what_a_later_owner_in_another_office_had_of_an_overdue_lead(engine: Engine) -> None:
    mql_id = engine.receives()  # Tuesday, 10:00 in Tokyo
    engine.does(response.reassign, mql_id, "U3", "U1", None, now=NOW)
    engine.sweeps(NOW + 2 * HOUR)
    engine.does(response.reassign, mql_id, "U3", "U2", None, now=NOW + 3 * HOUR)  # Monday, 23:00 in New York
    engine.does(response.accept, mql_id, "U2", now=NOW + 14 * HOUR)  # Tuesday, 10:00 there
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        report = weekly.weekly(tx, workspace, "2026-W47", NOW + 15 * HOUR)
    rows = {rep.user_id: rep for rep in report.reps}
    assert (rows["U1"].breached, rows["U2"].breached) == (1, 0)
    assert (rows["U1"].idle, rows["U1"].others, rows["U1"].parts["off_duty"]) == (3 * HOUR, HOUR, 10 * HOUR)
    assert rows["U1"].total == 14 * HOUR


def test_a_new_owner_counts_from_now_on_though_the_machines_clock_was_set_back(engine: Engine) -> None:
    mql_id = engine.receives()
    for owner, after in (("U1", 0), ("U2", 5), ("U1", 2)):
        engine.does(response.reassign, mql_id, "U3", owner, None, now=NOW + after * HOUR)
    legs = engine.clock(mql_id).legs or []
    assert [leg["since"] for leg in legs] == [NOW.isoformat(), (NOW + 2 * HOUR).isoformat()]
    assert [leg["timezone"] for leg in legs] == ["Asia/Tokyo", "Asia/Tokyo"]
