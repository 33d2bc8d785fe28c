"""The audit log: entries are added, read, and go when they are old; what they say of who is erased goes at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import rows
from storage.erasures import Wanted
from storage.models import Audit, audit
from storage.vocabulary import AuditKind

BATCH = 500


class Filter(NamedTuple):
    """Which entries are meant."""

    kind: AuditKind | None = None
    by: str | None = None
    """Slack user id."""
    since: datetime | None = None


EVERYTHING = Filter()


def add(tx: sa.Connection, workspace_id: str, at: datetime, **values: Any) -> int:
    """Add an entry and return its id; `values`: kind, door, by, machine_user, subject, before, after."""
    return rows.insert(tx, audit, workspace_id=workspace_id, at=at, **values)


def newest(
    tx: sa.Connection, workspace_id: str, most: int, wanted: Filter = EVERYTHING, *, skipped: int = 0
) -> list[Audit]:
    """Return entries, the newest first, but for the first `skipped`."""
    query = sa.select(audit).where(*_meant(workspace_id, wanted)).order_by(audit.c.id.desc())
    return rows.many(tx, Audit, query.offset(skipped).limit(most))


def batch(tx: sa.Connection, workspace_id: str, wanted: Filter, after: int) -> list[Audit]:
    """Return the first BATCH entries behind an id, the oldest first."""
    query = sa.select(audit).where(*_meant(workspace_id, wanted), audit.c.id > after).order_by(audit.c.id)
    return rows.many(tx, Audit, query.limit(BATCH))


def count(tx: sa.Connection, workspace_id: str, wanted: Filter = EVERYTHING) -> int:
    """Return how many entries there are."""
    query = sa.select(sa.func.count()).select_from(audit).where(*_meant(workspace_id, wanted))
    return int(tx.execute(query).scalar_one())


def people(tx: sa.Connection, workspace_id: str) -> list[str]:
    """Return the Slack user ids of whoever has an entry."""
    mine = sa.and_(audit.c.workspace_id == workspace_id, audit.c.by.is_not(None))
    return list(tx.execute(sa.select(audit.c.by).where(mine).distinct().order_by(audit.c.by)).scalars())


def erase_of(tx: sa.Connection, workspace_id: str, wanted: Wanted) -> int:
    """Empty what the entries say in which something wanted stands; returns how many. That they are there stays."""
    named = [entry.id for entry in _every(tx, workspace_id) if wanted(_text(entry))]
    mine = sa.and_(audit.c.workspace_id == workspace_id, audit.c.id.in_(named))
    return tx.execute(audit.update().where(mine).values(subject=None, before=None, after=None)).rowcount


def forget(tx: sa.Connection, workspace_id: str, before: datetime, most: int) -> int:
    """Drop up to `most` entries from before then; returns how many."""
    old = sa.select(audit.c.id).where(audit.c.workspace_id == workspace_id, audit.c.at < before).limit(most)
    mine = sa.and_(audit.c.workspace_id == workspace_id, audit.c.id.in_(old))
    return tx.execute(audit.delete().where(mine)).rowcount


def _meant(workspace_id: str, wanted: Filter) -> Iterator[sa.ColumnElement[bool]]:
    yield audit.c.workspace_id == workspace_id
    if wanted.kind is not None:
        yield audit.c.kind == wanted.kind
    if wanted.by is not None:
        yield audit.c.by == wanted.by
    if wanted.since is not None:
        yield audit.c.at >= wanted.since


def _every(tx: sa.Connection, workspace_id: str) -> Iterator[Audit]:
    after = 0
    while entries := batch(tx, workspace_id, EVERYTHING, after):
        yield from entries
        after = entries[-1].id


def _text(entry: Audit) -> str:
    parts = (json.dumps(part, ensure_ascii=False) for part in (entry.before, entry.after))
    return "\n".join([entry.subject or "", *parts])
