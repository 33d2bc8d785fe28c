"""What a message is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.core.base import team
from bot.core.messages.lookup import Lookup
from bot.core.views import mql
from bot.core.views.mql import MqlView, Timeline
from bot.i18n import Translator
from bot.slack.messages.kept_week import KeptWeek
from storage import mqls
from storage.models import Event, Member, Outbox, Workspace


@dataclass(frozen=True)
class Nothing:
    """There is nothing to send, and why."""

    reason: str = "there is nothing to tell"


@dataclass(frozen=True)
class RenderContext:
    """All that a message may need to know."""

    lookup: Lookup
    workspace: Workspace
    row: Outbox
    now: datetime
    t: Translator
    weeks: KeptWeek

    @property
    def tx(self) -> sa.Connection:
        """The transaction in which it is read."""
        return self.lookup.tx

    @property
    def roster(self) -> list[Member]:
        """The members of the workspace."""
        return self.lookup.roster

    def view(self) -> MqlView:
        """Return the MQL that it is about. Raises LookupError."""
        subject = self.lookup.mql(self.row.mql_id or 0)
        if subject is None:
            raise LookupError(f"message {self.row.id} is about no MQL of its workspace")
        (view,) = mql.mql_views(self.tx, self.workspace, [subject], self.roster)
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


def translator(workspace: Workspace, reader: Member | None) -> Translator:
    """Return the words for one reader: a member's own language, else (and in Slack channels) the workspace's."""
    timezone = team.reader_timezone(reader, workspace.timezone)
    user_id = reader.user_id if reader else None
    return Translator(team.reader_locale(reader, workspace.locale), timezone, user_id)
