"""Logging in to Salesforce: by client credentials, or by a JWT that a private key signs.

An access token says nothing of its end, so it is kept in memory until Salesforce does not take it any more.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.connectors.crm.contract import Away, Busy, Revoked
from bot.connectors.crm.door import Door, NoAnswer
from bot.connectors.crm.logins import Logins

TOKEN = "/services/oauth2/token"  # noqa: S105 - a path
JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFE = timedelta(minutes=2)
"""Of an assertion: Salesforce allows three minutes."""


@dataclass(frozen=True)
class Session:
    """What a login brought. `user` is the id of the user who the bot works as."""

    token: str
    user: str


def _log_in(door: Door, given: Mapping[str, str]) -> Session:
    try:
        response = door.request("POST", TOKEN, form=_form(door.base, given))
    except NoAnswer as failure:
        raise Away(failure.code) from failure
    body = response.body if isinstance(response.body, dict) else {}
    token = body.get("access_token")
    if response.is_ok and isinstance(token, str):
        return Session(token, str(body.get("id") or "").rpartition("/")[2])
    if response.status in (429, 503):
        raise Busy(timedelta(minutes=1), "maintenance")
    if 400 <= response.status < 500:
        raise Revoked(f"{body.get('error') or response.status}: {body.get('error_description') or ''}")
    raise Away("not_json" if response.is_ok else f"http_{response.status}")


def _form(base: str, given: Mapping[str, str]) -> dict[str, str]:
    if given.get("private_key") and given.get("username"):
        return {"grant_type": JWT, "assertion": assertion(base, given, datetime.now(UTC))}
    secret = {"client_id": given.get("client_id", ""), "client_secret": given.get("client_secret", "")}
    return {"grant_type": "client_credentials", **secret}


def assertion(base: str, given: Mapping[str, str], now: datetime) -> str:
    """Return a signed assertion. Raises Revoked for a key that is none."""
    host = urlsplit(base).hostname or ""
    claims = {
        "iss": given.get("client_id", ""),
        "sub": given["username"],
        "aud": f"https://{'test' if '.sandbox.' in host else 'login'}.salesforce.com",
        "exp": int((now + LIFE).timestamp()),
    }
    return _signed(f"{_encoded({'alg': 'RS256'})}.{_encoded(claims)}", given["private_key"])


def _signed(text: str, private_key: str) -> str:
    # Takes megabytes, which a bot without such a key saves (docs/adr/0039).
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(private_key.encode(), None)
    except (ValueError, TypeError) as error:
        raise Revoked("private_key") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise Revoked("private_key")
    signature = key.sign(text.encode(), padding.PKCS1v15(), SHA256())
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _encoded(node: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(node).encode()).rstrip(b"=").decode()


SESSIONS = Logins(_log_in)
