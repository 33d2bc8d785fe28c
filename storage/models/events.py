from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.models.columns import ByEventType, Impersonal, table, word
from storage.vocabulary import EventType


class Event(SQLModel):
    """Something that happened to an MQL. `at` is when it was true, `recorded_at` when it was written down."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    mql_id: int
    type: EventType = Field(sa_type=word(EventType))
    at: datetime
    recorded_at: datetime
    actor: Impersonal[str | None] = Field(default=None, description="Slack user id; None: the bot")
    before: Impersonal[str | None] = None
    after: Impersonal[str | None] = None
    reason: ByEventType[str | None] = None
    data: ByEventType[dict[str, Any]] = Field(default_factory=dict, sa_type=sa.JSON)


event = table(
    Event,
    "event",
    sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
    sa.Index("ix_event_mql", "mql_id", "id"),
    sa.Index("ix_event_type", "workspace_id", "type", "at"),
    of_leads=True,
)
