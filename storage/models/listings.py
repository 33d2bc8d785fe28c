import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.models.columns import Impersonal, table


class Listing(SQLModel):
    """An MQL that a message about several of them names, so that a change of the MQL finds the message."""

    outbox_id: int = Field(primary_key=True)
    mql_id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]


listing = table(
    Listing,
    "listing",
    sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"]),
    sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
    sa.Index("ix_listing_mql", "mql_id"),
    of_leads=True,
)
