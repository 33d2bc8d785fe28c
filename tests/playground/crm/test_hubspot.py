"""The local HubSpot is held to what is known of the real one: paths, words, limits, and the habits that surprise."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from typing import Any

import pytest

from bot.connectors.sources.signatures import stamped
from playground.crm.faults import CrmFault
from playground.crm.hubspot import HubSpot, Option, Property, Subscription
from playground.crm.hubspot.webhooks import signature_1, signature_3
from tests.playground.crm.kit import Door, Reply, call
from tests.playground.kit import Clock

CONTACTS = "/crm/objects/2026-09/contacts"
SEARCH = CONTACTS + "/search"


@pytest.fixture
def ask(hubspot: HubSpot) -> Callable[..., Reply]:
    def asked(method: str, path: str, body: object = None, **query: str) -> Reply:
        return call(hubspot, method, path, body, {"Authorization": f"Bearer {hubspot.key}"}, **query)

    return asked


def email_search(*emails: str, **more: Any) -> dict[str, Any]:
    filters = [{"propertyName": "email", "operator": "IN", "values": list(emails)}]
    return {"filterGroups": [{"filters": filters}], "properties": ["email", "lifecyclestage"], **more}


# Who may ask, and where


def test_the_paths_of_the_version_are_there_and_no_others(ask: Callable[..., Reply]) -> None:
    assert ask("GET", CONTACTS).status == 200
    for path in ("/crm/v3/objects/contacts", "/crm/objects/v3/contacts", "/crm/objects/2026-03/contacts"):
        assert ask("GET", path).status == 404
    assert ask("GET", "/crm/objects/2026-09/0-1").json["results"] == []
    assert ask("GET", "/crm/objects/2026-09/persons").status == 400


def test_a_key_that_is_missing_wrong_or_revoked_is_401_and_two_work_while_one_rotates(hubspot: HubSpot) -> None:
    old, new = hubspot.key, hubspot.rotate_key()

    def seen(key: str) -> int:
        return call(hubspot, "GET", CONTACTS, headers={"Authorization": f"Bearer {key}"}).status

    assert [seen(old), seen(new), seen("pat-na1-x")] == [200, 200, 401]
    hubspot.revoke(old)
    assert seen(old) == 401
    answer = call(hubspot, "GET", CONTACTS)
    assert (answer.status, answer.json["category"]) == (401, "INVALID_AUTHENTICATION")


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        (CONTACTS, "crm.objects.contacts.read"),
        ("/crm/objects/2026-09/deals", "crm.objects.deals.read"),
        ("/crm/objects/2026-09/emails", "sales-email-read"),
        ("/crm/owners/2026-09", "crm.objects.owners.read"),
        ("/crm/properties/2026-09/contacts/hs_lead_status", "crm.schemas.contacts.read"),
        ("/crm/pipelines/2026-09/deals", "crm.objects.deals.read"),
        ("/account-info/2026-09/details", "oauth"),
    ],
)
def test_what_a_scope_is_missing_for_is_403_with_its_name(
    hubspot: HubSpot, ask: Callable[..., Reply], path: str, scope: str
) -> None:
    assert ask("GET", path).status == 200
    hubspot.scopes.discard(scope)
    answer = ask("GET", path)
    assert (answer.status, answer.json["category"]) == (403, "MISSING_SCOPES")
    assert answer.json["errors"][0]["context"]["requiredGranularScopes"] == [scope]


# Reading and writing a contact


def test_a_contact_is_read_with_what_was_asked_for_by_id_and_by_email(
    hubspot: HubSpot, ask: Callable[..., Reply]
) -> None:
    contact = hubspot.add("contacts", email="Hanako@Example.com", lastname="青木", lifecyclestage="lead")
    hubspot.edit("contacts", contact.id, lifecyclestage="marketingqualifiedlead")
    query = {"properties": "lastname,lifecyclestage,nothing", "propertiesWithHistory": "lifecyclestage"}
    answer = ask("GET", f"{CONTACTS}/{contact.id}", **query).json
    assert answer["properties"]["lastname"] == "青木"
    assert "nothing" not in answer["properties"]
    assert [each["value"] for each in answer["propertiesWithHistory"]["lifecyclestage"]] == [
        "marketingqualifiedlead",
        "lead",
    ]
    assert answer["propertiesWithHistory"]["lifecyclestage"][0]["sourceType"] == "CRM_UI"
    assert ask("GET", f"{CONTACTS}/hanako@example.com", idProperty="email").json["id"] == contact.id
    assert ask("GET", f"{CONTACTS}/{contact.id}", idProperty="lastname").status == 400
    assert ask("GET", f"{CONTACTS}/999").status == 404


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("nothing", "x", "PROPERTY_DOESNT_EXIST"),
        ("hs_lead_status", "CALLED", "INVALID_OPTION"),
        ("createdate", "2026-11-24T00:00:00Z", "READ_ONLY_VALUE"),
        ("email", "hanako", "INVALID_EMAIL"),
        ("mql_sla_due", "tomorrow", "INVALID_DATE"),
        ("hubspot_owner_id", "1", "INVALID_OWNER_ID"),
        ("phone", "090-1234", "VALIDATION_RULE"),
        ("lastname", None, "INVALID_VALUE"),
    ],
)
def test_a_value_that_is_not_valid_changes_nothing(
    hubspot: HubSpot, ask: Callable[..., Reply], name: str, value: object, code: str
) -> None:
    hubspot.add_property("contacts", Property("mql_sla_due", "datetime", "SLA due"))
    hubspot.set_rule("contacts", "phone", r"\+\d+")
    contact = hubspot.add("contacts", email="a@example.com", lastname="青木")
    answer = ask("PATCH", f"{CONTACTS}/{contact.id}", {"properties": {"firstname": "花子", name: value}})
    assert (answer.status, answer.json["category"]) == (400, "VALIDATION_ERROR")
    assert [each["error"] for each in json.loads(answer.json["message"].partition(": ")[2])] == [code]
    assert "firstname" not in contact.properties


def test_an_email_that_is_taken_is_409_with_the_id(hubspot: HubSpot, ask: Callable[..., Reply]) -> None:
    contact = hubspot.add("contacts", email="a@example.com")
    answer = ask("POST", CONTACTS, {"properties": {"email": "A@example.com"}})
    assert (answer.status, answer.json["category"]) == (409, "CONFLICT")
    assert answer.json["message"].endswith(f"Existing ID: {contact.id}")


def test_the_api_moves_a_lifecycle_stage_forward_only_and_says_nothing(
    hubspot: HubSpot, ask: Callable[..., Reply]
) -> None:
    contact = hubspot.add("contacts", email="a@example.com", lifecyclestage="opportunity")

    def write(value: str) -> Reply:
        return ask("PATCH", f"{CONTACTS}/{contact.id}", {"properties": {"lifecyclestage": value}})

    assert write("lead").status == 200
    assert contact.properties["lifecyclestage"] == "opportunity"
    assert write("").status == 200
    assert write("lead").status == 200
    assert contact.properties["lifecyclestage"] == "lead"
    hubspot.edit("contacts", contact.id, lifecyclestage="subscriber")
    assert contact.properties["lifecyclestage"] == "subscriber"


def test_options_are_the_accounts_own_and_a_renamed_one_keeps_its_value(
    hubspot: HubSpot, ask: Callable[..., Reply]
) -> None:
    hubspot.set_options("contacts", "hs_lead_status", [Option("NEW", "未対応"), Option("a1", "架電済み")])
    answer = ask("GET", "/crm/properties/2026-09/contacts/hs_lead_status").json
    assert [(each["value"], each["label"]) for each in answer["options"]] == [("NEW", "未対応"), ("a1", "架電済み")]
    hubspot.remove_property("contacts", "jobtitle")
    assert ask("GET", "/crm/properties/2026-09/contacts/jobtitle").status == 404


def test_many_are_read_and_upserted_at_once_and_207_names_those_that_failed(
    hubspot: HubSpot, ask: Callable[..., Reply]
) -> None:
    contact = hubspot.add("contacts", email="a@example.com")
    inputs = [
        {"id": "a@example.com", "idProperty": "email", "properties": {"lastname": "青木"}},
        {"id": "b@example.com", "idProperty": "email", "properties": {"lastname": "馬場"}},
        {"id": "c@example.com", "idProperty": "email", "properties": {"hs_lead_status": "?"}},
    ]
    answer = ask("POST", f"{CONTACTS}/batch/upsert", {"inputs": inputs})
    assert answer.status == 207
    assert [each["new"] for each in answer.json["results"]] == [False, True]
    assert answer.json["errors"][0]["context"] == {"ids": ["c@example.com"]}
    read = ask("POST", f"{CONTACTS}/batch/read", {"inputs": [{"id": contact.id}, {"id": "9"}], "properties": []})
    assert (read.status, len(read.json["results"]), read.json["errors"][0]["category"]) == (207, 1, "OBJECT_NOT_FOUND")
    many = [{"id": str(number)} for number in range(101)]
    assert ask("POST", f"{CONTACTS}/batch/read", {"inputs": many}).status == 400
    with_history = {"inputs": many[:51], "propertiesWithHistory": ["lifecyclestage"]}
    assert ask("POST", f"{CONTACTS}/batch/read", with_history).status == 400
    assert ask("POST", f"{CONTACTS}/batch/read", {"inputs": [{"id": "1"}, {"id": "1"}]}).status == 400


def test_a_deleted_contact_is_seen_when_asked_for_and_an_erased_one_never(
    hubspot: HubSpot, ask: Callable[..., Reply]
) -> None:
    deleted, erased = hubspot.add("contacts", email="a@example.com"), hubspot.add("contacts", email="b@example.com")
    hubspot.archive("contacts", deleted.id)
    hubspot.erase(erased.id)
    seen: Callable[..., Any] = lambda number, **query: ask("GET", f"{CONTACTS}/{number}", **query).status  # noqa: E731
    assert [seen(deleted.id), seen(deleted.id, archived="true")] == [404, 200]
    assert [seen(erased.id), seen(erased.id, archived="true")] == [404, 404]


def test_both_ids_of_a_merge_lead_to_the_one_that_is_left(hubspot: HubSpot, ask: Callable[..., Reply]) -> None:
    primary = hubspot.add("contacts", email="a@example.com", lastname="青木")
    other = hubspot.add("contacts", email="b@example.com", lastname="青木", phone="1")
    note = hubspot.add("notes", contact=other.id, hs_timestamp="1795910400000", hs_note_body="x")
    merged = hubspot.merge(primary.id, other.id)
    for number in (primary.id, other.id, merged.id):
        answer = ask("GET", f"{CONTACTS}/{number}", properties="phone,hs_merged_object_ids", associations="notes").json
        assert (answer["id"], answer["properties"]["phone"]) == (merged.id, "1")
        assert answer["properties"]["hs_merged_object_ids"] == f"{primary.id};{other.id}"
        assert answer["associations"]["notes"]["results"][0]["id"] == note.id


# Activities, deals, owners


@pytest.mark.parametrize(
    ("kind", "number", "properties"),
    [
        ("tasks", 204, {"hs_task_subject": "x", "hs_task_status": "NOT_STARTED", "hs_task_type": "CALL"}),
        ("notes", 202, {"hs_note_body": "x"}),
        ("calls", 194, {"hs_call_status": "COMPLETED"}),
        ("emails", 198, {"hs_email_direction": "EMAIL"}),
    ],
)
def test_an_activity_is_made_for_a_contact_by_the_number_of_the_association(
    hubspot: HubSpot, ask: Callable[..., Reply], kind: str, number: int, properties: dict[str, str]
) -> None:
    contact = hubspot.add("contacts", email="a@example.com")
    path, types = (
        f"/crm/objects/2026-09/{kind}",
        [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}],
    )
    links = [{"to": {"id": contact.id}, "types": types}]
    assert ask("POST", path, {"properties": properties, "associations": links}).status == 400  # hs_timestamp
    properties = properties | {"hs_timestamp": "1795910400000"}
    made = ask("POST", path, {"properties": properties, "associations": links})
    assert made.status == 201
    associated = ask("GET", f"{path}/{made.json['id']}/associations/contacts").json["results"]
    assert [(each["toObjectId"], each["associationTypes"][0]["typeId"]) for each in associated] == [
        (int(contact.id), number)
    ]
    links[0]["types"] = types[:0]
    assert ask("POST", path, {"properties": properties, "associations": links}).status == 400


def test_calls_of_a_contact_after_a_moment_are_found_by_association(
    hubspot: HubSpot, ask: Callable[..., Reply], clock: Clock
) -> None:
    owner = hubspot.add_owner("sato@example.com", "葵", "佐藤")
    contact, other = (hubspot.add("contacts", email=f"{name}@example.com") for name in "ab")
    hubspot.log_call(contact.id, owner.id, clock.at - timedelta(days=1))
    wanted = hubspot.log_call(contact.id, owner.id)
    hubspot.log_call(other.id, owner.id)
    clock.advance(timedelta(minutes=1))
    since = str(int((clock.at - timedelta(hours=1)).timestamp() * 1000))
    filters = [
        {"propertyName": "associations.contact", "operator": "EQ", "value": contact.id},
        {"propertyName": "hs_timestamp", "operator": "GTE", "value": since},
    ]
    answer = ask("POST", "/crm/objects/2026-09/calls/search", {"filterGroups": [{"filters": filters}]}).json
    assert [each["id"] for each in answer["results"]] == [wanted.id]


def test_won_and_lost_follow_from_the_stage_and_cannot_be_written(hubspot: HubSpot, ask: Callable[..., Reply]) -> None:
    contact = hubspot.add("contacts", email="a@example.com")
    deal = hubspot.add("deals", contact=contact.id, dealname="青葉", amount="5000000", dealstage="contractsent")
    assert hubspot.edit("deals", deal.id, dealstage="closedwon").properties["hs_is_closed_won"] == "true"
    stages = ask("GET", "/crm/pipelines/2026-09/deals/default/stages").json["results"]
    assert {each["id"] for each in stages if each["metadata"] == {"isClosed": "true", "probability": "1.0"}} == {
        "closedwon"
    }
    linked = ask("GET", f"{CONTACTS}/{contact.id}", associations="deals").json["associations"]["deals"]["results"]
    assert linked == [{"id": deal.id, "type": "contact_to_deal"}]
    hubspot.scopes.add("crm.objects.deals.write")
    for properties in ({"hs_is_closed_won": "true"}, {"dealstage": "signed"}):
        assert ask("PATCH", f"/crm/objects/2026-09/deals/{deal.id}", {"properties": properties}).status == 400


def test_a_lead_needs_a_name_and_a_contact(hubspot: HubSpot, ask: Callable[..., Reply]) -> None:
    hubspot.scopes |= {"crm.objects.leads.read", "crm.objects.leads.write"}
    contact = hubspot.add("contacts", email="a@example.com")
    links = [
        {
            "to": {"id": contact.id},
            "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 578}],
        }
    ]
    make: Callable[..., Any] = lambda **body: ask("POST", "/crm/objects/2026-09/leads", body).status  # noqa: E731
    named = {"hs_lead_name": "青木", "hs_lead_label": "HOT"}
    assert make(properties={}, associations=links) == 400
    assert make(properties=named) == 400
    assert make(properties=named, associations=links) == 201


def test_owners_are_found_by_email_and_are_two_numbers(hubspot: HubSpot, ask: Callable[..., Reply]) -> None:
    owner = hubspot.add_owner("sato@example.com", "葵", "佐藤")
    answer = ask("GET", "/crm/owners/2026-09", email="Sato@example.com", limit="100").json["results"]
    assert [(each["id"], each["type"], each["archived"]) for each in answer] == [(owner.id, "PERSON", False)]
    assert answer[0]["userId"] != int(owner.id)


# Search


def test_a_search_lags_behind_and_shows_the_old_value_meanwhile(
    hubspot: HubSpot, ask: Callable[..., Reply], clock: Clock
) -> None:
    contact = hubspot.add("contacts", email="a@example.com", lifecyclestage="lead")

    def listed() -> list[str]:
        results = ask("POST", SEARCH, email_search("a@example.com")).json["results"]
        return [each["properties"]["lifecyclestage"] for each in results]

    assert listed() == []
    clock.advance(timedelta(seconds=11))
    assert listed() == ["lead"]
    hubspot.edit("contacts", contact.id, lifecyclestage="customer")
    clock.advance(timedelta(seconds=30))
    assert listed() == ["lead"]
    assert ask("GET", f"{CONTACTS}/{contact.id}", properties="lifecyclestage").json["properties"]["lifecyclestage"] == (
        "customer"
    )
    clock.advance(timedelta(seconds=31))
    assert listed() == ["customer"]


def test_a_search_is_paged_by_modified_date_and_ends_at_ten_thousand(
    hubspot: HubSpot, ask: Callable[..., Reply], clock: Clock
) -> None:
    hubspot.search_at_once()
    moments = [clock.at]
    for number in range(5):
        hubspot.add("contacts", email=f"{number}@example.com")
        clock.advance(timedelta(seconds=1))
        moments.append(clock.at)
    since = str(int(moments[2].timestamp() * 1000))
    filters = [{"propertyName": "lastmodifieddate", "operator": "GTE", "value": since}]
    body = {"filterGroups": [{"filters": filters}], "sorts": ["lastmodifieddate"], "properties": ["email"], "limit": 2}
    page = ask("POST", SEARCH, body).json
    assert (page["total"], [each["properties"]["email"] for each in page["results"]]) == (
        3,
        ["2@example.com", "3@example.com"],
    )
    rest = ask("POST", SEARCH, body | {"after": page["paging"]["next"]["after"]}).json
    assert ([each["properties"]["email"] for each in rest["results"]], "paging" in rest) == (["4@example.com"], False)
    assert ask("POST", SEARCH, body | {"limit": 200, "after": "9800"}).status == 200
    assert ask("POST", SEARCH, body | {"limit": 200, "after": "9801"}).status == 400


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"filterGroups": [{"filters": [{"propertyName": "email", "operator": "HAS_PROPERTY"}]}] * 6},
        {"filterGroups": [{"filters": [{"propertyName": "email", "operator": "HAS_PROPERTY"}] * 7}]},
        {"sorts": ["email", "lastname"]},
        {"filterGroups": [{"filters": [{"propertyName": "nothing", "operator": "HAS_PROPERTY"}]}]},
        {"filterGroups": [{"filters": [{"propertyName": "email", "operator": "LIKE", "value": "a"}]}]},
        {"filterGroups": [{"filters": [{"propertyName": "createdate", "operator": "GTE", "value": "today"}]}]},
    ],
)
def test_a_search_beyond_the_limits_is_refused(
    hubspot: HubSpot, ask: Callable[..., Reply], body: dict[str, Any]
) -> None:
    hubspot.search_at_once()
    hubspot.add("contacts", email="a@example.com")
    assert ask("POST", SEARCH, body).status == 400


# Limits


def test_calls_are_counted_by_ten_seconds_and_by_day(hubspot: HubSpot, ask: Callable[..., Reply], clock: Clock) -> None:
    hubspot.limits.ten_secondly, hubspot.limits.daily = 3, 6
    first = ask("GET", CONTACTS)
    assert (first.headers["x-hubspot-ratelimit-remaining"], first.headers["x-hubspot-ratelimit-daily-remaining"]) == (
        "2",
        "5",
    )
    assert [ask("GET", CONTACTS).status for _ in range(3)] == [200, 200, 429]
    clock.advance(timedelta(seconds=10))
    assert [ask("GET", CONTACTS).status for _ in range(3)] == [200, 200, 429]
    last = ask("GET", CONTACTS)
    assert (last.json["category"], last.json["policyName"]) == ("RATE_LIMITS", "DAILY")
    assert "retry-after" not in last.headers
    clock.advance(timedelta(hours=14))  # Midnight in Tokyo, the account's own.
    assert ask("GET", CONTACTS).status == 200


def test_searches_have_a_limit_of_their_own_by_the_second_and_no_headers(
    hubspot: HubSpot, ask: Callable[..., Reply], clock: Clock
) -> None:
    answers = [ask("POST", SEARCH, email_search("a@example.com")) for _ in range(6)]
    assert [each.status for each in answers] == [200] * 5 + [429]
    assert answers[5].json["policyName"] == "SECONDLY"
    assert not [name for name in answers[0].headers if name.startswith("x-hubspot-ratelimit")]
    clock.advance(timedelta(seconds=1))
    assert ask("POST", SEARCH, email_search("a@example.com")).status == 200


# Faults


@pytest.mark.parametrize(
    ("fault", "status", "category"),
    [
        (CrmFault.UNAUTHORIZED, 401, "INVALID_AUTHENTICATION"),
        (CrmFault.MISSING_SCOPES, 403, "MISSING_SCOPES"),
        (CrmFault.CONFLICT, 409, "CONFLICT"),
        (CrmFault.LOCKED, 423, "LOCKED"),
        (CrmFault.RATE_LIMIT, 429, "RATE_LIMITS"),
        (CrmFault.DAILY_LIMIT, 429, "RATE_LIMITS"),
        (CrmFault.MIGRATION, 477, "MIGRATION_IN_PROGRESS"),
        (CrmFault.VALIDATION, 400, "VALIDATION_ERROR"),
        (CrmFault.ERROR_500, 500, "INTERNAL_ERROR"),
        (CrmFault.UNAVAILABLE, 503, "UNAVAILABLE"),
    ],
)
def test_a_refusal_that_was_ordered_changes_nothing_and_strikes_once(
    hubspot: HubSpot, ask: Callable[..., Reply], fault: CrmFault, status: int, category: str
) -> None:
    hubspot.faults.add("contacts.create", fault, times=1, seconds=3)
    answer = ask("POST", CONTACTS, {"properties": {"email": "a@example.com"}})
    assert (answer.status, answer.json["category"]) == (status, category)
    assert answer.headers.get("retry-after") == ("3" if fault is CrmFault.MIGRATION else None)
    assert hubspot.records.records["contacts"] == {}
    assert ask("POST", CONTACTS, {"properties": {"email": "a@example.com"}}).status == 201


@pytest.mark.parametrize(
    ("fault", "taken", "outcome"),
    [
        (CrmFault.LOSE_ANSWER, True, None),
        (CrmFault.REFUSE, False, None),
        (CrmFault.HANG, False, None),
        (CrmFault.HANG_AFTER, True, 201),
        (CrmFault.ERROR_500_AFTER, True, 500),
        (CrmFault.TIMEOUT_524, True, 524),
        (CrmFault.TRUNCATED, True, 201),
        (CrmFault.HTML_PAGE, False, 200),
        (CrmFault.REDIRECT, False, 302),
    ],
)
def test_what_happens_on_the_way_leaves_the_caller_unsure(
    hubspot: HubSpot, ask: Callable[..., Reply], fault: CrmFault, taken: bool, outcome: int | None
) -> None:
    hubspot.faults.add("contacts.create", fault, times=1, seconds=0.01)
    if outcome is None:
        with pytest.raises((OSError, HTTPException)):
            ask("POST", CONTACTS, {"properties": {"email": "a@example.com"}})
    else:
        assert ask("POST", CONTACTS, {"properties": {"email": "a@example.com"}}).status == outcome
    assert len(hubspot.records.records["contacts"]) == taken


# Webhooks


def test_the_signatures_are_those_that_hubspot_publishes() -> None:
    secret = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
    events = (
        b'[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,'
        b'"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW",'
        b'"appId":54321}]'
    )
    assert signature_1(secret, events) == "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"
    body, uri = b"{'example_field':'example_value'}", "https://www.example.com/webhook_uri"
    assert signature_3(secret, "POST", uri, body, "1693657560000") == "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="


def test_events_come_in_one_signed_array_with_ids_alone_and_only_what_was_subscribed(
    hubspot: HubSpot, door: Door
) -> None:
    wanted = [
        Subscription("contact.creation"),
        Subscription("contact.propertyChange", "hs_lead_status"),
        Subscription("object.propertyChange", "dealstage", "0-3"),
        Subscription("contact.merge"),
        Subscription("contact.privacyDeletion"),
    ]
    hubspot.webhooks.subscribe(door.url, "secret", wanted)
    contact, other = (hubspot.add("contacts", email=f"{name}@example.com") for name in "ab")
    hubspot.edit("contacts", contact.id, hs_lead_status="OPEN", lastname="青木")
    hubspot.edit("deals", hubspot.add("deals", contact=contact.id, dealname="x").id, dealstage="closedwon")
    merged = hubspot.merge(contact.id, other.id)
    hubspot.erase(merged.id)
    assert hubspot.webhooks.deliver_due() == 1
    [request] = door.taken
    events = json.loads(request.body)
    assert [each["subscriptionType"] for each in events] == [
        "contact.creation",
        "contact.creation",
        "contact.propertyChange",
        "object.propertyChange",
        "contact.merge",
        "contact.privacyDeletion",
    ]
    assert (events[2]["propertyName"], events[2]["propertyValue"], events[2]["changeSource"]) == (
        "hs_lead_status",
        "OPEN",
        "CRM_UI",
    )
    assert events[3]["objectTypeId"] == "0-3"
    assert (events[4]["primaryObjectId"], events[4]["mergedObjectIds"], events[4]["newObjectId"]) == (
        int(contact.id),
        [int(other.id)],
        int(merged.id),
    )
    assert "青木" not in request.body.decode()
    stamp = request.headers["x-hubspot-request-timestamp"]
    assert request.headers["x-hubspot-signature-v3"] == signature_3("secret", "POST", door.url, request.body, stamp)
    assert request.headers["x-hubspot-signature"] == signature_1("secret", request.body)


def test_a_webhook_is_signed_by_the_time_of_the_world_wherever_the_playgrounds_has_jumped(
    hubspot: HubSpot, door: Door, clock: Clock
) -> None:
    clock.advance(timedelta(days=9))
    hubspot.webhooks.subscribe(door.url, "secret")
    hubspot.add("contacts", email="a@example.com")
    hubspot.webhooks.deliver_due()
    stamp = door.taken[0].headers["x-hubspot-request-timestamp"]
    assert stamped(stamp, datetime.now(UTC), milliseconds=True) is None


def test_our_own_writes_are_events_too(hubspot: HubSpot, ask: Callable[..., Reply], door: Door) -> None:
    contact = hubspot.add("contacts", email="a@example.com")
    hubspot.webhooks.subscribe(door.url, "secret")
    ask("PATCH", f"{CONTACTS}/{contact.id}", {"properties": {"hs_lead_status": "OPEN"}})
    hubspot.webhooks.deliver_due()
    assert json.loads(door.taken[0].body)[0]["changeSource"] == "INTEGRATION"


def test_an_event_is_tried_again_after_any_refusal_and_given_up_after_ten_times(
    hubspot: HubSpot, door: Door, clock: Clock
) -> None:
    hubspot.webhooks.subscribe(door.url, "secret")
    door.status = 404
    hubspot.add("contacts", email="a@example.com")
    for _ in range(12):
        hubspot.webhooks.deliver_due()
        clock.advance(timedelta(days=1))
    assert [json.loads(each.body)[0]["attemptNumber"] for each in door.taken] == list(range(11))
    assert (hubspot.webhooks.waiting, hubspot.webhooks.lost) == ([], 1)


def test_at_most_a_hundred_events_come_at_once_and_some_never_do(hubspot: HubSpot, door: Door) -> None:
    hubspot.webhooks.subscribe(door.url, "secret", [Subscription("contact.creation")])
    hubspot.webhooks.drop = 2
    for number in range(103):
        hubspot.add("contacts", email=f"{number}@example.com")
    assert hubspot.webhooks.deliver_due() == 2
    assert [len(json.loads(each.body)) for each in door.taken] == [100, 1]
