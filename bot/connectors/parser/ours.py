"""Our own people, who are never the lead."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from bot.connectors.parser.word_list import words

# Whoever has an address here may be anybody.
FREE_MAIL = words(
    """gmail.com googlemail.com outlook.com outlook.jp hotmail.com hotmail.co.jp live.com live.jp msn.com
    yahoo.com yahoo.co.jp ymail.ne.jp icloud.com me.com mac.com aol.com gmx.de gmx.net web.de proton.me
    protonmail.com zoho.com mail.com qq.com 163.com docomo.ne.jp ezweb.ne.jp au.com softbank.ne.jp
    i.softbank.jp ocn.ne.jp nifty.com biglobe.ne.jp so-net.ne.jp"""
)


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
        return domain not in FREE_MAIL and any(each.rpartition("@")[2] == domain for each in self.addresses)


NOBODY = Ours()


def _name(name: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name)).casefold()
