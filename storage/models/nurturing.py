from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.models.columns import table


class NurturingWeek(SQLModel):
    """What was told of marketing's figures of one week and segment. Never changed: another delivery is another row, and
    the newest version counts."""

    id: int = Field(primary_key=True)
    workspace_id: str
    week: str = Field(description="ISO week: 2026-W47")
    segment: str = Field(description='"" for the whole week')
    version: int = Field(description="1, 2, … of the week and segment")
    new_leads: int | None = Field(default=None, description="None: not supplied, here and below")
    sent: int | None = None
    opened: int | None = None
    clicked: int | None = None
    source_id: int | None = Field(default=None, description="which source sent it; None: it came from a file")
    file: str | None = Field(default=None, description="the name of the file, without the folder")
    at: datetime


nurturing_week = table(
    NurturingWeek,
    "nurturing_week",
    sa.ForeignKeyConstraint(["source_id"], ["source.id"]),
    sa.UniqueConstraint("workspace_id", "week", "segment", "version"),
    sa.CheckConstraint("(source_id IS NULL) = (file IS NOT NULL)", name="from_source_or_file"),
    sa.CheckConstraint("new_leads >= 0 AND sent >= 0 AND opened >= 0 AND clicked >= 0", name="figures_are_counts"),
    of_leads=False,
)
