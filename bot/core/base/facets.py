"""What is known of a lead beside its fields: industry, size, region, product, language, the CRM's owner.

Rules of the definition, and of who gets a lead, ask for these. They stand among the attributes, each under the name
that its tool or form has for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.core.base import prefectures

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Words = Annotated[tuple[Word, ...], Field(max_length=50)]
MOST_SIZE = 10_000_000


class Facet(StrEnum):
    """What a rule may ask for that is no field of a lead."""

    INDUSTRY = "industry"
    SIZE = "size"
    REGION = "region"
    PRODUCT = "product"
    LANGUAGE = "language"
    OWNER = "owner"
    """Whom the CRM names: a name or an e-mail address of ours."""


_NAMES = {
    Facet.INDUSTRY: """
        業種, 業界, 業種名, 業界名, ご業種, 貴社業種, 産業, 業種・業界, 業種/業界, 事業内容
        industry, sector, business type, line of business, industry type""",
    Facet.SIZE: """
        従業員数, 従業員規模, 会社規模, 企業規模, 社員数, 人数規模, 規模, 従業員数（名）, 貴社従業員数
        employees, number of employees, numberofemployees, company size, companysize, employee count, headcount, size,
        numemployees, no of employees, num employees""",
    Facet.REGION: """
        都道府県, 地域, 所在地, 住所, ご住所, 会社所在地, 本社所在地, エリア, 国, 市区町村
        prefecture, region, state, province, country, area, territory, address, city, state / region, country / region,
        state/province, mailingstate, billingstate""",
    Facet.PRODUCT: """
        製品, 商品, 製品名, 商品名, サービス名, 興味のある製品, 関心のある製品, ご興味のある製品, 対象製品, プロダクト
        product, product interest, product of interest, productinterest, interest, solution, service""",
    Facet.LANGUAGE: """
        言語, 希望言語, 使用言語, ご希望の言語
        language, preferred language, preferredlanguage, lang, locale, hs language""",
    Facet.OWNER: """
        営業担当, 担当営業, 担当者メール, 営業担当者, 担当営業者, 取引先責任者の所有者, 所有者, 取引先所有者
        owner, owner email, owneremail, hubspot owner, hubspot owner email, contact owner, lead owner, account owner,
        crm owner, record owner, owner name""",
}
_NOT_LETTERS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"[0-9]+(?:,[0-9]{3})*")
_MYRIAD = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*万")


def folded(text: object) -> str:
    """Return text as rules compare it: NFKC, without case, spaces or punctuation."""
    return _NOT_LETTERS.sub("", unicodedata.normalize("NFKC", str(text)).casefold())


_BY_NAME = {
    folded(name): facet for facet, names in _NAMES.items() for name in re.split(r"[,\n]", names) if name.strip()
}


def of(attributes: Mapping[str, object], facet: Facet) -> tuple[str, ...]:
    """Return every value that attributes give for a facet; empty where none does."""
    return tuple(
        str(value)
        for name, value in attributes.items()
        if _BY_NAME.get(folded(name)) == facet and value not in (None, "") and not isinstance(value, dict | list)
    )


def stands_in(word: str, value: str) -> bool:
    """Return whether a word stands in a value; both are folded."""
    return bool(word) and word in value


def names_region(word: str, value: str) -> bool:
    """Return whether a value lies in the region that a word names: "関東" and "東京" have "東京都港区", "京都" has not.
    Both are folded."""
    area = prefectures.named(word)
    if area:
        return bool(area & prefectures.found_in(value))
    return word in value


@cache
def folded_word(word: str) -> str:
    """Return a word of a rule, folded."""
    return folded(word)


def at_least(size: str) -> int | None:
    """Return how many people a company has at least: "300名" 300, "1,001〜5,000" 1001, "50人以下" 0, "1万人以上" 10000.
    None where no number stands in it."""
    text = _MYRIAD.sub(lambda match: str(int(float(match[1]) * 10_000)), unicodedata.normalize("NFKC", size))
    numbers = [int(number.replace(",", "")) for number in _NUMBER.findall(text)]
    if not numbers:
        return None
    below = len(numbers) == 1 and re.search(r"以下|未満|まで|^\s*[〜~<]|under|less|up to|fewer", text, re.IGNORECASE)
    return 0 if below else numbers[0]
