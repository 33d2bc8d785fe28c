from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.columns import Impersonal, table, word
from storage.vocabulary import ImportKind, ImportState


class ImportRun(SQLModel):
    """One file that was imported. People call it by its id."""

    id: int = Field(primary_key=True)
    workspace_id: str
    kind: ImportKind = Field(sa_type=word(ImportKind))
    state: ImportState = Field(sa_type=word(ImportState, closed=True))
    digest: str = Field(description="SHA-256 of the file and of how it is read: the same again goes on")
    file: str = Field(description="its name, without the folder")
    position: int = Field(default=0, description="rows of the file that are dealt with")
    added: int = 0
    changed: int = 0
    started_at: datetime
    finished_at: datetime | None = Field(default=None, sa_type=UTCDateTime, description="done, or undone")


class ImportedRow(SQLModel):
    """A row of a file that was imported, so that the same row is known again."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    import_id: int
    key: Impersonal[str] = Field(description="hash of what tells the row from others; stays when its MQL is erased")
    content: Impersonal[str] = Field(description="hash of all that it says")
    mql_id: int


import_run = table(
    ImportRun,
    "import_run",
    sa.CheckConstraint("(finished_at IS NULL) = (state = 'running')", name="finished_unless_running"),
    sa.Index("ix_import_run_digest", "workspace_id", "digest"),
    of_leads=False,
)
imported_row = table(
    ImportedRow,
    "imported_row",
    sa.ForeignKeyConstraint(["import_id"], ["import_run.id"]),
    sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
    sa.UniqueConstraint("workspace_id", "key"),
    sa.Index("ix_imported_row_import", "import_id", "id"),
    sa.Index("ix_imported_row_mql", "mql_id"),
    of_leads=True,
)
