"""The keys by which the persons of MQLs are found: addresses, phone numbers, ids of tools."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import rows
from storage.models import Mql, identifier, mql
from storage.person_keys import PersonKey
from storage.vocabulary import IdentifierKind, Status

MOST = 50
"""MQLs that are looked at: of whoever has more, the newest."""


class Holder(NamedTuple):
    """An MQL and one of its keys."""

    key: PersonKey
    mql: Mql


def add(tx: sa.Connection, workspace_id: str, mql_id: int, keys: Iterable[PersonKey]) -> None:
    """Store keys of an MQL; keys that it has already stay as they are."""
    values = [{"workspace_id": workspace_id, "mql_id": mql_id, **key._asdict()} for key in keys]
    if values:
        tx.execute(rows.inserting_once(identifier, tx.dialect.name, returning=False), values)


def add_all(tx: sa.Connection, workspace_id: str, of_each: Iterable[tuple[int, Iterable[PersonKey]]]) -> None:
    """Store the keys of many new MQLs."""
    values = [
        {"workspace_id": workspace_id, "mql_id": mql_id, **key._asdict()} for mql_id, keys in of_each for key in keys
    ]
    if values:
        tx.execute(rows.inserting_once(identifier, tx.dialect.name, returning=False), values)


def holders(tx: sa.Connection, workspace_id: str, keys: Collection[PersonKey]) -> list[Holder]:
    """Return the MQLs that have a key of the same value, of whatever kind and system, the newest first."""
    if not keys:
        return []
    result = tx.execute(_holding(), {"workspace": workspace_id, "values": sorted({key.value for key in keys})})
    return [Holder(PersonKey(*row[:3]), rows.value(Mql, mql.c.keys(), row[3:])) for row in result.fetchall()]


@cache
def _holding() -> sa.Select[Any]:
    values: sa.BindParameter[Any] = sa.bindparam("values", expanding=True)
    mine = sa.and_(identifier.c.workspace_id == sa.bindparam("workspace"), identifier.c.value.in_(values))
    names = (identifier.c[name] for name in PersonKey._fields)
    query = sa.select(*names, mql).join(mql, mql.c.id == identifier.c.mql_id)
    return query.where(mine).order_by(identifier.c.mql_id.desc()).limit(MOST)


def of_mql(tx: sa.Connection, workspace_id: str, mql_id: int) -> list[PersonKey]:
    """Return the keys of an MQL."""
    return [PersonKey(*row) for row in tx.execute(_keys_of(), {"workspace": workspace_id, "mql": mql_id})]


@cache
def _keys_of() -> sa.Select[Any]:
    whose = rows.unsought(identifier.c.workspace_id) == sa.bindparam("workspace")
    mine = sa.and_(whose, identifier.c.mql_id == sa.bindparam("mql"))
    return sa.select(*(identifier.c[name] for name in PersonKey._fields)).where(mine).order_by(identifier.c.id)


def reaching(tx: sa.Connection, workspace_id: str) -> list[tuple[int, str]]:
    """Return the id of each MQL with each address and phone number of its person."""
    kinds = (IdentifierKind.EMAIL, IdentifierKind.PHONE)
    mine = sa.and_(identifier.c.workspace_id == workspace_id, identifier.c.kind.in_(kinds))
    result = tx.execute(sa.select(identifier.c.mql_id, identifier.c.value).where(mine))
    return [(mql_id, value) for mql_id, value in result]


def of_withdrawn(tx: sa.Connection, workspace_id: str) -> list[tuple[int, PersonKey]]:
    """Return each key by which a person is known that an MQL which was withdrawn has, with every MQL that has one of
    the same value."""
    theirs, kinds = identifier.alias(), [kind for kind in IdentifierKind if kind != IdentifierKind.MAILBOX]
    over = sa.select(theirs.c.value).join(mql, mql.c.id == theirs.c.mql_id)
    over = over.where(mql.c.workspace_id == workspace_id, mql.c.status == Status.WITHDRAWN)
    mine = sa.and_(identifier.c.workspace_id == workspace_id, identifier.c.kind.in_(kinds))
    names = (identifier.c[name] for name in PersonKey._fields)
    query = sa.select(identifier.c.mql_id, *names).where(mine, identifier.c.value.in_(over)).order_by(identifier.c.id)
    return [(row[0], PersonKey(*row[1:])) for row in tx.execute(query)]


def forget(tx: sa.Connection, subject: Mql) -> None:
    """Delete the keys of an MQL whose person is erased."""
    whose = rows.unsought(identifier.c.workspace_id) == subject.workspace_id
    mine = sa.and_(whose, identifier.c.mql_id == subject.id)
    tx.execute(identifier.delete().where(mine))
