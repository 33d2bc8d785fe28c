"""The addresses of sources: `POST /hooks/<source>/<token>`. Whoever proves to be the source is never refused for what
it sends (ADR 33)."""

from __future__ import annotations

import hashlib
import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import sqlalchemy as sa
import structlog
from flask import Blueprint, Request, Response, request

from bot.answers import Answer, body_of, error, not_configured, not_stored, too_large
from bot.connectors.sources import credentials, signatures
from bot.connectors.sources import intake as source_intake
from bot.connectors.sources.contract import Delivery, Item, Kind, LeadRead, Reply, Suspicion, Unreadable
from bot.connectors.sources.registry import KINDS
from bot.connectors.sources.vault import NoKey, Vault
from bot.core.mql import intake
from bot.metrics import Metrics
from bot.slack.context import AppContext
from storage import receipts, sources
from storage.models import LeadSource, SourceMapping, SourceSecret
from storage.vocabulary import Proof, ReceiptKind, SourceKind

MOST_BYTES = 1024 * 1024
A_SECOND, AT_ONCE = 50, 1_000
"""So many authentic deliveries of one source are taken: some tools never repeat what was refused, so this is only
against a sender that has gone wild."""
NOTED_EVERY = 5.0
"""Seconds between two entries in a source's list of refusals: each is a write, and strangers cause it."""
LONGEST_KEY = 255
NAMELESS = "unknown"

log = structlog.get_logger(__name__)


@dataclass
class Bucket:
    """Lets through `at_once`, and `a_second` more each second."""

    a_second: float
    at_once: float
    level: float = field(init=False)
    looked_at: float = field(init=False, default_factory=monotonic)

    def __post_init__(self) -> None:
        self.level = self.at_once

    def wait(self) -> float:
        """Take one and return 0, or return how many seconds it takes until there is one."""
        now = monotonic()
        self.level = min(self.at_once, self.level + (now - self.looked_at) * self.a_second)
        self.looked_at = now
        if self.level < 1:
            return (1 - self.level) / self.a_second
        self.level -= 1
        return 0.0


@dataclass(frozen=True)
class _Known:
    """What is known of the source that an address names."""

    source: LeadSource
    secrets: list[SourceSecret]
    mapping: SourceMapping | None

    @property
    def kind(self) -> Kind:
        return KINDS[self.source.kind]

    @property
    def version(self) -> int:
        return self.mapping.version if self.mapping else 0


class Door:
    """Takes what tools send to the addresses of one workspace's sources."""

    def __init__(self, context: AppContext, vault: Vault, public_url: str | None, metrics: Metrics) -> None:
        self._context, self._vault, self._metrics = context, vault, metrics
        self._public_url = (public_url or "").rstrip("/")
        self._buckets: dict[int, Bucket] = {}
        self._noted: dict[int, float] = {}
        self._lock = threading.Lock()

    def pages(self) -> Blueprint:
        """Return the addresses. Any method but POST is answered 405, whatever the address names."""
        pages = Blueprint("hooks", __name__)

        def source_delivery(name: str, token: str | None = None) -> Answer:
            return self.answer(request, name, token)

        # What stands behind the name is never looked up by Flask: no address is a 404 or a redirect.
        for rule in ("/hooks/<name>", "/hooks/<name>/<path:token>"):
            pages.add_url_rule(
                rule, view_func=source_delivery, methods=["POST"], strict_slashes=False, merge_slashes=False
            )
        return pages

    def answer(self, sent: Request, name: str, token: str | None) -> Answer:
        """Answer one request."""
        body = body_of(sent, MOST_BYTES)
        if body is None:
            return too_large(MOST_BYTES)
        delivery = self._delivery(sent, body)
        try:
            known = self._known(name)
            if known is None:
                credentials.pretend(delivery, token)
                return self._refused(NAMELESS)
            return self._admit(known, delivery, token)
        except NoKey:
            log.exception("source_without_key", source=name)
            return error(503, "no_key", "ENCRYPTION_KEYS is not set, or lacks the key of this source.")
        except intake.NotConfigured:
            return not_configured()
        except sa.exc.SQLAlchemyError as failure:
            return not_stored(failure)

    def _delivery(self, sent: Request, body: bytes) -> Delivery:
        query = f"?{sent.query_string.decode('latin-1')}" if sent.query_string else ""
        headers = {name.lower(): value for name, value in sent.headers.items()}
        return Delivery(sent.method, self._public_url + sent.path + query, headers, body, self._context.now())

    def _known(self, name: str) -> _Known | None:
        workspace_id = self._context.identity.team_id
        with self._context.database.snapshot() as tx:
            known = sources.known(tx, workspace_id, name)
        return None if known is None else _Known(*known)

    def _admit(self, known: _Known, delivery: Delivery, token: str | None) -> Answer:
        """Let in what proves itself, at the rate that a source has."""
        # What signs goes by the time of the world, also where the playground's has jumped.
        proven = replace(delivery, at=datetime.now(UTC))
        proof = credentials.proof(known.source, known.kind, proven, token, known.secrets, self._vault)
        if isinstance(proof, Suspicion):
            if proof in (Suspicion.TOO_OLD, Suspicion.TOO_NEW):
                # Only the time of it is wrong: it may be ours.
                stamp = known.kind.stamp(delivery)
                of_body = hashlib.sha256(delivery.body).hexdigest()
                self._context.gateway.clock.refused(str(signatures.seconds(stamp)), f"{stamp} {of_body}")
            self._note_refusal(known.source, proof)
            return self._refused(known.source.kind)
        seconds = self._seconds_to_wait(known.source.id)
        if seconds:
            return self._too_many(known.source.kind, seconds)
        signing = [self._vault.unseal(secret.sealed) for secret in known.secrets if secret.sealed is not None]
        if greeting := known.kind.handshake(delivery, signing):
            return _said(greeting)
        return self._take(known, delivery, proof)

    def _refused(self, kind: str) -> Answer:
        self._metrics.intake(kind, "invalid_signature")
        return error(401, "not_authentic", "This does not prove that it comes from a source of this bot.")

    def _too_many(self, kind: str, seconds: float) -> Answer:
        self._metrics.intake(kind, "too_many")
        answer, status = error(429, "too_many", "This source sends faster than it may. Send it again later.")
        # HubSpot reads milliseconds where everybody else reads seconds.
        unit = 1000 if kind == SourceKind.HUBSPOT else 1
        answer.headers["Retry-After"] = str(math.ceil(seconds) * unit)
        return answer, status

    def _seconds_to_wait(self, source_id: int) -> float:
        with self._lock:
            return self._buckets.setdefault(source_id, Bucket(A_SECOND, AT_ONCE)).wait()

    def _note_refusal(self, source: LeadSource, why: Suspicion) -> None:
        log.warning("source_refused", source=source.name, looks_like=why)
        with self._lock:
            now = monotonic()
            if now - self._noted.get(source.id, -NOTED_EVERY) < NOTED_EVERY:
                return
            self._noted[source.id] = now
        with self._context.database.transaction() as tx:
            sources.note_refusal(tx, source.workspace_id, source.id, self._context.now(), why)

    def _take(self, known: _Known, delivery: Delivery, proof: Proof) -> Answer:
        try:
            items = _items(known, delivery)
        except Unreadable as fault:
            self._keep_unreadable(known, delivery, proof)
            self._metrics.intake(known.source.kind, "unreadable_body")
            return error(400, "unreadable", str(fault))
        given = delivery.headers.get("idempotency-key")
        key = None if given is None else hashlib.sha256(f"{known.source.id}!{given}".encode()).hexdigest()
        mine = (known.source.workspace_id, ReceiptKind.DELIVERY)
        with self._context.database.transaction() as tx:
            if key is not None and not receipts.first_time(tx, *mine, key, delivery.at, {}):
                became = list(receipts.get(tx, *mine, key).answer["became"])
            else:
                became = self._taken(tx, known, delivery, items, proof)
                if key is not None:
                    receipts.note_answer(tx, *mine, key, {"became": became})
        self._context.wake()
        return _said(known.kind.reply(delivery, became))

    def _taken(
        self, tx: sa.Connection, known: _Known, delivery: Delivery, items: Sequence[Item], proof: Proof
    ) -> list[str]:
        kept = known.kind.kept(delivery.body)
        origin = source_intake.keep(tx, known.source, delivery, kept, proof, known.version)
        return [str(taken.became) for taken in source_intake.take(tx, origin, delivery, items, proof, known.version)]

    def _keep_unreadable(self, known: _Known, delivery: Delivery, proof: Proof) -> None:
        """Keep what is authentic and has not the form of its kind, for whoever looks at the source."""
        with self._context.database.transaction() as tx:
            kept = known.kind.kept(delivery.body)
            source_intake.keep_unreadable(tx, known.source, delivery, kept, proof, known.version)


def _items(known: _Known, delivery: Delivery) -> list[Item]:
    fields: dict[str, Any] = known.mapping.fields if known.mapping else {}
    try:
        return known.kind.read(delivery, fields)
    except Unreadable:
        raise
    except Exception:
        # It is authentic: whatever we stumble over in it, a person is to see it.
        log.exception("source_not_read", source=known.source.name)
        return [Item(None, LeadRead(None, {}, source_intake.FAILED))]


def _said(reply: Reply) -> Answer:
    return Response(reply.body, reply.status, content_type=reply.content_type), reply.status
