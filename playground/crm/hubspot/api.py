"""The paths of HubSpot's CRM API that there are, on the version 2026-09 alone."""

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from playground.crm.hubspot import errors, search, values
from playground.crm.hubspot.limits import Limits
from playground.crm.hubspot.records import Owner, Record, Records, Source
from playground.crm.hubspot.schema import ObjectType, Property
from playground.crm.service import Answer, Call, Refused, Route, route
from playground.model import Json

OBJECTS, BATCH = "/crm/objects/2026-09/{object}", 100
DETAILS = "/account-info/2026-09"
MOST_HISTORY = 50


@dataclass(frozen=True)
class Account:
    """What the account says of itself."""

    portal_id: int = 62_515
    timezone: str = "Asia/Tokyo"
    ui_domain: str = "app.hubspot.com"
    hosting: str = "na1"


class Api:
    """The handlers. `granted` are the scopes of the service key; each handler asks for what it needs."""

    def __init__(
        self,
        records: Records,
        limits: Limits,
        account: Account,
        now: Callable[[], datetime],
        scopes: Callable[[], set[str]],
    ) -> None:
        self._records, self._limits, self._account = records, limits, account
        self._now, self._granted = now, scopes
        self.us = Source("INTEGRATION", "5150001")

    def routes(self) -> list[Route]:
        """List every operation."""
        single = OBJECTS + "/{id}"
        link = single + "/associations"
        return [
            route("POST", OBJECTS + "/search", "{object}.search", self._search),
            *[
                route("POST", f"{OBJECTS}/batch/{word}", "{object}.batch_" + word, handler)
                for word, handler in (
                    ("read", self._batch_read),
                    ("create", self._batch_create),
                    ("update", self._batch_update),
                    ("upsert", self._batch_upsert),
                )
            ],
            route("GET", OBJECTS, "{object}.list", self._list),
            route("POST", OBJECTS, "{object}.create", self._create),
            route("GET", single, "{object}.get", self._get),
            route("PATCH", single, "{object}.update", self._update),
            route("DELETE", single, "{object}.archive", self._archive),
            route("GET", link + "/{to}", "{object}.associations", self._linked),
            route("PUT", link + "/default/{to}/{to_id}", "{object}.associate", self._associate),
            route("DELETE", link + "/{to}/{to_id}", "{object}.dissociate", self._dissociate),
            route(
                "POST", "/crm/associations/2026-09/{object}/{to}/batch/read", "{object}.batch_associations", self._links
            ),
            route("GET", "/crm/owners/2026-09", "owners.list", self._owners),
            route("GET", "/crm/owners/2026-09/{id}", "owners.get", self._owner),
            route("GET", "/crm/pipelines/2026-09/deals", "pipelines.list", self._pipelines),
            route("GET", "/crm/pipelines/2026-09/deals/{id}/stages", "pipelines.stages", self._stages),
            route("GET", "/crm/properties/2026-09/{object}", "properties.list", self._properties),
            route("GET", "/crm/properties/2026-09/{object}/{name}", "properties.get", self._property),
            route("GET", DETAILS + "/details", "account.details", self._details),
            route("GET", DETAILS + "/api-usage/daily/private-apps", "account.usage", self._usage),
        ]

    # Whoever asks

    def _kind(self, call: Call, writes: bool = False) -> ObjectType:
        kind = self._records.type(call.path["object"])
        self._need(*(kind.write if writes else kind.read))
        return kind

    def _need(self, *scopes: str) -> None:
        lacking = [each for each in scopes if each not in self._granted()]
        if lacking:
            raise Refused(errors.missing_scopes(lacking))

    # Records

    def _shown(
        self, record: Record, names: list[str], history: Sequence[str] = (), index: Mapping[str, str] | None = None
    ) -> Json:
        values_now = record.properties if index is None else index
        always = [
            n
            for n in ("createdate", record.type.modified, "hs_object_id")
            if n in self._records.properties[record.type.plural]
        ]
        wanted = list(dict.fromkeys([*(names or record.type.shown), *always]))
        known = self._records.properties[record.type.plural]
        shown: Json = {
            "id": record.id,
            "properties": {name: values_now.get(name) or None for name in wanted if name in known},
            "createdAt": values.stamp(record.created),
            "updatedAt": values.stamp(record.updated),
            "archived": record.archived_at is not None,
        }
        if record.archived_at is not None:
            shown["archivedAt"] = values.stamp(record.archived_at)
        if history:
            shown["propertiesWithHistory"] = {name: record.history.get(name, [])[:MOST_HISTORY] for name in history}
        return shown

    def _get(self, call: Call) -> Answer:
        kind = self._kind(call)
        record = self._records.get(kind, call.path["id"], call.given("idProperty"), call.given("archived") == "true")
        shown = self._shown(record, _commas(call, "properties"), _commas(call, "propertiesWithHistory"))
        for name in _commas(call, "associations"):
            other = self._records.type(name)
            self._need(*other.read)
            linked = self._records.linked(record, other.plural)
            label = f"{kind.singular}_to_{other.singular}"
            results = [{"id": number, "type": label} for number in linked]
            if results:
                shown.setdefault("associations", {})[other.plural] = {"results": results}
        return Answer(shown)

    def _list(self, call: Call) -> Answer:
        kind = self._kind(call)
        limit, after = _number(call, "limit", 10), _number(call, "after", 0)
        if not 1 <= limit <= BATCH:
            raise errors.invalid(f"limit must be 1 to {BATCH}")
        rest = [each for each in self._records.live(kind) if int(each.id) >= after]
        names = _commas(call, "properties")
        return Answer(
            _page([self._shown(each, names) for each in rest[:limit]], rest[limit].id if rest[limit:] else "")
        )

    def _search(self, call: Call) -> Answer:
        kind = self._kind(call)
        query = search.read(self._records, kind, _body(call))
        matching = search.run(self._records, kind, query, self._now())
        end = query.after + query.limit
        shown = [self._shown(record, query.properties, [], seen) for record, seen in matching[query.after : end]]
        # What lies beyond the 10,000th is counted, but no page leads there.
        return Answer({"total": len(matching)} | _page(shown, str(end) if len(matching) > end else ""))

    def _create(self, call: Call) -> Answer:
        kind = self._kind(call, writes=True)
        body = _object(_body(call), {"properties", "associations", "objectWriteTraceId"})
        record = self._records.create(kind, _given(body), body.get("associations", []), self.us)
        return Answer(self._shown(record, list(record.properties)), 201)

    def _update(self, call: Call) -> Answer:
        kind = self._kind(call, writes=True)
        record = self._records.get(kind, call.path["id"], call.given("idProperty"))
        given = _given(_object(_body(call), {"properties", "objectWriteTraceId"}))
        self._records.update(record, given, self.us)
        return Answer(self._shown(record, list(given)))

    def _archive(self, call: Call) -> Answer:
        kind = self._kind(call, writes=True)
        with contextlib.suppress(Refused):  # HubSpot answers 204 for what is gone, too.
            self._records.archive(self._records.get(kind, call.path["id"]), self.us)
        return Answer(None, 204)

    # Many at once

    def _batch_read(self, call: Call) -> Answer:
        kind = self._kind(call)
        body = _object(_body(call), {"inputs", "properties", "propertiesWithHistory", "idProperty"})
        names, history = list(body.get("properties", [])), list(body.get("propertiesWithHistory", []))
        by = str(body.get("idProperty", ""))
        if history and len(body.get("inputs", [])) > MOST_HISTORY:
            raise errors.invalid(f"at most {MOST_HISTORY} records are read with their history")
        read = lambda each: self._shown(self._records.get(kind, str(each["id"]), by), names, history)  # noqa: E731
        return self._batch(call, body, read, 200)

    def _batch_create(self, call: Call) -> Answer:
        kind = self._kind(call, writes=True)

        def create(each: Json) -> Json:
            record = self._records.create(kind, _given(each), each.get("associations", []), self.us)
            return self._shown(record, list(record.properties))

        return self._batch(call, _object(_body(call), {"inputs"}), create, 201)

    def _batch_update(self, call: Call) -> Answer:
        kind = self._kind(call, writes=True)

        def update(each: Json) -> Json:
            record = self._records.get(kind, str(each["id"]), str(each.get("idProperty", "")))
            self._records.update(record, _given(each), self.us)
            return self._shown(record, list(_given(each)))

        return self._batch(call, _object(_body(call), {"inputs"}), update, 200)

    def _batch_upsert(self, call: Call) -> Answer:
        kind = self._kind(call, writes=True)

        def upsert(each: Json) -> Json:
            by = str(each.get("idProperty", ""))
            if not by:
                raise errors.invalid("an upsert needs idProperty")
            try:
                record, new = self._records.get(kind, str(each["id"]), by), False
                self._records.update(record, _given(each), self.us)
            except Refused as refused:
                if refused.answer.status != 404:
                    raise
                record, new = self._records.create(kind, _given(each) | {by: str(each["id"])}, [], self.us), True
            return self._shown(record, list(_given(each))) | {"new": new}

        return self._batch(call, _object(_body(call), {"inputs"}), upsert, 200)

    def _batch(self, call: Call, body: Json, act: Callable[[Json], Json], status: int) -> Answer:
        """Do something for each of the inputs: 207 where some of them failed, which the body names."""
        inputs = body.get("inputs")
        if not isinstance(inputs, list) or not all(isinstance(each, dict) for each in inputs) or not inputs:
            raise errors.invalid("inputs must be a list of objects that is not empty")
        if len(inputs) > BATCH:
            raise errors.invalid(f"The batch size is over the limit of {BATCH}")
        ids = [str(each["id"]) for each in inputs if "id" in each]
        if len(ids) != (0 if call.operation.endswith("_create") else len(inputs)) or len(set(ids)) != len(ids):
            raise errors.invalid("each input needs an id of its own, and a new record has none")
        results, failed, started = [], [], values.stamp(self._now())
        for each in inputs:
            try:
                results.append(act(each))
            except Refused as refused:
                failed.append({**refused.answer.body, "context": {"ids": [str(each.get("id", ""))]}})
        times = {"startedAt": started, "completedAt": values.stamp(self._now())}
        answer = {"status": "COMPLETE", "results": results, **times}
        if failed:
            return Answer(answer | {"numErrors": len(failed), "errors": failed}, 207)
        return Answer(answer, status)

    # Associations

    def _ends(self, call: Call) -> tuple[Record, Record]:
        kind, other = self._kind(call, writes=True), self._records.type(call.path["to"])
        self._need(*other.write)
        return self._records.get(kind, call.path["id"]), self._records.get(other, call.path["to_id"])

    def _associate(self, call: Call) -> Answer:
        record, other = self._ends(call)
        self._records.associate(record, other)
        link = {"from": {"id": record.id}, "to": {"id": other.id}}
        return Answer({"status": "COMPLETE", "results": [link]})

    def _dissociate(self, call: Call) -> Answer:
        self._records.dissociate(*self._ends(call))
        return Answer(None, 204)

    def _linked(self, call: Call) -> Answer:
        kind, other = self._kind(call), self._records.type(call.path["to"])
        self._need(*other.read)
        return Answer({"results": self._links_of(self._records.get(kind, call.path["id"]), other)})

    def _links(self, call: Call) -> Answer:
        kind, other = self._kind(call), self._records.type(call.path["to"])
        self._need(*other.read)

        def linked(each: Json) -> Json:
            record = self._records.get(kind, str(each["id"]))
            return {"from": {"id": record.id}, "to": self._links_of(record, other)}

        return self._batch(call, _object(_body(call), {"inputs"}), linked, 200)

    def _links_of(self, record: Record, other: ObjectType) -> list[Json]:
        return [
            {
                "toObjectId": int(number),
                "associationTypes": [
                    {"category": "HUBSPOT_DEFINED", "typeId": each, "label": "Primary" if each == 1 else None}
                    for each in sorted(numbers)
                ],
            }
            for number, numbers in self._records.linked(record, other.plural).items()
        ]

    # What the account is set up with

    def _owners(self, call: Call) -> Answer:
        self._need("crm.objects.owners.read")
        archived, email = call.given("archived") == "true", call.given("email").lower()
        limit, after = _number(call, "limit", BATCH), _number(call, "after", 0)
        matching = [
            each
            for each in self._records.owners.values()
            if each.archived == archived and email in ("", each.email.lower()) and int(each.id) >= after
        ]
        rest = matching[limit].id if matching[limit:] else ""
        return Answer(_page([self._as_owner(each) for each in matching[:limit]], rest))

    def _owner(self, call: Call) -> Answer:
        self._need("crm.objects.owners.read")
        owner = self._records.owners.get(call.path["id"])
        if owner is None or owner.archived != (call.given("archived") == "true"):
            raise errors.not_found()
        return Answer(self._as_owner(owner))

    def _as_owner(self, owner: Owner) -> Json:
        return {
            "id": owner.id,
            "email": owner.email,
            "type": "PERSON",
            "firstName": owner.first_name,
            "lastName": owner.last_name,
            "userId": owner.user_id,
            "teams": [],
            "archived": owner.archived,
        }

    def _pipelines(self, _call: Call) -> Answer:
        self._need("crm.objects.deals.read")
        shown = [
            {
                "id": each.id,
                "label": each.label,
                "displayOrder": order,
                "archived": False,
                "stages": self._stages_of(each.id),
            }
            for order, each in enumerate(self._records.pipelines)
        ]
        return Answer({"results": shown})

    def _stages(self, call: Call) -> Answer:
        self._need("crm.objects.deals.read")
        return Answer({"results": self._stages_of(call.path["id"])})

    def _stages_of(self, pipeline: str) -> list[Json]:
        stages = next((each.stages for each in self._records.pipelines if each.id == pipeline), None)
        if stages is None:
            raise errors.not_found()
        return [
            {
                "id": each.id,
                "label": each.label,
                "displayOrder": order,
                "metadata": {"isClosed": str(each.closed).lower(), "probability": str(each.probability)},
                "archived": False,
            }
            for order, each in enumerate(stages)
        ]

    def _properties(self, call: Call) -> Answer:
        kind = self._of_schema(call)
        return Answer({"results": [self._as_property(kind, name) for name in self._records.properties[kind.plural]]})

    def _property(self, call: Call) -> Answer:
        kind = self._of_schema(call)
        if call.path["name"] not in self._records.properties[kind.plural]:
            raise errors.not_found(f"Property {call.path['name']} does not exist")
        return Answer(self._as_property(kind, call.path["name"]))

    def _of_schema(self, call: Call) -> ObjectType:
        kind = self._records.type(call.path["object"])
        plural = kind.plural if kind.plural in ("companies", "deals") else "contacts"
        self._need(f"crm.schemas.{plural}.read")
        return kind

    def _as_property(self, kind: ObjectType, name: str) -> Json:
        known = self._records.definition(kind, name)
        assert known is not None
        return {
            "name": name,
            "label": known.label or name,
            "type": known.type,
            "fieldType": _FIELD_TYPES[known.type],
            "options": [_as_option(order, known, each.value) for order, each in enumerate(known.options)],
            "hubspotDefined": known.built_in,
            "hasUniqueValue": known.unique,
            "archived": False,
            "modificationMetadata": {"readOnlyValue": known.read_only, "readOnlyDefinition": known.built_in},
        }

    def _details(self, _call: Call) -> Answer:
        self._need("oauth")
        details = {
            "portalId": self._account.portal_id,
            "accountType": "STANDARD",
            "timeZone": self._account.timezone,
            "dataHostingLocation": self._account.hosting,
            "uiDomain": self._account.ui_domain,
        }
        return Answer(details)

    def _usage(self, _call: Call) -> Answer:
        self._need("oauth")
        midnight = (self._now() + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        usage = {
            "name": "private-apps-api-calls-daily",
            "usageLimit": self._limits.daily,
            "currentUsage": self._limits.spent,
            "collectedAt": values.stamp(self._now()),
            "fetchStatus": "SUCCESS",
            "resetsAt": values.stamp(midnight),
        }
        return Answer({"results": [usage]})


_FIELD_TYPES = {
    "string": "text",
    "enumeration": "select",
    "datetime": "date",
    "date": "date",
    "number": "number",
    "bool": "booleancheckbox",
}


def _as_option(order: int, known: Property, value: str) -> Json:
    option = next(each for each in known.options if each.value == value)
    return {"value": value, "label": option.label, "displayOrder": order, "hidden": option.hidden}


def _page(results: list[Json], after: str) -> Json:
    return {"results": results} | ({"paging": {"next": {"after": after}}} if after else {})


def _commas(call: Call, name: str) -> list[str]:
    """Return a list of the query: several of the name, or one with commas."""
    return [each for value in call.query.get(name, []) for each in value.split(",") if each]


def _number(call: Call, name: str, default: int) -> int:
    text = call.given(name, str(default))
    if not text.isdecimal():
        raise errors.invalid(f"{name} must be a number")
    return int(text)


def _body(call: Call) -> Any:
    if not call.headers.get("content-type", "").startswith("application/json"):
        raise Refused(
            errors.problem(415, "VALIDATION_ERROR", "the body must be application/json", broken="content type")
        )
    try:
        return call.json()
    except json.JSONDecodeError:
        raise errors.invalid("Invalid input JSON") from None


def _object(body: Any, keys: set[str]) -> Json:
    if not isinstance(body, dict) or set(body) - keys:
        raise errors.invalid(f"Invalid input JSON: an object with {sorted(keys)} is expected")
    return body


def _given(body: Json) -> dict[str, object]:
    properties = body.get("properties", {})
    if not isinstance(properties, dict):
        raise errors.invalid("properties must be an object")
    return properties
