from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.columns import Impersonal, partial, table, word
from storage.models.outbox import UNSENT
from storage.vocabulary import OutboundState


class Outbound(SQLModel):
    """An event that the workspace's webhook is to be told of. It holds ids; what it says is read when it is sent."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    mql_id: int
    event_id: int
    webhook_id: Impersonal[str] = Field(description="the same at every try, so that a receiver knows what it has had")
    state: OutboundState = Field(sa_type=word(OutboundState, closed=True))
    attempts: Impersonal[int] = 0
    next_attempt_at: datetime
    lease_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_at: datetime
    sent_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    error: Impersonal[str | None] = Field(default=None, description="why the last try failed")


outbound = table(
    Outbound,
    "outbound",
    sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
    sa.ForeignKeyConstraint(["event_id"], ["event.id"]),
    sa.UniqueConstraint("event_id"),
    sa.UniqueConstraint("workspace_id", "webhook_id"),
    sa.CheckConstraint("(lease_until IS NULL) = (state <> 'sending')", name="only_sending_is_leased"),
    sa.CheckConstraint("(sent_at IS NULL) = (state <> 'sent')", name="sent_at_says_sent"),
    partial("ix_outbound_unsent", "workspace_id", "mql_id", "id", where=UNSENT),
    partial("ix_outbound_dead", "workspace_id", "state", where="state = 'dead'"),
    of_leads=True,
)
