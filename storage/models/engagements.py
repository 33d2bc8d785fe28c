from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.models.columns import DeletedWithMql, Impersonal, table, word
from storage.vocabulary import CrmKind, EngagementKind


class Engagement(SQLModel):
    """What marketing's tool knows of a lead's person: a change of the score, or something that became of an e-mail."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    mql_id: int
    crm: CrmKind = Field(sa_type=word(CrmKind))
    key: DeletedWithMql[str] = Field(description="by which the tool names it; the same each time")
    kind: EngagementKind = Field(sa_type=word(EngagementKind, closed=True))
    at: datetime
    score: Impersonal[int | None] = Field(default=None, description="after the change")
    before: Impersonal[int | None] = Field(default=None, description="the score before, where the tool says so")
    label: DeletedWithMql[str | None] = Field(default=None, description="why the score changed; name of the e-mail")


engagement = table(
    Engagement,
    "engagement",
    sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
    sa.UniqueConstraint("mql_id", "crm", "key"),
    sa.CheckConstraint("(kind = 'score') = (score IS NOT NULL)", name="a_score_has_a_number"),
    sa.CheckConstraint("before IS NULL OR kind = 'score'", name="only_a_score_had_one_before"),
    sa.Index("ix_engagement_mql", "mql_id", "kind", "at"),
    of_leads=True,
)
