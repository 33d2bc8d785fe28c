"""What is authentic is never refused for its content."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.connectors.sources.contract import LeadRead, NotALead
from bot.connectors.sources.reading import cleaned
from bot.connectors.sources.registry import KINDS
from tests.connectors.sources.deliveries import AT, delivery, lead_of, read


def nobody(kind: str, body: object, **mapping: str) -> LeadRead:
    (item,) = read(kind, body, **mapping)
    assert isinstance(item.content, LeadRead)
    assert item.content.lead is None
    return item.content


@pytest.mark.parametrize("kind", ["mapping", "hubspot", "generic"])
def test_a_wrong_optional_field_is_kept_beside_the_lead(kind: str) -> None:
    lead = lead_of(
        kind,
        {
            "email": "taro.@docomo.ne.jp", "company": "D2 KK", "name": "太郎", "lead score": 87.5,
            "crm_url": "crm.d2.example/7", "industry": None, "budget": "", "title": "部" * 201,
        },
    )  # fmt: skip
    assert lead.email is None
    assert (lead.company, lead.person, lead.score) == ("D2 KK", "太郎", 87)
    assert lead.title == "部" * 199 + "…"
    assert lead.attributes == {
        "email": "taro.@docomo.ne.jp",
        "lead score": "87.5",
        "crm_url": "crm.d2.example/7",
        "title": "部" * 201,
    }


def test_what_is_too_long_is_cut_and_the_whole_is_kept() -> None:
    lead = lead_of("generic", {"email": "a@b.example", "company": "青" * 201, "message": "あ" * 5_001})
    assert lead.company == "青" * 199 + "…"
    assert lead.attributes["company"] == "青" * 201
    assert lead.message is not None
    assert len(lead.message) == 5_000


@pytest.mark.parametrize(
    ("score", "points", "note"),
    [(82, 82, None), ("82点", 82, None), (87.5, 87, "87.5"), ("hot", None, "hot"),
     (-5, None, "-5"), (10**30, None, str(10**30)), (9_999_999, None, "9999999"), (True, None, "true")],
)  # fmt: skip
def test_a_score_counts_as_far_as_it_is_one(score: object, points: int | None, note: str | None) -> None:
    lead = lead_of("mapping", {"company": "Acme", "score": score})
    assert (lead.score, lead.attributes.get("score")) == (points, note)


def test_who_names_nobody_waits_for_a_person_with_everything_that_came() -> None:
    read = nobody("mapping", {"phone": "03-0000-0000", "message": "こんにちは"})
    assert (read.reason, read.values) == ("nobody", {"phone": "03-0000-0000", "message": "こんにちは"})


def test_an_address_that_cannot_be_right_waits_for_a_person() -> None:
    assert nobody("generic", {"email": "taro.@docomo.ne.jp"}).reason == "bad_value"


@pytest.mark.parametrize(
    "body",
    [
        {"email": "test@test.com", "company": "Test"},
        {"email": "test1@aoba.example"},
        {"company": "テスト株式会社", "name": "テスト 太郎", "email": "a@example.com"},
        {"company": "株式会社ｔｅｓｔ"},
        {"name": "aaaa"},
        {"company": "Sample Inc.", "name": "Test User 2"},
        {"email": "jane@example.co.jp"},
    ],
)
def test_who_only_tries_a_form_waits_for_a_person(body: dict[str, str]) -> None:
    assert nobody("mapping", body).reason == "dummy"


@pytest.mark.parametrize(
    "body",
    [
        {"email": "tester@aoba.example"},
        {"company": "テスト技研株式会社"},
        {"company": "Test", "name": "田中 花子"},
        {"email": "jane@example.com", "company": "Acme"},
        {"company": "Sample Room K.K."},
        {"name": "Contessa Testarossa"},
        {"email": "test@test.com", "name": "田中 花子"},
        {"company": "a" * 199 + "!"},
        {"company": "test" * 49 + "!"},
    ],
)
def test_whoever_may_be_somebody_is_a_lead(body: dict[str, str]) -> None:
    assert lead_of("mapping", body).attributes == {}


@pytest.mark.parametrize("body", [{"q1": "x", "q2": {"a": "1"}}, {}, [], {"a": None, "b": ""}])
def test_a_body_of_which_no_name_is_known_is_to_be_mapped(body: object) -> None:
    assert nobody("mapping", body).reason == "not_mapped"


def test_a_person_corrects_what_the_names_say() -> None:
    body = {"f1": "株式会社青葉", "f2": "田中", "company": "代理店B", "note": "秘密", "memo": "x"}
    mapping = {"f1": "company", "f2": "person", "company": "channel", "note": "drop", "memo": "attribute"}
    (item,) = read("mapping", body, **mapping)
    assert isinstance(item.content, LeadRead)
    lead = item.content.lead
    assert lead is not None
    assert (lead.company, lead.person, lead.channel) == ("株式会社青葉", "田中", "代理店B")
    assert lead.attributes == {"memo": "x"}
    assert "note" not in item.content.values


def test_a_mapping_wins_over_what_a_kind_knows() -> None:
    body = {"type": "ADD_RECORD", "app": {"id": "5"}, "record": {
        "$id": {"type": "__ID__", "value": "1"},
        "担当者": {"type": "USER_SELECT", "value": [{"code": "t", "name": "田中 花子"}]},
        "会社名": {"type": "SINGLE_LINE_TEXT", "value": "株式会社青葉"},
    }}  # fmt: skip
    assert lead_of("kintone", body).person is None
    assert lead_of("kintone", body, {"record.担当者.value": "person"}).person == "田中 花子"


def test_a_mapping_that_names_no_field_keeps_the_value() -> None:
    lead = lead_of("mapping", {"company": "Acme", "x": "1"}, {"x": "no such field", "y": "email"})
    assert lead.attributes == {"x": "1"}


def test_first_and_last_name_are_one_person_in_the_order_they_are_read_in() -> None:
    assert lead_of("mapping", {"姓": "田中", "名": "花子"}).person == "田中 花子"
    assert lead_of("mapping", {"last_name": "Doe", "first_name": "Jane"}).person == "Jane Doe"
    assert lead_of("mapping", {"lastname": "田中", "firstname": "花子"}).person == "田中 花子"


def test_the_only_address_is_the_leads_whatever_it_is_called() -> None:
    assert lead_of("mapping", {"会社名": "青葉", "field_7": "a@b.example"}).email == "a@b.example"
    two = lead_of("mapping", {"会社名": "青葉", "field_7": "a@b.example", "field_8": "c@d.example"})
    assert two.email is None
    assert two.attributes == {"field_7": "a@b.example", "field_8": "c@d.example"}


@pytest.mark.parametrize("place", ["owner", "created_by", "担当営業", "organizer", "作成者"])
def test_a_colleague_is_never_the_lead(place: str) -> None:
    lead = lead_of("mapping", {"company": "Acme", place: {"name": "佐藤 葵", "email": "sato@our.example"}})
    assert (lead.person, lead.email) == (None, None)


@pytest.mark.parametrize(
    "written",
    ["2026-11-29T00:58:00Z", "2026-11-29T09:58:00+09:00", "2026-11-29T00:58:00.000+0000", "1795913880",
     "1795913880000", 1795913880000],
)  # fmt: skip
def test_a_lead_counts_from_when_it_was_sent(written: object) -> None:
    lead = lead_of("mapping", {"email": "a@b.example", "submitted_at": written})
    assert lead.sent_at == datetime(2026, 11, 29, 0, 58, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    ["2026-11-29 09:58", "yesterday", (AT - timedelta(days=31)).isoformat(), (AT + timedelta(minutes=6)).isoformat(),
     "0001-01-01T00:00:00+09:00", "99999999999999", "９９"],
)  # fmt: skip
def test_a_moment_that_cannot_be_the_leads_is_kept_as_text(written: str) -> None:
    lead = lead_of("mapping", {"email": "a@b.example", "submitted_at": written})
    assert lead.sent_at is None
    assert lead.attributes == {"submitted_at": written}


def test_what_the_same_key_says_twice_is_kept_twice() -> None:
    lead = lead_of("mapping", b'{"company": "Acme", "company": "Other", "x": 1, "x": 2}')
    assert lead.company == "Acme"
    assert lead.attributes == {"company (2)": "Other", "x": "1", "x (2)": "2"}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"田中"', "田中"),
        ('"', '"'),
        ('""', ""),
        (r"\u682a\u5f0f\u4f1a\u793e", "株式会社"),
        ('say \\"yes\\"', 'say "yes"'),
        ("A &amp;amp; B", "A & B"),
        ("O&#39;Hara", "O'Hara"),
        ("一行目<br>二行目<BR/>", "一行目\n二行目\n"),
        (r"C:\new", r"C:\new"),
        ("R&D", "R&D"),
        (r"\ud800", "\ufffd"),
    ],
)
def test_what_templates_quote_and_escape_again_is_read_as_it_was_meant(written: str, meant: str) -> None:
    assert cleaned(written) == meant


def test_signs_of_slacks_markup_in_a_value_are_only_signs() -> None:
    lead = lead_of("mapping", {"company": "Acme <https://evil.example|Click>", "message": "a < b & <@U1> *c*"})
    assert lead.company == "Acme <https://evil.example|Click>"
    assert lead.message == "a < b & <@U1> *c*"


def test_a_list_is_a_batch_with_a_key_for_each() -> None:
    body = [{"email": f"n{number}@b.example"} for number in range(100)]
    items = KINDS["mapping"].read(delivery(body, headers={"idempotency-key": "k"}), {})
    assert [item.key for item in items] == [f"k/{number}" for number in range(100)]
    assert [item.content.lead.email for item in items if isinstance(item.content, LeadRead) and item.content.lead] == [
        f"n{number}@b.example" for number in range(100)
    ]
    assert len(KINDS["mapping"].read(delivery({"leads": body}), {})) == 100
    assert {item.key for item in KINDS["mapping"].read(delivery(body), {})} == {None}


def test_one_bad_lead_of_a_batch_takes_none_of_the_others_with_it() -> None:
    items = read("mapping", [{"email": "a@b.example"}, {"phone": "1"}, {"email": "c@d.example"}])
    assert [isinstance(item.content, LeadRead) and item.content.lead is not None for item in items] == [
        True,
        False,
        True,
    ]


def test_the_answers_of_one_form_are_one_lead() -> None:
    lead = lead_of("mapping", [{"label": "会社名", "value": "青葉"}, {"label": "氏名", "value": "田中"}])
    assert (lead.company, lead.person) == ("青葉", "田中")


def test_the_usual_names_of_a_tool_are_known_by_the_signed_door_too() -> None:
    lead = lead_of(
        "generic", {"email": "j@d.example", "firstname": "Jan", "lastname": "Dahl", "jobtitle": "CTO", "x": "1"}
    )
    assert (lead.email, lead.person, lead.title, lead.attributes) == ("j@d.example", "Jan Dahl", "CTO", {"x": "1"})


def test_the_body_that_was_right_until_now_is_read_as_until_now() -> None:
    lead = lead_of("generic", {"company": "Acme", "external_id": 7, "attributes": {"employees": 300, "paid": False}})
    assert (lead.external_id, lead.attributes) == ("7", {"employees": 300, "paid": False})


def test_the_id_of_a_standard_webhook_is_the_key() -> None:
    for name in ("webhook-id", "svix-id"):
        (item,) = KINDS["generic"].read(delivery({"company": "Acme"}, headers={name: "msg_1"}), {})
        assert item.key == "msg_1"


def test_the_answer_is_json_that_tells_of_each_item() -> None:
    reply = KINDS["marketo"].reply(delivery({}), ["new", "waits"])
    assert (reply.status, reply.content_type, reply.body) == (200, "application/json", '{"results": ["new", "waits"]}')


def test_not_a_lead_says_nothing_but_why() -> None:
    assert NotALead("test").record == ""
