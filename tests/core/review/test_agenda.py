"""What an agenda of the review meeting is about, and since when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.messages.payloads import MeetingDay
from bot.core.messages.periodic import Occasion
from bot.core.mql import response
from bot.core.review import meeting
from storage import workspaces
from storage.database import Database
from storage.models import Workspace, clock, outbox
from storage.vocabulary import ClockKind, MessageKind
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE, configure

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
TUESDAY = date(2026, 11, 17)
BEGINS = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)  # 15:00 in Tokyo


@pytest.fixture
def engine(database: Database) -> Engine:
    configure(database)
    with database.transaction() as tx:
        workspaces.save(tx, WORKSPACE, NOW, meeting_weekday=1, meeting_time="15:00", meeting_channel="C2")
    return Engine(database)


def workspace_of(tx: sa.Connection) -> Workspace:
    workspace = workspaces.locked(tx, WORKSPACE)
    assert workspace is not None
    return workspace


def agendas(engine: Engine, now: datetime = BEGINS - HOUR) -> list[Any]:
    """Send the agenda of the Tuesday; what its messages carry."""
    with engine.database.transaction() as tx:
        meeting.AGENDA.send(tx, workspace_of(tx), Occasion(BEGINS - HOUR, TUESDAY.isoformat()), now)
        return list(tx.execute(sa.select(outbox.c.data).where(outbox.c.kind == MessageKind.MEETING)).scalars())


@pytest.mark.parametrize(
    ("weeks_off", "weeks_back"),
    [((), 1), ((2,), 1), ((1,), 2), (range(1, 8), 8), (range(1, 10), 8)],
)
def test_an_agenda_tells_of_the_time_since_the_last_one_over_eight_weeks_at_most(
    engine: Engine, weeks_off: Any, weeks_back: int
) -> None:
    closures = [(TUESDAY - weeks * WEEK).isoformat() for weeks in weeks_off]
    # Without national holidays: no other day is off.
    engine.agrees(calendar={"kind": "business_days", "closures": closures, "holidays": None})
    (carried,) = agendas(engine)
    day = MeetingDay.model_validate(carried)
    assert (day.starts_at, day.until, day.since) == (BEGINS, BEGINS - HOUR, BEGINS - weeks_back * WEEK - HOUR)


def test_where_no_meeting_is_planned_any_more_no_agenda_is_posted(engine: Engine) -> None:
    with engine.database.transaction() as tx:
        workspaces.save(tx, WORKSPACE, NOW, meeting_weekday=None, meeting_time=None, meeting_channel=None)
    assert agendas(engine) == []


def test_from_each_day_of_the_week_the_next_meeting_is_on_the_day_of_the_team_file(engine: Engine) -> None:
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        for days in range(7):
            assert meeting.standing(tx, workspace, BEGINS + days * DAY).next_at == BEGINS + WEEK


def test_what_is_unanswered_stands_first_and_then_what_was_late_first(engine: Engine) -> None:
    # The clock of the third was moved after its breach: its place is that of the breach, not of the later deadline.
    engine.agrees()
    answered, third, second, first = (engine.receives() for _ in range(4))
    late_at = {answered: 1, third: 4, second: 3, first: 2}
    with engine.database.transaction() as tx:
        for mql_id, hours in late_at.items():
            at = NOW + hours * HOUR
            mine = sa.and_(clock.c.mql_id == mql_id, clock.c.kind == ClockKind.RESPONSE)
            moved = at + (9 - 2 * hours) * HOUR  # in the opposite order
            tx.execute(clock.update().where(mine).values(due_at=NOW, breach_at=moved, breached_at=at))
    engine.does(response.accept, answered, "U1", now=NOW + 5 * HOUR)
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        week = MeetingDay(day=TUESDAY, starts_at=BEGINS, since=NOW, until=NOW + WEEK)
        agenda = meeting.agenda(tx, workspace, week, NOW + 6 * HOUR)
    assert [view.mql.id for view in agenda.breaches] == [first, second, third, answered]
