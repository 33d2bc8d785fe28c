"""The local Account Engagement, put together; and what people and campaigns do in it."""

import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from playground.crm.account_engagement import errors
from playground.crm.account_engagement.api import Api
from playground.crm.account_engagement.records import CLICK, OPEN, SENT, CustomField, Prospect, Records
from playground.crm.faults import CrmFault
from playground.crm.salesforce.oauth import App, OAuth
from playground.crm.service import Answer, Call, Refused, Service, route
from playground.log import Changes

A_DAY = 25_000
ABILITIES = ("Prospects > View", "Prospects > Edit", "Prospects > Configure Fields", "Visitors > View")


class AccountEngagement(Service):
    """A business unit with the organisation in which people log in. `abilities`: what the user's role allows."""

    kind = "account-engagement"

    def __init__(
        self,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        changes: Changes | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        super().__init__(now, monotonic, changes, host, port)
        self.business_unit = f"0Uv{secrets.token_hex(8)[:15].upper():0<15}"
        self.app = App("005000000000001", scopes="api refresh_token pardot_api")
        self.oauth = OAuth(self.app, now, lambda: self.base_url)
        self.abilities = set(ABILITIES)
        self.records = Records(now)
        self.daily, self.spent, self._day = A_DAY, 0, self._today()
        self._mails = 0
        api = Api(self.records, now, lambda ability: ability in self.abilities)
        self._routes = [route("POST", "/services/oauth2/token", "token", self.oauth.token), *api.routes()]

    def refusal(self, fault: CrmFault, seconds: float, operation: str) -> Answer | None:  # noqa: ARG002
        """Return how Account Engagement words this fault."""
        return errors.refusal(fault, operation)

    def unknown(self, call: Call) -> Answer:
        """Return the answer to a path that there is not."""
        return errors.problem(404, 5, "Not found", f"{call.method} {call.operation}: no such path")

    def perform(self, call: Call, handler: Callable[[Call], Answer]) -> Answer:
        """Ask for token and business unit, count the call, then answer it."""
        if call.operation == "token":
            return handler(call)
        word, _, token = call.headers.get("authorization", "").partition(" ")
        has_scope = "pardot_api" in self.app.scopes.split()
        if word != "Bearer" or token not in self.oauth.sessions or not has_scope:
            return errors.problem(401, 184)
        if call.headers.get("pardot-business-unit-id") != self.business_unit:
            return errors.problem(400, 181, broken="a business unit that there is not")
        try:
            self._count()
            return handler(call)
        except Refused as refused:
            return refused.answer

    def _count(self) -> None:
        if (today := self._today()) != self._day:
            self._day, self.spent = today, 0
        if self.spent >= self.daily:
            raise errors.refused(400, 122)
        self.spent += 1

    def _today(self) -> date:
        return self.now().astimezone(UTC).date()

    # What people, campaigns and admins do

    def add_field(self, field: CustomField) -> None:
        """Add a custom field."""
        with self.lock:
            self.records.custom[field.api_name] = field

    def remove_field(self, api_name: str) -> None:
        """Delete a custom field."""
        with self.lock:
            del self.records.custom[api_name]

    def add(self, **values: Any) -> Prospect:
        """Add a prospect, as a form does."""
        with self.lock:
            self.changes.bump()
            return self.records.add(values)

    def edit(self, number: int, **values: Any) -> Prospect:
        """Change a prospect by hand, or by an automation rule."""
        with self.lock:
            prospect = self.records.prospects[number]
            self.records.change(prospect, values)
            self.changes.bump()
            return prospect

    def score(self, number: int, points: int) -> Prospect:
        """Change the score of a prospect."""
        return self.edit(number, score=int(self.records.prospects[number].values["score"]) + points)

    def email(self, number: int, name: str, *further: int) -> None:
        """Send a list e-mail to a prospect. `further`: types of what becomes of it."""
        with self.lock:
            self._mails += 1
            for kind in (SENT, *(further or (OPEN, CLICK))):
                self.records.act(number, kind, (self._mails, name))
            self.changes.bump()

    def delete(self, number: int) -> None:
        """Put a prospect into the recycle bin."""
        with self.lock:
            del self.records.prospects[number]
            self.changes.bump()
