"""Finding and erasing what names a person. What figures count stays."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import company_keys, crm_links, engagements, identifiers, rows
from storage.identity import joined
from storage.models import (
    AS_RECEIVED,
    DISPOSED,
    Feedback,
    Mql,
    Unreadable,
    action_change,
    action_item,
    definition,
    event,
    feedback,
    mql,
    receipt,
    sender_rule,
    unreadable,
)
from storage.models.columns import OfPerson, emptied
from storage.vocabulary import EventType, UnreadableState

# What is personal is declared at the columns of storage/models: an erased row has these values.
LEAD = emptied(Mql, OfPerson.ERASED)
Wanted = Callable[[str], bool]
"""Whether a text names whom somebody asks to erase."""
COMPANY = emptied(Mql, OfPerson.COMPANY)
FEEDBACK = emptied(Feedback, OfPerson.ERASED)
INTAKE = emptied(Unreadable, OfPerson.ERASED)


def due(tx: sa.Connection, workspace_id: str, before: datetime, most: int | None) -> list[int]:
    """Return the ids of MQLs that were over before then and still name somebody, the oldest first; None: of all of
    them."""
    over = sa.and_(mql.c.status.in_(DISPOSED), mql.c.disposed_at < before, mql.c.erased_at.is_(None))
    query = sa.select(mql.c.id).where(mql.c.workspace_id == workspace_id, over).order_by(mql.c.disposed_at, mql.c.id)
    return list(tx.execute(query.limit(most)).scalars())


def of_person(tx: sa.Connection, workspace_id: str, wanted: Wanted) -> list[Mql]:
    """Return MQLs whose lead has an e-mail address or a phone number that is wanted, or gave it when it came in
    again."""
    reached = sa.or_(mql.c.email.is_not(None), mql.c.phone.is_not(None))
    named = sa.select(mql.c.id, mql.c.email, mql.c.phone).where(mql.c.workspace_id == workspace_id, reached)
    ids = {mql_id for mql_id, email, phone in tx.execute(named) if wanted(email or "") or wanted(phone or "")}
    ids |= {mql_id for mql_id, value in identifiers.reaching(tx, workspace_id) if wanted(value)}
    again = sa.select(event.c.mql_id, event.c.data).where(
        event.c.workspace_id == workspace_id, event.c.type == EventType.RECEIVED_AGAIN
    )
    ids |= {
        mql_id
        for mql_id, data in tx.execute(again)
        if any(wanted(str(data.get(key, ""))) for key in ("email", "phone"))
    }
    return _not_erased(tx, workspace_id, ids)


def merged_with(tx: sa.Connection, workspace_id: str, subjects: Collection[Mql]) -> list[Mql]:
    """Return the MQLs that were merged into these, and those into which these were merged: of one person, as somebody
    has said. Without those that were erased before."""
    ids = {subject.id for subject in subjects}
    linked_ids: set[int] = set()
    while ids - linked_ids:
        linked_ids |= ids
        linked = sa.select(mql.c.id, mql.c.merged_into_id).where(
            mql.c.workspace_id == workspace_id,
            mql.c.merged_into_id.is_not(None),
            sa.or_(mql.c.merged_into_id.in_(linked_ids), mql.c.id.in_(linked_ids)),
        )
        ids = linked_ids | {mql_id for pair in tx.execute(linked) for mql_id in pair if mql_id is not None}
    return _not_erased(tx, workspace_id, linked_ids)


def numbered(tx: sa.Connection, workspace_id: str, numbers: Collection[int]) -> list[Mql]:
    """Return MQLs by number, without those that were erased before."""
    query = sa.select(mql.c.id).where(mql.c.workspace_id == workspace_id, mql.c.number.in_(numbers))
    return _not_erased(tx, workspace_id, tx.execute(query).scalars().all())


def mentioning(tx: sa.Connection, workspace_id: str, wanted: Wanted) -> list[Mql]:
    """Return MQLs in which something wanted stands among what the lead wrote, what sales wrote, or what came in
    again."""
    ids: set[int] = set()
    written = sa.or_(event.c.reason.is_not(None), sa.cast(event.c.data, sa.String) != "{}")
    for of, key, names, which in (
        (mql, mql.c.id, LEAD, mql.c.erased_at.is_(None)),
        (feedback, feedback.c.mql_id, FEEDBACK, _says_any(feedback, FEEDBACK)),
        (event, event.c.mql_id, ("reason", "data"), written),
    ):
        query = sa.select(key, *(of.c[name] for name in names)).where(of.c.workspace_id == workspace_id, which)
        ids |= {mql_id for mql_id, *values in tx.execute(query) if wanted(joined(values))}
    return _not_erased(tx, workspace_id, ids)


class FreeText(NamedTuple):
    """What people wrote that belongs to no MQL."""

    where: str
    """action, definition or rule."""
    number: int
    """Of the action, of the definition's version, or the id of the rule."""


def free_texts(tx: sa.Connection, workspace_id: str, wanted: Wanted) -> list[FreeText]:
    """Return the actions, definitions and rules about senders in which something wanted stands, each once."""
    texts: set[FreeText] = set()
    for where, number, columns in (
        ("action", action_item.c.id, (action_item.c.what,)),
        ("action", action_change.c.action_id, (action_change.c.what,)),
        ("definition", definition.c.number, (definition.c.text, definition.c.why)),
        ("rule", sender_rule.c.id, (sender_rule.c.headline,)),
    ):
        query = sa.select(number, *columns).where(number.table.c.workspace_id == workspace_id)
        texts |= {FreeText(where, at) for at, *values in tx.execute(query) if wanted(joined(values))}
    return sorted(texts)


def erase_lead(tx: sa.Connection, subject: Mql, now: datetime, *, with_company: bool, **values: Any) -> int:
    """Erase what an MQL says of its person, and change the columns of `values`; returns how many fields said
    something. `with_company`: what it says of the company goes too, uncounted."""
    given = [getattr(subject, name) for name in LEAD if name not in company_keys.CompanyKeys._fields]
    values |= LEAD | (COMPANY if with_company else {})
    values |= {"erased_at": now}
    tx.execute(mql.update().where(_is(subject)).values(**values))
    identifiers.forget(tx, subject)
    crm_links.forget(tx, subject)
    engagements.forget(tx, subject)
    return sum(len(value) if isinstance(value, (dict, list)) else value is not None for value in given)


def erase_events(
    tx: sa.Connection, subject: Mql, reasons_kept: Collection[EventType], data_erased: Collection[EventType]
) -> int:
    """Erase the reasons of an MQL's events that people wrote (all but those of `reasons_kept`, and of what the bot
    did by itself), and the data of `data_erased` but for what stays of an MQL too; returns how many events held any."""
    mine = sa.and_(event.c.workspace_id == subject.workspace_id, event.c.mql_id == subject.id)
    written = sa.and_(event.c.reason.is_not(None), event.c.actor.is_not(None), event.c.type.not_in(reasons_kept))
    changed = set(tx.execute(sa.select(event.c.id).where(mine, written)).scalars())
    tx.execute(event.update().where(mine, written).values(reason=None))
    came = sa.select(event.c.id, event.c.data).where(mine, event.c.type.in_(data_erased))
    for event_id, data in tx.execute(came).all():
        kept = {name: data[name] for name in AS_RECEIVED if name in data}
        if kept != data:
            changed.add(event_id)
            tx.execute(event.update().where(event.c.id == event_id).values(data=kept))
    return len(changed)


def erase_feedback(tx: sa.Connection, subject: Mql) -> int:
    """Erase what sales wrote of an MQL, such as comments; returns in how many answers."""
    mine = sa.and_(feedback.c.workspace_id == subject.workspace_id, feedback.c.mql_id == subject.id)
    return tx.execute(feedback.update().where(mine, _says_any(feedback, FEEDBACK)).values(**FEEDBACK)).rowcount


def erase_intake(tx: sa.Connection, subject: Mql) -> int:
    """Erase what was read of the intake messages that were entered as this MQL; returns of how many."""
    return _erase_found(tx, subject.workspace_id, unreadable.c.mql_id == subject.id)


def erase_intake_of(tx: sa.Connection, workspace_id: str, wanted: Wanted) -> list[int]:
    """Erase what was read of intake messages in which something wanted stands; returns their ids."""
    query = sa.select(unreadable.c.id, *(unreadable.c[name] for name in INTAKE))
    kept = tx.execute(query.where(unreadable.c.workspace_id == workspace_id, _says_any(unreadable, INTAKE)))
    entry_ids = [entry_id for entry_id, *values in kept if wanted(joined(values))]
    _erase_found(tx, workspace_id, unreadable.c.id.in_(entry_ids))
    return entry_ids


def erase_closed_intake(tx: sa.Connection, workspace_id: str, before: datetime) -> int:
    """Erase what was read of intake messages that came in before then and were dealt with; returns of how many."""
    over = sa.and_(unreadable.c.state != UnreadableState.OPEN, unreadable.c.at < before)
    return _erase_found(tx, workspace_id, over)


def forget_receipts(tx: sa.Connection, workspace_id: str, before: datetime, most: int) -> int:
    """Drop up to `most` receipts from before then, but those that last; returns how many."""
    key = sa.tuple_(receipt.c.workspace_id, receipt.c.kind, receipt.c.key)
    old = sa.select(receipt.c.workspace_id, receipt.c.kind, receipt.c.key)
    old = old.where(receipt.c.workspace_id == workspace_id, receipt.c.at < before, receipt.c.lasting.is_(False)).limit(
        most
    )
    return tx.execute(receipt.delete().where(key.in_(old))).rowcount


def forget_receipts_of(tx: sa.Connection, workspace_id: str, wanted: Wanted) -> int:
    """Drop receipts whose key, which a sender may choose, holds something wanted; returns how many."""
    query = sa.select(receipt.c.key).where(
        receipt.c.workspace_id == workspace_id, sa.or_(receipt.c.key.contains("@"), receipt.c.key.contains("＠"))
    )
    keys = [key for key in tx.execute(query).scalars() if wanted(key)]
    theirs = sa.and_(receipt.c.workspace_id == workspace_id, receipt.c.key.in_(keys))
    return tx.execute(receipt.delete().where(theirs)).rowcount


def _erase_found(tx: sa.Connection, workspace_id: str, which: sa.ColumnElement[bool]) -> int:
    mine = sa.and_(unreadable.c.workspace_id == workspace_id, _says_any(unreadable, INTAKE))
    return tx.execute(unreadable.update().where(mine, which).values(**INTAKE)).rowcount


def _not_erased(tx: sa.Connection, workspace_id: str, mql_ids: Collection[int]) -> list[Mql]:
    subjects = rows.of_each(tx, Mql, mql, {"workspace_id": workspace_id}, "id", mql_ids)
    return sorted((subject for subject in subjects if subject.erased_at is None), key=lambda subject: subject.id)


def _says_any(table: sa.Table, empty: Mapping[str, object]) -> sa.ColumnElement[bool]:
    """Return whether a row differs from an erased one."""
    return sa.or_(
        *(
            table.c[name].is_not(None) if value is None else sa.cast(table.c[name], sa.String) != json.dumps(value)
            for name, value in empty.items()
        )
    )


def _is(subject: Mql) -> sa.ColumnElement[bool]:
    return sa.and_(mql.c.workspace_id == subject.workspace_id, mql.c.id == subject.id)
