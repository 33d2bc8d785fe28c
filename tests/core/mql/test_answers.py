"""What an answer may say, and which one stands."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot.core.mql import feedback, response, withdrawal
from bot.core.mql.feedback import Answer
from storage.database import Database
from storage.vocabulary import Disposition, Status
from tests.core.kit import Engine, accept_and_report
from tests.workspace import NOW, WORKSPACE

pytestmark = pytest.mark.rules

HOUR = timedelta(hours=1)
DAY_TO_COME = date(2027, 4, 1)
QUALIFIED = Answer(disposition=Disposition.QUALIFIED, amount=1)
LOST: dict[str, Any] = {"disposition": Disposition.DISQUALIFIED, "lost_reason": "no_budget"}
LATER: dict[str, Any] = {"disposition": Disposition.RECYCLED, "comment": "next year"}


@pytest.mark.parametrize(
    "stray",
    [
        {"disposition": Disposition.QUALIFIED, "lost_reason": "no_budget"},
        {"disposition": Disposition.DISQUALIFIED},
        LOST | {"amount": 0},
        LOST | {"next_step": "A call"},
        LATER | {"amount": 1},
        LATER | {"next_step": "A call"},
        LOST | {"recycle_on": DAY_TO_COME},
        {"disposition": Disposition.QUALIFIED, "recycle_on": DAY_TO_COME},
        {"disposition": Disposition.RECYCLED},
    ],
)
def test_what_does_not_belong_to_an_answer_is_refused(stray: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Answer.model_validate(stray)


@pytest.mark.parametrize(
    "whole",
    [
        LOST | {"comment": "Too small"},
        LATER,
        {"disposition": Disposition.RECYCLED, "recycle_on": DAY_TO_COME},
        {"disposition": Disposition.QUALIFIED},
        {"disposition": Disposition.QUALIFIED, "amount": 0, "next_step": "A call"},
    ],
)
def test_what_belongs_to_it_is_taken(whole: dict[str, Any]) -> None:
    assert Answer.model_validate(whole).model_dump(exclude_unset=True) == whole


def stands(engine: Engine, mql_id: int, answer: Answer) -> bool:
    with engine.database.snapshot() as tx:
        return feedback.stands(tx, WORKSPACE, mql_id, answer)


def test_the_very_answer_that_counts_stands_and_no_other(office: Database) -> None:
    engine = Engine(office)
    mql_id, withdrawn = engine.receives(), engine.receives(company="Beta")
    engine.has("U4", "marketer")
    assert not stands(engine, mql_id, QUALIFIED)
    engine.does(accept_and_report, mql_id, "U1", QUALIFIED, now=NOW)
    assert stands(engine, mql_id, QUALIFIED)
    assert not stands(engine, mql_id, QUALIFIED.model_copy(update={"amount": 2}))
    assert not stands(engine, 999, QUALIFIED)
    engine.does(withdrawal.withdraw, withdrawn, "U4", None, now=NOW)
    assert not stands(engine, withdrawn, QUALIFIED), "what was withdrawn has no answer"


def test_a_correction_leaves_the_moment_of_the_first_answer(office: Database) -> None:
    engine = Engine(office)
    mql_id = engine.receives()
    engine.does(response.accept, mql_id, "U1", now=NOW)
    engine.does(feedback.give, mql_id, "U1", QUALIFIED, now=NOW + HOUR)
    engine.does(feedback.give, mql_id, "U1", Answer.model_validate(LATER), now=NOW + 2 * HOUR)
    mql = engine.mql(mql_id)
    assert (mql.status, mql.disposed_at) == (Status.RECYCLED, NOW + HOUR)
