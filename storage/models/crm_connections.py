from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.columns import partial, strings, table, word
from storage.vocabulary import CrmKind, CrmState


class CrmConnection(SQLModel):
    """A CRM that the bot reads and writes, as somebody has connected it."""

    id: int = Field(primary_key=True)
    workspace_id: str
    kind: CrmKind = Field(sa_type=word(CrmKind))
    address: str = Field(description="scheme and host of its API")
    account: str = Field(description="whose it is, as the CRM calls it")
    record_url: str = Field(default="", description="web address of a record, with {id}")
    options: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON, description="answers that are no secrets")
    mapping: dict[str, Any] = Field(sa_type=sa.JSON, description="which property holds which fact, and whose it is")
    mapping_version: int = 1
    state: CrmState = Field(sa_type=word(CrmState, closed=True))
    cursor: str = Field(default="", description="the connector's own: how far it was read")
    event_mark: int = Field(default=0, description="the newest event of the log that was looked at")
    due_at: datetime = Field(description="when it is to be asked for changes next")
    read_at: datetime | None = Field(default=None, sa_type=UTCDateTime, description="when all changes were read last")
    noticed_at: datetime | None = Field(default=None, sa_type=UTCDateTime, description="the newest notice by webhook")
    wait_until: datetime | None = Field(default=None, sa_type=UTCDateTime, description="no call before")
    failure: str | None = Field(default=None, description="code of why it cannot be used; None: it can")
    failing_since: datetime | None = Field(default=None, sa_type=UTCDateTime)
    lacks: list[str] = Field(default_factory=list, sa_type=strings(), description="permissions that are missing")
    expires_at: datetime | None = Field(default=None, sa_type=UTCDateTime, description="when its credentials end")
    counted_on: str | None = Field(default=None, description="the newest day whose leads were compared")
    vanished: list[dict[str, Any]] = Field(
        default_factory=list, sa_type=sa.JSON, description="what that day's comparison found: day, counts, record ids"
    )
    described_at: datetime | None = Field(
        default=None, sa_type=UTCDateTime, description="when fields, users and permissions were read last"
    )
    drift: list[dict[str, Any]] = Field(
        default_factory=list,
        sa_type=sa.JSON,
        sa_column_kwargs={"server_default": "[]"},
        description="what was found changed then: word, field, names",
    )
    daily_calls: int | None = Field(default=None, description="how many the account may make; None: not known")
    calls: int = Field(default=0, description="made on the day of `calls_on`")
    calls_on: str | None = Field(default=None, description="day in UTC")
    lease: str | None = Field(default=None, description="which process works on it")
    lease_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_at: datetime


class CrmSecret(SQLModel):
    """What a connection logs in with. Two are valid while one takes the place of the other."""

    id: int = Field(primary_key=True)
    workspace_id: str
    connection_id: int
    sealed: str = Field(description="JSON of the credentials, encrypted with ENCRYPTION_KEYS")
    created_at: datetime


class CrmNotice(SQLModel):
    """A record of a CRM that is to be read soon: a webhook named it, or something in it comes true."""

    id: int = Field(primary_key=True)
    workspace_id: str
    connection_id: int
    record: str = Field(description="its id, with the kind of object where it is no person: deal:7")
    due_at: datetime


crm_connection = table(
    CrmConnection,
    "crm_connection",
    sa.CheckConstraint("(failure IS NULL) = (failing_since IS NULL)", name="failing_has_reason"),
    sa.CheckConstraint("(lease IS NULL) = (lease_until IS NULL)", name="a_lease_ends"),
    sa.CheckConstraint("(calls_on IS NULL) = (calls = 0)", name="calls_have_a_day"),
    # A kind may be connected anew once the connection before was taken away.
    partial("uq_crm_connection", "workspace_id", "kind", where="state = 'active'", unique=True),
    of_leads=False,
)
crm_secret = table(
    CrmSecret,
    "crm_secret",
    sa.ForeignKeyConstraint(["connection_id"], ["crm_connection.id"]),
    sa.Index("ix_crm_secret", "workspace_id", "connection_id"),
    of_leads=False,
)
crm_notice = table(
    CrmNotice,
    "crm_notice",
    sa.ForeignKeyConstraint(["connection_id"], ["crm_connection.id"]),
    sa.UniqueConstraint("connection_id", "record"),
    sa.Index("ix_crm_notice_due", "connection_id", "due_at"),
    of_leads=False,
)
