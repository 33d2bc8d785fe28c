import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.models.columns import DeletedWithMql, Impersonal, table, word
from storage.vocabulary import IdentifierKind


class Identifier(SQLModel):
    """Something by which the person of an MQL is found again: an MQL may have addresses, and ids of several tools."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    mql_id: int
    kind: IdentifierKind = Field(sa_type=word(IdentifierKind))
    system: Impersonal[str] = Field(description="the tool whose id it is; empty for any other kind")
    value: DeletedWithMql[str]


identifier = table(
    Identifier,
    "identifier",
    sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
    sa.UniqueConstraint("mql_id", "kind", "system", "value"),
    sa.CheckConstraint("(system <> '') = (kind = 'record')", name="record_has_system"),
    sa.Index("ix_identifier_value", "workspace_id", "value", "mql_id"),
    of_leads=True,
)
