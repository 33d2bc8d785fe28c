"""The local Marketo, put together; and what people and campaigns do in it."""

import secrets
from collections import deque
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from playground.crm.faults import CrmFault
from playground.crm.marketo import errors
from playground.crm.marketo.api import Api
from playground.crm.marketo.records import DELETED, DELIVERED, MERGED, PERSON, SCORED, SENT, Field, Person, Records
from playground.crm.service import Answer, Call, Refused, Service, route
from playground.log import Changes

AT_ONCE, SECONDS, A_DAY = 100, 20.0, 50_000
LIFE = timedelta(hours=1)
CST = timedelta(hours=6)
LONGEST_URI, LARGEST_BODY = 8 * 1024, 1024 * 1024


class Marketo(Service):
    """A subscription with one custom service, whose API-only user has a role with `permissions`.

    `limits_on`: whether the calls of 20 seconds and of a day are counted.
    """

    kind = "marketo"

    def __init__(
        self,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        changes: Changes | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        super().__init__(now, monotonic, changes, host, port)
        self.client_id, self.client_secret = secrets.token_hex(16), secrets.token_hex(16)
        self.permissions = {"Read-Write Lead", "Read-Only Activity"}
        self.records = Records(now)
        self.limits_on = True
        self.spent, self._day = 0, self._today()
        self._recent = deque[float]()
        self._token, self._ends = "", now()
        self.api = Api(self.records, lambda name: name in self.permissions)
        self._routes = [route("GET", "/identity/oauth/token", "token", self._log_in), *self.api.routes()]
        self._mails = 0

    def refusal(self, fault: CrmFault, seconds: float, operation: str) -> Answer | None:  # noqa: ARG002
        """Return how Marketo words this fault."""
        return errors.refusal(fault, operation)

    def unknown(self, call: Call) -> Answer:
        """Return the answer to a path that there is not."""
        answer = errors.problem("610", broken=f"{call.method} {call.operation}: no such path")
        answer.status = 404
        return answer

    def perform(self, call: Call, handler: Callable[[Call], Answer]) -> Answer:
        """Ask for the token, count the call, then answer it."""
        length = sum(len(name) + len(value) + 2 for name, values in call.query.items() for value in values)
        if length > LONGEST_URI:
            return Answer(None, 414, broken=("the address is longer than 8 kB",))
        if len(call.body) > LARGEST_BODY:
            return Answer(None, 413, broken=("the body is larger than 1 MB",))
        if call.operation == "token":
            return handler(call)
        try:
            self._require_token(call)
            self._count()
            return handler(call)
        except Refused as refused:
            return refused.answer

    # Tokens and limits

    def _log_in(self, call: Call) -> Answer:
        """Give the token that is valid, or a new one: all who log in with this service share it."""
        given = (call.given("client_id"), call.given("client_secret"))
        if call.given("grant_type") != "client_credentials":
            return Answer({"error": "unsupported_grant_type"}, 400, broken=("a wrong grant type",))
        if given != (self.client_id, self.client_secret):
            return Answer({"error": "invalid_client", "error_description": "Bad client credentials"}, 401)
        if not self._token or self._ends <= self.now():
            self._token, self._ends = f"{secrets.token_hex(16)}:int", self.now() + LIFE
        left = int((self._ends - self.now()).total_seconds())
        return Answer({"access_token": self._token, "token_type": "bearer", "expires_in": left, "scope": "mql@bot"})

    def _require_token(self, call: Call) -> None:
        word, _, token = call.headers.get("authorization", "").partition(" ")
        if "access_token" in call.query:
            raise errors.refused("601", broken="the token stands in the address")
        if word != "Bearer" or not self._token or token != self._token:
            raise errors.refused("601")
        if self._ends <= self.now():
            raise errors.refused("602")

    def _count(self) -> None:
        if not self.limits_on:
            return
        if (today := self._today()) != self._day:
            self._day, self.spent = today, 0
        while self._recent and self._recent[0] <= self.monotonic() - SECONDS:
            self._recent.popleft()
        if self.spent >= A_DAY:
            raise errors.refused("607")
        if len(self._recent) >= AT_ONCE:
            raise errors.refused("606")
        self.spent += 1
        self._recent.append(self.monotonic())

    def _today(self) -> date:
        return (self.now().astimezone(UTC) - CST).date()

    def revoke(self) -> None:
        """Give the service another secret; its token is over."""
        self.client_secret, self._token = secrets.token_hex(16), ""

    # What people, campaigns and admins do

    def add_field(self, field: Field) -> None:
        """Add a field, or change it."""
        with self.lock:
            self.records.fields[field.name] = field

    def remove_field(self, name: str) -> None:
        """Delete a field."""
        with self.lock:
            del self.records.fields[name]

    def add(self, **values: Any) -> Person:
        """Add a person, as a form does."""
        with self.lock:
            return self._bumped(self.records.add(values, PERSON))

    def edit(self, number: int, **values: Any) -> Person:
        """Change a person by hand."""
        with self.lock:
            person = self.records.people[number]
            self.records.change(person, values, PERSON)
            return self._bumped(person)

    def score(self, number: int, points: int, why: str = "") -> Person:
        """Change the score of a person, as a campaign does."""
        with self.lock:
            person = self.records.people[number]
            before = int(person.values.get("leadScore") or 0)
            person.values["leadScore"], person.updated = before + points, self.now()
            change = f"{points:+d}"
            attributes = {"Change Value": change, "Old Value": before, "New Value": before + points, "Reason": why}
            self.records.note(number, SCORED, (7, "Lead Score"), attributes)
            return self._bumped(person)

    def email(self, number: int, name: str, *further: int) -> None:
        """Send an e-mail to a person. `further`: types of what becomes of it, beside that it is delivered."""
        with self.lock:
            self._mails += 1
            for kind in (SENT, *(further or (DELIVERED,))):
                self.records.note(number, kind, (self._mails, name))
            self.changes.bump()

    def delete(self, number: int) -> None:
        """Delete a person."""
        with self.lock:
            del self.records.people[number]
            self.records.note(number, DELETED, (number, ""))
            self.changes.bump()

    def merge(self, winner: int, loser: int) -> Person:
        """Merge a person into another one."""
        with self.lock:
            del self.records.people[loser]
            self.records.note(winner, MERGED, (winner, "merged"), {"Merge IDs": f"[{loser}]"})
            return self._bumped(self.records.people[winner])

    def _bumped(self, person: Person) -> Person:
        self.changes.bump()
        return person
