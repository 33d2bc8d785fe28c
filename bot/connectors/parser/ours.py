"""Our own people, who are never the lead."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from storage import free_mail


@dataclass(frozen=True)
class Ours:
    """The names and e-mail addresses of the team."""

    names: frozenset[str] = field(default_factory=frozenset)
    addresses: frozenset[str] = field(default_factory=frozenset)

    @staticmethod
    def of(names: list[str], addresses: list[str]) -> Ours:
        """Return the team of these names and addresses, however they are written."""
        return Ours(frozenset(map(_name, names)) - {""}, frozenset(address.strip().lower() for address in addresses))

    def has_name(self, name: str) -> bool:
        """Return whether somebody of the team is called so, whole name and all."""
        return _name(name) in self.names

    def has_address(self, address: str) -> bool:
        """Return whether the address is somebody's of the team."""
        return address.strip().lower() in self.addresses

    def has_domain(self, address: str) -> bool:
        """Return whether somebody of the team has an address at the same company."""
        domain = address.strip().lower().rpartition("@")[2]
        return domain not in free_mail.DOMAINS and any(each.rpartition("@")[2] == domain for each in self.addresses)


NOBODY = Ours()


def _name(name: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name)).casefold()
