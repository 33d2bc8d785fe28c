"""What a CRM is to be told of the fields of a record: planned when it is sent, by the state as it is then."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from collections.abc import Mapping as Words
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.core.crm import conflicts
from bot.core.crm.facts import facts, is_told
from bot.core.crm.mapping import Mapping, Rule
from storage import crm_conflicts, crm_links, crm_writes, mqls
from storage.models import CrmConnection, CrmLink, CrmShadow
from storage.vocabulary import CrmField, CrmWriteKind


@dataclass(frozen=True)
class Planned:
    """One field that is to be written."""

    field: CrmField
    name: str
    """The CRM's own name of the property."""
    value: str | None
    ours: str | None
    """The fact that it says, in our words."""
    expected: str | None
    """What the property held when it was read last."""


def plan(tx: sa.Connection, connection: CrmConnection, link: CrmLink, *, most: int | None = None) -> list[Planned]:
    """Return what is to be written of an MQL now. Nothing of a field on which a person is to decide, and nothing of
    one that was never read. `most`: so many fields at most."""
    mapping = Mapping.of(connection.mapping)
    planned = [_planned(mapping, *each) for each in _told(tx, connection, link, mapping)]
    return [each for each in planned if each is not None][:most]


def let_be(tx: sa.Connection, connection: CrmConnection, link: CrmLink) -> None:
    """Note of fields that were to follow the bot, and for whose fact the CRM has no value, that both sides stay as they
    are: what the CRM says next is news again."""
    if not any(shadow.is_ahead for shadow in crm_links.shadows(tx, link).values()):
        return
    mapping = Mapping.of(connection.mapping)
    for field, shadow, ours in _told(tx, connection, link, mapping):
        if shadow.is_ahead and _planned(mapping, field, shadow, ours) is None:
            crm_links.keep(tx, link, field, ours=ours, is_ahead=False)


def _told(
    tx: sa.Connection, connection: CrmConnection, link: CrmLink, mapping: Mapping
) -> Iterator[tuple[CrmField, CrmShadow, str | None]]:
    """Yield the fields of which the CRM is told: each with what both held, and what the bot holds now."""
    subject = mqls.get(tx, link.workspace_id, link.mql_id)
    if subject is None or not is_told(subject) or link.record_id is None or link.gone_at is not None:
        return
    current = crm_links.of_record(tx, connection, link.record_id)
    if current is None or current[0].id != link.id:
        return  # its person is with sales as another MQL
    known, shadows, waiting = facts(tx, subject), crm_links.shadows(tx, link), crm_conflicts.open_of(tx, link)
    for field in mapping.fields:
        if field in shadows and field not in waiting:
            yield field, shadows[field], known[field]


def _planned(mapping: Mapping, field: CrmField, shadow: CrmShadow, ours: str | None) -> Planned | None:
    how = mapping.fields[field]
    value = shadow.wanted
    if value is None:
        if how.rule == Rule.THEIRS or not (shadow.is_ahead or ours != shadow.ours):
            return None
        if mapping.agrees(field, ours, shadow.theirs):
            return None
        value = mapping.written(field, ours)
    if value is None or value == (shadow.theirs or ""):
        return None
    return Planned(field, how.name, value or None, ours, shadow.theirs)


def begin(tx: sa.Connection, link: CrmLink, planned: Collection[Planned]) -> None:
    """Note what is being written, so that it is known again if nobody hears whether it arrived."""
    for each in planned:
        crm_links.keep(tx, link, each.field, is_sending=True, sending=each.value)


def give_up(tx: sa.Connection, link: CrmLink, planned: Collection[Planned]) -> None:
    """Note that nothing of it was written."""
    for each in planned:
        crm_links.keep(tx, link, each.field, is_sending=False, sending=None)


def written(
    tx: sa.Connection,
    link: CrmLink,
    planned: Collection[Planned],
    actual: Words[str, str | None],
    overwritten: Words[str, str | None],
    now: datetime,
) -> None:
    """Note that the CRM has it. `actual`: what the properties hold now, as far as it was read. `overwritten`: what
    somebody had written in between; a person sees both."""
    for each in planned:
        holds = actual.get(each.name, each.value)
        ignored = holds != each.value and holds == each.expected
        values = {"theirs": holds if ignored else each.value, "ours": each.ours}
        flags = {"is_ahead": False, "is_sending": False, "sending": None, "wanted": None}
        crm_links.keep(tx, link, each.field, **values, **flags, problem="not_moved" if ignored else None)
        if each.name in overwritten:
            _show_overwritten(tx, link, each, overwritten[each.name], now)


def _show_overwritten(
    tx: sa.Connection, link: CrmLink, written_field: Planned, theirs: str | None, now: datetime
) -> None:
    subject = mqls.get(tx, link.workspace_id, link.mql_id)
    if subject is None or written_field.field in crm_conflicts.open_of(tx, link):
        return
    base = crm_links.shadows(tx, link)[written_field.field]
    base.theirs = written_field.expected
    ours = facts(tx, subject)[written_field.field]
    conflicts.show(tx, link, subject, written_field.field, base, theirs, ours, None, now)


def refused(tx: sa.Connection, link: CrmLink, planned: Collection[Planned], code: str, names: Collection[str]) -> None:
    """Note that the CRM does not take some values, as long as they stay what they are: those of the properties that it
    names, or all. The others may be written without them."""
    for each in planned:
        at_fault = not names or each.name in names
        fault = {"ours": each.ours, "is_ahead": False, "wanted": None, "problem": code} if at_fault else {}
        crm_links.keep(tx, link, each.field, is_sending=False, sending=None, **fault)


def try_again(tx: sa.Connection, connection: CrmConnection, now: datetime) -> None:
    """Queue what the CRM did not take: the mapping has changed, or the CRM's form."""
    fields = Mapping.of(connection.mapping).fields
    for shadow in crm_links.with_problem(tx, connection):
        link = crm_links.get(tx, shadow.workspace_id, shadow.link_id)
        if link is not None:
            crm_links.keep(tx, link, shadow.field, problem=None, is_ahead=shadow.field in fields)
            crm_writes.add(tx, link, CrmWriteKind.FIELDS, now)
