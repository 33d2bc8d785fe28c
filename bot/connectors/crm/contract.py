"""What every CRM is to the engine. A connector is a file of this folder: requests out, values in, nothing stored.

How to write one:

- It is made anew for each round of work, with a `Door` that is the only way out (`door.py`) and the secrets of its
  connection in the order in which they are to be tried.
- `fetch` is called again and again with the cursor that it returned. What changed is returned at least once, however
  late the CRM finds it (searches lag: overlap); twice does no harm. Notices only name records: they end in `read`.
- `write` makes changes with as few calls as there can be, and never repeats one by itself. Where the answer was
  lost it says `Unknown`: the engine then reads back (`read` for fields, `find` for tasks and notes) before it writes
  again.
- Whatever the tool answers, the connector raises or returns one of the words below, and never the tool's own error.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bot.connectors.crm.door import Door
from bot.core.crm.records import Activity, Change, Engagement, Gone, Opportunity, Record

__all__ = ["Activity", "Change", "Engagement", "Gone", "Opportunity", "Record"]


class PropertyKind(StrEnum):
    """What a property holds, as far as a mapping must know."""

    TEXT = "text"
    CHOICE = "choice"
    USER = "user"
    MOMENT = "moment"
    """`write` is given ISO 8601 in UTC, `2026-11-30T01:00:00Z`, and turns it into what the CRM wants; a Record holds
    the same form."""


@dataclass(frozen=True)
class Property:
    """A property of the CRM's records of people, as its administrator sees it."""

    name: str
    label: str
    kind: PropertyKind
    options: Mapping[str, str] = field(default_factory=dict)
    """Of a choice: label by value, in the CRM's order."""
    writable: bool = True
    closing: frozenset[str] = frozenset()
    """Options that this bot never writes: the CRM does more with them than to store them (a converted lead)."""


@dataclass(frozen=True)
class User:
    """Somebody who can own a record."""

    id: str
    email: str | None
    name: str
    active: bool = True
    other_ids: tuple[str, ...] = ()
    """By which else the CRM names them, in its histories."""


@dataclass(frozen=True)
class Stage:
    """A stage of a deal."""

    id: str
    label: str
    pipeline: str
    is_won: bool = False
    is_lost: bool = False


class Lack(StrEnum):
    """Something that the credentials do not allow, and what is off without it. In the catalogues `crm.lack.<word>`."""

    READ_RECORDS = "read_records"
    WRITE_RECORDS = "write_records"
    READ_USERS = "read_users"
    READ_PROPERTIES = "read_properties"
    READ_DEALS = "read_deals"
    READ_CALLS = "read_calls"
    READ_EMAILS = "read_emails"
    READ_MEETINGS = "read_meetings"
    READ_NOTES = "read_notes"
    WRITE_TASKS = "write_tasks"
    WRITE_NOTES = "write_notes"
    READ_DELETIONS = "read_deletions"
    READ_ENGAGEMENTS = "read_engagements"
    ADD_RECORDS = "add_records"


@dataclass(frozen=True)
class Missing:
    """A permission that is missing."""

    lack: Lack
    scope: str = ""
    """The CRM's own name of it, to look for: `crm.objects.deals.read`."""


@dataclass(frozen=True)
class Description:
    """What the CRM says of itself."""

    account: str
    """Whose it is, for a person to recognise: the portal's number, the organisation's name."""
    record_url: str = ""
    """Web address of a record, with `{id}` in the place of its id."""
    properties: tuple[Property, ...] = ()
    users: tuple[User, ...] = ()
    stages: tuple[Stage, ...] = ()
    missing: tuple[Missing, ...] = ()
    expires_at: datetime | None = None
    """When the credentials end, where the CRM says so."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Property that the CRM itself has for a field of ours (`CrmField`): `{"status": "hs_lead_status"}`."""
    daily_calls: int | None = None
    """How many calls a day the account may make, where that is known."""
    is_for_sales: bool = True
    """Whether reps work in it: a tool of marketing alone gets no tasks and no notes."""

    def property(self, name: str) -> Property | None:
        """Return a property by its name."""
        return next((each for each in self.properties if each.name == name), None)


@dataclass(frozen=True)
class Page:
    """What changed, as far as it was read."""

    changes: tuple[Change, ...]
    cursor: str
    """Where to go on. The connector's own: text of up to 2,000 characters without secrets or personal data."""
    more: bool = False
    """Whether there is more already."""
    lacks: tuple[Lack, ...] = ()
    """What could not be read for want of a permission. The rest was."""


@dataclass(frozen=True)
class EmailFigures:
    """How many e-mails were sent, and how many of them were opened and clicked, each e-mail to a person once."""

    at: datetime
    """When they were sent; or opened or clicked for the first time."""
    sent: int = 0
    opened: int = 0
    clicked: int = 0


@runtime_checkable
class Sends(Protocol):
    """A tool of marketing that tells its e-mail figures."""

    def emails(self, since: datetime, until: datetime, wait: Callable[[float], None]) -> Iterable[EmailFigures]:
        """Yield the figures of a stretch of time. `wait`: lets so many seconds pass, where the tool takes no call
        before. Raises CrmError."""


@dataclass(frozen=True)
class Person:
    """A lead of whom the CRM has no record."""

    email: str
    name: str | None = None
    company: str | None = None
    phone: str | None = None


@runtime_checkable
class Adds(Protocol):
    """A CRM that can be given the records that it lacks."""

    @property
    def adds(self) -> bool:
        """Return whether whoever connected it wants that."""

    def add(self, people: Sequence[Person]) -> Mapping[str, str]:
        """Add a record for each, by their address: safe to repeat. Returns the id of each record by address; of those
        that the CRM does not take none. At most 100. Raises CrmError."""


# --- What is written -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SetProperties:
    """Properties of a record are to have these values; None empties one."""

    record_id: str
    values: Mapping[str, str | None]
    expected: Mapping[str, str | None]
    """What these properties held when they were read last: what holds another value by now is a conflict."""


@dataclass(frozen=True)
class AddTask:
    """A task for a user about a record."""

    record_id: str
    reference: str
    """Stands in its text (`[mql-bot 12/345]`), so that `find` knows it again; the same at each try."""
    subject: str
    body: str
    due_at: datetime
    user: str | None


@dataclass(frozen=True)
class AddNote:
    """A note about a record. A CRM without notes appends it where its people look for such things."""

    record_id: str
    reference: str
    body: str
    at: datetime


Write = SetProperties | AddTask | AddNote


@dataclass(frozen=True)
class Written:
    """The CRM has it."""

    id: str
    """Of the record, the task or the note."""
    version: str = ""
    """Of the record after the write, where the answer tells it."""
    values: Mapping[str, str | None] = field(default_factory=dict)
    """What the record holds of the properties that were set, where that was read: a CRM may answer 200 and change
    nothing."""
    overwritten: Mapping[str, str | None] = field(default_factory=dict)
    """What somebody wrote into a property between our reading and our writing, where the CRM's history tells that."""


@dataclass(frozen=True)
class Conflict:
    """Not written: the record was changed meanwhile."""

    record: Record | None
    """As it is now, where the answer or a second call told."""


@dataclass(frozen=True)
class Refused:
    """Not written, and never to be written as it is."""

    code: str
    """A code of ours, `crm.refused.<code>` in the catalogues: validation, no_property, no_option, no_record,
    not_moved (the CRM answered as if it had, and keeps its value), other."""
    text: str = ""
    """What the CRM says, in its own words: shown to people, never compared."""
    properties: tuple[str, ...] = ()
    """Which properties were at fault, where that is known: the others may be written without them."""


@dataclass(frozen=True)
class Limited:
    """Not written: the CRM takes no more calls for a while."""

    wait: timedelta
    code: str = "rate"
    """rate, daily, locked, maintenance, not_reached."""


@dataclass(frozen=True)
class Unknown:
    """It may be written or not: no answer came, or none that says so."""

    code: str


Outcome = Written | Conflict | Refused | Limited | Unknown


# --- What may go wrong with any call -------------------------------------------------------------------------------


class CrmError(Exception):
    """A call brought no answer that can be used. Nothing was changed by it."""


class Revoked(CrmError):
    """The credentials are not taken any more, none of them: they were revoked, or have ended."""


class Denied(CrmError):
    """The credentials are taken, but a permission without which nothing goes is missing."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__(", ".join(each.scope or each.lack for each in missing))
        self.missing = tuple(missing)


class Busy(CrmError):
    """The CRM takes no more calls for a while."""

    def __init__(self, wait: timedelta, code: str = "rate") -> None:
        super().__init__(code)
        self.wait, self.code = wait, code


class Away(CrmError):
    """The CRM did not answer in time, or not as itself. The text is a code: dns, tls, timeout, connection, too_large,
    http_503, not_json, webhook_not_public."""


Made = Outcome | Revoked | Denied
"""What became of one change of several. Revoked and Denied: it was not made for want of a permission of its own."""

Credentials = Mapping[str, str]
"""What a connection was given to log in with, by the names of its questions."""


@dataclass(frozen=True)
class Question:
    """Something that `mql-bot crm connect` asks. In the catalogues `crm.ask.<kind>.<name>`."""

    name: str
    is_secret: bool = True
    is_optional: bool = False
    is_file: bool = False
    """The answer names a file, whose text is taken: a private key."""


@dataclass(frozen=True)
class Interest:
    """What the engine wants to know of each record."""

    properties: tuple[str, ...] = ()
    """Names of the properties that are mapped."""
    options: Mapping[str, str] = field(default_factory=dict)
    """What else the connection was told, by the names of its questions that are no secrets: which app, which field
    holds the address."""


class Make(Protocol):
    """Makes a connector: the class itself."""

    def __call__(self, door: Door, credentials: Sequence[Credentials], interest: Interest) -> Connector:
        """Return a connector. `credentials`: each set that is valid, the newest first; where the first is not taken the
        next one is tried."""


@dataclass(frozen=True)
class Recipe:
    """A kind of CRM: how it is connected. All stand in `registry.py`."""

    make: Make
    questions: tuple[Question, ...]
    address: str
    """Where its API is; empty: one of the questions (`address`) says so."""
    poll_every: timedelta
    """How often it is asked for changes."""
    calls_a_day: int
    """How many calls a day the smallest edition allows, where it does not say so itself."""
    writes_at_once: int = 1
    """How many changes are handed to `write` together: more than one where they share calls."""
    gathers: timedelta = timedelta(0)
    """How long a change may wait for others that share its calls."""
    notifies: bool = True
    """Whether it can tell of changes by itself: one that cannot is only polled."""


class Connector(Protocol):
    """One CRM, with the credentials of one connection."""

    def describe(self) -> Description:
        """Return what the CRM says of itself, and which permissions are missing. Reads only. Raises CrmError."""

    def begin(self, since: datetime) -> str:
        """Return the cursor of everything that changes from a moment on. Makes no call."""

    def fetch(self, cursor: str) -> Page:
        """Return what changed since a cursor. One page takes no more than some ten calls. Raises CrmError."""

    def read(self, record_ids: Collection[str]) -> tuple[Change, ...]:
        """Return the records of these ids as they are now, with the activities of each and its deals. Of an id that is
        no more a Gone; of one that was merged a Gone, and the Record in which it goes on. An id may name another
        object, as a notice does: `deal:7`. At most 100. Raises CrmError."""

    def by_email(self, emails: Collection[str]) -> tuple[Record, ...]:
        """Return the records with one of these addresses, several of one address too. At most 100. Raises CrmError."""

    def entered(self, since: datetime, until: datetime) -> tuple[Record, ...]:
        """Return the records that became leads for sales in a stretch of time, by the CRM's own account. Raises
        CrmError."""

    def write(self, changes: Sequence[Write]) -> list[Made]:
        """Make changes, with as few calls as there can be; return what became of each, in their order. Raises Revoked
        and Denied only, where nothing was changed: what is unknown is an outcome."""

    def find(self, change: AddTask | AddNote) -> str | None:
        """Return the id of a task or a note that was written before, by its reference; None: it is not there. Not by a
        search that lags. Raises CrmError."""

    @property
    def calls(self) -> int:
        """Return how many calls were made."""
