"""The local Salesforce is held to what is known of the real one: logins, queries, conditions, conversion, messages."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from playground.crm.faults import CrmFault
from playground.crm.salesforce import MQL_FIELDS, Salesforce
from tests.playground.crm.kit import Door, Reply, call
from tests.playground.kit import Clock

DATA = "/services/data/v63.0"
Ask = Callable[..., Reply]


def log_in(crm: Salesforce, form: dict[str, str], headers: dict[str, str] | None = None) -> Reply:
    types = {"Content-Type": "application/x-www-form-urlencoded"} | (headers or {})
    return call(crm, "POST", "/services/oauth2/token", urlencode(form).encode(), types)


def with_secret(crm: Salesforce) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": crm.app.client_id,
        "client_secret": crm.app.client_secret,
    }


@pytest.fixture
def ask(salesforce: Salesforce) -> Ask:
    token = log_in(salesforce, with_secret(salesforce)).json["access_token"]

    def asked(
        method: str, path: str, body: object = None, headers: dict[str, str] | None = None, **query: str
    ) -> Reply:
        known = {"Authorization": f"Bearer {token}"} | (headers or {})
        return call(salesforce, method, DATA + path, body, known, **query)

    return asked


def part(node: dict[str, Any]) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(node).encode()).rstrip(b"=")


def lead(crm: Salesforce, name: str = "青木", **more: Any) -> str:
    return crm.add("Lead", LastName=name, Company="青葉", Email=f"{name}@example.com", **more).id


def code(answer: Reply) -> tuple[int, str]:
    return answer.status, answer.json[0]["errorCode"]


# Logging in


def test_client_credentials_are_taken_on_the_own_domain_alone_also_as_basic(salesforce: Salesforce) -> None:
    answer = log_in(salesforce, with_secret(salesforce))
    assert answer.status == 200
    assert answer.json["instance_url"] == salesforce.base_url
    assert not {"refresh_token", "expires_in"} & set(answer.json)
    basic = base64.b64encode(f"{salesforce.app.client_id}:{salesforce.app.client_secret}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}"}
    assert log_in(salesforce, {"grant_type": "client_credentials"}, headers).status == 200
    salesforce.app.run_as = ""
    refusal = log_in(salesforce, with_secret(salesforce))
    assert (refusal.status, refusal.json["error_description"]) == (400, "no client credentials user enabled")
    salesforce.oauth.my_domain = False
    refusal = log_in(salesforce, with_secret(salesforce))
    assert (refusal.json["error"], refusal.json["error_description"]) == (
        "invalid_grant",
        "request not supported on this domain",
    )


def test_a_secret_that_is_wrong_is_refused(salesforce: Salesforce) -> None:
    answer = log_in(salesforce, with_secret(salesforce) | {"client_secret": "x"})
    assert (answer.status, answer.json["error"]) == (400, "invalid_client")


@pytest.mark.parametrize(
    ("changed", "description"),
    [
        ({}, ""),
        ({"aud": "https://sample.my.salesforce.com"}, "audience is invalid"),
        ({"exp": 181}, "assertion is expired or lives too long"),
        ({"exp": -1}, "assertion is expired or lives too long"),
        ({"sub": "nobody@example.com"}, "user hasn't approved this consumer"),
        ({"key": "other"}, "invalid assertion"),
    ],
)
def test_an_assertion_is_signed_short_lived_and_of_an_approved_user(
    salesforce: Salesforce, clock: Clock, changed: dict[str, Any], description: str
) -> None:
    key = rsa.generate_private_key(65537, 2048)
    salesforce.app.certificate = key.public_key()
    claims: dict[str, Any] = {
        "iss": salesforce.app.client_id,
        "sub": salesforce.app.username,
        "aud": "https://login.salesforce.com",
        "exp": 180,
    } | {name: value for name, value in changed.items() if name != "key"}
    claims["exp"] += int(clock.at.timestamp())
    signed = part({"alg": "RS256"}) + b"." + part(claims)
    signer = rsa.generate_private_key(65537, 2048) if "key" in changed else key
    signature = base64.urlsafe_b64encode(signer.sign(signed, padding.PKCS1v15(), SHA256())).rstrip(b"=")
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    answer = log_in(salesforce, {"grant_type": grant, "assertion": (signed + b"." + signature).decode()})
    assert answer.json.get("error_description", "") == description


def test_a_session_that_has_ended_is_401(salesforce: Salesforce, ask: Ask) -> None:
    salesforce.end_sessions()
    assert code(ask("GET", "/limits")) == (401, "INVALID_SESSION_ID")


# Reading


def test_queries_are_paged_by_two_thousand_and_their_rest_lives_two_days(
    salesforce: Salesforce, ask: Ask, clock: Clock
) -> None:
    for number in range(2_003):
        lead(salesforce, str(number))
    page = ask("GET", "/query", q="SELECT Id, Email FROM Lead ORDER BY SystemModstamp, Id").json
    assert (page["totalSize"], page["done"], len(page["records"])) == (2_003, False, 2_000)
    assert set(page["records"][0]) == {"attributes", "Id", "Email"}
    rest = ask("GET", page["nextRecordsUrl"].removeprefix(DATA)).json
    assert (rest["done"], len(rest["records"])) == (True, 3)
    page = ask("GET", "/query", q="SELECT Id FROM Lead").json
    clock.advance(timedelta(days=2, seconds=1))
    assert code(ask("GET", page["nextRecordsUrl"].removeprefix(DATA))) == (400, "INVALID_QUERY_LOCATOR")


def test_a_keyset_of_moment_and_id_gets_past_leads_of_one_second(
    salesforce: Salesforce, ask: Ask, clock: Clock
) -> None:
    first, second = lead(salesforce, "a"), lead(salesforce, "b")
    at = clock.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    clock.advance(timedelta(seconds=1))
    third = lead(salesforce, "c")

    def asked(where: str) -> list[str]:
        rows = ask("GET", "/query", q=f"SELECT Id FROM Lead WHERE {where} ORDER BY SystemModstamp, Id LIMIT 2000").json
        return [each["Id"] for each in rows["records"]]

    assert asked(f"SystemModstamp >= {at}") == [first, second, third]
    assert asked(f"SystemModstamp > {at} OR (SystemModstamp = {at} AND Id > '{first}')") == [second, third]
    assert asked(f"Id IN ('{first}', '{third}') AND IsConverted = false") == [first, third]
    assert asked("Email = 'B@EXAMPLE.com'") == [second]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("SELECT Id FROM Lead WHERE Status = 'a' AND Email = 'b' OR Email = 'c'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE SystemModstamp >= '2026-11-24T01:00:00Z'", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Description = 'x'", "INVALID_FIELD"),
        ("SELECT Id, Nothing__c FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Leads", "INVALID_TYPE"),
        ("SELECT * FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Email LIKE 'a%'", "MALFORMED_QUERY"),
    ],
)
def test_a_query_that_cannot_be_answered_says_so(ask: Ask, query: str, error: str) -> None:
    assert code(ask("GET", "/query", q=query)) == (400, error)


def test_describe_shows_what_the_user_may_see_and_write(salesforce: Salesforce, ask: Ask) -> None:
    salesforce.add_fields("Lead", MQL_FIELDS)
    salesforce.hide_field("Lead", "Rating")
    described = ask("GET", "/sobjects/Lead/describe").json
    fields = {each["name"]: each for each in described["fields"]}
    assert "Rating" not in fields
    assert (fields["MQL_Bot_Id__c"]["externalId"], fields["MQL_SLA_Due__c"]["type"]) == (True, "datetime")
    assert not fields["IsConverted"]["updateable"]
    assert next(each["value"] for each in fields["Status"]["picklistValues"]) == "Open - Not Contacted"
    rows = ask("GET", "/query", q="SELECT ApiName, MasterLabel, IsConverted FROM LeadStatus ORDER BY SortOrder").json
    assert [each["ApiName"] for each in rows["records"] if each["IsConverted"]] == ["Closed - Converted"]


def test_the_deleted_are_told_for_fifteen_days_without_seconds(salesforce: Salesforce, ask: Ask, clock: Clock) -> None:
    gone, kept, merged = (lead(salesforce, name) for name in "abc")
    salesforce.delete("Lead", gone)
    salesforce.merge(kept, merged)

    def asked(start: datetime, end: datetime) -> Reply:
        return ask("GET", "/sobjects/Lead/deleted/", start=start.isoformat(), end=end.isoformat())

    clock.advance(timedelta(seconds=30))
    assert asked(clock.at, clock.at).status == 400
    answer = asked(clock.at - timedelta(seconds=30), clock.at + timedelta(minutes=1)).json
    assert {each["id"] for each in answer["deletedRecords"]} == {gone, merged}
    assert set(answer) == {"deletedRecords", "earliestDateAvailable", "latestDateCovered"}
    assert asked(clock.at - timedelta(days=16), clock.at).status == 400
    rows = ask("GET", "/queryAll", q=f"SELECT MasterRecordId FROM Lead WHERE Id IN ('{gone}', '{merged}') ORDER BY Id")
    assert [each["MasterRecordId"] for each in rows.json["records"]] == [None, kept]
    assert code(ask("GET", f"/sobjects/Lead/{gone}")) == (404, "ENTITY_IS_DELETED")


def test_calls_are_counted_over_twenty_four_hours(salesforce: Salesforce, ask: Ask, clock: Clock) -> None:
    salesforce.daily = 2
    assert ask("GET", "/limits").headers["sforce-limit-info"] == "api-usage=1/2"
    assert ask("GET", "/limits").json == {"DailyApiRequests": {"Max": 2, "Remaining": 0}}
    answer = ask("GET", "/limits")
    assert (code(answer), answer.headers.get("retry-after")) == ((403, "REQUEST_LIMIT_EXCEEDED"), None)
    clock.advance(timedelta(hours=24))
    assert ask("GET", "/limits").status == 200


# Writing


def test_assignment_rules_overrule_an_owner_unless_they_are_switched_off(salesforce: Salesforce, ask: Ask) -> None:
    rule, sato = salesforce.add_user("Rule", "rule@example.com"), salesforce.add_user("佐藤", "sato@example.com")
    salesforce.records.assigned_to, number = rule, lead(salesforce)
    record = salesforce.records.rows["Lead"][number]
    assert ask("PATCH", f"/sobjects/Lead/{number}", {"OwnerId": sato}).status == 204
    assert record.values["OwnerId"] == rule
    assert ask("PATCH", f"/sobjects/Lead/{number}", {"OwnerId": sato}, {"Sforce-Auto-Assign": "FALSE"}).status == 204
    assert record.values["OwnerId"] == sato


def test_a_write_may_be_bound_to_a_moment_in_whole_seconds(salesforce: Salesforce, ask: Ask, clock: Clock) -> None:
    number = lead(salesforce)

    def write(since: str) -> Reply:
        return ask("PATCH", f"/sobjects/Lead/{number}", {"Title": "x"}, {"If-Unmodified-Since": since})

    clock.advance(timedelta(seconds=10))
    salesforce.edit("Lead", number, Title="部長")
    early = (clock.at - timedelta(seconds=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert write(early).status == 412
    assert write("yesterday").status == 400
    now = clock.at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    # Two edits within one second pass: the condition is weak.
    assert [write(now).status, write(now).status] == [204, 204]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"Status": "Contacted"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"Status": "Closed - Converted"}, "INVALID_STATUS"),
        ({"Title": "あ" * 129}, "STRING_TOO_LONG"),
        ({"Nothing__c": "x"}, "INVALID_FIELD"),
        ({"IsConverted": True}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"OwnerId": "0055e0000009999AAA"}, "INVALID_CROSS_REFERENCE_KEY"),
        ({"Phone": "1"}, "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        ({"Company": ""}, "REQUIRED_FIELD_MISSING"),
        ({"Email": "x"}, "INVALID_EMAIL_ADDRESS"),
    ],
)
def test_a_value_that_does_not_fit_changes_nothing(
    salesforce: Salesforce, ask: Ask, given: dict[str, Any], error: str
) -> None:
    salesforce.records.types["Lead"].rules["Phone"] = "電話は国番号から入力してください。"
    number = lead(salesforce)
    before = dict(salesforce.records.rows["Lead"][number].values)
    assert code(ask("PATCH", f"/sobjects/Lead/{number}", {"Rating": "Hot"} | given)) == (400, error)
    assert salesforce.records.rows["Lead"][number].values == before


def test_a_conversion_is_a_persons_and_ends_all_writing(salesforce: Salesforce, ask: Ask) -> None:
    number = lead(salesforce)
    assert ask("POST", "/actions/standard/convertLead", {"leadId": number}).status == 404
    salesforce.convert(number)
    shown = ask("GET", f"/sobjects/Lead/{number}", fields="IsConverted,ConvertedDate,ConvertedOpportunityId").json
    assert (shown["IsConverted"], shown["ConvertedDate"]) == (True, "2026-11-24")
    deal = shown["ConvertedOpportunityId"]
    assert code(ask("PATCH", f"/sobjects/Lead/{number}", {"Title": "x"})) == (400, "CANNOT_UPDATE_CONVERTED_LEAD")
    salesforce.edit("Opportunity", deal, StageName="Closed Won", Amount=5_000_000.0)
    shown = ask("GET", f"/sobjects/Opportunity/{deal}", fields="IsWon,IsClosed,Amount").json
    assert (shown["IsWon"], shown["IsClosed"], shown["Amount"]) == (True, True, 5_000_000.0)


def test_a_task_is_made_and_a_call_is_a_completed_one(salesforce: Salesforce, ask: Ask, clock: Clock) -> None:
    number = lead(salesforce)
    made = ask("POST", "/sobjects/Task", {"WhoId": number, "Subject": "架電", "ActivityDate": "2026-11-25"})
    assert (made.status, made.json["success"]) == (201, True)
    call_made = salesforce.log_call(number, salesforce.integration)
    salesforce.log_email(number, salesforce.integration)
    salesforce.log_event(number, salesforce.integration, clock.at)
    query = f"SELECT Id, TaskSubtype, CompletedDateTime FROM Task WHERE WhoId = '{number}' AND Status = 'Completed'"
    rows = ask("GET", "/query", q=query).json["records"]
    assert [(each["Id"], each["TaskSubtype"]) for each in rows] == [(call_made.id, "Call")]
    rows = ask("GET", "/query", q=f"SELECT EmailMessageId FROM EmailMessageRelation WHERE RelationId = '{number}'").json
    assert rows["totalSize"] == 1
    salesforce.records.types["Task"].can.discard("create")
    assert code(ask("POST", "/sobjects/Task", {"WhoId": number})) == (403, "INSUFFICIENT_ACCESS")
    salesforce.records.types["EmailMessage"].can.clear()
    assert code(ask("GET", "/query", q="SELECT Id FROM EmailMessage")) == (400, "INVALID_TYPE")


def test_an_upsert_by_our_number_makes_once_and_names_several(salesforce: Salesforce, ask: Ask) -> None:
    salesforce.add_fields("Lead", MQL_FIELDS)
    path, given = "/sobjects/Lead/MQL_Bot_Id__c/7", {"LastName": "青木", "Company": "青葉"}
    assert ask("PATCH", path, given, updateOnly="true").status == 404
    answers = [ask("PATCH", path, given) for _ in range(2)]
    assert [(each.status, each.json["created"]) for each in answers] == [(201, True), (200, False)]
    assert ask("PATCH", path, given | {"MQL_Bot_Id__c": "7"}).status == 400
    lead(salesforce, MQL_Bot_Id__c="7")
    answer = ask("PATCH", path, given)
    assert (answer.status, len(answer.json)) == (300, 2)


def test_a_lead_with_a_known_address_is_made_only_where_that_is_allowed(salesforce: Salesforce, ask: Ask) -> None:
    lead(salesforce)
    given = {"LastName": "青木", "Company": "青葉", "Email": "青木@example.com"}
    assert code(ask("POST", "/sobjects/Lead", given)) == (400, "DUPLICATES_DETECTED")
    assert ask("POST", "/sobjects/Lead", given, {"Sforce-Duplicate-Rule-Header": "allowSave=true"}).status == 201


# Faults


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (CrmFault.UNAUTHORIZED, (401, "INVALID_SESSION_ID")),
        (CrmFault.MISSING_SCOPES, (403, "INSUFFICIENT_ACCESS")),
        (CrmFault.PRECONDITION, (412, "PRECONDITION_FAILED")),
        (CrmFault.LOCKED, (400, "UNABLE_TO_LOCK_ROW")),
        (CrmFault.RATE_LIMIT, (403, "REQUEST_LIMIT_EXCEEDED")),
        (CrmFault.DAILY_LIMIT, (403, "REQUEST_LIMIT_EXCEEDED")),
        (CrmFault.VALIDATION, (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION")),
        (CrmFault.ERROR_500, (500, "UNKNOWN_EXCEPTION")),
        (CrmFault.UNAVAILABLE, (503, "SERVER_UNAVAILABLE")),
    ],
)
def test_a_refusal_that_was_ordered_is_an_array_and_changes_nothing(
    salesforce: Salesforce, ask: Ask, fault: CrmFault, expected: tuple[int, str]
) -> None:
    number = lead(salesforce)
    salesforce.faults.add("Lead.update", fault, times=1)
    assert code(ask("PATCH", f"/sobjects/Lead/{number}", {"Title": "x"})) == expected
    assert salesforce.records.rows["Lead"][number].values["Title"] is None


def test_an_answer_that_is_lost_leaves_the_task(salesforce: Salesforce, ask: Ask) -> None:
    salesforce.faults.add("Task.create", CrmFault.LOSE_ANSWER, times=1)
    with pytest.raises((OSError, HTTPException)):
        ask("POST", "/sobjects/Task", {"Subject": "x"})
    assert len(salesforce.records.rows["Task"]) == 1


# Outbound messages


def test_an_outbound_message_is_soap_without_empty_fields_and_wants_its_ack(
    salesforce: Salesforce, door: Door, clock: Clock
) -> None:
    salesforce.outbound.url, salesforce.outbound.fields = door.url, ("Id", "Status", "Company", "Title")
    number = salesforce.add("Lead", LastName="a", Company="青葉 & Co").id
    assert salesforce.outbound.deliver_due() == 0
    assert "青葉 &amp; Co" in door.taken[0].body.decode()
    assert f"<sf:Id>{number}</sf:Id>" in door.taken[0].body.decode()
    assert "Title" not in door.taken[0].body.decode()
    assert not [name for name in door.taken[0].headers if "signature" in name]
    first = door.taken[0].body.partition(b"<Notification>")[2]
    door.answer = b"<notificationsResponse><Ack>false</Ack></notificationsResponse>"
    clock.advance(timedelta(minutes=1))
    assert salesforce.outbound.deliver_due() == 0
    door.answer = b"<notificationsResponse><Ack>true</Ack></notificationsResponse>"
    clock.advance(timedelta(minutes=2))
    assert salesforce.outbound.deliver_due() == 1
    assert door.taken[2].body.partition(b"<Notification>")[2] == first


def test_a_message_nobody_acknowledges_is_given_up_after_a_day(
    salesforce: Salesforce, door: Door, clock: Clock
) -> None:
    salesforce.outbound.url = door.url
    for number in range(101):
        lead(salesforce, str(number))
    start = clock.at
    while salesforce.outbound.waiting:
        salesforce.outbound.deliver_due()
        clock.advance(timedelta(hours=2))
    assert timedelta(hours=24) <= clock.at - start <= timedelta(hours=40)
    assert door.taken[0].body.count(b"<Notification>") == 100
    assert salesforce.outbound.lost == 101


def test_moments_are_whole_seconds_in_universal_time(salesforce: Salesforce, ask: Ask, clock: Clock) -> None:
    clock.at = datetime(2026, 11, 24, 1, 0, 0, 999_000, tzinfo=UTC)
    shown = ask("GET", f"/sobjects/Lead/{lead(salesforce)}", fields="SystemModstamp").json
    assert shown["SystemModstamp"] == "2026-11-24T01:00:00.000+0000"
