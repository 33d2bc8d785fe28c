from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.models.columns import table


class KpiTarget(SQLModel):
    """A revenue target and what it was worked back with. Never changed: another target is another row."""

    id: int = Field(primary_key=True)
    workspace_id: str
    revenue: int = Field(sa_type=sa.BigInteger, description="yen, or the team's currency")
    deal: int = Field(sa_type=sa.BigInteger, description="what one win brings on average")
    first_month: str = Field(description="2027-04")
    months: int
    rates: dict[str, Any] = Field(sa_type=sa.JSON, description="win, opportunity, mql: as they were known then")
    lead_days: list[int] = Field(sa_type=sa.JSON, description="lead to MQL, MQL to opportunity, opportunity to win")
    by: str = Field(description="Slack user id")
    at: datetime


kpi_target = table(
    KpiTarget,
    "kpi_target",
    sa.CheckConstraint("revenue > 0 AND deal > 0", name="target_and_deal_are_money"),
    sa.CheckConstraint("months BETWEEN 1 AND 24", name="months_to_plan"),
    sa.Index("ix_kpi_target_newest", "workspace_id", "at", "id"),
    of_leads=False,
)
