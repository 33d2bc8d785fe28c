"""What would become of a lead if it came in now: the definition, its route, who gets it and why. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.core.agreement import rules
from bot.core.agreement.rules import Failure, Rules
from bot.core.base import team
from bot.core.mql import gate, identity, intake
from bot.core.mql.lead import Lead
from bot.core.routing import strategies
from bot.core.routing.strategies import Choice
from bot.core.sla import clocks
from bot.core.views.mql import Decision, decided
from storage import company_keys, definitions, members
from storage.models import Assignment, Mql, Workspace
from storage.vocabulary import Source, Status


@dataclass(frozen=True)
class RoutePreview:
    """What would become of a lead."""

    definition: int | None
    """The number of the agreed version that has rules; None: nothing is checked."""
    failing: tuple[Failure, ...]
    """The rules that it fails: it would be held."""
    joins: int | None
    """The number of the MQL that it would join, because it is the same lead."""
    decision: Decision
    chosen: str | None
    """Display name of who would get it; None: nobody, or it would be offered."""
    offered: tuple[str, ...]
    """The names of those to whom it would be offered."""
    tier: str | None
    due_at: datetime


def preview(tx: sa.Connection, workspace: Workspace, lead: Lead, now: datetime) -> RoutePreview:
    """Return what would become of a lead. Raises NotConfigured."""
    if workspace.policy_id is None:
        raise intake.NotConfigured(workspace.id)
    agreed = definitions.agreed(tx, workspace.id)
    asked = Rules.of(agreed.rules) if agreed else None
    failing = rules.failures(asked, gate.facts(tx, workspace.id, lead)) if asked else ()
    known = identity.find(tx, workspace, lead, Source.MANUAL, now)
    subject = _imagined(tx, workspace, lead, known.former, now)
    tier, _ = clocks.outlook(tx, workspace, subject, None, now)
    subject = subject.model_copy(update={"received_tier": tier})
    choice = strategies.choose(tx, workspace, subject, {}, now)
    _, due_at = clocks.outlook(tx, workspace, subject, choice.user, now)
    names = team.names(members.roster(tx, workspace.id))
    return RoutePreview(
        definition=agreed.number if agreed and asked else None,
        failing=failing,
        joins=known.current.number if known.current else None,
        decision=decided(_stored(workspace, choice, now), names),
        chosen=names.get(choice.user, choice.user) if choice.user else None,
        offered=tuple(names.get(user, user) for user in choice.able) if choice.offered else (),
        tier=tier,
        due_at=due_at,
    )


def _imagined(tx: sa.Connection, workspace: Workspace, lead: Lead, former: Mql | None, now: datetime) -> Mql:
    """Return the MQL that a lead would become, as far as routes and tiers ask; it is nowhere."""
    colleague = identity.colleague(tx, workspace.id, lead, [former])
    values = lead.model_dump(mode="json") | company_keys.of(lead.model_dump(include=_COMPANY))._asdict()
    return Mql(
        id=0,
        workspace_id=workspace.id,
        number=0,
        source=Source.MANUAL,
        status=Status.UNASSIGNED,
        received_at=now,
        read_at=now,
        former_id=former.id if former else None,
        same_company_id=colleague.id if colleague else None,
        **values,
    )


_COMPANY = {"company", "email", "attributes"}


def _stored(workspace: Workspace, choice: Choice, now: datetime) -> Assignment:
    """Return the decision as it would be stored."""
    columns = choice.columns
    return Assignment.model_construct(
        id=0, workspace_id=workspace.id, mql_id=0, chosen=choice.user, considered=choice.verdicts, at=now, **columns
    )
