"""Bookings and registrations: Calendly, Cal.com, Zoom."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Sequence

from bot.connectors.sources import payload, signatures
from bot.connectors.sources.base import Entry
from bot.connectors.sources.contract import Delivery, NotALead, Reply, Suspicion, Unreadable
from bot.connectors.sources.mapping import Mapped
from bot.connectors.sources.paths import flat
from bot.connectors.sources.payload import Tree, items, members, word
from bot.connectors.sources.proposal import Field
from bot.connectors.sources.reading import Record
from bot.connectors.sources.signatures import Writing

_CALENDLY = "calendly-webhook-signature"


def _parts(delivery: Delivery, wanted: str) -> list[str]:
    """Return the values of a name in Calendly's header."""
    parts = (each.strip().partition("=") for each in delivery.headers.get(_CALENDLY, "").split(","))
    return [value for name, _, value in parts if name == wanted]


class Calendly(Mapped):
    """Signs with its moment. Who moves a booking cancels it and makes another: no new lead."""

    signs = True
    dated = True

    def stamp(self, delivery: Delivery) -> str:
        """Return what stands behind `t=`, in seconds."""
        return next(iter(_parts(delivery, "t")), "")

    def verify(self, delivery: Delivery, secrets: Sequence[str]) -> Suspicion | None:
        """Compare `t=<seconds>,v1=<hex>` of the HMAC over moment, a dot and the body."""
        if not delivery.headers.get(_CALENDLY, ""):
            return Suspicion.MISSING_HEADER
        stamp, values = self.stamp(delivery), _parts(delivery, "v1")
        if not stamp or not values:
            return Suspicion.NOT_OF_THE_FORM
        candidates = signatures.macs(secrets, f"{stamp}.".encode() + delivery.body)
        moment = signatures.stamped(stamp, delivery.at)
        wrong = signatures.best([signatures.judged(each, Writing.HEX, candidates) for each in values])
        return moment if moment is Suspicion.MILLISECONDS else wrong or moment

    def entries(self, delivery: Delivery) -> Iterator[Entry]:
        """Yield the invitee of a booking, or who sent a routing form."""
        node = payload.tree(delivery)
        event, inner = word(node, "event"), members(node, "payload")
        key = f"{word(inner, 'uri')} {event}" if word(inner, "uri") else None
        if event == "invitee.canceled":
            yield key, NotALead("moved" if word(inner, "rescheduled") == "true" else "cancelled")
        elif word(inner, "old_invitee"):
            yield key, NotALead("moved")
        elif event in {"", "invitee.created", "routing_form_submission.created"}:
            yield key, _calendly(inner) if inner else self.record(node)
        else:
            yield key, NotALead("other")


def _calendly(inner: dict[str, Tree]) -> Record:
    fields: Tree = {
        **{name: inner.get(name) for name in ("email", "first_name", "last_name", "name", "text_reminder_number")},
        "submitter": inner.get("submitter") if isinstance(inner.get("submitter"), dict) else None,
        "questions_and_answers": inner.get("questions_and_answers"),
        "tracking": inner.get("tracking"),
        "event": word(inner, "scheduled_event", "name"),
        "start_time": word(inner, "scheduled_event", "start_time"),
        "timezone": word(inner, "timezone"),
    }
    presets: dict[str, Field] = {"event": "form", "start_time": "attribute", "timezone": "attribute", "name": "person"}
    if word(inner, "name"):
        presets |= {"first_name": "drop", "last_name": "drop"}
    return Record(flat(fields), presets, sent_at=word(inner, "created_at"))


class CalCom(Mapped):
    """Signs the body in hex, without a moment."""

    signs = True

    def verify(self, delivery: Delivery, secrets: Sequence[str]) -> Suspicion | None:
        """Compare hex(HMAC(body))."""
        given = delivery.headers.get("x-cal-signature-256", "").strip()
        if not given:
            return Suspicion.MISSING_HEADER
        return signatures.judged(given, Writing.HEX, signatures.macs(secrets, delivery.body))

    def entries(self, delivery: Delivery) -> Iterator[Entry]:
        """Yield whoever booked: the responses to the form, or else the first who attends."""
        node = payload.tree(delivery)
        event, inner = word(node, "triggerEvent"), members(node, "payload")
        key = f"{word(inner, 'uid')} {event}" if word(inner, "uid") else None
        reasons = {"BOOKING_CANCELLED": "cancelled", "BOOKING_RESCHEDULED": "moved", "PING": "test"}
        if event in {"", "BOOKING_CREATED", "BOOKING_REQUESTED", "FORM_SUBMITTED", "FORM_SUBMITTED_NO_EVENT"}:
            yield key, _booking(inner, word(node, "createdAt")) if inner else self.record(node)
        else:
            yield key, NotALead(reasons.get(event, "other"))


def _booking(inner: dict[str, Tree], created: str) -> Record:
    fields: Tree = {
        "responses": inner.get("responses"),
        "attendees": items(inner, "attendees")[:1],
        "additionalNotes": word(inner, "additionalNotes"),
        "title": word(inner, "title"),
        "event": word(inner, "eventTitle") or word(inner, "type"),
        "startTime": word(inner, "startTime"),
    }
    values = flat(fields)
    presets: dict[str, Field] = {"title": "attribute", "event": "form", "startTime": "attribute"}
    presets |= {path: "person" for path in values if path in {"responses.name.value", "attendees[0].name"}}
    presets |= {path: "attribute" for path in values if path.startswith(("responses.location", "responses.guests"))}
    return Record(values, presets, sent_at=created)


class Zoom(Mapped):
    """Signs as Slack does, and asks first whether the address is ours."""

    signs = True
    dated = True

    def stamp(self, delivery: Delivery) -> str:
        """Return the moment in seconds."""
        return delivery.headers.get("x-zm-request-timestamp", "").strip()

    def verify(self, delivery: Delivery, secrets: Sequence[str]) -> Suspicion | None:
        """Compare `v0=` and hex(HMAC(`v0:` + moment + `:` + body)); the moment is in seconds."""
        given = delivery.headers.get("x-zm-signature", "").strip()
        stamp = self.stamp(delivery)
        if not (given and stamp):
            return Suspicion.MISSING_HEADER
        if not given.startswith("v0="):
            return Suspicion.NOT_OF_THE_FORM
        candidates = signatures.macs(secrets, f"v0:{stamp}:".encode() + delivery.body)
        moment = signatures.stamped(stamp, delivery.at)
        wrong = signatures.judged(given.removeprefix("v0="), Writing.HEX, candidates)
        return moment if moment is Suspicion.MILLISECONDS else wrong or moment

    def handshake(self, delivery: Delivery, secrets: Sequence[str]) -> Reply | None:
        """Answer the question with the HMAC of its token, by the newest secret. Ask `verify` first."""
        try:
            node = payload.tree(delivery)
        except Unreadable:
            return None
        token = word(node, "payload", "plainToken")
        if word(node, "event") != "endpoint.url_validation" or not token or not secrets:
            return None
        answer = hmac.new(secrets[0].encode(), token.encode(), "sha256").hexdigest()
        return Reply(json.dumps({"plainToken": token, "encryptedToken": answer}))

    def entries(self, delivery: Delivery) -> Iterator[Entry]:
        """Yield who registered for a webinar or a meeting."""
        node = payload.tree(delivery)
        event, subject = word(node, "event"), members(node, "payload", "object")
        registrant = members(subject, "registrant")
        key = f"{word(registrant, 'id')} {event}" if word(registrant, "id") else None
        if event.endswith(".registration_created"):
            fields: Tree = {"registrant": {**registrant, "id": None, "join_url": None}, "topic": word(subject, "topic")}
            presets: dict[str, Field] = {"topic": "campaign"}
            yield key, Record(flat(fields), presets, sent_at=word(node, "event_ts"))
        else:
            reasons = {"registration_cancelled": "cancelled", "registration_denied": "cancelled"}
            yield key, NotALead(reasons.get(event.rpartition(".")[2], "other")) if event else self.record(node)
