"""Sources: tools that send to an address of ours, their secrets and their mappings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.models import MOST_REFUSALS, LeadSource, SourceMapping, SourceSecret, source, source_mapping, source_secret
from storage.vocabulary import DeliveryState, Proof, SecretUse, SourceKind, SourceState

VALID_AT_ONCE = 2
"""Secrets of one use: the newest, and the one whose place it takes."""


def add(
    tx: sa.Connection,
    workspace_id: str,
    name: str,
    kind: SourceKind,
    proof: Proof,
    now: datetime,
    *,
    header: str | None = None,
    defaults: Mapping[str, str] | None = None,
) -> int:
    """Set up a source and return its id. Raises IntegrityError where the name is in use."""
    values = {"name": name, "kind": kind, "proof": proof, "header": header, "defaults": dict(defaults or {})}
    fixed = {"state": SourceState.ACTIVE, "created_at": now, "refusals": []}
    return rows.insert(tx, source, workspace_id=workspace_id, **values, **fixed)


def every(tx: sa.Connection, workspace_id: str) -> list[LeadSource]:
    """Return the sources that were not removed, by name."""
    return rows.all_of(tx, LeadSource, source, {"workspace_id": workspace_id, "state": SourceState.ACTIVE}, "name")


def named(tx: sa.Connection, workspace_id: str, name: str, *, hold: bool = False) -> LeadSource | None:
    """Return the source of that name that was not removed; `hold` it until the transaction ends."""
    which = {"workspace_id": workspace_id, "name": name, "state": SourceState.ACTIVE}
    return rows.find(tx, LeadSource, source, which, hold=hold)


def known(
    tx: sa.Connection, workspace_id: str, name: str
) -> tuple[LeadSource, list[SourceSecret], SourceMapping | None] | None:
    """Return the source of that name that was not removed, with its secrets, the oldest first, and its newest mapping:
    in one statement, which costs the same where there is no such source."""
    joined = tx.execute(_knowing(), {"workspace": workspace_id, "name": name}).fetchall()
    if not joined:
        return None
    first, second = len(source.c), len(source.c) + len(source_secret.c)
    its = rows.value(LeadSource, source.c.keys(), joined[0][:first])
    secrets = [rows.value(SourceSecret, source_secret.c.keys(), row[first:second]) for row in joined if row[first]]
    mapping = rows.value(SourceMapping, source_mapping.c.keys(), joined[0][second:]) if joined[0][second] else None
    return its, secrets, mapping


@cache
def _knowing() -> sa.Select[Any]:
    mine = [source.c.workspace_id == sa.bindparam("workspace"), source.c.name == sa.bindparam("name")]
    any_version = source_mapping.alias()
    newest = sa.select(sa.func.max(any_version.c.version)).where(*_of_source(any_version)).scalar_subquery()
    joined = source.outerjoin(source_secret, sa.and_(*_of_source(source_secret)))
    joined = joined.outerjoin(source_mapping, sa.and_(*_of_source(source_mapping), source_mapping.c.version == newest))
    query = sa.select(source, source_secret, source_mapping).select_from(joined)
    return query.where(*mine, source.c.state == rows.literal(SourceState.ACTIVE)).order_by(source_secret.c.id)


def _of_source(table: sa.FromClause) -> list[sa.ColumnElement[bool]]:
    return [table.c.workspace_id == source.c.workspace_id, table.c.source_id == source.c.id]


def get(tx: sa.Connection, workspace_id: str, source_id: int) -> LeadSource | None:
    """Return a source, also one that was removed."""
    return rows.find(tx, LeadSource, source, {"workspace_id": workspace_id, "id": source_id})


def remove(tx: sa.Connection, workspace_id: str, source_id: int) -> None:
    """Take a source out of use and forget its secrets. It stays for the MQLs that came from it."""
    tx.execute(source_secret.delete().where(*_of(source_secret, workspace_id, source_id)))
    _change(tx, workspace_id, source_id, state=SourceState.REMOVED)


def note_delivery(
    tx: sa.Connection, workspace_id: str, source_id: int, now: datetime, proof: Proof, state: DeliveryState
) -> None:
    """Keep when the newest delivery came, how it proved itself, and how it went."""
    _change(tx, workspace_id, source_id, last_at=now, last_proof=proof, last_state=state)


def note_refusal(tx: sa.Connection, workspace_id: str, source_id: int, now: datetime, why: str) -> None:
    """Put what could not prove itself on the source's list, which holds the newest MOST_REFUSALS."""
    row = rows.find(tx, LeadSource, source, {"workspace_id": workspace_id, "id": source_id}, hold=True)
    if row is not None:
        refusals = [*row.refusals, {"at": now.isoformat(), "why": why}][-MOST_REFUSALS:]
        _change(tx, workspace_id, source_id, refusals=refusals)


def secrets(tx: sa.Connection, workspace_id: str, source_id: int) -> list[SourceSecret]:
    """Return the secrets of a source, the oldest first."""
    return rows.all_of(tx, SourceSecret, source_secret, {"workspace_id": workspace_id, "source_id": source_id})


def add_secret(
    tx: sa.Connection,
    workspace_id: str,
    source_id: int,
    use: SecretUse,
    now: datetime,
    *,
    digest: str | None = None,
    sealed: str | None = None,
) -> None:
    """Add a secret; of its use the newest VALID_AT_ONCE stay."""
    values = {"source_id": source_id, "use": use, "digest": digest, "sealed": sealed, "created_at": now}
    rows.insert(tx, source_secret, workspace_id=workspace_id, **values)
    keep_newest(tx, workspace_id, source_id, use, VALID_AT_ONCE)


def end_rotation(tx: sa.Connection, workspace_id: str, source_id: int) -> int:
    """Forget all but the newest secret of each use; returns how many that were."""
    return sum(keep_newest(tx, workspace_id, source_id, use, 1) for use in SecretUse)


def keep_newest(tx: sa.Connection, workspace_id: str, source_id: int, use: SecretUse, count: int) -> int:
    """Forget all secrets of a use but the newest so many; returns how many that were."""
    mine = sa.and_(*_of(source_secret, workspace_id, source_id), source_secret.c.use == use)
    newest = sa.select(source_secret.c.id).where(mine).order_by(source_secret.c.id.desc()).limit(count)
    kept = list(tx.execute(newest).scalars())
    return tx.execute(source_secret.delete().where(mine, source_secret.c.id.not_in(kept))).rowcount


def sealed_secrets(tx: sa.Connection) -> list[SourceSecret]:
    """Return every secret that is stored encrypted, of all workspaces, held until the transaction ends: for a new
    encryption key."""
    query = sa.select(source_secret).where(source_secret.c.sealed.is_not(None)).order_by(source_secret.c.id)
    return rows.many(tx, SourceSecret, query.with_for_update())


def seal_again(tx: sa.Connection, secret: SourceSecret, sealed: str) -> None:
    """Store a secret as another key encrypts it."""
    mine = sa.and_(source_secret.c.workspace_id == secret.workspace_id, source_secret.c.id == secret.id)
    tx.execute(source_secret.update().where(mine).values(sealed=sealed))


def mapping(tx: sa.Connection, workspace_id: str, source_id: int) -> SourceMapping | None:
    """Return the newest mapping of a source, None where it has none."""
    mine = sa.select(source_mapping).where(*_of(source_mapping, workspace_id, source_id))
    return rows.one(tx, SourceMapping, mine.order_by(source_mapping.c.version.desc()).limit(1))


def mappings(tx: sa.Connection, workspace_id: str, source_id: int) -> list[SourceMapping]:
    """Return all versions of a source's mapping, the oldest first."""
    return rows.all_of(
        tx, SourceMapping, source_mapping, {"workspace_id": workspace_id, "source_id": source_id}, "version"
    )


def add_mapping(
    tx: sa.Connection, workspace_id: str, source_id: int, fields: Mapping[str, str], by: str | None, now: datetime
) -> int:
    """Store a new version of a mapping and return its number. Raises IntegrityError where another was stored at the
    same moment."""
    newest = mapping(tx, workspace_id, source_id)
    version = (newest.version if newest else 0) + 1
    values = {"source_id": source_id, "version": version, "fields": dict(fields), "by": by, "at": now}
    rows.insert(tx, source_mapping, workspace_id=workspace_id, **values)
    return version


def _change(tx: sa.Connection, workspace_id: str, source_id: int, **values: Any) -> None:
    rows.change(tx, source, {"workspace_id": workspace_id, "id": source_id}, **values)


def _of(table: sa.Table, workspace_id: str, source_id: int) -> list[sa.ColumnElement[bool]]:
    return [table.c.workspace_id == workspace_id, table.c.source_id == source_id]
