"""The paths of Marketo's REST API that there are."""

import base64
import binascii
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from playground.crm.marketo import errors
from playground.crm.marketo.records import API, CHANGED, DELETED, NEW, TYPES, Activity, Records
from playground.crm.service import Answer, Call, Route, route
from playground.model import Json

LARGEST_PAGE, MOST_WRITTEN, MOST_VALUES, MOST_MATCHES = 300, 300, 300, 1_000
MOST_TYPES, MOST_LEADS = 10, 30
ACTIONS = ("createOrUpdate", "createOnly", "updateOnly", "createDuplicate")
_USUAL = ("id", "email", "updatedAt", "createdAt", "lastName", "firstName")


class Api:
    """The handlers. `allowed` says whether the role has a permission."""

    def __init__(self, records: Records, allowed: Callable[[str], bool]) -> None:
        self._records, self._allowed = records, allowed
        self.largest_page = LARGEST_PAGE
        """Marketo may answer with fewer than 300 and say that there is more."""

    def routes(self) -> list[Route]:
        """List every operation."""
        return [
            route("GET", "/rest/v1/leads/describe.json", "leads.describe", self._describe),
            route("GET", "/rest/v1/leads.json", "leads.get", self._leads),
            route("POST", "/rest/v1/leads.json", "leads.sync", self._sync),
            route("GET", "/rest/v1/activities/types.json", "activities.types", self._types),
            route("GET", "/rest/v1/activities/pagingtoken.json", "activities.token", self._token),
            route("GET", "/rest/v1/activities/leadchanges.json", "activities.changes", self._changes),
            route("GET", "/rest/v1/activities/deletedleads.json", "activities.deleted", self._deleted),
            route("GET", "/rest/v1/activities.json", "activities.get", self._activities),
        ]

    def _require(self, permission: str) -> None:
        names = (permission, permission.replace("Read-Only", "Read-Write"))
        if not any(self._allowed(name) for name in names):
            raise errors.refused("603")

    # People

    def _describe(self, _call: Call) -> Answer:
        self._require("Read-Only Lead")
        return _result(
            [
                {
                    "id": number,
                    "displayName": each.label,
                    "dataType": each.type,
                    "rest": {"name": each.name, "readOnly": each.read_only},
                }
                for number, each in enumerate(self._records.fields.values(), 1)
            ]
        )

    def _leads(self, call: Call) -> Answer:
        self._require("Read-Only Lead")
        by, values = call.given("filterType"), [v for v in call.given("filterValues").split(",") if v]
        if not by or not values:
            raise errors.refused("1003", "filterType and filterValues are required", "no filter")
        if by not in self._records.fields or len(values) > MOST_VALUES:
            raise errors.refused("1003", f"Invalid filter '{by}'", "a filter that there is not, or too many values")
        names = [each for each in call.given("fields").split(",") if each] or list(_USUAL)
        if unknown := [each for each in names if each not in self._records.fields]:
            raise errors.refused("1006", f"Field '{unknown[0]}' not found")
        wanted = {each.casefold() for each in values}
        people = [
            each for each in self._records.people.values() if str(each.shown((by,))[by] or "").casefold() in wanted
        ]
        if len(people) > MOST_MATCHES:
            raise errors.refused("1003", "Too many results match the filter")
        start = _place(call.given("nextPageToken")) if call.given("nextPageToken") else 0
        page, rest = people[start : start + self.largest_page], people[start + self.largest_page :]
        more: Json = {"nextPageToken": token(start + len(page))} if rest else {}
        return _result([each.shown(names) for each in page], **more)

    def _sync(self, call: Call) -> Answer:
        self._require("Read-Write Lead")
        if "json" not in call.headers.get("content-type", ""):
            raise errors.refused("612", broken="the body is said to be no JSON")
        try:
            body = call.json()
        except json.JSONDecodeError:
            raise errors.refused("609", broken="the body is no JSON") from None
        action, given = body.get("action", "createOrUpdate"), body.get("input")
        if action not in ACTIONS or not isinstance(given, list) or not 1 <= len(given) <= MOST_WRITTEN:
            raise errors.refused("1003", "Invalid action or input", "a wrong action, or not 1 to 300 records")
        lookup = body.get("lookupField", "email")
        return _result([self._sync_one(action, lookup, each) for each in given])

    def _sync_one(self, action: str, lookup: str, given: Json) -> Json:
        if "id" in given and action != "updateOnly":
            return errors.skipped("1003", "id is only for updateOnly")
        unknown = [name for name in given if name not in self._records.fields]
        if unknown:
            return errors.skipped("1006", f"Field '{unknown[0]}' not found")
        bad = [name for name, value in given.items() if not self._fits(name, value)]
        if bad:
            return errors.skipped("1001", f"Invalid value '{given[bad[0]]}'. Required of type 'datetime'")
        known = [each for each in self._records.people.values() if each.shown((lookup,))[lookup] == given.get(lookup)]
        if len(known) > 1:
            return errors.skipped("1007", "Multiple leads match the lookup criteria")
        if known and action == "createOnly":
            return errors.skipped("1005", "Lead already exists")
        if not known and action == "updateOnly":
            return errors.skipped("1004", "Lead not found")
        values = {n: v for n, v in given.items() if n != "id" and not self._records.fields[n].blocked}
        if not known or action == "createDuplicate":
            return {"id": self._records.add(values, API).id, "status": "created"}
        self._records.change(known[0], values, API)
        return {"id": known[0].id, "status": "updated"}

    def _fits(self, name: str, value: Any) -> bool:
        if self._records.fields[name].type != "datetime" or value in (None, ""):
            return True
        try:
            return datetime.fromisoformat(str(value)).tzinfo is not None
        except ValueError:
            return False

    # Activities

    def _types(self, _call: Call) -> Answer:
        self._require("Read-Only Activity")
        return _result([{"id": number, "name": name, "attributes": []} for number, name in TYPES.items()])

    def _token(self, call: Call) -> Answer:
        self._require("Read-Only Activity")
        try:
            since = datetime.fromisoformat(call.given("sinceDatetime"))
        except ValueError:
            raise errors.refused("1003", "sinceDatetime is no date", "a wrong date") from None
        return Answer(
            {
                "requestId": errors.request_id(),
                "success": True,
                "nextPageToken": token(self._records.since(since)),
            }
        )

    def _activities(self, call: Call) -> Answer:
        self._require("Read-Only Activity")
        kinds = [each for each in call.given("activityTypeIds").split(",") if each]
        if not 1 <= len(kinds) <= MOST_TYPES or not all(each.isdecimal() for each in kinds):
            raise errors.refused("1003", "activityTypeIds: 1 to 10", "no type of activity, or more than ten")
        types = {int(each) for each in kinds}
        return self._page(call, lambda each: each.type in types)

    def _changes(self, call: Call) -> Answer:
        self._require("Read-Only Activity")
        names = {each for each in call.given("fields").split(",") if each}
        if not names:
            raise errors.refused("701", "fields cannot be blank", "no fields")
        if unknown := [each for each in names if each not in self._records.fields]:
            raise errors.refused("1006", f"Field '{unknown[0]}' not found")

        def wanted(each: Activity) -> bool:
            return each.type == NEW or (each.type == CHANGED and any(f["name"] in names for f in each.fields))

        return self._page(call, wanted, names)

    def _deleted(self, call: Call) -> Answer:
        self._require("Read-Only Activity")
        return self._page(call, lambda each: each.type == DELETED)

    def _page(self, call: Call, wanted: Callable[[Activity], bool], names: set[str] | None = None) -> Answer:
        given = call.given("nextPageToken")
        if not given:
            raise errors.refused("701", "nextPageToken cannot be blank", "no paging token")
        leads = {int(each) for each in call.given("leadIds").split(",") if each.isdecimal()}
        if len(leads) > MOST_LEADS:
            raise errors.refused("1003", "leadIds: 30 at most", "more than 30 people")
        mine: Callable[[Activity], bool] = lambda each: wanted(each) and (not leads or each.person in leads)  # noqa: E731
        page, place, more = self._records.page(_place(given), self.largest_page, mine)
        shown = [each.shown() for each in page]
        for each in shown if names is not None else []:
            each["fields"] = [f for f in each.get("fields") or [] if f["name"] in (names or ())]
        return _result(shown, nextPageToken=token(place), moreResult=more)


def token(place: int) -> str:
    """Return a paging token for a place in the log."""
    return base64.b32encode(f"GIYDA:{place}".encode()).decode()


def _place(given: str) -> int:
    try:
        word, _, place = base64.b32decode(given).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        word, place = "", ""
    if word != "GIYDA":
        raise errors.refused("1003", "Invalid nextPageToken", "a paging token that there is not")
    return int(place)


def _result(result: list[Json], **more: Any) -> Answer:
    return Answer({"requestId": errors.request_id(), "success": True, "result": result, **more})
