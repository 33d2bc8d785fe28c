from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.columns import table


class OpenHome(SQLModel):
    """An App Home that somebody looks at, and what it was drawn from. Slack does not say when it is closed."""

    workspace_id: str = Field(primary_key=True)
    user_id: str = Field(primary_key=True)
    seen_at: datetime = Field(description="when it was last opened, or something in it was pressed")
    next_at: datetime = Field(description="not drawn again before")
    drawn_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    drawn_from: str = Field(default="", description="the state of the workspace that it shows; empty: to be drawn anew")
    drawn: str = Field(default="", description="hash of the view that Slack has")
    chosen: dict[str, str] = Field(
        default_factory=dict, sa_type=sa.JSON, description="the filters and the page of the list of all open MQLs"
    )
    taken_until: datetime | None = Field(
        default=None, sa_type=UTCDateTime, description="a process is drawing it; then another may"
    )


open_home = table(OpenHome, "open_home", of_leads=False)
