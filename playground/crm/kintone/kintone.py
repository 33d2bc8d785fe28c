"""The local kintone, put together; and what people do in it."""

import base64
import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from playground.crm.faults import CrmFault
from playground.crm.kintone import errors
from playground.crm.kintone.api import Api
from playground.crm.kintone.form import Field
from playground.crm.kintone.records import API, Record, Records
from playground.crm.kintone.webhook import Webhook
from playground.crm.service import Answer, Call, Refused, Service, route
from playground.log import Changes
from playground.model import Json

AT_ONCE, A_DAY, USERS = 100, 10_000, 100


class Kintone(Service):
    """A domain with one app. `tokens` are its API tokens with what each may do: view, add, edit, delete.

    Going over the calls of a day fails nothing: the administrator is warned, `over_daily` counts them. A day begins at
    09:00 in Japan.
    """

    kind = "kintone"

    def __init__(
        self,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        changes: Changes | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        app_id: int = 12,
    ) -> None:
        super().__init__(now, monotonic, changes, host, port)
        self.app_id = app_id
        self.token = secrets.token_hex(20)
        self.tokens: dict[str, set[str]] = {self.token: {"view", "add", "edit"}}
        self.login, self.password = "mql-bot", secrets.token_hex(8)
        """Of a user who may ask for the users of the domain: no API token may."""
        self.spent = self.over_daily = 0
        self._day: date = now().astimezone(UTC).date()
        self.webhook = Webhook(self.log, now, "https://sample.cybozu.com")
        self.records = Records(now, app_id, self._tell)
        users = route("GET", "/v1/users.json", "users.get", self._list_users)
        self._routes = [*Api(self.records, now, self._permissions).routes(), users]

    def stop(self) -> None:
        """Close the port and end the webhook."""
        super().stop()
        self.webhook.stop()

    def _tell(self, event: str, record: Record, more: Json) -> None:
        self.webhook.tell(event, self.records, record, more)

    def _permissions(self, call: Call) -> set[str]:
        tokens = call.headers.get("x-cybozu-api-token", "").split(",")
        return set().union(*(self.tokens.get(each.strip(), set()) for each in tokens))

    def refusal(self, fault: CrmFault, seconds: float, operation: str) -> Answer | None:  # noqa: ARG002
        """Return how kintone words this fault: in Japanese, as where no language is asked for."""
        answer = errors.refusal(fault)
        return None if answer is None else errors.in_language(answer, "ja")

    def unknown(self, call: Call) -> Answer:
        """Return the page that stands at an address without an API."""
        sentence = f"{call.method} {call.operation}: no such path"
        return Answer("<!doctype html><title>404</title>", 404, content_type="text/html", broken=(sentence,))

    def perform(self, call: Call, handler: Callable[[Call], Answer]) -> Answer:
        """Ask for the token, count the call, then answer it in the caller's language."""
        self._count()
        tokens = [each.strip() for each in call.headers.get("x-cybozu-api-token", "").split(",")]
        try:
            if call.operation == "users.get":
                self._require_user(call)
            elif not any(each in self.tokens for each in tokens):
                raise errors.refused(400, "GAIA_IA02")
            answer = handler(call)
        except Refused as refused:
            answer = refused.answer
        answer.headers |= {"X-ConcurrencyLimit-Limit": str(AT_ONCE), "X-ConcurrencyLimit-Running": "1"}
        return errors.in_language(answer, call.headers.get("accept-language", ""))

    def _require_user(self, call: Call) -> None:
        known = base64.b64encode(f"{self.login}:{self.password}".encode()).decode()
        if call.headers.get("x-cybozu-authorization") != known:
            raise errors.refused(401, "CB_WA01")

    def _list_users(self, call: Call) -> Answer:
        size, offset = int(call.given("size", str(USERS))), int(call.given("offset", "0"))
        if not 1 <= size <= USERS:
            raise errors.invalid("size", "1から100までです。")
        listed = [(code, name) for code, name in self.records.users.items() if code != API][offset : offset + size]
        shown = [
            {"id": str(n), "code": code, "name": name, "email": self.records.emails.get(code, ""), "valid": True}
            for n, (code, name) in enumerate(listed, offset + 1)
        ]
        return Answer({"users": shown})

    def _count(self) -> None:
        today = self.now().astimezone(UTC).date()
        if today != self._day:
            self._day, self.spent, self.over_daily = today, 0, 0
        self.spent += 1
        self.over_daily += self.spent > A_DAY

    # What people and admins do

    def add_user(self, code: str, name: str, email: str = "") -> None:
        """Add somebody who can be chosen. `code` is the login name, `email` the address of the profile."""
        self.records.users[code] = name
        self.records.emails[code] = email

    def set_field(self, field: Field) -> None:
        """Add or change a field of the form."""
        with self.lock:
            self.records.fields[field.code] = field

    def remove_field(self, code: str) -> None:
        """Delete a field with its values."""
        with self.lock:
            del self.records.fields[code]
            for record in self.records.records.values():
                record.values.pop(code, None)

    def rename_code(self, code: str, new: str) -> None:
        """Give a field another code; its values stay."""
        with self.lock:
            fields = self.records.fields.items()
            renamed = {
                (new if each == code else each): replace(f, code=new) if each == code else f for each, f in fields
            }
            self.records.fields = renamed
            for record in self.records.records.values():
                if code in record.values:
                    record.values[new] = record.values.pop(code)

    def add(self, by: str = "", **values: Any) -> Record:
        """Add a record by hand, values by the codes of the fields."""
        with self.lock:
            return self._changed(self.records.add(_given(values), by or self._somebody))

    def edit(self, number: int, by: str = "", **values: Any) -> Record:
        """Change a record by hand."""
        with self.lock:
            record = self.records.get(number)
            self.records.change(record, _given(values), by or self._somebody)
            return self._changed(record)

    def import_file(self, rows: Iterable[dict[str, Any]]) -> list[Record]:
        """Add records from a file: no webhook tells of them."""
        with self.lock:
            return [self.records.add(_given(row), self._somebody, tell=False) for row in rows]

    def comment(self, number: int, text: str, by: str = "") -> None:
        """Write a comment below a record."""
        with self.lock:
            self.records.comment(self.records.get(number), text, by or self._somebody, [])
            self.changes.bump()

    def process(self, number: int, status: str, by: str = "") -> None:
        """Move a record by an action of the process management."""
        with self.lock:
            self.records.process(self.records.get(number), status, by or self._somebody)
            self.changes.bump()

    def delete(self, number: int, by: str = "") -> None:
        """Delete a record by hand."""
        with self.lock:
            self.records.delete(self.records.get(number), by or self._somebody)
            self.changes.bump()

    @property
    def _somebody(self) -> str:
        return next(reversed(self.records.users))

    def _changed(self, record: Record) -> Record:
        self.changes.bump()
        return record


def _given(values: dict[str, Any]) -> Json:
    return {code: {"value": value} for code, value in values.items()}
