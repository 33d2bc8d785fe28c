"""HubSpot's app webhooks: batches of events that carry ids alone, signed, and tried again for a day."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from playground.crm.hubspot.values import milliseconds
from playground.crm.notices import Notice, Notices, Received
from playground.log import Log
from playground.model import Json

ATTEMPTS = 10


@dataclass(frozen=True)
class Subscription:
    """What an app wants to hear: `contact.propertyChange` with a property, or `object.…` with an object's number."""

    type: str
    property: str = ""
    object_type_id: str = ""

    def wants(self, event: Json) -> bool:
        """Tell whether the event is one of these."""
        noun, _, act = self.type.partition(".")
        of_noun = event["objectTypeId"] == self.object_type_id if noun == "object" else event["noun"] == noun
        return of_noun and event["act"] == act and self.property in ("", event.get("propertyName", ""))


EVERYTHING = tuple(
    Subscription(f"contact.{act}") for act in ("creation", "deletion", "merge", "privacyDeletion", "propertyChange")
) + tuple(Subscription(f"deal.{act}") for act in ("creation", "deletion", "propertyChange"))


def signature_1(secret: str, body: bytes) -> str:
    """Return the value of X-HubSpot-Signature in version 1."""
    return hashlib.sha256(secret.encode() + body).hexdigest()


def signature_3(secret: str, method: str, uri: str, body: bytes, timestamp: str) -> str:
    """Return the value of X-HubSpot-Signature-v3."""
    signed = method.encode() + uri.encode() + body + timestamp.encode()
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


class Webhooks(Notices):
    """The webhooks of one app. Any 4xx, 5xx, silence or refused connection is tried again, ten times within a day."""

    largest_batch = 100

    def __init__(self, log: Log, now: Callable[[], datetime], portal_id: int) -> None:
        super().__init__(log, now)
        self.app_id, self._portal_id = 5_150_001, portal_id
        self.client_secret = ""
        self.subscriptions: tuple[Subscription, ...] = ()
        self._last_event = 0

    def subscribe(self, url: str, client_secret: str, subscriptions: Iterable[Subscription] = EVERYTHING) -> None:
        """Send what these subscriptions want to an address, signed with the app's client secret."""
        self.url, self.client_secret, self.subscriptions = url, client_secret, tuple(subscriptions)

    def emit(self, event: Json) -> None:
        """Queue an event once for each subscription that wants it."""
        for number, subscription in enumerate(self.subscriptions, 1):
            if subscription.wants(event):
                self._last_event += 1
                self.add(self._written(event, subscription, number))

    def _written(self, event: Json, subscription: Subscription, number: int) -> Json:
        more = {name: value for name, value in event.items() if name not in ("noun", "act")}
        if not subscription.type.startswith("object."):
            del more["objectTypeId"]
        return {
            "eventId": self._last_event,
            "subscriptionId": number,
            "portalId": self._portal_id,
            "appId": self.app_id,
            "occurredAt": milliseconds(self._now()),
            "subscriptionType": subscription.type,
            "attemptNumber": 0,
            **more,
        }

    def request(self, batch: list[Notice]) -> tuple[bytes, dict[str, str]]:
        """Return the events as an array, with the signatures of versions 3 and 1."""
        events = [each.content | {"attemptNumber": each.attempt} for each in batch]
        body = json.dumps(events, ensure_ascii=False, separators=(",", ":")).encode()
        # The receiver holds a signature against the time of the world, also where the playground's has jumped.
        stamp = str(milliseconds(datetime.now(UTC)))
        return body, {
            "Content-Type": "application/json",
            "User-Agent": "HubSpot Connect 2.0 (http://dev.hubspot.com/) - Webhooks",
            "X-HubSpot-Timeout-Millis": "10000",
            "X-HubSpot-Request-Timestamp": stamp,
            "X-HubSpot-Signature-v3": signature_3(self.client_secret, "POST", self.url, body, stamp),
            "X-HubSpot-Signature": signature_1(self.client_secret, body),
            "X-HubSpot-Signature-Version": "v1",
        }

    def taken(self, answer: Received) -> bool:
        """Tell whether the answer is a 2xx."""
        return 200 <= answer.status < 300

    def pause(self, attempt: int) -> timedelta | None:
        """Return a growing pause: ten attempts spread over about a day."""
        return timedelta(minutes=1) * 2**attempt if attempt < ATTEMPTS else None
