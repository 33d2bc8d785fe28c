from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.columns import partial, table, word
from storage.vocabulary import ReportKind


class ReportDue(SQLModel):
    """One report of one period: due once, made once."""

    id: int = Field(primary_key=True)
    workspace_id: str
    kind: ReportKind = Field(sa_type=word(ReportKind))
    period: str = Field(description="2026-W47, 2026-10: the ISO week or the month that the report is about")
    due_at: datetime
    done_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


report_due = table(
    ReportDue,
    "report_due",
    sa.UniqueConstraint("workspace_id", "kind", "period"),
    partial("ix_report_due", "due_at", where="done_at IS NULL"),
    of_leads=False,
)
