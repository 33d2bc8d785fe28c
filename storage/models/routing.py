from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.models.columns import table


class RoutingVersion(SQLModel):
    """The routes and pools as they were written at one time. Never changed; the newest counts."""

    id: int = Field(primary_key=True)
    workspace_id: str
    body: str = Field(sa_type=sa.Text, description="bot.core.routing.routes.Routing as JSON")
    at: datetime


class PoolStanding(SQLModel):
    """Where a member stands in a pool that has a name. In that of all reps they stand by their own row."""

    id: int = Field(primary_key=True)
    workspace_id: str
    pool: str
    user_id: str
    last_turn: int = 0
    balance: int = Field(default=0, sa_type=sa.BigInteger)


routing_version = table(
    RoutingVersion,
    "routing_version",
    sa.Index("ix_routing_version", "workspace_id", "id"),
    of_leads=False,
)
pool_standing = table(
    PoolStanding,
    "pool_standing",
    sa.UniqueConstraint("workspace_id", "pool", "user_id"),
    of_leads=False,
)
