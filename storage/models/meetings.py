from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.models.columns import table


class Meeting(SQLModel):
    """A meeting of marketing and sales that took place."""

    id: int = Field(primary_key=True)
    workspace_id: str
    day: str = Field(description="ISO date in the workspace's timezone")
    by: str = Field(description="Slack user id of who said so")
    at: datetime


meeting = table(
    Meeting,
    "meeting",
    sa.UniqueConstraint("workspace_id", "day"),
    of_leads=False,
)
