from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.columns import Impersonal, WithRow, partial, table, word
from storage.vocabulary import ActionStep


class ActionItem(SQLModel):
    """What somebody has agreed to do until a day, as it stands now. Its history is in `action_change`."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    what: WithRow[str]
    owner: Impersonal[str] = Field(description="Slack user id")
    due_on: Impersonal[str] = Field(description="ISO date")
    remind_at: datetime | None = Field(
        default=None, sa_type=UTCDateTime, description="when its owner is told; None: that was done, or is not needed"
    )
    by: Impersonal[str] = Field(description="Slack user id of who recorded it")
    at: datetime
    done_by: Impersonal[str | None] = None
    done_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class ActionChange(SQLModel):
    """How an action stood after somebody recorded, changed, finished or reopened it. Never changed."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    action_id: int
    step: ActionStep = Field(sa_type=word(ActionStep))
    what: WithRow[str]
    owner: Impersonal[str] = Field(description="Slack user id")
    due_on: Impersonal[str] = Field(description="ISO date")
    by: Impersonal[str] = Field(description="Slack user id of who did it")
    at: datetime


action_item = table(
    ActionItem,
    "action_item",
    sa.CheckConstraint("(done_by IS NULL) = (done_at IS NULL)", name="done_by_somebody"),
    sa.CheckConstraint("remind_at IS NULL OR done_at IS NULL", name="done_ones_are_not_told"),
    partial("ix_action_item_due", "remind_at", where="remind_at IS NOT NULL"),
    partial("ix_action_item_open", "workspace_id", "due_on", where="done_at IS NULL"),
    of_leads=True,
)
action_change = table(
    ActionChange,
    "action_change",
    sa.ForeignKeyConstraint(["action_id"], ["action_item.id"]),
    sa.Index("ix_action_change_action", "action_id", "id"),
    of_leads=True,
)
