"""A workspace never loses its last admin: nobody could change anything any more."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from bot.core.base import team
from bot.core.teamfile.problems import BadFile, Problem
from bot.core.teamfile.schema import TeamFile
from storage import members
from storage.models import Member
from storage.vocabulary import Role


class LastAdmin(BadFile):
    """No admin whose account is open would be left."""

    def __init__(self, admins: Sequence[Member]) -> None:
        names = ", ".join(admin.name for admin in admins)
        super().__init__([Problem(1, "members", "last_admin", {"names": names})])
        self.user_ids = frozenset(admin.user_id for admin in admins)
        self.names = names


def require_admin(tx: sa.Connection, wanted: TeamFile) -> None:
    """Raise LastAdmin if a team file takes the role from every present admin. A workspace that has had none goes
    on without one."""
    roster = members.roster(tx, wanted.workspace_id)
    admins = team.reachable(roster, Role.ADMIN)
    closed = {member.user_id for member in roster if member.deactivated}
    kept = [person for person in wanted.members if person.active and Role.ADMIN in person.roles]
    if admins and not any(person.user_id not in closed for person in kept):
        raise LastAdmin(admins)
