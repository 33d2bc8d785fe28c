from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.models.columns import table, word
from storage.vocabulary import MessageKind


class Mute(SQLModel):
    """That a kind of message is not sent any more, or is again. Never changed: the newest of a kind counts."""

    id: int = Field(primary_key=True)
    workspace_id: str
    kind: MessageKind = Field(sa_type=word(MessageKind))
    muted: bool
    by: str = Field(description="Slack user id")
    at: datetime


mute = table(
    Mute,
    "mute",
    sa.Index("ix_mute_newest", "workspace_id", "kind", "id"),
    of_leads=False,
)
