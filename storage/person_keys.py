"""What the same person is found by: their addresses, the ids by which tools know them, their phone number with their
name."""

from __future__ import annotations

import re
from typing import NamedTuple
from unicodedata import normalize

from storage import identity
from storage.vocabulary import IdentifierKind

_HONORIFICS = re.compile(r"(?:様|さま|さん|氏|殿|先生|御中)$")
_TITLES = re.compile(r"^(?:mr|mrs|ms|miss|mx|dr|prof)\b\.?\s*")
_EXTENSION = re.compile(r"\(?(?:内線|ext\b|extension|\bx\d)", re.IGNORECASE)
_SALESFORCE = re.compile(r"[A-Za-z0-9]{15}(?:[A-Z0-5]{3})?")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
SALESFORCE = "salesforce"


class PersonKey(NamedTuple):
    """A key of a person."""

    kind: IdentifierKind
    system: str
    """The tool whose id it is; empty for any other kind."""
    value: str


def email(address: str) -> PersonKey:
    """Return the key of an address."""
    return PersonKey(IdentifierKind.EMAIL, "", identity.address(address))


def mailbox(address: str) -> PersonKey | None:
    """Return the key of the mailbox that an address with a plus sign (`one+demo@x.example`) most likely leads to, and
    that of one without: whoever shares it may be the same person."""
    local, _, host = identity.address(address).rpartition("@")
    box = local.partition("+")[0]
    return PersonKey(IdentifierKind.MAILBOX, "", f"{box}@{host}") if box else None


def record(system: str, record_id: str) -> PersonKey:
    """Return the key of a tool's record. The two forms of an id of Salesforce, of 15 and of 18 letters, are one."""
    system, given = system.strip().lower(), record_id.strip()
    return PersonKey(IdentifierKind.RECORD, system, (salesforce_id(given) or given) if system == SALESFORCE else given)


def as_named(system: str, record_id: str) -> list[PersonKey]:
    """Return the keys that somebody means who names a record: that of their door, and where the id itself tells its
    tool (`hubspot:123`, an id of Salesforce of 15 or 18 letters), that of the tool."""
    keys = [record(system, record_id)]
    tool, colon, number = record_id.strip().partition(":")
    if colon and number and tool:
        keys.append(record(tool, number))
    if salesforce_id(record_id.strip()) is not None:
        keys.append(record(SALESFORCE, record_id))
    return list(dict.fromkeys(keys))


def salesforce_id(given: str) -> str | None:
    """Return the 18 letters of an id of Salesforce of 15 or 18, or None where it is none. The last three say which of
    the first fifteen are capitals: one letter for each five, the first of them being the lowest bit."""
    if not _SALESFORCE.fullmatch(given):
        return None
    bare = given[:15]
    parts = (bare[:5], bare[5:10], bare[10:])
    bits = (sum(letter.isupper() << place for place, letter in enumerate(part)) for part in parts)
    check = "".join(_LETTERS[number] for number in bits)
    return bare + check if given[15:] in ("", check) else None


def named_phone(number: str, person: str, region: str) -> PersonKey | None:
    """Return the key of a phone number together with a name; None where either is none. A number without a country is
    read as one of the `region` (ISO 3166)."""
    called, name = e164(number, region), person_name(person)
    return PersonKey(IdentifierKind.PHONE, "", f"{called} {name}") if called and name else None


def e164(number: str, region: str) -> str | None:
    """Return a phone number as +81312345678, without an extension; None where it cannot be one."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(_EXTENSION.split(normalize("NFKC", number))[0], region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def person_name(text: str) -> str:
    """Return a person's name without spaces, width, case and what is added for politeness."""
    spaced = _TITLES.sub("", " ".join(identity.folded(text).split()))
    return _HONORIFICS.sub("", "".join(spaced.split()))
