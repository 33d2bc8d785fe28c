"""Tools as they send to the addresses of sources: each with its own proof, over real HTTP."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from bot.connectors.sources import setup
from bot.connectors.sources.setup import SETUPS, Issued, Wanted
from bot.connectors.sources.vault import Vault
from storage.database import Database
from storage.vocabulary import Proof, SourceKind
from tests.installation import ENCRYPTION_KEY, PUBLIC_URL
from tests.patience import LONGEST

THEIR_KEY = "a key that the tool has made"
VAULT = Vault([ENCRYPTION_KEY])


@dataclass(frozen=True)
class Heard:
    """What a tool was answered."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


_opener = build_opener(_NoRedirect)


def call(
    address: str, body: bytes | None, headers: Mapping[str, str] | None = None, method: str | None = None
) -> Heard:
    """Send a request as it is, and return the answer as it is."""
    try:
        with _opener.open(Request(address, body, dict(headers or {}), method=method), timeout=LONGEST) as response:
            return Heard(response.status, dict(response.headers), response.read().decode())
    except HTTPError as error:
        return Heard(error.code, dict(error.headers), error.read().decode())


class Tool:
    """A tool that has been set up as a source, and sends to a bot that listens at `address`."""

    def __init__(
        self,
        database: Database,
        workspace_id: str,
        address: str,
        kind: SourceKind = SourceKind.MAPPING,
        proof: Proof | None = None,
        *,
        name: str = "web",
        header: str | None = None,
        defaults: Mapping[str, str] | None = None,
    ) -> None:
        self.database, self.workspace_id, self.address, self.name = database, workspace_id, address, name
        self.proof = proof or SETUPS[kind].proofs[0]
        self.header = (header or SETUPS[kind].header) if self.proof == Proof.HEADER else None
        self.kind, self.wanted = kind, Wanted(name, kind, self.proof, self.header, defaults or {})
        key = THEIR_KEY if self.proof == Proof.SIGNED else None
        with database.transaction() as tx:
            self.issued: Issued = setup.add(tx, VAULT, workspace_id, self.wanted, datetime.now(UTC), key)

    @property
    def key(self) -> str:
        """The key that it signs with."""
        return self.issued.signing_key or THEIR_KEY

    @property
    def path(self) -> str:
        return self.wanted.path(self.issued)

    def sends(
        self, body: object, headers: Mapping[str, str] | None = None, content_type: str = "application/json"
    ) -> Heard:
        """Send a body with the proof that was agreed."""
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        given = {"content-type": content_type, **self.proves(raw), **(headers or {})}
        return call(self.address + self.path, raw, given)

    def proves(self, raw: bytes) -> dict[str, str]:
        """Return the headers that prove a body."""
        if self.proof == Proof.HEADER:
            value = str(self.issued.header)
            return {str(self.header): f"Bearer {value}" if self.header == "authorization" else value}
        return signature(self.kind, self.key, raw, PUBLIC_URL + self.path) if self.proof == Proof.SIGNED else {}


def signature(kind: SourceKind, key: str, raw: bytes, url: str, at: float | None = None) -> dict[str, str]:
    """Return the headers with which a tool signs a body, as its vendor describes it."""
    seconds = str(int(at if at is not None else time.time()))
    milliseconds = seconds + "000"
    if kind == SourceKind.HUBSPOT:
        signed = b"POST" + url.encode() + raw + milliseconds.encode()
        return {
            "x-hubspot-request-timestamp": milliseconds,
            "x-hubspot-signature-v3": base64.b64encode(_mac(key.encode(), signed)).decode(),
        }
    if kind == SourceKind.GENERIC:
        secret = base64.b64decode(key.removeprefix("whsec_"))
        name = hashlib.sha256(raw).hexdigest()
        digest = base64.b64encode(_mac(secret, f"{name}.{seconds}.".encode() + raw)).decode()
        return {"webhook-id": name, "webhook-timestamp": seconds, "webhook-signature": f"v1,{digest}"}
    mac = _mac(key.encode(), raw)
    timed = _mac(key.encode(), f"{seconds}.".encode() + raw).hex()
    return {
        SourceKind.TYPEFORM: {"typeform-signature": "sha256=" + base64.b64encode(mac).decode()},
        SourceKind.TALLY: {"tally-signature": base64.b64encode(mac).decode()},
        SourceKind.CALENDLY: {"calendly-webhook-signature": f"t={seconds},v1={timed}"},
        SourceKind.CALCOM: {"x-cal-signature-256": mac.hex()},
        SourceKind.SALESFORCE: {"x-mql-signature": mac.hex()},
        SourceKind.WEBFLOW: {
            "x-webflow-timestamp": milliseconds,
            "x-webflow-signature": _mac(key.encode(), f"{milliseconds}:".encode() + raw).hex(),
        },
        SourceKind.ZOOM: {
            "x-zm-request-timestamp": seconds,
            "x-zm-signature": "v0=" + _mac(key.encode(), f"v0:{seconds}:".encode() + raw).hex(),
        },
    }.get(kind, {})


def _mac(key: bytes, signed: bytes) -> bytes:
    return hmac.digest(key, signed, hashlib.sha256)
