"""Any tool that sends JSON or a form: what its names leave open, a mapping says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from bot.connectors.sources import payload, reading
from bot.connectors.sources.base import Base, Entry
from bot.connectors.sources.contract import Delivery, NotALead
from bot.connectors.sources.paths import flat, labelled
from bot.connectors.sources.payload import Tree

_KEYS = ("idempotency-key", "webhook-id", "svix-id")
_BATCHES = {"leads", "contacts", "records", "data", "items", "results", "entries"}


class Mapped(Base):
    """A body of one lead, or a list of several. `zone`: where the tool writes moments without an offset; `tool`: whose
    numbers its ids are, where it is always the same tool."""

    def __init__(self, zone: tzinfo | None = None, tool: str = "") -> None:
        self.zone = zone
        self.tool = tool

    def entries(self, delivery: Delivery) -> Iterator[Entry]:
        """Yield each record; its key is that of the request, with its place in a batch."""
        key = header_key(delivery)
        node = batch(payload.tree(delivery))
        for number, each in enumerate(node):
            yield key if key is None or len(node) == 1 else f"{key}/{number}", self.record(each)

    def record(self, node: Tree) -> reading.Record | NotALead:
        """Return the record in one object of the body."""
        return reading.Record(flat(node), zone=self.zone, tool=self.tool)


def header_key(delivery: Delivery) -> str | None:
    """Return what the sender calls the request, the same each time that it is repeated, or None."""
    return next((key for name in _KEYS if (key := delivery.headers.get(name, "").strip())), None)


def batch(node: Tree) -> list[Tree]:
    """Return the leads of a body: the objects of a list, or of a list that is all that stands in the body. The answers
    of one form are a list too, and one lead."""
    if isinstance(node, dict) and len(node) == 1:
        ((name, inner),) = node.items()
        if name.lower() in _BATCHES and isinstance(inner, list) and _are_leads(inner):
            return inner
    return node if isinstance(node, list) and _are_leads(node) else [node]


def _are_leads(node: list[Tree]) -> bool:
    return bool(node) and all(isinstance(each, dict) and labelled(each) is None for each in node)
