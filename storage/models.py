"""The tables. Constraints forbid impossible states; queries live beside this file, by noun.

Each noun is a plain SQLModel (what a query returns, typed) and a table model of the same columns. Queries are
SQLAlchemy Core statements on the tables, because ORM objects cost almost half of an interaction's time and invite
whole-row saves that overwrite what another request has changed meanwhile.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.vocabulary import (
    ActionStep,
    AlertKind,
    AskWhy,
    ClockKind,
    ClockStanding,
    ClockState,
    DealOutcome,
    Disposition,
    EventType,
    Evidence,
    Locale,
    MessageKind,
    OutboundState,
    OutboxState,
    OutcomesTold,
    ReceiptKind,
    ReportKind,
    Role,
    Source,
    Status,
    UnreadableState,
)

CLOSED = (Status.DISQUALIFIED, Status.RECYCLED, Status.WITHDRAWN)
DISPOSED = (Status.QUALIFIED, *CLOSED)
UNDECIDED = tuple(status for status in Status if status not in DISPOSED)
"""Named rather than excluded in queries: so an index finds them, who are few among all."""
WITH_SALES = f"status NOT IN ({', '.join(repr(status.value) for status in CLOSED)})"


def _word(words: type[StrEnum], *, closed: bool = False) -> Any:
    """A column that holds one of `words`. `closed`: the database itself refuses any other (a later word then
    needs a migration, so this is for words that decide what may happen next)."""
    return sa.Enum(
        words,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=closed,
        length=32,
        name=f"{words.__name__.lower()}_known",
    )


def _strings() -> Any:
    return sa.JSON()


class Workspace(SQLModel):
    """One Slack workspace and how it works with this bot."""

    id: str = Field(primary_key=True, description="Slack team id, T…")
    name: str
    url: str | None = Field(default=None, description="https://example.slack.com/, as Slack told at the last start")
    bot_user_id: str | None = Field(default=None, description="likewise: who we are in this workspace")
    bot_id: str | None = None
    locale: Locale = Field(sa_type=_word(Locale))
    timezone: str
    mql_channel: str
    intake_channel: str | None = None
    marketing_channel: str | None = Field(default=None, description="where marketing hears what became of MQLs")
    outcomes_told: OutcomesTold = Field(default=OutcomesTold.EACH, sa_type=_word(OutcomesTold))
    outcomes_time: str = Field(default="17:00", description="HH:MM in the workspace's timezone, where told daily")
    intake_cursor: str | None = Field(default=None, description="ts of the newest intake message dealt with")
    digest_weekday: int = Field(description="0 is Monday")
    digest_time: str = Field(description="HH:MM in the workspace's timezone")
    digest_personal: bool = Field(default=True, description="whether reps who have not chosen get their own week")
    goals: dict[str, float] = Field(default_factory=dict, sa_type=sa.JSON, description="core.goals.Goals, what is set")
    policy_id: int | None = None
    erase_after_days: int | None = Field(default=None, description="how long closed MQLs name their person")
    webhook_url: str | None = Field(default=None, description="which tool is told of every change of an MQL")
    meeting_weekday: int | None = Field(
        default=None, description="of marketing and sales; 0 is Monday; None: not planned"
    )
    meeting_time: str | None = Field(default=None, description="HH:MM in the workspace's timezone")
    meeting_channel: str | None = Field(default=None, description="where its agenda goes, an hour before")
    daily_messages: int = Field(description="direct messages to one person in a day, before reminders wait")
    last_number: int = 0
    created_at: datetime


class WorkspaceRow(Workspace, table=True):
    __tablename__ = "workspace"
    __table_args__ = (
        sa.CheckConstraint("digest_weekday BETWEEN 0 AND 6", name="digest_weekday_in_week"),
        sa.CheckConstraint("erase_after_days > 0", name="erased_after_a_day_at_least"),
        sa.CheckConstraint("meeting_weekday BETWEEN 0 AND 6", name="meeting_weekday_in_week"),
        sa.CheckConstraint(
            "(meeting_weekday IS NULL) = (meeting_time IS NULL)"
            " AND (meeting_weekday IS NULL) = (meeting_channel IS NULL)",
            name="meeting_planned_or_not",
        ),
        sa.CheckConstraint("daily_messages > 0", name="a_message_a_day_at_least"),
    )


class Member(SQLModel):
    """A person of the roster. Never deleted: the log names them for ever."""

    id: int = Field(primary_key=True)
    workspace_id: str
    user_id: str = Field(description="Slack user id, U…")
    name: str
    locale: Locale | None = Field(default=None, sa_type=_word(Locale), description="None: as set in Slack")
    slack_locale: Locale | None = Field(default=None, sa_type=_word(Locale), description="None: the workspace's")
    roles: list[str] = Field(sa_type=_strings())
    manager_user_id: str | None = None
    active: bool = True
    deactivated: bool = Field(default=False, description="Slack says that the account is closed")
    away_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    digest_personal: bool | None = Field(
        default=None, description="their own week by message; None: as the team has it"
    )
    last_turn: int = Field(default=0, description="id of the last assignment decision that chose this member")
    refreshed_at: datetime | None = Field(
        default=None, sa_type=UTCDateTime, description="when the Slack profile was last read"
    )

    def has(self, *roles: Role) -> bool:
        """Whether an active member holds any of the roles."""
        return self.active and any(role in self.roles for role in roles)


class MemberRow(Member, table=True):
    __tablename__ = "member"
    __table_args__ = (sa.UniqueConstraint("workspace_id", "user_id"),)


class Absence(SQLModel):
    """A time for which a member gets no new MQLs. Kept: it explains where the time of an MQL went."""

    id: int = Field(primary_key=True)
    workspace_id: str
    user_id: str
    from_at: datetime
    until_at: datetime


class AbsenceRow(Absence, table=True):
    __tablename__ = "absence"
    __table_args__ = (sa.Index("ix_absence_member", "workspace_id", "user_id", "until_at"),)


class LostReason(SQLModel):
    """Why an MQL was disqualified, in both languages. Switched off rather than deleted: old feedback names it."""

    workspace_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    position: int
    ja: str
    en: str
    comment_required: bool = False
    unfit: bool = Field(default=False, description="says that the lead should never have become an MQL")
    active: bool = True

    def label(self, locale: Locale) -> str:
        """The reason's name in the reader's language."""
        return self.ja if locale == Locale.JA else self.en


class LostReasonRow(LostReason, table=True):
    __tablename__ = "lost_reason"


class PolicyVersion(SQLModel):
    """One version of the SLA. Never changed: a clock keeps the version it started with."""

    id: int = Field(primary_key=True)
    workspace_id: str
    version: int
    body: dict[str, Any] = Field(sa_type=sa.JSON)
    timezone: str = Field(description="in which its calendar counts days; pinned with it")
    holidays: dict[str, Any] = Field(sa_type=sa.JSON, description="the public holidays by code, as known at that time")
    created_at: datetime


class PolicyVersionRow(PolicyVersion, table=True):
    __tablename__ = "policy_version"
    __table_args__ = (sa.UniqueConstraint("workspace_id", "version"),)


class Mql(SQLModel):
    """A lead that marketing handed to sales, and where it stands."""

    id: int = Field(primary_key=True)
    workspace_id: str
    number: int = Field(description="What people call it: #12")
    source: Source = Field(sa_type=_word(Source))
    external_id: str | None = None
    company: str | None = None
    person: str | None = None
    title: str | None = None
    email: str | None = None
    phone: str | None = None
    channel: str | None = Field(default=None, description="marketing channel")
    campaign: str | None = None
    form: str | None = None
    score: int | None = None
    score_reason: str | None = None
    message: str | None = None
    crm_url: str | None = None
    attributes: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    status: Status = Field(sa_type=_word(Status, closed=True))
    owner: str | None = Field(default=None, description="Slack user id")
    offered: bool = Field(default=False, description="the owner has not answered, and any rep may take it")
    received_at: datetime
    accepted_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    contacted_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    contact_evidence: Evidence | None = Field(default=None, sa_type=_word(Evidence), description="how that is known")
    disposed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    outcome: DealOutcome | None = Field(
        default=None, sa_type=_word(DealOutcome, closed=True), description="of the opportunity, once it is decided"
    )
    outcome_at: datetime | None = Field(
        default=None,
        sa_type=UTCDateTime,
        description="the start of the day of the decision, in the workspace's timezone",
    )
    amount: int | None = Field(default=None, sa_type=sa.BigInteger, description="of the deal that was won or lost")
    ask_at: datetime | None = Field(
        default=None, sa_type=UTCDateTime, description="when the owner is asked once more what became of it"
    )
    ask_why: AskWhy | None = Field(default=None, sa_type=_word(AskWhy))
    disputed_at: datetime | None = Field(
        default=None, sa_type=UTCDateTime, description="since when marketing disputes that it is disqualified; open"
    )
    erased_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    was_contactable: bool = Field(default=False, description="an e-mail address or a phone number was erased")

    @property
    def disposed(self) -> bool:
        """Whether it is over: sales has said what became of it, or it was withdrawn."""
        return self.status in DISPOSED

    @property
    def awaits_outcome(self) -> bool:
        """Whether it has been accepted and sales has not said yet what became of it."""
        return self.status in (Status.ACCEPTED, Status.CONTACTED)

    @property
    def withdrawn_by_erasure(self) -> bool:
        """Whether it was open when its person was erased. One that was withdrawn before is erased later."""
        return self.status == Status.WITHDRAWN and self.erased_at == self.disposed_at

    @property
    def contactable(self) -> bool:
        """Whether the lead came with an e-mail address or a phone number, which may have been erased since."""
        return bool(self.email or self.phone or self.was_contactable)


class MqlRow(Mql, table=True):
    __tablename__ = "mql"
    __table_args__ = (
        sa.UniqueConstraint("workspace_id", "number"),
        sa.CheckConstraint(
            "status = 'withdrawn' OR (owner IS NULL) = (status = 'unassigned')", name="owned_unless_unassigned"
        ),
        sa.CheckConstraint(
            "(disposed_at IS NULL) = (status IN ('unassigned', 'assigned', 'accepted', 'contacted'))",
            name="disposed_at_says_disposed",
        ),
        sa.CheckConstraint("status <> 'contacted' OR contacted_at IS NOT NULL", name="contacted_has_time"),
        sa.CheckConstraint("contacted_at IS NULL OR accepted_at IS NOT NULL", name="contact_implies_acceptance"),
        sa.CheckConstraint("(contact_evidence IS NULL) = (contacted_at IS NULL)", name="contact_has_evidence"),
        sa.CheckConstraint("(outcome IS NULL) = (outcome_at IS NULL)", name="outcome_has_day"),
        sa.CheckConstraint("outcome IS NULL OR status = 'qualified'", name="outcome_of_qualified"),
        sa.CheckConstraint("(outcome IS NULL OR outcome <> 'won') OR amount IS NOT NULL", name="won_has_amount"),
        sa.CheckConstraint("amount IS NULL OR (amount >= 0 AND outcome IS NOT NULL)", name="amount_of_outcome"),
        sa.CheckConstraint("(ask_at IS NULL) = (ask_why IS NULL)", name="asked_for_a_reason"),
        sa.CheckConstraint("ask_at IS NULL OR erased_at IS NULL", name="nobody_is_asked_of_an_erased_one"),
        sa.CheckConstraint(
            "disputed_at IS NULL OR (status = 'disqualified' AND erased_at IS NULL)", name="disputed_is_disqualified"
        ),
        sa.CheckConstraint("erased_at IS NULL OR disposed_at IS NOT NULL", name="erased_is_over"),
        sa.CheckConstraint(
            "erased_at IS NULL OR COALESCE(external_id, person, title, email, phone, score_reason, message, crm_url)"
            " IS NULL",
            name="erased_names_nobody",
        ),
        # With the day, for the opportunities of a month; it is written together with the status anyway.
        sa.Index("ix_mql_status", "workspace_id", "status", "disposed_at"),
        # Each tick asks which workspaces have any: they are few among all that are open. With the status in it, though
        # it is always the same, SQLite finds everything in the index and takes it.
        sa.Index(
            "ix_mql_unassigned",
            "workspace_id",
            "status",
            sqlite_where=sa.text("status = 'unassigned'"),
            postgresql_where=sa.text("status = 'unassigned'"),
        ),
        sa.Index("ix_mql_received", "workspace_id", "received_at"),
        sa.Index("ix_mql_email", "workspace_id", "email"),
        sa.Index(
            "ix_mql_disposed",
            "workspace_id",
            "disposed_at",
            sqlite_where=sa.text("erased_at IS NULL"),
            postgresql_where=sa.text("erased_at IS NULL"),
        ),
        sa.Index(
            "ix_mql_ask",
            "ask_at",
            sqlite_where=sa.text("ask_at IS NOT NULL"),
            postgresql_where=sa.text("ask_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_mql_disputed",
            "workspace_id",
            "disputed_at",
            sqlite_where=sa.text("disputed_at IS NOT NULL"),
            postgresql_where=sa.text("disputed_at IS NOT NULL"),
        ),
        # Two requests may bring the same lead at the same instant: the second must fail here, not make a twin.
        sa.Index(
            "uq_mql_open_external_id",
            "workspace_id",
            "source",
            "external_id",
            unique=True,
            sqlite_where=sa.text(WITH_SALES),
            postgresql_where=sa.text(WITH_SALES),
        ),
        sa.Index(
            "ix_mql_external_id",
            "workspace_id",
            "source",
            "external_id",
            sqlite_where=sa.text("external_id IS NOT NULL"),
            postgresql_where=sa.text("external_id IS NOT NULL"),
        ),
    )


class Event(SQLModel):
    """Something that happened to an MQL. `at` is when it was true, `recorded_at` when it was written down."""

    id: int = Field(primary_key=True)
    workspace_id: str
    mql_id: int
    type: EventType = Field(sa_type=_word(EventType))
    at: datetime
    recorded_at: datetime
    actor: str | None = Field(default=None, description="Slack user id; None: the bot")
    before: str | None = None
    after: str | None = None
    reason: str | None = None
    data: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)


class EventRow(Event, table=True):
    __tablename__ = "event"
    __table_args__ = (
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
        sa.Index("ix_event_mql", "mql_id", "id"),
        sa.Index("ix_event_type", "workspace_id", "type", "at"),
    )


class Assignment(SQLModel):
    """One decision who gets an MQL, with everyone who was considered and why they were skipped."""

    id: int = Field(primary_key=True)
    workspace_id: str
    mql_id: int
    chosen: str | None = None
    considered: list[dict[str, Any]] = Field(sa_type=sa.JSON)
    turn: bool = Field(default=False, description="whether it counts as a turn of the chosen one")
    at: datetime


class AssignmentRow(Assignment, table=True):
    __tablename__ = "assignment"
    __table_args__ = (
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
        sa.Index("ix_assignment_mql", "mql_id"),
        sa.Index("ix_assignment_chosen", "workspace_id", "chosen", "id"),
    )


class Clock(SQLModel):
    """A running, paused or stopped SLA clock. `step` counts the checkpoints that have fired."""

    id: int = Field(primary_key=True)
    workspace_id: str
    mql_id: int
    kind: ClockKind = Field(sa_type=_word(ClockKind))
    policy_id: int
    tier: str | None = Field(default=None, description="of that policy; None: outside of any")
    started_at: datetime
    soon_at: datetime = Field(description="due soon from here on")
    due_at: datetime
    breach_at: datetime = Field(description="the deadline and the grace after it: late from here on")
    breached_at: datetime | None = Field(
        default=None, sa_type=UTCDateTime, description="the first breach, once it is written down; kept by a restart"
    )
    next_check_at: datetime | None = Field(
        default=None, sa_type=UTCDateTime, description="the next checkpoint; of a paused clock the end of the pause"
    )
    round: int = Field(default=0, description="grows when the checkpoints begin anew: new owner, other policy")
    step: int = 0
    round_from: datetime = Field(description="the start, or the reassignment that restarted it")
    counted_from: datetime = Field(description="the start of the round, or the end of the last pause")
    counted_us: int = Field(default=0, sa_type=sa.BigInteger, description="open microseconds before counted_from")
    paused_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    state: ClockState = Field(sa_type=_word(ClockState, closed=True))
    stopped_at: datetime | None = Field(default=None, sa_type=UTCDateTime)

    def standing(self, now: datetime) -> ClockStanding:
        """How the clock stands at a moment that is not before its last change."""
        if self.state != ClockState.RUNNING:
            return ClockStanding(self.state)
        if now >= self.breach_at:
            return ClockStanding.BREACHED
        return ClockStanding.DUE_SOON if now >= self.soon_at else ClockStanding.RUNNING


class ClockRow(Clock, table=True):
    __tablename__ = "clock"
    __table_args__ = (
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
        sa.ForeignKeyConstraint(["policy_id"], ["policy_version.id"]),
        sa.UniqueConstraint("mql_id", "kind"),
        sa.CheckConstraint("(stopped_at IS NULL) = (state IN ('running', 'paused'))", name="stopped_at_says_stopped"),
        sa.CheckConstraint("next_check_at IS NULL OR stopped_at IS NULL", name="stopped_clocks_are_not_checked"),
        sa.CheckConstraint("(paused_at IS NULL) = (state <> 'paused')", name="paused_at_says_paused"),
        sa.CheckConstraint("state <> 'paused' OR next_check_at IS NOT NULL", name="a_pause_ends"),
        sa.CheckConstraint("state <> 'met' OR breached_at IS NULL", name="met_was_not_breached"),
        sa.CheckConstraint("breach_at >= due_at", name="grace_not_negative"),
        sa.Index(
            "ix_clock_due",
            "next_check_at",
            sqlite_where=sa.text("next_check_at IS NOT NULL"),
            postgresql_where=sa.text("next_check_at IS NOT NULL"),
        ),
        # For the reports; most clocks never come in.
        sa.Index(
            "ix_clock_breached",
            "workspace_id",
            "breached_at",
            sqlite_where=sa.text("breached_at IS NOT NULL"),
            postgresql_where=sa.text("breached_at IS NOT NULL"),
        ),
    )


class Feedback(SQLModel):
    """What sales said of an MQL. A correction is a new row; the newest counts."""

    id: int = Field(primary_key=True)
    workspace_id: str
    mql_id: int
    disposition: Disposition = Field(sa_type=_word(Disposition, closed=True))
    lost_reason: str | None = None
    comment: str | None = None
    amount: int | None = Field(default=None, sa_type=sa.BigInteger, description="yen, or the team's currency")
    next_step: str | None = None
    recycle_on: str | None = Field(default=None, description="ISO date to come back to the lead")
    by: str
    at: datetime


class FeedbackRow(Feedback, table=True):
    __tablename__ = "feedback"
    __table_args__ = (
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
        sa.CheckConstraint(
            "(disposition = 'disqualified') = (lost_reason IS NOT NULL)", name="disqualified_has_reason"
        ),
        sa.CheckConstraint("amount IS NULL OR amount >= 0", name="amount_not_negative"),
        sa.Index("ix_feedback_mql", "mql_id", "id"),
    )


class Outbox(SQLModel):
    """A message that is to reach Slack. It holds ids, never rendered text."""

    id: int = Field(primary_key=True)
    workspace_id: str
    key: str = Field(description="unique in the workspace; also in the message's metadata")
    kind: MessageKind = Field(sa_type=_word(MessageKind))
    target: str = Field(description="Slack channel or user id; rows of one target go in order")
    mql_id: int | None = None
    event_id: int | None = None
    parent_id: int | None = Field(default=None, description="the row that this edits or answers in a thread")
    data: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    state: OutboxState = Field(sa_type=_word(OutboxState, closed=True))
    attempts: int = 0
    maybe_sent: bool = Field(default=False, description="a call went out and no answer came back")
    after_ts: str | None = Field(
        default=None, description="Slack's ts of our newest message in the conversation when this was first taken"
    )
    due_at: datetime = Field(description="when it was to go out; failed attempts do not move it")
    next_attempt_at: datetime
    lease_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_at: datetime
    sent_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    channel: str | None = Field(default=None, description="where Slack put it; for a user id the DM's id")
    ts: str | None = None
    error: str | None = None


UNSENT = "state IN ('pending', 'sending')"
UNDELIVERED = "state IN ('pending', 'sending', 'dead')"
WAITING_EDIT = "state = 'pending' AND kind = 'edit'"
TOLD = "state = 'sent' AND kind NOT IN ('edit', 'private', 'note')"
# Messages about several MQLs, which are about none of them in particular.
LISTS = "kind IN ('held', 'digest', 'outcomes', 'meeting', 'own_week')"


class OutboxRow(Outbox, table=True):
    __tablename__ = "outbox"
    __table_args__ = (
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"]),
        sa.ForeignKeyConstraint(["parent_id"], ["outbox.id"]),
        sa.UniqueConstraint("workspace_id", "key"),
        sa.CheckConstraint("(lease_until IS NULL) = (state <> 'sending')", name="only_sending_is_leased"),
        sa.CheckConstraint("(sent_at IS NULL) = (state <> 'sent')", name="sent_at_says_sent"),
        sa.Index("ix_outbox_mql", "mql_id"),
        sa.Index(
            "ix_outbox_edits",
            "workspace_id",
            "parent_id",
            sqlite_where=sa.text(WAITING_EDIT),
            postgresql_where=sa.text(WAITING_EDIT),
        ),
        sa.Index(
            "ix_outbox_lists",
            "workspace_id",
            "created_at",
            sqlite_where=sa.text(LISTS),
            postgresql_where=sa.text(LISTS),
        ),
        sa.Index(
            "ix_outbox_unsent",
            "workspace_id",
            "target",
            "id",
            sqlite_where=sa.text(UNSENT),
            postgresql_where=sa.text(UNSENT),
        ),
        sa.Index(
            "ix_outbox_sending",
            "workspace_id",
            "target",
            sqlite_where=sa.text("state = 'sending'"),
            postgresql_where=sa.text("state = 'sending'"),
        ),
        # How many direct messages somebody has had today: asked before each reminder.
        sa.Index(
            "ix_outbox_told",
            "workspace_id",
            "target",
            "sent_at",
            sqlite_where=sa.text(TOLD),
            postgresql_where=sa.text(TOLD),
        ),
        # How many wait or were refused, and since when: asked at every scrape and every look of the watch.
        sa.Index(
            "ix_outbox_undelivered",
            "workspace_id",
            "state",
            "due_at",
            sqlite_where=sa.text(UNDELIVERED),
            postgresql_where=sa.text(UNDELIVERED),
        ),
    )


class Outbound(SQLModel):
    """An event that the workspace's webhook is to be told of. It holds ids; what it says is read when it is sent."""

    id: int = Field(primary_key=True)
    workspace_id: str
    mql_id: int
    event_id: int
    webhook_id: str = Field(description="the same at every try, so that a receiver knows what it has had")
    state: OutboundState = Field(sa_type=_word(OutboundState, closed=True))
    attempts: int = 0
    next_attempt_at: datetime
    lease_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_at: datetime
    sent_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    error: str | None = Field(default=None, description="why the last try failed")


class OutboundRow(Outbound, table=True):
    __tablename__ = "outbound"
    __table_args__ = (
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"]),
        sa.UniqueConstraint("event_id"),
        sa.UniqueConstraint("workspace_id", "webhook_id"),
        sa.CheckConstraint("(lease_until IS NULL) = (state <> 'sending')", name="only_sending_is_leased"),
        sa.CheckConstraint("(sent_at IS NULL) = (state <> 'sent')", name="sent_at_says_sent"),
        sa.Index(
            "ix_outbound_unsent",
            "workspace_id",
            "mql_id",
            "id",
            sqlite_where=sa.text(UNSENT),
            postgresql_where=sa.text(UNSENT),
        ),
        sa.Index(
            "ix_outbound_dead",
            "workspace_id",
            "state",
            sqlite_where=sa.text("state = 'dead'"),
            postgresql_where=sa.text("state = 'dead'"),
        ),
    )


class Lane(SQLModel):
    """One Slack conversation's pace: no call to it before next_at (about one a second). Or, under a name in small
    letters, a workspace's budget of calls: spent until next_at."""

    workspace_id: str = Field(primary_key=True)
    target: str = Field(primary_key=True)
    next_at: datetime
    newest_ts: str = Field(default="0", description="Slack's ts of our newest message there")


class LaneRow(Lane, table=True):
    __tablename__ = "lane"


class Receipt(SQLModel):
    """Proof that something from outside was dealt with, and what was answered, so that a repeat changes nothing."""

    workspace_id: str = Field(primary_key=True)
    kind: ReceiptKind = Field(sa_type=_word(ReceiptKind), primary_key=True)
    key: str = Field(primary_key=True)
    at: datetime
    answer: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)


class ReceiptRow(Receipt, table=True):
    __tablename__ = "receipt"


class Unreadable(SQLModel):
    """A message of the intake channel that could not be read as a lead; a person decides."""

    id: int = Field(primary_key=True)
    workspace_id: str
    channel: str
    ts: str
    reason: str
    found: list[str] = Field(sa_type=_strings())
    state: UnreadableState = Field(sa_type=_word(UnreadableState, closed=True))
    mql_id: int | None = None
    at: datetime
    closed_by: str | None = None


class UnreadableRow(Unreadable, table=True):
    __tablename__ = "unreadable"
    __table_args__ = (
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
        sa.UniqueConstraint("workspace_id", "channel", "ts"),
        sa.CheckConstraint("(mql_id IS NOT NULL) = (state = 'entered')", name="entered_has_mql"),
    )


class ReportDue(SQLModel):
    """One report of one period: due once, made once."""

    id: int = Field(primary_key=True)
    workspace_id: str
    kind: ReportKind = Field(sa_type=_word(ReportKind))
    period: str = Field(description="2026-W47, 2026-10: the ISO week or the month that the report is about")
    due_at: datetime
    done_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class ReportDueRow(ReportDue, table=True):
    __tablename__ = "report_due"
    __table_args__ = (
        sa.UniqueConstraint("workspace_id", "kind", "period"),
        sa.Index(
            "ix_report_due",
            "due_at",
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        ),
    )


class Heartbeat(SQLModel):
    """When a process that ticks last did so."""

    workspace_id: str = Field(primary_key=True)
    process: str = Field(primary_key=True, description="host name and process id")
    version: str
    started_at: datetime
    ticked_at: datetime


class HeartbeatRow(Heartbeat, table=True):
    __tablename__ = "heartbeat"


class Alert(SQLModel):
    """A condition that the admins are told of once when it begins and once when it is over."""

    id: int = Field(primary_key=True)
    workspace_id: str
    kind: AlertKind = Field(sa_type=_word(AlertKind))
    subject: str = Field(description='what it is about: a user id, a source, an error; "" where there is only one')
    data: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    told: list[str] = Field(sa_type=_strings(), description="user ids of those who got a message")
    opened_at: datetime
    closed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class AlertRow(Alert, table=True):
    __tablename__ = "alert"
    __table_args__ = (
        # Several processes watch: the second to notice must not tell it again.
        sa.Index(
            "uq_alert_open",
            "workspace_id",
            "kind",
            "subject",
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
    )


class KpiTarget(SQLModel):
    """A revenue target and what it was worked back with. Never changed: another target is another row."""

    id: int = Field(primary_key=True)
    workspace_id: str
    revenue: int = Field(sa_type=sa.BigInteger, description="yen, or the team's currency")
    deal: int = Field(sa_type=sa.BigInteger, description="what one win brings on average")
    first_month: str = Field(description="2027-04")
    months: int
    rates: dict[str, Any] = Field(sa_type=sa.JSON, description="win, opportunity, mql: as they were known then")
    lead_days: list[int] = Field(sa_type=sa.JSON, description="lead to MQL, MQL to opportunity, opportunity to win")
    by: str = Field(description="Slack user id")
    at: datetime


class KpiTargetRow(KpiTarget, table=True):
    __tablename__ = "kpi_target"
    __table_args__ = (
        sa.CheckConstraint("revenue > 0 AND deal > 0", name="target_and_deal_are_money"),
        sa.CheckConstraint("months BETWEEN 1 AND 24", name="months_to_plan"),
        sa.Index("ix_kpi_target_newest", "workspace_id", "at", "id"),
    )


class Checkup(SQLModel):
    """One self-check of how marketing and sales work together. Never changed: the next one is another row."""

    id: int = Field(primary_key=True)
    workspace_id: str
    answers: dict[str, Any] = Field(sa_type=sa.JSON, description="point to yes, partly or no: what people said")
    evidence: dict[str, Any] = Field(sa_type=sa.JSON, description="point to yes, partly or no: what the bot knew")
    by: str = Field(description="Slack user id")
    at: datetime


class CheckupRow(Checkup, table=True):
    __tablename__ = "checkup"
    __table_args__ = (sa.Index("ix_checkup_newest", "workspace_id", "at", "id"),)


class Meeting(SQLModel):
    """A meeting of marketing and sales that took place."""

    id: int = Field(primary_key=True)
    workspace_id: str
    day: str = Field(description="ISO date in the workspace's timezone")
    by: str = Field(description="Slack user id of who said so")
    at: datetime


class MeetingRow(Meeting, table=True):
    __tablename__ = "meeting"
    __table_args__ = (sa.UniqueConstraint("workspace_id", "day"),)


class ActionItem(SQLModel):
    """What somebody has agreed to do until a day, as it stands now. Its history is in `action_change`."""

    id: int = Field(primary_key=True)
    workspace_id: str
    what: str
    owner: str = Field(description="Slack user id")
    due_on: str = Field(description="ISO date")
    remind_at: datetime | None = Field(
        default=None, sa_type=UTCDateTime, description="when its owner is told; None: that was done, or is not needed"
    )
    by: str = Field(description="Slack user id of who recorded it")
    at: datetime
    done_by: str | None = None
    done_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class ActionItemRow(ActionItem, table=True):
    __tablename__ = "action_item"
    __table_args__ = (
        sa.CheckConstraint("(done_by IS NULL) = (done_at IS NULL)", name="done_by_somebody"),
        sa.CheckConstraint("remind_at IS NULL OR done_at IS NULL", name="done_ones_are_not_told"),
        sa.Index(
            "ix_action_item_due",
            "remind_at",
            sqlite_where=sa.text("remind_at IS NOT NULL"),
            postgresql_where=sa.text("remind_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_action_item_open",
            "workspace_id",
            "due_on",
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        ),
    )


class ActionChange(SQLModel):
    """How an action stood after somebody recorded, changed, finished or reopened it. Never changed."""

    id: int = Field(primary_key=True)
    workspace_id: str
    action_id: int
    step: ActionStep = Field(sa_type=_word(ActionStep))
    what: str
    owner: str = Field(description="Slack user id")
    due_on: str = Field(description="ISO date")
    by: str = Field(description="Slack user id of who did it")
    at: datetime


class ActionChangeRow(ActionChange, table=True):
    __tablename__ = "action_change"
    __table_args__ = (
        sa.ForeignKeyConstraint(["action_id"], ["action_item.id"]),
        sa.Index("ix_action_change_action", "action_id", "id"),
    )


class Mute(SQLModel):
    """That a kind of message is not sent any more, or is again. Never changed: the newest of a kind counts."""

    id: int = Field(primary_key=True)
    workspace_id: str
    kind: MessageKind = Field(sa_type=_word(MessageKind))
    muted: bool
    by: str = Field(description="Slack user id")
    at: datetime


class MuteRow(Mute, table=True):
    __tablename__ = "mute"
    __table_args__ = (sa.Index("ix_mute_newest", "workspace_id", "kind", "id"),)


class Definition(SQLModel):
    """A version of what marketing and sales call an MQL. It is proposed once; then each side agrees once, and nothing
    else of it is ever changed. The newest number is open until both have agreed; the newest agreed one counts."""

    id: int = Field(primary_key=True)
    workspace_id: str
    number: int = Field(description="1, 2, … of the workspace")
    text: str
    threshold: int | None = Field(default=None, description="from which score on a lead is an MQL")
    why: str | None = Field(default=None, description="what speaks for it, such as the check of the scoring rule")
    proposed_by: str = Field(description="Slack user id")
    proposed_at: datetime
    marketing_by: str | None = Field(default=None, description="Slack user id of who agreed for marketing")
    marketing_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    sales_by: str | None = Field(default=None, description="Slack user id of who agreed for sales")
    sales_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    agreed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class DefinitionRow(Definition, table=True):
    __tablename__ = "definition"
    __table_args__ = (
        sa.UniqueConstraint("workspace_id", "number"),
        sa.CheckConstraint("(marketing_by IS NULL) = (marketing_at IS NULL)", name="marketing_is_somebody"),
        sa.CheckConstraint("(sales_by IS NULL) = (sales_at IS NULL)", name="sales_is_somebody"),
        sa.CheckConstraint("marketing_by <> sales_by", name="two_people_agree"),
        sa.CheckConstraint("(agreed_at IS NULL) = (marketing_at IS NULL OR sales_at IS NULL)", name="both_agreed"),
    )


def _table(model: type[SQLModel]) -> sa.Table:
    return cast(sa.Table, sa.inspect(model).local_table)


workspace = _table(WorkspaceRow)
member = _table(MemberRow)
absence = _table(AbsenceRow)
lost_reason = _table(LostReasonRow)
policy_version = _table(PolicyVersionRow)
mql = _table(MqlRow)
event = _table(EventRow)
assignment = _table(AssignmentRow)
clock = _table(ClockRow)
feedback = _table(FeedbackRow)
outbox = _table(OutboxRow)
outbound = _table(OutboundRow)
lane = _table(LaneRow)
receipt = _table(ReceiptRow)
unreadable = _table(UnreadableRow)
report_due = _table(ReportDueRow)
heartbeat = _table(HeartbeatRow)
alert = _table(AlertRow)
kpi_target = _table(KpiTargetRow)
checkup = _table(CheckupRow)
meeting = _table(MeetingRow)
action_item = _table(ActionItemRow)
action_change = _table(ActionChangeRow)
mute = _table(MuteRow)
definition = _table(DefinitionRow)

metadata = SQLModel.metadata
