from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.columns import strings, table


class Setup(SQLModel):
    """How far the first set-up of a workspace has come. The row goes once its end was seen: the team is then on the
    roster, and nothing else keeps whom somebody considered."""

    workspace_id: str = Field(primary_key=True)
    keepers: list[str] = Field(sa_type=strings(), description="Slack ids of those who may set up: admins of Slack")
    answers: dict[str, Any] = Field(sa_type=sa.JSON, description="core.setup.Answers: what was chosen so far")
    reading: dict[str, Any] = Field(
        default_factory=dict, sa_type=sa.JSON, description="core.setup.Reading: who is to be added, and how it went"
    )
    next_attempt_at: datetime | None = Field(
        default=None, sa_type=UTCDateTime, description="when a worker may take it up; None: a person is to decide"
    )
    changes: int = Field(default=0, description="how often it was changed")
    started_by: str = Field(description="Slack user id")
    started_at: datetime
    finished_at: datetime | None = Field(default=None, sa_type=UTCDateTime, description="when the team was made of it")
    test_mql_id: int | None = Field(default=None, description="the test lead at its end")


setup = table(
    Setup,
    "setup",
    sa.ForeignKeyConstraint(["test_mql_id"], ["mql.id"]),
    sa.CheckConstraint("test_mql_id IS NULL OR finished_at IS NOT NULL", name="tested_once_finished"),
    of_leads=False,
)
