"""The people of one subscription, and their activity log: only appended to, and read behind a paging token."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from playground.model import Json

API, PERSON = "Web service API", "Web form fillout"
"""Where a change came from."""
FORM, NEW, CHANGED, SCORED, MERGED, DELETED = 2, 12, 13, 22, 32, 37
SENT, DELIVERED, BOUNCED, UNSUBSCRIBED, OPENED, CLICKED, SOFT = 6, 7, 8, 9, 10, 11, 27
TYPES = {
    FORM: "Fill Out Form",
    SENT: "Send Email",
    DELIVERED: "Email Delivered",
    BOUNCED: "Email Bounced",
    UNSUBSCRIBED: "Unsubscribe Email",
    OPENED: "Open Email",
    CLICKED: "Click Email",
    NEW: "New Lead",
    CHANGED: "Change Data Value",
    SCORED: "Change Score",
    SOFT: "Email Bounced Soft",
    MERGED: "Merge Leads",
    DELETED: "Delete Lead",
}


@dataclass(frozen=True)
class Field:
    """A field of people. `blocked`: updates by API are left out, and the answer says nothing of it."""

    name: str
    label: str
    type: str = "string"
    read_only: bool = False
    blocked: bool = False


STANDARD = (
    Field("id", "Id", "integer", read_only=True),
    Field("email", "Email Address", "email"),
    Field("firstName", "First Name"),
    Field("lastName", "Last Name"),
    Field("company", "Company Name"),
    Field("leadStatus", "Lead Status"),
    Field("leadScore", "Lead Score", "integer"),
    Field("createdAt", "Created At", "datetime", read_only=True),
    Field("updatedAt", "Updated At", "datetime", read_only=True),
)


@dataclass
class Person:
    """One person."""

    id: int
    values: dict[str, Any]
    created: datetime
    updated: datetime

    def shown(self, names: Iterable[str]) -> Json:
        """Return the fields of these names, all that were asked for."""
        built_in = {"id": self.id, "createdAt": iso(self.created), "updatedAt": iso(self.updated)}
        return {name: built_in.get(name, self.values.get(name)) for name in names}


@dataclass
class Activity:
    """One line of the log."""

    id: int
    person: int
    at: datetime
    type: int
    primary: tuple[int, str] = (0, "")
    attributes: Json = field(default_factory=dict)
    fields: list[Json] = field(default_factory=list)

    def shown(self) -> Json:
        """Return it as an answer holds it."""
        body: Json = {
            "id": self.id,
            "marketoGUID": str(self.id),
            "leadId": self.person,
            "activityDate": iso(self.at),
            "activityTypeId": self.type,
            "attributes": [{"name": name, "value": value} for name, value in self.attributes.items()],
        }
        if self.primary[1]:
            body |= {"primaryAttributeValueId": self.primary[0], "primaryAttributeValue": self.primary[1]}
        return body | ({"fields": self.fields} if self.fields else {})


class Records:
    """The database. `lag`: how long an activity takes until it is found."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.fields: dict[str, Field] = {each.name: each for each in STANDARD}
        self.people: dict[int, Person] = {}
        self.log: list[Activity] = []
        self.lag = timedelta(0)
        self._last = 1000

    def add(self, values: Json, source: str) -> Person:
        """Add a person."""
        self._last += 1
        person = Person(self._last, dict(values), self._now(), self._now())
        self.people[person.id] = person
        self.note(person.id, NEW, attributes={"Source Type": source})
        return person

    def change(self, person: Person, values: Json, source: str) -> None:
        """Change fields of a person; what holds already is no change."""
        changed = []
        for name, value in values.items():
            before = person.values.get(name)
            if (before or None) != (value or None):
                changed.append({"id": 0, "name": name, "oldValue": before, "newValue": value})
                person.values[name] = value
        if changed:
            person.updated = self._now()
            self.note(person.id, CHANGED, attributes={"Source": source, "Reason": source}, fields=changed)

    def note(
        self,
        person: int,
        kind: int,
        primary: tuple[int, str] = (0, ""),
        attributes: Json | None = None,
        fields: list[Json] | None = None,
    ) -> None:
        """Append a line to the log."""
        number = len(self.log) + 1
        self.log.append(Activity(number, person, self._now(), kind, primary, attributes or {}, fields or []))

    def since(self, at: datetime) -> int:
        """Return how many lines are older than a moment."""
        return next((n for n, each in enumerate(self.log) if each.at >= at), len(self.log))

    def page(self, start: int, most: int, wanted: Callable[[Activity], bool]) -> tuple[list[Activity], int, bool]:
        """Return the lines of a page, the place behind them, and whether there is more."""
        until = self._now() - self.lag
        end = next((n for n, each in enumerate(self.log) if each.at > until), len(self.log))
        page, place = list[Activity](), start
        while place < end and len(page) < most:
            if wanted(self.log[place]):
                page.append(self.log[place])
            place += 1
        return page, place, place < end


def iso(at: datetime) -> str:
    """Write a moment as Marketo does: whole seconds in UTC."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
