"""The paths of Salesforce's REST API that there are, on v63.0 alone."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playground.crm.salesforce import errors
from playground.crm.salesforce.oauth import OAuth
from playground.crm.salesforce.records import Record, Records
from playground.crm.salesforce.schema import Field, ObjectType
from playground.crm.service import Answer, Call, Refused, Route, route
from playground.model import Json

VERSION = "v63.0"
DATA = f"/services/data/{VERSION}"
AT_ONCE, QUERIES_AT_ONCE = 25, 5
PAGE, LOCATOR_LIFE = 2_000, timedelta(days=2)
_DUPLICATES = "sforce-duplicate-rule-header"


@dataclass
class Locator:
    """The rest of a query that is given out page after page."""

    rest: list[Json]
    total: int
    opened: datetime


class Api:
    """The handlers."""

    def __init__(
        self,
        records: Records,
        oauth: OAuth,
        now: Callable[[], datetime],
        limits: Callable[[], tuple[int, int]],
        fault: Callable[[str], Answer | None],
    ) -> None:
        self._fault = fault
        self._records, self._oauth, self._now, self._limits = records, oauth, now, limits
        self._locators: dict[str, Locator] = {}

    def routes(self) -> list[Route]:
        """List every operation."""
        rows = DATA + "/sobjects/{object}"
        return [
            route("POST", "/services/oauth2/token", "token", self._oauth.token),
            route("GET", "/services/data/?", "versions", self._versions),
            route("GET", DATA + "/limits/?", "limits", self._limits_now),
            route("GET", DATA + "/query/?", "query", self._query),
            route("GET", DATA + "/queryAll/?", "queryAll", self._query),
            route("GET", DATA + "/query/{locator}", "query.more", self._more),
            route("GET", rows + "/describe/?", "{object}.describe", self._describe),
            route("GET", rows + "/deleted/?", "{object}.deleted", self._deleted),
            route("POST", DATA + "/composite/?", "composite", self._composite),
            route("POST", rows + "/?", "{object}.create", self._create),
            route("GET", rows + "/{id}", "{object}.get", self._get),
            route("PATCH", rows + "/{id}", "{object}.update", self._update),
            route("PATCH", rows + "/{field}/{value}", "{object}.upsert", self._upsert),
        ]

    def _user(self, call: Call) -> str:
        return self._oauth.sessions.get(call.headers.get("authorization", "").partition(" ")[2], "")

    # Reading

    def _versions(self, _call: Call) -> Answer:
        return Answer([{"label": "Spring '25", "url": DATA, "version": VERSION.removeprefix("v")}])

    def _limits_now(self, _call: Call) -> Answer:
        spent, most = self._limits()
        return Answer({"DailyApiRequests": {"Max": most, "Remaining": max(0, most - spent)}})

    def _query(self, call: Call) -> Answer:
        query, rows = self._records.select(call.given("q"), deleted=call.operation == "queryAll")
        shown = [self._records.shown(each, query.fields) for each in rows]
        return self._page(shown, len(shown))

    def _more(self, call: Call) -> Answer:
        locator = self._locators.pop(call.path["locator"], None)
        if locator is None or locator.opened < self._now() - LOCATOR_LIFE:
            raise errors.refused(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(locator.rest, locator.total)

    def _page(self, rows: list[Json], total: int) -> Answer:
        page: Json = {"totalSize": total, "done": len(rows) <= PAGE, "records": rows[:PAGE]}
        if rows[PAGE:]:
            key = f"01g5e00000{len(self._locators):08d}-{PAGE}"
            self._locators[key] = Locator(rows[PAGE:], total, self._now())
            page["nextRecordsUrl"] = f"{DATA}/query/{key}"
        return Answer(page)

    def _describe(self, call: Call) -> Answer:
        kind = self._records.of(call.path["object"])
        fields = [_described(each) for each in kind.fields.values() if not each.hidden]
        can = {"queryable": True, "createable": "create" in kind.can, "updateable": "edit" in kind.can}
        return Answer({"name": kind.name, "keyPrefix": kind.prefix, "fields": fields, **can})

    def _deleted(self, call: Call) -> Answer:
        kind = self._records.of(call.path["object"])
        try:
            start, end = (datetime.fromisoformat(call.given(name)) for name in ("start", "end"))
        except ValueError:
            raise errors.refused(400, "MALFORMED_QUERY", "start and end must be moments", broken="start, end") from None
        return Answer(self._records.deleted(kind, start.astimezone(UTC), end.astimezone(UTC)))

    def _get(self, call: Call) -> Answer:
        kind = self._records.of(call.path["object"])
        names = tuple(call.given("fields").split(",")) if call.given("fields") else ()
        for name in names:
            _must_have(kind, name)
        return Answer(self._records.shown(self._records.get(kind, call.path["id"]), names))

    # Several in one

    def _composite(self, call: Call) -> Answer:
        """Answer several requests one after the other. They count as one call, and fail each for itself."""
        given = _body(call)
        asked = given.get("compositeRequest")
        if not isinstance(asked, list) or not 1 <= len(asked) <= AT_ONCE:
            raise errors.refused(400, "LIMIT_EXCEEDED", f"1 to {AT_ONCE} subrequests", broken="subrequests")
        queries = sum(str(each.get("url")).startswith(f"{DATA}/query") for each in asked)
        names = {each.get("referenceId") for each in asked}
        if queries > QUERIES_AT_ONCE or len(names) != len(asked) or given.get("allOrNone") is not False:
            broken = "five queries at most, a referenceId each, and allOrNone false"
            raise errors.refused(400, "INVALID_FIELD", broken, broken=broken)
        return Answer({"compositeResponse": [self._part(call, each) for each in asked]})

    def _part(self, call: Call, given: Json) -> Json:
        headers = {name.lower(): value for name, value in given.get("httpHeaders", {}).items()}
        if headers.keys() & {"accept", "authorization", "content-type"}:
            raise errors.refused(400, "INVALID_FIELD", "inherited headers", broken="inherited headers")
        address = urlsplit(given["url"])
        body = json.dumps(given["body"]).encode() if "body" in given else b""
        for each in self.routes():
            match = each.pattern.match(address.path) if each.method == given["method"] else None
            if match is not None and each.name not in ("token", "composite"):
                name, query = each.name.format(**match.groupdict()), parse_qs(address.query)
                part = Call(given["method"], name, match.groupdict(), query, {**call.headers, **headers}, body)
                answer = self._fault(name) or _handled(each.handler, part)
                break
        else:
            answer = errors.not_found().answer
        return {
            "body": answer.body,
            "httpHeaders": {},
            "httpStatusCode": answer.status,
            "referenceId": given["referenceId"],
        }

    # Writing

    def _create(self, call: Call) -> Answer:
        kind = self._records.of(call.path["object"], "create")
        given = _body(call)
        self._must_be_new(call, kind, given)
        record = self._records.create(kind, given, self._user(call), _assigns(call))
        return Answer({"id": record.id, "success": True, "errors": []}, 201)

    def _must_be_new(self, call: Call, kind: ObjectType, given: Json) -> None:
        if kind.name != "Lead" or "allowsave=true" in call.headers.get(_DUPLICATES, "").replace(" ", "").lower():
            return
        email, leads = given.get("Email"), self._records.rows.get("Lead", {}).values()
        if email and any(each.values["Email"] == email and each.deleted_at is None for each in leads):
            raise errors.refused(400, "DUPLICATES_DETECTED", "Use one of these records?")

    def _update(self, call: Call) -> Answer:
        kind = self._records.of(call.path["object"], "edit")
        given = _body(call)
        record = self._records.get(kind, call.path["id"])
        _must_be_unmodified(call, record)
        self._records.change(record, given, self._user(call), _assigns(call))
        return Answer(None, 204)

    def _upsert(self, call: Call) -> Answer:
        kind, name = self._records.of(call.path["object"], "edit"), call.path["field"]
        known = kind.fields.get(name)
        given = _body(call)
        if known is None or not known.external_id or known.hidden:
            raise errors.refused(404, "NOT_FOUND", f"{name} is no external id")
        if {"Id", name} & set(given):
            message = f"The {name} field should not be specified in the sobject data."
            raise errors.refused(400, "INVALID_FIELD", message, broken=message)
        rows = [
            each
            for each in self._records.rows.get(kind.name, {}).values()
            if each.deleted_at is None and each.values[name] == call.path["value"]
        ]
        if len(rows) > 1:
            return Answer([f"{DATA}/sobjects/{kind.name}/{each.id}" for each in rows], 300)
        if not rows:
            if call.given("updateOnly") == "true":
                raise errors.not_found()
            record = self._records.create(kind, given | {name: call.path["value"]}, self._user(call), _assigns(call))
            return Answer({"id": record.id, "success": True, "errors": [], "created": True}, 201)
        _must_be_unmodified(call, rows[0])
        self._records.change(rows[0], given, self._user(call), _assigns(call))
        return Answer({"id": rows[0].id, "success": True, "errors": [], "created": False})


def _handled(handler: Callable[[Call], Answer], call: Call) -> Answer:
    try:
        return handler(call)
    except Refused as refused:
        return refused.answer


def _described(known: Field) -> Json:
    return {
        "name": known.name,
        "label": known.label or known.name,
        "type": known.type,
        "length": known.length,
        "nillable": not known.required,
        "createable": known.createable,
        "updateable": known.updateable,
        "externalId": known.external_id,
        "custom": known.custom,
        "restrictedPicklist": known.restricted and known.type == "picklist",
        "referenceTo": ["User", "Group"] if known.name == "OwnerId" else [],
        "picklistValues": [
            {"value": value, "label": label, "active": True, "defaultValue": False} for value, label in known.values
        ],
    }


def _must_have(kind: ObjectType, name: str) -> None:
    known = kind.fields.get(name)
    if known is None or known.hidden:
        raise errors.refused(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {kind.name}")


def _assigns(call: Call) -> bool:
    """Tell whether assignment rules run: always, unless the header says no."""
    return call.headers.get("sforce-auto-assign", "TRUE").upper() != "FALSE"


def _must_be_unmodified(call: Call, record: Record) -> None:
    """Hold the header If-Unmodified-Since, in whole seconds, against the record."""
    given = call.headers.get("if-unmodified-since")
    if given is None:
        return
    try:
        since = parsedate_to_datetime(given)
    except ValueError:
        raise errors.refused(400, "INVALID_HEADER", "If-Unmodified-Since is no HTTP date", broken=given) from None
    if record.values["LastModifiedDate"] > since:
        raise errors.refused(412, "PRECONDITION_FAILED", "The record was modified since")


def _body(call: Call) -> Json:
    if not call.headers.get("content-type", "").startswith("application/json"):
        raise errors.refused(415, "UNSUPPORTED_MEDIA_TYPE", "the body must be application/json", broken="content type")
    try:
        body: Any = call.json()
    except json.JSONDecodeError:
        raise errors.refused(400, "JSON_PARSER_ERROR", "the body is no JSON", broken="body") from None
    if not isinstance(body, dict):
        raise errors.refused(400, "JSON_PARSER_ERROR", "the body must be an object", broken="body")
    return body
