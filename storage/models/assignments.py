from datetime import datetime
from typing import Any, NamedTuple, Self

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.models.columns import Impersonal, table, word
from storage.vocabulary import AssignmentVerdict, Strategy

WHOLE = 100
"""The weight of whoever has a whole part of the turns."""


class Considered(NamedTuple):
    """One member in an assignment decision, and what spoke for or against them. A tuple: a decision makes hundreds."""

    user: str
    """Slack user id."""
    verdict: AssignmentVerdict
    last_turn: int
    """Their last turn before the decision."""
    balance: int | None = None
    """The turns that they were ahead of their share, in the units of the ledger; None: decided before there was one."""
    by: str | None = None
    """Slack user id of who chose them by hand."""
    weight: int = WHOLE
    """Their part of the turns in percent of a whole one, at that time."""
    open: int | None = None
    """How many open MQLs they had, where it was counted."""
    limit: int | None = None
    """The cap that they were at."""

    def stored(self) -> dict[str, Any]:
        """Return the member as JSON holds them."""
        values = {"user": self.user, "verdict": self.verdict.value, "last_turn": self.last_turn}
        later = {"balance": self.balance, "by": self.by, "open": self.open, "limit": self.limit}
        later["weight"] = self.weight if self.weight != WHOLE else None
        return values | {name: value for name, value in later.items() if value is not None}

    @classmethod
    def of_stored(cls, values: dict[str, Any]) -> Self:
        """Return the member that JSON holds. Raises ValueError for a verdict that is not known."""
        verdict = AssignmentVerdict(values["verdict"])
        known = {name: values[name] for name in ("balance", "by", "weight", "open", "limit") if name in values}
        return cls(values["user"], verdict, values["last_turn"], **known)


class ConsideredMembers(sa.TypeDecorator[tuple[Considered, ...]]):
    """A JSON list of members, as values in Python."""

    impl = sa.JSON
    cache_ok = True

    def process_bind_param(
        self,
        value: tuple[Considered, ...] | None,
        dialect: sa.Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> list[dict[str, Any]]:
        """Return what JSON holds."""
        return [member.stored() for member in value or ()]

    def process_result_value(
        self,
        value: list[dict[str, Any]] | None,
        dialect: sa.Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> tuple[Considered, ...]:
        """Return the values."""
        return tuple(Considered.of_stored(member) for member in value or ())


class Assignment(SQLModel):
    """One decision who gets an MQL, with everyone who was considered and why they were skipped."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    mql_id: int
    chosen: Impersonal[str | None] = None
    considered: Impersonal[tuple[Considered, ...]] = Field(sa_type=ConsideredMembers)
    turn: bool = Field(default=False, description="whether it counts as a turn of the chosen one")
    route: Impersonal[str | None] = Field(default=None, description="its name; None: no route was written then")
    pool: Impersonal[str | None] = Field(default=None, description="whose turns these are; None: of all reps")
    strategy: Strategy | None = Field(default=None, sa_type=word(Strategy), description="None: in turn")
    matched: Impersonal[list[list[str]]] = Field(
        default_factory=list,
        sa_type=sa.JSON,
        sa_column_kwargs={"server_default": "[]"},
        description="the route's conditions, each with its word that was met",
    )
    at: datetime

    @property
    def by_hand(self) -> bool:
        """Whether somebody chose the owner, whosever turn it was."""
        return any(member.verdict == AssignmentVerdict.BY_HAND for member in self.considered)

    @property
    def by_turn(self) -> bool:
        """Whether the owner was chosen because it was their turn."""
        in_turn = self.strategy in (None, Strategy.ROTATION)
        return in_turn and any(member.verdict == AssignmentVerdict.CHOSEN for member in self.considered)

    def waited_since(self, user_id: str) -> int:
        """Return the last turn of a member before this decision; 0 where they had none, or were not considered."""
        return next((member.last_turn for member in self.considered if member.user == user_id), 0)

    def balance_of(self, user_id: str) -> int:
        """Return the balance of a member before this decision; 0 where they were not considered, or none was kept."""
        return next((member.balance or 0 for member in self.considered if member.user == user_id), 0)


assignment = table(
    Assignment,
    "assignment",
    sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
    sa.Index("ix_assignment_mql", "mql_id"),
    sa.Index("ix_assignment_chosen", "workspace_id", "chosen", "id"),
    # What somebody was given this week, and everybody in a quarter.
    sa.Index("ix_assignment_at", "workspace_id", "at"),
    of_leads=True,
)
