from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.columns import Impersonal, partial, table, word
from storage.vocabulary import ClockKind, ClockStanding, ClockState


class Clock(SQLModel):
    """A running, paused or stopped SLA clock. `step` counts the checkpoints that have fired."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    mql_id: int
    kind: ClockKind = Field(sa_type=word(ClockKind))
    policy_id: int
    tier: Impersonal[str | None] = Field(default=None, description="of that policy; None: outside of any")
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
    round: Impersonal[int] = Field(
        default=0, description="grows when the checkpoints begin anew: new owner, other policy"
    )
    step: Impersonal[int] = 0
    round_from: datetime = Field(description="the start, or the reassignment that restarted it")
    counted_from: datetime = Field(description="the start of the round, or the end of the last pause")
    counted_us: Impersonal[int] = Field(
        default=0, sa_type=sa.BigInteger, description="open microseconds before counted_from"
    )
    legs: Impersonal[list[dict[str, Any]] | None] = Field(
        default=None,
        sa_type=sa.JSON(none_as_null=True),
        description="since when it runs on whose calendar, which is pinned with it; None: on the team's",
    )
    paused_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    moved_at: datetime | None = Field(
        default=None,
        sa_type=UTCDateTime,
        description="when it was moved to its policy version; None: it started with it",
    )
    state: ClockState = Field(sa_type=word(ClockState, closed=True))
    stopped_at: datetime | None = Field(default=None, sa_type=UTCDateTime)

    def standing(self, now: datetime) -> ClockStanding:
        """Return how the clock stands at a moment that is not before its last change."""
        if self.state != ClockState.RUNNING:
            return ClockStanding(self.state)
        if now >= self.breach_at:
            return ClockStanding.BREACHED
        return ClockStanding.DUE_SOON if now >= self.soon_at else ClockStanding.RUNNING


clock = table(
    Clock,
    "clock",
    sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
    sa.ForeignKeyConstraint(["policy_id"], ["policy_version.id"]),
    sa.UniqueConstraint("mql_id", "kind"),
    sa.CheckConstraint("(stopped_at IS NULL) = (state IN ('running', 'paused'))", name="stopped_at_says_stopped"),
    sa.CheckConstraint("next_check_at IS NULL OR stopped_at IS NULL", name="stopped_clocks_are_not_checked"),
    sa.CheckConstraint("(paused_at IS NULL) = (state <> 'paused')", name="paused_at_says_paused"),
    sa.CheckConstraint("state <> 'paused' OR next_check_at IS NOT NULL", name="a_pause_ends"),
    sa.CheckConstraint("state <> 'met' OR breached_at IS NULL", name="met_was_not_breached"),
    sa.CheckConstraint("breach_at >= due_at", name="grace_not_negative"),
    partial("ix_clock_due", "next_check_at", where="next_check_at IS NOT NULL"),
    # What presses, the first deadline first, and what a change of policy moves.
    partial("ix_clock_open", "workspace_id", "due_at", where="stopped_at IS NULL"),
    # For the reports; most clocks never come in.
    partial("ix_clock_breached", "workspace_id", "breached_at", where="breached_at IS NOT NULL"),
    of_leads=True,
)
