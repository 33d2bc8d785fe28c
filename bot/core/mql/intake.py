"""A lead comes in: the same lead again becomes an event, a new one an MQL with a clock, a card and an owner.

Its time counts from when it came, not from when it was read: the two are hours apart after a stop of the bot, or where
a person had to enter what the bot could not read (ADR 29). What was with sales when it is read is the same lead again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.messages import kinds, notifications
from bot.core.mql import followup_question, identity, new_words
from bot.core.mql.identity import Known
from bot.core.mql.lead import Lead
from bot.core.routing import assignment
from bot.core.sla import clocks
from bot.core.views import related
from storage import company_keys, identifiers, members, mqls, workspaces
from storage import identity as addresses
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
    workspace: Workspace | None = None,
) -> Received:
    """Take a lead in, in one transaction with its clock, its owner and its card. It came at `lead.sent_at`, or now
    where that is not known or lies ahead. `workspace`: where the caller holds it already. Raises NotConfigured."""
    workspace = workspace or workspaces.locked(tx, workspace_id)
    if workspace is None or workspace.policy_id is None:
        raise NotConfigured(workspace_id)
    lead = lead.model_copy(update={"email": addresses.address(lead.email) if lead.email else None})
    known = identity.find(tx, workspace, lead, source, now)
    if known.current is not None:
        return join(tx, known.current, lead, source, now, by=by, workspace=workspace)
    colleague = identity.colleague(tx, workspace.id, lead, [known.former, known.maybe])
    return receive_new(tx, workspace, lead, source, known._replace(colleague=colleague), now, by)


def receive_new(
    tx: sa.Connection, workspace: Workspace, lead: Lead, source: Source, known: Known, now: datetime, by: str | None
) -> Received:
    """Take a lead in of which no MQL goes on. `known`: what others it has. The caller holds the workspace."""
    number = workspaces.take_number(tx, workspace.id)
    came_at = _came_at(lead, now)
    columns = lead.model_dump(mode="json") | {"source": source, "status": Status.UNASSIGNED}
    columns |= _related(known)
    subject = mqls.add(tx, workspace.id, number, **columns, received_at=came_at, read_at=now)
    identifiers.add(tx, workspace.id, subject.id, dict.fromkeys(identity.keys_of(lead, source, workspace)))
    event_id = mqls.log(tx, subject, EventType.RECEIVED, came_at, now, workspace, actor=by, after=source)
    if tier := clocks.start(tx, workspace, subject, ClockKind.RESPONSE, came_at):
        mqls.update(tx, workspace.id, subject.id, received_tier=tier)
        subject = subject.model_copy(update={"received_tier": tier})
    if came_at < now:
        # Before anybody has it: what came to pass until now is nobody's.
        clocks.pass_over(tx, subject, ClockKind.RESPONSE, now)
    notifications.post_card(tx, workspace, subject.id, now)
    assignment.assign_or_wait(tx, workspace, subject, now, new=True)
    if known.former is not None:
        _tell_former_owner(tx, _reread(tx, workspace.id, subject.id), known.former, event_id, now)
    return Received(subject.id, number, repeated=False)


def _related(known: Known) -> dict[str, int | None]:
    """Return the columns that name other MQLs of the same lead or the same company."""
    others = {"former_id": known.former, "maybe_same_id": known.maybe, "same_company_id": known.colleague}
    return {name: other.id if other else None for name, other in others.items()}


def _tell_former_owner(tx: sa.Connection, subject: Mql, former: Mql, event_id: int, now: datetime) -> None:
    """Tell whoever had the opportunity that its lead is back as another MQL; and ask nobody any more what became of
    the former one."""
    if former.ask_at is not None:
        mqls.update(tx, former.workspace_id, former.id, **followup_question.NOTHING)
    if former.status != Status.QUALIFIED or former.owner in (None, subject.owner):
        return
    owner = members.get(tx, former.workspace_id, former.owner or "")
    if owner is not None and owner.active and not owner.deactivated:
        notifications.send_dm(tx, kinds.LEAD_BACK(), [owner], subject, event_id, now)


def join(
    tx: sa.Connection,
    known: Mql,
    lead: Lead,
    source: Source,
    now: datetime,
    *,
    by: str | None = None,
    workspace: Workspace | None = None,
) -> Received:
    """Add what a lead says now to the MQL that it has with sales already, and tell its owner where it writes something
    new. `workspace`: where the caller has read it. Raises NotConfigured."""
    workspace = workspace or workspaces.get(tx, known.workspace_id)
    if workspace is None:
        raise NotConfigured(known.workspace_id)
    # What the lead says now fills what was unknown; what was known stays but for the score, and the log keeps both. A
    # clock that runs keeps its tier; the feedback clock starts in the tier of what is known when it starts.
    known = mqls.locked(tx, known.workspace_id, known.id) or known
    values = lead.model_dump(mode="json", exclude_none=True, exclude={"attributes", "external_id"})
    filled = {name: value for name, value in values.items() if getattr(known, name) is None}
    news = filled | ({"score": lead.score} if lead.score is not None and lead.score != known.score else {})
    news |= _company_keys(known, filled, lead)
    if news:
        mqls.update(tx, known.workspace_id, known.id, **news)
    identifiers.add(tx, known.workspace_id, known.id, dict.fromkeys(identity.keys_of(lead, source, workspace)))
    says_more = new_words.are_new(tx, known, lead.message)
    data = values | {"attributes": lead.attributes} | ({related.FILLED: sorted(filled)} if filled else {})
    came_at = max(_came_at(lead, now), known.received_at)  # a tool may deliver the second before the first
    words = {"actor": by, "after": source, "data": data}
    event_id = mqls.log(tx, known, EventType.RECEIVED_AGAIN, came_at, now, **words)
    notifications.update_card(tx, known, event_id, now)
    if says_more:
        new_words.tell(tx, known, event_id, by, now)
    return Received(known.id, known.number, repeated=True)


def _company_keys(known: Mql, filled: dict[str, object], lead: Lead) -> dict[str, str]:
    """Return the keys of its company that an MQL had none of before."""
    is_now = known.model_dump(include={"company", "email", "attributes"}) | filled
    keys = company_keys.of(is_now | {"attributes": {**lead.attributes, **known.attributes}})._asdict()
    return {name: key for name, key in keys.items() if key is not None and getattr(known, name) is None}


def _came_at(lead: Lead, now: datetime) -> datetime:
    return min(lead.sent_at or now, now)


def _reread(tx: sa.Connection, workspace_id: str, mql_id: int) -> Mql:
    subject = mqls.locked(tx, workspace_id, mql_id)
    if subject is None:
        raise LookupError(mql_id)
    return subject
