"""The local Marketo is held to what is known of the real one: codes behind 200, tokens that end, paging, limits."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from playground.crm.faults import CrmFault
from playground.crm.marketo import Marketo
from playground.crm.marketo.records import OPENED, SCORED, Field
from tests.playground.crm.kit import Reply, call
from tests.playground.kit import Clock

SINCE = "2026-01-01T00:00:00Z"


@pytest.fixture
def marketo(clock: Clock) -> Iterator[Marketo]:
    with Marketo(clock.now, clock.monotonic) as crm:
        yield crm


def log_in(marketo: Marketo, **other: str) -> Reply:
    given = {"grant_type": "client_credentials", "client_id": marketo.client_id, "client_secret": marketo.client_secret}
    return call(marketo, "GET", "/identity/oauth/token", None, None, **(given | other))


def ask(marketo: Marketo, method: str, path: str, body: object = None, token: str = "", **query: str) -> Any:
    token = token or log_in(marketo).json["access_token"]
    answer = call(marketo, method, f"/rest/v1/{path}", body, {"Authorization": f"Bearer {token}"}, **query)
    assert answer.status == 200
    return answer.json


def code(answer: Any) -> str:
    assert answer["success"] is False
    return str(answer["errors"][0]["code"])


def sync(marketo: Marketo, action: str, *given: dict[str, Any], lookup: str = "id") -> list[Any]:
    answer = ask(marketo, "POST", "leads.json", {"action": action, "lookupField": lookup, "input": list(given)})
    assert answer["success"]
    return [each.get("status") if each.get("id") else each["reasons"][0]["code"] for each in answer["result"]]


def test_a_token_lives_for_an_hour_is_shared_and_stands_in_a_header_alone(marketo: Marketo, clock: Clock) -> None:
    first = log_in(marketo).json
    clock.advance(timedelta(seconds=600))
    again = log_in(marketo).json
    assert (first["expires_in"], again["expires_in"]) == (3600, 3000)
    assert first["access_token"] == again["access_token"]
    clock.advance(timedelta(seconds=3000))
    assert code(ask(marketo, "GET", "leads/describe.json", token=first["access_token"])) == "602"
    assert code(ask(marketo, "GET", "leads/describe.json", token="wrong")) == "601"
    assert log_in(marketo, client_secret="wrong").status == 401
    path, token = "/rest/v1/leads/describe.json", log_in(marketo).json["access_token"]
    assert code(call(marketo, "GET", path, access_token=token).json) == "601"


def test_a_role_allows_or_603(marketo: Marketo) -> None:
    marketo.permissions = {"Read-Only Lead"}
    assert ask(marketo, "GET", "leads/describe.json")["success"]
    assert code(ask(marketo, "GET", "activities/types.json")) == "603"
    assert code(ask(marketo, "POST", "leads.json", {"input": [{"email": "a@b.example"}]})) == "603"


def test_a_write_is_answered_record_by_record(marketo: Marketo) -> None:
    marketo.add_field(Field("blocked", "Blocked", blocked=True))
    marketo.add_field(Field("due", "Due", "datetime"))
    person, other = marketo.add(email="a@b.example"), marketo.add(email="twice@b.example")
    marketo.add(email="twice@b.example")
    given = [
        {"id": person.id, "leadStatus": "Working", "blocked": "x"},
        {"id": 1, "leadStatus": "Working"},
        {"id": other.id, "nothing": "x"},
        {"id": other.id, "due": "tomorrow"},
    ]
    assert sync(marketo, "updateOnly", *given) == ["updated", "1004", "1006", "1001"]
    assert (person.values["leadStatus"], person.values.get("blocked")) == ("Working", None)
    email = [{"email": "twice@b.example"}, {"email": "a@b.example"}, {"email": "new@b.example"}]
    assert sync(marketo, "createOrUpdate", *email, lookup="email") == ["1007", "updated", "created"]
    assert sync(marketo, "createOnly", email[1], {"id": 7}, lookup="email") == ["1005", "1003"]
    many = [{"email": f"{n}@b.example"} for n in range(301)]
    assert code(ask(marketo, "POST", "leads.json", {"input": many})) == "1003"


def test_people_are_filtered_and_only_what_was_asked_for_comes(marketo: Marketo) -> None:
    for number in range(3):
        marketo.add(email=f"{number}@b.example", leadStatus="New")
    marketo.api.largest_page = 2
    query = {"filterType": "leadStatus", "filterValues": "new", "fields": "id,email"}
    page = ask(marketo, "GET", "leads.json", **query)
    rest = ask(marketo, "GET", "leads.json", **query, nextPageToken=page["nextPageToken"])
    assert [set(each) for each in (*page["result"], *rest["result"])] == [{"id", "email"}] * 3
    assert "nextPageToken" not in rest
    assert code(ask(marketo, "GET", "leads.json", filterType="id")) == "1003"
    assert code(ask(marketo, "GET", "leads.json", filterType="id", filterValues="1", fields="gone")) == "1006"


def test_a_paging_token_goes_on_where_the_page_before_ended(marketo: Marketo, clock: Clock) -> None:
    person = marketo.add(email="a@b.example")
    begun = ask(marketo, "GET", "activities/pagingtoken.json", sinceDatetime=SINCE)["nextPageToken"]
    marketo.api.largest_page = 1
    marketo.score(person.id, 10, "clicked")
    marketo.email(person.id, "News", OPENED)
    types = f"{SCORED},{OPENED}"
    first = ask(marketo, "GET", "activities.json", nextPageToken=begun, activityTypeIds=types)
    (scored,) = first["result"]
    assert first["moreResult"]
    assert {each["name"]: each["value"] for each in scored["attributes"]}["New Value"] == 10
    assert (scored["primaryAttributeValue"], scored["leadId"]) == ("Lead Score", person.id)
    more = ask(marketo, "GET", "activities.json", nextPageToken=first["nextPageToken"], activityTypeIds=types)
    assert [each["primaryAttributeValue"] for each in more["result"]] == ["News"]
    last = ask(marketo, "GET", "activities.json", nextPageToken=more["nextPageToken"], activityTypeIds=types)
    assert (last["result"], last["moreResult"]) == ([], False)
    marketo.records.lag = timedelta(minutes=1)
    marketo.score(person.id, 5)
    late = {"nextPageToken": last["nextPageToken"], "activityTypeIds": types}
    assert ask(marketo, "GET", "activities.json", **late)["result"] == []
    clock.advance(timedelta(seconds=120))
    assert len(ask(marketo, "GET", "activities.json", **late)["result"]) == 1


def test_changes_deletions_and_merges_are_lines_of_the_log(marketo: Marketo) -> None:
    kept, lost, gone = (marketo.add(email=f"{name}@b.example") for name in "abc")
    begun = {"nextPageToken": ask(marketo, "GET", "activities/pagingtoken.json", sinceDatetime=SINCE)["nextPageToken"]}
    marketo.edit(kept.id, leadStatus="Working", company="青葉")
    marketo.merge(kept.id, lost.id)
    marketo.delete(gone.id)
    changes = ask(marketo, "GET", "activities/leadchanges.json", **begun, fields="leadStatus", leadIds=str(kept.id))
    (field,) = changes["result"][-1]["fields"]
    assert (field["name"], field["oldValue"], field["newValue"]) == ("leadStatus", None, "Working")
    (merge,) = ask(marketo, "GET", "activities.json", **begun, activityTypeIds="32")["result"]
    assert merge["attributes"] == [{"name": "Merge IDs", "value": f"[{lost.id}]"}]
    deleted = ask(marketo, "GET", "activities/deletedleads.json", **begun)["result"]
    assert [each["leadId"] for each in deleted] == [gone.id]
    eleven = ",".join(str(n) for n in range(1, 12))
    assert code(ask(marketo, "GET", "activities.json", **begun, activityTypeIds=eleven)) == "1003"
    assert code(ask(marketo, "GET", "activities/leadchanges.json", **begun)) == "701"
    assert code(ask(marketo, "GET", "activities.json", activityTypeIds="22", nextPageToken="strange")) == "1003"


def test_calls_are_counted_in_twenty_seconds_and_by_days_that_begin_in_cst(marketo: Marketo, clock: Clock) -> None:
    token = log_in(marketo).json["access_token"]
    for _ in range(100):
        assert ask(marketo, "GET", "activities/types.json", token=token)["success"]
    assert code(ask(marketo, "GET", "activities/types.json", token=token)) == "606"
    clock.advance(timedelta(seconds=20))
    marketo.spent = 50_000
    assert code(ask(marketo, "GET", "activities/types.json", token=token)) == "607"
    clock.advance(timedelta(seconds=86400))
    assert ask(marketo, "GET", "activities/types.json")["success"]


def test_what_is_too_long_is_said_by_the_status(marketo: Marketo) -> None:
    assert call(marketo, "GET", "/rest/v1/leads.json", filterType="email", filterValues="x" * 9_000).status == 414
    assert call(marketo, "POST", "/rest/v1/leads.json", {"input": "x" * 1_100_000}).status == 413
    assert call(marketo, "GET", "/rest/v1/nothing.json").status == 404


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (CrmFault.UNAUTHORIZED, "601"),
        (CrmFault.MISSING_SCOPES, "603"),
        (CrmFault.LOCKED, "615"),
        (CrmFault.DAILY_LIMIT, "607"),
        (CrmFault.MIGRATION, "713"),
        (CrmFault.ERROR_500, "611"),
        (CrmFault.UNAVAILABLE, "608"),
        (CrmFault.TIMEOUT_524, "604"),
    ],
)
def test_a_fault_is_a_code_of_marketos(marketo: Marketo, fault: CrmFault, expected: str) -> None:
    marketo.faults.add("activities.types", fault, times=1)
    assert code(ask(marketo, "GET", "activities/types.json")) == expected
    assert ask(marketo, "GET", "activities/types.json")["success"]
