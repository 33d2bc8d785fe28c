from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.columns import Impersonal, WithRow, partial, strings, table


class SenderMapping(SQLModel):
    """What a person has taught the reader about one app's messages: a version, never changed. The newest counts."""

    id: int = Field(primary_key=True)
    workspace_id: str
    sender: str = Field(description="Slack's bot id of the app that posts")
    number: int = Field(description="1, 2, 3 … for each sender")
    fields: dict[str, str] = Field(sa_type=sa.JSON, description="the field of a lead for a label")
    by: str
    at: datetime


class SenderRule(SQLModel):
    """What a person has said is never a lead: every message of an app, or those with one headline."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    sender: Impersonal[str] = Field(description="Slack's bot id of the app that posts")
    sender_name: Impersonal[str | None] = None
    headline: WithRow[str | None] = Field(default=None, description="None: whatever the app posts")
    by: Impersonal[str]
    at: datetime
    removed_by: Impersonal[str | None] = None
    removed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class SenderLayout(SQLModel):
    """A layout of one app's notices whose reading a person has confirmed: hashes of its labels, and no value."""

    id: int = Field(primary_key=True)
    workspace_id: str
    sender: str = Field(description="Slack's bot id of the app that posts; of what has none, the channel")
    parts: list[str] = Field(sa_type=strings(), description="a hash of each label, in their order")
    unsure: list[str] = Field(sa_type=strings(), description="what the reader guessed or doubted in it")
    fields: dict[str, str] = Field(sa_type=sa.JSON, description="the field of a lead for a label, as corrected")
    reads: list[str] = Field(sa_type=strings(), description="the fields of a lead that were read")
    by: str
    at: datetime
    removed_by: str | None = None
    removed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


sender_mapping = table(
    SenderMapping,
    "sender_mapping",
    sa.UniqueConstraint("workspace_id", "sender", "number"),
    of_leads=False,
)
sender_layout = table(
    SenderLayout,
    "sender_layout",
    sa.CheckConstraint("(removed_by IS NULL) = (removed_at IS NULL)", name="removed_by_somebody"),
    partial("ix_sender_layout_holds", "workspace_id", "sender", where="removed_at IS NULL"),
    of_leads=False,
)
sender_rule = table(
    SenderRule,
    "sender_rule",
    sa.CheckConstraint("(removed_by IS NULL) = (removed_at IS NULL)", name="removed_by_somebody"),
    partial("ix_sender_rule_holds", "workspace_id", "sender", where="removed_at IS NULL"),
    of_leads=True,
)
