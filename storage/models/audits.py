from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.models.columns import Impersonal, WithRow, table, word
from storage.vocabulary import AuditKind, Door


class Audit(SQLModel):
    """An entry of the audit log: what somebody changed that is no MQL. Only added, and never a secret in it."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    at: datetime
    kind: AuditKind = Field(sa_type=word(AuditKind))
    door: Door = Field(sa_type=word(Door))
    by: Impersonal[str | None] = Field(default=None, description="Slack user id; None: nobody in Slack")
    machine_user: Impersonal[str | None] = Field(
        default=None, description="who was logged in where the command line ran, as that machine names them"
    )
    subject: WithRow[str | None] = Field(default=None, description="key of the setting, user id, name of the source, …")
    before: WithRow[dict[str, Any] | None] = Field(default=None, sa_type=sa.JSON(none_as_null=True))
    after: WithRow[dict[str, Any] | None] = Field(default=None, sa_type=sa.JSON(none_as_null=True))


audit = table(
    Audit,
    "audit",
    sa.CheckConstraint("by IS NULL OR machine_user IS NULL", name="done_by_one"),
    sa.Index("ix_audit_newest", "workspace_id", "id"),
    sa.Index("ix_audit_at", "workspace_id", "at"),
    of_leads=True,
)
