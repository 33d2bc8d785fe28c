"""What most kinds of sources have in common: no signature, one record a body, an answer in JSON."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from bot.connectors.sources import reading
from bot.connectors.sources.contract import Delivery, Item, NotALead, Reply, Suspicion, Unreadable

MAX_ITEMS = 1_000
LONGEST_KEY = 200

Entry = tuple[str | None, reading.Record | NotALead]
"""The key of an item, and what stands in it before it is read."""


class Unsigned:
    """A kind that signs nothing, asks nothing, and is answered in JSON."""

    signs = False
    dated = False

    def stamp(self, delivery: Delivery) -> str:  # noqa: ARG002 as in the contract
        """Return nothing: what is not signed has no moment."""
        return ""

    def verify(self, delivery: Delivery, secrets: Sequence[str]) -> Suspicion | None:  # noqa: ARG002
        """Take everything: the address or a header is the proof."""
        return None

    def handshake(self, delivery: Delivery, secrets: Sequence[str]) -> Reply | None:  # noqa: ARG002
        """Ask nothing."""
        return None

    def reply(self, delivery: Delivery, taken: Sequence[str]) -> Reply:  # noqa: ARG002
        """Answer with what became of each item, as JSON: some tools take an empty answer for an error."""
        return Reply(json.dumps({"results": list(taken)}, ensure_ascii=False))

    def kept(self, body: bytes) -> bytes:
        """Return the whole body: no secret stands in it."""
        return body


class Base(Unsigned, ABC):
    """A kind whose deliveries bring leads. A kind overrides what its tool does otherwise, and says where they stand."""

    def read(self, delivery: Delivery, mapping: Mapping[str, str]) -> list[Item]:
        """Return what stands in the delivery. Raises Unreadable."""
        entries = list(islice(self.entries(delivery), MAX_ITEMS + 1))
        if len(entries) > MAX_ITEMS:
            raise Unreadable(f"The body holds more than {MAX_ITEMS:,} leads. Send fewer at a time.")
        return [
            Item(_short(key), entry if isinstance(entry, NotALead) else reading.lead(entry, mapping, delivery.at))
            for key, entry in entries
        ]

    @abstractmethod
    def entries(self, delivery: Delivery) -> Iterator[Entry]:
        """Yield the records of a delivery. Raises Unreadable."""


def _short(key: str | None) -> str | None:
    """Return a key that can be stored: what is too long, or holds signs that nobody can see, as its digest."""
    return key if key is None or (len(key) <= LONGEST_KEY and key.isprintable()) else digest(key)


def digest(*parts: str) -> str:
    """Return one key of several parts: as long for long ones, and without the personal data that may stand in them."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
