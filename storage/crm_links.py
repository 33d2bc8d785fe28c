"""Which MQL is which record of a CRM, and what both sides held of each field when they last agreed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.models import (
    CrmConnection,
    CrmLink,
    CrmShadow,
    Mql,
    crm_conflict,
    crm_link,
    crm_shadow,
    crm_write,
    mql,
)
from storage.vocabulary import CrmField


def add(
    tx: sa.Connection, connection: CrmConnection, mql_id: int, record_id: str | None, now: datetime, *, is_fresh: bool
) -> bool:
    """Link an MQL; one whose record is not known is looked for at once. False: it was linked before."""
    values: dict[str, Any] = {"mql_id": mql_id, "record_id": record_id, "is_fresh": is_fresh}
    values |= {"looked_up": 0, "seen_event": 0, "look_up_at": now if record_id is None else None}
    mine = {"workspace_id": connection.workspace_id, "connection_id": connection.id}
    return rows.insert_once(tx, crm_link, **mine, **values)


def update(tx: sa.Connection, link: CrmLink, **values: Any) -> None:
    """Change columns of a link."""
    rows.change(tx, crm_link, {"workspace_id": link.workspace_id, "id": link.id}, **values)


def get(tx: sa.Connection, workspace_id: str, link_id: int) -> CrmLink | None:
    """Return a link."""
    return rows.find(tx, CrmLink, crm_link, {"workspace_id": workspace_id, "id": link_id})


def of_mql(tx: sa.Connection, workspace_id: str, mql_id: int) -> list[CrmLink]:
    """Return the links of an MQL, one for each CRM that has it."""
    return rows.all_of(tx, CrmLink, crm_link, {"workspace_id": workspace_id, "mql_id": mql_id})


def of_mqls(tx: sa.Connection, connection: CrmConnection, mql_ids: Collection[int]) -> dict[int, CrmLink]:
    """Return the links of some MQLs, by MQL."""
    mine = {"workspace_id": connection.workspace_id, "connection_id": connection.id}
    return {link.mql_id: link for link in rows.of_each(tx, CrmLink, crm_link, mine, "mql_id", mql_ids)}


def of_record(tx: sa.Connection, connection: CrmConnection, record_id: str) -> tuple[CrmLink, Mql] | None:
    """Return the link of a record with its MQL: of several MQLs of one record an open one first, else the newest."""
    mine = _mine(connection) & (crm_link.c.record_id == record_id)
    query = sa.select(crm_link, mql).join(mql, mql.c.id == crm_link.c.mql_id).where(mine)
    links = len(crm_link.c)
    pairs = [
        (rows.value(CrmLink, crm_link.c.keys(), row[:links]), rows.value(Mql, mql.c.keys(), row[links:]))
        for row in tx.execute(query).fetchall()
    ]
    alive = [pair for pair in pairs if pair[1].merged_into_id is None]
    return max(alive or pairs, key=lambda pair: (not pair[1].disposed, pair[1].id), default=None)


def all_of_record(tx: sa.Connection, connection: CrmConnection, record_id: str) -> list[CrmLink]:
    """Return every link of a record, the oldest first."""
    which = {"workspace_id": connection.workspace_id, "connection_id": connection.id, "record_id": record_id}
    return rows.all_of(tx, CrmLink, crm_link, which)


def to_look_up(tx: sa.Connection, connection: CrmConnection, now: datetime, most: int) -> list[tuple[CrmLink, str]]:
    """Return the links whose record is to be looked for, with the address of the lead."""
    mine = _mine(connection) & (crm_link.c.look_up_at <= now) & mql.c.email.is_not(None)
    query = sa.select(mql.c.email, crm_link).join(mql, mql.c.id == crm_link.c.mql_id).where(mine)
    result = tx.execute(query.order_by(crm_link.c.look_up_at, crm_link.c.id).limit(most)).fetchall()
    return [(rows.value(CrmLink, crm_link.c.keys(), row[1:]), str(row[0])) for row in result]


def looked_for(tx: sa.Connection, connection: CrmConnection, email: str) -> list[CrmLink]:
    """Return the links without a record whose lead has this address."""
    mine = _mine(connection) & crm_link.c.record_id.is_(None) & (sa.func.lower(mql.c.email) == email.lower())
    query = sa.select(crm_link).join(mql, mql.c.id == crm_link.c.mql_id).where(mine).order_by(crm_link.c.id)
    return rows.many(tx, CrmLink, query)


def every(tx: sa.Connection, connection: CrmConnection) -> list[CrmLink]:
    """Return every link of a connection."""
    return rows.all_of(tx, CrmLink, crm_link, {"workspace_id": connection.workspace_id, "connection_id": connection.id})


def known_records(tx: sa.Connection, connection: CrmConnection, record_ids: Iterable[str]) -> set[str]:
    """Return which of some records belong to an MQL."""
    mine = _mine(connection) & crm_link.c.record_id.in_(list(record_ids))
    return set(tx.execute(sa.select(crm_link.c.record_id).where(mine)).scalars())


def count(tx: sa.Connection, connection: CrmConnection) -> tuple[int, int, int]:
    """Return how many MQLs are linked, are looked for still, and were not found."""
    with_record = sa.func.count(crm_link.c.record_id)
    wanted = sa.func.count(crm_link.c.look_up_at)
    query = sa.select(with_record, wanted, sa.func.count()).select_from(crm_link).where(_mine(connection))
    linked, looked_for, links = tx.execute(query).one()
    return int(linked), int(looked_for), int(links - linked - looked_for)


def shadows(tx: sa.Connection, link: CrmLink) -> dict[CrmField, CrmShadow]:
    """Return what both sides held of each field, by field."""
    which = {"workspace_id": link.workspace_id, "link_id": link.id}
    return {shadow.field: shadow for shadow in rows.all_of(tx, CrmShadow, crm_shadow, which)}


def keep(tx: sa.Connection, link: CrmLink, field: CrmField, **values: Any) -> None:
    """Write down what both sides hold of a field."""
    which = {"workspace_id": link.workspace_id, "link_id": link.id, "field": field}
    if not rows.change(tx, crm_shadow, which, **values):
        flags = {"is_ahead": False, "is_sending": False, "mql_id": link.mql_id}
        rows.insert(tx, crm_shadow, **(flags | which | values))


def problems(tx: sa.Connection, connection: CrmConnection) -> dict[tuple[CrmField, str], int]:
    """Return how many MQLs have a value that the CRM does not take, by field and code."""
    query = (
        sa.select(crm_shadow.c.field, crm_shadow.c.problem, sa.func.count())
        .join(crm_link, crm_link.c.id == crm_shadow.c.link_id)
        .where(_mine(connection), crm_shadow.c.problem.is_not(None))
        .group_by(crm_shadow.c.field, crm_shadow.c.problem)
    )
    return {(CrmField(field), str(problem)): int(number) for field, problem, number in tx.execute(query)}


def with_problem(tx: sa.Connection, connection: CrmConnection) -> list[CrmShadow]:
    """Return the fields whose value the CRM does not take."""
    mine = _mine(connection) & crm_shadow.c.problem.is_not(None)
    query = sa.select(crm_shadow).join(crm_link, crm_link.c.id == crm_shadow.c.link_id).where(mine)
    return rows.many(tx, CrmShadow, query.order_by(crm_shadow.c.id))


def forget(tx: sa.Connection, subject: Mql) -> None:
    """Delete the links of an MQL whose person is erased, with everything about them. A write in hand is sent no
    more."""
    for table in (crm_conflict, crm_write, crm_shadow, crm_link):
        mine = sa.and_(table.c.workspace_id == subject.workspace_id, table.c.mql_id == subject.id)
        tx.execute(table.delete().where(mine))


def _mine(connection: CrmConnection) -> sa.ColumnElement[bool]:
    return sa.and_(crm_link.c.workspace_id == connection.workspace_id, crm_link.c.connection_id == connection.id)
