"""BowNow: that leads have changed, by up to 1,000 ids. Who they are is to be fetched."""

from __future__ import annotations

from collections.abc import Iterator

from bot.connectors.parser.label_forms import key
from bot.connectors.sources import payload, records
from bot.connectors.sources.base import Base, Entry
from bot.connectors.sources.contract import Delivery, NotALead
from bot.connectors.sources.payload import Tree

_NAMES = {"sid", "sids", "leadsid", "leadsids"}


class BowNow(Base):
    """A notice has no key of its own: the same lead may change again."""

    def entries(self, delivery: Delivery) -> Iterator[Entry]:
        """Yield each id once; a notice without any is a reason to ask for all that changed."""
        node = dict.fromkeys(_ids(payload.tree(delivery)))
        for each in node:
            yield None, NotALead("needs_fetch", records.external_id("bownow", each))
        if not node:
            yield None, NotALead("needs_fetch")


def _ids(node: Tree, *, named: bool = False) -> Iterator[str]:
    """Yield every text under a name such as `sid` or `sids`: the vendor documents that they come, not where."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _ids(value, named=key(name) in _NAMES)
    elif isinstance(node, list):
        for each in node:
            yield from _ids(each, named=named)
    elif node and named:
        yield node
