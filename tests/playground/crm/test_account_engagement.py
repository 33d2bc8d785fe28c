"""The local Account Engagement is held to what is known of the real one: token and business unit, fields, page tokens,
answers that are behind."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from playground.crm.account_engagement import AccountEngagement
from playground.crm.account_engagement.records import CustomField
from playground.crm.faults import CrmFault
from tests.playground.crm.kit import Reply, call
from tests.playground.kit import Clock


@pytest.fixture
def unit(clock: Clock) -> Iterator[AccountEngagement]:
    with AccountEngagement(clock.now, clock.monotonic) as crm:
        yield crm


def log_in(unit: AccountEngagement) -> str:
    given = {
        "grant_type": "client_credentials",
        "client_id": unit.app.client_id,
        "client_secret": unit.app.client_secret,
    }
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = call(unit, "POST", "/services/oauth2/token", urlencode(given).encode(), form)
    return str(answer.json["access_token"])


def ask(unit: AccountEngagement, method: str, path: str, body: object = None, **query: str) -> Reply:
    headers = {"Authorization": f"Bearer {log_in(unit)}", "Pardot-Business-Unit-Id": unit.business_unit}
    return call(unit, method, f"/api/v5/objects/{path}", body, headers, **query)


def refusal(answer: Reply) -> tuple[int, int]:
    return answer.status, answer.json["code"]


def test_a_call_needs_the_scope_and_the_business_unit(unit: AccountEngagement) -> None:
    assert ask(unit, "GET", "prospects", fields="id").status == 200
    token, business_unit = log_in(unit), unit.business_unit
    unit.business_unit = "0Uv000000000000000"
    assert refusal(
        call(
            unit,
            "GET",
            "/api/v5/objects/prospects",
            None,
            {"Authorization": f"Bearer {token}", "Pardot-Business-Unit-Id": business_unit},
            fields="id",
        )
    ) == (400, 181)
    unit.app.scopes = "api refresh_token"
    assert refusal(ask(unit, "GET", "prospects", fields="id")) == (401, 184)


def test_only_what_was_asked_for_is_returned(unit: AccountEngagement) -> None:
    unit.add_field(CustomField("MQL_Status", "MQL Status"))
    prospect = unit.add(email="a@b.example", score=40)
    unit.email(prospect.id, "News")
    shown = ask(unit, "GET", f"prospects/{prospect.id}", fields="id,score,MQL_Status__c").json
    assert shown == {"id": prospect.id, "score": 40, "MQL_Status__c": None}
    assert refusal(ask(unit, "GET", "prospects")) == (400, 5)
    assert refusal(ask(unit, "GET", "prospects", fields="id,gone__c")) == (400, 5)
    (sent, *_) = ask(unit, "GET", "visitor-activities", fields="type,listEmail.name").json["values"]
    assert sent == {"type": 6, "listEmail": {"name": "News"}}
    assert ask(unit, "GET", "prospects", fields="id", email="A@B.example").json["values"] == [{"id": prospect.id}]
    assert refusal(ask(unit, "GET", "prospects/7", fields="id")) == (404, 3)


def test_a_page_token_goes_on_for_four_hours_and_beside_it_stand_fields_alone(
    unit: AccountEngagement, clock: Clock
) -> None:
    for number in range(3):
        clock.advance(timedelta(seconds=60))
        unit.add(email=f"{number}@b.example")
    first = ask(unit, "GET", "prospects", fields="email", orderBy="updatedAt", limit="2").json
    token = {"fields": "email", "nextPageToken": first["nextPageToken"]}
    assert first["nextPageUrl"].endswith(first["nextPageToken"])
    rest = ask(unit, "GET", "prospects", **token).json
    emails = [each["email"] for each in (*first["values"], *rest["values"])]
    assert (emails, rest["nextPageToken"]) == (["0@b.example", "1@b.example", "2@b.example"], None)
    assert refusal(ask(unit, "GET", "prospects", **token, limit="2")) == (400, 5)
    clock.advance(timedelta(seconds=18000))
    assert refusal(ask(unit, "GET", "prospects", **token)) == (400, 5)
    assert refusal(ask(unit, "GET", "prospects", fields="id", limit="1001")) == (400, 23)
    since = (clock.now() - timedelta(hours=6)).isoformat()
    assert len(ask(unit, "GET", "prospects", fields="id", updatedAtAfterOrEqualTo=since).json["values"]) == 3
    assert refusal(ask(unit, "GET", "prospects", fields="id", updatedAtAfterOrEqualTo="2026-11-30")) == (400, 5)


def test_an_answer_may_be_a_minute_behind_and_that_of_a_write_is_not(unit: AccountEngagement, clock: Clock) -> None:
    prospect, fields = unit.add(email="a@b.example", comments="old"), {"fields": "comments"}
    unit.records.behind = timedelta(seconds=60)
    path = f"prospects/{prospect.id}"
    assert ask(unit, "PATCH", path, {"comments": "new"}, **fields).json == {"comments": "new"}
    assert ask(unit, "GET", path, **fields).json == {"comments": "old"}
    clock.advance(timedelta(seconds=61))
    assert ask(unit, "GET", path, **fields).json == {"comments": "new"}
    assert ask(unit, "PATCH", path, {"comments": "x"}).status == 204
    assert refusal(ask(unit, "PATCH", path, {"id": 7})) == (400, 5)


def test_abilities_and_the_calls_of_a_day_are_said_by_a_number(unit: AccountEngagement, clock: Clock) -> None:
    unit.abilities = {"Prospects > View"}
    for path in ("visitor-activities", "custom-fields"):
        assert refusal(ask(unit, "GET", path, fields="id")) == (400, 49)
    assert refusal(ask(unit, "PATCH", "prospects/0", {})) == (400, 49)
    unit.spent = unit.daily
    assert refusal(ask(unit, "GET", "prospects", fields="id")) == (400, 122)
    clock.advance(timedelta(seconds=86400))
    assert ask(unit, "GET", "prospects", fields="id").status == 200


@pytest.mark.parametrize(
    ("fault", "status", "number"), [(CrmFault.RATE_LIMIT, 400, 66), (CrmFault.UNAUTHORIZED, 401, 184)]
)
def test_a_fault_is_a_number_of_theirs(unit: AccountEngagement, fault: CrmFault, status: int, number: int) -> None:
    unit.faults.add("prospects.query", fault, times=1)
    assert refusal(ask(unit, "GET", "prospects", fields="id")) == (status, number)


def test_a_page_of_something_in_between_has_no_number(unit: AccountEngagement) -> None:
    unit.faults.add("prospects.query", CrmFault.UNAVAILABLE, times=1)
    answer: Any = ask(unit, "GET", "prospects", fields="id")
    assert (answer.status, answer.body[:1]) == (503, b"<")
