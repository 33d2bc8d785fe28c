from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.columns import Impersonal, partial, table


class NextTouch(SQLModel):
    """A day on which a rep means to contact a lead again. A later promise takes the place of an open one."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    mql_id: int
    by: Impersonal[str] = Field(description="Slack user id of the owner who promised it")
    made_at: datetime
    day: Impersonal[str] = Field(description="ISO date, in the workspace's timezone")
    due_at: datetime = Field(description="the end of that day")
    remind_at: datetime | None = Field(
        default=None, sa_type=UTCDateTime, description="when the rep is reminded; None: was, or need not be"
    )
    kept_at: datetime | None = Field(default=None, sa_type=UTCDateTime, description="of the contact or the disposition")
    kept_id: int | None = Field(default=None, description="the event of that")
    dropped_at: datetime | None = Field(
        default=None, sa_type=UTCDateTime, description="another day was promised before, or the MQL went elsewhere"
    )


next_touch = table(
    NextTouch,
    "next_touch",
    sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
    sa.CheckConstraint("(kept_at IS NULL) = (kept_id IS NULL)", name="kept_by_an_event"),
    sa.CheckConstraint("kept_at IS NULL OR dropped_at IS NULL", name="kept_or_dropped"),
    sa.Index("ix_next_touch_mql", "workspace_id", "mql_id", "id"),
    sa.Index("ix_next_touch_due", "workspace_id", "due_at"),
    partial("ix_next_touch_remind", "remind_at", where="remind_at IS NOT NULL"),
    of_leads=True,
)
