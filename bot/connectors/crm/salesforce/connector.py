"""Salesforce: leads with their activities and opportunities in; fields and tasks out.

A lead is never converted from here: REST has no call for it, and whom it becomes is for sales to say. Its opportunity
comes back by the poll.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.connectors.crm import attempts
from bot.connectors.crm.batches import batched
from bot.connectors.crm.contract import (
    AddNote,
    AddTask,
    Change,
    Conflict,
    Credentials,
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
    Write,
    Written,
)
from bot.connectors.crm.door import Door, Response
from bot.connectors.crm.moments import iso, moment
from bot.connectors.crm.plain import plain
from bot.connectors.crm.salesforce import objects
from bot.connectors.crm.salesforce.calls import DATA, LACKS, Calls, NoField, is_denied, outcome_of, question
from bot.connectors.crm.salesforce.objects import CONTACT, EMAIL, EVENT, LEAD, OPPORTUNITY, TASK

OVERLAP, A_MINUTE, DELETED_FOR = timedelta(minutes=2), timedelta(minutes=1), timedelta(days=14)
"""A transaction may end later than it is stamped; deletions are told for 15 days."""
PAGE, AT_ONCE = 2_000, 100
TURNS = ("Lead", "Task", "Event", "EmailMessage", "Opportunity", "deleted")
_COLUMNS = {"Task": TASK, "Event": EVENT, "EmailMessage": EMAIL, "Opportunity": OPPORTUNITY}
_MAILS_OF = (("EmailMessageId",), "EmailMessageRelation")
_DEALS_OF = (("ConvertedOpportunityId",), "Lead")
_NO_ASSIGNMENT = {"Sforce-Auto-Assign": "FALSE"}
"""Else the assignment rules of the organisation overrule the owner, on an update too."""
_DEFAULTS = {"owner": "OwnerId", "status": "Status"}

Row = Mapping[str, Any]


class Salesforce:
    """An organisation, as its integration user sees it."""

    def __init__(self, door: Door, credentials: Sequence[Credentials], interest: Interest) -> None:
        self._calls, self._base = Calls(door, [{**interest.options, **each} for each in credentials]), door.base
        self._wanted = interest.properties

    @property
    def calls(self) -> int:
        """Return how many calls were made."""
        return self._calls.count

    # --- What it is ------------------------------------------------------------------------------------------------

    def describe(self) -> Description:
        """Return the organisation with the fields of leads, users and stages, and what the user may not do."""
        lead, missing = self._described, list[Missing]()
        if not lead.get("updateable", True):
            missing.append(Missing(Lack.WRITE_RECORDS, "Lead"))
        statuses = self._allowed(missing, ("ApiName", "IsConverted"), "LeadStatus")
        closing = frozenset(str(each["ApiName"]) for each in statuses if each.get("IsConverted"))
        users = self._allowed(missing, ("Id", "Name", "Email", "IsActive"), "User", "UserType = 'Standard'")
        columns = ("ApiName", "MasterLabel", "IsClosed", "IsWon")
        stages = self._allowed(missing, columns, "OpportunityStage", "IsActive = true", "ORDER BY SortOrder")
        for name, fields in _COLUMNS.items():
            self._allowed(missing, fields, name, end="LIMIT 1")
        missing += self._no_tasks()
        limits = self._calls.get(f"{DATA}/limits", {}, "limits").get("DailyApiRequests") or {}
        properties = (objects.property_of(each, closing) for each in lead.get("fields") or [])
        return Description(
            str(self._organization.get("Name") or ""),
            f"{self._base}/{{id}}",
            tuple(each for each in properties if each is not None),
            tuple(objects.user(each) for each in users),
            tuple(objects.stage(each) for each in stages),
            tuple(dict.fromkeys(missing)),
            defaults=_DEFAULTS,
            daily_calls=int(limits["Max"]) if "Max" in limits else None,
        )

    def _allowed(
        self, missing: list[Missing], fields: Iterable[str], name: str, where: str = "", end: str = ""
    ) -> list[dict[str, Any]]:
        try:
            return self._calls.query(fields, name, where, end=end)
        except Denied as denied:
            missing += denied.missing
        except NoField:
            missing.append(Missing(LACKS.get(name, Lack.READ_PROPERTIES), name))
        return []

    def _no_tasks(self) -> list[Missing]:
        try:
            allowed = self._calls.get(f"{DATA}/sobjects/Task/describe", {}, "Task").get("createable", True)
        except Denied:
            allowed = False
        return [] if allowed else [Missing(Lack.WRITE_TASKS, "Task")]

    @cached_property
    def _described(self) -> dict[str, Any]:
        return self._calls.get(f"{DATA}/sobjects/Lead/describe", {}, "Lead")

    @cached_property
    def _organization(self) -> Row:
        rows = self._calls.query(("Name", "TimeZoneSidKey"), "Organization")
        return rows[0] if rows else {}

    @cached_property
    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(str(self._organization.get("TimeZoneSidKey") or "UTC"))
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")

    # --- What comes in ---------------------------------------------------------------------------------------------

    def begin(self, since: datetime) -> str:
        """Return the cursor of everything that changes from a moment on."""
        return json.dumps({"turn": 0, "marks": dict.fromkeys(TURNS, iso(since))})

    def fetch(self, cursor: str) -> Page:
        """Return one page of one kind of object, each kind in its turn, by moment and id."""
        state = json.loads(cursor)
        name, lacks = TURNS[state["turn"]], tuple[Lack, ...]()
        if name == TURNS[0] and "after" not in state:
            self._ask_for_all(state)
        changes, rows = list[Change](), list[Row]()
        try:
            if name == "deleted":
                return self._deletions(state)
            rows = self._changed(name, state)
            changes = self._changes(name, rows)
        except (Denied, NoField):
            if name == "Lead":
                raise
            lacks = (LACKS[name],)
        return _page(state, name, rows, changes, lacks)

    def _ask_for_all(self, state: Row) -> None:
        """Ask for the first page of every kind in one call; for deletions then, by the clock that its answer tells."""
        self._calls.ask([question(self._columns(name), name, *self._since(name, state)) for name in TURNS[:-1]])

    def _changed(self, name: str, state: Row) -> list[Row]:
        return self._rows(name, *self._since(name, state))

    def _since(self, name: str, state: Row) -> tuple[str, str]:
        mark, after = str(state["marks"][name]), state.get("after")
        where = f"SystemModstamp >= {iso(moment(mark) - OVERLAP)}"
        if after:
            at, number = after
            where = f"SystemModstamp > {at} OR (SystemModstamp = {at} AND Id > '{number}')"
        return where, f"ORDER BY SystemModstamp, Id LIMIT {PAGE}"

    def _columns(self, name: str) -> tuple[str, ...]:
        return (*objects.ALWAYS, *self._wanted) if name == "Lead" else (*_COLUMNS[name], "SystemModstamp")

    def _rows(self, name: str, where: str, end: str = "") -> list[Row]:
        """Return rows with the columns that are needed; a field of leads that is gone by now is left out."""
        names = self._columns(name)
        try:
            return list(self._calls.query(names, name, where, end=end))
        except NoField:
            if name != "Lead":
                raise
        self.__dict__.pop("_described", None)  # It may have been read before the field was deleted.
        known = {str(each["name"]) for each in self._described.get("fields") or []}
        return list(self._calls.query((each for each in names if each in known), name, where, end=end))

    def _changes(self, name: str, rows: Sequence[Row]) -> list[Change]:
        if name == "Lead":
            us = self._calls.session.user if self._calls.session else ""
            return [objects.record(each, self._wanted, us) for each in rows]
        if name in ("Task", "Event"):
            people, made = self._people(str(row.get("WhoId") or "") for row in rows), objects.ACTIVITIES[name]
            return [each for row in rows if (each := made(row, people.get(str(row.get("WhoId")), [])))]
        ids = [str(each["Id"]) for each in rows]
        if name == "EmailMessage":
            leads = self._readers(ids)
            return [each for row in rows if leads.get(row["Id"]) and (each := objects.email(row, leads[row["Id"]]))]
        leads = self._pairs("Lead", "ConvertedOpportunityId", "Id", "ConvertedOpportunityId", ids)
        return [objects.opportunity(row, leads[row["Id"]]) for row in rows if row["Id"] in leads]

    def _people(self, ids: Iterable[str]) -> dict[str, list[str]]:
        """Return which leads each person is: a lead itself, or the one that a contact was before its conversion."""
        known = set(ids)
        leads = {each: [each] for each in known if each.startswith(LEAD)}
        contacts = sorted(each for each in known if each.startswith(CONTACT))
        return leads | self._pairs("Lead", "ConvertedContactId", "Id", "ConvertedContactId", contacts)

    def _readers(self, mails: Sequence[str]) -> dict[str, list[str]]:
        """Return which leads each of some mails was sent to."""
        columns, to = ("EmailMessageId", "RelationId"), list[Row]()
        for some in batched(mails, AT_ONCE):
            to += self._calls.query(columns, "EmailMessageRelation", f"EmailMessageId IN ({_listed(some)})")
        people, readers = self._people(str(each["RelationId"]) for each in to), dict[str, list[str]]()
        for each in to:
            readers.setdefault(str(each["EmailMessageId"]), []).extend(people.get(str(each["RelationId"]), []))
        return readers

    def _pairs(self, name: str, of: str, lead: str, by: str, ids: Sequence[str]) -> dict[str, list[str]]:
        """Return which leads belong to each of some contacts or opportunities. `by`: the field that is searched."""
        whose: dict[str, list[str]] = {}
        for some in batched(ids, AT_ONCE):
            for each in self._calls.query((of, lead), name, f"{by} IN ({_listed(some)})"):
                if str(each[lead]).startswith(LEAD):
                    whose.setdefault(str(each[of]), []).append(str(each[lead]))
        return whose

    def _deletions(self, state: Row) -> Page:
        """Return who was deleted. Seconds are left out of account, and 15 days are kept: what was deleted in a longer
        silence is seen when it is written to."""
        end = self._calls.at + A_MINUTE
        start = max(moment(state["marks"]["deleted"]) - A_MINUTE, end - DELETED_FOR)
        asked = {"start": iso(start), "end": iso(max(end, start + 2 * A_MINUTE))}
        try:
            answer = self._calls.get(f"{DATA}/sobjects/Lead/deleted/", asked, "Lead")
        except Denied:
            return Page((), _next(state, "deleted", state["marks"]["deleted"]), lacks=(Lack.READ_DELETIONS,))
        ids = [str(each["id"]) for each in answer.get("deletedRecords") or []]
        mark = iso(moment(answer.get("latestDateCovered") or state["marks"]["deleted"]))
        return Page(tuple(self._gone(ids)), _next(state, "deleted", mark))

    def _gone(self, ids: Sequence[str]) -> Iterable[Gone]:
        for some in batched(ids, AT_ONCE):
            rows = self._calls.query(("Id", "MasterRecordId"), "Lead", f"Id IN ({_listed(some)})", deleted=True)
            masters = {str(each["Id"]): each.get("MasterRecordId") for each in rows}
            for each in some:
                master = masters.get(each)
                yield Gone(each, str(master) if master else None)

    def read(self, record_ids: Collection[str]) -> tuple[Change, ...]:
        """Return leads with their activities and opportunities; `task:00T…` names another object."""
        named = [each.partition(":") for each in record_ids]
        wanted = [first for first, colon, _ in named if not colon and first.startswith(LEAD)]
        if wanted and len(wanted) <= AT_ONCE:
            self._ask_about(wanted)
        changes = self._leads(wanted)
        present = [each.id for each in changes if isinstance(each, Record)]
        for name in TURNS[1:5]:
            ids = [rest for first, colon, rest in named if colon and first == name.lower()]
            try:
                changes += self._changes(name, self._about(name, ids, present))
            except (Denied, NoField):
                continue  # the poll tells what is missing
        return tuple(changes)

    def _ask_about(self, leads: Sequence[str]) -> None:
        """Ask for leads and for what belongs to them in one call."""
        listed = _listed(leads)
        self._calls.ask(
            [
                question(self._columns("Lead"), "Lead", f"Id IN ({listed})"),
                *(question(self._columns(name), name, f"WhoId IN ({listed})") for name in ("Task", "Event")),
                question(*_MAILS_OF, f"RelationId IN ({listed})"),
                question(*_DEALS_OF, f"Id IN ({listed}) AND ConvertedOpportunityId != null"),
            ]
        )

    def _about(self, name: str, ids: Sequence[str], leads: Sequence[str]) -> list[Row]:
        """Return rows of a kind by their ids, and those that belong to leads."""
        rows = list[Row]()
        known = [*ids, *self._of_leads(name, leads)]
        for some in batched(list(dict.fromkeys(known)), AT_ONCE):
            rows += self._rows(name, f"Id IN ({_listed(some)})")
        if name in ("Task", "Event"):
            for some in batched(leads, AT_ONCE):
                rows += self._rows(name, f"WhoId IN ({_listed(some)})")
        return rows

    def _of_leads(self, name: str, leads: Sequence[str]) -> Iterable[str]:
        for some in batched(leads, AT_ONCE):
            if name == "EmailMessage":
                rows = self._calls.query(*_MAILS_OF, f"RelationId IN ({_listed(some)})")
                yield from (str(each["EmailMessageId"]) for each in rows)
            elif name == "Opportunity":
                where = f"Id IN ({_listed(some)}) AND ConvertedOpportunityId != null"
                rows = self._calls.query(*_DEALS_OF, where)
                yield from (str(each["ConvertedOpportunityId"]) for each in rows)

    def _leads(self, ids: Sequence[str]) -> list[Change]:
        rows = [row for some in batched(ids, AT_ONCE) for row in self._rows("Lead", f"Id IN ({_listed(some)})")]
        changes = self._changes("Lead", rows)
        gone = list(self._gone([each for each in ids if each not in {str(row["Id"]) for row in rows}]))
        masters = [each.merged_into for each in gone if each.merged_into and each.merged_into not in ids]
        return [*gone, *changes, *(self._leads(masters) if masters else [])]

    def by_email(self, emails: Collection[str]) -> tuple[Record, ...]:
        """Return the leads with one of these addresses."""
        rows = [
            row for some in batched(list(emails), AT_ONCE) for row in self._rows("Lead", f"Email IN ({_listed(some)})")
        ]
        return tuple(each for each in self._changes("Lead", rows) if isinstance(each, Record))

    def entered(self, since: datetime, until: datetime) -> tuple[Record, ...]:
        """Return the leads that were created in a stretch of time."""
        within = f"CreatedDate >= {iso(since)} AND CreatedDate < {iso(until)}"
        rows = self._rows("Lead", within, "ORDER BY CreatedDate, Id")
        return tuple(each for each in self._changes("Lead", rows) if isinstance(each, Record))

    # --- What goes out ---------------------------------------------------------------------------------------------

    def write(self, changes: Sequence[Write]) -> list[Made]:
        """Make up to 24 changes with two calls: what is to be set is read, then all is written and read back. A
        note is a task that is done already: it stands in the lead's timeline."""
        return attempts.together(changes, self._write_together)

    def _write_together(self, changes: Sequence[Write]) -> list[Made]:
        sets = [each.record_id for each in changes if isinstance(each, SetProperties)]
        before = self._by_id(self._rows("Lead", f"Id IN ({_listed(sets)})")) if sets else {}
        made: list[Made | None] = [self._unfit(each, before) for each in changes]
        sent = [number for number, outcome in enumerate(made) if outcome is None]
        if not sent:
            return [each for each in made if each is not None]
        requests = [self._request(changes[number], before) for number in sent]
        look = _query_of((*objects.ALWAYS, *self._wanted), "Lead", f"Id IN ({_listed(sets)})") if sets else None
        responses = self._calls.change_all([*requests, *([look] if look else [])])
        for place, number in enumerate(sent):
            change = changes[number]
            made[number] = self._made(change, responses[place]) if isinstance(responses, list) else responses
        after = self._looked_back(responses[-1]) if look and isinstance(responses, list) else {}
        return [_held(change, outcome, after) for change, outcome in zip(changes, made, strict=True) if outcome]

    def _unfit(self, change: Write, before: Mapping[str, Record]) -> Outcome | None:
        """Return why fields are not to be written: the lead is gone, or somebody has changed one of them."""
        if not isinstance(change, SetProperties):
            return None
        now = before.get(change.record_id)
        if now is None:
            return Refused("no_record")
        return Conflict(now) if attempts.differs(change, now) else None

    def _request(self, change: Write, before: Mapping[str, Record]) -> dict[str, Any]:
        if not isinstance(change, SetProperties):
            return {"method": "POST", "url": f"{DATA}/sobjects/Task", "body": self._task(change)}
        version = moment(before[change.record_id].version)
        headers = {**_NO_ASSIGNMENT, "If-Unmodified-Since": format_datetime(version, usegmt=True)}
        url = f"{DATA}/sobjects/Lead/{change.record_id}"
        return {"method": "PATCH", "url": url, "httpHeaders": headers, "body": dict(change.values)}

    def _made(self, change: Write, response: Response) -> Made:
        if response.is_ok:
            body = response.body if isinstance(response.body, dict) else {}
            return Written(change.record_id if isinstance(change, SetProperties) else str(body.get("id") or ""))
        if is_denied(response):
            is_set = isinstance(change, SetProperties)
            return Denied([Missing(Lack.WRITE_RECORDS, "Lead") if is_set else Missing(Lack.WRITE_TASKS, "Task")])
        outcome = outcome_of(response)
        # Somebody was first: whether with one of these fields is seen by reading.
        return attempts.LOCKED if isinstance(outcome, Conflict) else outcome

    def _looked_back(self, response: Response) -> dict[str, Record]:
        """Return the leads as they are after the writes; where that was not answered, the next read tells."""
        body = response.body if response.is_ok and isinstance(response.body, dict) else {}
        return self._by_id([each for each in body.get("records") or [] if isinstance(each, dict)])

    def _by_id(self, rows: Sequence[Row]) -> dict[str, Record]:
        return {each.id: each for each in self._changes("Lead", rows) if isinstance(each, Record)}

    def _task(self, change: AddTask | AddNote) -> dict[str, object]:
        body = plain(change.body)
        text = f"{body}\n{change.reference}"
        given: dict[str, object] = {"WhoId": change.record_id, "Description": text, "Priority": "Normal"}
        if isinstance(change, AddTask):
            day = change.due_at.astimezone(self._zone).date().isoformat()
            given |= {"Subject": change.subject, "Status": "Not Started", "ActivityDate": day}
            return given | ({"OwnerId": change.user} if change.user else {})
        given |= {"Subject": body.partition("\n")[0][:255], "Status": "Completed"}
        return given | {"ActivityDate": change.at.astimezone(self._zone).date().isoformat()}

    def find(self, change: AddTask | AddNote) -> str | None:
        """Return the id of the task whose text holds the reference. The text cannot be searched by, so the tasks of
        the lead are read."""
        where = f"WhoId = '{_escaped(change.record_id)}'"
        for each in self._calls.query(("Id", "Description"), "Task", where, end="ORDER BY CreatedDate DESC"):
            if change.reference in str(each.get("Description") or ""):
                return str(each["Id"])
        return None


def _page(state: Row, name: str, rows: Sequence[Row], changes: Sequence[Change], lacks: tuple[Lack, ...]) -> Page:
    """Return a page with its cursor: the same kind goes on behind the last row, or it is another kind's turn."""
    last = rows[-1] if rows else None
    mark = str(state["marks"][name])
    newest = max(mark, iso(moment(last["SystemModstamp"]))) if last is not None else mark
    if last is not None and len(rows) == PAGE:
        marks = {**state["marks"], name: newest}
        after = [iso(moment(last["SystemModstamp"])), str(last["Id"])]
        return Page(tuple(changes), json.dumps({"turn": state["turn"], "marks": marks, "after": after}), True, lacks)
    return Page(tuple(changes), _next(state, name, newest), state["turn"] + 1 < len(TURNS), lacks)


def _next(state: Row, name: str, mark: str) -> str:
    return json.dumps({"turn": (state["turn"] + 1) % len(TURNS), "marks": {**state["marks"], name: mark}})


def _query_of(fields: Iterable[str], name: str, where: str) -> dict[str, Any]:
    path, query = question(fields, name, where)
    return {"method": "GET", "url": f"{path}?{urlencode(query)}"}


def _held(change: Write, made: Made, after: Mapping[str, Record]) -> Made:
    """Return what became of a change, with what the lead holds since: the condition has whole seconds alone."""
    now = after.get(change.record_id)
    if now is None or not isinstance(change, SetProperties) or not isinstance(made, Written):
        return made
    return Written(change.record_id, now.version, {name: now.values.get(name) for name in change.values})


def _listed(values: Iterable[str]) -> str:
    return ", ".join(f"'{_escaped(each)}'" for each in values)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")
