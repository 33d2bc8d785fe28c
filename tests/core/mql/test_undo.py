"""What one tap did is undone: everything is as it was before, once, by whoever did it, and only the log remembers. On
both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.base.results import ActionResult, Done, Refusal, Refused
from bot.core.mql import feedback, intake, next_touch, pauses, response, undo, withdrawal
from bot.core.mql.feedback import Answer
from bot.core.mql.lead import Lead
from bot.core.reports import weekly
from storage import mqls, undos, workspaces
from storage.database import Database
from storage.models import LostReason, Undo, metadata
from storage.vocabulary import Disposition, EventType, MessageKind, Source
from tests.core.kit import Engine
from tests.core.overlap import overlapping
from tests.workspace import NOW, WORKSPACE

pytestmark = pytest.mark.rules

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
QUALIFIED = Answer(disposition=Disposition.QUALIFIED)
UNFIT = Answer(disposition=Disposition.DISQUALIFIED, lost_reason="outside_target")
LATER = Answer(disposition=Disposition.RECYCLED, comment="in spring", recycle_on=date(2027, 3, 1))
Act = tuple[Callable[..., ActionResult], tuple[Any, ...]]
ACTS: dict[str, Act] = {
    "accept": (response.accept, ()),
    "contacted": (response.contacted, ()),
    "qualified": (feedback.give, (QUALIFIED,)),
    "unfit": (feedback.give, (UNFIT,)),
    "recycled": (feedback.give, (LATER,)),
    "withdraw": (withdrawal.withdraw, ("a test",)),
}
REMEMBERS = ("event", "undo", "outbox", "receipt", "turn", "outbound")
"""Tables that tell what has happened, or what Slack is to show."""


@pytest.fixture
def engine(office: Database) -> Engine:
    engine = Engine(office)
    engine.has("U9", "rep", "manager")
    unfit = LostReason(
        workspace_id=WORKSPACE, key="outside_target", position=0, ja="ターゲット外", en="Outside target", unfit=True
    )
    with office.transaction() as tx:
        workspaces.save_reasons(tx, WORKSPACE, [unfit])
    return engine


def does(engine: Engine, name: str, mql_id: int, by: str = "U9", at: timedelta = HOUR) -> ActionResult:
    act, given = ACTS[name]
    outcome: ActionResult = engine.does(act, mql_id, by, *given, now=NOW + at)
    return outcome


def acts(engine: Engine) -> list[Undo]:
    with engine.database.snapshot() as tx:
        return undos.over(tx, NOW + 1000 * DAY, 100)


def undoes(engine: Engine, by: str = "U9", at: timedelta = HOUR + MINUTE, which: int = -1) -> ActionResult:
    undo_id = sorted(acts(engine), key=lambda act: act.id)[which].id
    with engine.database.transaction() as tx:
        return undo.undo(tx, WORKSPACE, undo_id, by, NOW + at)


def everything(engine: Engine) -> dict[str, list[str]]:
    """Every row of every table but of those that remember."""
    with engine.database.snapshot() as tx:
        return {
            table.name: sorted(repr(tuple(row)) for row in tx.execute(sa.select(table)))
            for table in metadata.sorted_tables
            if table.name not in REMEMBERS
        }


def refusal(outcome: ActionResult) -> Refusal | None:
    return outcome.reason if isinstance(outcome, Refused) else None


def week(engine: Engine) -> Any:
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        return weekly.weekly(tx, workspace, "2026-W48", NOW + 200 * HOUR)


PATHS = {
    "accept": (),
    "contacted": (),
    "withdraw": (),
    "qualified": ("accept",),
    "unfit": ("accept", "contacted"),
    "recycled": ("accept",),
}


@pytest.mark.parametrize("terms", [{}, {"response": "contacted"}, {"on_reassign": "restart"}], ids=str)
@pytest.mark.parametrize("act", PATHS)
def test_after_an_undo_everything_is_as_before_but_for_the_log(engine: Engine, act: str, terms: dict[str, Any]) -> None:
    engine.agrees(**terms)
    mql_id = engine.receives()
    for earlier in PATHS[act]:
        assert isinstance(does(engine, earlier, mql_id, at=HOUR / 2), Done)
    before, figures = everything(engine), week(engine)
    assert isinstance(does(engine, act, mql_id), Done)
    assert everything(engine) != before
    assert isinstance(undoes(engine), Done)
    assert everything(engine) == before
    assert week(engine) == figures
    last = engine.log(mql_id)[-1]
    assert (last.type, last.actor) == (EventType.UNDO, "U9")
    undone = [event for event in engine.log(mql_id) if event.id in last.data["events"]]
    assert {event.type for event in undone} == {EventType.UNDONE}
    assert {undos.as_it_was(event).actor for event in undone} == {"U9"}


@pytest.mark.parametrize("act", ["accept", "contacted", "withdraw"])
def test_an_overdue_mql_is_overdue_again_and_its_breach_is_told_once(engine: Engine, act: str) -> None:
    mql_id = engine.receives()
    # Nobody has ticked since the deadline: the act itself writes the breach down.
    does(engine, act, mql_id, at=25 * HOUR)
    assert isinstance(undoes(engine, at=25 * HOUR + MINUTE), Done)
    engine.sweeps(NOW + 26 * HOUR)
    assert len(engine.log(mql_id, EventType.BREACHED)) == 1
    assert len(engine.log(mql_id, EventType.ESCALATED)) == 1
    assert engine.clock(mql_id).breached_at == NOW + DAY
    assert engine.told(mql_id, MessageKind.ESCALATION)


def test_a_deadline_that_passes_between_an_act_and_its_undo_is_a_breach(engine: Engine) -> None:
    mql_id = engine.receives()
    does(engine, "accept", mql_id, at=24 * HOUR - MINUTE)
    assert isinstance(undoes(engine, at=24 * HOUR + MINUTE), Done)
    engine.sweeps(NOW + 25 * HOUR)
    assert [event.at for event in engine.log(mql_id, EventType.BREACHED)] == [NOW + DAY]


def test_a_pause_goes_on_after_the_undo_and_ends_once(engine: Engine) -> None:
    mql_id = engine.receives()
    engine.does(pauses.pause, mql_id, "U9", NOW + 3 * HOUR, "the customer is away", now=NOW)
    does(engine, "accept", mql_id)
    assert isinstance(undoes(engine), Done)
    assert engine.clock(mql_id).paused_at == NOW
    engine.sweeps(NOW + 4 * HOUR)
    assert [event.at for event in engine.log(mql_id, EventType.RESUMED)] == [NOW + 3 * HOUR]
    assert engine.clock(mql_id).due_at == NOW + 27 * HOUR


def test_several_acts_are_undone_one_after_the_other_the_last_first(engine: Engine) -> None:
    mql_id = engine.receives()
    stages = [everything(engine)]
    for name in ("accept", "contacted", "qualified"):
        does(engine, name, mql_id)
        stages.append(everything(engine))
    assert refusal(undoes(engine, which=0)) == Refusal.UNDO_CHANGED
    for place in (2, 1, 0):
        assert isinstance(undoes(engine, which=place), Done)
        assert everything(engine) == stages[place]


def test_only_who_acted_undoes_it_for_ten_minutes_and_once(engine: Engine) -> None:
    mql_id = engine.receives()
    does(engine, "accept", mql_id)
    assert refusal(undoes(engine, by="U1")) == Refusal.UNDO_NOT_YOURS
    assert refusal(undoes(engine, at=HOUR + undo.UNDO_WITHIN)) == Refusal.UNDO_OVER
    assert isinstance(undoes(engine, at=HOUR + undo.UNDO_WITHIN - MINUTE), Done)
    assert refusal(undoes(engine)) == Refusal.UNDONE_ALREADY
    assert len(engine.log(mql_id, EventType.UNDO)) == 1


def test_what_somebody_else_has_gone_on_from_is_not_undone(engine: Engine) -> None:
    mql_id = engine.receives()
    does(engine, "accept", mql_id)
    engine.has("U5", "head")
    engine.does(response.reassign, mql_id, "U5", "U1", None, now=NOW + HOUR + MINUTE)
    outcome = undoes(engine, at=HOUR + 2 * MINUTE)
    assert isinstance(outcome, Refused)
    assert (outcome.reason, outcome.by) == (Refusal.UNDO_OVERTAKEN, "U5")
    assert engine.mql(mql_id).owner == "U1"


@pytest.mark.parametrize("act", ["withdraw", "unfit"])
def test_a_lead_that_is_back_meanwhile_stays_with_sales_once(engine: Engine, act: str) -> None:
    lead: dict[str, Any] = {"email": "taro@acme.example"}
    mql_id = engine.receives(**lead)
    does(engine, "accept", mql_id)
    does(engine, act, mql_id)
    with engine.database.transaction() as tx:
        again = intake.receive(tx, WORKSPACE, Lead(**lead), Source.GENERIC, NOW + HOUR + MINUTE)
    assert again.mql_id != mql_id
    outcome = undoes(engine)
    assert isinstance(outcome, Refused)
    assert (outcome.reason, outcome.number) == (Refusal.LEAD_IS_BACK, again.number)


def test_the_turn_that_an_unfit_lead_gave_back_is_taken_again(engine: Engine) -> None:
    mql_id = engine.receives()
    does(engine, "accept", mql_id)
    before = everything(engine)["member"]
    does(engine, "unfit", mql_id)
    assert everything(engine)["member"] != before
    undoes(engine)
    assert everything(engine)["member"] == before


def test_two_devices_undo_it_once(engine: Engine) -> None:
    mql_id = engine.receives()
    does(engine, "accept", mql_id)
    (act,) = acts(engine)

    def press() -> ActionResult:
        with engine.database.transaction() as tx:
            return undo.undo(tx, WORKSPACE, act.id, "U9", NOW + HOUR + MINUTE)

    outcomes = overlapping(engine.database, press, press)
    assert sorted(str(refusal(outcome)) for outcome in outcomes) == ["None", "undone_already"]
    assert len(engine.log(mql_id, EventType.UNDO)) == 1


def test_the_button_is_offered_while_it_works_and_taken_away_after(engine: Engine) -> None:
    mql_id = engine.receives()
    does(engine, "accept", mql_id)

    def offered() -> bool:
        with engine.database.snapshot() as tx:
            return mql_id in undos.offered(tx, WORKSPACE, [mql_id])

    assert offered()
    does(engine, "contacted", mql_id, at=HOUR + MINUTE)
    undoes(engine, at=HOUR + 2 * MINUTE)
    assert offered(), "of the acceptance"
    edits = len(engine.messages(mql_id, MessageKind.EDIT))
    with engine.database.transaction() as tx:
        assert [undo.end(tx, act, NOW + 2 * HOUR) for act in undos.over(tx, NOW + 2 * HOUR, 10)] == [1, 1]
    assert not offered()
    assert len(engine.messages(mql_id, MessageKind.EDIT)) >= edits


@pytest.mark.parametrize("beside", [EventType.ASKED, EventType.TOUCH_DUE, EventType.REMINDED])
def test_a_question_to_the_owner_leaves_the_button_that_is_in_its_messages(engine: Engine, beside: EventType) -> None:
    mql_id = engine.receives()
    does(engine, "contacted", mql_id)
    with engine.database.transaction() as tx:
        subject = mqls.locked(tx, WORKSPACE, mql_id)
        assert subject is not None
        mqls.log(tx, subject, beside, NOW + 2 * HOUR, NOW + 2 * HOUR, before="U1")
        assert mql_id in undos.offered(tx, WORKSPACE, [mql_id])


@pytest.mark.parametrize("act", ["withdraw", "contacted", "qualified"])
def test_what_would_bring_back_a_clock_that_a_move_of_all_has_passed_by_is_not_undone(engine: Engine, act: str) -> None:
    engine.agrees(response="contacted")
    mql_id = engine.receives()
    if act == "qualified":
        does(engine, "accept", mql_id)
    does(engine, act, mql_id, at=HOUR + MINUTE)
    engine.agrees(response="contacted", response_hours=1)
    engine.moves(NOW + HOUR + 2 * MINUTE)
    stands = everything(engine)
    assert acts(engine) == []
    with engine.database.transaction() as tx:
        assert refusal(undo.undo(tx, WORKSPACE, 1, "U9", NOW + HOUR + 3 * MINUTE)) == Refusal.UNDO_OVER
    assert everything(engine) == stands


def test_an_agreement_that_changes_for_new_leads_alone_leaves_what_can_be_undone(engine: Engine) -> None:
    mql_id = engine.receives()
    was = everything(engine)["clock"]
    does(engine, "withdraw", mql_id)
    engine.agrees(response_hours=1)
    undoes(engine)
    assert everything(engine)["clock"] == was


def test_moving_to_the_policy_that_holds_already_leaves_what_can_be_undone(engine: Engine) -> None:
    mql_id = engine.receives()
    does(engine, "withdraw", mql_id)
    engine.moves(NOW + HOUR + MINUTE)
    undoes(engine)
    assert engine.mql(mql_id).status == "assigned"


def test_a_promise_that_an_outcome_had_dropped_holds_again(engine: Engine) -> None:
    mql_id = engine.receives()
    does(engine, "contacted", mql_id)
    owner = engine.mql(mql_id).owner
    engine.does(next_touch.promise, mql_id, owner, (NOW + 3 * DAY).date(), now=NOW + HOUR)
    before = everything(engine)["next_touch"]
    does(engine, "qualified", mql_id)
    assert everything(engine)["next_touch"] != before
    undoes(engine)
    assert everything(engine)["next_touch"] == before


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.sampled_from(["U1", "U2", "U9"])), min_size=1, max_size=6))
def test_whatever_was_done_undoing_it_leaves_what_was_before(engine: Engine, steps: list[tuple[str, str]]) -> None:
    mql_id = engine.receives(email=None)
    for place, (name, by) in enumerate(steps):
        before, known = everything(engine), len(acts(engine))
        at = HOUR + place * MINUTE
        outcome = does(engine, name, mql_id, by, at=at)
        if isinstance(outcome, Refused) or len(acts(engine)) == known:
            continue  # refused, or a correction, which is corrected again instead
        assert isinstance(undoes(engine, by, at=at), Done)
        assert everything(engine) == before
        does(engine, name, mql_id, by, at=at)
