"""A mapping is learnt from a delivery: what came, what each part of it is taken for, and what a person corrects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.connectors.sources import rereading
from bot.connectors.sources.contract import LeadRead, Unreadable
from bot.connectors.sources.proposal import SURE, Proposal, propose
from bot.core.base import audit
from bot.core.base.audit import Author
from storage import sources
from storage.models import Delivery, LeadSource, SenderMapping, SourceMapping
from storage.vocabulary import AuditKind


def proposals(source: LeadSource, kept: Delivery, fields: Mapping[str, str]) -> list[Proposal]:
    """Return what each part of a delivery that was kept is taken for; nothing of one that cannot be read."""
    try:
        items = rereading.read(source, kept, fields)
    except Unreadable:
        return []
    first = next((item.content for item in items if isinstance(item.content, LeadRead)), None)
    return propose(first.values, fields, first.presets) if first is not None else []


@dataclass(frozen=True)
class Edition:
    """A version of a mapping, and what it changed in the one before."""

    version: int
    by: str | None
    """Slack user id; None: at the command line."""
    at: datetime
    changed: Mapping[str, str | None]
    """The field that each path got; None: it was taken out."""


def editions(versions: Sequence[SourceMapping] | Sequence[SenderMapping]) -> list[Edition]:
    """Return all versions of a source's mapping, or of what was taught about an app, given the oldest first, the newest
    first."""
    before: dict[str, str] = {}
    newest_last = []
    for each in versions:
        paths = [path for path in {**before, **each.fields} if before.get(path) != each.fields.get(path)]
        number = each.version if isinstance(each, SourceMapping) else each.number
        newest_last.append(Edition(number, each.by, each.at, {path: each.fields.get(path) for path in paths}))
        before = each.fields
    return newest_last[::-1]


def store(tx: sa.Connection, source: LeadSource, fields: Mapping[str, str], author: Author, now: datetime) -> int:
    """Store a version of a mapping and return its number."""
    known = sources.mapping(tx, source.workspace_id, source.id)
    was = known.fields if known else {}
    version = sources.add_mapping(tx, source.workspace_id, source.id, fields, author.by, now)
    paths = [path for path in {**was, **fields} if was.get(path) != fields.get(path)]
    before, after = ({path: each[path] for path in paths if path in each} for each in (was, fields))
    audit.record(tx, source.workspace_id, AuditKind.SOURCE_MAPPED, author, now, source.name, before=before, after=after)
    return version


def go_back(tx: sa.Connection, source: LeadSource, version: int, author: Author, now: datetime) -> int | None:
    """Store what a version says as the newest one, and return its number; None where there is no such version."""
    known = {each.version: each for each in sources.mappings(tx, source.workspace_id, source.id)}
    if version not in known:
        return None
    return store(tx, source, known[version].fields, author, now)


def agreed(parts: Sequence[Proposal], known: Mapping[str, str]) -> dict[str, str]:
    """Return the mapping that a person agrees to by what was proposed. What an earlier one says of parts that did not
    come this time stays."""
    return {**known, **{each.path: each.field for each in parts if each.confidence >= SURE}}
