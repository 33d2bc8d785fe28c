from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.models.columns import table


class Lane(SQLModel):
    """One Slack conversation's pace: no call to it before next_at (about one a second). Or, under a name in small
    letters, a workspace's budget of calls: spent until next_at."""

    workspace_id: str = Field(primary_key=True)
    target: str = Field(primary_key=True)
    next_at: datetime
    newest_ts: str = Field(default="0", description="Slack's ts of our newest message there")


lane = table(Lane, "lane", of_leads=False)
