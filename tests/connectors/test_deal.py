from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given

from bot.connectors import deal
from bot.connectors.problems import FieldProblem
from bot.core.mql.deals import AMOUNT_MOST, Deal, DealReport, Lead
from storage.vocabulary import DealResult, Source
from tests.connectors.test_generic import JSON

GOOD = {"number": 12, "outcome": "won", "on": "2026-12-10", "amount": 4_800_000}
ON = date(2026, 12, 10)


def read(**fields: object) -> DealReport:
    result = deal.read(json.dumps(GOOD | fields).encode())
    assert isinstance(result, DealReport), result
    return result


def wrong(**fields: object) -> dict[str, str]:
    result = deal.read(json.dumps(GOOD | fields).encode())
    assert isinstance(result, list), result
    assert all(problem.message.endswith(".") for problem in result)
    return {problem.field: problem.problem for problem in result}


def test_a_full_outcome_is_read_as_it_was_sent() -> None:
    sent = {"external_id": 31234, "source": "notification", "email": "Jane.Doe@EXAMPLE.com"}
    lead = Lead(12, Source.NOTIFICATION, "31234", "jane.doe@example.com")
    assert read(**sent) == DealReport(lead, Deal(result=DealResult.WON, on=ON, amount=4_800_000))


def test_what_is_lost_needs_no_amount_and_what_is_open_no_day() -> None:
    assert read(outcome="Lost", amount=None).deal == Deal(result=DealResult.LOST, on=ON)
    assert read(outcome="open", on=None, amount=None).deal is None


def test_digits_in_a_text_are_an_amount_and_a_number() -> None:
    report = read(number="#12", amount="4800000")
    assert (report.lead.number, report.deal and report.deal.amount) == (12, 4_800_000)


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({"outcome": None}, {"outcome": "not_given"}),
        ({"outcome": "maybe"}, {"outcome": "not_one_of"}),
        ({"on": None}, {"on": "not_given"}),
        ({"on": "10/12/2026"}, {"on": "not_a_day"}),
        ({"amount": None}, {"amount": "not_given"}),
        ({"amount": -5}, {"amount": "not_an_amount"}),
        ({"amount": "480万"}, {"amount": "not_an_amount"}),
        ({"amount": 1.5}, {"amount": "wrong_type"}),
        ({"amount": True}, {"amount": "wrong_type"}),
        ({"amount": AMOUNT_MOST}, {"amount": "out_of_range"}),
        ({"amount": "9" * 5000}, {"amount": "out_of_range"}),
        ({"number": None}, {"": "nobody"}),
        ({"stage": "closed"}, {"stage": "unknown_field"}),
    ],
)
def test_what_is_wrong_is_named_at_its_field(fields: dict[str, object], problems: dict[str, str]) -> None:
    assert wrong(**fields) == problems


@given(JSON)
def test_no_json_breaks_it(value: object) -> None:
    result = deal.read(json.dumps(value).encode())
    assert isinstance(result, DealReport) or all(isinstance(problem, FieldProblem) for problem in result)
