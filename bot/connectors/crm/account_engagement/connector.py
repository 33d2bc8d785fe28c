"""Account Engagement: prospects with their score and what became of e-mails in, custom fields out.

Sales works in Salesforce: here are no tasks, no notes and no proof of a contact. What Account Engagement answers may
be a minute old, also of what was just written.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.connectors.crm import attempts
from bot.connectors.crm.account_engagement import objects
from bot.connectors.crm.account_engagement.calls import DEMO, LIVE, Calls
from bot.connectors.crm.account_engagement.objects import ACTIVITY, ALWAYS, CUSTOM
from bot.connectors.crm.contract import (
    AddNote,
    AddTask,
    Away,
    Change,
    Conflict,
    Credentials,
    Denied,
    Description,
    EmailFigures,
    Gone,
    Interest,
    Lack,
    Limited,
    Made,
    Missing,
    Outcome,
    Page,
    Property,
    Record,
    Refused,
    SetProperties,
    Write,
    Written,
)
from bot.connectors.crm.door import Door
from bot.connectors.crm.moments import iso, moment

PAGE = "200"
OVERLAP = timedelta(minutes=2)
"""Longer than an answer may be behind."""
STALE, _BEHIND = timedelta(minutes=2), timedelta(seconds=15)
FRESH = timedelta(seconds=15)
"""So long a prospect that was found by its address is not read again: an answer may be older than that anyway."""
TURNS = ("prospects", "activities")
PATHS = {
    "prospects": ("/prospects", "updatedAt", Lack.READ_RECORDS),
    "activities": ("/visitor-activities", "createdAt", Lack.READ_ENGAGEMENTS),
}
"""Of each turn: where, by which moment, and what it needs."""
STATUS = "mql_status"
"""What the custom field for the status is called, if somebody has made it."""

Json = dict[str, Any]
_written: dict[tuple[str, str], tuple[datetime, dict[str, str | None]]] = {}
"""By business unit and prospect: when it was written last, and which values. Answers may not know of it for a
minute."""
_lock = threading.Lock()


class AccountEngagement:
    """A business unit, as the user of Salesforce sees it."""

    def __init__(self, door: Door, credentials: Sequence[Credentials], interest: Interest) -> None:
        given = [{**interest.options, **each} for each in credentials]
        chosen = given[0].get("api_address") or (DEMO if ".sandbox." in door.base else LIVE)
        self._calls = Calls(door, door.at(chosen), given)
        self._wanted, self._unit = interest.properties, given[0].get("business_unit", "")
        self._found: dict[str, tuple[datetime, Json]] = {}
        self._read_since = ""
        """Until when every change of a prospect is known to whoever called `fetch`; empty: not asked yet."""

    @property
    def calls(self) -> int:
        """Return how many calls were made."""
        return self._calls.count

    @property
    def _fields(self) -> str:
        return ",".join(dict.fromkeys((*ALWAYS, *self._wanted)))

    def _custom(self) -> list[Property]:
        """Return the custom fields that a mapping can use."""
        query = {"fields": ",".join(CUSTOM), "limit": PAGE}
        body = self._calls.get("/custom-fields", query, Lack.READ_PROPERTIES) or {}
        return [each for each in map(objects.property_of, body.get("values") or []) if each is not None]

    def _prospects(self, path: str, query: Mapping[str, str]) -> Json | None:
        """Return the answer to a question about prospects; a custom field that is gone by now is left out."""
        try:
            return self._calls.get(path, {**query, "fields": self._fields})
        except Away as away:
            if str(away) != "http_400":
                raise
            known = {each.name for each in (*self._custom(), *objects.standard())}
            if known.issuperset(self._wanted):
                raise
            self._wanted = tuple(each for each in self._wanted if each in known)
        return self._calls.get(path, {**query, "fields": self._fields})

    # --- What it is ------------------------------------------------------------------------------------------------

    def describe(self) -> Description:
        """Return the business unit with its custom fields, and what the user may not do. Whether they may edit is
        only seen by editing: a prospect whom there is not is edited."""
        self._calls.get("/prospects", {"fields": "id", "limit": "1"})
        missing, custom = list[Missing](), list[Property]()
        try:
            custom = self._custom()
        except Denied as denied:
            missing += denied.missing
        try:
            self._calls.get("/visitor-activities", {"fields": "id", "limit": "1"}, Lack.READ_ENGAGEMENTS)
        except Denied as denied:
            missing += denied.missing
        try:
            self._calls.change("/prospects/0", {"fields": "id"}, {})
        except Denied as denied:
            missing += denied.missing
        usual = {each.name.lower().removesuffix("__c"): each.name for each in custom}
        return Description(
            self._unit,
            "https://pi.pardot.com/prospect/read/id/{id}",
            (*custom, *objects.standard()),
            missing=tuple(missing),
            defaults={"status": usual[STATUS]} if STATUS in usual else {},
            is_for_sales=False,
        )

    # --- What comes in ---------------------------------------------------------------------------------------------

    def begin(self, since: datetime) -> str:
        """Return the cursor of everything that changes from a moment on."""
        return json.dumps({"turn": 0, "marks": dict.fromkeys(TURNS, iso(since - OVERLAP))})

    def fetch(self, cursor: str) -> Page:
        """Return one page of prospects by their last change, or of activities by their moment, each in its turn."""
        state = json.loads(cursor)
        turn, lacks, nodes, token = TURNS[state["turn"]], tuple[Lack, ...](), list[Json](), ""
        try:
            nodes, token = self._turn(turn, state)
        except Denied:
            if turn == "prospects":
                raise
            lacks = (Lack.READ_ENGAGEMENTS,)
        if not state.get("page"):
            state["begun"] = iso(self._calls.at - OVERLAP)
        state["page"] = token
        if not token:
            if not lacks:  # else it is read from there on once it is allowed
                state["marks"][turn] = max(state["marks"][turn], state["begun"])
                self._read_since = state["marks"]["prospects"]
            state["turn"] = (state["turn"] + 1) % len(TURNS)
        return Page(self._changes(turn, nodes), json.dumps(state), bool(token) or state["turn"] > 0, lacks)

    def _turn(self, turn: str, state: Json) -> tuple[list[Json], str]:
        """Return the rows of a page, and the token of the next one. With a token nothing else may be asked; one that
        is over after some hours is left out, and the turn begins anew."""
        path, by, lack = PATHS[turn]
        fields = self._fields if turn == "prospects" else ",".join(ACTIVITY)
        body = self._calls.next_page(path, fields, str(state["page"]), lack) if state.get("page") else None
        if body is None:
            state["page"] = ""
            first = {f"{by}AfterOrEqualTo": state["marks"][turn], "orderBy": by, "limit": PAGE}
            more = {"fields": fields} if turn == "activities" else {}
            body = self._calls.get(path, first | more, lack) if more else self._prospects(path, first)
        body = body or {}
        return list(body.get("values") or []), str(body.get("nextPageToken") or "")

    def _changes(self, turn: str, nodes: Iterable[Json]) -> tuple[Change, ...]:
        if turn == "activities":
            return tuple(each for each in map(objects.email, nodes) if each is not None)
        return tuple(change for each in nodes for change in self._prospect(each))

    def _prospect(self, node: Json) -> Iterable[Change]:
        """Yield a prospect and its score; nothing of one that an answer tells as it was before this bot wrote."""
        seen = self._record(node)
        if seen is not None:
            yield seen
            if (score := objects.score(node)) is not None:
                yield score

    def _record(self, node: Json) -> Record | None:
        """Return a prospect; None for an answer from before this bot wrote to it."""
        seen = objects.record(node, self._wanted)
        with _lock:
            at, values = _written.get((self._unit, seen.id), (None, {}))
        is_recent = at is not None and self._calls.at < at + STALE
        return None if at is not None and is_recent and seen.changed_at < at and _differs(seen, values) else seen

    def read(self, record_ids: Collection[str]) -> tuple[Change, ...]:
        """Return the prospects of these ids, with their score and what became of e-mails to them."""
        changes = list[Change]()
        for each in record_ids:
            if not each.isdecimal():
                continue
            node = self._just_found(each) or self._prospects(f"/prospects/{each}", {})
            if node is None:
                changes.append(Gone(each))
                continue
            changes += [*self._prospect(node), *self._history(each)]
        return tuple(changes)

    def _just_found(self, record_id: str) -> Json | None:
        """Return a prospect that was found by its address a moment ago, once."""
        at, node = self._found.pop(record_id, (None, None))
        return node if at is not None and self._calls.at < at + FRESH else None

    def _history(self, record_id: str) -> Iterable[Change]:
        query = {"fields": ",".join(ACTIVITY), "prospectId": record_id, "orderBy": "createdAt", "limit": PAGE}
        try:
            body = self._calls.get("/visitor-activities", query, Lack.READ_ENGAGEMENTS) or {}
        except Denied:
            return ()  # the poll tells what is missing
        return self._changes("activities", body.get("values") or [])

    def by_email(self, emails: Collection[str]) -> tuple[Record, ...]:
        """Return the prospects with one of these addresses. One call for each: an address may have several."""
        matches = list[Record]()
        for each in emails:
            body = self._prospects("/prospects", {"email": each, "limit": PAGE}) or {}
            nodes = body.get("values") or []
            self._found |= {str(node["id"]): (self._calls.at, node) for node in nodes}
            matches += [objects.record(node, self._wanted) for node in nodes]
        return tuple(matches)

    def entered(self, since: datetime, until: datetime) -> tuple[Record, ...]:  # noqa: ARG002
        """Return nobody: it is Salesforce that hands prospects over."""
        return ()

    def emails(self, since: datetime, until: datetime, wait: Callable[[float], None]) -> Iterable[EmailFigures]:
        """Yield the figures of each list e-mail that was sent, by a call for each. What was opened and clicked later
        belongs to the moment at which it was sent."""
        first = {"fields": "id,sentAt,isSent", "sentAtAfterOrEqualTo": iso(since), "limit": PAGE}
        path, lack = "/list-emails", Lack.READ_ENGAGEMENTS
        body = self._patient(path, first, lack, wait)
        while True:
            for node in body.get("values") or []:
                at = moment(node.get("sentAt"))
                if node.get("isSent") and since <= at < until:
                    stats = self._patient(f"{path}/{node['id']}/stats", {}, lack, wait)
                    yield objects.figures(at, stats)
            if not body.get("nextPageToken"):
                return
            body = self._patient(path, {"fields": first["fields"], "nextPageToken": body["nextPageToken"]}, lack, wait)

    def _patient(self, path: str, query: Mapping[str, str], lack: Lack, wait: Callable[[float], None]) -> Json:
        return attempts.patiently(lambda: self._calls.get(path, query, lack) or {}, wait)

    # --- What goes out ---------------------------------------------------------------------------------------------

    def write(self, changes: Sequence[Write]) -> list[Made]:
        """Set fields of each prospect. What several of them hold now is asked in one call. Tasks and notes there are
        none."""
        return attempts.together(changes, self._write_together)

    def _write_together(self, changes: Sequence[Write]) -> list[Made]:
        changed = self._changed() if len(changes) > 1 else None
        return attempts.one_by_one(changes, lambda change: self._write(change, changed))

    def _changed(self) -> dict[str, Json] | None:
        """Return every prospect that was changed since the last one that `fetch` told, by id; None where that is not
        known, or too many to ask for in one call."""
        if not self._read_since:
            return None
        query = {"updatedAtAfterOrEqualTo": self._read_since, "orderBy": "updatedAt", "limit": PAGE}
        body = self._prospects("/prospects", query) or {}
        return None if body.get("nextPageToken") else {str(node["id"]): node for node in body.get("values") or []}

    def _write(self, change: Write, changed: Mapping[str, Json] | None) -> Outcome:
        if isinstance(change, AddTask | AddNote):
            return Refused("other")
        return self._why_not(change, changed) or self._set(change)

    def _why_not(self, change: SetProperties, changed: Mapping[str, Json] | None) -> Outcome | None:
        """Return why fields are not to be set: somebody has changed them since they were read last, or an answer is
        too old to tell. `changed`: the prospects that were changed since; None: this one is to be read."""
        is_unchanged = changed is not None and change.record_id not in changed
        node = (changed or {}).get(change.record_id) or {}
        if changed is None:
            read = self._prospects(f"/prospects/{change.record_id}", {})
            if read is None:
                return Refused("no_record")
            node = read
        if gone := tuple(name for name in change.values if name not in self._wanted):
            return Refused("no_property", ", ".join(gone), gone)
        if is_unchanged:
            return Limited(_BEHIND, "locked") if self._is_behind(change.record_id) else None
        now = self._record(node)
        if now is None:
            return Limited(_BEHIND, "locked")
        return Conflict(now) if attempts.differs(change, now) else None

    def _is_behind(self, record_id: str) -> bool:
        """Return whether this bot wrote to a prospect so late that all that was changed since should name it."""
        with _lock:
            at, _ = _written.get((self._unit, record_id), (None, {}))
        return at is not None and at >= moment(self._read_since) and self._calls.at < at + STALE

    def _set(self, change: SetProperties) -> Outcome:
        path = f"/prospects/{change.record_id}"
        answer = self._calls.change(path, {"fields": self._fields}, dict(change.values))
        if not isinstance(answer, dict):
            return answer
        if not answer:
            return Written(change.record_id)
        written = objects.record(answer, self._wanted)
        with _lock:
            for key in [key for key, (at, _) in _written.items() if at < self._calls.at - STALE]:
                del _written[key]
            _written[self._unit, change.record_id] = (written.changed_at, dict(change.values))
        held = {name: written.values.get(name) for name in change.values}
        return Written(change.record_id, written.version, held)

    def find(self, change: AddTask | AddNote) -> str | None:  # noqa: ARG002
        """Return None: no task and no note was ever written."""
        return None


def _differs(record: Record, values: dict[str, str | None]) -> bool:
    return any(record.values.get(name) != value for name, value in values.items())
