"""The gate: a lead that fails a rule of the agreed definition is held for marketing instead of becoming an MQL.

It waits in the queue with the rules that it fails, whole and exactly as it came, and has a clock of its own. Somebody
hands it over anyway, or back to nurturing. Sales' clocks begin when it is handed over: until then it was no MQL. A lead
whose MQL is with sales is never held, and neither is what a person enters by hand: somebody has decided already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.core.agreement import rules
from bot.core.agreement.rules import Facts, Failure, Rules
from bot.core.mql import identity, intake, queue
from bot.core.mql.intake import Received
from bot.core.mql.lead import Lead
from bot.core.sla import clocks
from storage import definitions, members, unreadables, workspaces
from storage.models import Definition, Unreadable
from storage.vocabulary import Source, UnreadableState

REASON = "definition"
"""Why an entry of the queue is a lead that is held."""


@dataclass(frozen=True)
class Held:
    """A lead that waits for marketing."""

    entry_id: int
    failures: tuple[Failure, ...]


def take(tx: sa.Connection, workspace_id: str, lead: Lead, source: Source, now: datetime) -> Received | Held:
    """Take a lead in from outside: it becomes an MQL, joins one, or is held. Raises NotConfigured."""
    workspace = workspaces.locked(tx, workspace_id)
    counts = definitions.agreed(tx, workspace_id)
    asked = Rules.of(counts.rules) if counts else None
    failing = rules.failures(asked, facts(tx, workspace_id, lead)) if asked else ()
    # Whether sales has it already is asked only of what would be held: whoever takes a lead in asks it again.
    if workspace and counts and failing and identity.find(tx, workspace, lead, source, now).current is None:
        return _hold(tx, counts, lead, source, failing, now)
    received = intake.receive(tx, workspace_id, lead, source, now, workspace=workspace)
    if counts:  # else none was ever held
        _close_held(tx, workspace_id, lead, source, received, now)
    return received


def facts(tx: sa.Connection, workspace_id: str, lead: Lead) -> Facts:
    """Return what the rules ask of a lead."""
    names = ("company", "person", "title", "email", "phone", "channel", "score", "message", "attributes")
    email = (lead.email or "").casefold()
    ours = bool(email) and email in {(member.email or "").casefold() for member in members.roster(tx, workspace_id)}
    return Facts(**{name: getattr(lead, name) for name in names}, ours=ours)


def _hold(
    tx: sa.Connection, counts: Definition, lead: Lead, source: Source, failing: tuple[Failure, ...], now: datetime
) -> Held:
    workspace_id, agreed = counts.workspace_id, clocks.require_agreement(tx, counts.workspace_id)
    whole = lead.model_dump(mode="json", exclude_none=True)
    failed = [[failure.rule.value, failure.instead] for failure in failing]
    held = {"lead": whole, "lead_source": source, "definition_id": counts.id, "failing": failed}
    before = _held_before(tx, workspace_id, lead, source)
    if before is not None:  # it has come again meanwhile: what it says now is what is decided about
        queue.reread(tx, before, REASON, _shown(lead), now, **held)
        return Held(before.id, failing)
    came_at = min(lead.sent_at or now, now)
    due_at = agreed.calendar.add(now, agreed.terms.day)
    entry_id = queue.keep(
        tx, workspace_id, reason=REASON, values=_shown(lead), came_at=came_at, now=now, due_at=due_at, held=held
    )
    return Held(entry_id, failing)


def _held_before(tx: sa.Connection, workspace_id: str, lead: Lead, source: Source) -> Unreadable | None:
    return next((entry for entry in unreadables.held(tx, workspace_id) if _same(entry, lead, source)), None)


def _close_held(
    tx: sa.Connection, workspace_id: str, lead: Lead, source: Source, received: Received, now: datetime
) -> None:
    """Close the entry of a held lead that has come again and keeps to the rules by now."""
    before = _held_before(tx, workspace_id, lead, source)
    if before is not None:
        queue.close(tx, workspace_id, before.id, None, now, received.mql_id)


def hand_over(tx: sa.Connection, workspace_id: str, entry_id: int, why: str, by: str, now: datetime) -> Received | None:
    """Make an MQL of a held lead all the same. None: somebody else has dealt with it."""
    workspaces.locked(tx, workspace_id)
    entry = unreadables.locked(tx, workspace_id, entry_id)
    if entry is None or entry.state == UnreadableState.ENTERED or not entry.lead or entry.lead_source is None:
        return None
    lead = Lead.model_validate(entry.lead)
    received = intake.receive(tx, workspace_id, lead, entry.lead_source, now, by=by)
    unreadables.change(tx, entry, why=why)
    queue.close(tx, workspace_id, entry_id, by, now, received.mql_id)
    return received


def _same(entry: Unreadable, lead: Lead, source: Source) -> bool:
    kept = entry.lead
    by_id = lead.external_id is not None and (entry.lead_source, kept.get("external_id")) == (source, lead.external_id)
    return by_id or (lead.email is not None and str(kept.get("email", "")).casefold() == lead.email.casefold())


def _shown(lead: Lead) -> dict[str, str]:
    values = lead.model_dump(mode="json", exclude_none=True, exclude={"attributes", "external_id"})
    beside = {name: value for name, value in lead.attributes.items() if isinstance(value, str | int | float)}
    return {name: str(value) for name, value in (values | beside).items()}
