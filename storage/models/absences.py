from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.columns import partial, table, word
from storage.vocabulary import AbsenceSource


class Absence(SQLModel):
    """A time for which a member is away, over, going on or still to come. Kept: it explains where the time of an MQL
    went. Half a day is told by its moments alone."""

    id: int = Field(primary_key=True)
    workspace_id: str
    user_id: str
    from_at: datetime
    until_at: datetime = Field(description="the first moment at which they are back")
    source: AbsenceSource = Field(
        default=AbsenceSource.PERSON,
        sa_type=word(AbsenceSource),
        sa_column_kwargs={"server_default": AbsenceSource.PERSON.value},
    )
    set_by: str | None = Field(default=None, description="Slack user id of whoever said so; None: no person")
    overruled_until: datetime | None = Field(
        default=None,
        sa_type=UTCDateTime,
        description="the end that its source still says, where a person came back before it: it is not taken up again",
    )
    next_at: datetime | None = Field(
        default=None,
        sa_type=UTCDateTime,
        description="when its beginning or end is to be dealt with; None: over",
    )


absence = table(
    Absence,
    "absence",
    sa.Index("ix_absence_member", "workspace_id", "user_id", "until_at"),
    # Each tick asks for what begins or ends: few of all.
    partial("ix_absence_next", "next_at", where="next_at IS NOT NULL"),
    of_leads=False,
)
