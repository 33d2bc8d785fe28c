"""By what the same person is known again."""

from __future__ import annotations

import pytest

from storage import person_keys


@pytest.mark.parametrize("tool", ["salesforce", "Salesforce", " SALESFORCE "])
def test_the_two_forms_of_an_id_of_salesforce_are_one(tool: str) -> None:
    long = person_keys.record(tool, "001A0000006Vm9rIAC")
    assert person_keys.record(tool, "001A0000006Vm9r") == long
    assert person_keys.record(tool, "001a0000006vm9r") != long  # its capitals tell records apart


def test_what_looks_alike_in_another_tool_stays_as_it_is() -> None:
    assert person_keys.record("hubspot", "001A0000006Vm9r").value == "001A0000006Vm9r"
    assert person_keys.record("hubspot", "555") != person_keys.record("kintone", "555")


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("03-1234-5678", "山田太郎"),
        ("０３（１２３４）５６７８", "山田 太郎 様"),
        ("+81 3-1234-5678", "山田　太郎さん"),
        ("03-1234-5678 (内線 12)", "山田太郎"),
    ],
)
def test_a_phone_number_with_a_name_is_one_key(number: str, name: str) -> None:
    key = person_keys.named_phone(number, name, "JP")
    assert key is not None
    assert key.value == "+81312345678 山田太郎"


@pytest.mark.parametrize(("number", "name"), [("12", "山田"), ("なし", "山田"), ("03-1234-5678", "様"), ("", "")])
def test_without_a_number_or_a_name_there_is_no_key(number: str, name: str) -> None:
    assert person_keys.named_phone(number, name, "JP") is None


def test_the_country_of_the_workspace_counts_only_where_the_number_names_none() -> None:
    assert person_keys.e164("(212) 555-0100", "US") == "+12125550100"
    assert person_keys.e164("+44 20 7946 0000", "JP") == "+442079460000"
    assert person_keys.person_name("Mr. Taro Yamada") == person_keys.person_name("TARO  YAMADA")


def test_a_plus_part_leads_to_the_same_mailbox_but_is_another_address() -> None:
    assert person_keys.mailbox("one+demo@x.example") == person_keys.mailbox("one@x.example")
    assert person_keys.email("one+demo@x.example") != person_keys.email("one@x.example")
    assert person_keys.mailbox("+@x.example") is None
