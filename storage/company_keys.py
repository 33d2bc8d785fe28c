"""One company is written in many ways. Here its name, the domain of its people's addresses and its corporate number are
made keys that are equal where the company is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from unicodedata import normalize

from storage import free_mail, identity, legal_forms

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_NOBODY = """
なし 無し 無 個人 個人事業主 自営業 フリーランス
無所属 学生 未記入 未入力 不明 テスト none na n/a null self individual personal student freelance
freelancer unknown test private
"""
_NO_COMPANY = frozenset(_NOBODY.split())
_CORPORATE_NUMBER = re.compile(r"(?<![0-9])T?([1-9][0-9]{12})(?![0-9])")


class CompanyKeys(NamedTuple):
    """What a company is found by, each None where it is not known. The names are those of the columns of an MQL."""

    company_key: str | None = None
    company_domain: str | None = None
    corporate_number: str | None = None


def of(values: Mapping[str, Any]) -> CompanyKeys:
    """Return the keys of a lead's columns `company`, `email` and `attributes`."""
    numbers = _numbers_in(values.get("attributes") or {})
    return CompanyKeys(name(values.get("company")), domain(values.get("email")), next(iter(numbers), None))


def name(text: str | None) -> str | None:
    """Return a company's name without its legal form, spaces, dots, case and width; None where nothing is left, or
    where it says that there is no company."""
    plain = identity.folded(text or "")
    if not plain.strip() or re.sub(r"[\s.\-()]", "", plain) in _NO_COMPANY:
        return None
    words = re.split(r"[\s,]+", re.sub(legal_forms.JAPANESE, " ", plain).strip())
    bare = [word.replace(".", "").replace("/", "") for word in words]
    while len(bare) > 1 and (bare[-1] in legal_forms.LATIN or bare[-1] in ("&", "and", "")):
        bare.pop()
    if len(bare) > 1 and bare[0] in ("kk", "gk"):
        bare = bare[1:]
    return re.sub(r"[\s・･'’\"“”「」『』!！\-‐‑–—_&＆+]", "", "".join(bare)) or None


def domain(address: str | None) -> str | None:
    """Return the domain that a company has registered, of an e-mail address: `acme.co.jp` of `a@mail.acme.co.jp`. None
    for a mailbox that anybody can have."""
    _, at, host = identity.address(address or "").rpartition("@")
    if not at or host in free_mail.DOMAINS:
        return None
    registered = _suffixes().privatesuffix(host)
    return None if registered is None or registered in free_mail.DOMAINS else registered


def corporate_number(text: str) -> str | None:
    """Return the Japanese corporate number (法人番号) in a text: 13 digits of which the first checks the others, also
    behind the T of an invoice issuer's number and with hyphens."""
    match = _CORPORATE_NUMBER.search(re.sub(r"[\s\-‐‑–—−]", "", normalize("NFKC", text)))
    if match is None:
        return None
    check, base = int(match[1][0]), match[1][1:]
    weighed = sum(int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(base)))
    return match[1] if 9 - weighed % 9 == check else None


def _numbers_in(attributes: Mapping[str, Any]) -> Iterable[str]:
    for label, value in attributes.items():
        if _is_number_label(identity.squeezed(str(label))) and isinstance(value, str | int):
            number = corporate_number(str(value))
            if number is not None:
                yield number


def _is_number_label(label: str) -> bool:
    return "法人番号" in label or label.replace("_", "").replace("-", "") in (
        "corporatenumber",
        "houjinbangou",
        "hojinbango",
        "jpcorporatenumber",
    )


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    # With the domains under which others let rooms (github.io): what stands before them is whose page it is. Addresses
    # are kept as people write them (identity.address): to encode the whole list takes most of the time of reading it.
    return PublicSuffixList(accept_encoded_idn=False)
