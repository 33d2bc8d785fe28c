"""Form tools: Typeform, Tally, Webflow, formrun and Movable Type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.connectors.sources import payload, signatures
from bot.connectors.sources.base import Entry, digest
from bot.connectors.sources.contract import Delivery, NotALead, Suspicion
from bot.connectors.sources.mapping import Mapped
from bot.connectors.sources.paths import flat, joined
from bot.connectors.sources.payload import Tree, items, word
from bot.connectors.sources.proposal import Field
from bot.connectors.sources.reading import Record
from bot.connectors.sources.signatures import Writing


class Typeform(Mapped):
    """Signs the body in base64, without a moment: the key is kept as long as the lead."""

    signs = True

    def verify(self, delivery: Delivery, secrets: Sequence[str]) -> Suspicion | None:
        """Compare `sha256=` and the base64 of the HMAC over the body."""
        given = delivery.headers.get("typeform-signature", "").strip()
        if not given:
            return Suspicion.MISSING_HEADER
        if not given.startswith("sha256="):
            return Suspicion.NOT_OF_THE_FORM
        return signatures.judged(given.removeprefix("sha256="), Writing.BASE64, signatures.macs(secrets, delivery.body))

    def entries(self, delivery: Delivery) -> Iterator[Entry]:
        """Yield the answers of one form, each under its question."""
        node = payload.tree(delivery)
        key = word(node, "event_id") or None
        kind = word(node, "event_type")
        response = payload.members(node, "form_response")
        if not response:
            yield key, NotALead("other") if kind else self.record(node)
        elif kind not in {"", "form_response"}:
            yield key, NotALead("other")
        else:
            yield key, _typeform(response)


def _typeform(response: dict[str, Tree]) -> Record:
    questions = {
        word(each, "id"): word(each, "title") or word(each, "ref") for each in items(response, "definition", "fields")
    }
    answers: list[Tree] = []
    for each in items(response, "answers"):
        question = word(each, "field", "id")
        label = questions.get(question) or word(each, "field", "ref") or question
        answers.append({"label": label, "value": _answer(each)})
    fields: Tree = {
        "answers": answers,
        "hidden": response.get("hidden"),
        "calculated": response.get("calculated"),
        "form": word(response, "definition", "title"),
    }
    presets: dict[str, Field] = {"form": "form", "calculated.score": "score"}
    return Record(flat(fields), presets, sent_at=word(response, "submitted_at"))


def _answer(answer: Tree) -> Tree:
    """Return the value of an answer, which stands under the name of its type; of a choice its label."""
    value = payload.inside(answer, word(answer, "type"))
    if not isinstance(value, dict):
        return value
    chosen = [*(each for each in items(value, "labels") if isinstance(each, str)), word(value, "label")]
    words = [each for each in [*chosen, word(value, "other")] if each]
    return joined(words) if words else value


class Tally(Mapped):
    """Signs the body in base64; its secret is optional."""

    signs = True

    def verify(self, delivery: Delivery, secrets: Sequence[str]) -> Suspicion | None:
        """Compare the base64 of the HMAC over the body."""
        given = delivery.headers.get("tally-signature", "").strip()
        if not given:
            return Suspicion.MISSING_HEADER
        return signatures.judged(given, Writing.BASE64, signatures.macs(secrets, delivery.body))

    def entries(self, delivery: Delivery) -> Iterator[Entry]:
        """Yield the answers of one form, each under its label."""
        node = payload.tree(delivery)
        key = word(node, "eventId") or None
        if word(node, "eventType") not in {"", "FORM_RESPONSE"}:
            yield key, NotALead("other")
            return
        fields = items(node, "data", "fields")
        if not fields:
            yield key, self.record(node)
            return
        answers: list[Tree] = [
            {"label": word(each, "label") or word(each, "key"), "value": _chosen(each)} for each in fields
        ]
        values = flat({"fields": answers, "form": word(node, "data", "formName")})
        yield (
            key,
            Record(values, {"form": "form"}, sent_at=word(node, "createdAt") or word(node, "data", "createdAt")),
        )


def _chosen(field: Tree) -> Tree:
    """Return the value of a field, with the words of its options in the place of their ids."""
    value = payload.inside(field, "value")
    options = {word(each, "id"): word(each, "text") or word(each, "name") for each in items(field, "options")}
    if isinstance(value, list):
        return joined([options.get(each) or each if isinstance(each, str) else word(each, "name") for each in value])
    return options.get(value) or value if isinstance(value, str) else value


class Webflow(Mapped):
    """Signs only where an app made the webhook; one of the dashboard proves itself by its address."""

    signs = True
    dated = True

    def stamp(self, delivery: Delivery) -> str:
        """Return the moment in milliseconds."""
        return delivery.headers.get("x-webflow-timestamp", "").strip()

    def verify(self, delivery: Delivery, secrets: Sequence[str]) -> Suspicion | None:
        """Compare hex(HMAC(moment + `:` + body)); the moment is in milliseconds."""
        given, stamp = delivery.headers.get("x-webflow-signature", "").strip(), self.stamp(delivery)
        if not (given and stamp):
            return Suspicion.MISSING_HEADER
        candidates = signatures.macs(secrets, f"{stamp}:".encode() + delivery.body)
        moment = signatures.stamped(stamp, delivery.at, milliseconds=True)
        wrong = signatures.judged(given, Writing.HEX, candidates)
        return moment if moment is Suspicion.SECONDS else wrong or moment

    def entries(self, delivery: Delivery) -> Iterator[Entry]:
        """Yield the fields of a form, by their labels."""
        node = payload.tree(delivery)
        inner = payload.members(node, "payload") or payload.members(node)
        key = word(inner, "id") or word(inner, "_id") or None
        if word(node, "triggerType") not in {"", "form_submission"}:
            yield key, NotALead("other")
            return
        if not payload.members(inner, "data"):
            yield key, self.record(node)
            return
        values = flat({"data": inner["data"], "form": word(inner, "name")})
        yield key, Record(values, {"form": "form"}, sent_at=word(inner, "submittedAt") or word(inner, "d"))


class Numbered(Mapped):
    """Movable Type and formrun: the answers in `entry`, a JSON text inside a form, or in `columns`, unsigned."""

    def entries(self, delivery: Delivery) -> Iterator[Entry]:
        """Yield the answers of one form. A number counts the entries of one form only: the moment and the answers make
        the key its own."""
        node = payload.tree(delivery)
        inner = payload.members(node, "entry") or payload.members(node)
        number, created = word(inner, "sequence_number"), word(inner, "created_at")
        key = digest(number, created, repr(inner.get("columns"))) if number and created else None
        values = flat(inner)
        presets: dict[str, Field] = {"sequence_number": "attribute", "created_at": "attribute"}
        yield key, Record(values, presets, sent_at=created, zone=self.zone)
