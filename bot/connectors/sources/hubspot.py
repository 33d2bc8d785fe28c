"""HubSpot: what a workflow sends of a contact, and the events of an app, which carry ids alone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from bot.connectors.sources import payload, records, signatures
from bot.connectors.sources.base import Entry, digest
from bot.connectors.sources.contract import Delivery, NotALead, Suspicion
from bot.connectors.sources.mapping import Mapped, batch, header_key
from bot.connectors.sources.paths import flat
from bot.connectors.sources.payload import Tree, word
from bot.connectors.sources.proposal import Field
from bot.connectors.sources.reading import Record
from bot.connectors.sources.signatures import Candidate, Writing

_EVENT_KEY = ("portalId", "subscriptionId", "objectId", "occurredAt", "propertyName", "propertyValue")
_TYPES = {
    "0-1": "contact",
    "0-2": "company",
    "0-3": "deal",
    "0-5": "ticket",
    "0-46": "note",
    "0-47": "meeting",
    "0-48": "call",
    "0-49": "email",
    "0-136": "lead",
}
_GONE = {"deletion": "deleted", "privacyDeletion": "erased"}
_IDS = ("vid", "hs_object_id", "objectId")
_BECAME_MQL = "hs_lifecyclestage_marketingqualifiedlead_date"

# HubSpot decodes these in the address before it signs: its table, for version 3.
_DECODED = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}
_ESCAPE = re.compile("|".join(_DECODED), re.IGNORECASE)


class HubSpot(Mapped):
    """Workflow webhooks and app webhooks, told apart by their bodies."""

    signs = True

    def stamp(self, delivery: Delivery) -> str:
        """Return the moment of version 3 in milliseconds."""
        return delivery.headers.get("x-hubspot-request-timestamp", "")

    def verify(self, delivery: Delivery, secrets: Sequence[str]) -> Suspicion | None:
        """Compare version 3 where it is given, with its moment bounded on both sides; else version 2, or 1."""
        headers = delivery.headers
        if given := headers.get("x-hubspot-signature-v3"):
            stamp = self.stamp(delivery)
            if not stamp:
                return Suspicion.MISSING_HEADER
            moment = signatures.stamped(stamp, delivery.at, milliseconds=True)
            wrong = signatures.judged(given, Writing.BASE64, _version_3(delivery, stamp, secrets))
            return moment if moment is Suspicion.SECONDS else wrong or moment
        given = headers.get("x-hubspot-signature", "")
        if not given:
            return Suspicion.MISSING_HEADER
        version_2 = headers.get("x-hubspot-signature-version", "v1").strip().lower() == "v2"
        return signatures.judged(given, Writing.HEX, (_version_2 if version_2 else _version_1)(delivery, secrets))

    def entries(self, delivery: Delivery) -> Iterator[Entry]:
        """Yield the events of an app, or the contacts of a workflow."""
        node = payload.tree(delivery)
        key = header_key(delivery)
        for each in batch(node):
            event = payload.inside(each, "subscriptionType") is not None or (
                payload.inside(each, "subscriptionId") is not None and payload.inside(each, "eventId") is not None
            )
            yield (digest(*(word(each, name) for name in _EVENT_KEY)), _event(each)) if event else (key, _contact(each))


def _event(event: Tree) -> NotALead:
    """Return which record an event is about. `object.creation` names its type by a number."""
    noun, _, act = word(event, "subscriptionType").partition(".")
    noun = _TYPES.get(word(event, "objectTypeId"), noun) if noun == "object" else noun
    number = word(event, "newObjectId") or word(event, "objectId") or word(event, "fromObjectId")
    if not number:
        return NotALead("other")
    record = records.external_id("hubspot", number if noun == "contact" else f"{noun}:{number}")
    return NotALead(_GONE.get(act, "needs_fetch"), record)


def _contact(node: Tree) -> Record:
    """Return the contact of a workflow: `properties.email.value`, `properties.email` or `email`, as it was set up."""
    inner = payload.members(node, "properties")
    number = next((each for name in _IDS for place in (node, inner) if (each := _value(place, name))), "")
    portal = word(node, "portal-id") or word(node, "portalId")
    beside = {f"properties.{name}": value for name, value in inner.items()} if inner else {}
    values = flat({**_without_history(node), **beside} if inner else node)
    presets: dict[str, Field] = {path: "attribute" for path in values if path.split(".")[-1] == _BECAME_MQL}
    for path in ("associated-company.properties.name.value", "associated-company.properties.name"):
        presets[path] = "company"
    url = f"https://app.hubspot.com/contacts/{portal}/record/0-1/{number}" if portal.isdecimal() and number else ""
    return Record(
        {path: value for path, value in values.items() if path.removeprefix("properties.") not in _IDS},
        presets,
        records.external_id("hubspot", number) if number.isdecimal() else "",
        url if number.isdecimal() else "",
        _value(inner, _BECAME_MQL) or _value(node, _BECAME_MQL),
    )


def _without_history(node: Tree) -> dict[str, Tree]:
    """Return what stands beside the properties, without the parts that repeat them."""
    repeated = {
        "properties",
        "identity-profiles",
        "list-memberships",
        "form-submissions",
        "merge-audits",
        "merged-vids",
    }
    return {name: value for name, value in payload.members(node).items() if name not in repeated}


def _value(node: Tree, name: str) -> str:
    return word(node, name) or word(node, name, "value")


def _version_3(delivery: Delivery, stamp: str, secrets: Sequence[str]) -> list[Candidate]:
    def signed(url: str) -> bytes:
        path, mark, query = url.partition("?")
        decoded = _ESCAPE.sub(lambda escape: _DECODED[escape[0].upper()], path + mark + query)
        return f"{delivery.method}{decoded}".encode() + delivery.body + stamp.encode()

    right = signatures.macs(secrets, signed(delivery.url))
    return right + [
        each
        for url in _other_addresses(delivery)
        for each in signatures.macs(secrets, signed(url), Suspicion.OTHER_ADDRESS)
    ]


def _version_2(delivery: Delivery, secrets: Sequence[str]) -> list[Candidate]:
    def hashed(secret: str, url: str) -> bytes:
        return hashlib.sha256(f"{secret}{delivery.method}{url}".encode() + delivery.body).digest()

    right: list[Candidate] = [(None, hashed(secret, delivery.url)) for secret in secrets]
    others = _other_addresses(delivery)
    return right + [(Suspicion.OTHER_ADDRESS, hashed(secret, url)) for secret in secrets for url in others]


def _version_1(delivery: Delivery, secrets: Sequence[str]) -> list[Candidate]:
    return [(None, hashlib.sha256(secret.encode() + delivery.body).digest()) for secret in secrets]


def _other_addresses(delivery: Delivery) -> list[str]:
    """Return the addresses that HubSpot may have been given instead of ours: never to take a request, only to say what
    is wrong with it."""
    parts = urlsplit(delivery.url)
    hosts = {parts.netloc, delivery.headers.get("host", ""), delivery.headers.get("x-forwarded-host", "")} - {""}
    paths = {parts.path, parts.path.rstrip("/"), parts.path + "/"}
    queries = {"", f"?{parts.query}" if parts.query else ""}
    return sorted(
        {
            f"{scheme}://{host}{path}{query}"
            for scheme in ("https", "http")
            for host in hosts
            for path in paths
            for query in queries
        }
        - {delivery.url}
    )
