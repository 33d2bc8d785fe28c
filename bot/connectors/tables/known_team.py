"""What a workspace knows that the rows of a table may name: its owners and its lost reasons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.connectors.tables.cells import DayOrder
from bot.connectors.tables.outcomes import Outcome
from bot.connectors.tables.past_rows import Team, folded
from bot.core.teamfile.schema import OTHER
from storage import members, workspaces
from storage.models import Workspace


def owners(tx: sa.Connection, workspace_id: str) -> dict[str, str]:
    """Return the Slack user ids of the roster by folded name, id and the e-mail address of the Slack profile."""
    roster = members.roster(tx, workspace_id)
    names = ((name, member) for member in roster for name in (member.name, member.user_id, member.email))
    return {folded(name): member.user_id for name, member in names if name}


def team(
    tx: sa.Connection,
    workspace: Workspace,
    known_owners: Mapping[str, str],
    order: DayOrder | None,
    now: datetime,
    words: Mapping[str, Outcome] = MappingProxyType({}),
) -> Team:
    """Return what the rows of a table are held against."""
    known = workspaces.reasons(tx, workspace.id, only_active=False)
    reasons = {folded(name): reason.key for reason in known for name in (reason.ja, reason.en, reason.key)}
    other = OTHER if any(reason.key == OTHER for reason in known) else None
    return Team(ZoneInfo(workspace.timezone), now, known_owners, reasons, other, order, words)
