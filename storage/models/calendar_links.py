from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.columns import table


class CalendarLink(SQLModel):
    """The address at which a member publishes their calendar. It goes with its owner's word: nothing else keeps it."""

    id: int = Field(primary_key=True)
    workspace_id: str
    user_id: str
    sealed: str = Field(description="the address, encrypted with ENCRYPTION_KEYS: whoever has it reads the calendar")
    created_at: datetime
    due_at: datetime = Field(description="when it is to be read next")
    read_at: datetime | None = Field(default=None, sa_type=UTCDateTime, description="when it could be read last")
    etag: str = ""
    modified: str = Field(default="", description="as the server wrote it: Last-Modified")
    failure: str | None = Field(default=None, description="code of why it cannot be read; None: it can")
    failing_since: datetime | None = Field(default=None, sa_type=UTCDateTime)
    last_news: str | None = Field(default=None, description="what its owner was told of it last: read, or a code")


calendar_link = table(
    CalendarLink,
    "calendar_link",
    sa.UniqueConstraint("workspace_id", "user_id"),
    sa.CheckConstraint("(failure IS NULL) = (failing_since IS NULL)", name="failing_has_reason"),
    sa.Index("ix_calendar_link_due", "due_at"),
    of_leads=False,
)
