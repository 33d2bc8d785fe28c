"""The records of one kintone app: revisions, minutes, comments."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from playground.crm.kintone import errors, query
from playground.crm.kintone.form import BUILT_IN, ENTITIES, LEADS, Field, to_minute
from playground.model import Json

API = "Administrator"
"""By whom a record was changed that an API token has changed."""


@dataclass
class Comment:
    """A comment below a record."""

    id: int
    text: str
    creator: str
    at: datetime
    mentions: list[Json] = field(default_factory=list)


@dataclass
class Record:
    """One record. `updated` has the seconds that no answer shows."""

    id: int
    values: dict[str, Any]
    created: datetime
    updated: datetime
    creator: str
    modifier: str
    revision: int = 1
    status: str = ""
    comments: list[Comment] = field(default_factory=list)


class Records:
    """The records of an app. Raises Refused, with kintone's codes, for what it does not take.

    `hidden_seconds`: whether a query compares the seconds that no answer shows; the documentation does not say.
    `filter_aborted_from` is from how many matches on a filter is cut short.
    """

    def __init__(self, now: Callable[[], datetime], app_id: int, tell: Callable[[str, Record, Json], None]) -> None:
        self._now, self._tell = now, tell
        self.app_id, self.app_name = app_id, "リード管理"
        self.fields: dict[str, Field] = {each.code: each for each in LEADS}
        self.users: dict[str, str] = {API: "Administrator"}
        self.emails: dict[str, str] = {}
        """Of users, by their login names."""
        self.records: dict[int, Record] = {}
        self.states: tuple[str, ...] = ()
        """The states of the process management, where that is on."""
        self.hidden_seconds = True
        self.filter_aborted_from = 100_000
        self.prefix = ""
        """Before the number of a record, where the app has an app code: `LEAD-`."""
        self._last_id = self._last_comment = 0

    # Looking

    def get(self, number: int) -> Record:
        """Return a record by its number."""
        if number not in self.records:
            raise errors.refused(404, "GAIA_RE01")
        return self.records[number]

    def by_key(self, key: Any, path: str) -> Record | None:
        """Return the record with this value in a field that forbids duplicates."""
        code, value = (key.get("field"), key.get("value")) if isinstance(key, dict) else (None, None)
        known = self.fields.get(str(code))
        if known is None or not (known.unique or known.type == "RECORD_NUMBER") or not value:
            raise errors.invalid(f"{path}updateKey", "重複禁止のフィールドと値を指定します。")
        return next((each for each in self.records.values() if each.values.get(str(code)) == str(value)), None)

    def shown(self, record: Record, only: Iterable[str] = ()) -> Json:
        """Return a record as answers and notices hold it: every value is text, with its type."""
        built_in: dict[str, Any] = {
            "RECORD_NUMBER": f"{self.prefix}{record.id}",
            "CREATED_TIME": to_minute(record.created),
            "UPDATED_TIME": to_minute(record.updated),
            "CREATOR": self._person(record.creator),
            "MODIFIER": self._person(record.modifier),
            "STATUS": record.status,
        }
        shown: Json = {
            "$id": {"type": "__ID__", "value": str(record.id)},
            "$revision": {"type": "__REVISION__", "value": str(record.revision)},
        }
        for code, known in self.fields.items():
            value = built_in[known.type] if known.type in built_in else record.values.get(code, known.empty)
            shown[code] = {"type": known.type, "value": value}
        wanted = set(only)
        return {code: value for code, value in shown.items() if not wanted or code in wanted}

    def _person(self, code: str) -> Json:
        return {"code": code, "name": self.users.get(code, code)}

    def row(self, record: Record) -> dict[str, Any]:
        """Return a record as queries see it."""
        row: dict[str, Any] = {"$id": float(record.id), "$revision": float(record.revision)}
        for code, shown in self.shown(record).items():
            kind, value = shown["type"], shown["value"]
            if kind in ENTITIES:
                row[code] = [each["code"] for each in value]
            elif kind in ("CREATOR", "MODIFIER"):
                row[code] = [value["code"]]
            elif kind in ("CREATED_TIME", "UPDATED_TIME"):
                exact = record.created if kind == "CREATED_TIME" else record.updated
                row[code] = exact if self.hidden_seconds else datetime.fromisoformat(value)
            elif kind == "DATETIME":
                row[code] = datetime.fromisoformat(value) if value else ""
            elif kind == "NUMBER":
                row[code] = float(value) if value else ""
            else:
                row.setdefault(code, value)
        return row

    def matching(self, text: str, page: bool = True) -> tuple[list[Record], int, bool]:
        """Return the page that a query asks for, how many match, and whether the filter was cut short.

        `page` False: everything in its order, as a cursor gives it.
        """
        wanted = query.read(text, self.fields)
        rows = [(row, record) for record in self.records.values() if wanted.test(row := self.row(record))]
        aborted = len(rows) >= self.filter_aborted_from
        rows = rows[: self.filter_aborted_from]
        for code, descends in reversed(wanted.order):
            rows.sort(key=lambda pair: query.sort_key(pair[0], code), reverse=descends)
        ordered = [record for _, record in rows]
        last = wanted.offset + wanted.limit
        return ordered[wanted.offset : last] if page else ordered, len(ordered), aborted

    # Changing

    def add(self, given: Any, by: str, path: str = "record", tell: bool = True) -> Record:
        """Add a record."""
        values = self._checked(given, {}, None, path)
        now = self._now()
        self._last_id += 1
        record = Record(self._last_id, values, now, now, by, by)
        self.records[record.id] = record
        if tell:
            self._tell("ADD_RECORD", record, {})
        return record

    def update(self, record: Record, given: Any, by: str, revision: Any = None, path: str = "record") -> None:
        """Change a record without telling; a revision that is not -1 must be the present one."""
        self.must_be_at(record, revision)
        record.values = self._checked(given, record.values, record, path)
        self._touch(record, by)

    def change(self, record: Record, given: Any, by: str, revision: Any = None) -> None:
        """Change a record, and tell of it."""
        self.update(record, given, by, revision)
        self._tell("UPDATE_RECORD", record, {})

    def must_be_at(self, record: Record, revision: Any) -> None:
        """Refuse another revision than the present one."""
        if revision is not None and str(revision) not in ("-1", str(record.revision)):
            raise errors.refused(409, "GAIA_CO02")

    def process(self, record: Record, status: str, by: str) -> None:
        """Let a process action move the status: it raises the revision by two."""
        record.status = status
        record.revision += 1
        self._touch(record, by)
        self._tell("UPDATE_STATUS", record, {})

    def delete(self, record: Record, by: str, tell: bool = True) -> None:
        """Delete a record."""
        del self.records[record.id]
        if tell:
            self._tell(
                "DELETE_RECORD", record, {"deletedBy": self._person(by), "deletedAt": self._now().astimezone(UTC)}
            )

    def comment(self, record: Record, text: str, by: str, mentions: list[Json]) -> Comment:
        """Add a comment. The record's revision and moment stay."""
        self._last_comment += 1
        added = Comment(self._last_comment, text, by, self._now(), mentions)
        record.comments.append(added)
        self._tell("ADD_RECORD_COMMENT", record, {"comment": added})
        return added

    def _touch(self, record: Record, by: str) -> None:
        record.revision += 1
        record.modifier, record.updated = by, self._now()

    def _checked(self, given: Any, before: Mapping[str, Any], record: Record | None, path: str) -> dict[str, Any]:
        if not isinstance(given, dict) or not all(
            isinstance(each, dict) and "value" in each for each in given.values()
        ):
            raise errors.invalid(path, "フィールドコードごとにvalueを指定します。")
        values, problems = dict(before), dict[str, str]()
        for code, each in given.items():
            known = self.fields.get(code)
            if known is None or known.type in BUILT_IN:
                # What the form has not is left out in silence: kintone does so.
                continue
            values[code], sentence = known.checked(each["value"], self.users)
            if sentence:
                problems[f"{path}.{code}.value"] = sentence
        for code, known in self.fields.items():
            if known.required and values.get(code) in (None, "", []):
                problems.setdefault(f"{path}.{code}.value", "必須です。")
            if known.unique and values.get(code) and self._taken(code, values[code], record):
                problems[f"{path}.{code}.value"] = "値がほかのレコードと重複しています。"
        if problems:
            raise errors.refused(400, "CB_VA01", problems)
        return values

    def _taken(self, code: str, value: Any, record: Record | None) -> bool:
        return any(each is not record and each.values.get(code) == value for each in self.records.values())
