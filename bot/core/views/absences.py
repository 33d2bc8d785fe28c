"""What is to become of somebody's MQLs while they are away, as plain values for screens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.core.base import team
from bot.core.views.mql import MqlView, mql_views
from storage import members, mqls
from storage.models import Member, Workspace
from storage.vocabulary import Role


@dataclass(frozen=True)
class Waiting:
    """What somebody has not accepted and nobody else sees to."""

    who: Member
    views: tuple[MqlView, ...]
    free: tuple[Member, ...]
    """The reps who are there, and may be asked to cover."""


@dataclass(frozen=True)
class Covered:
    """What one colleague covers for somebody."""

    cover: Member
    views: tuple[MqlView, ...]


def waiting(tx: sa.Connection, workspace: Workspace, user_id: str, now: datetime) -> Waiting:
    """Return what waits for somebody. Raises LookupError for nobody of the roster."""
    roster = members.roster(tx, workspace.id)
    who = next((member for member in roster if member.user_id == user_id), None)
    if who is None:
        raise LookupError(user_id)
    subjects = mqls.unaccepted(tx, workspace.id, user_id)
    views = mql_views(tx, workspace, subjects, roster) if subjects else []
    return Waiting(who, tuple(views), tuple(team.peers(roster, user_id, now)))


def covered(tx: sa.Connection, workspace: Workspace, user_id: str) -> list[Covered]:
    """Return what others cover for somebody, by colleague in the order of the roster."""
    roster = members.roster(tx, workspace.id)
    views = mql_views(tx, workspace, mqls.covered(tx, workspace.id, owner=user_id), roster)
    parts = ((member, tuple(view for view in views if view.mql.cover == member.user_id)) for member in roster)
    return [Covered(member, theirs) for member, theirs in parts if theirs]


def choosable(roster: Sequence[Member]) -> list[Member]:
    """Return whose absence a leader may set."""
    return team.reachable(roster, Role.REP, Role.MARKETER)
