"""What a CRM tells besides fields: contacts, deals, and records that are no more. Each goes the way that it would go if
somebody else had alive it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from pydantic import ValidationError

from bot.core.base import audit
from bot.core.crm import skipping, taking
from bot.core.crm.facts import is_told
from bot.core.crm.mapping import Mapping
from bot.core.crm.records import Activity, Gone, Opportunity
from bot.core.crm.taking import News
from bot.core.mql import activity as activities
from bot.core.mql import deals, erasure
from bot.core.mql.deals import Deal, Lead, NotQualified, Told, WrongDay
from bot.core.mql.erasure import Request
from storage import crm_connections, crm_links, identifiers, mqls, person_keys, receipts
from storage.models import CrmConnection, CrmLink, Mql
from storage.vocabulary import CrmField, CrmKind, CrmSkip, DealResult, DealSource, IdentifierKind, ReceiptKind, Status

SYSTEMS = {CrmKind.ACCOUNT_ENGAGEMENT: "pardot"}
"""How the ids of a tool are named where that is not its kind: links to prospects have told them by their host."""


def take_activity(tx: sa.Connection, connection: CrmConnection, activity: Activity, now: datetime) -> bool:
    """Write a contact down at its true time, once; what lies ahead is looked at again when it has come. Returns whether
    that was news."""
    if activity.at > now + activities.AHEAD:
        crm_connections.notice(tx, connection, activity.id, activity.at + timedelta(minutes=1))
        return False
    key = f"crm:{connection.id}:{activity.id}"
    subject = _in_time(tx, connection, activity)
    if subject is None or not is_told(subject):
        return False
    mine = (connection.workspace_id, ReceiptKind.ACTIVITY, key)
    if not receipts.first_time(tx, *mine, now, {}, lasting=True):
        return False
    by = Mapping.of(connection.mapping).users.get(activity.user or "")
    reported = activities.Activity(activity.kind, activity.at, number=subject.number)
    activities.record(tx, connection.workspace_id, reported, by, now)
    return True


def _in_time(tx: sa.Connection, connection: CrmConnection, activity: Activity) -> Mql | None:
    """Return the newest MQL of the people it was with that had come in by then."""
    links = [link for each in activity.record_ids for link in crm_links.all_of_record(tx, connection, each)]
    subjects = mqls.of_ids(tx, connection.workspace_id, {link.mql_id for link in links})
    known = sorted(subjects, key=lambda subject: -subject.id)
    return next((each for each in known if activity.at >= each.received_at - activities.BEFORE), None)


def take_opportunity(tx: sa.Connection, connection: CrmConnection, opportunity: Opportunity, now: datetime) -> None:
    """Let a deal say that its MQL is an opportunity, and what came of it. What cannot be taken is told once, and read
    again when it is changed, its day has come, or sales has reported."""
    subject = _of_deal(tx, connection, opportunity)
    if subject is None:
        return
    if not subject.disposed and _qualifies(connection, subject, opportunity):
        at = opportunity.created_at or now
        news = News(connection.kind, CrmField.STATUS, Status.QUALIFIED, opportunity.stage, at, subject.owner)
        taking.take(tx, connection.workspace_id, subject.id, news, now)
        subject = mqls.get(tx, connection.workspace_id, subject.id) or subject
    why = _report(tx, connection, subject, opportunity, now)
    if why is not None:
        skipping.note(tx, connection, subject, why, now)


def _report(
    tx: sa.Connection, connection: CrmConnection, subject: Mql, opportunity: Opportunity, now: datetime
) -> CrmSkip | None:
    """Store what came of an opportunity. Returns why it is not stored, where somebody is to know that."""
    if subject.status != Status.QUALIFIED:
        return _not_qualified(subject, opportunity)
    if opportunity.result is None and subject.deal_result is None:
        return None
    deal = _deal(opportunity)
    if isinstance(deal, CrmSkip):
        return deal
    if deal is None and not _is_of_crm(tx, subject):
        return CrmSkip.DECIDED_HERE
    try:
        deals.report(tx, connection.workspace_id, Told(Lead(number=subject.number), deal), now)
    except WrongDay as wrong:
        why = CrmSkip(wrong.word)
        if why == CrmSkip.DEAL_IN_FUTURE:
            crm_connections.notice(tx, connection, f"deal:{opportunity.id}", now + timedelta(days=1))
        return why
    except NotQualified:
        return CrmSkip.NOT_QUALIFIED
    return None


def _not_qualified(subject: Mql, opportunity: Opportunity) -> CrmSkip | None:
    """Return why nothing can come of a deal yet; None where it is an older one, or may still be taken."""
    if not _is_later(subject, opportunity):
        return None
    if not subject.disposed and subject.owner is None:
        return CrmSkip.UNOWNED
    return CrmSkip.NOT_QUALIFIED if subject.disposed or opportunity.result is not None else None


def _of_deal(tx: sa.Connection, connection: CrmConnection, opportunity: Opportunity) -> Mql | None:
    """Return the MQL that a deal came of: one that is an opportunity, else the newest."""
    links = [link for each in opportunity.record_ids for link in crm_links.all_of_record(tx, connection, each)]
    subjects = [each for each in mqls.of_ids(tx, connection.workspace_id, {link.mql_id for link in links})]
    alive = [each for each in subjects if is_told(each)]
    return max(alive, key=lambda each: (each.status == Status.QUALIFIED, not each.disposed, each.id), default=None)


def _qualifies(connection: CrmConnection, subject: Mql, opportunity: Opportunity) -> bool:
    return Mapping.of(connection.mapping).deals_qualify and _is_later(subject, opportunity)


def _is_later(subject: Mql, opportunity: Opportunity) -> bool:
    """Return whether a deal was made after the lead came in: it may have come of it."""
    return opportunity.created_at is not None and opportunity.created_at >= subject.received_at


def _deal(opportunity: Opportunity) -> Deal | CrmSkip | None:
    """Return what came of a deal, or why that cannot be told yet; None where it is under way."""
    if opportunity.result is None:
        return None
    if opportunity.on is None:
        return CrmSkip.NO_DAY
    if opportunity.result == DealResult.WON and opportunity.amount is None:
        return CrmSkip.NO_AMOUNT
    try:
        return Deal(result=opportunity.result, on=opportunity.on, amount=opportunity.amount)
    except ValidationError:
        return CrmSkip.BAD_AMOUNT


def _is_of_crm(tx: sa.Connection, subject: Mql) -> bool:
    known = [event for event in mqls.history(tx, subject.workspace_id, subject.id) if event.type == "deal"]
    return bool(known) and known[-1].data.get("source") == DealSource.CRM


def take_gone(tx: sa.Connection, connection: CrmConnection, gone: Gone, now: datetime) -> None:
    """Follow a record into the one with which it was merged; note that one was deleted; erase its person where they
    asked for it."""
    links = crm_links.all_of_record(tx, connection, gone.record_id)
    if gone.privacy and gone.merged_into is None:
        request = _request(tx, connection, links)
        if erasure.meant(tx, connection.workspace_id, request)[0]:
            erasure.erase_person(tx, connection.workspace_id, request, now, author=audit.BOT)
        return
    for link in links:
        if gone.merged_into is not None:
            crm_links.update(tx, link, record_id=gone.merged_into)
            note_record(tx, connection, link, gone.merged_into)
        elif link.gone_at is None:
            crm_links.update(tx, link, gone_at=now)
            _note_gone(tx, connection, link, now)


def _note_gone(tx: sa.Connection, connection: CrmConnection, link: CrmLink, now: datetime) -> None:
    subject = mqls.get(tx, link.workspace_id, link.mql_id)
    if subject is not None and is_told(subject):
        skipping.note(tx, connection, subject, CrmSkip.RECORD_GONE, now)


def to_erase(tx: sa.Connection, connection: CrmConnection, gone: Gone) -> tuple[list[Mql], set[str]]:
    """Return the MQLs that `take_gone` will erase for a record that was deleted at its person's request, and the
    person's addresses: for the list that outlasts a restore (ADR 30)."""
    links = crm_links.all_of_record(tx, connection, gone.record_id)
    return erasure.meant(tx, connection.workspace_id, _request(tx, connection, links))


def _request(tx: sa.Connection, connection: CrmConnection, links: Sequence[CrmLink]) -> Request:
    subjects = mqls.of_ids(tx, connection.workspace_id, {link.mql_id for link in links})
    return Request(numbers=tuple(subject.number for subject in subjects))


def record_of(tx: sa.Connection, connection_kind: CrmKind, subject: Mql) -> str | None:
    """Return the id of an MQL's record in a CRM, as far as the lead came with one. A door may have put the name of the
    tool before it."""
    keys = identifiers.of_mql(tx, subject.workspace_id, subject.id)
    system = SYSTEMS.get(connection_kind, connection_kind.value)
    mine = [key.value for key in keys if key.kind == IdentifierKind.RECORD and key.system == system]
    return next((value.removeprefix(f"{system}:") for value in mine), None)


def note_record(tx: sa.Connection, connection: CrmConnection, link: CrmLink, record_id: str) -> None:
    """Note an id of a CRM as one by which the MQL is found, whichever tool names it."""
    key = person_keys.record(SYSTEMS.get(connection.kind, connection.kind.value), record_id)
    identifiers.add(tx, link.workspace_id, link.mql_id, [key])
