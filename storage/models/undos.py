from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.columns import Impersonal, table


class Undo(SQLModel):
    """An act that can be undone until a moment, with what it changed as that was before. Nothing in it says anything of
    the lead's person."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    mql_id: int
    by: Impersonal[str] = Field(description="Slack user id of whoever acted")
    after_id: int = Field(description="the last event before the act; 0: none")
    event_id: int = Field(description="the last event of the act")
    until: datetime
    undone_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    before: Impersonal[dict[str, Any]] = Field(
        default_factory=dict, sa_type=sa.JSON, description="columns of the MQL, of its clocks, the turns that counted"
    )


undo = table(
    Undo,
    "undo",
    sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
    sa.CheckConstraint("event_id > after_id", name="an_act_has_events"),
    sa.Index("ix_undo_mql", "workspace_id", "mql_id", "id"),
    sa.Index("ix_undo_until", "until"),
    of_leads=True,
)
