"""Prospects, their custom fields and the log of visitor activities. Answers may be behind what was written."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from playground.model import Json

CLICK, VIEW, SENT, OPEN, UNSUBSCRIBED, BOUNCED = 1, 2, 6, 11, 12, 13
STANDARD = ("email", "firstName", "lastName", "company", "score", "grade", "salesforceId", "comments", "notes")
BUILT_IN = ("id", "createdAt", "updatedAt", "isDeleted")


@dataclass(frozen=True)
class CustomField:
    """A custom field of prospects; by API it is called `<id>__c`."""

    id: str
    name: str
    type: str = "Text"

    @property
    def api_name(self) -> str:
        """How queries and updates call it."""
        return f"{self.id}__c"


@dataclass
class Prospect:
    """One prospect."""

    id: int
    values: dict[str, Any]
    created: datetime
    updated: datetime

    def field(self, name: str) -> Any:
        """Return the value of a field, as answers hold it."""
        if name == "id":
            return self.id
        if name in ("createdAt", "updatedAt"):
            return (self.created if name == "createdAt" else self.updated).isoformat(timespec="seconds")
        return False if name == "isDeleted" else self.values.get(name)


@dataclass
class Activity:
    """Something that a prospect did, or that was sent to them."""

    id: int
    prospect: int
    type: int
    at: datetime
    list_email: tuple[int, str] | None = None

    def field(self, name: str) -> Any:
        """Return the value of a field; `listEmail.name` is of the object that it belongs to."""
        mail = self.list_email
        known: Json = {"id": self.id, "prospectId": self.prospect, "type": self.type, "emailTemplateId": None}
        known["createdAt"] = self.at.isoformat(timespec="seconds")
        known["listEmailId"] = mail[0] if mail else None
        known["listEmail.name"] = mail[1] if mail else None
        return known[name]


@dataclass(frozen=True)
class ListEmail:
    """An e-mail that was sent to a list."""

    id: int
    name: str
    at: datetime

    def field(self, name: str) -> Any:
        """Return the value of a field."""
        known: Json = {"id": self.id, "name": self.name, "subject": self.name, "isSent": True}
        known["sentAt"] = self.at.isoformat(timespec="seconds")
        return known[name]


ACTIVITY = ("id", "prospectId", "type", "createdAt", "listEmailId", "emailTemplateId", "listEmail.name")


class Records:
    """A business unit. `behind`: for how long reading answers may tell of a prospect as it was before the last
    change."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.custom: dict[str, CustomField] = {}
        self.prospects: dict[int, Prospect] = {}
        self.activities: list[Activity] = []
        self.behind = timedelta(0)
        self._before: dict[int, tuple[datetime, Prospect]] = {}
        self._last = 50_000

    @property
    def fields(self) -> set[str]:
        """The names of all fields of prospects."""
        return {*BUILT_IN, *STANDARD, *self.custom}

    def add(self, values: Json) -> Prospect:
        """Add a prospect."""
        self._last += 1
        made = Prospect(self._last, {"score": 0} | values, self._now(), self._now())
        self.prospects[made.id] = made
        return made

    def change(self, prospect: Prospect, values: Json) -> None:
        """Change fields of a prospect."""
        self._before[prospect.id] = (self._now(), copy.deepcopy(prospect))
        prospect.values |= values
        prospect.updated = self._now()

    def read(self) -> list[Prospect]:
        """Return the prospects as reading answers tell them now."""
        return [self.seen(each) for each in self.prospects.values()]

    def seen(self, prospect: Prospect) -> Prospect:
        """Return a prospect as a reading answer tells it now."""
        at, before = self._before.get(prospect.id, (None, prospect))
        return before if at is not None and self._now() < at + self.behind else prospect

    def mails(self) -> list[ListEmail]:
        """Return the list e-mails that were sent."""
        sent: dict[int, ListEmail] = {}
        for each in self.activities:
            if each.type == SENT and each.list_email is not None:
                sent.setdefault(each.list_email[0], ListEmail(*each.list_email, each.at))
        return list(sent.values())

    def stats(self, mail: int) -> Json:
        """Return the statistics of a list e-mail, its rates as text."""
        mine = [each for each in self.activities if each.list_email is not None and each.list_email[0] == mail]
        of_type = {kind: [e.prospect for e in mine if e.type == kind] for kind in (SENT, OPEN, CLICK, BOUNCED)}
        sent, opens, clicks = (of_type[kind] for kind in (SENT, OPEN, CLICK))
        rate = f"{100 * len(set(opens)) / max(1, len(sent)):.2f}%"
        figures: Json = {"sent": len(sent), "delivered": len(sent) - len(of_type[BOUNCED])}
        figures |= {"hardBounced": len(of_type[BOUNCED]), "opens": len(opens), "uniqueOpens": len(set(opens))}
        return figures | {"opensRate": rate, "totalClicks": len(clicks), "uniqueClicks": len(set(clicks))}

    def act(self, prospect: int, kind: int, list_email: tuple[int, str] | None = None) -> None:
        """Append an activity."""
        self.activities.append(Activity(len(self.activities) + 1, prospect, kind, self._now(), list_email))
