from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.columns import table


class Definition(SQLModel):
    """A version of what marketing and sales call an MQL. It is proposed once; then each side agrees once, and nothing
    else of it is ever changed, unless it is withdrawn or sent back first. The newest number is open until both have
    agreed; the newest agreed one counts."""

    id: int = Field(primary_key=True)
    workspace_id: str
    number: int = Field(description="1, 2, … of the workspace")
    text: str
    threshold: int | None = Field(default=None, description="from which score on a lead is an MQL")
    rules: dict[str, Any] = Field(
        default_factory=dict,
        sa_type=sa.JSON,
        sa_column_kwargs={"server_default": "{}"},
        description="what a lead is held for that fails it (core.agreement.rules); empty: the version is words only",
    )
    why: str | None = Field(default=None, description="what speaks for it, such as the check of the scoring rule")
    proposed_by: str = Field(description="Slack user id")
    proposed_at: datetime
    marketing_by: str | None = Field(default=None, description="Slack user id of who agreed for marketing")
    marketing_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    sales_by: str | None = Field(default=None, description="Slack user id of who agreed for sales")
    sales_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    closed_by: str | None = Field(default=None, description="Slack user id of who withdrew it, or sent it back")
    closed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    closed_why: str | None = Field(default=None, description="what whoever sent it back says")
    agreed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


definition = table(
    Definition,
    "definition",
    sa.UniqueConstraint("workspace_id", "number"),
    sa.CheckConstraint("(marketing_by IS NULL) = (marketing_at IS NULL)", name="marketing_is_somebody"),
    sa.CheckConstraint("(sales_by IS NULL) = (sales_at IS NULL)", name="sales_is_somebody"),
    sa.CheckConstraint("marketing_by <> sales_by", name="two_people_agree"),
    sa.CheckConstraint("(agreed_at IS NULL) = (marketing_at IS NULL OR sales_at IS NULL)", name="both_agreed"),
    of_leads=False,
)
