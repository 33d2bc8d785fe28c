"""Find the MQLs of a lead's person that the workspace knows, and those that are still with sales (ADR 35).

Two leads are of the same person if they have the same e-mail address, the same id in the same tool, or the same phone
number and name. If they only may be (an address with another plus part), both are shown to people, who decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from babel.core import get_global

from bot.core.mql.lead import Lead
from storage import companies, company_keys, identifiers, mqls, person_keys
from storage.identifiers import Holder
from storage.models import Mql, Workspace
from storage.person_keys import PersonKey
from storage.vocabulary import IdentifierKind, Source, Status

DOORS = tuple(source.value for source in Source)
"""Stands for the tool of an id when a lead does not say which tool the id is from."""
LONGEST_CHAIN = 20
COLLEAGUES = 10


class Known(NamedTuple):
    """What a workspace knows of a lead's person."""

    current: Mql | None = None
    """The MQL that goes on."""
    former: Mql | None = None
    """The newest MQL with an outcome; None if there is a current one."""
    maybe: Mql | None = None
    """An MQL with sales that may be of the same person."""
    colleague: Mql | None = None
    """An MQL with sales of the same company."""


def find(tx: sa.Connection, workspace: Workspace, lead: Lead, source: Source, now: datetime) -> Known:
    """Return what is known of the person of a lead; of the company nothing. The caller holds the workspace."""
    keys = list(keys_of(lead, source, workspace))
    same, maybe = _sorted_out(identifiers.holders(tx, workspace.id, keys), keys, lead)
    resolved = {known.id: known for known in (_where_it_goes_on(tx, known) for known in same)}.values()
    current = min((known for known in resolved if goes_on(known, workspace, now)), key=_open_first, default=None)
    if current is not None:
        return Known(current)
    ours = [known for known in resolved if known.import_id is None]
    over = [known for known in ours if known.disposed and known.status != Status.WITHDRAWN]
    alike = [known for known in maybe if goes_on(known, workspace, now)]
    return Known(None, max(over, key=lambda known: known.id, default=None), next(iter(alike), None))


def keys_of(lead: Lead, source: Source, workspace: Workspace) -> Iterator[PersonKey]:
    """Yield the keys of a lead's person. An id without a tool is a key of the source that the lead came through."""
    for system, record_id in lead.record_ids.items():
        yield person_keys.record(system, record_id)
    if lead.external_id is not None and lead.external_id not in lead.record_ids.values():
        yield person_keys.record(source, lead.external_id)
    if lead.email is not None:
        yield person_keys.email(lead.email)
        yield from filter(None, (person_keys.mailbox(lead.email),))
    if lead.phone is not None and lead.person is not None:
        yield from filter(None, (person_keys.named_phone(lead.phone, lead.person, region_of(workspace)),))


def region_of(workspace: Workspace) -> str:
    """Return the country (ISO 3166) for phone numbers without a country code: that of the timezone, else JP."""
    return str(get_global("zone_territories").get(workspace.timezone, "JP"))


def goes_on(subject: Mql, workspace: Workspace, now: datetime) -> bool:
    """Return whether new words of the lead belong to this MQL: it is open, or its opportunity is under way and was
    confirmed within the period that the workspace has set. Never true of an imported MQL, which nobody works on."""
    if subject.import_id is not None:
        return False
    if not subject.disposed:
        return True
    if subject.disposed_at is None or not is_under_way(subject):
        return False
    return now - subject.disposed_at <= timedelta(days=workspace.anew_after_days)


def is_under_way(subject: Mql) -> bool:
    """Return whether an MQL is an opportunity of ours that is neither won nor lost."""
    return subject.import_id is None and subject.status == Status.QUALIFIED and subject.deal_result is None


def back_as(tx: sa.Connection, subject: Mql) -> Mql | None:
    """Return the MQL under which the lead of a closed MQL is with sales again: open, or an opportunity under way."""
    keys = set(identifiers.of_mql(tx, subject.workspace_id, subject.id))
    keys = {key for key in keys if key.kind != IdentifierKind.MAILBOX}
    others = {
        holder.mql.id: holder.mql
        for holder in identifiers.holders(tx, subject.workspace_id, keys)
        if holder.key in keys
    }
    resolved = [_where_it_goes_on(tx, other) for other in others.values()]
    alive = [other for other in resolved if other.id != subject.id and (not other.disposed or is_under_way(other))]
    return min(alive, key=_open_first, default=None)


def named(
    tx: sa.Connection, workspace_id: str, source: Source, external_id: str | None, email: str | None
) -> list[Mql]:
    """Return every MQL of a lead that somebody names, in any status, the newest first.

    The lead is looked for by its id in that source, or in the tool that the form of the id shows; then by the id in any
    tool, if only one tool has it; then by the e-mail address."""
    if external_id is not None:
        keys = person_keys.as_named(source, external_id)
        values = {key.value for key in keys}
        holders = [each for each in identifiers.holders(tx, workspace_id, keys) if _is_record(each, values)]
        exact = [holder for holder in holders if holder.key in keys]
        as_given = [holder for holder in holders if holder.key.value == keys[0].value]
        if not exact and len({holder.key.system for holder in as_given}) == 1:
            exact = as_given
        if exact:
            return _each(tx, exact)
    if email is None:
        return []
    key = person_keys.email(email)
    return _each(tx, [holder for holder in identifiers.holders(tx, workspace_id, [key]) if holder.key == key])


def with_record(tx: sa.Connection, workspace_id: str, record_id: str) -> list[Mql]:
    """Return every MQL that any tool knows by this id, the oldest first."""
    key = person_keys.record("", record_id)
    in_18 = person_keys.record(person_keys.SALESFORCE, record_id)
    values = {key.value, in_18.value}
    holders = identifiers.holders(tx, workspace_id, [key, in_18])
    return _each(tx, [holder for holder in holders if _is_record(holder, values)])[::-1]


def colleague(tx: sa.Connection, workspace_id: str, lead: Lead, but: Iterable[Mql | None]) -> Mql | None:
    """Return an MQL of the same company that is with sales, open ones before opportunities, leaving out `but`."""
    left_out = {known.id for known in but if known is not None}
    keys = company_keys.of(lead.model_dump(include={"company", "email", "attributes"}))
    matches = companies.same_company(tx, workspace_id, keys, most=COLLEAGUES)
    others = [other for other in matches if other.id not in left_out]
    return min(others, key=lambda other: (other.disposed, -other.id), default=None)


def _sorted_out(holders: Iterable[Holder], keys: list[PersonKey], lead: Lead) -> tuple[list[Mql], list[Mql]]:
    """Return the MQLs that are of the same person, and those that may be."""
    same, maybe = dict[int, Mql](), dict[int, Mql]()
    for key, known in holders:
        if any(_says_same(mine, key, lead, known) for mine in keys):
            same[known.id] = known
        elif key.kind == IdentifierKind.MAILBOX and key in keys:
            maybe[known.id] = known
    return list(same.values()), [known for known in maybe.values() if known.id not in same]


def _says_same(mine: PersonKey, theirs: PersonKey, lead: Lead, known: Mql) -> bool:
    if mine.kind != theirs.kind or mine.value != theirs.value or mine.kind == IdentifierKind.MAILBOX:
        return False
    if mine.kind == IdentifierKind.PHONE:
        # Two people of one name at one switchboard have two addresses there.
        return not (_addresses_differ(lead, known) and company_keys.domain(lead.email) == known.company_domain)
    if mine.system == theirs.system:
        return True
    # Of one of the two ids nobody knows of which tool it is. Two tools may give two people the same number.
    return bool({mine.system, theirs.system} & {*DOORS}) and not _contradicts(lead, known)


def _contradicts(lead: Lead, known: Mql) -> bool:
    if lead.email is not None and known.email is not None:
        return _addresses_differ(lead, known)
    if lead.person is not None and known.person is not None:
        return person_keys.person_name(lead.person) != person_keys.person_name(known.person)
    mine = company_keys.name(lead.company)
    return None not in (mine, known.company_key) and mine != known.company_key


def _addresses_differ(lead: Lead, known: Mql) -> bool:
    return None not in (lead.email, known.email) and lead.email != known.email


def _open_first(subject: Mql) -> tuple[bool, int]:
    return subject.disposed, subject.id


def _is_record(holder: Holder, values: set[str]) -> bool:
    return holder.key.kind == IdentifierKind.RECORD and holder.key.value in values


def _each(tx: sa.Connection, holders: Iterable[Holder]) -> list[Mql]:
    """Return the MQLs that these were merged into, each once: the newest first, imported ones last."""
    matches = {known.id: known for known in (_where_it_goes_on(tx, holder.mql) for holder in holders)}
    return sorted(matches.values(), key=lambda known: (known.import_id is not None, -known.id))


def _where_it_goes_on(tx: sa.Connection, subject: Mql) -> Mql:
    """Return the MQL into which one was merged, or itself."""
    for _ in range(LONGEST_CHAIN):
        into = mqls.get(tx, subject.workspace_id, subject.merged_into_id) if subject.merged_into_id else None
        if into is None:
            break
        subject = into
    return subject
