"""HubSpot: contacts with their activities and deals in; properties, tasks and notes out."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.connectors.crm import attempts
from bot.connectors.crm.batches import batched
from bot.connectors.crm.contract import (
    AddNote,
    AddTask,
    Change,
    Conflict,
    Credentials,
    CrmError,
    Denied,
    Description,
    Gone,
    Interest,
    Lack,
    Made,
    Missing,
    Outcome,
    Page,
    Record,
    Refused,
    SetProperties,
    Stage,
    Write,
    Written,
)
from bot.connectors.crm.door import Door
from bot.connectors.crm.hubspot import objects
from bot.connectors.crm.hubspot.calls import LACKS, OBJECTS, VERSION, Calls, scope
from bot.connectors.crm.hubspot.objects import DEAL, ENGAGEMENTS, MODIFIED, results

OVERLAP = timedelta(minutes=2)
"""A record is nodes by a search some moments after it was changed, so each search begins so long before the last."""
PAGE, DEEPEST = 200, 9_800
"""Records of a page, and how far one search is paged: HubSpot finds 10,000 at most."""
SCANS = ("contacts", "deals", *ENGAGEMENTS)
HISTORY_AT_MOST = 50
"""Records that a batch reads with the histories of their properties."""
_LACKS = {
    "deals": Lack.READ_DEALS,
    "calls": Lack.READ_CALLS,
    "emails": Lack.READ_EMAILS,
    "meetings": Lack.READ_MEETINGS,
    "notes": Lack.READ_NOTES,
}
_SCOPES = {lack: name for name, lack in LACKS.items()} | {
    Lack.READ_CALLS: scope("objects.contacts.read"),
    Lack.READ_MEETINGS: scope("objects.contacts.read"),
    Lack.READ_NOTES: scope("objects.contacts.read"),
}
_TO_CONTACT = {"tasks": 204, "notes": 202}
_BECAME_MQL = "hs_lifecyclestage_marketingqualifiedlead_date"
_DEFAULTS = {"owner": "hubspot_owner_id", "status": "hs_lead_status", "stage": "lifecyclestage"}


class HubSpot:
    """A HubSpot account, as the service key of a connection shows it."""

    def __init__(self, door: Door, credentials: Sequence[Credentials], interest: Interest) -> None:
        self._calls = Calls(door, credentials)
        self._wanted = interest.properties

    @property
    def calls(self) -> int:
        """Return how many calls were made."""
        return self._calls.count

    # --- What it is ------------------------------------------------------------------------------------------------

    def describe(self) -> Description:
        """Return the account with its properties, owners and stages, and what the key does not allow."""
        about, missing = self._account, list[Missing]()
        properties = self._allowed(
            missing, Lack.READ_PROPERTIES, lambda: self._list(f"/crm/properties/{VERSION}/contacts")
        )
        owners = self._allowed(missing, Lack.READ_USERS, lambda: self._list(f"/crm/owners/{VERSION}", limit="100"))
        stages = self._allowed(missing, Lack.READ_DEALS, lambda: list(self._stages.values()))
        for name in ("contacts", *ENGAGEMENTS):
            self._allowed(missing, _LACKS.get(name, Lack.READ_RECORDS), partial(self._first, name))
        portal, host = about.get("portalId", ""), about.get("uiDomain") or "app.hubspot.com"
        return Description(
            str(portal),
            f"https://{host}/contacts/{portal}/record/0-1/{{id}}",
            tuple(objects.property_of(each) for each in properties),
            tuple(objects.user(each) for each in owners),
            tuple(stages),
            tuple(missing),
            defaults=_DEFAULTS,
        )

    def _first(self, name: str) -> list[dict[str, Any]]:
        return results(self._calls.post(f"{OBJECTS}/{name}/search", {"limit": 1}))

    def _allowed(self, missing: list[Missing], lack: Lack, read: Callable[[], list[Any]]) -> list[Any]:
        try:
            return read()
        except Denied as denied:
            missing.append(Missing(lack, denied.missing[0].scope if denied.missing else _SCOPES.get(lack, "")))
            return []

    def _list(self, path: str, **query: str) -> list[dict[str, Any]]:
        """Return everything that a path lists, page after page."""
        listed, after = list[dict[str, Any]](), ""
        while True:
            page = self._calls.get(path, query | ({"after": after} if after else {}))
            listed += results(page)
            after = _after(page)
            if not after:
                return listed

    @cached_property
    def _account(self) -> Mapping[str, Any]:
        return dict(self._calls.get(f"/account-info/{VERSION}/details") or {})

    @cached_property
    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(str(self._account.get("timeZone") or "UTC"))
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")

    @cached_property
    def _stages(self) -> dict[str, Stage]:
        return {stage.id: stage for stage in objects.stages(self._calls.get(f"/crm/pipelines/{VERSION}/deals"))}

    # --- What comes in ---------------------------------------------------------------------------------------------

    def begin(self, since: datetime) -> str:
        """Return the cursor of everything that changes from a moment on."""
        return json.dumps({"turn": 0, "marks": dict.fromkeys(SCANS, _milliseconds(since))})

    def fetch(self, cursor: str) -> Page:
        """Return one page of one kind of object, each kind in its turn."""
        state = json.loads(cursor)
        name = SCANS[state["turn"]]
        mark, lacks = int(state["marks"].get(name, 0)), tuple[Lack, ...]()
        since, after = state.get("since", mark - int(OVERLAP.total_seconds() * 1000)), state.get("after", "")
        try:
            nodes, after, newest = self._search(name, since, after)
            changes = self._changes(name, nodes)
        except Denied:
            if name == "contacts":
                raise
            changes, after, newest, lacks = [], "", mark, (_LACKS[name],)
        return Page(tuple(changes), _next(state, name, max(mark, newest), since, after), _more(state, after), lacks)

    def _search(self, name: str, since: int, after: str) -> tuple[list[dict[str, Any]], str, int]:
        """Return what was changed since a moment (milliseconds), where to go on, and the newest change of these."""
        modified = _modified(name)
        asked = {
            "filterGroups": [{"filters": [{"propertyName": modified, "operator": "GTE", "value": str(since)}]}],
            "sorts": [{"propertyName": modified, "direction": "ASCENDING"}],
            "properties": self._properties(name),
            "limit": PAGE,
        }
        answer = self._calls.post(f"{OBJECTS}/{name}/search", asked | ({"after": after} if after else {}))
        nodes = results(answer)
        moments = [objects.moment((each.get("properties") or {}).get(modified)) for each in nodes]
        newest = max((_milliseconds(each) for each in moments if each), default=0)
        return nodes, _after(answer), newest

    def _properties(self, name: str) -> list[str]:
        if name == "contacts":
            return list(dict.fromkeys((*objects.ALWAYS, *self._wanted)))
        return list(DEAL if name == "deals" else ENGAGEMENTS[name].properties)

    def _changes(self, name: str, nodes: Sequence[Mapping[str, Any]]) -> list[Change]:
        if name == "contacts":
            # A search shows no histories, and what it shows is older than what a read shows.
            return self._contacts([str(each["id"]) for each in nodes])
        whose = self._associated(name, "contacts", [str(each["id"]) for each in nodes])
        return [change for each in nodes for change in self._change(name, each, whose.get(str(each["id"]), []))]

    def _change(self, name: str, node: Mapping[str, Any], whose: list[str]) -> Iterable[Change]:
        if not whose:
            return []
        if name == "deals":
            return [objects.opportunity(node, whose, self._stages, self._zone)]
        return filter(None, [objects.activity(name, node, whose)])

    def read(self, record_ids: Collection[str]) -> tuple[Change, ...]:
        """Return contacts with their activities and deals; `deal:7` and `meeting:7` name other objects."""
        named = [each.partition(":") for each in record_ids]
        contacts = [first for first, colon, _ in named if not colon]
        changes = self._contacts(contacts)
        present = [change.id for change in changes if isinstance(change, Record)]
        for name in SCANS[1:]:
            ids = {rest for first, colon, rest in named if colon and f"{first}s" == name}
            try:
                ids.update(each for of_one in self._associated("contacts", name, present).values() for each in of_one)
                changes += self._changes(name, self._batch(name, sorted(ids)))
            except Denied:
                continue  # the poll tells what is missing
        return tuple(changes)

    def _contacts(self, ids: Sequence[str]) -> list[Change]:
        """Return contacts as they are now, with who changed what; of one that is no more, what became of it."""
        ids = list(dict.fromkeys(ids))
        nodes = {str(each["id"]): each for each in self._batch("contacts", ids)}
        changes: list[Change] = [objects.record(each) for each in nodes.values()]
        for gone in (each for each in ids if each not in nodes):
            node = self._calls.get(f"{OBJECTS}/contacts/{gone}", self._as_query())
            into = str(node["id"]) if node else None
            changes.append(Gone(gone, into if into != gone else None))
            if node:
                changes.append(objects.record(node))
        return changes

    def _as_query(self) -> dict[str, str]:
        wanted = {"properties": ",".join(self._properties("contacts"))}
        return wanted | ({"propertiesWithHistory": ",".join(self._wanted)} if self._wanted else {})

    def _batch(self, name: str, ids: Sequence[str], **other: object) -> list[dict[str, Any]]:
        """Return objects by their ids; those that are no more are left out."""
        asked = {"properties": self._properties(name), **other}
        if name == "contacts" and self._wanted:
            asked["propertiesWithHistory"] = list(self._wanted)
        nodes = list[dict[str, Any]]()
        for some in batched(ids, HISTORY_AT_MOST):
            nodes += results(
                self._calls.post(f"{OBJECTS}/{name}/batch/read", asked | {"inputs": [{"id": i} for i in some]})
            )
        return nodes

    def _associated(self, name: str, to: str, ids: Sequence[str]) -> dict[str, list[str]]:
        """Return the ids of what is associated with each of some objects."""
        whose: dict[str, list[str]] = {}
        for some in batched(ids, 100):
            asked = {"inputs": [{"id": each} for each in some]}
            for each in results(self._calls.post(f"/crm/associations/{VERSION}/{name}/{to}/batch/read", asked)):
                whose[str(each["from"]["id"])] = [str(other["toObjectId"]) for other in each.get("to") or []]
        return whose

    def by_email(self, emails: Collection[str]) -> tuple[Record, ...]:
        """Return the contacts with these addresses. HubSpot has one for each."""
        return tuple(objects.record(each) for each in self._batch("contacts", list(emails), idProperty="email"))

    def entered(self, since: datetime, until: datetime) -> tuple[Record, ...]:
        """Return the contacts that entered the lifecycle stage MQL in a stretch of time."""
        between = {
            "operator": "BETWEEN",
            "value": str(_milliseconds(since)),
            "highValue": str(_milliseconds(until) - 1),
        }
        asked: dict[str, Any] = {
            "filterGroups": [{"filters": [{"propertyName": _BECAME_MQL, **between}]}],
            "sorts": [{"propertyName": _BECAME_MQL, "direction": "ASCENDING"}],
            "properties": [*self._properties("contacts"), _BECAME_MQL],
            "limit": PAGE,
        }
        entered, after = list[Record](), ""
        while len(entered) < DEEPEST:
            answer = self._calls.post(f"{OBJECTS}/contacts/search", asked | ({"after": after} if after else {}))
            entered += [objects.record(each) for each in results(answer)]
            after = _after(answer)
            if not after:
                break
        return tuple(entered)

    # --- What goes out ---------------------------------------------------------------------------------------------

    def write(self, changes: Sequence[Write]) -> list[Made]:
        """Make changes. HubSpot has no call for several of which each is looked at before."""
        return attempts.one_by_one(changes, self._write)

    def _write(self, change: Write) -> Outcome:
        if isinstance(change, SetProperties):
            return self._set(change)
        if isinstance(change, AddTask):
            return self._create("tasks", change.record_id, _task(change))
        words = {"hs_timestamp": _text(change.at), "hs_note_body": f"{change.body}\n{change.reference}"}
        return self._create("notes", change.record_id, words)

    def _set(self, change: SetProperties) -> Outcome:
        """Set properties of a contact. HubSpot compares nothing, so they are read before; its histories tell
        afterwards whether somebody came between."""
        path = f"{OBJECTS}/contacts/{change.record_id}"
        before = self._calls.get(path, self._as_query())
        if before is None:
            return Refused("no_record")
        now = objects.record(before)
        if attempts.differs(change, now):
            return Conflict(now)
        answer = self._calls.change("PATCH", path, {"properties": {n: v or "" for n, v in change.values.items()}})
        return self._look_back(path, change) if isinstance(answer, dict) else answer

    def _look_back(self, path: str, change: SetProperties) -> Outcome:
        try:
            after = self._calls.get(path, self._as_query())
        except CrmError:
            return Written(change.record_id)  # HubSpot said so; the next read tells the rest
        if after is None:
            return Written(change.record_id)
        written = objects.record(after)
        values = {name: written.values.get(name) for name in change.values}
        histories = after.get("propertiesWithHistory") or {}
        between = {name: _between(histories.get(name), change, name) for name in change.values}
        overwritten = {name: value[0] for name, value in between.items() if value}
        return Written(change.record_id, written.version, values, overwritten)

    def _create(self, name: str, record_id: str, properties: Mapping[str, str]) -> Outcome:
        kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": _TO_CONTACT[name]}
        body = {"properties": properties, "associations": [{"to": {"id": record_id}, "types": [kind]}]}
        answer = self._calls.change("POST", f"{OBJECTS}/{name}", body)
        return Written(str(answer.get("id"))) if isinstance(answer, dict) else answer

    def find(self, change: AddTask | AddNote) -> str | None:
        """Return the id of a task or a note whose text holds the reference."""
        name, text = ("tasks", "hs_task_body") if isinstance(change, AddTask) else ("notes", "hs_note_body")
        ids = self._associated("contacts", name, [change.record_id]).get(change.record_id, [])
        for some in batched(ids, HISTORY_AT_MOST):
            asked = {"properties": [text], "inputs": [{"id": each} for each in some]}
            for each in results(self._calls.post(f"{OBJECTS}/{name}/batch/read", asked)):
                if change.reference in str((each.get("properties") or {}).get(text) or ""):
                    return str(each["id"])
        return None


def _task(change: AddTask) -> dict[str, str]:
    words = {
        "hs_timestamp": _text(change.due_at),
        "hs_task_subject": change.subject,
        "hs_task_body": f"{change.body}\n{change.reference}",
        "hs_task_status": "NOT_STARTED",
        "hs_task_type": "TODO",
    }
    return words | ({"hubspot_owner_id": change.user} if change.user else {})


def _between(history: Any, change: SetProperties, name: str) -> tuple[str | None] | None:
    """Return what stood in a property right before we wrote, where that was not what we had read."""
    if name not in change.expected or not isinstance(history, list) or len(history) < 2:
        return None
    newest, before = (objects.normal(each.get("value")) for each in history[:2])
    ours, expected = change.values[name], change.expected[name]
    return (before,) if newest == ours and before not in (expected, ours) else None


def _next(state: Mapping[str, Any], name: str, mark: int, since: int, after: str) -> str:
    """Return the cursor: the same search goes on, deeper or from where it came to, or it is another kind's turn."""
    marks = {**state["marks"], name: mark}
    if not after:
        return json.dumps({"turn": (state["turn"] + 1) % len(SCANS), "marks": marks})
    if int(after) > DEEPEST:
        return json.dumps({"turn": state["turn"], "marks": marks, "since": mark})
    return json.dumps({"turn": state["turn"], "marks": marks, "since": since, "after": after})


def _more(state: Mapping[str, Any], after: str) -> bool:
    return bool(after) or state["turn"] + 1 < len(SCANS)


def _after(page: Any) -> str:
    paging = page.get("paging") if isinstance(page, dict) else None
    return str(((paging or {}).get("next") or {}).get("after") or "")


def _modified(name: str) -> str:
    return MODIFIED if name == "contacts" else "hs_lastmodifieddate"


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
