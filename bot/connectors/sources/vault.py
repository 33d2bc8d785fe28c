"""Secrets that must be read again, such as the keys of signatures: encrypted before they are stored (ADR 33)."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class NoKey(LookupError):
    """ENCRYPTION_KEYS is not set, or none of its keys fits what is stored."""


class Vault:
    """Encrypts with the first of ENCRYPTION_KEYS, and reads with each of them."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys]) if keys else None

    @property
    def can_seal(self) -> bool:
        """Whether there is a key."""
        return self._fernet is not None

    def seal(self, secret: str) -> str:
        """Return a secret as it may be stored. Raises NoKey."""
        return self._keys.encrypt(secret.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """Return what was sealed. Raises NoKey."""
        try:
            return self._keys.decrypt(sealed).decode()
        except InvalidToken:
            raise NoKey from None

    def seal_again(self, sealed: str) -> str:
        """Return what was sealed as the first key encrypts it. Raises NoKey."""
        try:
            return self._keys.rotate(sealed).decode()
        except InvalidToken:
            raise NoKey from None

    @property
    def _keys(self) -> MultiFernet:
        if self._fernet is None:
            raise NoKey
        return self._fernet


def new_key() -> str:
    """Return a new key for ENCRYPTION_KEYS."""
    return Fernet.generate_key().decode()
