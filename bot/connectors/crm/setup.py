"""A CRM is connected, gets new credentials, and is taken away; and what a comparison beforehand shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bot.connectors.crm.batches import batched
from bot.connectors.crm.connecting import sealed, unsealed
from bot.connectors.crm.contract import Connector, Credentials, Description, Property, PropertyKind
from bot.connectors.crm.registry import RECIPES
from bot.connectors.sources.vault import Vault
from bot.core.base import audit
from bot.core.base.audit import Author
from bot.core.crm import changes, events, writing
from bot.core.crm.facts import facts, is_told
from bot.core.crm.mapping import RULES, FieldMapping, Rule, in_words, proposed
from bot.core.crm.mapping import Mapping as CrmMapping
from bot.core.crm.records import Gone, Record
from bot.i18n import Translator
from storage import crm_connections, crm_links, members, mqls, workspaces
from storage.models import CrmConnection, Member, Mql, Workspace
from storage.vocabulary import AuditKind, CrmField, CrmKind, Disposition, Status

OWN = {
    CrmField.SLA_DUE: "mql_sla_due",
    CrmField.DISPOSITION: "mql_disposition",
    CrmField.LOST_REASON: "mql_lost_reason",
}
"""What properties for facts of ours are called, if somebody has made them; capitals and an ending __c do not count."""
TOLD = (Status.ASSIGNED, Status.ACCEPTED, Status.CONTACTED, Status.QUALIFIED, Status.DISQUALIFIED, Status.RECYCLED)
"""Statuses that are written into free text."""
AT_ONCE = 100


@dataclass(frozen=True)
class Wanted:
    """A CRM that is to be connected."""

    kind: CrmKind
    address: str
    credentials: Credentials
    options: Mapping[str, str]


class ConnectedAlready(ValueError):
    """A CRM of this kind is connected."""


class MappedMeanwhile(ValueError):
    """Somebody else has mapped it since it was read, or taken it away."""


def propose(
    tx: sa.Connection, workspace: Workspace, about: Description, chosen: Mapping[CrmField, str | None]
) -> CrmMapping:
    """Return how a CRM is mapped unless somebody changes it. `chosen`: the property for a field, or None for none;
    what is left out is taken by its usual name."""
    names = {**_usual(about), **chosen}
    fields = {}
    for field in RULES:
        known = about.property(names.get(field) or "")
        if known is not None:
            fields[field] = _mapped(tx, workspace, field, known)
    users = users_of(about, members.roster(tx, workspace.id))
    labels = {
        f"{each.name}={value}": label
        for each in about.properties
        if each.name in {how.name for how in fields.values()}
        for value, label in each.options.items()
    }
    people, is_for_sales = people_of(about), about.is_for_sales
    return CrmMapping(
        fields,
        users,
        owners_of(about, users),
        people,
        labels,
        tasks=is_for_sales,
        notes=is_for_sales,
        # A CRM that shows no deals is not asked for them once more when sales has reported.
        deals_qualify=bool(about.stages),
    )


def _usual(about: Description) -> dict[CrmField, str | None]:
    usual: dict[CrmField, str | None] = {CrmField(field): name for field, name in about.defaults.items()}
    for field, name in OWN.items():
        match = next((each.name for each in about.properties if each.name.lower().removesuffix("__c") == name), None)
        if match is not None:
            usual.setdefault(field, match)
    return usual


def _mapped(tx: sa.Connection, workspace: Workspace, field: CrmField, known: Property) -> FieldMapping:
    how = proposed(field, known.name, known.options, known.closing)
    if field == CrmField.STATUS and known.kind == PropertyKind.TEXT:
        t = Translator(workspace.locale, workspace.timezone)
        how = in_words(known.name, {word: t(f"status.{word}") for word in TOLD}, writable=known.writable)
    if field in (CrmField.DISPOSITION, CrmField.LOST_REASON):
        words = _words(tx, workspace, field)
        out = {word: value for word, labels in words.items() if (value := _option(known, word, labels)) is not None}
        how = replace(how, out=out, into={value: word for word, value in out.items()})
    return how if known.writable else replace(how, rule=Rule.THEIRS)


def _words(tx: sa.Connection, workspace: Workspace, field: CrmField) -> dict[str, tuple[str, ...]]:
    """Return each word of ours with what it is called: in the language of the workspace, then in others."""
    if field == CrmField.LOST_REASON:
        reasons = workspaces.reasons(tx, workspace.id, only_active=False)
        return {each.key: (each.label(workspace.locale), each.ja, each.en) for each in reasons}
    t = Translator(workspace.locale, workspace.timezone)
    return {word.value: (t(f"status.{word}"),) for word in Disposition}


def _option(known: Property, word: str, labels: Sequence[str]) -> str | None:
    """Return the value for a word: of a choice the option that is called so, else the label itself."""
    if not known.options:
        return labels[0]
    names = {word.lower(), *(label.lower() for label in labels)}
    return next((value for value, label in known.options.items() if {value.lower(), label.lower()} & names), None)


def users_of(about: Description, roster: Iterable[Member]) -> dict[str, str]:
    """Return who of the team each user of the CRM is, by their e-mail address: Slack user id by id."""
    return dict(_users(about, roster))


def owners_of(about: Description, users: Mapping[str, str]) -> dict[str, str]:
    """Return which active user of the CRM each of the team is: id by Slack user id."""
    return {users[user.id]: user.id for user in about.users if user.active and user.id in users}


def people_of(about: Description) -> dict[str, str]:
    """Return what each user of the CRM is called, by id."""
    return {user.id: user.name or user.email or user.id for user in about.users}


def _users(about: Description, roster: Iterable[Member]) -> Iterable[tuple[str, str]]:
    by_email = {member.email.lower(): member.user_id for member in roster if member.email}
    for user in about.users:
        slack = by_email.get((user.email or "").lower())
        if slack is not None:
            yield from ((each, slack) for each in (user.id, *user.other_ids))


def connect(
    tx: sa.Connection,
    vault: Vault,
    workspace_id: str,
    wanted: Wanted,
    about: Description,
    mapping: CrmMapping,
    cursor: str,
    now: datetime,
    *,
    author: Author = audit.BOT,
) -> CrmConnection:
    """Store a connection and link every open MQL. `cursor`: of the connector, from before. Raises ConnectedAlready and
    NoKey."""
    if crm_connections.of_kind(tx, workspace_id, wanted.kind) is not None:
        raise ConnectedAlready(wanted.kind)
    secret = sealed(vault, wanted.credentials)
    values: dict[str, Any] = {"address": wanted.address, "account": about.account, "record_url": about.record_url}
    values |= {"options": dict(wanted.options), "mapping": mapping.to_json(), "cursor": cursor}
    lacks = sorted({missing.lack.value for missing in about.missing})
    values |= {"described_at": now, "daily_calls": about.daily_calls or RECIPES[wanted.kind].calls_a_day}
    crm_connections.add(
        tx, workspace_id, wanted.kind, now, **values, lacks=lacks, event_mark=0, expires_at=about.expires_at
    )
    connection = crm_connections.of_kind(tx, workspace_id, wanted.kind)
    if connection is None:
        raise LookupError(wanted.kind)
    crm_connections.add_secret(tx, connection, secret, now)
    set_up = {"kind": wanted.kind.value, "account": about.account}
    audit.record(tx, workspace_id, AuditKind.CRM_CONNECTED, author, now, wanted.kind, after=set_up)
    audit.record(tx, workspace_id, AuditKind.SECRET_ADDED, author, now, wanted.kind)
    events.link_open(tx, connection, now)
    return connection


def rotate(
    tx: sa.Connection,
    vault: Vault,
    connection: CrmConnection,
    new: Credentials,
    now: datetime,
    *,
    author: Author = audit.BOT,
) -> None:
    """Take new credentials; those before are tried after them, until the next rotation. Raises NoKey."""
    crm_connections.add_secret(tx, connection, sealed(vault, new), now)
    crm_connections.fail(tx, connection, None, now)
    crm_connections.update(tx, connection, wait_until=None)
    audit.record(tx, connection.workspace_id, AuditKind.SECRET_ROTATED, author, now, connection.kind)


def end_rotation(tx: sa.Connection, connection: CrmConnection, now: datetime, *, author: Author = audit.BOT) -> None:
    """Forget all credentials but the newest."""
    crm_connections.end_rotation(tx, connection)
    audit.record(tx, connection.workspace_id, AuditKind.SECRET_REMOVED, author, now, connection.kind)


def remap(
    tx: sa.Connection,
    connection: CrmConnection,
    mapping: CrmMapping,
    about: Description,
    now: datetime,
    *,
    author: Author = audit.BOT,
) -> None:
    """Store another mapping, and what the CRM says of itself by now; what it did not take before is written again.
    `connection`: as it was when the mapping was begun. Raises MappedMeanwhile."""
    current = crm_connections.held(tx, connection)
    if current is None or current.mapping_version != connection.mapping_version:
        raise MappedMeanwhile(connection.kind)
    lacks = sorted({missing.lack.value for missing in about.missing})
    values = {"mapping": mapping.to_json(), "mapping_version": connection.mapping_version + 1, "lacks": lacks}
    crm_connections.update(tx, connection, **values, drift=[], described_at=now)
    writing.try_again(tx, crm_connections.get(tx, connection.workspace_id, connection.id) or connection, now)
    before, after = (_owned(each) for each in (CrmMapping.of(connection.mapping), mapping))
    audit.record(
        tx, connection.workspace_id, AuditKind.CRM_MAPPED, author, now, connection.kind, before=before, after=after
    )


def _owned(mapping: CrmMapping) -> dict[str, Any]:
    fields = {field.value: f"{how.name} ({how.rule})" for field, how in mapping.fields.items()}
    return {**fields, CrmField.DEAL.value: mapping.deal_rule.value}


def remove(tx: sa.Connection, connection: CrmConnection, now: datetime, *, author: Author = audit.BOT) -> None:
    """Take a connection away, with its credentials."""
    crm_connections.remove(tx, connection)
    audit.record(tx, connection.workspace_id, AuditKind.CRM_REMOVED, author, now, connection.kind)


def credentials_of(tx: sa.Connection, vault: Vault, connection: CrmConnection) -> list[Credentials]:
    """Return the valid credentials of a connection, the newest first. Raises NoKey."""
    return [unsealed(vault, secret.sealed) for secret in crm_connections.secrets(tx, connection)]


def reencrypt(tx: sa.Connection, vault: Vault) -> int:
    """Encrypt every stored secret with the first of the keys; returns how many. Raises NoKey."""
    stored = crm_connections.every_secret(tx)
    for secret in stored:
        crm_connections.seal_again(tx, secret, vault.seal_again(secret.sealed))
    return len(stored)


# --- Before and while it is connected: what differs ----------------------------------------------------------------


class Verdict(StrEnum):
    """What a comparison shows of an MQL. In the catalogues `crm.dry.<word>`."""

    MATCHES = "matches"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Compared:
    """One field of an MQL on both sides; of an MQL that the CRM does not have, one row without a field."""

    number: int
    verdict: Verdict
    record_id: str = ""
    field: CrmField | None = None
    ours: str | None = None
    theirs: str | None = None


def dry_run(
    tx: sa.Connection, workspace_id: str, kind: CrmKind, connector: Connector, mapping: CrmMapping
) -> list[Compared]:
    """Compare every open MQL with its record; nothing is changed. Raises CrmError."""
    subjects = [each for each in mqls.with_open_clock(tx, workspace_id) if is_told(each)]
    known = _records(tx, kind, connector, subjects)
    compared = list[Compared]()
    for subject in sorted(subjects, key=lambda each: each.number):
        record = known.get(subject.id)
        if record is None:
            compared.append(Compared(subject.number, Verdict.UNKNOWN))
        else:
            compared += _fields(subject.number, facts(tx, subject), record, mapping)
    return compared


def _fields(
    number: int, ours: Mapping[CrmField, str | None], record: Record, mapping: CrmMapping
) -> Iterable[Compared]:
    for field, how in mapping.fields.items():
        theirs = record.values.get(how.name) or None
        can_differ = mapping.written(field, ours[field]) is not None or mapping.meant(field, theirs) is not None
        agrees = mapping.agrees(field, ours[field], theirs) or not can_differ or RULES[field] == Rule.OURS
        verdict = Verdict.MATCHES if agrees else Verdict.DIFFERS
        yield Compared(number, verdict, record.id, field, ours[field], theirs)


def _records(tx: sa.Connection, kind: CrmKind, connector: Connector, subjects: Sequence[Mql]) -> dict[int, Record]:
    """Return the record of each MQL, by its id, else by its address where one record has it."""
    by_id = {subject.id: changes.record_of(tx, kind, subject) for subject in subjects}
    records: dict[int, Record] = {}
    for some in batched([subject for subject in subjects if by_id[subject.id]], AT_ONCE):
        read = connector.read([str(by_id[subject.id]) for subject in some])
        into = {each.record_id: each.merged_into for each in read if isinstance(each, Gone)}
        by_record_id = {each.id: each for each in read if isinstance(each, Record)}
        for subject in some:
            record_id = str(by_id[subject.id])
            record = by_record_id.get(into.get(record_id) or record_id)
            if record is not None:
                records[subject.id] = record
    for some in batched([subject for subject in subjects if not by_id[subject.id] and subject.email], AT_ONCE):
        records_by_email: dict[str, list[Record]] = {}
        for record in connector.by_email(sorted({str(subject.email).lower() for subject in some})):
            records_by_email.setdefault((record.email or "").lower(), []).append(record)
        for subject in some:
            matches = records_by_email.get(str(subject.email).lower(), [])
            if len(matches) == 1:
                records[subject.id] = matches[0]
    return records


def linked(tx: sa.Connection, connection: CrmConnection) -> tuple[int, int, int]:
    """Return how many MQLs are linked, are looked for still, and were not records."""
    return crm_links.count(tx, connection)
