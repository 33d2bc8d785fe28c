"""Senders that sign as Standard Webhooks (or Svix, its parent) says, with our field names or their own."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from contextlib import suppress

from bot.connectors import generic
from bot.connectors.sources import signatures
from bot.connectors.sources.contract import Delivery, Item, LeadRead, Suspicion
from bot.connectors.sources.mapping import Mapped, header_key
from bot.connectors.sources.paths import flat
from bot.connectors.sources.payload import tree
from bot.connectors.sources.signatures import Candidate, Writing
from bot.core.mql.lead import Lead

_PREFIX = "whsec_"


class Generic(Mapped):
    """The body as `bot.connectors.generic` reads it; where that would refuse it, as far as it can be read."""

    signs = True
    dated = True

    def stamp(self, delivery: Delivery) -> str:
        """Return the moment in seconds."""
        return _header(delivery, "timestamp")

    def verify(self, delivery: Delivery, secrets: Sequence[str]) -> Suspicion | None:
        """Compare one of the signatures in the header: base64 of the HMAC over id, moment and body."""
        identity, stamp, given = _header(delivery, "id"), self.stamp(delivery), _header(delivery, "signature")
        if not (identity and stamp and given):
            return Suspicion.MISSING_HEADER
        signed = f"{identity}.{stamp}.".encode() + delivery.body
        candidates = _candidates(secrets, signed)
        marked = [each.partition(",") for each in given.split()]
        values = [value for version, comma, value in marked if version == "v1" and comma]
        if not values:
            return Suspicion.NOT_OF_THE_FORM
        wrong = signatures.best([signatures.judged(each, Writing.BASE64, candidates) for each in values])
        moment = signatures.stamped(stamp, delivery.at)
        return moment if moment is Suspicion.MILLISECONDS else wrong or moment

    def read(self, delivery: Delivery, mapping: Mapping[str, str]) -> list[Item]:
        """Return the lead, or the leads of a list. Raises Unreadable."""
        strict = None if mapping else generic.read(delivery.body)
        if isinstance(strict, Lead):
            return [Item(header_key(delivery), LeadRead(strict, flat(tree(delivery))))]
        return super().read(delivery, mapping)


def _header(delivery: Delivery, name: str) -> str:
    return delivery.headers.get(f"webhook-{name}") or delivery.headers.get(f"svix-{name}") or ""


def _candidates(secrets: Sequence[str], signed: bytes) -> list[Candidate]:
    candidates: list[Candidate] = []
    for secret in secrets:
        bare = secret.removeprefix(_PREFIX)
        with suppress(binascii.Error):  # Such a text cannot have been decoded by the sender either.
            candidates.append((None, signatures.mac(base64.b64decode(bare, validate=True), signed)))
        candidates += signatures.macs([secret, bare], signed, Suspicion.KEY_NOT_DECODED)
    return candidates
