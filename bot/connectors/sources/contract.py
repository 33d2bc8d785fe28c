"""What every kind of source is to the bot: how a delivery proves itself, what stands in it, how it is answered.

A kind is a file of this folder, pure: bytes in, values out. The door (`bot/hooks.py`) compares the
secret address and the secret header; a kind compares only what its tool signs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.core.mql.lead import Lead
from bot.core.reports.nurturing_delivery import WeekSupplied


class Suspicion(StrEnum):
    """What a refused signature looks like, for the source's log; never told to the caller."""

    MISSING_HEADER = "missing_header"
    NOT_OF_THE_FORM = "not_of_the_form"
    HEX_FOR_BASE64 = "hex_for_base64"
    BASE64_FOR_HEX = "base64_for_hex"
    MILLISECONDS = "milliseconds"
    SECONDS = "seconds"
    KEY_NOT_DECODED = "key_not_decoded"
    TOO_OLD = "too_old"
    TOO_NEW = "too_new"
    OTHER_ADDRESS = "other_address"
    OTHER_ORGANIZATION = "other_organization"
    WRONG_KEY = "wrong_key"


@dataclass(frozen=True)
class Delivery:
    """One request to a source's address."""

    method: str
    url: str
    """As the tool called it: the configured public address and the path, never the Host header."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    at: datetime


@dataclass(frozen=True)
class LeadRead:
    """A lead as a delivery tells it. Nothing in it is refused for its content."""

    lead: Lead | None
    """None: it names nobody, or what names it cannot be right; a person decides."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Everything that was read, by the tool's own names, for whoever decides."""
    reason: str = ""
    """Why `lead` is None: `nobody` (fields, but none that names somebody), `bad_value` (what names it cannot be right),
    `not_mapped` (no field is known), `dummy` (somebody tries the form)."""
    presets: Mapping[str, str] = field(default_factory=dict)
    """The field that the kind itself knows some values to be, by path; a mapping wins over it."""


@dataclass(frozen=True)
class NotALead:
    """An authentic delivery that is about no lead: a test, a cancellation, a change of what is known already."""

    reason: str
    """`needs_fetch`: it names a record without telling it. Else `test`, `cancelled`, `moved`, `deleted`, `erased` (for
    good, as the law asks for), `comment`, `other`."""
    record: str = ""
    """The record that it names, as `records.external_id` writes it, with the type where it is no person:
    `hubspot:123`, `hubspot:deal:7`."""


@dataclass(frozen=True)
class FiguresRead:
    """Marketing's own figures: all weeks and segments of a delivery, which are taken together."""

    weeks: tuple[WeekSupplied, ...]


@dataclass(frozen=True)
class Item:
    """One thing in a delivery; a batch has several."""

    key: str | None
    """What its tool calls it, the same each time that it is sent; None: the tool has no word for it."""
    content: LeadRead | NotALead | FiguresRead


@dataclass(frozen=True)
class Reply:
    """What a tool expects to hear."""

    body: str
    content_type: str = "application/json"
    status: int = 200


class Unreadable(ValueError):
    """The body has not the form of its kind (no JSON, no XML, a DTD): 400. The text says what is wrong."""


class Kind(Protocol):
    """A kind of source."""

    @property
    def signs(self) -> bool:
        """Return whether its tool can sign a request, or puts its key into the body. Where not, `verify` takes
        everything: the address or a header is the proof."""

    @property
    def dated(self) -> bool:
        """Return whether what its tool signs holds when it was sent, so that `verify` refuses it minutes later. Where
        not, whoever gets hold of one request can send it again at any time."""

    def stamp(self, delivery: Delivery) -> str:
        """Return the moment at which a request says that it was signed, as its tool writes it; empty: it says none."""

    def verify(self, delivery: Delivery, secrets: Sequence[str]) -> Suspicion | None:
        """Return None where the tool's own signature fits one of the secrets, else what the fault looks like: TOO_OLD
        and TOO_NEW only where nothing but the moment is wrong."""

    def handshake(self, delivery: Delivery, secrets: Sequence[str]) -> Reply | None:
        """Return the answer to a tool's question whether the address is ours; None: it is no such question."""

    def read(self, delivery: Delivery, mapping: Mapping[str, str]) -> list[Item]:
        """Return what stands in a delivery. `mapping` names the field of a lead for a path in the body
        (`record.email.value` → `email`); what it does not name is proposed by label or kept as an attribute. Raises
        Unreadable."""

    def reply(self, delivery: Delivery, taken: Sequence[str]) -> Reply:
        """Return what the tool is to hear to this delivery, by what became of each item."""

    def kept(self, body: bytes) -> bytes:
        """Return the body as it may be stored: without a secret that stands in it."""
