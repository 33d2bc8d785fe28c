"""Files that were imported: each as a run, with the rows that are known from it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import company_keys, rows
from storage.models import (
    AS_RECEIVED,
    ImportRun,
    event,
    feedback,
    identifier,
    import_run,
    imported_row,
    mql,
    workspace,
)
from storage.vocabulary import EventType, ImportKind, ImportState, Source

AT_ONCE = 500
"""MQLs in one statement."""


class Known(NamedTuple):
    """A row that was imported before, and whether its MQL can still be changed by a file."""

    import_id: int
    content: str
    mql_id: int
    touched: bool
    """Somebody's or a CRM's word came after the import, or its person is erased; or it was handed to sales."""
    email: str | None
    company: str | None


class Live(NamedTuple):
    """An MQL that did not come by an import of history."""

    number: int
    external_id: str | None
    email: str | None
    received_at: datetime


def start(tx: sa.Connection, workspace_id: str, kind: ImportKind, digest: str, file: str, now: datetime) -> int:
    """Store a run that begins; returns its id."""
    counts = {"position": 0, "added": 0, "changed": 0}
    values = {"kind": kind, "digest": digest, "file": file, "started_at": now, "state": ImportState.RUNNING}
    return rows.insert(tx, import_run, workspace_id=workspace_id, **values, **counts)


def running(tx: sa.Connection, workspace_id: str, digest: str) -> ImportRun | None:
    """Return the run of the same file that was interrupted, if any."""
    mine = sa.and_(import_run.c.workspace_id == workspace_id, import_run.c.digest == digest)
    query = sa.select(import_run).where(mine, import_run.c.state == ImportState.RUNNING)
    return rows.one(tx, ImportRun, query.order_by(import_run.c.id.desc()).limit(1))


def get(tx: sa.Connection, workspace_id: str, import_id: int) -> ImportRun | None:
    """One run, held until the transaction ends."""
    return rows.find(tx, ImportRun, import_run, {"workspace_id": workspace_id, "id": import_id}, hold=True)


def newest(tx: sa.Connection, workspace_id: str, most: int) -> list[ImportRun]:
    """Return the last runs, the newest first."""
    query = sa.select(import_run).where(import_run.c.workspace_id == workspace_id)
    return rows.many(tx, ImportRun, query.order_by(import_run.c.id.desc()).limit(most))


def advance(tx: sa.Connection, workspace_id: str, import_id: int, position: int, added: int, changed: int) -> None:
    """Note how many rows of the file are dealt with, and what they came to since the last time."""
    mine = sa.and_(import_run.c.workspace_id == workspace_id, import_run.c.id == import_id)
    counts = {"added": import_run.c.added + added, "changed": import_run.c.changed + changed}
    tx.execute(import_run.update().where(mine).values(position=position, **counts))


def close(tx: sa.Connection, workspace_id: str, import_id: int, state: ImportState, now: datetime) -> None:
    """End a run: it is done, or undone."""
    rows.change(tx, import_run, {"workspace_id": workspace_id, "id": import_id}, state=state, finished_at=now)


def known(tx: sa.Connection, workspace_id: str, keys: Collection[str]) -> dict[str, Known]:
    """Return which rows were imported before, by their keys."""
    mine = sa.and_(imported_row.c.workspace_id == workspace_id, imported_row.c.key.in_(keys))
    columns = (imported_row.c.key, imported_row.c.import_id, imported_row.c.content, imported_row.c.mql_id)
    touched = sa.or_(_told_since(mql.c.id), mql.c.erased_at.is_not(None), mql.c.import_id.is_(None))
    query = (
        sa.select(*columns, touched, mql.c.email, mql.c.company)
        .select_from(imported_row)
        .join(mql, mql.c.id == imported_row.c.mql_id)
    )
    return {key: Known(*values) for key, *values in tx.execute(query.where(mine))}


def _told_since(mql_id: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Return the condition that something besides imports of history is written in the log of an MQL."""
    source = event.c.data["source"].as_string()
    other = sa.or_(event.c.type.not_in((EventType.IMPORTED, EventType.ERASED)), source.is_not(None))
    return sa.exists().where(event.c.mql_id == mql_id, other)


def live_of(tx: sa.Connection, workspace_id: str, external_ids: Collection[str], emails: Collection[str]) -> list[Live]:
    """Return the MQLs of this bot's own time that have one of these external ids or e-mail addresses."""
    mine = sa.and_(mql.c.workspace_id == workspace_id, mql.c.import_id.is_(None))
    query = sa.select(mql.c.number, mql.c.external_id, mql.c.email, mql.c.received_at).where(mine)
    # One question each, so that each finds its index; that of the ids begins with the source.
    by_id = sa.and_(mql.c.source.in_(tuple(Source)), mql.c.external_id.in_(external_ids))
    results = [tx.execute(query.where(which)) for which in (by_id, mql.c.email.in_(emails))]
    return [Live(*row) for result in results for row in result]


def numbered(tx: sa.Connection, workspace_id: str, numbers: Collection[int]) -> dict[int, datetime]:
    """Return when the MQLs of these numbers were received, imported ones too."""
    mine = sa.and_(mql.c.workspace_id == workspace_id, mql.c.number.in_(numbers))
    return {number: at for number, at in tx.execute(sa.select(mql.c.number, mql.c.received_at).where(mine))}


def add_mqls(tx: sa.Connection, workspace_id: str, values: Sequence[Mapping[str, Any]]) -> list[int]:
    """Store MQLs of the past, with the next numbers; returns their ids in the same order. Each names every column but
    those that are the same for all of them."""
    if not values:
        return []
    statement = workspace.update().where(workspace.c.id == workspace_id)
    taken = statement.values(last_number=workspace.c.last_number + len(values)).returning(workspace.c.last_number)
    first = int(tx.execute(taken).scalar_one()) - len(values) + 1
    entries = [
        {
            **entry,
            **{f"received_{name}": entry[name] for name in AS_RECEIVED},
            **company_keys.of(entry)._asdict(),
            "workspace_id": workspace_id,
            "number": number,
            "offered": False,
            "received_contactable": bool(entry["email"] or entry["phone"]),
        }
        for number, entry in enumerate(values, start=first)
    ]
    return rows.insert_many(tx, mql, entries)


def add_rows(tx: sa.Connection, workspace_id: str, import_id: int, entries: Sequence[tuple[str, str, int]]) -> None:
    """Note rows that were imported: key, content and MQL of each."""
    about = {"workspace_id": workspace_id, "import_id": import_id}
    values = [{**about, "key": key, "content": content, "mql_id": mql_id} for key, content, mql_id in entries]
    rows.insert_many(tx, imported_row, values)


def say_again(tx: sa.Connection, workspace_id: str, key: str, content: str) -> None:
    """Note that a row of a later file says something else."""
    rows.change(tx, imported_row, {"workspace_id": workspace_id, "key": key}, content=content)


def log(tx: sa.Connection, workspace_id: str, entries: Sequence[tuple[int, dict[str, Any]]], now: datetime) -> None:
    """Write an import into the logs of MQLs: the id of each, and what is to be known of it. Neither the counters nor
    the webhook hear of it: it is of the past."""
    about = {"workspace_id": workspace_id, "type": EventType.IMPORTED, "at": now, "recorded_at": now}
    rows.insert_many(tx, event, [{**about, "mql_id": mql_id, "data": data} for mql_id, data in entries])


def add_feedback(tx: sa.Connection, workspace_id: str, entries: Sequence[Mapping[str, Any]]) -> list[int]:
    """Store what sales said in the past; returns the ids in the same order."""
    empty = {"amount": None, "next_step": None, "recycle_on": None, "workspace_id": workspace_id}
    return rows.insert_many(tx, feedback, [{**empty, **entry} for entry in entries])


def touched(tx: sa.Connection, workspace_id: str, import_id: int, most: int) -> list[int]:
    """Return the numbers of MQLs that an import has added or changed and that a later word hangs on: a person's, a
    CRM's, or a later import's."""
    mine = sa.and_(
        mql.c.workspace_id == workspace_id,
        sa.or_(mql.c.import_id == import_id, mql.c.id.in_(_changed(workspace_id, import_id))),
    )
    later = sa.exists().where(
        event.c.mql_id == mql.c.id,
        event.c.type == EventType.IMPORTED,
        event.c.data["import"].as_integer() > import_id,
    )
    query = sa.select(mql.c.number).where(mine, sa.or_(_told_since(mql.c.id), later))
    return list(tx.execute(query.order_by(mql.c.number).limit(most)).scalars())


def changed_by(tx: sa.Connection, workspace_id: str, import_id: int) -> list[tuple[int, dict[str, Any]]]:
    """Return the MQLs of other imports that an import has changed, the newest first, with what they were before."""
    query = _changed(workspace_id, import_id).add_columns(event.c.data).order_by(event.c.id.desc())
    return [(mql_id, data) for mql_id, data in tx.execute(query)]


def _changed(workspace_id: str, import_id: int) -> sa.Select[Any]:
    mine = sa.and_(event.c.workspace_id == workspace_id, event.c.type == EventType.IMPORTED)
    by_it = sa.and_(event.c.data["import"].as_integer() == import_id, event.c.data["was"].as_string().is_not(None))
    return sa.select(event.c.mql_id).where(mine, by_it)


def forget_change(tx: sa.Connection, workspace_id: str, import_id: int, mql_id: int, feedback_id: int | None) -> None:
    """Delete what an import wrote when it changed an MQL of another: its event, and its feedback if it gave any."""
    mine = sa.and_(event.c.workspace_id == workspace_id, event.c.mql_id == mql_id)
    tx.execute(event.delete().where(mine, event.c.data["import"].as_integer() == import_id))
    theirs = sa.and_(feedback.c.workspace_id == workspace_id, feedback.c.id == feedback_id)
    tx.execute(feedback.delete().where(theirs))


def drop(tx: sa.Connection, workspace_id: str, import_id: int, most: int) -> int:
    """Delete up to `most` MQLs of an import, with everything that is about them; returns how many."""
    mine = sa.and_(mql.c.workspace_id == workspace_id, mql.c.import_id == import_id)
    ids = list(tx.execute(sa.select(mql.c.id).where(mine).order_by(mql.c.id).limit(most)).scalars())
    for about in (event, feedback, identifier, imported_row):
        tx.execute(about.delete().where(about.c.workspace_id == workspace_id, about.c.mql_id.in_(ids)))
    tx.execute(mql.delete().where(mine, mql.c.id.in_(ids)))
    return len(ids)
