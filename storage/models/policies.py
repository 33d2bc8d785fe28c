from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.models.columns import table


class PolicyVersion(SQLModel):
    """One version of the SLA. Never changed: a clock keeps the version it started with."""

    id: int = Field(primary_key=True)
    workspace_id: str
    version: int
    body: dict[str, Any] = Field(sa_type=sa.JSON)
    timezone: str = Field(description="in which its calendar counts days; pinned with it")
    holidays: dict[str, Any] = Field(sa_type=sa.JSON, description="the public holidays by code, as known at that time")
    created_at: datetime


policy_version = table(
    PolicyVersion,
    "policy_version",
    sa.UniqueConstraint("workspace_id", "version"),
    of_leads=False,
)
