"""How a source is proved: its secret address, its secret header, or what its tool signs."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping

from bot.connectors.sources.contract import Delivery, Kind, Suspicion
from bot.connectors.sources.vault import Vault
from storage.models import LeadSource, SourceSecret
from storage.vocabulary import Proof, SecretUse

BEARER = "authorization"


def digest(token: str) -> str:
    """Return what is stored of a text that is only compared. It is random, so that nobody finds it by trying."""
    return hashlib.sha256(token.encode()).hexdigest()


def proof(
    source: LeadSource, kind: Kind, delivery: Delivery, token: str | None, known: Iterable[SourceSecret], vault: Vault
) -> Proof | Suspicion:
    """Return how a delivery proves that it comes from its source, or what it looks like where it does not. Raises
    NoKey where the key of a signature cannot be read."""
    mine = list(known)
    signing = [vault.unseal(secret.sealed) for secret in mine if secret.sealed is not None]
    if source.proof == Proof.ADDRESS and not _fits(token, SecretUse.ADDRESS, mine):
        return Suspicion.OTHER_ADDRESS
    if source.proof == Proof.HEADER:
        given = _given(source.header or BEARER, delivery.headers)
        if not _fits(given, SecretUse.HEADER, mine):
            return Suspicion.MISSING_HEADER if given is None else Suspicion.WRONG_KEY
    # A kind may also compare what is no signature, such as the organisation that a message names.
    if (source.proof == Proof.SIGNED or signing) and (suspicion := kind.verify(delivery, signing)):
        return suspicion
    return source.proof


def pretend(delivery: Delivery, token: str | None) -> None:
    """Do what `proof` costs, for a source that is not there: the time of an answer tells no names."""
    hmac.compare_digest(digest(token or ""), digest(""))
    hmac.digest(b"nobody", delivery.body, hashlib.sha256)


def _fits(given: str | None, use: SecretUse, known: Iterable[SourceSecret]) -> bool:
    mine = digest(given or "")
    # All of them, always: which of two fits is nobody's business.
    fitting = [hmac.compare_digest(mine, secret.digest) for secret in known if secret.use == use and secret.digest]
    return given is not None and any(fitting)


def _given(name: str, headers: Mapping[str, str]) -> str | None:
    """Return the secret in a header: of Authorization the token, or the password of a tool that knows no tokens."""
    value = headers.get(name)
    if value is None or name != BEARER:
        return value
    scheme, _, given = value.strip().partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(given, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return value
    return given.strip() if scheme.lower() == "bearer" else value
