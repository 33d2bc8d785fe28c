"""Logging in to Salesforce: client credentials and the JWT bearer flow of an external client app."""

import base64
import binascii
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from playground.crm.service import Answer, Call

LONGEST_LIFE = timedelta(minutes=3)
JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass
class App:
    """An external client app. `run_as` is the user of client credentials; empty: nobody was chosen."""

    run_as: str
    username: str = "mql-bot@example.com"
    client_id: str = field(default_factory=lambda: f"3MVG9{secrets.token_hex(20)}")
    client_secret: str = field(default_factory=lambda: secrets.token_hex(32).upper())
    certificate: rsa.RSAPublicKey | None = None
    approved: bool = True
    """Whether an admin has approved it beforehand, and it has the scope refresh_token."""
    scopes: str = "api refresh_token"


class OAuth:
    """The token endpoint. `sessions` are the access tokens that work now, by the user who they act for.

    `my_domain`: whether this address is the organisation's own; the common login host refuses client credentials.
    """

    def __init__(self, app: App, now: Callable[[], datetime], base_url: Callable[[], str]) -> None:
        self.app, self._now, self._base_url = app, now, base_url
        self.sessions: dict[str, str] = {}
        self.my_domain = True
        self.logins = 0

    def token(self, call: Call) -> Answer:
        """Answer a login."""
        form = {name: values[0] for name, values in parse_qs(call.body.decode(errors="replace")).items()}
        self.logins += 1
        grant = form.get("grant_type")
        if grant == "client_credentials":
            return self._client_credentials(call, form)
        if grant == JWT:
            return self._jwt(form.get("assertion", ""))
        return _denied("unsupported_grant_type", "grant type not supported")

    def _client_credentials(self, call: Call, form: dict[str, str]) -> Answer:
        if not self.my_domain:
            return _denied("invalid_grant", "request not supported on this domain")
        word, _, basic = call.headers.get("authorization", "").partition(" ")
        given = (form.get("client_id", ""), form.get("client_secret", ""))
        if word.lower() == "basic":
            try:
                name, _, secret = base64.b64decode(basic).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                name = secret = ""
            given = (name, secret)
        if given[0] != self.app.client_id:
            return _denied("invalid_client_id", "client identifier invalid")
        if given[1] != self.app.client_secret:
            return _denied("invalid_client", "invalid client credentials")
        if not self.app.run_as:
            return _denied("invalid_grant", "no client credentials user enabled")
        return self._granted()

    def _jwt(self, assertion: str) -> Answer:
        claims = self._claims(assertion)
        if claims is None:
            return _denied("invalid_grant", "invalid assertion")
        if claims.get("iss") != self.app.client_id:
            return _denied("invalid_client_id", "client identifier invalid")
        if claims.get("aud") not in ("https://login.salesforce.com", "https://test.salesforce.com"):
            return _denied("invalid_grant", "audience is invalid")
        left = datetime.fromtimestamp(int(claims.get("exp", 0)), self._now().tzinfo) - self._now()
        if not timedelta(0) < left <= LONGEST_LIFE:
            return _denied("invalid_grant", "assertion is expired or lives too long")
        if claims.get("sub") != self.app.username or not self.app.approved:
            return _denied("invalid_grant", "user hasn't approved this consumer")
        return self._granted()

    def _claims(self, assertion: str) -> dict[str, Any] | None:
        """Return the claims of an assertion that is signed with the app's certificate."""
        try:
            head, body, signature = assertion.split(".")
            if json.loads(_decoded(head)).get("alg") != "RS256" or self.app.certificate is None:
                return None
            signed = f"{head}.{body}".encode()
            self.app.certificate.verify(_decoded(signature), signed, padding.PKCS1v15(), SHA256())
            claims = json.loads(_decoded(body))
        except (ValueError, AttributeError, InvalidSignature):
            return None
        return claims if isinstance(claims, dict) else None

    def _granted(self) -> Answer:
        token = f"00D5e000000KQ2e!{secrets.token_urlsafe(40)}"
        self.sessions[token] = self.app.run_as
        issued = str(int(self._now().timestamp() * 1000))
        return Answer(
            {
                "access_token": token,
                "signature": secrets.token_urlsafe(32),
                "scope": self.app.scopes,
                "instance_url": self._base_url(),
                "id": f"https://login.salesforce.com/id/00D5e000000KQ2eEAG/{self.app.run_as}",
                "token_type": "Bearer",
                "issued_at": issued,
            }
        )


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _denied(code: str, description: str) -> Answer:
    return Answer({"error": code, "error_description": description}, 400, broken=(f"{code}: {description}",))
