"""What tools send beside leads: tests, cancellations, moves, deletions, and events that name a record alone."""

from __future__ import annotations

import pytest

from bot.connectors.sources.contract import LeadRead, NotALead, Unreadable
from bot.connectors.sources.registry import KINDS
from bot.connectors.sources.salesforce import ACKNOWLEDGED
from tests.connectors.sources.deliveries import delivery, lead_of, not_a_lead, outbound_message, read, sobject


def event(**changed: object) -> dict[str, object]:
    return {
        "eventId": 1, "subscriptionId": 2, "portalId": 3, "occurredAt": 1564113600000, "attemptNumber": 0,
        "subscriptionType": "contact.propertyChange", "objectId": 123, "propertyName": "lifecyclestage",
        "propertyValue": "marketingqualifiedlead",
    } | changed  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "reason", "record"),
    [
        ({}, "needs_fetch", "hubspot:123"),
        ({"subscriptionType": "contact.creation"}, "needs_fetch", "hubspot:123"),
        ({"subscriptionType": "object.creation", "objectTypeId": "0-1"}, "needs_fetch", "hubspot:123"),
        ({"subscriptionType": "object.propertyChange", "objectTypeId": "0-3"}, "needs_fetch", "hubspot:deal:123"),
        ({"subscriptionType": "deal.creation"}, "needs_fetch", "hubspot:deal:123"),
        ({"subscriptionType": "contact.deletion"}, "deleted", "hubspot:123"),
        ({"subscriptionType": "contact.privacyDeletion"}, "erased", "hubspot:123"),
        ({"objectId": None}, "other", ""),
        ({"objectId": 9007199254740993}, "needs_fetch", "hubspot:9007199254740993"),
    ],
)
def test_an_event_of_a_hubspot_app_names_what_is_to_be_fetched(
    changed: dict[str, object], reason: str, record: str
) -> None:
    assert not_a_lead("hubspot", [event(**changed)]) == NotALead(reason, record)


def test_a_batch_of_hubspot_has_a_key_for_each_change_and_the_same_when_it_is_sent_again() -> None:
    batch = [event(objectId=number) for number in range(100)]
    first = [item.key for item in read("hubspot", batch)]
    again = [item.key for item in read("hubspot", [change | {"attemptNumber": 3, "eventId": 9} for change in batch])]
    assert len(set(first)) == 100
    assert first == again
    assert read("hubspot", [event(propertyValue="customer")])[0].key != read("hubspot", [event()])[0].key


def test_an_outbound_message_of_a_hundred_records_is_a_hundred_leads_and_one_acknowledgement() -> None:
    body = outbound_message(
        *(sobject(Id=f"00Q5e00000ZkM{number:02d}", Company=f"Acme {number}") for number in range(100))
    )
    items = read("salesforce", body, "text/xml")
    assert len({item.key for item in items}) == 100
    leads = [item.content.lead for item in items if isinstance(item.content, LeadRead)]
    assert [lead.company for lead in leads if lead] == [f"Acme {number}" for number in range(100)]
    reply = KINDS["salesforce"].reply(delivery(body), ["new"] * 100)
    assert (reply.status, reply.content_type, reply.body) == (200, "text/xml; charset=utf-8", ACKNOWLEDGED)


def test_the_acknowledgement_is_the_one_that_salesforce_asks_for() -> None:
    assert ACKNOWLEDGED == (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">'
        '<soapenv:Body><notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack>'
        "</notificationsResponse></soapenv:Body></soapenv:Envelope>"
    )


def test_a_flow_is_answered_in_json() -> None:
    reply = KINDS["salesforce"].reply(delivery({"Company": "Acme"}), ["new"])
    assert (reply.content_type, reply.body) == ("application/json", '{"results": ["new"]}')


def test_an_outbound_message_about_something_else_names_it() -> None:
    body = outbound_message(
        sobject("Opportunity", Id="0065e00000ZkM3h"), sobject("Contact", Id="0035e00000ZkM3h", LastName="Doe")
    )
    other, contact = read("salesforce", body, "text/xml")
    assert other.content == NotALead("other", "salesforce:opportunity:0065e00000ZkM3hAAF")
    assert isinstance(contact.content, LeadRead)
    assert contact.content.lead is not None
    assert contact.content.lead.person == "Doe"


def test_a_record_page_is_only_made_of_an_address_of_salesforce() -> None:
    body = outbound_message(sobject(Id="00Q5e00000ZkM3h", Company="A"))
    evil = body.replace(b"aoba.my.salesforce.com", b"salesforce.com.evil.example")
    (item,) = read("salesforce", evil, "text/xml")
    assert isinstance(item.content, LeadRead)
    assert item.content.lead is not None
    assert item.content.lead.crm_url is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'<!DOCTYPE a [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><a>&b;</a>', "DTD"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "DTD"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "http://169.254.169.254/">]><a>&x;</a>', "DTD"),
        (b"<a>", "not XML"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "not XML"),
        (b"<a/>", "no outbound message"),
        (b"<" * 1000, "not XML"),
    ],
)
def test_xml_that_is_no_outbound_message_is_not_read(body: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read("salesforce", body, "text/xml")


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        ("kintone", {"type": "DELETE_RECORD", "app": {"id": "5"}, "recordId": "12", "deleteBy": {}}, "deleted"),
        ("kintone", {"type": "ADD_RECORD_COMMENT", "app": {"id": "5"}, "recordId": "12", "comment": {}}, "comment"),
        ("google-ads", {"lead_id": "L", "is_test": True, "user_column_data": []}, "test"),
        ("google-ads", {"lead_id": "L", "is_test": "true"}, "test"),
        ("calendly", {"event": "invitee.canceled", "payload": {"rescheduled": False}}, "cancelled"),
        ("calendly", {"event": "invitee.canceled", "payload": {"rescheduled": True}}, "moved"),
        ("calendly", {"event": "invitee.created", "payload": {"email": "a@b.example", "old_invitee": "x"}}, "moved"),
        ("calendly", {"event": "invitee_no_show.created", "payload": {}}, "other"),
        ("calcom", {"triggerEvent": "PING", "payload": {}}, "test"),
        ("calcom", {"triggerEvent": "BOOKING_CANCELLED", "payload": {"uid": "u"}}, "cancelled"),
        ("calcom", {"triggerEvent": "BOOKING_RESCHEDULED", "payload": {"uid": "u"}}, "moved"),
        ("calcom", {"triggerEvent": "MEETING_ENDED", "payload": {"uid": "u"}}, "other"),
        ("zoom", {"event": "webinar.registration_cancelled", "payload": {"object": {}}}, "cancelled"),
        ("zoom", {"event": "meeting.started", "payload": {"object": {}}}, "other"),
        ("typeform", {"event_type": "form_response_partial", "form_response": {"token": "t"}}, "other"),
        ("tally", {"eventId": "e", "eventType": "FORM_DELETED", "data": {}}, "other"),
        ("webflow", {"triggerType": "site_publish", "payload": {"id": "x"}}, "other"),
    ],
)  # fmt: skip
def test_what_is_no_lead_is_said_to_be_none(kind: str, body: object, reason: str) -> None:
    assert not_a_lead(kind, body).reason == reason


def test_a_deleted_record_of_kintone_is_named_as_its_lead_is() -> None:
    assert (
        not_a_lead("kintone", {"type": "DELETE_RECORD", "app": {"id": "5"}, "recordId": "12"}).record == "kintone:5/12"
    )


@pytest.mark.parametrize("kind", ["UPDATE_RECORD", "UPDATE_STATUS"])
def test_a_changed_record_of_kintone_is_its_lead_from_the_time_of_the_change(kind: str) -> None:
    record = {"$id": {"type": "__ID__", "value": "12"}, "会社名": {"type": "SINGLE_LINE_TEXT", "value": "青葉"},
              "作成日時": {"type": "CREATED_TIME", "value": "2026-11-01T00:00:00Z"},
              "Updated_datetime": {"type": "UPDATED_TIME", "value": "2026-11-29T00:58:00Z"}}  # fmt: skip
    lead = lead_of("kintone", {"id": "u", "type": kind, "app": {"id": "5"}, "record": record})
    assert (lead.external_id, lead.company) == ("kintone:5/12", "青葉")
    assert lead.sent_at is not None
    assert lead.sent_at.isoformat() == "2026-11-29T00:58:00+00:00"


def test_a_notice_of_bownow_is_a_record_for_each_id() -> None:
    items = read("bownow", {"event": "lead.updated", "sids": ["a1", "b2", "a1"], "columns": ["status"]})
    assert [item.content for item in items] == [
        NotALead("needs_fetch", "bownow:a1"),
        NotALead("needs_fetch", "bownow:b2"),
    ]
    leads = {"leads": [{"sid": number} for number in range(1_000)]}
    assert len(read("bownow", leads)) == 1_000


def test_a_notice_of_bownow_without_ids_asks_for_all_that_changed() -> None:
    assert not_a_lead("bownow", {"changed": ["tag"]}) == NotALead("needs_fetch")


def test_two_forms_with_the_same_number_are_two_leads() -> None:
    def entry(created: str) -> list[str | None]:
        return [
            item.key
            for item in read("movabletype", {"entry": {"sequence_number": 3, "created_at": created, "columns": []}})
        ]

    assert entry("2026-11-29T09:58:00+09:00") != entry("2026-11-29T09:59:00+09:00")


def test_a_form_of_another_shape_is_read_by_its_names() -> None:
    body = {"email": "a@b.example", "会社名": "青葉"}
    for kind in ("typeform", "tally", "calendly", "calcom", "webflow", "zoom", "formrun", "movabletype", "google-ads"):
        assert lead_of(kind, body).email == "a@b.example"
