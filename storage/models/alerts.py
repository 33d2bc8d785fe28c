from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.columns import partial, strings, table, word
from storage.vocabulary import AlertKind


class Alert(SQLModel):
    """A condition that the admins are told of once when it begins and once when it is over."""

    id: int = Field(primary_key=True)
    workspace_id: str
    kind: AlertKind = Field(sa_type=word(AlertKind))
    subject: str = Field(description='what it is about: a user id, a source, an error; "" where there is only one')
    data: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    told: list[str] = Field(sa_type=strings(), description="user ids of those who got a message")
    opened_at: datetime
    closed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


alert = table(
    Alert,
    "alert",
    # Several processes watch: the second to notice must not tell it again.
    partial("uq_alert_open", "workspace_id", "kind", "subject", where="closed_at IS NULL", unique=True),
    of_leads=False,
)
