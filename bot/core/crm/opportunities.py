"""What a CRM tells of a deal: that its MQL is an opportunity, and what came of it. What a person has reported here is
never overwritten by it in silence: that is a conflict, as of any field (ADR 53)."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from pydantic import ValidationError

from bot.core.crm import conflicts, skipping, taking
from bot.core.crm.decision import Sides, Step, decide
from bot.core.crm.facts import deal_created, deal_text, facts, is_told, same_deal
from bot.core.crm.mapping import Mapping, Rule
from bot.core.crm.records import Opportunity
from bot.core.crm.taking import News
from bot.core.mql import deals
from bot.core.mql.deals import Deal
from storage import crm_conflicts, crm_connections, crm_links, mqls, workspaces
from storage.models import CrmConnection, CrmLink, CrmShadow, Mql
from storage.vocabulary import CrmField, CrmSkip, DealResult, DealSource, EventType, Status


def take_opportunity(tx: sa.Connection, connection: CrmConnection, opportunity: Opportunity, now: datetime) -> None:
    """Let a deal say that its MQL is an opportunity, and what came of it. What cannot be taken is told once, and read
    again when it is changed, its day has come, or sales has reported."""
    known = _of_deal(tx, connection, opportunity)
    if known is None:
        return
    link, subject = known
    if not subject.disposed and _qualifies(connection, subject, opportunity):
        at = opportunity.created_at or now
        news = News(connection.kind, CrmField.STATUS, Status.QUALIFIED, opportunity.stage, at, subject.owner)
        taking.take(tx, connection.workspace_id, subject.id, news, now)
    subject = mqls.locked(tx, connection.workspace_id, subject.id) or subject
    why = _why_not_yet(tx, connection, subject, opportunity, now)
    if why is None and subject.status == Status.QUALIFIED:
        why = _follow(tx, connection, link, subject, opportunity, now)
    if why is not None:
        skipping.note(tx, connection, subject, why, now)


def _of_deal(tx: sa.Connection, connection: CrmConnection, opportunity: Opportunity) -> tuple[CrmLink, Mql] | None:
    """Return the MQL that a deal came of, with its link: one that is an opportunity, else the newest."""
    links = [link for each in opportunity.record_ids for link in crm_links.all_of_record(tx, connection, each)]
    by_mql = {link.mql_id: link for link in links}
    alive = [each for each in mqls.of_ids(tx, connection.workspace_id, by_mql) if is_told(each)]
    chosen = max(alive, key=lambda each: (each.status == Status.QUALIFIED, not each.disposed, each.id), default=None)
    return (by_mql[chosen.id], chosen) if chosen is not None else None


def _qualifies(connection: CrmConnection, subject: Mql, opportunity: Opportunity) -> bool:
    return Mapping.of(connection.mapping).deals_qualify and _is_later(subject, opportunity)


def _is_later(subject: Mql, opportunity: Opportunity) -> bool:
    """Return whether a deal was made after the lead came in: it may have come of it."""
    return opportunity.created_at is not None and opportunity.created_at >= subject.received_at


def _follow(
    tx: sa.Connection,
    connection: CrmConnection,
    link: CrmLink,
    subject: Mql,
    opportunity: Opportunity,
    now: datetime,
) -> CrmSkip | None:
    """Take over what came of a deal, or ask a person. Returns why it is not followed, where somebody is to know."""
    deal = _deal(opportunity)
    if isinstance(deal, CrmSkip):
        return deal
    theirs, shadow = deal_text(deal, opportunity.created_at), crm_links.shadows(tx, link).get(CrmField.DEAL)
    if shadow is not None and _is_older(opportunity, shadow):
        return None
    waiting, ours = crm_conflicts.open_of(tx, link).get(CrmField.DEAL), facts(tx, subject)[CrmField.DEAL]
    if waiting is not None and not same_deal(ours, theirs):
        crm_conflicts.update(tx, waiting, theirs=theirs, ours=ours)
        return None
    if waiting is not None:
        conflicts.settle(tx, waiting, now)
    step = _step(tx, connection, subject, shadow, theirs)
    if step == Step.CONFLICT:
        conflicts.show(tx, link, subject, CrmField.DEAL, shadow, theirs, ours, None, now)
        return None
    if step == Step.TAKE:
        taking.take_deal(tx, subject, deal, now)
        ours = theirs
    after = mqls.get(tx, subject.workspace_id, subject.id) or subject
    crm_links.keep(tx, link, CrmField.DEAL, theirs=theirs, ours=facts(tx, after)[CrmField.DEAL])
    return CrmSkip.DECIDED_HERE if deal is None and not same_deal(ours, theirs) else None


def _step(tx: sa.Connection, connection: CrmConnection, subject: Mql, shadow: CrmShadow | None, theirs: str) -> Step:
    """Return what becomes of it, by whose the field is. Nothing is ever written into a deal of the CRM."""
    ours, by_person = facts(tx, subject)[CrmField.DEAL], _is_of_person(tx, subject)
    before_ours, before_theirs = (shadow.ours, shadow.theirs) if shadow else (None, None)
    rule = Mapping.of(connection.mapping).deal_rule
    sides = Sides(
        ours_moved=by_person and not same_deal(ours, before_ours),
        theirs_moved=not same_deal(theirs, before_theirs),
        agree=same_deal(ours, theirs),
        writable=True,
        meaningful=True,
    )
    step = decide(rule, sides)
    if step == Step.TAKE and rule != Rule.THEIRS and by_person:
        return Step.CONFLICT
    return step if step in (Step.TAKE, Step.CONFLICT) else Step.AGREE


def _is_of_person(tx: sa.Connection, subject: Mql) -> bool:
    """Return whether somebody of the team has reported last what came of it."""
    reports = [event for event in mqls.history(tx, subject.workspace_id, subject.id) if event.type == EventType.DEAL]
    return bool(reports) and reports[-1].data.get("source") != DealSource.CRM


def _is_older(opportunity: Opportunity, shadow: CrmShadow) -> bool:
    """Return whether a newer deal of the same record is followed already."""
    newest = deal_created(shadow.theirs)
    return newest is not None and (opportunity.created_at is None or opportunity.created_at < newest)


def _why_not_yet(
    tx: sa.Connection, connection: CrmConnection, subject: Mql, opportunity: Opportunity, now: datetime
) -> CrmSkip | None:
    """Return why nothing can be said of what came of a deal, where somebody is to know."""
    if subject.status != Status.QUALIFIED:
        return _not_qualified(subject, opportunity)
    return _wrong_day(tx, connection, subject, opportunity, now)


def _not_qualified(subject: Mql, opportunity: Opportunity) -> CrmSkip | None:
    """Return why nothing can come of a deal yet; None where it is an older one, or may still be taken."""
    if not _is_later(subject, opportunity):
        return None
    if not subject.disposed and subject.owner is None:
        return CrmSkip.UNOWNED
    return CrmSkip.NOT_QUALIFIED if subject.disposed or opportunity.result is not None else None


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


def _wrong_day(
    tx: sa.Connection, connection: CrmConnection, subject: Mql, opportunity: Opportunity, now: datetime
) -> CrmSkip | None:
    """Return why it cannot have been decided on its day; a day ahead is looked at again when it has come."""
    workspace = workspaces.get(tx, connection.workspace_id)
    if workspace is None or opportunity.result is None or opportunity.on is None:
        return None
    word = deals.wrong_day(workspace, subject, opportunity.on, now)
    if word is None:
        return None
    why = CrmSkip(word)
    if why == CrmSkip.DEAL_IN_FUTURE:
        crm_connections.notice(tx, connection, f"deal:{opportunity.id}", now + timedelta(days=1))
    return why
