"""What a CRM holds, in words that are nobody's in particular: records of people, activities, deals, and what is gone.

Every value is text, by the name and in the words of the CRM itself; only the mapping knows what one means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from storage.vocabulary import DealResult, EngagementKind, Evidence

MARK = "[mql-bot "
"""How the reference of a task or a note of this bot begins: it is no proof of a contact."""


@dataclass(frozen=True)
class Record:
    """A person as a CRM knows them: a contact of HubSpot, a lead of Salesforce, a record of kintone."""

    id: str
    version: str
    """What the CRM itself calls this state of the record, for a write that is to meet no other; empty: it has none."""
    changed_at: datetime
    values: Mapping[str, str | None]
    """By the CRM's own name of the property; None and absent: empty."""
    email: str | None = None
    name: str | None = None
    changed_by: Mapping[str, str] = field(default_factory=dict)
    """Id of the user who changed a property last, where the CRM says so and it was a person."""
    former_ids: tuple[str, ...] = ()
    """Records that were merged into this one."""


@dataclass(frozen=True)
class Activity:
    """A call, an e-mail that was sent, a meeting or a note: proof that somebody was in contact with a person."""

    id: str
    """The same each time, and unlike that of every other activity of the CRM: `call:17`."""
    record_ids: tuple[str, ...]
    kind: Evidence
    """CALL, EMAIL, MEETING, or CRM for a note."""
    at: datetime
    """When it happened, not when it was written down."""
    user: str | None = None
    """Id of the user who did it."""


@dataclass(frozen=True)
class Opportunity:
    """A deal: an opportunity, with what came of it."""

    id: str
    record_ids: tuple[str, ...]
    stage: str
    result: DealResult | None
    """None: it is under way."""
    on: date | None = None
    """The day on which it was decided, or is meant to be."""
    amount: int | None = None
    """In whole units of the currency, at least 0."""
    created_at: datetime | None = None


@dataclass(frozen=True)
class Gone:
    """A record that the CRM does not have any more."""

    record_id: str
    merged_into: str | None = None
    """The record in which it goes on; None: it was deleted."""
    privacy: bool = False
    """Deleted because its person asked for it: our copy is erased, too."""


@dataclass(frozen=True)
class Engagement:
    """What a tool of marketing knows of a person: a change of their score, or what became of an e-mail to them."""

    id: str
    """The same each time, and unlike that of every other engagement of this person."""
    record_id: str
    kind: EngagementKind
    at: datetime
    score: int | None = None
    """After the change; of a SCORE alone."""
    before: int | None = None
    """None: the tool tells the score as it is now and then, not its changes."""
    label: str | None = None
    """Why the score changed, or the name of the e-mail."""


Change = Record | Activity | Opportunity | Engagement | Gone
