from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.models.columns import Impersonal, Personal, strings, table, word
from storage.vocabulary import UnreadableState


class Unreadable(SQLModel):
    """A message of the intake channel that could not be read as a lead; a person decides."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    channel: Impersonal[str]
    ts: Impersonal[str]
    reason: Impersonal[str]
    found: Personal[list[str]] = Field(sa_type=strings())
    state: UnreadableState = Field(sa_type=word(UnreadableState, closed=True))
    mql_id: int | None = None
    at: datetime
    closed_by: Impersonal[str | None] = None


class UnreadableRow(Unreadable, table=True):
    __tablename__ = "unreadable"
    __table_args__ = (
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
        sa.UniqueConstraint("workspace_id", "channel", "ts"),
        sa.CheckConstraint("(mql_id IS NOT NULL) = (state = 'entered')", name="entered_has_mql"),
    )


unreadable = table(UnreadableRow, of_leads=True)
