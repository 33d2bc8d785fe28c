"""kintone: the records of one app in, with the comments that stand for tasks and notes out."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from bot.connectors.crm import attempts
from bot.connectors.crm.contract import (
    AddNote,
    AddTask,
    Away,
    Busy,
    Change,
    Conflict,
    Credentials,
    Denied,
    Description,
    Gone,
    Interest,
    Lack,
    Limited,
    Made,
    Missing,
    Outcome,
    Page,
    Person,
    Record,
    Refused,
    SetProperties,
    Unknown,
    User,
    Write,
    Written,
)
from bot.connectors.crm.door import Door
from bot.connectors.crm.kintone import form as forms
from bot.connectors.crm.kintone.calls import USERS, Calls
from bot.connectors.crm.kintone.form import Form
from bot.connectors.crm.moments import dated
from bot.connectors.crm.plain import plain

OVERLAP, A_MINUTE = timedelta(minutes=2), timedelta(minutes=1)
"""Moments have minutes alone, so each poll begins two minutes before what was seen last."""
PAGE, COMMENTS, TRIES = 500, 10, 3
SEEN = 1_000
"""Records whose revision is kept in mind."""
NO_RECORD = str(2**53 - 1)
"""A number that no record has."""
DAILY = 10_000
"""Calls a day of one app on the standard course; more are taken, and the administrator is warned."""
_EMAIL_FIELD, _KEY_FIELD = "email_field", "key_field"


class Answer(NamedTuple):
    """A page of records, with the moment of kintone's clock; `is_cut`: the filter was cut short, as a header tells."""

    nodes: list[dict[str, Any]]
    at: datetime
    is_cut: bool


class Kintone:
    """An app of kintone, as an API token shows it."""

    def __init__(self, door: Door, credentials: Sequence[Credentials], interest: Interest) -> None:
        self._calls, self._base = Calls(door, credentials), door.base
        self._options, self._wanted = interest.options, interest.properties
        self._app = str(interest.options.get("app") or credentials[0].get("app") or "")
        self._seen: dict[str, Record] = {}
        self._login = str(interest.options.get("login") or "")
        self._password = next((each["password"] for each in credentials if each.get("password")), "")
        space = str(interest.options.get("guest_space") or "")
        self._path = f"/k/guest/{space}/v1" if space else "/k/v1"

    @property
    def calls(self) -> int:
        """Return how many calls were made."""
        return self._calls.count

    # --- What it is ------------------------------------------------------------------------------------------------

    def describe(self) -> Description:
        """Return the app with its fields, the people whom its newest records name, and what the token does not allow.
        Whether it may edit is only seen by editing: a record that there is not is asked for that."""
        newest = self._records("order by $id desc")
        missing = list[Missing]()
        try:
            self._calls.change("PUT", f"{self._path}/record.json", {"app": self._app, "id": NO_RECORD, "record": {}})
        except Denied as denied:
            missing += denied.missing
        users = {each.id: each for each in forms.people(self._form, newest)}
        try:
            users |= {each.id: each for each in self._users()}
        except Denied as denied:
            missing += denied.missing
        if self.adds and not self._form.forbids_duplicates(self._key):
            missing.append(Missing(Lack.ADD_RECORDS, self._key))
        host = urlsplit(self._base).hostname or ""
        return Description(
            f"{host} (app {self._app})",
            f"{self._base}/k/{self._app}/show#record={{id}}",
            tuple(self._form.properties()),
            tuple(users.values()),
            missing=tuple(missing),
            defaults=self._form.defaults,
            daily_calls=DAILY,
        )

    def _users(self) -> Iterable[User]:
        """Yield all users of the domain, where a user was named who may ask for them. Raises Denied and CrmError."""
        if not self._login:
            return
        offset, is_last = 0, False
        while not is_last:
            page = self._calls.users(self._login, self._password, offset)
            offset, is_last = offset + USERS, len(page) < USERS
            yield from map(forms.user, page)

    @cached_property
    def _form(self) -> Form:
        asked = {"app": self._app}
        fields = self._calls.get(f"{self._path}/app/form/fields.json", asked).body.get("properties") or {}
        states = dict[str, Any]()
        if any(field.get("type") == "STATUS" and field.get("enabled", True) for field in fields.values()):
            states = self._calls.get(f"{self._path}/app/status.json", asked).body.get("states") or {}
        ordered = sorted(states, key=lambda name: int(states[name].get("index") or 0))
        return Form(fields, tuple(ordered))

    @property
    def _email(self) -> str:
        return str(self._options.get(_EMAIL_FIELD) or "") or self._key or self._form.email

    @property
    def _updated(self) -> str:
        return self._form.first("UPDATED_TIME")

    # --- What comes in ---------------------------------------------------------------------------------------------

    def begin(self, since: datetime) -> str:
        """Return the cursor of everything that changes from a moment on."""
        return json.dumps({"since": forms.minute(since)})

    def fetch(self, cursor: str) -> Page:
        """Return a page of what was changed, by the minute of its last change.

        A minute that fills a page of its own, as a file that was imported does, is read by the numbers of its records;
        and where kintone cuts a filter short, all records are.
        """
        state = json.loads(cursor)
        if "all" in state:
            return self._everything(state)
        if "minute" in state:
            return self._minute(state)
        condition = f'{self._updated} >= "{state["since"]}"'
        nodes, at, is_cut = self._asked(f"{condition} order by {self._updated} asc, $id asc")
        if is_cut:
            return Page((), json.dumps({"all": 0, "since": forms.minute(at - OVERLAP)}), more=True)
        last = self._changed(nodes[-1]) if nodes else state["since"]
        if len(nodes) < PAGE:
            since = max(forms.minute(forms.moment(last) - OVERLAP), state["since"])
            return Page(self._changes(nodes), json.dumps({"since": since}))
        step = {"since": last} if last > state["since"] else {"since": last, "minute": 0}
        return Page(self._changes(nodes), json.dumps(step), more=True)

    def _minute(self, state: Mapping[str, Any]) -> Page:
        """Return a page of the records of a single minute, by their numbers. One that is not over yet is read again by
        the next poll: what was read of it may have been changed since."""
        end = forms.minute(forms.moment(state["since"]) + A_MINUTE)
        within = f'{self._updated} >= "{state["since"]}" and {self._updated} < "{end}"'
        nodes, at, _ = self._asked(f"{within} and $id > {state['minute']} order by $id asc")
        is_over = at >= forms.moment(end) + OVERLAP
        if len(nodes) == PAGE:
            return Page(self._changes(nodes), json.dumps({**state, "minute": self._number(nodes)}), more=True)
        return Page(self._changes(nodes), json.dumps({"since": end if is_over else state["since"]}), more=is_over)

    def _everything(self, state: Mapping[str, Any]) -> Page:
        """Return a page of all records, by their numbers; what was changed since this began is read after it."""
        nodes = self._records(f"$id > {state['all']} order by $id asc")
        step = {**state, "all": self._number(nodes)} if len(nodes) == PAGE else {"since": state["since"]}
        return Page(self._changes(nodes), json.dumps(step), more=len(nodes) == PAGE)

    def _changed(self, node: Mapping[str, Any]) -> str:
        return forms.text(node.get(self._updated)) or ""

    def _number(self, nodes: Sequence[Mapping[str, Any]]) -> int:
        return int(forms.text(nodes[-1].get("$id")) or 0)

    def _records(self, query: str) -> list[dict[str, Any]]:
        return self._asked(query).nodes

    def _asked(self, query: str) -> Answer:
        """Return a page of what a query brings."""
        asked = {"app": self._app, "query": f"{query} limit {PAGE}"}
        response = self._calls.get(f"{self._path}/records.json", asked)
        nodes = [each for each in response.body.get("records") or [] if isinstance(each, dict)]
        return Answer(nodes, dated(response.headers.get("date")), "x-cybozu-warning" in response.headers)

    def _changes(self, nodes: Iterable[Mapping[str, Any]]) -> tuple[Change, ...]:
        return tuple(self._record(each) for each in nodes)

    def _record(self, node: Mapping[str, Any]) -> Record:
        record = forms.record(self._form, self._app, node, self._wanted, self._email)
        self._seen.pop(record.id, None)
        self._seen[record.id] = record
        if len(self._seen) > SEEN:
            del self._seen[next(iter(self._seen))]
        return record

    def read(self, record_ids: Collection[str]) -> tuple[Change, ...]:
        """Return the records of these ids; what belongs to another app is left alone."""
        numbers = dict[str, str]()
        for each in record_ids:
            app, _, number = each.rpartition("/")
            if app in ("", self._app) and number.isdecimal():
                numbers[number] = each
        if not numbers:
            return ()
        listed = ", ".join(numbers)
        changes = [self._record(each) for each in self._records(f"$id in ({listed}) order by $id asc")]
        present = {each.id for each in changes}
        gone = (Gone(each) for number, each in numbers.items() if f"{self._app}/{number}" not in present)
        return (*gone, *changes)

    def by_email(self, emails: Collection[str]) -> tuple[Record, ...]:
        """Return the records with one of these addresses."""
        if not self._email or not emails:
            return ()
        listed = ", ".join(_quoted(each) for each in emails)
        return tuple(self._record(each) for each in self._records(f"{self._email} in ({listed}) order by $id asc"))

    def entered(self, since: datetime, until: datetime) -> tuple[Record, ...]:
        """Return the records that were added in a stretch of time."""
        created, number, entered = self._form.first("CREATED_TIME"), 0, list[Record]()
        within = f'{created} >= "{forms.minute(since)}" and {created} < "{forms.minute(until)}"'
        while True:
            nodes = self._records(f"{within} and $id > {number} order by $id asc")
            entered += [self._record(each) for each in nodes]
            if len(nodes) < PAGE:
                return tuple(entered)
            number = self._number(nodes)

    @property
    def adds(self) -> bool:
        """Return whether whoever connected it wants records of leads that the app lacks."""
        return bool(self._key)

    @property
    def _key(self) -> str:
        return str(self._options.get(_KEY_FIELD) or "")

    def add(self, people: Sequence[Person]) -> Mapping[str, str]:
        """Add a record for each by the field that forbids duplicates: whom somebody has added in that very moment gets
        no second one, and whoever stands there already stays as written. Where kintone does not take them together,
        each goes by itself."""
        there = self._by_key([each.email for each in people]) if self._key != self._email else {}
        return there | self._added([each for each in people if each.email not in there])

    def _by_key(self, emails: Sequence[str]) -> dict[str, str]:
        """Return the ids of the records that have one of these addresses in the field that forbids duplicates: they
        were not found by it, because another field was named for the address."""
        listed = ", ".join(_quoted(each) for each in emails)
        nodes = self._records(f"{self._key} in ({listed}) order by $id asc") if emails else []
        known = {str((node.get(self._key) or {}).get("value") or "").lower(): self._number([node]) for node in nodes}
        return {email: f"{self._app}/{known[email.lower()]}" for email in emails if email.lower() in known}

    def _added(self, people: Sequence[Person]) -> dict[str, str]:
        if not people:
            return {}
        answer = self._upsert(people)
        if not isinstance(answer, dict):
            answers = [self._upsert([each]) for each in people] if len(people) > 1 else []
            added = [each["records"][0] if isinstance(each, dict) else {} for each in answers]
        else:
            added = answer.get("records") or []
        return {
            person.email: f"{self._app}/{each['id']}"
            for person, each in zip(people, added, strict=False)
            if each.get("id")
        }

    def _upsert(self, people: Sequence[Person]) -> dict[str, Any] | Outcome:
        records = [
            {
                "updateKey": {"field": self._key, "value": each.email},
                "record": self._form.person(each.name, each.company, each.phone),
            }
            for each in people
        ]
        body = {"app": self._app, "upsert": True, "records": records}
        answer = self._calls.change("PUT", f"{self._path}/records.json", body)
        if isinstance(answer, Limited):
            raise Busy(answer.wait, answer.code)
        if isinstance(answer, Unknown):
            raise Away(answer.code)  # Whoever was added is found the next time.
        return answer

    # --- What goes out ---------------------------------------------------------------------------------------------

    def write(self, changes: Sequence[Write]) -> list[Made]:
        """Make changes: those of fields in one call, all of them or none. Where that does not take them, and of texts,
        each by itself. A task is a comment that mentions the rep, a note one without."""
        return attempts.together(changes, self._write_together)

    def _write_together(self, changes: Sequence[Write]) -> list[Made]:
        sets = [each for each in changes if isinstance(each, SetProperties)]
        made = self._put_all(sets) if len(sets) > 1 else None
        rest = list(changes) if made is None else [each for each in changes if not isinstance(each, SetProperties)]
        singly = iter(attempts.one_by_one(rest, self._write))
        together = iter(made or ())
        return [next(together if made is not None and isinstance(each, SetProperties) else singly) for each in changes]

    def _write(self, change: Write) -> Outcome:
        return self._set(change) if isinstance(change, SetProperties) else self._comment(change)

    def _put_all(self, changes: Sequence[SetProperties]) -> list[Made] | None:
        """Set the fields of several records in one call. None where none was changed: one of them does not fit, or was
        changed by somebody."""
        if unknown := [each.record_id for each in changes if self._unchanged(each) is None]:
            self.read(unknown)
        known = [self._unchanged(each) for each in changes]
        if any(each is None for each in known) or any(self._unfit(each.values) for each in changes):
            return None
        records = [
            {"id": _number_of(each.record_id), "revision": now.version, "record": self._given(each)}
            for each, now in zip(changes, known, strict=True)
            if now is not None
        ]
        answer = self._calls.change("PUT", f"{self._path}/records.json", {"app": self._app, "records": records})
        if isinstance(answer, Conflict | Refused):
            return None
        if not isinstance(answer, dict):
            return [answer] * len(changes)
        revisions = {str(each.get("id")): str(each.get("revision")) for each in answer.get("records") or []}
        return [self._written(each, revisions.get(_number_of(each.record_id), "")) for each in changes]

    def _set(self, change: SetProperties) -> Outcome:
        if (refused := self._unfit(change.values)) is not None:
            return refused
        for _ in range(TRIES):
            now = self._unchanged(change) or self._now(change.record_id)
            if now is None:
                return Refused("no_record")
            if attempts.differs(self._as_held(change), now):
                return Conflict(now)
            outcome = self._put(change, now.version)
            if not isinstance(outcome, Conflict):
                return outcome
            self._seen.pop(change.record_id, None)  # Somebody was first: with which field is seen by reading.
        return attempts.LOCKED

    def _as_held(self, change: SetProperties) -> SetProperties:
        """Return a change as kintone keeps what is expected of it: without seconds."""
        held = {code: forms.held(self._form, code, value) for code, value in change.expected.items()}
        return replace(change, expected=held)

    def _unchanged(self, change: SetProperties) -> Record | None:
        """Return a record as it was read last, where that holds what is expected of it: its revision tells kintone
        whether it still does."""
        seen = self._seen.get(change.record_id)
        return None if seen is None or attempts.differs(self._as_held(change), seen) else seen

    def _unfit(self, values: Mapping[str, str | None]) -> Refused | None:
        """Return why these values cannot be written. kintone itself leaves a field that is gone out in silence."""
        gone = tuple(code for code in values if not self._form.type_of(code))
        if gone:
            return Refused("no_property", ", ".join(gone), gone)
        strange = tuple(
            code
            for code, value in values.items()
            if value and (known := self._form.options(code)) and value not in known
        )
        return Refused("no_option", ", ".join(str(values[code]) for code in strange), strange) if strange else None

    def _put(self, change: SetProperties, revision: str) -> Outcome:
        number = _number_of(change.record_id)
        body = {"app": self._app, "id": number, "revision": revision, "record": self._given(change)}
        answer = self._calls.change("PUT", f"{self._path}/record.json", body)
        return self._written(change, str(answer.get("revision") or "")) if isinstance(answer, dict) else answer

    def _given(self, change: SetProperties) -> dict[str, Any]:
        return {code: {"value": forms.written(self._form, code, value)} for code, value in change.values.items()}

    def _written(self, change: SetProperties, revision: str) -> Written:
        values = {code: forms.held(self._form, code, value) for code, value in change.values.items()}
        seen = self._seen.pop(change.record_id, None)
        if seen is not None and revision:
            self._seen[change.record_id] = replace(seen, version=revision, values={**seen.values, **values})
        return Written(change.record_id, revision, values)

    def _now(self, record_id: str) -> Record | None:
        return next((each for each in self.read([record_id]) if isinstance(each, Record)), None)

    def _comment(self, change: AddTask | AddNote) -> Outcome:
        lines = [change.subject] if isinstance(change, AddTask) else []
        text = "\n".join([*lines, plain(change.body), change.reference])
        mentions = [{"code": change.user, "type": "USER"}] if isinstance(change, AddTask) and change.user else []
        number = _number_of(change.record_id)
        body = {"app": self._app, "record": number, "comment": {"text": text, "mentions": mentions}}
        answer = self._calls.change("POST", f"{self._path}/record/comment.json", body)
        return Written(str(answer.get("id") or "")) if isinstance(answer, dict) else answer

    def find(self, change: AddTask | AddNote) -> str | None:
        """Return the id of the comment that holds the reference, the newest first."""
        number, offset = _number_of(change.record_id), 0
        while True:
            asked = {"app": self._app, "record": number, "order": "desc", "offset": str(offset), "limit": str(COMMENTS)}
            page = self._calls.get(f"{self._path}/record/comments.json", asked).body
            comments = page.get("comments") or []
            for each in comments:
                if change.reference in str(each.get("text") or ""):
                    return str(each["id"])
            if not page.get("older") or not comments:
                return None
            offset += COMMENTS


def _number_of(record_id: str) -> str:
    return record_id.rpartition("/")[2]


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
