from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.models.columns import Impersonal, table

TURN = 232_792_560
"""A turn, in the units of a balance. The numbers from 1 to 20 divide it, so the parts of a turn are whole; of more
people's parts less than 1 in 1,000,000 is lost."""


class Turn(SQLModel):
    """An entry of the ledger of turns, which is only appended to: a turn was taken, given back, or taken again."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    mql_id: int
    assignment_id: int = Field(description="the decision that it is about, which says who shared in the turn")
    user_id: Impersonal[str] = Field(description="Slack user id of whoever was chosen")
    weight: Impersonal[int] = Field(description="1: taken; -1: given back")
    at: datetime


turn = table(
    Turn,
    "turn",
    sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
    sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"]),
    sa.CheckConstraint("weight <> 0", name="turn_has_weight"),
    sa.Index("ix_turn_workspace", "workspace_id", "id"),
    sa.Index("ix_turn_at", "workspace_id", "at"),
    of_leads=True,
)
