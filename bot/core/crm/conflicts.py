"""A field that both sides changed: shown to a person once, with what it was, and decided by them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.core.base import permissions, team
from bot.core.base.permissions import Permission
from bot.core.base.results import ActionResult, Done, Refusal, Refused
from bot.core.crm import taking
from bot.core.crm.facts import deal_of, facts
from bot.core.crm.mapping import Mapping
from bot.core.crm.taking import News
from bot.core.messages import kinds, notifications, outgoing
from bot.core.mql import refusals
from storage import crm_conflicts, crm_connections, crm_links, crm_writes, members, mqls, workspaces
from storage.models import CrmConflict, CrmConnection, CrmLink, CrmShadow, Member, Mql
from storage.vocabulary import ClockKind, CrmDecision, CrmField, CrmWriteKind, Locale, Status


def show(
    tx: sa.Connection,
    link: CrmLink,
    subject: Mql,
    field: CrmField,
    base: CrmShadow | None,
    theirs: str | None,
    ours: str | None,
    by: str | None,
    now: datetime,
) -> CrmConflict:
    """Store a conflict and show it to whoever is to decide. `by`: who changed it in the CRM."""
    before = {"base_theirs": base.theirs if base else None, "base_ours": base.ours if base else None}
    conflict = crm_conflicts.add(tx, link, field, now, **before, theirs=theirs, ours=ours, changed_by=by)
    for reader in _readers(tx, subject, now):
        key = f"crm_conflict:{conflict.id}:{reader.user_id}"
        content = kinds.CRM_CONFLICT(conflict=conflict.id)
        outgoing.add(tx, subject.workspace_id, key, content, reader.user_id, now, mql_id=subject.id)
    return conflict


def _readers(tx: sa.Connection, subject: Mql, now: datetime) -> list[Member]:
    """Return who decides: whoever answers the lead; where that is nobody, or they are late, their managers."""
    roster = members.roster(tx, subject.workspace_id)
    person = team.responder(roster, subject, now)
    clock = mqls.open_clock(tx, subject.workspace_id, subject.id, ClockKind.RESPONSE)
    is_late = clock is not None and now >= clock.breach_at
    if person is not None and not is_late:
        return [person]
    return team.managers_of(roster, subject.owner) or team.heads(roster) or team.admins(roster)


def decide(
    tx: sa.Connection, workspace_id: str, conflict_id: int, decision: CrmDecision, by: str, now: datetime
) -> ActionResult:
    """Let one value hold on both sides. Safe to repeat: the second caller hears that it is decided."""
    conflict = crm_conflicts.get(tx, workspace_id, conflict_id)
    subject = mqls.locked(tx, workspace_id, conflict.mql_id) if conflict else None
    conflict = crm_conflicts.get(tx, workspace_id, conflict_id)
    link = crm_links.get(tx, workspace_id, conflict.link_id) if conflict else None
    connection = crm_connections.get(tx, workspace_id, link.connection_id) if link else None
    if conflict is None or subject is None or link is None or connection is None:
        return Refused(Refusal.CRM_GONE)
    if conflict.decided_at is not None:
        if conflict.decided_by is None:
            return Refused(Refusal.CRM_SETTLED, number=subject.number)
        return Refused(Refusal.CRM_DECIDED, team.name_of(tx, workspace_id, conflict.decided_by), subject.number)
    if not permissions.may(members.get(tx, workspace_id, by), Permission.CRM_CONFLICT, subject):
        refusals.note(tx, subject, by, Permission.CRM_CONFLICT, now)
        return Refused(Refusal.NOT_ALLOWED, number=subject.number)
    if conflict.field == CrmField.DEAL and decision == CrmDecision.THEIRS and subject.status != Status.QUALIFIED:
        return Refused(Refusal.NOT_QUALIFIED, number=subject.number)
    crm_conflicts.decide(tx, conflict, decision, by, now)
    if conflict.field == CrmField.DEAL:
        _decide_deal(tx, link, subject, conflict, decision, now)
    elif decision == CrmDecision.OURS:
        crm_links.keep(tx, link, conflict.field, theirs=conflict.theirs, is_ahead=True, problem=None, wanted=None)
    else:
        _follow(tx, connection, link, subject, conflict, by, now)
    crm_writes.add(tx, link, CrmWriteKind.FIELDS, now)
    edit(tx, conflict, now)
    return Done(subject, 0)


def _decide_deal(
    tx: sa.Connection, link: CrmLink, subject: Mql, conflict: CrmConflict, decision: CrmDecision, now: datetime
) -> None:
    """Let what the CRM says came of a deal hold here too, or not until it says something else."""
    if decision == CrmDecision.THEIRS:
        taking.take_deal(tx, subject, deal_of(conflict.theirs), now)
    again = mqls.get(tx, subject.workspace_id, subject.id) or subject
    crm_links.keep(tx, link, CrmField.DEAL, theirs=conflict.theirs, ours=facts(tx, again)[CrmField.DEAL])


def _follow(
    tx: sa.Connection,
    connection: CrmConnection,
    link: CrmLink,
    subject: Mql,
    conflict: CrmConflict,
    by: str,
    now: datetime,
) -> None:
    """Take over what the CRM says, and where it says so no more (this bot wrote over it), let it say so again."""
    mapping = Mapping.of(connection.mapping)
    word = mapping.meant(conflict.field, conflict.theirs)
    if word is not None:
        shown = mapping.shown(conflict.field, conflict.theirs)
        news = News(connection.kind, conflict.field, word, shown, now, by)
        taking.take(tx, subject.workspace_id, subject.id, news, now)
    shadow = crm_links.shadows(tx, link).get(conflict.field)
    again = mqls.get(tx, subject.workspace_id, subject.id) or subject
    # While it was open the CRM held what it says, unless this bot had written something else over it.
    overwritten = shadow is not None and shadow.theirs not in (conflict.theirs, conflict.base_theirs)
    wanted = {"wanted": conflict.theirs or ""} if overwritten else {"theirs": conflict.theirs, "wanted": None}
    crm_links.keep(tx, link, conflict.field, ours=facts(tx, again)[conflict.field], is_ahead=False, **wanted)
    if link.record_id is not None:
        # What follows from it for other fields is seen by reading the record once more.
        crm_connections.notice(tx, connection, link.record_id, now)


@dataclass(frozen=True)
class ConflictView:
    """A conflict as a screen shows it."""

    crm: str
    """Name of the CRM."""
    field: CrmField
    base_theirs: str
    """What the CRM showed when both sides agreed; empty: nothing."""
    theirs: str
    base_ours: str | None
    """In our words; owners by name, reasons by label."""
    ours: str | None
    changed_by: str
    """Name of who changed it in the CRM; empty: it does not say."""
    decision: CrmDecision | None
    decided_by: str
    """Name; empty: both sides have come to say the same."""
    decided_at: datetime | None


def view(tx: sa.Connection, conflict: CrmConflict, locale: Locale) -> ConflictView | None:
    """Return a conflict as a screen shows it; None where its CRM is connected no more."""
    link = crm_links.get(tx, conflict.workspace_id, conflict.link_id)
    connection = crm_connections.get(tx, conflict.workspace_id, link.connection_id) if link else None
    return _view(tx, connection, conflict, locale) if connection else None


def decided(tx: sa.Connection, workspace_id: str, mql_id: int, locale: Locale) -> list[ConflictView]:
    """Return the decided conflicts of an MQL, the oldest first, also with CRMs that are connected no more."""
    views = list[ConflictView]()
    for conflict in crm_conflicts.of_mql(tx, workspace_id, mql_id):
        link = crm_links.get(tx, workspace_id, conflict.link_id)
        connection = crm_connections.ever(tx, workspace_id, link.connection_id) if link else None
        if connection is not None and conflict.decided_at is not None:
            views.append(_view(tx, connection, conflict, locale))
    return views


def _view(tx: sa.Connection, connection: CrmConnection, conflict: CrmConflict, locale: Locale) -> ConflictView:
    mapping = Mapping.of(connection.mapping)
    return ConflictView(
        taking.NAMES[connection.kind],
        conflict.field,
        mapping.shown(conflict.field, conflict.base_theirs),
        mapping.shown(conflict.field, conflict.theirs),
        _shown(tx, conflict, conflict.base_ours, locale),
        _shown(tx, conflict, conflict.ours, locale),
        team.name_of(tx, conflict.workspace_id, conflict.changed_by) if conflict.changed_by else "",
        conflict.decision,
        team.name_of(tx, conflict.workspace_id, conflict.decided_by) if conflict.decided_by else "",
        conflict.decided_at,
    )


def _shown(tx: sa.Connection, conflict: CrmConflict, ours: str | None, locale: Locale) -> str | None:
    """Return a value of ours for people; words of the catalogue stay what they are."""
    if ours is None:
        return None
    if conflict.field == CrmField.OWNER:
        return team.name_of(tx, conflict.workspace_id, ours)
    if conflict.field == CrmField.LOST_REASON:
        known = workspaces.reasons(tx, conflict.workspace_id, only_active=False)
        return next((reason.label(locale) for reason in known if reason.key == ours), ours)
    return ours


def settle(tx: sa.Connection, conflict: CrmConflict, now: datetime) -> None:
    """Close a conflict whose sides have become the same by themselves."""
    crm_conflicts.decide(tx, conflict, CrmDecision.SETTLED, None, now)
    edit(tx, conflict, now)


def edit(tx: sa.Connection, conflict: CrmConflict, now: datetime) -> None:
    """Bring the messages that show a conflict up to date."""
    for member in members.roster(tx, conflict.workspace_id):
        key = f"crm_conflict:{conflict.id}:{member.user_id}"
        notifications.edit_message(tx, conflict.workspace_id, key, f"crm_conflict:{conflict.id}:decided", now)
