"""The paths of the API of Account Engagement that there are."""

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from playground.crm.account_engagement import errors
from playground.crm.account_engagement.records import ACTIVITY, BUILT_IN, Prospect, Records
from playground.crm.service import Answer, Call, Route, route
from playground.model import Json

API = "/api/v5/objects"
LARGEST_PAGE, USUAL_PAGE, TOKEN_LIFE = 1_000, 200, timedelta(hours=4)
_CUSTOM = ("id", "name", "fieldId", "type", "isRecordMultipleResponses")


class Row(Protocol):
    """What a query returns."""

    def field(self, name: str) -> object:
        """Return the value of a field."""


@dataclass(frozen=True)
class Rest:
    """What a page token leads to."""

    rows: Sequence[Row]
    size: int
    until: datetime


class Api:
    """The handlers. `allowed` says whether the user has an ability."""

    def __init__(self, records: Records, now: Callable[[], datetime], allowed: Callable[[str], bool]) -> None:
        self._records, self._now, self._allowed = records, now, allowed
        self._rests: dict[str, Rest] = {}

    def routes(self) -> list[Route]:
        """List every operation."""
        return [
            route("GET", f"{API}/prospects", "prospects.query", self._prospects),
            route("GET", f"{API}/prospects/{{id}}", "prospects.read", self._prospect),
            route("PATCH", f"{API}/prospects/{{id}}", "prospects.update", self._update),
            route("GET", f"{API}/visitor-activities", "activities.query", self._activities),
            route("GET", f"{API}/custom-fields", "fields.query", self._custom_fields),
            route("GET", f"{API}/list-emails", "emails.query", self._list_emails),
            route("GET", f"{API}/list-emails/{{id}}/stats", "emails.stats", self._stats),
        ]

    def _require(self, ability: str) -> None:
        if not self._allowed(ability):
            raise errors.refused(400, 49)

    def _fields(self, call: Call, known: set[str]) -> list[str]:
        names = [each for each in call.given("fields").split(",") if each]
        if not names:
            raise errors.refused(400, 5, "The fields parameter is required", "no fields")
        if unknown := [each for each in names if each not in known]:
            raise errors.refused(400, 5, f"Invalid field: {unknown[0]}")
        return names

    def _prospects(self, call: Call) -> Answer:
        self._require("Prospects > View")
        names = self._fields(call, self._records.fields)
        if call.given("nextPageToken"):
            return self._more(call, names)
        self._only(call, {"updatedAtAfterOrEqualTo", "orderBy", "limit", "email"})
        rows = [each for each in self._records.read() if self._wanted(call, each)]
        if call.given("orderBy"):
            rows.sort(key=lambda each: (each.updated, each.id))
        return self._page(call, names, rows)

    def _wanted(self, call: Call, each: Prospect) -> bool:
        email, since = call.given("email"), _moment(call, "updatedAtAfterOrEqualTo")
        is_called = not email or str(each.values.get("email") or "").casefold() == email.casefold()
        return is_called and (since is None or each.updated >= since)

    def _prospect(self, call: Call) -> Answer:
        self._require("Prospects > View")
        names = self._fields(call, self._records.fields)
        return Answer(_shown(self._records.seen(self._known(call)), names))

    def _known(self, call: Call) -> Prospect:
        number = call.path["id"]
        known = self._records.prospects.get(int(number)) if number.isdecimal() else None
        if known is None:
            raise errors.refused(404, 3)
        return known

    def _update(self, call: Call) -> Answer:
        self._require("Prospects > Edit")
        names = [each for each in call.given("fields").split(",") if each]
        known = self._known(call)
        try:
            values = call.json() or {}
        except json.JSONDecodeError:
            raise errors.refused(400, 5, "The body is no JSON", "the body is no JSON") from None
        for name in values:
            if name not in self._records.fields - set(BUILT_IN):
                raise errors.refused(400, 5, f"Invalid field: {name}")
        self._records.change(known, values)
        return Answer(_shown(known, names)) if names else Answer(None, 204)

    def _activities(self, call: Call) -> Answer:
        self._require("Visitors > View")
        names = self._fields(call, set(ACTIVITY))
        if call.given("nextPageToken"):
            return self._more(call, names)
        self._only(call, {"createdAtAfterOrEqualTo", "orderBy", "limit", "prospectId"})
        since, whose = _moment(call, "createdAtAfterOrEqualTo"), call.given("prospectId")
        rows = [
            each
            for each in self._records.activities
            if (since is None or each.at >= since) and (not whose or str(each.prospect) == whose)
        ]
        return self._page(call, names, rows)

    def _custom_fields(self, call: Call) -> Answer:
        self._require("Prospects > Configure Fields")
        names = self._fields(call, set(_CUSTOM))
        rows = [
            {"id": n, "name": each.name, "fieldId": each.id, "type": each.type, "isRecordMultipleResponses": False}
            for n, each in enumerate(self._records.custom.values(), 1)
        ]
        return Answer({"values": [{name: row[name] for name in names} for row in rows], "nextPageToken": None})

    # E-mails

    def _list_emails(self, call: Call) -> Answer:
        self._require("Visitors > View")
        names = self._fields(call, {"id", "name", "subject", "sentAt", "isSent"})
        if call.given("nextPageToken"):
            return self._more(call, names)
        self._only(call, {"sentAtAfterOrEqualTo", "limit", "orderBy"})
        since = _moment(call, "sentAtAfterOrEqualTo")
        rows = [each for each in self._records.mails() if since is None or each.at >= since]
        return self._page(call, names, rows)

    def _stats(self, call: Call) -> Answer:
        self._require("Visitors > View")
        known = next((each for each in self._records.mails() if str(each.id) == call.path["id"]), None)
        if known is None:
            raise errors.refused(404, 5, "Not found")
        return Answer(self._records.stats(known.id))

    # Pages

    def _only(self, call: Call, known: set[str]) -> None:
        if unknown := set(call.query) - known - {"fields"}:
            raise errors.refused(400, 5, f"Invalid parameter: {min(unknown)}", f"unknown {sorted(unknown)}")

    def _page(self, call: Call, names: list[str], rows: Sequence[Row]) -> Answer:
        size = call.given("limit", str(USUAL_PAGE))
        if not size.isdecimal() or not 1 <= int(size) <= LARGEST_PAGE:
            raise errors.refused(400, 23)
        return self._given_out(names, rows, int(size))

    def _more(self, call: Call, names: list[str]) -> Answer:
        if set(call.query) - {"fields", "nextPageToken"}:
            raise errors.refused(400, 5, "Only fields may accompany a page token", "more than fields beside a token")
        rest = self._rests.get(call.given("nextPageToken"))
        if rest is None or rest.until < self._now():
            raise errors.refused(400, 5, "Invalid nextPageToken")
        return self._given_out(names, rest.rows, rest.size)

    def _given_out(self, names: list[str], rows: Sequence[Row], size: int) -> Answer:
        page, rest, token = rows[:size], rows[size:], None
        if rest:
            token = secrets.token_urlsafe(24)
            self._rests[token] = Rest(rest, size, self._now() + TOKEN_LIFE)
        url = f"https://pi.pardot.com{API}?nextPageToken={token}" if token else None
        return Answer({"values": [_shown(each, names) for each in page], "nextPageToken": token, "nextPageUrl": url})


def _shown(row: Row, names: list[str]) -> Json:
    """Return only the fields that were asked for; what is named with a dot stands in an object."""
    shown: Json = {}
    for name in names:
        first, dot, rest = name.partition(".")
        if dot:
            value = row.field(name)
            shown[first] = {rest: value} if value is not None else None
        else:
            shown[name] = row.field(name)
    return shown


def _moment(call: Call, name: str) -> datetime | None:
    given = call.given(name)
    try:
        at = datetime.fromisoformat(given) if given else None
    except ValueError:
        at = None
    if given and (at is None or at.tzinfo is None):
        raise errors.refused(400, 5, f"Invalid {name}", "a moment that is none, or has no zone")
    return at
