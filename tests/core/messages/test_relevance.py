"""Which message is still true: every kind against every state of the MQL that it is about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.core.messages import relevance
from bot.core.messages.kinds import KINDS
from bot.core.mql import disputes, feedback, pauses, response, withdrawal
from bot.core.mql.feedback import Answer
from storage import actions, alerts, definitions, members, mqls, workspaces
from storage.database import Database
from storage.models import LostReason, Outbox
from storage.vocabulary import (
    ActionStep,
    AlertKind,
    AskWhy,
    Disposition,
    MessageKind,
    OutboxState,
)
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE, configure

HOUR = timedelta(hours=1)
LATER = NOW + HOUR
OVER = Answer(disposition=Disposition.QUALIFIED)
BACK = Answer(disposition=Disposition.RECYCLED, comment="Next year")
LOST = Answer(disposition=Disposition.DISQUALIFIED, lost_reason="no_budget")


@pytest.fixture
def engine(database: Database) -> Engine:
    """U1 and U2 are reps, U3 a manager, U4 is of marketing. Their MQL goes to U1."""
    configure(database)
    engine = Engine(database)
    engine.has("U4", "marketer")
    engine.has("U9", "rep", active=False)
    with database.transaction() as tx:
        reason = LostReason(workspace_id=WORKSPACE, key="no_budget", position=0, ja="予算", en="Budget", unfit=False)
        workspaces.save_reasons(tx, WORKSPACE, [reason])
    return engine


def message(kind: MessageKind, target: str, mql_id: int | None = None, **data: Any) -> Outbox:
    ids: dict[str, Any] = {"id": 1, "workspace_id": WORKSPACE, "key": "key", "mql_id": mql_id}
    times: dict[str, Any] = {"due_at": NOW, "next_attempt_at": NOW, "created_at": NOW}
    priority = KINDS[kind].priority
    return Outbox(**ids, **times, kind=kind, priority=priority, target=target, state=OutboxState.SENDING, data=data)


def accept(engine: Engine, mql_id: int) -> None:
    engine.does(response.accept, mql_id, "U1", now=NOW)


def answer(given: Answer) -> Callable[[Engine, int], None]:
    def act(engine: Engine, mql_id: int) -> None:
        accept(engine, mql_id)
        engine.does(feedback.give, mql_id, "U1", given, now=LATER)

    return act


def dispute(engine: Engine, mql_id: int) -> None:
    answer(LOST)(engine, mql_id)
    engine.does(disputes.dispute, mql_id, "U4", "They have a budget", now=LATER)


def change(**columns: Any) -> Callable[[Engine, int], None]:
    def act(engine: Engine, mql_id: int) -> None:
        with engine.database.transaction() as tx:
            mqls.update(tx, WORKSPACE, mql_id, **columns)

    return act


def pause(engine: Engine, mql_id: int) -> None:
    engine.does(pauses.pause, mql_id, "U1", NOW + 24 * HOUR, "asked for a date", now=NOW)


def leave(engine: Engine, mql_id: int) -> None:
    engine.has("U1", "rep", active=False)


STATES: dict[str, Callable[[Engine, int], None]] = {
    "assigned": lambda engine, mql_id: None,
    "offered": change(offered=True),
    "moved": change(owner="U2"),
    "moved and offered": change(owner="U2", offered=True),
    "waiting": change(owner=None, status="unassigned"),
    "paused": pause,
    "left by its owner": leave,
    "accepted": accept,
    "contacted": lambda engine, mql_id: engine.does(response.contacted, mql_id, "U1", now=NOW),
    "qualified": answer(OVER),
    "recycled": answer(BACK),
    "disqualified": answer(LOST),
    "disputed": dispute,
    "withdrawn": lambda engine, mql_id: engine.does(withdrawal.withdraw, mql_id, "U4", "A test", now=NOW),
}
OPEN = {"assigned", "offered", "paused", "accepted", "contacted"}
UNANSWERED = {"assigned", "offered", "moved", "moved and offered", "waiting", "left by its owner"}
MESSAGES: dict[str, tuple[MessageKind, str, dict[str, Any], set[str]]] = {
    "assignment": (MessageKind.ASSIGNMENT, "U1", {}, OPEN),
    "reopened": (MessageKind.REOPENED, "U1", {}, OPEN),
    "reminder": (MessageKind.REMINDER, "U1", {}, {"assigned", "offered"}),
    "escalation": (MessageKind.ESCALATION, "U3", {}, UNANSWERED | {"paused"}),
    "offer": (MessageKind.OFFER, "U2", {}, {"offered", "waiting"}),
    "offer to a marketer": (MessageKind.OFFER, "U4", {}, set()),
    "offer to who left": (MessageKind.OFFER, "U9", {}, set()),
    "unassigned": (MessageKind.UNASSIGNED, "U3", {}, {"waiting"}),
    "owner left": (MessageKind.OWNER_LEFT, "U3", {"left": "U1"}, OPEN | {"left by its owner"}),
    "unreachable": (
        MessageKind.UNREACHABLE,
        "U3",
        {"whom": "U1", "error": "is_archived"},
        OPEN | {"left by its owner"},
    ),
    "feedback reminder": (MessageKind.FEEDBACK_REMINDER, "U1", {}, {"accepted", "contacted"}),
    "feedback reminder to another": (MessageKind.FEEDBACK_REMINDER, "U2", {}, set()),
    "feedback overdue": (MessageKind.FEEDBACK_OVERDUE, "U3", {}, {"accepted", "contacted"}),
    "asked after a meeting": (MessageKind.FEEDBACK_AGAIN, "U1", {"why": AskWhy.MEETING}, {"accepted", "contacted"}),
    "asked of a recycled one": (MessageKind.FEEDBACK_AGAIN, "U1", {"why": AskWhy.RETURN}, {"recycled"}),
    "paused while overdue": (MessageKind.PAUSED_OVERDUE, "U3", {}, {"paused"}),
    "pause over": (MessageKind.PAUSE_OVER, "U1", {}, OPEN - {"paused"}),
    "disputed": (MessageKind.DISPUTED, "U3", {}, {"disputed"}),
    "card": (MessageKind.CARD, "C1", {}, set(STATES)),
    "edit": (MessageKind.EDIT, "C1", {}, set(STATES)),
}


@pytest.mark.parametrize("state", STATES)
def test_a_message_is_sent_while_it_is_true(engine: Engine, state: str) -> None:
    mql_id = engine.receives()
    assert engine.mql(mql_id).owner == "U1"
    STATES[state](engine, mql_id)
    status = engine.mql(mql_id).status
    with engine.database.snapshot() as tx:
        gone = {
            name: relevance.reason_gone(tx, message(kind, target, mql_id, **data))
            for name, (kind, target, data, _) in MESSAGES.items()
        }
    assert {name for name, reason in gone.items() if reason is None} == {
        name for name, (*_, states) in MESSAGES.items() if state in states
    }
    assert {reason for reason in gone.values() if reason} == {f"the MQL is {status} by now"}


def test_what_is_about_no_mql_or_one_that_is_not_there(database: Database) -> None:
    with database.snapshot() as tx:
        assert relevance.reason_gone(tx, message(MessageKind.REMINDER, "U1", 99)) == "the MQL is gone"
        assert (
            relevance.reason_gone(tx, message(MessageKind.UNREACHABLE, "U1", None, whom="C1", error="is_archived"))
            is None
        )
        assert relevance.reason_gone(tx, message(MessageKind.CARD, "C1", 99)) is None


def test_an_alert_is_told_until_it_is_over_unless_it_may_be_in_slack(database: Database) -> None:
    with database.transaction() as tx:
        known = alerts.add(tx, WORKSPACE, AlertKind.TICKS_STOPPED, "", NOW, {}, ["U3"])
        assert known is not None
        row = message(MessageKind.ALERT, "U3", alert=known.id)
        assert relevance.reason_gone(tx, row) is None
        alerts.close(tx, known, LATER)
        assert relevance.reason_gone(tx, row) == "the alert is over"
        assert relevance.reason_gone(tx, row.model_copy(update={"maybe_sent": True})) is None
        assert relevance.reason_gone(tx, message(MessageKind.ALERT, "U3", alert=99)) is None


def test_an_action_is_told_as_it_stands(database: Database) -> None:
    words = {"what": "Call them", "owner": "U1", "due_on": "2026-11-20", "by": "U3", "at": NOW}
    with database.transaction() as tx:
        action = actions.add(tx, WORKSPACE, **words)

        def reason(kind: MessageKind, **data: Any) -> str | None:
            return relevance.reason_gone(tx, message(kind, "U1", action=action, **data))

        seen = actions.get(tx, WORKSPACE, action)
        assert seen is not None
        recorded = actions.log(tx, seen, ActionStep.RECORDED, "U3", NOW)
        due: dict[str, Any] = {"owner": "U1", "due_on": "2026-11-20"}
        assert reason(MessageKind.ACTION_DUE, **due) is None
        assert reason(MessageKind.ACTION_CHANGED, change=recorded) is None
        assert reason(MessageKind.ACTION_DUE, **due | {"owner": "U2"}) == "the action has moved on"
        actions.change(tx, seen, due_on="2026-11-21")
        moved = actions.get(tx, WORKSPACE, action)
        assert moved is not None
        changed = actions.log(tx, moved, ActionStep.CHANGED, "U3", LATER)
        assert reason(MessageKind.ACTION_DUE, **due) == "the action has moved on"
        assert reason(MessageKind.ACTION_CHANGED, change=recorded) == "the action has moved on"
        assert reason(MessageKind.ACTION_CHANGED, change=changed) is None
        actions.finish(tx, WORKSPACE, action, "U1", LATER)
        assert reason(MessageKind.ACTION_CHANGED, change=changed) == "the action is done"
        gone = message(MessageKind.ACTION_DUE, "U1", action=99, **due)
        assert relevance.reason_gone(tx, gone) == "the action is done"


def test_a_proposal_waits_until_both_sides_agree_or_another_comes(database: Database) -> None:
    words = {"text": "Has asked", "proposed_by": "U4", "proposed_at": NOW}
    with database.transaction() as tx:
        first = definitions.add(tx, WORKSPACE, number=1, **words)
        row = message(MessageKind.DEFINITION_PROPOSED, "U3", definition=first)
        assert relevance.reason_gone(tx, row) is None
        second = definitions.add(tx, WORKSPACE, number=2, **words)
        assert relevance.reason_gone(tx, row) == "the proposal is agreed upon or replaced"
        newer = message(MessageKind.DEFINITION_PROPOSED, "U3", definition=second)
        for side, by in (("marketing", "U4"), ("sales", "U3")):
            assert relevance.reason_gone(tx, newer) is None
            proposal = definitions.get(tx, WORKSPACE, second)
            assert proposal is not None
            definitions.agree(tx, proposal, side, by, LATER)
        assert relevance.reason_gone(tx, newer) == "the proposal is agreed upon or replaced"


def test_of_a_held_list_that_is_sent_which_is_still_true(engine: Engine) -> None:
    first, second = engine.receives(), engine.receives(company="Globex")
    owner = engine.mql(second).owner
    items = [
        {"kind": "reminder", "mql": mql_id, "event": event, "data": {"minutes": event}}
        for event, mql_id in enumerate((first, second), 7)
    ]
    row = message(MessageKind.HELD, "U1", items=items)
    accept(engine, first)
    assert owner == "U2"
    with engine.database.transaction() as tx:
        members.save(tx, WORKSPACE, "U2", name="U2", roles=["rep"])
        to_both = row.model_copy(update={"target": "U2"})
        (left,) = relevance.still_true(tx, to_both)
        assert relevance.still_true(tx, row) == []
    assert (left.kind, left.mql_id, left.event_id, left.data) == (MessageKind.REMINDER, second, 8, {"minutes": 8})
    assert relevance.singles(left) == [left]
