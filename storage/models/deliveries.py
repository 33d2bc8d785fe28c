from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.models.columns import Impersonal, Personal, WithRow, partial, table, word
from storage.vocabulary import Became, DeliveryState, Proof


class Delivery(SQLModel):
    """One authentic request to a source's address, kept a short while so that it can be looked at and read again."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    source_id: int
    at: datetime
    proof: Proof = Field(sa_type=word(Proof, closed=True))
    state: DeliveryState = Field(sa_type=word(DeliveryState, closed=True))
    mapping_version: Impersonal[int] = Field(description="with which it was read last; 0: with none")
    headers: WithRow[dict[str, str]] = Field(sa_type=sa.JSON, description="those that are needed to read it")
    body: Personal[str | None] = Field(default=None, description="base64 of what came; None once it is erased")


class DeliveryItem(SQLModel):
    """What became of one thing in a delivery."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    delivery_id: int
    position: Impersonal[int] = Field(description="0, 1, … in the delivery")
    became: Became = Field(sa_type=word(Became, closed=True))
    reason: Impersonal[str | None] = Field(default=None, description="why it waits, or is no lead: a word of ours")
    mql_id: int | None = None
    entry_id: int | None = Field(default=None, description="of the queue")


delivery = table(
    Delivery,
    "delivery",
    sa.ForeignKeyConstraint(["source_id"], ["source.id"]),
    sa.Index("ix_delivery_source", "workspace_id", "source_id", "id"),
    sa.Index("ix_delivery_at", "workspace_id", "at"),
    of_leads=True,
)
delivery_item = table(
    DeliveryItem,
    "delivery_item",
    sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"]),
    sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
    sa.ForeignKeyConstraint(["entry_id"], ["unreadable.id"]),
    sa.UniqueConstraint("workspace_id", "delivery_id", "position"),
    sa.CheckConstraint("(mql_id IS NOT NULL) = (became IN ('new', 'joined'))", name="lead_has_mql"),
    sa.CheckConstraint("became <> 'waits' OR entry_id IS NOT NULL", name="waiting_has_entry"),
    partial("ix_delivery_item_mql", "workspace_id", "mql_id", where="mql_id IS NOT NULL"),
    of_leads=True,
)
