"""Salesforce: the JSON of a flow's HTTP callout, and outbound messages (SOAP, up to 100 records)."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot.connectors.sources import payload, signatures
from bot.connectors.sources.base import Entry
from bot.connectors.sources.contract import Delivery, NotALead, Reply, Suspicion, Unreadable
from bot.connectors.sources.mapping import Mapped, batch, header_key
from bot.connectors.sources.paths import flat
from bot.connectors.sources.payload import Tree, word
from bot.connectors.sources.proposal import Field
from bot.connectors.sources.reading import Record
from bot.connectors.sources.setup import ORGANIZATION
from bot.connectors.sources.signatures import Writing
from storage import person_keys

HEADER = "x-mql-signature"
ACKNOWLEDGED = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>'
    "</soapenv:Body></soapenv:Envelope>"
)
"""The only answer that Salesforce takes as a success, for the whole batch."""

_OUTBOUND = "{http://soap.sforce.com/2005/09/outbound}"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_PEOPLE = {"lead", "contact"}
_HOSTS = (".salesforce.com", ".force.com")
_MODIFIED = ("SystemModstamp", "LastModifiedDate")
# API names that a reader of labels would take for something else.
_NAMES: dict[str, Field] = {
    "Id": "attribute",
    "Name": "person",
    "Title": "title",
    "Description": "message",
    "OwnerId": "owner",
    **{name: "attribute" for name in (*_MODIFIED, "CreatedDate", "Status", "Rating", "MasterRecordId")},
}


class Salesforce(Mapped):
    """A flow signs by a formula in a header, hex(HMAC-SHA256(secret, body)). An outbound message cannot: of it the
    OrganizationId is compared with the secret that looks like one (00D…)."""

    signs = True

    def verify(self, delivery: Delivery, secrets: Sequence[str]) -> Suspicion | None:
        """Compare the header, or the OrganizationId of an outbound message."""
        organizations = [known for each in secrets if (known := _organization(each))]
        if is_message(delivery):
            return _from_organization(delivery.body, organizations)
        given = delivery.headers.get(HEADER, "").strip()
        if not given:
            return Suspicion.MISSING_HEADER
        keys = [each for each in secrets if not _organization(each)]
        return signatures.judged(given, Writing.HEX, signatures.macs(keys, delivery.body))

    def entries(self, delivery: Delivery) -> Iterator[Entry]:
        """Yield the notifications of an outbound message, or the records of a callout."""
        if is_message(delivery):
            yield from _notifications(delivery.body)
            return
        for each in batch(payload.tree(delivery)):
            number, modified = word(each, "Id"), word(each, _MODIFIED[0])
            # A callout has no time in its signature: the state of the record is what may be taken once.
            yield f"{number}/{modified}" if number and modified else header_key(delivery), _record(each, "")

    def reply(self, delivery: Delivery, taken: Sequence[str]) -> Reply:
        """Acknowledge an outbound message in its own words."""
        if is_message(delivery):
            return Reply(ACKNOWLEDGED, "text/xml; charset=utf-8")
        return super().reply(delivery, taken)


def is_message(delivery: Delivery) -> bool:
    """Return whether this is an outbound message, which is XML."""
    return delivery.body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")


def _organization(secret: str) -> str | None:
    return person_keys.salesforce_id(secret) if secret.startswith(ORGANIZATION) else None


def _from_organization(body: bytes, organizations: Sequence[str]) -> Suspicion | None:
    if not organizations:
        return Suspicion.MISSING_HEADER  # The source wants a signature, and an outbound message has none.
    try:
        given = person_keys.salesforce_id(_text(_notifications_element(body), "OrganizationId")) or ""
    except Unreadable:
        return Suspicion.NOT_OF_THE_FORM
    fits = [hmac.compare_digest(given.encode(), each.encode()) for each in organizations]
    return None if any(fits) else Suspicion.OTHER_ORGANIZATION


def _notifications(body: bytes) -> Iterator[Entry]:
    message = _notifications_element(body)
    instance = _instance(_text(message, "EnterpriseUrl") or _text(message, "PartnerUrl"))
    for notification in message.findall(f"{_OUTBOUND}Notification"):
        key = _text(notification, "Id") or None
        subject = notification.find(f"{_OUTBOUND}sObject")
        if subject is None:
            yield key, NotALead("other")
            continue
        fields: Tree = {each.tag.rpartition("}")[2]: each.text or "" for each in subject}
        noun = subject.get(_TYPE, "").rpartition(":")[2]
        number = person_keys.salesforce_id(word(fields, "Id")) or word(fields, "Id")
        if noun and noun.lower() not in _PEOPLE:
            yield key, NotALead("other", f"salesforce:{noun.lower()}:{number}")
        else:
            yield key, _record(fields, instance)


def _notifications_element(body: bytes) -> Element:
    """Return the element that holds the notifications. Raises Unreadable, also for any DTD: it could make a few bytes
    into gigabytes, or read a file of ours."""
    try:
        envelope: Element = fromstring(body, forbid_dtd=True)
    except DefusedXmlException:
        raise Unreadable("The message holds a DTD, which no outbound message does.") from None
    except (ParseError, ValueError, LookupError) as error:  # LookupError: an encoding that does not exist
        raise Unreadable(f"The message is not XML: {type(error).__name__}.") from None
    element = next(envelope.iter(f"{_OUTBOUND}notifications"), None)
    if element is None:
        raise Unreadable("The XML is no outbound message of Salesforce.")
    return element


def _text(element: Element, name: str) -> str:
    return (element.findtext(f"{_OUTBOUND}{name}") or "").strip()


def _instance(url: str) -> str:
    """Return the address of the organisation at Salesforce, or nothing where the host is not theirs."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return f"https://{host}" if host.endswith(_HOSTS) else ""


def _record(fields: Tree, instance: str) -> Record:
    number = person_keys.salesforce_id(word(fields, "Id"))
    values = flat(fields)
    presets = {path: _NAMES[path] for path in values if path in _NAMES}
    if "Name" in values and ("LastName" in values or "FirstName" in values):
        presets["Name"] = "attribute"
    modified = next((each for name in _MODIFIED if (each := word(fields, name))), "")
    return Record(
        {path: value for path, value in values.items() if path != "Id" or number is None},
        presets,
        number or "",
        f"{instance}/{number}" if instance and number else "",
        modified,
    )
