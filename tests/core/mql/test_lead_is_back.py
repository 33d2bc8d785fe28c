"""A closed MQL cannot be corrected to qualified while its lead is with sales again; one that was won may stay so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.base.results import Done
from bot.core.mql import deals, feedback, response
from bot.core.mql.deals import Deal
from bot.core.mql.feedback import Answer
from storage import mqls, workspaces
from storage.database import Database
from storage.vocabulary import DealResult, DealSource, Disposition
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE

pytestmark = pytest.mark.rules

WON = Answer(disposition=Disposition.QUALIFIED)
UNFIT = Answer(disposition=Disposition.DISQUALIFIED, lost_reason="other")


@pytest.mark.parametrize(("answer", "back"), [(WON, None), (UNFIT, 2)])
def test_only_a_closed_one_says_as_which_its_lead_is_back(office: Database, answer: Answer, back: int | None) -> None:
    engine = Engine(office)
    first = engine.receives(email="jane@acme.example", external_id="9")
    engine.does(response.accept, first, "U1", now=NOW)
    engine.does(feedback.give, first, "U1", answer, now=NOW)
    if answer is WON:
        deal = Deal(result=DealResult.WON, on=NOW.date(), amount=1)
        with office.transaction() as tx:
            workspace = workspaces.get(tx, WORKSPACE)
            assert workspace is not None
            assert isinstance(deals.record(tx, workspace, first, DealSource.CRM, deal, NOW), Done)
    engine.receives(NOW + timedelta(days=400), email="jane@acme.example", external_id="9")
    with office.snapshot() as tx:
        subject = mqls.get(tx, WORKSPACE, first)
        assert subject is not None
        assert mqls.by_number(tx, WORKSPACE, 2) is not None
        assert feedback.back_as(tx, subject) == back
