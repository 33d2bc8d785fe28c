"""A lead comes in: the same lead again becomes an event, a new one an MQL with a clock, a card and an owner.

Its time counts from when it came, not from when it was read: the two are hours apart after a stop of the bot, or where
a person had to enter what the bot could not read (ADR 29). What was with sales when it is read is the same lead again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.messages import notifications
from bot.core.mql.lead import Lead
from bot.core.routing import assignment
from bot.core.sla import clocks
from storage import identity, mqls, workspaces
from storage.models import Mql, Workspace
from storage.vocabulary import ClockKind, EventType, Source, Status

OLDEST = timedelta(days=30)
"""A tool that says that it sent a lead longer ago is wrong, rather than late."""
AHEAD = timedelta(minutes=5)
"""So far the clock of a tool may be ahead of ours."""
LATE = timedelta(minutes=5)
"""So much later a lead is read that people are told: the intake channel is read every two minutes anyway."""


@dataclass(frozen=True)
class Received:
    """What became of a lead."""

    mql_id: int
    number: int
    repeated: bool
    """True: it was added to an MQL that is with sales already."""


class NotConfigured(LookupError):
    """The workspace has no settings yet: `mql-bot config apply` makes them."""


class SentLongAgo(ValueError):
    """The tool says that it sent the lead longer ago than OLDEST."""


class UnknownLead(LookupError):
    """No MQL is known by what a CRM names."""


def receive(
    tx: sa.Connection,
    workspace_id: str,
    lead: Lead,
    source: Source,
    now: datetime,
    *,
    by: str | None = None,
) -> Received:
    """Take a lead in, in one transaction with its clock, its owner and its card. It came at `lead.sent_at`, or now
    where that is not known or lies ahead. Raises NotConfigured."""
    workspace = workspaces.locked(tx, workspace_id)
    if workspace is None or workspace.policy_id is None:
        raise NotConfigured(workspace_id)
    lead = lead.model_copy(update={"email": identity.address(lead.email) if lead.email else None})
    with_sales = known(tx, workspace_id, lead, source)
    if with_sales is not None:
        return join(tx, with_sales, lead, source, now, by=by)
    return _new(tx, workspace, lead, source, now, by)


def known(tx: sa.Connection, workspace_id: str, lead: Lead, source: Source) -> Mql | None:
    """Return the MQL that a lead has with sales already."""
    email = identity.address(lead.email) if lead.email else None
    return mqls.same_lead(tx, workspace_id, source, lead.external_id, email)


def _new(
    tx: sa.Connection, workspace: Workspace, lead: Lead, source: Source, now: datetime, by: str | None
) -> Received:
    number = workspaces.take_number(tx, workspace.id)
    came_at = _came_at(lead, now)
    columns = lead.model_dump(mode="json") | {"source": source, "status": Status.UNASSIGNED}
    mql_id = mqls.add(tx, workspace.id, number, **columns, received_at=came_at, read_at=now)
    subject = _reread(tx, workspace.id, mql_id)
    mqls.log(tx, subject, EventType.RECEIVED, came_at, now, workspace, actor=by, after=source)
    if tier := clocks.start(tx, workspace, subject, ClockKind.RESPONSE, came_at):
        mqls.update(tx, workspace.id, mql_id, received_tier=tier)
    # Before anybody has it: what came to pass until now is nobody's.
    clocks.pass_over(tx, subject, ClockKind.RESPONSE, now)
    notifications.post_card(tx, workspace, mql_id, now)
    assignment.assign_or_wait(tx, workspace, subject, now)
    return Received(mql_id, number, repeated=False)


def join(
    tx: sa.Connection, known: Mql, lead: Lead, source: Source, now: datetime, *, by: str | None = None
) -> Received:
    """Add what a lead says now to the MQL that it has with sales already."""
    # What the lead says now fills what was unknown; what was known stays but for the score, and the log keeps both. A
    # clock that runs keeps its tier; the feedback clock starts in the tier of what is known when it starts.
    known = mqls.locked(tx, known.workspace_id, known.id) or known
    values = lead.model_dump(mode="json", exclude_none=True, exclude={"attributes", "external_id"})
    news = {name: value for name, value in values.items() if getattr(known, name) is None}
    if lead.score is not None and lead.score != known.score:
        news |= {"score": lead.score}
    if news:
        mqls.update(tx, known.workspace_id, known.id, **news)
    words = {"actor": by, "after": source, "data": values | {"attributes": lead.attributes}}
    came_at = max(_came_at(lead, now), known.received_at)  # a tool may deliver the second before the first
    event_id = mqls.log(tx, known, EventType.RECEIVED_AGAIN, came_at, now, **words)
    notifications.update_card(tx, known, event_id, now)
    return Received(known.id, known.number, repeated=True)


def _came_at(lead: Lead, now: datetime) -> datetime:
    return min(lead.sent_at or now, now)


def _reread(tx: sa.Connection, workspace_id: str, mql_id: int) -> Mql:
    subject = mqls.locked(tx, workspace_id, mql_id)
    if subject is None:
        raise LookupError(mql_id)
    return subject
