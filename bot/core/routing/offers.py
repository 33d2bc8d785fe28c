"""Offering an MQL to a pool: whoever accepts first has it. After a time without an answer it goes in turn."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.messages import kinds, notifications
from bot.core.routing.strategies import Choice
from bot.core.sla import clocks
from storage import mqls
from storage.models import Mql, Workspace
from storage.vocabulary import AssignmentVerdict, EventType


def make(tx: sa.Connection, workspace: Workspace, subject: Mql, choice: Choice, now: datetime) -> None:
    """Offer an MQL without an owner to everybody who can have it. Its minutes are open time of the policy."""
    route, calendar = choice.routed.route, clocks.require_agreement(tx, workspace.id).calendar
    until = calendar.add(now, timedelta(minutes=route.accept_minutes))
    mqls.decide(tx, subject, None, choice.considered, now, **choice.columns)
    mqls.update(tx, workspace.id, subject.id, offered_until=until, offer_hides=not route.named)
    data = {"people": len(choice.able), "until": until.isoformat(), "route": route.name}
    event_id = mqls.log(tx, subject, EventType.OFFERED, now, now, workspace, data=data)
    messages = notifications.direct_messages(kinds.FIRST_OFFER(), choice.able, subject, event_id, now)
    notifications.update_card(tx, subject, event_id, now, messages)


def stands(subject: Mql, now: datetime) -> bool:
    """Return whether an MQL is still to be accepted by the first of its pool."""
    return subject.owner is None and subject.offered_until is not None and now < subject.offered_until


def is_offered_to(tx: sa.Connection, subject: Mql, user: str) -> bool:
    """Return whether somebody is among those to whom an MQL was offered."""
    decision = mqls.last_decision(tx, subject.workspace_id, subject.id)
    able = AssignmentVerdict.ELIGIBLE
    return decision is not None and any(seen.user == user and seen.verdict == able for seen in decision.considered)
