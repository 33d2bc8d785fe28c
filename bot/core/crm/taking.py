"""What a CRM says becomes what people could have done in Slack: by the same rules, and never over what they decided."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from bot.core.base import permissions, team
from bot.core.base.permissions import Permission
from bot.core.base.results import Done
from bot.core.messages import notifications
from bot.core.mql import activity, deals, feedback, response
from bot.core.mql.activity import Activity
from bot.core.mql.deals import Deal
from bot.core.mql.feedback import Answer
from bot.core.routing import assignment
from storage import members, mqls, workspaces
from storage.models import Considered, Mql
from storage.vocabulary import AssignmentVerdict, CrmField, CrmKind, DealSource, Disposition, Evidence, Status

_ORDER = (Status.UNASSIGNED, Status.ASSIGNED, Status.ACCEPTED, Status.CONTACTED)
_OTHER = "other"


class News(NamedTuple):
    """A field that was changed in a CRM."""

    crm: CrmKind
    field: CrmField
    word: str
    """What it means, in our words."""
    shown: str
    """What it is called in the CRM, for people."""
    at: datetime
    by: str | None
    """Slack user id of who changed it there, or who has decided that it holds."""
    lost_reason: str | None = None
    """What the CRM says of why, in our words."""


def contradicts(tx: sa.Connection, subject: Mql, field: CrmField, word: str | None) -> bool:
    """Return whether taking a word over would undo what a person has said, or cannot be done: then a person decides."""
    if field == CrmField.OWNER:
        return subject.disposed or not _may_own(tx, subject, word)
    return subject.disposed and word is not None


def changes_nothing(subject: Mql, field: CrmField, word: str | None) -> bool:
    """Return whether a word says less than is known: a status through which the MQL has passed."""
    if field == CrmField.OWNER or word not in _ORDER or subject.disposed:
        return False
    return _ORDER.index(Status(word)) <= _ORDER.index(subject.status)


def take(tx: sa.Connection, workspace_id: str, mql_id: int, news: News, now: datetime) -> bool:
    """Do what a CRM says. False where the rules do not allow it, or there is nothing to do."""
    subject = mqls.locked(tx, workspace_id, mql_id)
    if subject is None:
        return False
    if news.field == CrmField.OWNER:
        return _hand_over(tx, subject, news, now)
    if news.field not in (CrmField.STATUS, CrmField.STAGE):
        return False
    if changes_nothing(subject, news.field, news.word):
        return False
    if news.word in (Status.ACCEPTED, Status.CONTACTED):
        return _advance(tx, subject, news, now)
    if news.word in {each.value for each in Disposition}:
        return _dispose(tx, subject, news, now)
    return False


def take_deal(tx: sa.Connection, subject: Mql, deal: Deal | None, now: datetime) -> None:
    """Store what a CRM says came of an opportunity."""
    workspace = workspaces.get(tx, subject.workspace_id)
    if workspace is not None:
        deals.record(tx, workspace, subject.id, DealSource.CRM, deal, now)


def _may_own(tx: sa.Connection, subject: Mql, user_id: str | None) -> bool:
    taker = members.get(tx, subject.workspace_id, user_id) if user_id else None
    return taker is not None and team.can_hold(taker)


def _hand_over(tx: sa.Connection, subject: Mql, news: News, now: datetime) -> bool:
    if subject.owner == news.word or contradicts(tx, subject, news.field, news.word):
        return False
    taker = members.get(tx, subject.workspace_id, news.word)
    turn = taker.last_turn if taker else 0
    verdict = Considered(news.word, AssignmentVerdict.BY_HAND, turn, by=news.by or news.word)
    mqls.decide(tx, subject, news.word, [verdict], now)
    event_id = assignment.hand_over(tx, subject, news.word, now, by=news.by, reason=_words(news))
    notifications.post_thread_note(tx, subject, event_id, now)
    return True


def _advance(tx: sa.Connection, subject: Mql, news: News, now: datetime) -> bool:
    """Accept it, or note a contact, at the time at which the CRM was told."""
    if subject.disposed or not _owned(tx, subject, news, now):
        return False
    subject = mqls.locked(tx, subject.workspace_id, subject.id) or subject
    at = max(min(news.at, now), subject.received_at)
    if news.word == Status.ACCEPTED:
        response.accepted(tx, subject, subject.owner or "", at, now, crm=news.crm)
    else:
        # A word that somebody has chosen from a list proves no more than a press: what proves is an activity.
        reported = Activity(Evidence.BUTTON, at, number=subject.number)
        activity.record(tx, subject.workspace_id, reported, news.by, now)
    return True


def _owned(tx: sa.Connection, subject: Mql, news: News, now: datetime) -> bool:
    """Return whether somebody has it; whoever acted on one that nobody had has it by that."""
    if subject.owner is not None:
        return True
    if not _may_own(tx, subject, news.by):
        return False
    assignment.hand_over(tx, subject, news.by or "", now, by=news.by)
    return True


def _dispose(tx: sa.Connection, subject: Mql, news: News, now: datetime) -> bool:
    if not _owned(tx, subject, news, now):
        return False
    if subject.status in feedback.UNACCEPTED:
        accepted = _replaced(news, Status.ACCEPTED)
        subject = mqls.locked(tx, subject.workspace_id, subject.id) or subject
        _advance(tx, subject, accepted, now)
    subject = mqls.locked(tx, subject.workspace_id, subject.id) or subject
    actor = members.get(tx, subject.workspace_id, news.by) if news.by else None
    by = news.by if news.by and permissions.may(actor, Permission.FEEDBACK, subject) else subject.owner or ""
    given = feedback.give(tx, subject.workspace_id, subject.id, by, _answer(news), now, news.crm)
    return isinstance(given, Done)


def _replaced(news: News, word: Status) -> News:
    return news._replace(word=word)


def _answer(news: News) -> Answer:
    """Return an outcome as a CRM tells it. What it does not tell, its own words stand for."""
    disposition = Disposition(news.word)
    reason = (news.lost_reason or _OTHER) if disposition == Disposition.DISQUALIFIED else None
    comment = _words(news) if reason == _OTHER or disposition == Disposition.RECYCLED else None
    return Answer(disposition=disposition, lost_reason=reason, comment=comment)


def _words(news: News) -> str:
    return f"{NAMES[news.crm]}: {news.shown}"


NAMES = {
    CrmKind.HUBSPOT: "HubSpot",
    CrmKind.SALESFORCE: "Salesforce",
    CrmKind.KINTONE: "kintone",
    CrmKind.MARKETO: "Marketo",
    CrmKind.ACCOUNT_ENGAGEMENT: "Account Engagement",
}
"""How each is written, in every language."""
