from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.models.columns import table


class Heartbeat(SQLModel):
    """When a process that ticks last did so."""

    workspace_id: str = Field(primary_key=True)
    process: str = Field(primary_key=True, description="host name and process id")
    version: str
    started_at: datetime
    ticked_at: datetime


heartbeat = table(Heartbeat, "heartbeat", of_leads=False)
