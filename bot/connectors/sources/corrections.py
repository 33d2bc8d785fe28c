"""A mapping is learnt from a delivery: what came, what each part of it is taken for, and what a person corrects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.connectors.sources import rereading
from bot.connectors.sources.contract import LeadRead, Unreadable
from bot.connectors.sources.proposal import SURE, Proposal, propose
from storage.models import Delivery, LeadSource


def proposals(source: LeadSource, kept: Delivery, fields: Mapping[str, str]) -> list[Proposal]:
    """Return what each part of a delivery that was kept is taken for; nothing of one that cannot be read."""
    try:
        items = rereading.read(source, kept, fields)
    except Unreadable:
        return []
    first = next((item.content for item in items if isinstance(item.content, LeadRead)), None)
    return propose(first.values, fields, first.presets) if first is not None else []


def agreed(parts: Sequence[Proposal], known: Mapping[str, str]) -> dict[str, str]:
    """Return the mapping that a person agrees to by what was proposed. What an earlier one says of parts that did not
    come this time stays."""
    return {**known, **{each.path: each.field for each in parts if each.confidence >= SURE}}
