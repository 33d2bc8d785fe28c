from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.columns import strings, table, word
from storage.vocabulary import Locale, Role


class Member(SQLModel):
    """A person of the roster. Never deleted: the log names them for ever."""

    id: int = Field(primary_key=True)
    workspace_id: str
    user_id: str = Field(description="Slack user id, U…")
    name: str
    email: str | None = Field(default=None, description="as Slack's profile has it: never a lead's")
    locale: Locale | None = Field(default=None, sa_type=word(Locale), description="None: as set in Slack")
    slack_locale: Locale | None = Field(default=None, sa_type=word(Locale), description="None: the workspace's")
    roles: list[str] = Field(sa_type=strings())
    manager_user_id: str | None = None
    active: bool = True
    deactivated: bool = Field(default=False, description="Slack says that the account is closed")
    hours: dict[str, list[str]] | None = Field(
        default=None, sa_type=sa.JSON(none_as_null=True), description="by weekday; None: the team's"
    )
    timezone: str | None = Field(default=None, description="None: the workspace's")
    away_until: datetime | None = Field(
        default=None,
        sa_type=UTCDateTime,
        description="the end of the absence that goes on, of table absence: written with its begin and end",
    )
    digest_personal: bool | None = Field(
        default=None, description="their own week by message; None: as the team has it"
    )
    last_turn: int = Field(default=0, description="id of the last assignment decision that chose this member")
    balance: int = Field(
        default=0, sa_type=sa.BigInteger, description="turns had less turns due, in the units of the ledger"
    )
    lapses: int = Field(
        default=0,
        sa_column_kwargs={"server_default": "0"},
        description="response deadlines in a row that passed while they had the MQL",
    )
    turns_paused_at: datetime | None = Field(
        default=None, sa_type=UTCDateTime, description="since when a leader gives them no new MQLs"
    )
    refreshed_at: datetime | None = Field(
        default=None, sa_type=UTCDateTime, description="when the Slack profile was last read"
    )

    def has(self, *roles: Role) -> bool:
        """Return whether an active member holds any of the roles."""
        return self.active and any(role in self.roles for role in roles)


member = table(
    Member,
    "member",
    sa.UniqueConstraint("workspace_id", "user_id"),
    of_leads=False,
)
