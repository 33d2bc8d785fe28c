"""Salesforce's outbound messages: SOAP without a signature, up to a hundred notifications, tried again for a day."""

from collections.abc import Callable
from datetime import datetime, timedelta
from xml.sax.saxutils import escape

from playground.crm.notices import Notice, Notices, Received
from playground.log import Log
from playground.model import Json

ORGANIZATION = "00D5e000000KQ2eEAG"
ACK = "<Ack>true</Ack>"
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
    '<notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
    f"<OrganizationId>{ORGANIZATION}</OrganizationId><ActionId>04k5e000000CaRkAAK</ActionId>"
    '<SessionId xsi:nil="true"/><EnterpriseUrl>https://sample.my.salesforce.com/services/Soap/c/63.0</EnterpriseUrl>'
    "<PartnerUrl>https://sample.my.salesforce.com/services/Soap/u/63.0</PartnerUrl>{notifications}"
    "</notifications></soapenv:Body></soapenv:Envelope>"
)
_NOTIFICATION = (
    '<Notification><Id>{id}</Id><sObject xsi:type="sf:{kind}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
    "{fields}</sObject></Notification>"
)


class OutboundMessages(Notices):
    """The outbound message on leads. `fields` are those that it was set up with; empty ones are left out."""

    largest_batch = 100
    patience = 60.0

    def __init__(self, log: Log, now: Callable[[], datetime]) -> None:
        super().__init__(log, now)
        self.fields: tuple[str, ...] = ("Id", "Status", "OwnerId", "SystemModstamp")

    def request(self, batch: list[Notice]) -> tuple[bytes, dict[str, str]]:
        """Return the notifications in one envelope."""
        body = _ENVELOPE.format(notifications="".join(_notification(each.content) for each in batch))
        return body.encode(), {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}

    def taken(self, answer: Received) -> bool:
        """Tell whether the whole batch was acknowledged: by the SOAP answer alone, never by a status."""
        return answer.status == 200 and "notificationsResponse" in answer.text and ACK in answer.text

    def pause(self, attempt: int) -> timedelta | None:
        """Return a growing pause, up to two hours; given up after a day, without a word."""
        waited = sum((_step(each) for each in range(attempt + 1)), timedelta())
        return _step(attempt) if waited < timedelta(hours=24) else None


def _step(attempt: int) -> timedelta:
    return timedelta(minutes=min(2**attempt, 120))


def _notification(content: Json) -> str:
    fields = "".join(f"<sf:{name}>{escape(str(value))}</sf:{name}>" for name, value in content["fields"].items())
    return _NOTIFICATION.format(id=content["id"], kind=content["kind"], fields=fields)
