from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.models.columns import Impersonal, Personal, table, word
from storage.vocabulary import Disposition


class Feedback(SQLModel):
    """What sales said of an MQL. A correction is a new row; the newest counts."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    mql_id: int
    disposition: Disposition = Field(sa_type=word(Disposition, closed=True))
    lost_reason: Impersonal[str | None] = None
    comment: Personal[str | None] = None
    amount: Impersonal[int | None] = Field(
        default=None, sa_type=sa.BigInteger, description="yen, or the team's currency"
    )
    next_step: Personal[str | None] = None
    recycle_on: Impersonal[str | None] = Field(default=None, description="ISO date to come back to the lead")
    by: Impersonal[str]
    at: datetime


feedback = table(
    Feedback,
    "feedback",
    sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
    sa.CheckConstraint("(disposition = 'disqualified') = (lost_reason IS NOT NULL)", name="disqualified_has_reason"),
    sa.CheckConstraint("amount IS NULL OR amount >= 0", name="amount_not_negative"),
    sa.Index("ix_feedback_mql", "mql_id", "id"),
    of_leads=True,
)
