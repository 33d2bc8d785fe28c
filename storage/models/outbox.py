from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.columns import Impersonal, partial, table, word
from storage.vocabulary import MessageKind, OutboxState


class Outbox(SQLModel):
    """A message that is to reach Slack. It holds ids, never rendered text."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    key: Impersonal[str] = Field(description="unique in the workspace; also in the message's metadata")
    kind: MessageKind = Field(sa_type=word(MessageKind))
    priority: Impersonal[int] = Field(description="the smallest goes first; as its kind said when it was queued")
    target: Impersonal[str] = Field(description="Slack channel or user id; rows of one target go in order")
    mql_id: int | None = None
    event_id: int | None = None
    parent_id: int | None = Field(default=None, description="the row that this edits or answers in a thread")
    data: Impersonal[dict[str, Any]] = Field(default_factory=dict, sa_type=sa.JSON)
    state: OutboxState = Field(sa_type=word(OutboxState, closed=True))
    attempts: Impersonal[int] = 0
    maybe_sent: bool = Field(default=False, description="a call went out and no answer came back")
    after_ts: Impersonal[str | None] = Field(
        default=None, description="Slack's ts of our newest message in the conversation when this was first taken"
    )
    due_at: datetime = Field(description="when it was to go out; failed attempts do not move it")
    next_attempt_at: datetime
    lease_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_at: datetime
    sent_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    channel: Impersonal[str | None] = Field(default=None, description="where Slack put it; for a user id the DM's id")
    ts: Impersonal[str | None] = None
    error: Impersonal[str | None] = None


# A test holds the kinds that are named here against bot/core/messages/kinds.py. To change one takes a migration.
UNSENT = "state IN ('pending', 'sending')"
UNDELIVERED = "state IN ('pending', 'sending', 'dead')"
WAITING_EDIT = "state = 'pending' AND kind = 'edit'"
TOLD = "state = 'sent' AND kind NOT IN ('edit', 'private', 'note')"
# Messages about several MQLs, which are about none of them in particular.
LISTS = "kind IN ('marketing_updates', 'held', 'digest', 'own_week', 'absence_began', 'absence_over', 'meeting')"


outbox = table(
    Outbox,
    "outbox",
    sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
    sa.ForeignKeyConstraint(["event_id"], ["event.id"]),
    sa.ForeignKeyConstraint(["parent_id"], ["outbox.id"]),
    sa.UniqueConstraint("workspace_id", "key"),
    sa.CheckConstraint("(lease_until IS NULL) = (state <> 'sending')", name="only_sending_is_leased"),
    sa.CheckConstraint("(sent_at IS NULL) = (state <> 'sent')", name="sent_at_says_sent"),
    sa.Index("ix_outbox_mql", "mql_id"),
    partial("ix_outbox_edits", "workspace_id", "parent_id", where=WAITING_EDIT),
    partial("ix_outbox_lists", "workspace_id", "created_at", where=LISTS),
    partial("ix_outbox_unsent", "workspace_id", "target", "priority", "id", where=UNSENT),
    partial("ix_outbox_sending", "workspace_id", "target", where="state = 'sending'"),
    # How many direct messages somebody has had today: asked before each reminder.
    partial("ix_outbox_told", "workspace_id", "target", "sent_at", where=TOLD),
    # How many wait or were refused, and since when: asked at every scrape and every look of the watch.
    partial("ix_outbox_undelivered", "workspace_id", "state", "due_at", where=UNDELIVERED),
    of_leads=True,
)
