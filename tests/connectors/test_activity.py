from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.connectors import activity
from bot.connectors.activity import Report
from bot.connectors.lead_reference import MAX_ID, MAX_NUMBER
from bot.connectors.parser.fields import MAX_PROBLEMS
from bot.connectors.problems import FieldProblem
from bot.core.mql.activity import KINDS, Activity
from storage.vocabulary import Evidence, Source
from tests.connectors.test_generic import JSON

AT = datetime(2026, 11, 17, 1, 5, tzinfo=UTC)
GOOD = {"number": 12, "kind": "call", "at": "2026-11-17T10:05:00+09:00"}


def read(**fields: object) -> Report:
    result = activity.read(json.dumps(GOOD | fields).encode())
    assert isinstance(result, Report), result
    return result


def problems(body: bytes) -> list[FieldProblem]:
    result = activity.read(body)
    assert isinstance(result, list), result
    for problem in result:
        assert problem.message.endswith(".")
        problem.message.encode()
        problem.field.encode()
    return result


def wrong(**fields: object) -> dict[str, str]:
    return {p.field: p.problem for p in problems(json.dumps(GOOD | fields).encode())}


def test_a_full_activity_is_read_as_it_was_sent() -> None:
    sent = {
        "external_id": 31234,
        "source": "notification",
        "email": "Jane.Doe@EXAMPLE.com",
        "actor": "Sato@example.com",
    }
    assert read(**sent) == Report(
        Activity(Evidence.CALL, AT, 12, Source.NOTIFICATION, "31234", "jane.doe@example.com"), "sato@example.com"
    )


@pytest.mark.parametrize("named", [{"external_id": "42"}, {"email": "jane@example.com"}, {"number": 12}])
def test_any_one_name_of_the_lead_is_enough(named: dict[str, object]) -> None:
    assert read(**({"number": None} | named)).activity.source == Source.GENERIC


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("written", [str.lower, str.upper, str.title])
def test_every_kind_is_read_however_it_is_written(kind: Evidence, written: object) -> None:
    assert read(kind=written(kind)).activity.kind == kind  # type: ignore[operator]


@pytest.mark.parametrize("kind", ["button", "note", "fax", "", "call me"])
def test_what_no_crm_can_prove_is_no_kind(kind: str) -> None:
    assert wrong(kind=kind) == {"kind": "not_one_of" if kind else "not_given"}


@pytest.mark.parametrize(
    "at", ["2026-11-17T01:05:00Z", "2026-11-17 10:05:00+0900", "20261117T100500+09", " 2026-11-17T01:05Z "]
)
def test_a_time_is_read_in_any_form_of_iso_8601_that_has_its_offset(at: str) -> None:
    assert read(at=at).activity.at == AT


@pytest.mark.parametrize(
    "at",
    [
        "2026-11-17T10:05:00",
        "2026-11-17",
        "17/11/2026 10:05",
        "yesterday",
        "1795741500",
        "0001-01-01T00:00:00+09:00",
        "9999-12-31T23:59:59-09:00",
        "2026-11-31T10:00:00Z",
        "２０２６-11-17T01:05:00Z",
    ],
)
def test_a_time_that_is_none_or_has_no_offset_is_refused(at: str) -> None:
    assert wrong(at=at) == {"at": "not_a_time"}


@pytest.mark.parametrize("number", [12, "12", "#12", " １２ "])
def test_a_number_may_be_written_as_people_call_it(number: object) -> None:
    assert read(number=number).activity.number == 12


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (MAX_NUMBER + 1, "out_of_range"),
        ("9" * 5000, "out_of_range"),
        (10**30, "wrong_type"),
        (-1, "not_a_number"),
        ("twelve", "not_a_number"),
        (12.5, "wrong_type"),
        (True, "wrong_type"),
        ([12], "wrong_type"),
        (float("nan"), "wrong_type"),
    ],
)
def test_a_number_that_cannot_be_one_is_refused(number: object, code: str) -> None:
    assert wrong(number=number) == {"number": code}


@pytest.mark.parametrize("field", ["external_id", "source", "email", "kind", "at", "actor"])
@pytest.mark.parametrize("value", [1.5, True, ["x"], {"x": 1}, float("inf")])
def test_a_text_field_takes_only_text(field: str, value: object) -> None:
    assert wrong(**{field: value}) == {field: "wrong_type"}


def test_the_limit_of_an_external_id_is_that_of_the_lead() -> None:
    assert len(read(external_id="x" * MAX_ID).activity.external_id or "") == MAX_ID
    assert wrong(external_id="x" * (MAX_ID + 1)) == {"external_id": "too_long"}


@pytest.mark.parametrize("actor", ["sato", "u0sato0001", "C0MQL00001", "@sato", "sato@", "U"])
def test_an_actor_is_an_address_or_a_slack_id(actor: str) -> None:
    assert wrong(actor=actor) == {"actor": "not_a_member"}
    assert read(actor="U0SATO0001").actor == "U0SATO0001"


def test_everything_that_is_wrong_is_named_in_one_go() -> None:
    body = {"email": "jane", "kind": "fax", "at": "soon", "source": "crm", "acter": "x", "number": None}
    complaints = problems(json.dumps(body).encode())
    assert {p.field: p.problem for p in complaints} == {
        "email": "not_an_email",
        "kind": "not_one_of",
        "at": "not_a_time",
        "source": "not_one_of",
        "acter": "unknown_field",
    }
    assert any("Did you mean actor?" in p.message for p in complaints)
    assert any("call, email, meeting, crm" in p.message for p in complaints)


def test_what_is_missing_is_named() -> None:
    complaints = {p.field: p.problem for p in problems(b'{"number": " ", "kind": null}')}
    assert complaints == {"kind": "not_given", "at": "not_given", "": "nobody"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"kind=call", "not_json"),
        (b'{"kind": "\xff"}', "not_utf8"),
        (b"[]", "not_an_object"),
        (b"[" * 100_000, "too_deep"),
    ],
)
def test_a_body_that_is_no_activity_at_all_gets_one_clear_problem(body: bytes, code: str) -> None:
    assert [p.problem for p in problems(body)] == [code]


def test_a_key_that_is_given_twice_and_half_a_character_are_refused() -> None:
    complaints = problems(b'{"number": 1, "number": 2, "kind": "call", "at": "2026-11-17T01:05Z", "actor": "\\ud800"}')
    assert [(p.field, p.problem) for p in complaints] == [("number", "duplicate_key"), ("actor", "not_unicode")]


def test_thousands_of_wrong_fields_get_a_bounded_answer() -> None:
    assert len(problems(json.dumps({f"f{n}": n for n in range(5000)}).encode())) == MAX_PROBLEMS + 1


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from([*GOOD, "external_id", "source", "email", "actor"]) | st.text(), JSON, max_size=8)
)
def test_no_object_raises_and_every_problem_can_be_sent(body: dict[str, object]) -> None:
    result = activity.read(json.dumps(body).encode())
    if isinstance(result, list):
        assert result
        json.dumps([vars(p) for p in result], ensure_ascii=False).encode()
