"""Marketo: people with the history of their score and of e-mails in, fields out.

Sales does not work in Marketo: it gets no tasks and no notes, and nothing in it is proof of a contact.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from bot.connectors.crm import attempts
from bot.connectors.crm.batches import batched
from bot.connectors.crm.contract import (
    AddNote,
    AddTask,
    Away,
    Change,
    Conflict,
    Credentials,
    CrmError,
    Denied,
    Description,
    EmailFigures,
    Gone,
    Interest,
    Lack,
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
from bot.connectors.crm.marketo import objects
from bot.connectors.crm.marketo.calls import NO_FIELD, Calls, NoField
from bot.connectors.crm.marketo.objects import ALWAYS, READ
from bot.connectors.crm.moments import iso, moment

PAGE, LEADS_AT_ONCE = 100, 30
OVERLAP, HISTORY = timedelta(minutes=2), timedelta(days=30)
"""An activity may be written down a little late; so far back a person is looked at who has just been handed over."""
TURNS = ("changes", "activities", "deleted")
SCORE = "Lead Score"
"""What the score is called unless somebody says otherwise."""
_DEFAULTS = {"status": "leadStatus"}
_OURS = "Web service API"
"""What Marketo calls a change that came through its API: this bot's, or that of another service."""

Json = dict[str, Any]


class Marketo:
    """A subscription of Marketo, as the role of an API-only user shows it."""

    def __init__(self, door: Door, credentials: Sequence[Credentials], interest: Interest) -> None:
        # The page that shows the address has it with the name of an API behind.
        door = door.at(door.base.removesuffix("/rest").removesuffix("/identity"))
        self._calls, self._base = Calls(door, credentials), door.base
        self._wanted = interest.properties
        self._score = interest.options.get("score_field") or SCORE
        self._seen = set[str]()

    @property
    def calls(self) -> int:
        """Return how many calls were made."""
        return self._calls.count

    # --- What it is ------------------------------------------------------------------------------------------------

    def describe(self) -> Description:
        """Return the subscription with its fields, and what the role does not allow. Whether it may write is only seen
        by writing: a person whom there is not is written to."""
        properties, missing = self._properties(), list[Missing]()
        try:
            self._calls.get("/rest/v1/activities/types.json", {}, Lack.READ_ENGAGEMENTS)
        except Denied as denied:
            missing += denied.missing
        try:
            self._put("0", {"email": None})
        except Denied as denied:
            missing += denied.missing
        return Description(
            (urlsplit(self._base).hostname or "").partition(".")[0].upper(),
            properties=properties,
            missing=tuple(missing),
            defaults=_DEFAULTS,
            is_for_sales=False,
        )

    def _properties(self) -> tuple[Property, ...]:
        fields = self._calls.get("/rest/v1/leads/describe.json", {}).get("result") or []
        known = (objects.property_of(each) for each in fields if isinstance(each, dict))
        return tuple(each for each in known if each is not None)

    def _by_field(self, path: str, query: Mapping[str, str], fields: Iterable[str] = ()) -> Json:
        """Return the answer to a question about the mapped fields, beside `fields`; one that is gone by now is left
        out."""
        for _ in range(2):
            asked = ",".join(dict.fromkeys((*fields, *self._wanted))) or "email"
            try:
                return self._calls.get(path, {**query, "fields": asked})
            except NoField:
                known = {each.name for each in self._properties()}
                self._wanted = tuple(each for each in self._wanted if each in known)
        raise Away(f"http_{NO_FIELD}")

    # --- What comes in ---------------------------------------------------------------------------------------------

    def begin(self, since: datetime) -> str:
        """Return the cursor of everything that changes from a moment on."""
        return json.dumps({"turn": 0, "since": iso(since - OVERLAP), "tokens": {}})

    def fetch(self, cursor: str) -> Page:
        """Return one page of changed fields, of activities, or of who was deleted, each in its turn. A paging token
        goes on where the page before ended, and is always given."""
        state = json.loads(cursor)
        turn, lacks = TURNS[state["turn"]], tuple[Lack, ...]()
        changes, more = tuple[Change, ...](), False
        try:
            asked = state["tokens"].get(turn) or self._token(state["since"])
            body = self._turn(turn, asked)
            changes, more = self._changes(turn, body.get("result") or []), bool(body.get("moreResult"))
            state["tokens"][turn] = str(body.get("nextPageToken") or asked)
        except Denied:
            if turn == "changes":
                raise
            lacks = (Lack.READ_ENGAGEMENTS if turn == "activities" else Lack.READ_DELETIONS,)
        if not more:
            state["turn"] = (state["turn"] + 1) % len(TURNS)
        return Page(changes, json.dumps(state), more or state["turn"] > 0, lacks)

    def _token(self, since: str) -> str:
        asked = {"sinceDatetime": since}
        body = self._calls.get("/rest/v1/activities/pagingtoken.json", asked, Lack.READ_ENGAGEMENTS)
        return str(body.get("nextPageToken") or "")

    def _turn(self, turn: str, asked: str) -> Json:
        if turn == "changes":
            return self._by_field("/rest/v1/activities/leadchanges.json", {"nextPageToken": asked})
        if turn == "deleted":
            return self._calls.get("/rest/v1/activities/deletedleads.json", {"nextPageToken": asked})
        return self._activities(asked)

    def _activities(self, asked: str, leads: Iterable[str] = ()) -> Json:
        query = {"nextPageToken": asked, "activityTypeIds": ",".join(map(str, READ))}
        whose = {"leadIds": ",".join(leads)} if leads else {}
        return self._calls.get("/rest/v1/activities.json", query | whose, Lack.READ_ENGAGEMENTS)

    def _changes(self, turn: str, nodes: Sequence[Json]) -> tuple[Change, ...]:
        if turn == "activities":
            return tuple(change for each in nodes for change in objects.change(each, self._score))
        ids = list(dict.fromkeys(str(each.get("leadId")) for each in nodes))
        if turn == "deleted":
            return tuple(Gone(each) for each in ids)
        return self._leads(ids)

    def _leads(self, ids: Sequence[str]) -> tuple[Record, ...]:
        return tuple(each for some in batched(ids, PAGE) for each in self._filtered("id", some))

    def _filtered(self, by: str, values: Iterable[str]) -> Iterable[Record]:
        """Yield the people with one of these values."""
        query = {"filterType": by, "filterValues": ",".join(values)}
        while True:
            body = self._by_field("/rest/v1/leads.json", query, ALWAYS)
            yield from (objects.record(each, self._wanted) for each in body.get("result") or [])
            if not body.get("nextPageToken"):
                return
            query["nextPageToken"] = str(body["nextPageToken"])

    def read(self, record_ids: Collection[str]) -> tuple[Change, ...]:
        """Return the people of these ids, with what happened to their score and their e-mails of late."""
        ids = [each for each in record_ids if each.isdecimal()]
        records = self._leads(ids)
        present = {each.id for each in records}
        gone = tuple(Gone(each) for each in ids if each not in present)
        try:
            history = tuple(self._history(sorted(present)))
        except Denied:
            history = ()  # the poll tells what is missing
        return (*gone, *records, *history)

    def _history(self, ids: Sequence[str]) -> Iterable[Change]:
        for some in batched(ids, LEADS_AT_ONCE):
            asked, more = self._token(iso(self._calls.at - HISTORY)), True
            while more:
                body = self._activities(asked, some)
                yield from self._changes("activities", body.get("result") or [])
                asked, more = str(body.get("nextPageToken") or ""), bool(body.get("moreResult"))

    def by_email(self, emails: Collection[str]) -> tuple[Record, ...]:
        """Return the people with one of these addresses."""
        wanted = [each for each in emails if "," not in each]
        return tuple(each for some in batched(wanted, PAGE) for each in self._filtered("email", some))

    def entered(self, since: datetime, until: datetime) -> tuple[Record, ...]:  # noqa: ARG002
        """Return nobody: Marketo holds everybody, and does not say whom it handed over."""
        return ()

    def emails(self, since: datetime, until: datetime, wait: Callable[[float], None]) -> Iterable[EmailFigures]:
        """Yield each e-mail that was sent, and the first time that its person opened and clicked it, by the log of
        activities: some hundred in a call."""
        token, more, seen = self._token(iso(since)), True, set[tuple[object, ...]]()
        while more:
            body = self._mailed(token, wait)
            token, more = str(body.get("nextPageToken") or ""), bool(body.get("moreResult"))
            for node in body.get("result") or []:
                at, kind = moment(node.get("activityDate")), node.get("activityTypeId")
                if at >= until:
                    return
                key = (kind, node.get("leadId"), node.get("primaryAttributeValueId"))
                if kind == objects.SENT or key not in seen:
                    seen.add(key)
                    yield EmailFigures(at, kind == objects.SENT, kind == objects.OPENED, kind == objects.CLICKED)

    def _mailed(self, token: str, wait: Callable[[float], None]) -> Json:
        kinds = ",".join(str(each) for each in (objects.SENT, objects.OPENED, objects.CLICKED))
        query = {"nextPageToken": token, "activityTypeIds": kinds}
        path = "/rest/v1/activities.json"
        return attempts.patiently(lambda: self._calls.get(path, query, Lack.READ_ENGAGEMENTS), wait)

    # --- What goes out ---------------------------------------------------------------------------------------------

    def write(self, changes: Sequence[Write]) -> list[Made]:
        """Set fields of each person. Tasks and notes there are none."""
        return attempts.one_by_one(changes, self._write)

    def _write(self, change: Write) -> Outcome:
        return Refused("other") if isinstance(change, AddTask | AddNote) else self._set(change)

    def _set(self, change: SetProperties) -> Outcome:
        """Set fields unless somebody has changed them, and look into the history whether somebody came in between:
        Marketo compares nothing itself."""
        now = self._now(change.record_id)
        if now is None:
            return Refused("no_record")
        if attempts.differs(change, now):
            return Conflict(now)
        since = self._since
        answer = self._put(change.record_id, change.values)
        return self._look_back(change, since) if isinstance(answer, dict) else answer

    def _put(self, record_id: str, values: Mapping[str, str | None]) -> Outcome | Json:
        given = {"id": int(record_id), **values}
        body = {"action": "updateOnly", "lookupField": "id", "input": [given]}
        return self._calls.change("/rest/v1/leads.json", body)

    def _look_back(self, change: SetProperties, since: str) -> Written:
        """Return what became of a write: by the log of changes, and by reading where that does not tell. An admin may
        have blocked updates by API, and Marketo answers as if it had made them."""
        try:
            before = self._logged(change, since)
            now = None if before.keys() >= change.values.keys() else self._now(change.record_id)
        except (CrmError, NoField):
            return Written(change.record_id)  # Marketo said that it is written; the next read tells the rest.
        overwritten = {name: value for name, value in before.items() if value != change.expected.get(name)}
        values = {name: now.values.get(name) for name in change.values} if now is not None else change.values
        return Written(change.record_id, values=values, overwritten=overwritten)

    def _logged(self, change: SetProperties, since: str) -> dict[str, str | None]:
        """Return what each field held just before this write, as far as the log knows of it by now."""
        fields = {"fields": ",".join(change.values), "leadIds": change.record_id}
        body = self._calls.get("/rest/v1/activities/leadchanges.json", {"nextPageToken": since} | fields)
        ours = [each for each in body.get("result") or [] if objects.attributes_of(each).get("Source") == _OURS]
        held = dict[str, str | None]()
        for node in ours:
            if (key := str(node.get("marketoGUID"))) in self._seen:  # of a write before, in the same round
                continue
            self._seen.add(key)
            held |= {n: before for n, before, after in objects.value_changes(node) if after == change.values.get(n)}
        return held

    @cached_property
    def _since(self) -> str:
        """A paging token from just before this round of work."""
        return self._token(iso(self._calls.at - timedelta(seconds=1)))

    def _now(self, record_id: str) -> Record | None:
        return next(iter(self._leads([record_id])), None)

    def find(self, change: AddTask | AddNote) -> str | None:  # noqa: ARG002
        """Return None: no task and no note was ever written."""
        return None
