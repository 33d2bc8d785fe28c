"""What several steps of one message's way need to know, read once."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property

import sqlalchemy as sa

from bot.core.base import team
from storage import members, mqls, workspaces
from storage.models import Member, Mql, Workspace

BEGINNING = datetime.min.replace(tzinfo=UTC)


class Lookup:
    """Rows of one workspace, each read when it is first asked for and never again.

    For one reading transaction, or for one step of a writing one: it does not see what is changed later.
    """

    def __init__(self, tx: sa.Connection, workspace_id: str, now: datetime | None = None) -> None:
        self.tx = tx
        self.now = now
        self.workspace_id = workspace_id
        self._mqls: dict[int, Mql | None] = {}

    @cached_property
    def workspace(self) -> Workspace | None:
        """The workspace; None while it is not configured."""
        return workspaces.get(self.tx, self.workspace_id)

    @cached_property
    def roster(self) -> list[Member]:
        """The members of the workspace."""
        return members.roster(self.tx, self.workspace_id)

    def mql(self, mql_id: int) -> Mql | None:
        """Return one MQL by id."""
        if mql_id not in self._mqls:
            self._mqls[mql_id] = mqls.get(self.tx, self.workspace_id, mql_id)
        return self._mqls[mql_id]

    def is_responder(self, user_id: str, subject: Mql) -> bool:
        """Return whether somebody is to answer an MQL now. Without a time, any absence holds."""
        responder = team.responder(self.roster, subject, self.now or BEGINNING)
        return responder is not None and responder.user_id == user_id

    def reader(self, target: str) -> Member | None:
        """Return the member to whom a message goes; None for a Slack channel, and for who was never on the roster.

        Taken from the roster: nearly every message names people, so that is read anyway.
        """
        if team.is_channel(target):
            return None
        return next((member for member in self.roster if member.user_id == target), None)
