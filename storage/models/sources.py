from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.columns import partial, table, word
from storage.vocabulary import DeliveryState, Proof, SecretUse, SourceKind, SourceState

MOST_REFUSALS = 20


class LeadSource(SQLModel):
    """A tool that sends to an address of ours, as somebody has set it up."""

    id: int = Field(primary_key=True)
    workspace_id: str
    name: str = Field(description="part of its address")
    kind: SourceKind = Field(sa_type=word(SourceKind))
    proof: Proof = Field(sa_type=word(Proof, closed=True), description="what it takes to be believed")
    header: str | None = Field(default=None, description="name of the secret header, in lower case")
    defaults: dict[str, str] = Field(
        default_factory=dict, sa_type=sa.JSON, description="channel, campaign and form of leads that name none"
    )
    state: SourceState = Field(sa_type=word(SourceState, closed=True))
    created_at: datetime
    last_at: datetime | None = Field(default=None, sa_type=UTCDateTime, description="of the newest delivery")
    last_proof: Proof | None = Field(default=None, sa_type=word(Proof))
    last_state: DeliveryState | None = Field(default=None, sa_type=word(DeliveryState))
    refusals: list[dict[str, Any]] = Field(
        default_factory=list, sa_type=sa.JSON, description="what could not prove itself, the newest MOST_REFUSALS"
    )


class SourceSecret(SQLModel):
    """What a delivery has to know. Two of a use are valid while one takes the place of the other."""

    id: int = Field(primary_key=True)
    workspace_id: str
    source_id: int
    use: SecretUse = Field(sa_type=word(SecretUse, closed=True))
    digest: str | None = Field(default=None, description="SHA-256 in hex, of what is only compared")
    sealed: str | None = Field(default=None, description="encrypted with ENCRYPTION_KEYS, of what signs")
    created_at: datetime


class SourceMapping(SQLModel):
    """A version of which part of a delivery is which field of a lead; never changed, the newest counts."""

    id: int = Field(primary_key=True)
    workspace_id: str
    source_id: int
    version: int = Field(description="1, 2, … of the source")
    fields: dict[str, str] = Field(sa_type=sa.JSON, description="path in the body: field of a lead, or - for none")
    by: str | None = Field(default=None, description="Slack user id; None: at the command line")
    at: datetime


source = table(
    LeadSource,
    "source",
    sa.CheckConstraint("(header IS NULL) = (proof <> 'header')", name="header_has_name"),
    sa.CheckConstraint("(last_at IS NULL) = (last_proof IS NULL)", name="last_delivery_has_proof"),
    sa.CheckConstraint("(last_at IS NULL) = (last_state IS NULL)", name="last_delivery_has_state"),
    # A name may be given anew once its source was removed.
    partial("uq_source_name", "workspace_id", "name", where="state = 'active'", unique=True),
    of_leads=False,
)
source_secret = table(
    SourceSecret,
    "source_secret",
    sa.ForeignKeyConstraint(["source_id"], ["source.id"]),
    sa.CheckConstraint("(digest IS NULL) = (use = 'signature')", name="compared_is_digest"),
    sa.CheckConstraint("(sealed IS NULL) = (use <> 'signature')", name="signing_is_sealed"),
    sa.Index("ix_source_secret", "workspace_id", "source_id"),
    of_leads=False,
)
source_mapping = table(
    SourceMapping,
    "source_mapping",
    sa.ForeignKeyConstraint(["source_id"], ["source.id"]),
    sa.UniqueConstraint("workspace_id", "source_id", "version"),
    of_leads=False,
)
