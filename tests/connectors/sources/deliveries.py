"""Deliveries as tools send them, about people who do not exist, and the lead that each of them is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode

from bot.connectors.sources.contract import Delivery, Item, LeadRead, NotALead
from bot.connectors.sources.registry import KINDS
from bot.core.mql.lead import Lead

AT = datetime(2026, 11, 29, 1, 0, tzinfo=UTC)
URL = "https://mql.example.co.jp/hooks/web/token"
ORGANIZATION = "00D5e000000KQ2eEAG"


def delivery(
    body: object, content_type: str = "application/json", headers: Mapping[str, str] | None = None, url: str = URL
) -> Delivery:
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return Delivery("POST", url, {"content-type": content_type, **(headers or {})}, raw, AT)


def read(kind: str, body: object, content_type: str = "application/json", **mapping: str) -> list[Item]:
    return KINDS[kind].read(delivery(body, content_type), mapping)


def lead_of(kind: str, body: object, mapping: Mapping[str, str] | None = None) -> Lead:
    (item,) = KINDS[kind].read(delivery(body), mapping or {})
    assert isinstance(item.content, LeadRead)
    assert item.content.lead is not None, item.content
    return item.content.lead


def not_a_lead(kind: str, body: object) -> NotALead:
    (item,) = KINDS[kind].read(delivery(body), {})
    assert isinstance(item.content, NotALead), item.content
    return item.content


@dataclass(frozen=True)
class Sample:
    name: str
    kind: str
    body: object
    lead: Mapping[str, object]
    """The fields that must come out; those that are not named must be empty."""
    attributes: Mapping[str, object] = field(default_factory=dict)
    """Some of the attributes."""
    key: str | None = None
    content_type: str = "application/json"


def outbound_message(*subjects: str, organization: str = ORGANIZATION) -> bytes:
    notifications = "".join(
        f"<Notification><Id>04l5e00000Gx7Q{number:03d}AA</Id>{subject}</Notification>"
        for number, subject in enumerate(subjects)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>
 <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
  <OrganizationId>{organization}</OrganizationId><ActionId>04k5e000000CaRkAAK</ActionId><SessionId xsi:nil="true"/>
  <EnterpriseUrl>https://aoba.my.salesforce.com/services/Soap/c/63.0/{organization}</EnterpriseUrl>
  <PartnerUrl>https://aoba.my.salesforce.com/services/Soap/u/63.0/{organization}</PartnerUrl>
  {notifications}
 </notifications></soapenv:Body></soapenv:Envelope>""".encode()


def sobject(noun: str = "Lead", **fields: str) -> str:
    inner = "".join(f"<sf:{name}>{value}</sf:{name}>" for name, value in fields.items())
    return f'<sObject xsi:type="sf:{noun}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">{inner}</sObject>'


def form(fields: Mapping[str, str], encoding: str = "utf-8") -> bytes:
    return urlencode(fields, encoding=encoding).encode()


FORM = "application/x-www-form-urlencoded"
AOBA = {"company": "株式会社青葉", "person": "田中 花子", "email": "hanako@aoba.example"}
WHEN = "2026-11-29T00:58:00Z"
SENT_AT = datetime(2026, 11, 29, 0, 58, tzinfo=UTC)

_KINTONE_RECORD = {
    "$id": {"type": "__ID__", "value": "12"},
    "$revision": {"type": "__REVISION__", "value": "3"},
    "レコード番号": {"type": "RECORD_NUMBER", "value": "APP-12"},
    "作成者": {"type": "CREATOR", "value": {"code": "sato@our.example", "name": "佐藤 葵"}},
    "作成日時": {"type": "CREATED_TIME", "value": WHEN},
    "更新日時": {"type": "UPDATED_TIME", "value": WHEN},
    "会社名": {"type": "SINGLE_LINE_TEXT", "value": "株式会社青葉"},
    "お名前": {"type": "SINGLE_LINE_TEXT", "value": "田中 花子"},
    "メールアドレス": {"type": "LINK", "value": "hanako@aoba.example"},
    "スコア": {"type": "NUMBER", "value": "82"},
    "担当者": {"type": "USER_SELECT", "value": [{"code": "suzuki", "name": "鈴木 一郎"}]},
    "興味のある製品": {"type": "CHECK_BOX", "value": ["SFA", "MA"]},
    "お問い合わせ内容": {
        "type": "RICH_TEXT",
        "value": "<p>資料を<b>ください</b>。</p><p>急ぎです &amp; 至急</p>",
    },
    "添付": {
        "type": "FILE",
        "value": [{"contentType": "application/pdf", "fileKey": "k", "name": "要件.pdf", "size": "9"}],
    },
    "訪問": {
        "type": "SUBTABLE",
        "value": [{"id": "1", "value": {"訪問日": {"type": "DATE", "value": "2026-11-20"}}}],
    },
}

SAMPLES = [
    Sample(
        "a flat body by any tool",
        "mapping",
        {"email": "hanako@aoba.example", "company": "株式会社青葉", "name": "田中 花子", "employees": 300},
        AOBA,
        {"employees": "300"},
    ),
    Sample(
        "the property names of HubSpot",
        "mapping",
        {
            "email": "jane@acme.example",
            "firstname": "Jane",
            "lastname": "Doe",
            "company": "Acme",
            "jobtitle": "CTO",
            "hs_lead_score": "82",
            "mobilephone": "+81 90 0000 0000",
            "hs_analytics_source": "PAID",
        },
        {
            "email": "jane@acme.example",
            "person": "Jane Doe",
            "company": "Acme",
            "title": "CTO",
            "score": 82,
            "phone": "+81 90 0000 0000",
            "channel": "PAID",
        },
    ),
    Sample(
        "company and contact as objects",
        "mapping",
        {
            "contact": {"name": "田中 花子", "email": "hanako@aoba.example"},
            "company": {"name": "株式会社青葉"},
            "owner": {"name": "佐藤 葵", "email": "sato@our.example"},
            "webinar": {"name": "SLA入門"},
        },
        AOBA,
        {"webinar name": "SLA入門", "owner name": "佐藤 葵"},
    ),
    Sample(
        "JSON in a text in a form",
        "mapping",
        form(
            {
                "payload": json.dumps(
                    {"会社名": "株式会社青葉", "氏名": "田中 花子", "メールアドレス": "hanako@aoba.example"}
                )
            }
        ),
        AOBA,
        content_type=FORM,
    ),
    Sample(
        "Zapier, form-encoded",
        "mapping",
        b"email=hanako%40aoba.example&company=%E6%A0%AA%E5%BC%8F%E4%BC%9A%E7%A4%BE%E9%9D%92%E8%91%89&name=%E7%94%B0%E4%B8%AD+%E8%8A%B1%E5%AD%90&interest=SFA&interest=MA",
        AOBA,
        {"interest": "SFA, MA"},
        content_type=FORM,
    ),
    Sample(
        "a form in Shift_JIS",
        "mapping",
        form({"会社名": "株式会社青葉", "氏名": "田中 花子", "メール": "hanako@aoba.example"}, "cp932"),
        AOBA,
        content_type=FORM,
    ),
    Sample(
        "a HubSpot workflow, all properties",
        "hubspot",
        {
            "vid": 123,
            "portal-id": 62515,
            "is-contact": True,
            "profile-url": "https://app.hubspot.com/contacts/62515/contact/123",
            "properties": {
                "email": {"value": "hanako@aoba.example", "versions": [{"value": "old@aoba.example", "timestamp": 1}]},
                "firstname": {"value": "花子", "versions": []},
                "lastname": {"value": "田中"},
                "company": {"value": "株式会社青葉"},
                "jobtitle": {"value": "部長"},
                "hs_lifecyclestage_marketingqualifiedlead_date": {"value": "1795913880000"},
                "hubspot_owner_id": {"value": "77"},
            },
            "identity-profiles": [{"identities": [{"type": "EMAIL", "value": "other@aoba.example"}]}],
        },
        AOBA
        | {
            "title": "部長",
            "external_id": "hubspot:123",
            "sent_at": SENT_AT,
            "crm_url": "https://app.hubspot.com/contacts/62515/contact/123",
        },
    ),
    Sample(
        "a HubSpot workflow, properties without history",
        "hubspot",
        {
            "objectId": 123,
            "properties": {
                "email": "hanako@aoba.example",
                "company": "株式会社青葉",
                "lastname": "田中",
                "firstname": "花子",
                "hs_object_id": "123",
            },
        },
        AOBA | {"external_id": "hubspot:123"},
    ),
    Sample(
        "a HubSpot workflow, chosen fields",
        "hubspot",
        {
            "hs_object_id": 123,
            "email": "hanako@aoba.example",
            "company": "株式会社青葉",
            "lastname": "田中",
            "firstname": "花子",
        },
        AOBA | {"external_id": "hubspot:123"},
    ),
    Sample(
        "a Salesforce flow",
        "salesforce",
        {
            "Id": "00Q5e00000ZkM3h",
            "LastName": "田中",
            "FirstName": "花子",
            "Company": "株式会社青葉",
            "Email": "hanako@aoba.example",
            "Title": "部長",
            "LeadSource": "Web",
            "MobilePhone": "090-0000-0000",
            "Description": "資料希望",
            "OwnerId": "0055e000000AbCd",
            "SystemModstamp": "2026-11-29T00:58:00.000+0000",
        },
        AOBA
        | {
            "external_id": "00Q5e00000ZkM3hEAF",
            "title": "部長",
            "channel": "Web",
            "phone": "090-0000-0000",
            "message": "資料希望",
            "sent_at": SENT_AT,
        },
        key="00Q5e00000ZkM3h/2026-11-29T00:58:00.000+0000",
    ),
    Sample(
        "a Salesforce outbound message",
        "salesforce",
        outbound_message(
            sobject(
                Id="00Q5e00000ZkM3hEAF",
                Company="株式会社青葉",
                Email="hanako@aoba.example",
                LastName="田中",
                FirstName="花子",
            )
        ),
        AOBA | {"external_id": "00Q5e00000ZkM3hEAF", "crm_url": "https://aoba.my.salesforce.com/00Q5e00000ZkM3hEAF"},
        key="04l5e00000Gx7Q000AA",
        content_type="text/xml; charset=utf-8",
    ),
    Sample(
        "Marketo, tokens quoted twice and one empty",
        "marketo",
        '{"external_id": 4711, "email": ""hanako@aoba.example"", "company": ""株式会社青葉"",'
        ' "last_name": "\\"田中\\"",'
        ' "first_name": "花子", "score": , "channel": "Web &amp;amp; Ads"}'.encode(),
        AOBA | {"external_id": "marketo:4711", "channel": "Web & Ads"},
    ),
    Sample(
        "kintone, a record added",
        "kintone",
        {
            "id": "0e5bcd4c",
            "type": "ADD_RECORD",
            "app": {"id": "5", "name": "リード"},
            "record": _KINTONE_RECORD,
            "recordTitle": "田中 花子",
            "url": "https://aoba.cybozu.com/k/5/show#record=12",
        },
        AOBA
        | {
            "score": 82,
            "external_id": "kintone:5/12",
            "sent_at": SENT_AT,
            "message": "資料をください。\n急ぎです & 至急",
            "crm_url": "https://aoba.cybozu.com/k/5/show#record=12",
        },
        {"興味のある製品": "SFA, MA", "添付": "要件.pdf", "訪問日": "2026-11-20", "担当者": "鈴木 一郎"},
        key="0e5bcd4c",
    ),
    Sample(
        "SATORI, with a template of one's own",
        "satori",
        {
            "会社名": "株式会社青葉",
            "お名前": "田中 花子",
            "メールアドレス": "hanako@aoba.example",
            "送信日時": "2026/11/29 09:58",
            "フォーム名": "資料請求",
        },
        AOBA | {"form": "資料請求", "sent_at": SENT_AT},
    ),
    Sample(
        "Typeform",
        "typeform",
        {
            "event_id": "01KBYW",
            "event_type": "form_response",
            "form_response": {
                "form_id": "f",
                "token": "t",
                "submitted_at": WHEN,
                "definition": {
                    "id": "f",
                    "title": "資料請求",
                    "fields": [
                        {"id": "a", "ref": "r1", "title": "会社名", "type": "short_text"},
                        {"id": "b", "ref": "r2", "title": "お名前", "type": "short_text"},
                        {"id": "c", "ref": "r3", "title": "メールアドレス", "type": "email"},
                        {"id": "d", "ref": "r4", "title": "興味", "type": "multiple_choice"},
                        {"id": "e", "ref": "r5", "title": "導入時期", "type": "multiple_choice"},
                    ],
                },
                "answers": [
                    {"type": "text", "text": "株式会社青葉", "field": {"id": "a", "ref": "r1"}},
                    {"type": "text", "text": "田中 花子", "field": {"id": "b", "ref": "r2"}},
                    {"type": "email", "email": "hanako@aoba.example", "field": {"id": "c", "ref": "r3"}},
                    {"type": "choices", "choices": {"labels": ["SFA", "MA"], "other": "CTI"}, "field": {"id": "d"}},
                    {"type": "choice", "choice": {"label": "今すぐ"}, "field": {"id": "e"}},
                ],
                "hidden": {"utm_source": "google", "utm_campaign": "秋"},
                "calculated": {"score": 12},
            },
        },
        AOBA | {"form": "資料請求", "sent_at": SENT_AT, "channel": "google", "campaign": "秋", "score": 12},
        {"興味": "SFA, MA, CTI", "導入時期": "今すぐ"},
        key="01KBYW",
    ),
    Sample(
        "Tally",
        "tally",
        {
            "eventId": "e1",
            "eventType": "FORM_RESPONSE",
            "createdAt": WHEN,
            "data": {
                "responseId": "r",
                "formId": "F",
                "formName": "資料請求",
                "fields": [
                    {"key": "q1", "label": "会社名", "type": "INPUT_TEXT", "value": "株式会社青葉"},
                    {"key": "q2", "label": "氏名", "type": "INPUT_TEXT", "value": "田中 花子"},
                    {"key": "q3", "label": "Email", "type": "INPUT_EMAIL", "value": "hanako@aoba.example"},
                    {
                        "key": "q4",
                        "label": "従業員数",
                        "type": "DROPDOWN",
                        "value": ["o2"],
                        "options": [{"id": "o1", "text": "1-99"}, {"id": "o2", "text": "100-999"}],
                    },
                ],
            },
        },
        AOBA | {"form": "資料請求", "sent_at": SENT_AT},
        {"従業員数": "100-999"},
        key="e1",
    ),
    Sample(
        "Calendly",
        "calendly",
        {
            "event": "invitee.created",
            "created_at": WHEN,
            "payload": {
                "uri": "https://api.calendly.com/scheduled_events/E/invitees/I",
                "email": "hanako@aoba.example",
                "name": "田中 花子",
                "first_name": "花子",
                "last_name": "田中",
                "created_at": WHEN,
                "questions_and_answers": [{"question": "会社名", "answer": "株式会社青葉", "position": 0}],
                "tracking": {"utm_source": "google", "utm_campaign": None},
                "scheduled_event": {
                    "name": "30分相談",
                    "start_time": "2026-12-01T01:00:00Z",
                    "event_memberships": [{"user_email": "sato@our.example", "user_name": "佐藤 葵"}],
                },
            },
        },
        AOBA | {"form": "30分相談", "channel": "google", "sent_at": SENT_AT},
        {"start_time": "2026-12-01T01:00:00Z"},
        key="https://api.calendly.com/scheduled_events/E/invitees/I invitee.created",
    ),
    Sample(
        "Cal.com",
        "calcom",
        {
            "triggerEvent": "BOOKING_CREATED",
            "createdAt": WHEN,
            "payload": {
                "uid": "u1",
                "title": "30 min between 佐藤 葵 and 田中 花子",
                "type": "30min",
                "startTime": "2026-12-01T01:00:00Z",
                "additionalNotes": "資料希望",
                "organizer": {"name": "佐藤 葵", "email": "sato@our.example"},
                "attendees": [{"name": "田中 花子", "email": "hanako@aoba.example", "timeZone": "Asia/Tokyo"}],
                "responses": {
                    "name": {"label": "your_name", "value": "田中 花子", "isHidden": False},
                    "email": {"label": "email_address", "value": "hanako@aoba.example", "isHidden": False},
                    "company": {"label": "会社名", "value": "株式会社青葉", "isHidden": False},
                },
            },
        },
        AOBA | {"form": "30min", "message": "資料希望", "sent_at": SENT_AT},
        key="u1 BOOKING_CREATED",
    ),
    Sample(
        "a Google Ads lead form",
        "google-ads",
        {
            "lead_id": "TeSter-123-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "form_id": 9007199254740993,
            "campaign_id": 10000000000,
            "google_key": "mql-google-key",
            "gcl_id": "g",
            "api_version": "1.0",
            "lead_submit_time": WHEN,
            "user_column_data": [
                {"column_id": "FULL_NAME", "column_name": "Full Name", "string_value": "田中 花子"},
                {"column_id": "WORK_EMAIL", "column_name": "Work Email", "string_value": "hanako@aoba.example"},
                {"column_id": "COMPANY_NAME", "string_value": "株式会社青葉"},
                {"column_id": "JOB_TITLE", "string_value": "部長"},
                {"column_id": "PHONE_NUMBER", "string_value": "+81300000000"},
            ],
        },
        AOBA | {"title": "部長", "phone": "+81300000000", "sent_at": SENT_AT},
        {"form_id": "9007199254740993"},
        key="TeSter-123-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    ),
    Sample(
        "Webflow",
        "webflow",
        {
            "triggerType": "form_submission",
            "payload": {
                "name": "Contact",
                "siteId": "s",
                "id": "w1",
                "submittedAt": WHEN,
                "data": {"会社名": "株式会社青葉", "お名前": "田中 花子", "Email": "hanako@aoba.example"},
            },
        },
        AOBA | {"form": "Contact", "sent_at": SENT_AT},
        key="w1",
    ),
    Sample(
        "Zoom",
        "zoom",
        {
            "event": "webinar.registration_created",
            "event_ts": 1795913880000,
            "payload": {
                "account_id": "a",
                "object": {
                    "id": 7,
                    "uuid": "x",
                    "topic": "SLA入門",
                    "host_id": "h",
                    "registrant": {
                        "id": "z1",
                        "email": "hanako@aoba.example",
                        "first_name": "花子",
                        "last_name": "田中",
                        "org": "株式会社青葉",
                        "job_title": "部長",
                        "phone": "03-0000-0000",
                        "comments": "楽しみです",
                        "custom_questions": [{"title": "導入時期", "value": "今すぐ"}],
                        "join_url": "https://zoom.example/j/7",
                    },
                },
            },
        },
        AOBA
        | {
            "title": "部長",
            "phone": "03-0000-0000",
            "message": "楽しみです",
            "campaign": "SLA入門",
            "sent_at": SENT_AT,
        },
        {"導入時期": "今すぐ"},
        key="z1 webinar.registration_created",
    ),
    Sample(
        "MovableType.net",
        "movabletype",
        form(
            {
                "entry": json.dumps(
                    {
                        "sequence_number": 3,
                        "created_at": "2026-11-29T09:58:00+09:00",
                        "columns": [
                            {"id": 1, "label": "会社名", "type": "text", "value": "株式会社青葉"},
                            {"id": 2, "label": "お名前", "type": "text", "value": "田中 花子"},
                            {"id": 3, "label": "メールアドレス", "type": "email", "value": "hanako@aoba.example"},
                        ],
                    }
                )
            }
        ),
        AOBA | {"sent_at": SENT_AT},
        content_type=FORM,
        key="5",
    ),
    Sample(
        "formrun, as questions and answers",
        "formrun",
        {
            "columns": [
                {"question": "会社名", "answer": "株式会社青葉"},
                {"question": "お名前", "answer": "田中 花子"},
                {"question": "メールアドレス", "answer": "hanako@aoba.example"},
            ]
        },
        AOBA,
    ),
    Sample(
        "a generic sender with names of its own",
        "generic",
        {
            "email": "hanako@aoba.example",
            "firstname": "花子",
            "lastname": "田中",
            "company": "株式会社青葉",
            "score": 87.5,
            "crm_url": "www.aoba.example/1",
        },
        AOBA | {"score": 87},
        {"score": "87.5", "crm_url": "www.aoba.example/1"},
    ),
]
