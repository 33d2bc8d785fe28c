"""Secrets that must be read again, such as the keys of signatures: encrypted before they are stored (ADR 33)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


class NoKey(LookupError):
    """ENCRYPTION_KEYS is not set, or none of its keys fits what is stored."""


class Vault:
    """Encrypts with the first of ENCRYPTION_KEYS, and reads with each of them.

    cryptography takes 7 MiB, and is imported where there is something to encrypt (docs/adr/0039).
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = _fernet(keys) if keys else None

    @property
    def can_seal(self) -> bool:
        """Whether there is a key."""
        return self._fernet is not None

    def seal(self, secret: str) -> str:
        """Return a secret as it may be stored. Raises NoKey."""
        return self._keys.encrypt(secret.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """Return what was sealed. Raises NoKey."""
        from cryptography.fernet import InvalidToken

        try:
            return self._keys.decrypt(sealed).decode()
        except InvalidToken:
            raise NoKey from None

    def seal_again(self, sealed: str) -> str:
        """Return what was sealed as the first key encrypts it. Raises NoKey."""
        from cryptography.fernet import InvalidToken

        try:
            return self._keys.rotate(sealed).decode()
        except InvalidToken:
            raise NoKey from None

    @property
    def _keys(self) -> MultiFernet:
        if self._fernet is None:
            raise NoKey
        return self._fernet


def _fernet(keys: Sequence[str]) -> MultiFernet:
    from cryptography.fernet import Fernet, MultiFernet

    return MultiFernet([Fernet(key) for key in keys])


def new_key() -> str:
    """Return a new key for ENCRYPTION_KEYS."""
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()
