"""What a message is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import sqlalchemy as sa

from bot.core.base import team
from bot.core.views import mql
from bot.core.views.mql import MqlView, Timeline
from bot.i18n import Translator
from storage import members, mqls
from storage.models import Event, Member, Outbox, Workspace


@dataclass(frozen=True)
class Nothing:
    """There is nothing to send, and why."""

    reason: str = "there is nothing to tell"


@dataclass(frozen=True)
class RenderContext:
    """All that a message may need to know."""

    tx: sa.Connection
    workspace: Workspace
    row: Outbox
    now: datetime
    t: Translator

    @cached_property
    def roster(self) -> list[Member]:
        """The members of the workspace."""
        return members.roster(self.tx, self.workspace.id)

    def view(self) -> MqlView:
        """Return the MQL that it is about. Raises LookupError."""
        view = mql.mql_view(self.tx, self.workspace, self.row.mql_id or 0, self.roster)
        if view is None:
            raise LookupError(f"message {self.row.id} is about no MQL of its workspace")
        return view

    def timelines(self, events: Sequence[Event]) -> list[Timeline]:
        """Return events with the names that their sentences need."""
        return mql.timeline(self.tx, self.workspace.id, events, self.roster)

    def event(self) -> Event:
        """Return what it tells of. Raises LookupError."""
        event = mqls.get_event(self.tx, self.workspace.id, self.row.event_id or 0)
        if event is None:
            raise LookupError(f"message {self.row.id} tells of no event of its workspace")
        return event

    def timeline(self) -> Timeline:
        """Return the same, with the names of those who take part in it. Raises LookupError."""
        (entry,) = self.timelines([self.event()])
        return entry


def translator(tx: sa.Connection, workspace: Workspace, reader: str) -> Translator:
    """Return words for one reader: a member's own language, else (and in Slack channels) the workspace's."""
    member = None if team.is_channel(reader) else members.get(tx, workspace.id, reader)
    return Translator(team.reader_locale(member, workspace.locale), workspace.timezone)
