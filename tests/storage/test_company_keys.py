"""One company is one, however it is written; two are two."""

from __future__ import annotations

import pytest

from storage import company_keys
from storage.company_keys import CompanyKeys

AOZORA = ["株式会社青空商事", "青空商事(株)", "㈱青空商事", "青空 商事 株式会社", "㍿青空商事", "（株）青空商事"]
ACME = ["Acme Inc.", "ACME, Inc", "Acme Co., Ltd.", "ＡＣＭＥ", "Acme K.K.", "acme gmbh", "Acme S.p.A.", "合同会社Acme"]
HALF_WIDTH = ["ｱｵｿﾞﾗ商事㈲", "アオゾラ商事有限会社"]


@pytest.mark.parametrize("names", [AOZORA, ACME, HALF_WIDTH, ["Müller GmbH & Co. KG", "Müller"]])
def test_one_company_is_written_in_many_ways(names: list[str]) -> None:
    assert len({company_keys.name(name) for name in names}) == 1


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("青空商事", "青空商会"),
        ("Acme Japan Inc.", "Acme Inc."),
        ("日本オラクル株式会社", "オラクル株式会社"),
        ("Company Co.", "Co. Ltd"),
    ],
)
def test_another_company_is_another(name: str, other: str) -> None:
    assert company_keys.name(name) != company_keys.name(other)


@pytest.mark.parametrize("text", [None, "", "  ", "個人", "なし", "N/A", "-", "フリーランス"])
def test_what_names_no_company_is_none(text: str | None) -> None:
    assert company_keys.name(text) is None


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("a@mail.acme.co.jp", "acme.co.jp"),
        ("a@ＡＣＭＥ．co.jp", "acme.co.jp"),
        ("a@acme.com", "acme.com"),
        ("a@city.shibuya.tokyo.jp", "city.shibuya.tokyo.jp"),
        ("a@gmail.com", None),
        ("a@docomo.ne.jp", None),
        ("a@ezweb.ne.jp", None),
        ("a@i.softbank.jp", None),
        ("a@t.vodafone.ne.jp", None),
        ("a@xyz.nifty.com", None),
        ("a@abc.biglobe.ne.jp", None),
        ("a@co.jp", None),
        (None, None),
    ],
)
def test_a_domain_says_which_company_unless_anybody_can_have_a_mailbox_there(address: str, domain: str | None) -> None:
    assert company_keys.domain(address) == domain


@pytest.mark.parametrize(
    "given",
    ["1180301018771", "１１８０３０１０１８７７１", "T1180301018771", "1180-3010-18771", "番号 1180301018771。"],
)
def test_a_corporate_number_is_read_in_every_writing(given: str) -> None:
    assert company_keys.corporate_number(given) == "1180301018771"


@pytest.mark.parametrize("given", ["1180301018772", "2180301018771", "118030101877", "11803010187711", "なし"])
def test_a_number_with_a_wrong_check_digit_is_none(given: str) -> None:
    assert company_keys.corporate_number(given) is None


@pytest.mark.parametrize("label", ["法人番号", "法人番号（13桁）", "corporate_number", "Corporate Number"])
def test_the_number_stands_in_an_attribute(label: str) -> None:
    values = {"company": "Acme", "email": "a@acme.example", "attributes": {"size": 3, label: 1180301018771}}
    assert company_keys.of(values) == CompanyKeys("acme", "acme.example", "1180301018771")
    assert company_keys.of({**values, "attributes": {"phone": "1180301018771"}}).corporate_number is None
