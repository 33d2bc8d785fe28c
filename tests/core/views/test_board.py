"""What leaders see of everything that is open: by rep, filtered, in pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.mql import feedback, pauses, response
from bot.core.mql.feedback import Answer
from bot.core.routing import absences
from bot.core.views import board, home
from bot.core.views.board import NOBODY, Filter
from bot.core.views.home import Matter
from storage import alerts, homes, members, mqls, workspaces
from storage.database import Database
from storage.models import clock
from storage.vocabulary import AlertKind, BoardState, Disposition
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE

pytestmark = pytest.mark.rules

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = NOW + 20 * HOUR  # Wednesday, 06:00 in Tokyo


@pytest.fixture
def engine(office: Database) -> Engine:
    """Sixteen open MQLs of two reps on a Tuesday: 1 is accepted, 2 is paused, 3 has an outcome."""
    engine = Engine(office)
    engine.agrees(tiers=[{"name": "hot", "when": {"min_score": 80}, "response_hours": 4}])
    for number in range(17):
        engine.receives(company=f"C{number}", score=90 if number > 12 else 10)
    engine.does(response.accept, 1, "U3", now=NOW)
    engine.does(pauses.pause, 2, "U3", (NOW + 3 * DAY).date(), "asked to", now=NOW)
    engine.does(response.accept, 3, "U3", now=NOW)
    engine.does(feedback.give, 3, "U3", Answer(disposition=Disposition.QUALIFIED), now=NOW)
    return engine


def shown(engine: Engine, wanted: Filter, most: int = 100) -> tuple[list[int], int, int]:
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        roster = members.roster(tx, WORKSPACE)
        page = board.page(tx, workspace, LATER, wanted, roster, most)
    return [view.mql.id for view in page.shown], page.count, page.filter.page


def test_the_most_urgent_come_first_and_what_is_paused_last(engine: Engine) -> None:
    ids, count, _ = shown(engine, Filter())
    assert (count, ids[:4], ids[-1]) == (16, [14, 15, 16, 17], 2)
    assert 3 not in ids


def test_a_page_behind_the_last_is_the_last(engine: Engine) -> None:
    first, second, beyond = (shown(engine, Filter(page=page), 10) for page in (0, 1, 99))
    assert (len(first[0]), len(second[0]), beyond) == (10, 6, second)
    assert second[2] == 1
    assert not set(first[0]) & set(second[0])


@pytest.mark.sql
def test_pages_go_on_from_what_runs_to_what_is_paused(engine: Engine) -> None:
    for mql_id in (5, 6):
        engine.does(pauses.pause, mql_id, "U3", (NOW + 4 * DAY).date(), "asked to", now=NOW)
    whole, _, _ = shown(engine, Filter())
    assert whole[-3:] == [2, 5, 6]
    pages = [shown(engine, Filter(page=page), 5)[0] for page in range(4)]
    assert [len(ids) for ids in pages] == [5, 5, 5, 1]
    assert [mql_id for ids in pages for mql_id in ids] == whole
    assert shown(engine, Filter(state=BoardState.PAUSED, page=1), 2)[0] == [6]


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Filter(state=BoardState.OVERDUE), 4),
        (Filter(state=BoardState.TODAY), 10),
        (Filter(state=BoardState.PAUSED), 1),
        (Filter(state=BoardState.ACCEPTED), 1),
        (Filter(tier="hot"), 4),
        (Filter(tier="hot", state=BoardState.ACCEPTED), 0),
        (Filter(rep=NOBODY), 0),
        (Filter(rep="U3"), 1),
        (Filter(state="of no such name"), 0),
    ],
)
def test_filters(engine: Engine, wanted: Filter, count: int) -> None:
    assert shown(engine, wanted)[1] == count


def test_the_board_counts_each_rep(engine: Engine) -> None:
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        counted = board.board(tx, workspace, LATER, members.roster(tx, WORKSPACE))
    assert (counted.open, counted.overdue, counted.unassigned) == (16, 4, 0)
    # The manager has taken one over.
    assert {rep.member.user_id for rep in counted.reps} == {"U1", "U2", "U3"}
    assert sum(rep.open for rep in counted.reps) == counted.open
    assert sum(rep.overdue for rep in counted.reps) == 4
    assert sum(rep.today for rep in counted.reps) == 10
    assert sum(rep.paused for rep in counted.reps) == 1
    assert {rep.member.user_id: rep.given for rep in counted.reps}["U3"] == 2


@pytest.mark.sql
def test_the_first_thing_is_what_a_lead_waits_for(engine: Engine) -> None:
    def first(user: str) -> Matter:
        with engine.database.snapshot() as tx:
            workspace = workspaces.get(tx, WORKSPACE)
            assert workspace is not None
            return home.home(tx, workspace, user, LATER, Filter()).first.matter

    assert (first("U1"), first("U3"), first("nobody")) == (Matter.OVERDUE, Matter.TEAM_OVERDUE, Matter.NOTHING)
    with engine.database.transaction() as tx:
        members.save(tx, WORKSPACE, "U5", name="U5", roles=["marketer"])
    assert first("U5") == Matter.NOTHING
    with engine.database.transaction() as tx:
        members.save(tx, WORKSPACE, "U6", name="U6", roles=["admin"])
        alerts.add(tx, WORKSPACE, AlertKind.TICKS_STOPPED, "", LATER, {}, [])
    assert (first("U6"), first("U5")) == (Matter.TEAM_OVERDUE, Matter.NOTHING), "leads before the bot itself"
    with engine.database.transaction() as tx:
        for mql_id in range(1, 18):
            mqls.update(tx, WORKSPACE, mql_id, owner="U6")
        tx.execute(clock.update().values(due_at=LATER + DAY, breach_at=LATER + DAY, breached_at=None))
    assert first("U6") == Matter.ALERT


@pytest.mark.sql
def test_every_change_that_somebody_may_see_is_another_state(engine: Engine) -> None:
    def state() -> str:
        with engine.database.snapshot() as tx:
            return homes.state_of(tx, WORKSPACE)

    seen = [state(), state()]
    assert seen[0] == seen[1]
    engine.does(response.accept, 5, "U3", now=LATER)
    seen.append(state())
    with engine.database.transaction() as tx:
        absences.announce(tx, WORKSPACE, "U1", LATER, LATER + DAY)
    seen.append(state())
    with engine.database.transaction() as tx:
        absences.come_back(tx, WORKSPACE, "U1", LATER)
    seen.append(state())
    assert len(set(seen[1:4])) == 3
    assert seen[4] == seen[2], "who is back is as if they had never been away"
