"""One person writes their address, their number and their name in many ways."""

from __future__ import annotations

import pytest

from storage.identity import address, addresses_in, phones_in, squeezed

JOSE = "josé@bücher.example"


@pytest.mark.parametrize(
    "spelling",
    [
        "josé@bücher.example",
        " JOSÉ@BÜCHER.EXAMPLE ",
        "jose\u0301@bu\u0308cher.example",
        "josé@xn--bcher-kva.example",
        "JOSE\u0301@XN--BCHER-KVA.EXAMPLE",
        "ｊｏｓé@bücher.ｅｘａｍｐｌｅ",
        "josé＠bücher．example",
        "josé@bücher。example",
        "josé@bü\u00adcher.example",
    ],
)
def test_every_spelling_of_an_address_is_one_address(spelling: str) -> None:
    assert address(spelling) == JOSE
    assert JOSE in addresses_in(f"Please write to {spelling}, thank you.")
    assert JOSE in addresses_in(f'{{"email": "{spelling}"}}')


@pytest.mark.parametrize(
    "text",
    [
        "<mailto:jane@example.com|write>",
        "連絡先はjane@example.comです。",
        "jane@example.com.",
        "form:jane@example.com",
        "email=jane@example.com&name=Jane",
        "'jane@example.com'",
    ],
)
def test_an_address_is_found_in_a_text(text: str) -> None:
    assert "jane@example.com" in addresses_in(text)


@pytest.mark.parametrize("text", ["joann@example.com", "ann@example.com.au", "ann.lee@example.com", "no address", "@"])
def test_another_address_that_holds_it_is_another(text: str) -> None:
    assert "ann@example.com" not in addresses_in(text)


@pytest.mark.parametrize(
    "text", ["090-1234-5678", "+81 90 1234 5678", "０９０ー１２３４ー５６７８", "tel:+819012345678"]
)
def test_a_number_is_found_with_and_without_its_country(text: str) -> None:
    assert phones_in(f"電話は{text}です") == {"012345678"}


def test_a_name_is_found_however_it_is_spaced_and_wide() -> None:
    assert squeezed("山田 太郎") in squeezed("担当は山田\u3000太郎様です")
    assert squeezed("Jane Doe") in squeezed("JANE\nＤＯＥ asked")
