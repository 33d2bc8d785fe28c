"""A record was read: each of its fields is compared with the bot's, and what only one side changed goes over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.core.crm import conflicts, skipping, taking
from bot.core.crm.decision import Sides, Step, decide
from bot.core.crm.facts import facts, is_told
from bot.core.crm.mapping import Mapping, Rule
from bot.core.crm.records import Record
from bot.core.crm.taking import News
from storage import crm_conflicts, crm_links, crm_writes, mqls
from storage.models import CrmConnection, CrmLink, CrmShadow, Mql
from storage.vocabulary import CrmField, CrmSkip, CrmWriteKind, Disposition


@dataclass
class _Look:
    """One comparison: what is known of both sides while it goes on."""

    tx: sa.Connection
    connection: CrmConnection
    mapping: Mapping
    link: CrmLink
    subject: Mql
    record: Record
    now: datetime

    def theirs(self, field: CrmField) -> str | None:
        return self.record.values.get(self.mapping.fields[field].name) or None

    def by(self, field: CrmField) -> str | None:
        """Return the Slack user id of who changed a field in the CRM, where that is somebody of the team."""
        return self.mapping.users.get(self.record.changed_by.get(self.mapping.fields[field].name, ""))


def compare(tx: sa.Connection, connection: CrmConnection, link: CrmLink, record: Record, now: datetime) -> None:
    """Let both sides of an MQL follow each other, field by field, and queue what the CRM is to be told. A person is
    asked where they contradict each other."""
    subject = mqls.locked(tx, link.workspace_id, link.mql_id)
    if subject is None or not is_told(subject):
        return
    look = _Look(tx, connection, Mapping.of(connection.mapping), link, subject, record, now)
    waiting = crm_conflicts.open_of(tx, link)
    to_write = False
    for field in look.mapping.fields:
        ours = facts(tx, look.subject)[field]
        shadow = _shadow(look, field, ours)
        if conflict := waiting.get(field):
            theirs = look.theirs(field)
            if look.mapping.agrees(field, ours, theirs):
                conflicts.settle(tx, conflict, now)
                _agree(look, field, ours)
            elif (conflict.theirs, conflict.ours) != (theirs, ours):
                crm_conflicts.update(tx, conflict, theirs=theirs, ours=ours)
            continue
        to_write |= _follow(look, field, shadow, ours) == Step.WRITE
    if to_write:
        crm_writes.add(tx, link, CrmWriteKind.FIELDS, now)


def _shadow(look: _Look, field: CrmField, ours: str | None) -> CrmShadow:
    """Return what both sides held, with what is known by now of a write whose answer was lost."""
    shadow = crm_links.shadows(look.tx, look.link).get(field)
    theirs = look.theirs(field)
    if shadow is None:
        ahead = not look.mapping.agrees(field, ours, theirs) and _goes_first(look, field, theirs)
        crm_links.keep(look.tx, look.link, field, theirs=theirs, ours=ours, is_ahead=ahead)
        return crm_links.shadows(look.tx, look.link)[field]
    changes: dict[str, str | bool | None] = {}
    if shadow.is_sending:
        changes |= {"is_sending": False, "sending": None}
        if (shadow.sending or None) == theirs:
            changes |= {"theirs": theirs, "is_ahead": not look.mapping.agrees(field, ours, theirs), "wanted": None}
            changes |= {} if changes["is_ahead"] else {"ours": ours}
    if shadow.wanted is not None and (shadow.wanted or None) == theirs:
        changes |= {"wanted": None, "theirs": theirs}
    if changes:
        crm_links.keep(look.tx, look.link, field, **changes)
        return crm_links.shadows(look.tx, look.link)[field]
    return shadow


def _goes_first(look: _Look, field: CrmField, theirs: str | None) -> bool:
    """Return whether the CRM follows at the first comparison: of a lead that has just come in; of an older one only
    where it says nothing yet and the field is ours."""
    rule = look.mapping.fields[field].rule
    return (look.link.is_fresh and rule != Rule.THEIRS) or (theirs is None and rule == Rule.OURS)


def _follow(look: _Look, field: CrmField, shadow: CrmShadow, ours: str | None) -> Step:
    """Do what is to be done about a field, and return it."""
    step = _step(look, field, shadow, ours)
    if step == Step.TAKE and not _take(look, field):
        step = Step.AGREE
        why = CrmSkip.UNOWNED if look.subject.owner is None else CrmSkip.REFUSED
        shown = look.mapping.shown(field, look.theirs(field))
        skipping.note(look.tx, look.connection, look.subject, why, look.now, shown)
    if step == Step.TAKE:
        look.subject = mqls.locked(look.tx, look.link.workspace_id, look.link.mql_id) or look.subject
        _agree(look, field, facts(look.tx, look.subject)[field])
    elif step == Step.AGREE:
        _note_new_option(look, field, shadow)
        _agree(look, field, ours)
    elif step == Step.CONFLICT:
        by = look.by(field)
        conflicts.show(look.tx, look.link, look.subject, field, shadow, look.theirs(field), ours, by, look.now)
    return step


def _note_new_option(look: _Look, field: CrmField, shadow: CrmShadow) -> None:
    """Tell of a status of which nobody has said what it means: an option that was added or renamed since then."""
    theirs, name = look.theirs(field), look.mapping.fields[field].name
    if field not in (CrmField.STATUS, CrmField.STAGE) or theirs is None or theirs == shadow.theirs:
        return
    has_options = any(label.startswith(f"{name}=") for label in look.mapping.labels)
    if has_options and f"{name}={theirs}" not in look.mapping.labels:
        skipping.note(look.tx, look.connection, look.subject, CrmSkip.NEW_OPTION, look.now, theirs)


def _step(look: _Look, field: CrmField, shadow: CrmShadow, ours: str | None) -> Step:
    theirs, mapping = look.theirs(field), look.mapping
    word = mapping.meant(field, theirs)
    sides = Sides(
        ours_moved=shadow.is_ahead or ours != shadow.ours,
        theirs_moved=theirs != shadow.theirs,
        agree=mapping.agrees(field, ours, theirs),
        writable=mapping.written(field, ours) is not None,
        # Whoever owns it in the CRM and is nobody of the team is no reason to say nothing.
        meaningful=word is not None or (field == CrmField.OWNER and theirs is not None),
    )
    if shadow.wanted is not None and not sides.theirs_moved:
        return Step.WRITE
    step = decide(mapping.fields[field].rule, sides)
    if step == Step.TAKE and taking.changes_nothing(look.subject, field, word):
        return Step.AGREE
    if step == Step.TAKE and taking.contradicts(look.tx, look.subject, field, word):
        return Step.CONFLICT
    return step


def _take(look: _Look, field: CrmField) -> bool:
    theirs = look.theirs(field)
    word = look.mapping.meant(field, theirs)
    if word is None:
        return False
    reason = None
    if word == Disposition.DISQUALIFIED and CrmField.LOST_REASON in look.mapping.fields:
        reason = look.mapping.meant(CrmField.LOST_REASON, look.theirs(CrmField.LOST_REASON))
    shown, at = look.mapping.shown(field, theirs), look.record.changed_at
    news = News(look.connection.kind, field, word, shown, at, look.by(field), reason)
    return taking.take(look.tx, look.link.workspace_id, look.link.mql_id, news, look.now)


def _agree(look: _Look, field: CrmField, ours: str | None) -> None:
    values = {"theirs": look.theirs(field), "ours": ours, "is_ahead": False, "problem": None}
    crm_links.keep(look.tx, look.link, field, **values)
