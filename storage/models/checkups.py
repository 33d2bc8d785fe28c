from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.models.columns import table


class Checkup(SQLModel):
    """One self-check of how marketing and sales work together. Never changed: the next one is another row."""

    id: int = Field(primary_key=True)
    workspace_id: str
    answers: dict[str, Any] = Field(sa_type=sa.JSON, description="point to yes, partly or no: what people said")
    evidence: dict[str, Any] = Field(sa_type=sa.JSON, description="point to yes, partly or no: what the bot knew")
    by: str = Field(description="Slack user id")
    at: datetime


checkup = table(
    Checkup,
    "checkup",
    sa.Index("ix_checkup_newest", "workspace_id", "at", "id"),
    of_leads=False,
)
