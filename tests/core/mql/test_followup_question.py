"""The owner is asked once more when they likely know what became of an MQL, and not every day. On both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.core.messages import relevance
from bot.core.mql import activity, feedback, followup_question, pauses, response, withdrawal
from bot.core.mql.activity import Activity
from bot.core.mql.feedback import Answer
from bot.core.sla.policy import QuietHours
from storage import followup_questions, mqls
from storage.database import Database
from storage.models import outbox
from storage.vocabulary import AskWhy, Disposition, EventType, Evidence, MessageKind
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE

pytestmark = pytest.mark.rules

TOKYO = ZoneInfo("Asia/Tokyo")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
QUALIFIED = Answer(disposition=Disposition.QUALIFIED)
# NOW is Tuesday the 17th, 10:00 in Tokyo.


def tokyo(day: int, hour: int = 10, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=TOKYO).astimezone(UTC)


@pytest.fixture
def engine(office: Database) -> Engine:
    """A team that works on working days, and has a month for the outcome, so that no reminder comes between."""
    engine = Engine(office)
    agrees(engine)
    return engine


def agrees(engine: Engine, **terms: Any) -> None:
    month: dict[str, Any] = {"calendar": "business_days", "feedback_days": 30, "feedback_escalation_days": 40}
    engine.agrees(**month | terms)


def accepted(engine: Engine, **lead: Any) -> int:
    mql_id = engine.receives(**lead)
    engine.does(response.accept, mql_id, engine.mql(mql_id).owner, now=NOW)
    return mql_id


def meets(engine: Engine, mql_id: int, at: datetime = NOW) -> None:
    reported = Activity(Evidence.MEETING, at, number=engine.mql(mql_id).number)
    with engine.database.transaction() as tx:
        activity.record(tx, WORKSPACE, reported, None, max(at, NOW))


def ticks(engine: Engine, now: datetime) -> int:
    """What a tick does about questions; returns how many were asked."""
    with engine.database.transaction() as tx:
        return sum(followup_question.ask(tx, *question, now) for question in followup_questions.due(tx, now, 100))


def asked(engine: Engine, mql_id: int) -> list[tuple[datetime, str]]:
    return [(event.at, event.data["why"]) for event in engine.log(mql_id, EventType.ASKED)]


def test_the_owner_is_asked_on_the_working_day_after_a_meeting(engine: Engine) -> None:
    mql_id = accepted(engine)
    meets(engine, mql_id)
    assert ticks(engine, tokyo(18) - HOUR) == 0
    assert ticks(engine, tokyo(18)) == 1
    assert asked(engine, mql_id) == [(tokyo(18), AskWhy.MEETING)]
    assert engine.told(mql_id, MessageKind.FEEDBACK_AGAIN) == ["U1"]
    assert ticks(engine, tokyo(30)) == 0, "once"


def test_a_meeting_on_a_friday_is_asked_of_on_monday(engine: Engine) -> None:
    mql_id = accepted(engine)
    meets(engine, mql_id, tokyo(20, 15))
    assert engine.mql(mql_id).ask_at == tokyo(23)


def test_where_ten_is_outside_the_opening_hours_it_is_their_beginning(engine: Engine) -> None:
    hours = {"kind": "business_hours", "hours": {"wednesday": ["09:00-18:00"], "thursday": ["13:00-18:00"]}}
    agrees(engine, calendar=hours)
    mql_id = accepted(engine)
    meets(engine, mql_id)
    assert engine.mql(mql_id).ask_at == tokyo(18)
    meets(engine, mql_id, tokyo(18))
    assert engine.mql(mql_id).ask_at == tokyo(19, 13)


def test_a_meeting_told_in_slack_counts_and_a_call_does_not(engine: Engine) -> None:
    met, called = accepted(engine), accepted(engine, company="Beta")
    engine.does(response.contacted, met, "U1", now=NOW)
    with engine.database.transaction() as tx:
        response.contacted(tx, WORKSPACE, met, "U1", NOW, Evidence.MEETING)
        response.contacted(tx, WORKSPACE, called, "U2", NOW, Evidence.CALL)
    assert (engine.mql(met).ask_at, engine.mql(called).ask_at) == (tokyo(18), None)


def test_the_owner_is_asked_on_the_working_day_after_the_end_of_a_pause(engine: Engine) -> None:
    mql_id = accepted(engine)
    engine.does(pauses.pause, mql_id, "U1", tokyo(20, 0), "they asked for the 20th", now=NOW)
    engine.sweeps(tokyo(20, 0))
    assert ticks(engine, tokyo(23)) == 1
    assert asked(engine, mql_id) == [(tokyo(23), AskWhy.PAUSE)]


def test_a_pause_that_somebody_ends_asks_nothing(engine: Engine) -> None:
    mql_id = accepted(engine)
    engine.does(pauses.pause, mql_id, "U1", tokyo(20, 0), "later", now=NOW)
    engine.does(pauses.resume, mql_id, "U1", now=NOW + HOUR)
    assert engine.mql(mql_id).ask_at is None


def test_a_recycled_lead_is_asked_of_after_its_day_and_no_other_outcome(engine: Engine) -> None:
    recycled, qualified = accepted(engine), accepted(engine, company="Beta")
    back = Answer(disposition=Disposition.RECYCLED, recycle_on=date(2026, 12, 1))
    for mql_id in (recycled, qualified):
        engine.does(feedback.give, mql_id, engine.mql(mql_id).owner, back, now=NOW)
    engine.does(feedback.give, qualified, "U2", QUALIFIED, now=NOW + HOUR)
    assert (engine.mql(recycled).ask_at, engine.mql(qualified).ask_at) == (tokyo(2, month=12), None)
    assert ticks(engine, tokyo(2, month=12)) == 1
    assert asked(engine, recycled) == [(tokyo(2, month=12), AskWhy.RETURN)]


@pytest.mark.parametrize("how", ["answered", "withdrawn", "paused", "left"])
def test_what_has_been_answered_or_waits_is_not_asked_for(engine: Engine, how: str) -> None:
    mql_id = accepted(engine)
    meets(engine, mql_id)
    if how == "answered":
        engine.does(feedback.give, mql_id, "U1", QUALIFIED, now=NOW)
    elif how == "withdrawn":
        engine.does(withdrawal.withdraw, mql_id, "U3", None, now=NOW)
    elif how == "paused":
        engine.does(pauses.pause, mql_id, "U1", tokyo(22, 0), "later", now=NOW)
    else:
        engine.has("U1", "rep", active=False)
    assert ticks(engine, tokyo(18)) == 0
    assert engine.mql(mql_id).ask_at is None
    assert asked(engine, mql_id) == []


def test_nobody_is_asked_twice_within_three_days(engine: Engine) -> None:
    mql_id = accepted(engine)
    meets(engine, mql_id)
    assert ticks(engine, tokyo(18)) == 1
    meets(engine, mql_id, tokyo(18, 15))
    assert ticks(engine, tokyo(19)) == 0
    assert engine.mql(mql_id).ask_at == tokyo(21)
    assert ticks(engine, tokyo(21)) == 1
    assert len(asked(engine, mql_id)) == 2


def test_a_reminder_of_the_feedback_clock_is_a_question_too(engine: Engine) -> None:
    agrees(engine, feedback_days=2, feedback_reminders=(0.5,), feedback_escalation_days=20)
    mql_id = accepted(engine)
    meets(engine, mql_id, NOW + 20 * HOUR)
    engine.sweeps(NOW + DAY)
    assert ticks(engine, tokyo(19)) == 0
    assert engine.mql(mql_id).ask_at == NOW + 4 * DAY


def test_nobody_is_asked_in_quiet_hours(engine: Engine) -> None:
    agrees(engine, quiet=QuietHours(start="20:00", end="11:00").model_dump())
    mql_id = accepted(engine)
    meets(engine, mql_id)
    assert engine.mql(mql_id).ask_at == tokyo(18, 11)
    assert ticks(engine, tokyo(18, 21)) == 0, "the bot was away until the evening"
    assert engine.mql(mql_id).ask_at == tokyo(19, 11)
    assert ticks(engine, tokyo(19, 11)) == 1


def test_the_policy_switches_it_off(engine: Engine) -> None:
    agrees(engine, feedback_ask_again=False)
    mql_id = accepted(engine)
    meets(engine, mql_id)
    assert engine.mql(mql_id).ask_at is None


def test_the_new_owner_is_asked_and_a_message_that_has_lost_its_reason_is_not_sent(engine: Engine) -> None:
    mql_id = accepted(engine)
    meets(engine, mql_id)
    engine.does(response.reassign, mql_id, "U3", "U2", None, now=NOW)
    ticks(engine, tokyo(18))
    (row,) = engine.messages(mql_id, MessageKind.FEEDBACK_AGAIN)
    assert row.target == "U2"
    with engine.database.transaction() as tx:
        assert relevance.reason_gone(tx, row) is None
        feedback.give(tx, WORKSPACE, mql_id, "U2", QUALIFIED, tokyo(18))
        assert relevance.reason_gone(tx, row) == "the MQL is qualified by now"


def test_two_ticks_at_once_ask_once(engine: Engine) -> None:
    mql_id = accepted(engine)
    meets(engine, mql_id)
    with engine.database.transaction() as tx:
        questions = followup_questions.due(tx, tokyo(18), 10) * 2
        assert [followup_question.ask(tx, *question, tokyo(18)) for question in questions] == [True, False]
        kinds = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.kind == MessageKind.FEEDBACK_AGAIN)
        assert tx.execute(kinds).scalar_one() == 1
        followup_questions.postpone(tx, WORKSPACE, mql_id, tokyo(20))
        subject = mqls.get(tx, WORKSPACE, mql_id)
        assert subject is not None
        assert subject.ask_at is None, "there is nothing left to postpone"
