"""What a message carries beside its MQL and its event: ids and times, never words.

The names are those of the JSON in `outbox.data`. A row may be older than this code: a name that is known no longer is
passed over, and a field that is added here needs a default.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from storage.models import Outbox
from storage.vocabulary import AbsenceSource, AskWhy, MessageKind


class Payload(BaseModel):
    """Data of a message. Base of the others."""

    model_config = ConfigDict(defer_build=True, frozen=True, populate_by_name=True, extra="ignore")

    @classmethod
    def of(cls, row: Outbox) -> Self:
        """Read the payload of a row. Raises ValidationError."""
        return cls.model_validate(row.data)

    def to_json(self) -> dict[str, Any]:
        """Return what `of` reads, as it is stored."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


class NoPayload(Payload):
    """Nothing but the MQL and the event."""


class Card(Payload):
    """The card of an MQL."""

    earlier: tuple[str, str] | None = None
    """Slack's channel and ts of the card in whose place it was posted, where that one's thread is still there."""


class Forwarded(Payload):
    """A message that goes on to somebody else where Slack does not take it for its reader."""

    tried: tuple[str, ...] = ()
    """Slack user ids and channels that could not be reached, the first one first."""


class Escalated(Forwarded):
    """An escalation."""

    to: str | None = None
    """The target of the step, as in the policy. None in rows from before it was stored."""


class OwnerLeft(Forwarded):
    """An open MQL whose owner left the team."""

    left: str | None
    """Slack user id of the owner."""


class Unreachable(Forwarded):
    """A person or Slack channel that takes no messages."""

    whom: str
    error: str
    """Slack's word for why."""


class Lapses(Payload):
    """Response deadlines in a row that passed while somebody had the MQL."""

    member: int
    """The id of their row on the roster."""
    count: int
    asked: int
    """When leaders were asked, in seconds since 1970: part of the message's key."""


class TurnsPaused(Payload):
    """A leader gives somebody no new MQLs for now."""

    by: str
    """Slack user id."""
    member: int


class NewWords(Payload):
    """What a lead wrote when it came in again."""

    events: tuple[int, ...]
    """Those that tell of it, in their order."""


class Question(Payload):
    """The question what became of an MQL."""

    why: AskWhy


class MarketingUpdates(Payload):
    """The results of a day, for marketing. From `start` up to, but not including, `end`."""

    start: datetime = Field(validation_alias="from", serialization_alias="from")
    end: datetime = Field(validation_alias="until", serialization_alias="until")


class HeldItem(BaseModel):
    """One message of a list."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    kind: MessageKind
    mql: int | None
    event: int | None
    data: dict[str, Any] = Field(default_factory=dict)
    """The payload of its kind, as it is stored."""


class Held(Payload):
    """Several messages in one."""

    items: tuple[HeldItem, ...]
    by_day: bool = False
    """Whether reminders came together in the daytime; else they waited for the end of the quiet hours."""


class Private(Payload):
    """An explanation for one person."""

    channel: str | None = None
    """Where they acted. None: outside of any conversation."""
    reply: str
    """Key of the catalogue."""
    words: dict[str, str | int] = Field(default_factory=dict)
    """What the sentence names."""
    mqls: tuple[int, ...] = ()
    """Ids of those that it shows, with the buttons of their owner."""
    menu: bool = False
    """Whether it carries the buttons of the reader's role."""
    absence: int | None = None
    """Id of the absence that it tells of, with what waits meanwhile and the way to take it back."""
    proposed: str | None = None
    """The absence of somebody else that one tap writes down, as its button carries it."""
    board: bool = False
    """Whether it shows the team's board."""


class UnreadableEntry(Payload):
    """An entry of the intake queue."""

    unreadable: int
    thread_ts: str
    """Slack's ts of the message that could not be read."""


class QueueEntries(Payload):
    """Entries of the queue that are told of together."""

    entries: tuple[int, ...]


class Period(Payload):
    """A week, month or quarter that a report is about."""

    period: str


class OwnWeek(Period):
    """A rep's week, and the ids of the MQLs that it lists: settled before it is first sent, so that it strikes through
    what is answered."""

    waiting: tuple[int, ...] | None = None
    debt: tuple[int, ...] | None = None
    next: tuple[int, ...] | None = None


class MeetingDay(Payload):
    """A review meeting, and the time that its agenda looks back over."""

    day: date
    starts_at: datetime
    since: datetime
    until: datetime


class ActionDue(Payload):
    """An action of the review meeting, as it was when its owner was told that it is due."""

    action: int
    owner: str
    due_on: date


class ActionChanged(Payload):
    """A change of an action; `change` is its entry in the log of actions."""

    action: int
    change: int


class DefinitionVersion(Payload):
    """A version of the MQL definition, by id."""

    definition: int


class AbsenceEntry(Payload):
    """An absence, by id."""

    absence: int


class LearntAbsences(Payload):
    """Absences that the bot learnt by itself, by id."""

    absences: tuple[int, ...]


class TripAsked(Payload):
    """A business trip of which nobody knows whether it keeps its traveller from answering."""

    first: date
    last: date
    """Its days, where the traveller is."""
    source: AbsenceSource
    """Who says so."""


class CalendarNews(Payload):
    """What became of reading a rep's calendar."""

    code: str
    """"read", or the code of what stands against it."""


class AlertEntry(Payload):
    """An alert, by id."""

    alert: int


class ConflictEntry(Payload):
    """A field that a CRM and the bot hold otherwise, by id."""

    conflict: int


class UploadEntry(Payload):
    """A file that somebody sent, by id."""

    upload: int
