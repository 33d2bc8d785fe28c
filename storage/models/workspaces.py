from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.models.columns import table, word
from storage.vocabulary import Locale, OutcomesTold, OwnerTold


class Workspace(SQLModel):
    """One Slack workspace and how it works with this bot."""

    id: str = Field(primary_key=True, description="Slack team id, T…")
    name: str
    url: str | None = Field(default=None, description="https://example.slack.com/, as Slack told at the last start")
    bot_user_id: str | None = Field(default=None, description="likewise: who we are in this workspace")
    bot_id: str | None = None
    locale: Locale = Field(sa_type=word(Locale))
    timezone: str
    mql_channel: str
    intake_channel: str | None = None
    marketing_channel: str | None = Field(default=None, description="where marketing hears what became of MQLs")
    outcomes_told: OutcomesTold = Field(default=OutcomesTold.EACH, sa_type=word(OutcomesTold))
    outcomes_time: str = Field(default="17:00", description="HH:MM in the workspace's timezone, where told daily")
    intake_cursor: str | None = Field(default=None, description="ts of the newest intake message dealt with")
    digest_weekday: int = Field(description="0 is Monday")
    digest_time: str = Field(description="HH:MM in the workspace's timezone")
    digest_personal: bool = Field(default=True, description="whether reps who have not chosen get their own week")
    goals: dict[str, float] = Field(default_factory=dict, sa_type=sa.JSON, description="core.goals.Goals, what is set")
    policy_id: int | None = None
    erase_after_days: int | None = Field(default=None, description="how long closed MQLs name their person")
    anew_after_days: int = Field(default=90, description="after which a qualified lead that is back is a new MQL")
    webhook_url: str | None = Field(default=None, description="which tool is told of every change of an MQL")
    meeting_weekday: int | None = Field(
        default=None, description="of marketing and sales; 0 is Monday; None: not planned"
    )
    meeting_time: str | None = Field(default=None, description="HH:MM in the workspace's timezone")
    meeting_channel: str | None = Field(default=None, description="where its agenda goes, an hour before")
    daily_messages: int = Field(description="direct messages to one person in a day, before reminders wait")
    queue_hours: int | None = Field(
        default=None, description="open hours in which marketing deals with what could not be read; None: 4"
    )
    owner_told: OwnerTold = Field(
        default=OwnerTold.DM,
        sa_type=word(OwnerTold),
        sa_column_kwargs={"server_default": "dm"},
        description="how an owner hears of a new MQL",
    )
    last_number: int = 0
    settings_version: int = Field(
        default=0, sa_column_kwargs={"server_default": "0"}, description="counts every save of the settings"
    )
    settings_by: str | None = Field(default=None, description="who saved last; None: the command line, or nobody yet")
    settings_at: datetime | None = None
    created_at: datetime


workspace = table(
    Workspace,
    "workspace",
    sa.CheckConstraint("digest_weekday BETWEEN 0 AND 6", name="digest_weekday_in_week"),
    sa.CheckConstraint("erase_after_days > 0", name="erased_after_a_day_at_least"),
    sa.CheckConstraint("anew_after_days > 0", name="anew_after_a_day_at_least"),
    sa.CheckConstraint("meeting_weekday BETWEEN 0 AND 6", name="meeting_weekday_in_week"),
    sa.CheckConstraint(
        "(meeting_weekday IS NULL) = (meeting_time IS NULL) AND (meeting_weekday IS NULL) = (meeting_channel IS NULL)",
        name="meeting_planned_or_not",
    ),
    sa.CheckConstraint("daily_messages > 0", name="a_message_a_day_at_least"),
    sa.CheckConstraint("queue_hours > 0", name="an_hour_for_the_queue_at_least"),
    of_leads=False,
)
