from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.columns import partial, table, word
from storage.vocabulary import UploadKind, UploadState


class Upload(SQLModel):
    """A file that somebody sent to the bot in Slack. The file itself stays there: nothing of a lead is stored here."""

    id: int = Field(primary_key=True)
    workspace_id: str
    state: UploadState = Field(sa_type=word(UploadState, closed=True))
    kind: UploadKind | None = Field(default=None, sa_type=word(UploadKind), description="None: it is not clear yet")
    by: str = Field(description="Slack user id")
    file_id: str = Field(description="Slack's id of the file")
    name: str = Field(default="", description="of the file; empty until it was fetched")
    reading: dict[str, Any] = Field(
        default_factory=dict, sa_type=sa.JSON, description="how a person wants it read; empty: as proposed"
    )
    summary: dict[str, Any] = Field(
        default_factory=dict, sa_type=sa.JSON, description="names of columns, counts and lines: no cell of a row"
    )
    import_id: int | None = Field(default=None, description="the run that it became")
    position: int = Field(default=0, description="rows that are dealt with")
    changes: int = Field(default=0, description="how often it was changed")
    created_at: datetime
    next_attempt_at: datetime | None = Field(
        default=None, sa_type=UTCDateTime, description="when a worker may take it up; None: a person is to decide"
    )


upload = table(
    Upload,
    "upload",
    sa.ForeignKeyConstraint(["import_id"], ["import_run.id"]),
    sa.CheckConstraint(
        "(next_attempt_at IS NOT NULL) = (state IN ('reading', 'importing', 'undoing'))", name="work_is_looked_for"
    ),
    partial("ix_upload_due", "workspace_id", "next_attempt_at", where="next_attempt_at IS NOT NULL"),
    of_leads=False,
)
