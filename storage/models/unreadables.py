from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.columns import Impersonal, Personal, partial, table, word
from storage.vocabulary import Source, UnreadableState


class Unreadable(SQLModel):
    """Something from outside that is no MQL yet, because a person decides: a message of the intake channel, or a
    delivery of a source. What the reader itself took for no lead is set aside here too."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    channel: Impersonal[str | None] = Field(default=None, description="of the Slack message; None: a delivery")
    ts: Impersonal[str | None] = None
    sender: Impersonal[str | None] = Field(default=None, description="Slack's bot id of the app that posted it")
    sender_name: Impersonal[str | None] = Field(
        default=None, description="what that app calls itself, or how the source is called"
    )
    headline: Personal[str | None] = Field(default=None, description="first line of the message")
    source_id: int | None = None
    delivery_id: int | None = Field(default=None, description="while that is kept")
    reason: Impersonal[str]
    content: Personal[dict[str, str]] = Field(sa_type=sa.JSON, description="everything that was read, by label")
    state: UnreadableState = Field(sa_type=word(UnreadableState, closed=True))
    mql_id: int | None = None
    came_at: datetime = Field(sa_type=UTCDateTime, description="when it was sent")
    at: datetime = Field(description="when it was read")
    due_at: datetime | None = Field(
        default=None, sa_type=UTCDateTime, description="until when marketing is to have dealt with it"
    )
    check_at: datetime | None = Field(
        default=None, sa_type=UTCDateTime, description="when somebody is told of it next; None: nobody is to be"
    )
    group_id: int | None = Field(default=None, description="first entry of the message that told marketing of it")
    escalated_at: datetime | None = Field(default=None, sa_type=UTCDateTime, description="when the managers were told")
    escalation_id: int | None = Field(default=None, description="first entry of the message that told the managers")
    set_aside_at: datetime | None = Field(default=None, sa_type=UTCDateTime, description="when the bot set it aside")
    lead: Personal[dict[str, Any]] = Field(
        default_factory=dict,
        sa_type=sa.JSON,
        sa_column_kwargs={"server_default": "{}"},
        description="of a held lead: all of it, as it came; of one that was only guessed: as it was read",
    )
    guess: Personal[dict[str, Any]] = Field(
        default_factory=dict,
        sa_type=sa.JSON,
        sa_column_kwargs={"server_default": "{}"},
        description="what was guessed, and the layout that a person confirms",
    )
    lead_source: Source | None = Field(default=None, sa_type=word(Source))
    definition_id: int | None = Field(default=None, description="version whose rules it fails; None: it is not held")
    failing: Personal[list[list[str]]] = Field(
        default_factory=list,
        sa_type=sa.JSON,
        sa_column_kwargs={"server_default": "[]"},
        description="the rules it fails, each with what it has instead",
    )
    why: Personal[str | None] = Field(default=None, description="why it was handed over all the same")
    closed_by: Impersonal[str | None] = Field(default=None, description="None: the sender, or the bot")
    closed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


unreadable = table(
    Unreadable,
    "unreadable",
    sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
    sa.ForeignKeyConstraint(["source_id"], ["source.id"]),
    # Deliveries are forgotten after a while, and SQLite gives the number of the newest one again.
    sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], ondelete="SET NULL"),
    sa.UniqueConstraint("workspace_id", "channel", "ts"),
    sa.CheckConstraint("(mql_id IS NOT NULL) = (state = 'entered')", name="entered_has_mql"),
    sa.CheckConstraint("(channel IS NULL) = (ts IS NULL)", name="message_has_channel_and_ts"),
    sa.CheckConstraint("channel IS NULL OR source_id IS NULL", name="message_or_delivery"),
    sa.CheckConstraint("(closed_at IS NULL) = (state = 'open')", name="closed_unless_open"),
    sa.CheckConstraint("check_at IS NULL OR state = 'open'", name="only_open_ones_are_told"),
    sa.CheckConstraint("state <> 'set_aside' OR set_aside_at IS NOT NULL", name="set_aside_has_time"),
    partial("ix_unreadable_delivery", "delivery_id", where="delivery_id IS NOT NULL"),
    partial("ix_unreadable_check", "check_at", where="check_at IS NOT NULL"),
    # With the state in it, though it is always the same, SQLite takes it rather than that of the senders.
    partial("ix_unreadable_open", "workspace_id", "state", "id", where="state = 'open'"),
    partial("ix_unreadable_set_aside", "workspace_id", "set_aside_at", where="set_aside_at IS NOT NULL"),
    partial("ix_unreadable_held", "workspace_id", "at", where="definition_id IS NOT NULL"),
    sa.Index("ix_unreadable_sender", "workspace_id", "sender", "id"),
    of_leads=True,
)
"""The queue of what came in from outside and waits for a person."""
