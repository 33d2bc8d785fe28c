from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.models.columns import Impersonal, table


class Assignment(SQLModel):
    """One decision who gets an MQL, with everyone who was considered and why they were skipped."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    mql_id: int
    chosen: Impersonal[str | None] = None
    considered: Impersonal[list[dict[str, Any]]] = Field(sa_type=sa.JSON)
    turn: bool = Field(default=False, description="whether it counts as a turn of the chosen one")
    at: datetime


class AssignmentRow(Assignment, table=True):
    __tablename__ = "assignment"
    __table_args__ = (
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
        sa.Index("ix_assignment_mql", "mql_id"),
        sa.Index("ix_assignment_chosen", "workspace_id", "chosen", "id"),
    )


assignment = table(AssignmentRow, of_leads=True)
