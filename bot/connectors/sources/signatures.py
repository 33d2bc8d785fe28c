"""How tools sign: HMAC-SHA256 and the like, compared in constant time, and what a wrong one looks like."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import Enum

from bot.connectors.sources.contract import Suspicion

TOLERANCE = 300
"""Seconds that a signed moment may lie before or after ours."""

_DIGEST = hashlib.sha256().digest_size
_LONGEST_STAMP = 20
_IN_MILLISECONDS = 100_000_000_000  # As seconds this is the year 5138, as milliseconds 1973.

Candidate = tuple[Suspicion | None, bytes]


class Writing(Enum):
    """How a tool writes the bytes of a digest."""

    HEX = "hex"
    BASE64 = "base64"


_MISWRITTEN = {Writing.BASE64: Suspicion.HEX_FOR_BASE64, Writing.HEX: Suspicion.BASE64_FOR_HEX}


def mac(key: str | bytes, signed: bytes) -> bytes:
    """Return the HMAC-SHA256 of `signed`; a text as key means its UTF-8 bytes."""
    return hmac.digest(key.encode() if isinstance(key, str) else key, signed, "sha256")


def macs(secrets: Iterable[str], signed: bytes, suspicion: Suspicion | None = None) -> list[Candidate]:
    """Return what each secret makes of `signed`. `suspicion`: what it would mean if one of them fitted; None: that the
    signature is right."""
    return [(suspicion, mac(secret, signed)) for secret in secrets]


def judged(given: str, writing: Writing, candidates: Iterable[Candidate]) -> Suspicion | None:
    """Return None where the signature is that of a candidate without a suspicion, written as it should be; else what
    the fault looks like. Every candidate is compared, in constant time."""
    read = _read(given)
    if read is None:
        return Suspicion.NOT_OF_THE_FORM
    written, digest = read
    fitting = [suspicion for suspicion, expected in candidates if hmac.compare_digest(expected, digest)]
    if not fitting:
        return Suspicion.WRONG_KEY
    wrong = None if None in fitting else fitting[0]
    return wrong or (None if written is writing else _MISWRITTEN[writing])


def best(verdicts: Sequence[Suspicion | None]) -> Suspicion | None:
    """Return the verdict over several signatures in one header: one right one is enough, else the one that tells
    most."""
    if not verdicts or None in verdicts:
        return None if verdicts else Suspicion.MISSING_HEADER
    telling = [each for each in verdicts if each not in {Suspicion.WRONG_KEY, Suspicion.NOT_OF_THE_FORM}]
    return telling[0] if telling else verdicts[0]


def stamped(given: str, at: datetime, *, milliseconds: bool = False) -> Suspicion | None:
    """Return what is wrong with the moment that a request was signed at, in Unix seconds or milliseconds: it may lie up
    to TOLERANCE seconds before or after `at`, both included."""
    if not given.isascii() or not given.isdecimal() or len(given) > _LONGEST_STAMP:
        return Suspicion.NOT_OF_THE_FORM
    moment = int(given)
    if not milliseconds and moment >= _IN_MILLISECONDS:
        return Suspicion.MILLISECONDS
    if milliseconds and moment < _IN_MILLISECONDS:
        return Suspicion.SECONDS
    age = at.timestamp() - (moment / 1000 if milliseconds else moment)
    if abs(age) <= TOLERANCE:
        return None
    return Suspicion.TOO_OLD if age > 0 else Suspicion.TOO_NEW


def seconds(stamp: str) -> float:
    """Return a moment that `stamped` has read, in Unix seconds."""
    moment = int(stamp)
    return moment / 1000 if moment >= _IN_MILLISECONDS else moment


def _read(given: str) -> tuple[Writing, bytes] | None:
    """Return the digest, and how it was written."""
    try:
        if len(given) == 2 * _DIGEST:
            return Writing.HEX, binascii.unhexlify(given)
        digest = base64.b64decode(given, validate=True)
    except ValueError:  # binascii.Error is one
        return None
    return (Writing.BASE64, digest) if len(digest) == _DIGEST else None
