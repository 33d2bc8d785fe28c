"""What people type for money and shares, as numbers: full-width digits, separators, ¥ and 円, 億, 万, k and m."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction

MOST = 999_999_999_999_999
_UNITS = {
    "": 1,
    "千": 10**3,
    "万": 10**4,
    "百万": 10**6,
    "千万": 10**7,
    "億": 10**8,
    "k": 10**3,
    "m": 10**6,
    "b": 10**9,
}
_UNIT = "|".join(sorted(filter(None, _UNITS), key=len, reverse=True))
_PART = re.compile(rf"([0-9]{{1,15}}(?:\.[0-9]{{1,9}})?)({_UNIT})?")
_SHARE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)%?")


def money(text: str) -> int | None:
    """Return a whole amount up to 15 digits: 100000000, １億, 1億2000万円, ¥5,000,000, 5m. None for anything else."""
    typed = re.sub(r"[\s,、¥円\\]", "", _narrow(text))
    if not re.fullmatch(rf"(?:{_PART.pattern})+", typed):
        return None
    parts = [(Decimal(digits), _UNITS[unit]) for digits, unit in _PART.findall(typed)]
    sizes = [size for _, size in parts]
    if sizes != sorted(set(sizes), reverse=True):
        return None
    amount = sum(number * size for number, size in parts)
    return int(amount) if amount == int(amount) and amount <= MOST else None


def share(text: str) -> Fraction | None:
    """Typed percent as a share: 15, １５％, 12.5. Whether it makes sense is not asked. None for anything else."""
    matched = _SHARE.fullmatch(_narrow(text).replace(" ", ""))
    return Fraction(matched[1]) / 100 if matched else None


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()
