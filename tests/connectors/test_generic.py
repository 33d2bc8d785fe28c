from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.connectors import generic
from bot.connectors.generic import MAX_SCORE
from bot.connectors.parser import attributes
from bot.connectors.parser.body import MAX_BYTES
from bot.connectors.parser.fields import MAX_PROBLEMS
from bot.connectors.problems import FieldProblem
from bot.core.mql.lead import Lead

FULL = {
    "external_id": "0031234",
    "record_ids": {"salesforce": "00Q5g00000ABCDE"},
    "company": "株式会社サンプル",
    "person": "佐藤 葵",
    "title": "情報システム部長",
    "email": "aoi.sato@EXAMPLE.CO.JP",
    "phone": "03-0000-0000",
    "channel": "ウェビナー",
    "campaign": "2026年秋 SLAセミナー",
    "form": "資料請求",
    "score": "82",
    "score_reason": "料金ページを3回閲覧",
    "message": "導入を検討しています。\n\t来週お話しできますか?",
    "crm_url": "https://crm.example.com/leads/0031234",
    "sent_at": "2026-11-17T10:05:00+09:00",
    "attributes": {"employees": 300, "interests": ["SFA", "MA"], "visit": {"pages": 12, "paid": False}},
}


def lead(**fields: object) -> Lead:
    result = generic.read(json.dumps({"company": "Acme", **fields}).encode())
    assert isinstance(result, Lead), result
    return result


def problems(body: bytes) -> list[FieldProblem]:
    result = generic.read(body)
    assert isinstance(result, list), result
    for problem in result:
        assert problem.message.endswith(".")
        problem.message.encode()
        problem.field.encode()
    return result


def wrong(**fields: object) -> dict[str, str]:
    return {p.field: p.problem for p in problems(json.dumps({"company": "Acme", **fields}).encode())}


def whole(body: bytes) -> str:
    (only,) = problems(body)
    assert only.field == ""
    return only.problem


def test_a_full_lead_is_read_as_it_was_sent() -> None:
    assert FULL.keys() == Lead.model_fields.keys()
    read = lead(**FULL)
    assert read.company == "株式会社サンプル"
    assert read.person == "佐藤 葵"
    assert read.email == "aoi.sato@example.co.jp"
    assert read.score == 82
    assert read.message == "導入を検討しています。\n\t来週お話しできますか?"
    assert str(read.crm_url) == "https://crm.example.com/leads/0031234"
    assert read.attributes == FULL["attributes"]


def test_an_e_mail_alone_names_somebody() -> None:
    result = generic.read(b'{"email": "jane@example.com"}')
    assert isinstance(result, Lead)
    assert result.email == "jane@example.com"


def test_blank_and_null_count_as_absent() -> None:
    read = lead(
        person="  ", title=None, phone="\u3000\u200b", email="", score="", crm_url="", attributes=None, message="\n"
    )
    assert read == Lead(company="Acme")


def test_a_lead_that_names_nobody_is_refused() -> None:
    assert whole(b'{"score": 82, "company": " ", "person": null}') == "nobody"


def test_every_wrong_field_is_named_in_one_go() -> None:
    assert wrong(
        company="x" * 201,
        email="jane.example.com",
        crm_url="javascript:alert(1)",
        score="high",
        message="x" * 5001,
        compny="Acme",
        attributes={"size": "x" * 5001, "deep": [[[[[1]]]]]},
    ) == {
        "company": "too_long",
        "email": "not_an_email",
        "crm_url": "not_a_url",
        "score": "not_a_number",
        "message": "too_long",
        "compny": "unknown_field",
        "attributes.size": "too_long",
        "attributes.deep.0.0.0.0": "too_deep",
    }


def test_a_problem_says_what_is_wrong_and_what_to_do() -> None:
    long, unknown = problems(json.dumps({"company": "x" * 201, "compny": "Acme"}).encode())[::-1]
    assert long == FieldProblem("company", "too_long", "company is longer than 200 characters. Shorten it.", 200)
    assert "Did you mean company?" in unknown.message


@pytest.mark.parametrize("score", [82, 82.0, "82", " 82 ", "８２", "82.0"])
def test_a_score_may_be_a_number_or_its_digits(score: object) -> None:
    assert lead(score=score).score == 82


@pytest.mark.parametrize(
    ("score", "code"),
    [
        ("82点", "not_a_number"),
        (82.5, "not_a_whole_number"),
        (-1, "out_of_range"),
        (MAX_SCORE + 1, "out_of_range"),
        ("9" * 5000, "out_of_range"),
        (10**30, "out_of_range"),
        (True, "wrong_type"),
        ([82], "wrong_type"),
        (float("nan"), "not_a_number"),
        (float("inf"), "not_a_number"),
    ],
)
def test_a_score_that_cannot_be_one_is_refused(score: object, code: str) -> None:
    assert wrong(score=score) == {"score": code}


def test_the_limit_told_for_a_score_is_the_limit_of_the_model() -> None:
    assert lead(score=MAX_SCORE).score == MAX_SCORE


def test_a_numeric_record_id_is_read_as_text() -> None:
    assert lead(external_id=901234567890123456).external_id == "901234567890123456"


@pytest.mark.parametrize("field", ["company", "person", "phone", "email", "message", "crm_url"])
@pytest.mark.parametrize("value", [1, 1.5, True, ["Acme"], {"name": "Acme"}, float("nan")])
def test_a_text_field_takes_only_text(field: str, value: object) -> None:
    assert wrong(**{field: value}) == {field: "wrong_type"}


@pytest.mark.parametrize("value", [[], ["a"], 1, "text", True])
def test_attributes_must_be_an_object(value: object) -> None:
    assert wrong(attributes=value) == {"attributes": "wrong_type"}


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "ftp://example.com", "example.com", "https://", "x"]
)
def test_only_a_web_address_may_be_opened_from_the_card(url: str) -> None:
    assert wrong(crm_url=url) == {"crm_url": "not_a_url"}


@pytest.mark.parametrize(
    "email", ["jane", "jane@", "@example.com", "jane@@example.com", "jane@localhost", "a b@example.com"]
)
def test_an_address_that_is_none_is_refused(email: str) -> None:
    assert wrong(email=email) == {"email": "not_an_email"}


def test_a_full_width_address_is_read() -> None:
    assert lead(email="ｊａｎｅ＠ｅｘａｍｐｌｅ．ｃｏｍ").email == "jane@example.com"


def test_control_characters_are_stripped_and_newlines_kept_in_the_message_only() -> None:
    read = lead(person="Jane\x00\x1b Doe\x7f", title="Head of\r\nSales", message="one\r\ntwo\x00\x08\tthree")
    assert (read.person, read.title, read.message) == ("Jane Doe", "Head of Sales", "one\ntwo\tthree")


def test_direction_overrides_do_not_reach_the_card_but_right_to_left_names_do() -> None:
    assert lead(person="\u202eليلى\u202c \u2066דנה").person == "ليلى דנה"


def test_text_is_composed() -> None:
    assert lead(company="カ\u3099ス").company == "ガス"


def test_a_channel_mention_is_kept_as_plain_data() -> None:
    assert lead(company="<!channel> & <https://x.example|click>").company == "<!channel> & <https://x.example|click>"


@pytest.mark.parametrize("field", ["company", "message", "email"])
def test_a_lone_surrogate_is_refused(field: str) -> None:
    assert wrong(**{field: "\ud800"}) == {field: "not_unicode"}


def test_a_lone_surrogate_is_refused_in_attributes_and_in_names() -> None:
    complaints = problems(b'{"company": "A", "attributes": {"a": ["\\ud800"], "\\udfff": 1}, "\\ud800": 1}')
    assert {(p.field, p.problem) for p in complaints} == {
        ("attributes.a.0", "not_unicode"),
        ("attributes.\ufffd", "not_unicode"),
        ("\ufffd", "unknown_field"),
    }


def test_duplicate_keys_are_named_wherever_they_stand() -> None:
    complaints = problems(
        b'{"company": "A", "company": "B", "attributes": {"x": {"y": 1, "y": 2}, "z\\u0000": 1, "z": 2}}'
    )
    assert {(p.field, p.problem) for p in complaints} == {
        ("company", "duplicate_key"),
        ("attributes.x.y", "duplicate_key"),
        ("attributes.z", "duplicate_key"),
    }


def test_numbers_that_cannot_be_stored_are_named_in_attributes() -> None:
    complaints = problems(
        b'{"company": "A", "attributes": {"a": NaN, "b": [-Infinity], "c": 1e999, "d": ' + b"9" * 5000 + b"}}"
    )
    assert {(p.field, p.problem) for p in complaints} == {
        ("attributes.a", "not_a_number"),
        ("attributes.b.0", "not_a_number"),
        ("attributes.c", "out_of_range"),
        ("attributes.d", "out_of_range"),
    }


def test_attributes_have_limits() -> None:
    assert wrong(attributes={str(n): n for n in range(attributes.MAX_NAMES + 1)}) == {"attributes": "too_many"}
    assert wrong(attributes={"a": list(range(attributes.MAX_VALUES))}) == {"attributes": "too_many"}
    assert wrong(attributes={"x" * 201: 1}) == {"attributes." + "x" * 59 + "…": "too_long"}
    assert wrong(attributes={" ": 1}) == {"attributes.": "missing"}


def test_attributes_at_the_limit_are_read() -> None:
    full = {str(n): "x" * 100 for n in range(attributes.MAX_NAMES)}
    assert lead(attributes=full).attributes == full
    assert lead(attributes={"a": [[[["deep"]]]]}).attributes == {"a": [[[["deep"]]]]}


def test_blank_attributes_are_left_out() -> None:
    assert lead(attributes={"a": None, "b": " ", "c": 0, "d": False, "e": [None, ""]}).attributes == {
        "c": 0,
        "d": False,
        "e": [None, ""],
    }


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"  \n", "not_json"),
        (b"{", "not_json"),
        (b"company=Acme", "not_json"),
        (b'{"company": "A"} {}', "not_json"),
        (b'\xef\xbb\xbf{"company": "A"}', "not_json"),
        ('{"company": "A"}'.encode("utf-16"), "not_json"),
        ('{"company": "株式会社"}'.encode("shift_jis"), "not_utf8"),
        (b'{"company": "\xff"}', "not_utf8"),
        (b"[]", "not_an_object"),
        (b'[{"company": "A"}]', "not_an_object"),
        (b'"Acme"', "not_an_object"),
        (b"null", "not_an_object"),
        (b"NaN", "not_an_object"),
        (b"9" * 5000, "not_an_object"),
        (b"[" * 100_000, "too_deep"),
        (b'{"a":' * 40_000, "too_deep"),
        (b'{"company": "' + b"x" * MAX_BYTES + b'"}', "too_large"),
    ],
)
def test_a_body_that_is_no_lead_at_all_gets_one_clear_problem(body: bytes, code: str) -> None:
    assert whole(body) == code


def test_deep_nesting_below_the_parsers_limit_is_a_problem_of_its_attribute() -> None:
    body = b'{"company": "A", "attributes": {"a": ' + b"[" * 500 + b"]" * 500 + b"}}"
    (only,) = problems(body)
    assert (only.problem, only.limit) == ("too_deep", attributes.MAX_DEPTH)


def test_raw_newlines_in_strings_are_read_as_form_tools_send_them() -> None:
    result = generic.read(b'{"company": "A", "message": "one\ntwo"}')
    assert isinstance(result, Lead)
    assert result.message == "one\ntwo"


def test_thousands_of_wrong_fields_get_a_bounded_answer() -> None:
    complaints = problems(json.dumps({f"f{n}": n for n in range(5000)}).encode())
    assert len(complaints) == MAX_PROBLEMS + 1
    assert complaints[-1].problem == "too_many"
    assert "more problems" in complaints[-1].message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_raise(body: bytes) -> None:
    assert isinstance(generic.read(body), Lead | list)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(Lead.model_fields)) | st.text(), JSON, max_size=8))
def test_no_object_raises_and_every_answer_can_be_sent(body: dict[str, object]) -> None:
    result = generic.read(json.dumps(body).encode())
    if isinstance(result, Lead):
        result.model_dump_json().encode()
    else:
        assert result
        json.dumps([vars(p) for p in result], ensure_ascii=False).encode()
