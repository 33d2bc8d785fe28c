from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.columns import DeletedWithMql, Impersonal, partial, table, word
from storage.vocabulary import CrmDecision, CrmField, CrmWriteKind, CrmWriteState


class CrmLink(SQLModel):
    """An MQL and its record in a CRM. An MQL may have one in each of several CRMs."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    connection_id: int
    mql_id: int
    record_id: DeletedWithMql[str | None] = Field(default=None, description="None: not found yet")
    is_fresh: bool = Field(description="linked as it came in: what the bot decides goes into the CRM at once")
    look_up_at: datetime | None = Field(
        default=None, sa_type=UTCDateTime, description="when it is looked for by its address; None: no more"
    )
    looked_up: Impersonal[int] = Field(default=0, description="how often it was looked for")
    seen_event: Impersonal[int] = Field(default=0, description="the newest event of the MQL that was dealt with")
    gone_at: datetime | None = Field(default=None, sa_type=UTCDateTime, description="when the CRM had it no more")


class CrmShadow(SQLModel):
    """What both sides held of a field when they last agreed: the base of every comparison. No row: never compared."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    mql_id: int
    link_id: int
    field: CrmField = Field(sa_type=word(CrmField))
    theirs: Impersonal[str | None] = Field(default=None, description="the value of the CRM, in its words")
    ours: Impersonal[str | None] = Field(default=None, description="the fact, in the words of the bot")
    is_ahead: bool = Field(default=False, description="the bot's fact is to be written, as it has decided")
    sending: Impersonal[str | None] = Field(default=None, description="a write of unknown outcome: its value")
    is_sending: bool = False
    wanted: Impersonal[str | None] = Field(default=None, description="what the CRM is to hold again, in its words")
    problem: Impersonal[str | None] = Field(default=None, description="code of why the CRM does not take the value")


class CrmWrite(SQLModel):
    """Something that a CRM is to be told. It holds ids; what it says is read when it is sent."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    connection_id: int
    link_id: int
    mql_id: int
    kind: CrmWriteKind = Field(sa_type=word(CrmWriteKind, closed=True))
    event_id: int | None = Field(default=None, description="of which a task or a note tells")
    state: CrmWriteState = Field(sa_type=word(CrmWriteState, closed=True))
    maybe_sent: bool = Field(default=False, description="it may have arrived: look before it is sent again")
    attempts: Impersonal[int] = 0
    next_attempt_at: datetime
    created_at: datetime
    done_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    error: Impersonal[str | None] = Field(default=None, description="code of why the last try failed")


class CrmConflict(SQLModel):
    """A field that was changed on both sides, until a person has said which value holds."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    link_id: int
    mql_id: int
    field: CrmField = Field(sa_type=word(CrmField))
    base_theirs: Impersonal[str | None] = None
    base_ours: Impersonal[str | None] = None
    theirs: Impersonal[str | None] = None
    ours: Impersonal[str | None] = None
    changed_by: Impersonal[str | None] = Field(default=None, description="Slack user id of who changed it in the CRM")
    opened_at: datetime
    decision: CrmDecision | None = Field(default=None, sa_type=word(CrmDecision, closed=True))
    decided_by: Impersonal[str | None] = Field(default=None, description="Slack user id; None: it settled itself")
    decided_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


crm_link = table(
    CrmLink,
    "crm_link",
    sa.ForeignKeyConstraint(["connection_id"], ["crm_connection.id"]),
    sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
    sa.UniqueConstraint("connection_id", "mql_id"),
    sa.CheckConstraint("look_up_at IS NULL OR record_id IS NULL", name="what_is_found_is_not_looked_for"),
    sa.Index("ix_crm_link_record", "connection_id", "record_id"),
    sa.Index("ix_crm_link_mql", "workspace_id", "mql_id"),
    partial("ix_crm_link_look_up", "connection_id", "look_up_at", where="look_up_at IS NOT NULL"),
    of_leads=True,
)
crm_shadow = table(
    CrmShadow,
    "crm_shadow",
    sa.ForeignKeyConstraint(["link_id"], ["crm_link.id"]),
    sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
    sa.UniqueConstraint("link_id", "field"),
    sa.CheckConstraint("is_sending OR sending IS NULL", name="sending_has_value"),
    of_leads=True,
)
crm_write = table(
    CrmWrite,
    "crm_write",
    sa.ForeignKeyConstraint(["connection_id"], ["crm_connection.id"]),
    sa.ForeignKeyConstraint(["link_id"], ["crm_link.id"]),
    sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
    sa.ForeignKeyConstraint(["event_id"], ["event.id"]),
    sa.UniqueConstraint("link_id", "kind", "event_id"),
    sa.CheckConstraint("(event_id IS NULL) = (kind = 'fields')", name="fields_tell_of_no_event"),
    sa.CheckConstraint("(done_at IS NULL) = (state NOT IN ('done', 'dropped'))", name="done_at_says_done"),
    partial("ix_crm_write_due", "connection_id", "next_attempt_at", where="state = 'pending'"),
    # Whatever changes before it is sent goes with it: one call for all fields of a record.
    partial("uq_crm_write_fields", "link_id", where="kind = 'fields' AND state = 'pending'", unique=True),
    of_leads=True,
)
crm_conflict = table(
    CrmConflict,
    "crm_conflict",
    sa.ForeignKeyConstraint(["link_id"], ["crm_link.id"]),
    sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
    sa.CheckConstraint("(decided_at IS NULL) = (decision IS NULL)", name="decided_at_says_decided"),
    partial("uq_crm_conflict_open", "link_id", "field", where="decided_at IS NULL", unique=True),
    sa.Index("ix_crm_conflict_mql", "workspace_id", "mql_id"),
    of_leads=True,
)
