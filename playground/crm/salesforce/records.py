"""The records of a Salesforce organisation."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from playground.crm.salesforce import errors, soql
from playground.crm.salesforce.schema import Field, ObjectType, objects
from playground.model import Json

DELETED_FOR = timedelta(days=15)
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def whole_id(prefix: str, number: int) -> str:
    """Return an id of eighteen characters: fifteen, and three that say which of them are capitals."""
    short = f"{prefix}5e{number:010d}"
    parts = (short[at : at + 5] for at in (0, 5, 10))
    return short + "".join(_SUFFIX[sum(1 << n for n, sign in enumerate(part) if sign.isupper())] for part in parts)


def stamp(at: datetime) -> str:
    """Write a moment as answers carry it: whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


@dataclass
class Record:
    """One record. Moments are datetime, empty is None."""

    kind: ObjectType
    values: dict[str, Any]
    deleted_at: datetime | None = None
    purged: bool = False

    @property
    def id(self) -> str:
        """The id, eighteen characters."""
        return str(self.values["Id"])


@dataclass
class Records:
    """Everything that the organisation keeps. Raises Refused, with Salesforce's codes, for what it does not take.

    `assigned_to` is whom the active assignment rule of leads gives them; empty: there is no rule.
    """

    now: Callable[[], datetime]
    tell: Callable[["Record", str], None]
    types: dict[str, ObjectType] = field(default_factory=objects)
    rows: dict[str, dict[str, Record]] = field(default_factory=dict)
    assigned_to: str = ""
    deletions_kept_since: datetime | None = None
    """From when on deletions are known, where a large log was purged."""
    _last: int = 0

    # Looking

    def of(self, name: str, act: str = "read") -> ObjectType:
        """Return a kind of record that the integration user may do something with."""
        kind = self.types.get(name)
        if kind is None or "read" not in kind.can:
            raise errors.not_found()
        if act not in kind.can:
            raise errors.refused(403, "INSUFFICIENT_ACCESS", f"insufficient access rights on {name}")
        return kind

    def get(self, kind: ObjectType, number: str) -> Record:
        """Return a record by its id of fifteen or eighteen characters."""
        rows = self.rows.get(kind.name, {})
        record = rows.get(number) or next((each for each in rows.values() if each.id[:15] == number), None)
        if record is None or record.purged:
            raise errors.not_found()
        if record.deleted_at is not None:
            raise errors.refused(404, "ENTITY_IS_DELETED", "entity is deleted")
        return record

    def select(self, text: str, deleted: bool = False) -> tuple[soql.Query, list[Record]]:
        """Return what a query asks for, all of it."""
        query = soql.read(text, self.types)
        rows = [
            each
            for each in self.rows.get(query.kind.name, {}).values()
            if not each.purged and (deleted or each.deleted_at is None) and query.test(each.values)
        ]
        for name, descends in reversed(query.order):
            rows.sort(key=lambda each: (each.values[name] is not None, each.values[name]), reverse=descends)
        return query, rows[: query.limit]

    def shown(self, record: Record, names: tuple[str, ...] = ()) -> Json:
        """Return a record as answers hold it."""
        kind = record.kind
        wanted = names or tuple(each.name for each in kind.fields.values() if not each.hidden)
        url = f"/services/data/v63.0/sobjects/{kind.name}/{record.id}"
        return {"attributes": {"type": kind.name, "url": url}} | {name: _shown(record.values[name]) for name in wanted}

    # Changing

    def insert(self, name: str, by: str, values: Mapping[str, Any]) -> Record:
        """Add a record without asking who may, as the system and its people do."""
        kind = self.types[name]
        self._last += 1
        number, now = whole_id(kind.prefix, self._last), self._second()
        system = {
            "Id": number,
            "IsDeleted": False,
            "CreatedDate": now,
            "CreatedById": by,
            "LastModifiedDate": now,
            "LastModifiedById": by,
            "SystemModstamp": now,
        }
        empty: dict[str, Any] = {each.name: False if each.type == "boolean" else None for each in kind.fields.values()}
        record = Record(kind, empty | _defaults(kind.name) | dict(values) | system)
        self._derive(record)
        self.rows.setdefault(name, {})[number] = record
        self.tell(record, "created")
        return record

    def create(self, kind: ObjectType, given: Mapping[str, Any], by: str, assigns: bool) -> Record:
        """Add a record for the API."""
        values = self._checked(kind, given, creating=True)
        lacking = [
            each.name
            for each in kind.fields.values()
            if each.required and not (_defaults(kind.name) | values).get(each.name)
        ]
        if lacking:
            message = f"Required fields are missing: [{', '.join(lacking)}]"
            raise errors.refused(400, "REQUIRED_FIELD_MISSING", message, *lacking)
        if kind.name == "Lead":
            values = {"OwnerId": by} | values | ({"OwnerId": self.assigned_to} if assigns and self.assigned_to else {})
        return self.insert(kind.name, by, values)

    def change(self, record: Record, given: Mapping[str, Any], by: str, assigns: bool) -> None:
        """Change a record for the API; assignment rules run unless they were switched off for the call."""
        kind = record.kind
        if kind.name == "Lead" and record.values["IsConverted"]:
            raise errors.refused(400, "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        values = self._checked(kind, given, creating=False)
        if kind.name == "Lead" and assigns and self.assigned_to:
            values["OwnerId"] = self.assigned_to
        self.write(record, values, by)

    def write(self, record: Record, values: Mapping[str, Any], by: str) -> None:
        """Write values without asking who may."""
        record.values |= values
        self._derive(record)
        self._touch(record, by)
        self.tell(record, "updated")

    def delete(self, record: Record, by: str, master: str | None = None) -> None:
        """Put a record into the recycle bin; `master` is the one that it was merged into."""
        record.deleted_at = self._second()
        record.values["IsDeleted"] = True
        if master is not None:
            record.values["MasterRecordId"] = master
        self._touch(record, by)

    def deleted(self, kind: ObjectType, start: datetime, end: datetime) -> Json:
        """Return who was deleted in a stretch of time, whose seconds are left out of account."""
        start, end = start.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0)
        now = self.now()
        if end <= start:
            raise errors.refused(400, "INVALID_REPLICATION_DATE", "endDate must be at least a minute after startDate")
        if start < now - DELETED_FOR:
            raise errors.refused(400, "INVALID_REPLICATION_DATE", "startDate before the last 15 days")
        earliest = self.deletions_kept_since or now - DELETED_FOR
        rows = self.rows.get(kind.name, {}).values()
        gone = [
            {"id": each.id, "deletedDate": stamp(each.deleted_at)}
            for each in rows
            if each.deleted_at is not None and max(start, earliest) <= each.deleted_at < end
        ]
        covered = {"earliestDateAvailable": stamp(earliest), "latestDateCovered": stamp(min(end, now))}
        return {"deletedRecords": gone, **covered}

    def _second(self) -> datetime:
        return self.now().replace(microsecond=0)

    def _touch(self, record: Record, by: str) -> None:
        now = self._second()
        record.values |= {"LastModifiedDate": now, "SystemModstamp": now, "LastModifiedById": by}

    def _derive(self, record: Record) -> None:
        values = record.values
        if record.kind.name == "Task":
            closed = values["Status"] == "Completed"
            before = values["CompletedDateTime"]
            values |= {"IsClosed": closed, "CompletedDateTime": (before or self._second()) if closed else None}
        if record.kind.name == "Opportunity":
            stages = self.rows.get("OpportunityStage", {}).values()
            stage = next((each for each in stages if each.values["ApiName"] == values["StageName"]), None)
            values |= {name: bool(stage and stage.values[name]) for name in ("IsClosed", "IsWon")}

    def _checked(self, kind: ObjectType, given: Mapping[str, Any], creating: bool) -> dict[str, Any]:
        values = {}
        for name, raw in given.items():
            known = kind.fields.get(name)
            if known is None or known.hidden:
                message = f"No such column '{name}' on sobject of type {kind.name}"
                raise errors.refused(400, "INVALID_FIELD", message, name)
            if not (known.createable if creating else known.updateable):
                message = f"Unable to create/update fields: {name}."
                raise errors.refused(400, "INVALID_FIELD_FOR_INSERT_UPDATE", message, name)
            if name in kind.rules:
                raise errors.refused(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", kind.rules[name], name)
            values[name] = self._value(kind, known, raw)
        return values

    def _value(self, kind: ObjectType, known: Field, raw: Any) -> Any:
        if raw in (None, ""):
            if known.required:
                raise errors.refused(400, "REQUIRED_FIELD_MISSING", f"{known.name} is required", known.name)
            return None
        if known.type == "boolean":
            return _boolean(known, raw)
        if known.type == "double":
            return float(raw)
        if not isinstance(raw, str):
            raise errors.refused(400, "JSON_PARSER_ERROR", f"cannot read a text for {known.name}", broken=known.name)
        if len(raw) > known.length:
            message = f"{known.label}: data value too large: (max length={known.length})"
            raise errors.refused(400, "STRING_TOO_LONG", message, known.name)
        return self._text(kind, known, raw)

    def _text(self, kind: ObjectType, known: Field, raw: str) -> Any:
        if known.type in ("datetime", "date"):
            return _moment(known, raw)
        if known.type == "email" and not _EMAIL.fullmatch(raw):
            raise errors.refused(
                400, "INVALID_EMAIL_ADDRESS", f"{known.label}: invalid email address: {raw}", known.name
            )
        if known.type == "picklist" and known.restricted and raw not in dict(known.values):
            message = f"{known.label}: bad value for restricted picklist field: {raw}"
            raise errors.refused(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, known.name)
        if known.name == "OwnerId":
            self._must_be_active(raw)
        if kind.name == "Lead" and known.name == "Status" and self._converts(raw):
            message = "invalid status to convert: use the conversion"
            raise errors.refused(400, "INVALID_STATUS", message, "Status", broken=f"Status {raw} is a converted one")
        return raw

    def _must_be_active(self, number: str) -> None:
        user = self.rows.get("User", {}).get(number)
        if user is None:
            raise errors.refused(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", "OwnerId")
        if not user.values["IsActive"]:
            message = "operation performed with inactive user"
            raise errors.refused(400, "INACTIVE_OWNER_OR_USER", message, "OwnerId")

    def _converts(self, status: str) -> bool:
        rows = self.rows.get("LeadStatus", {}).values()
        return any(each.values["ApiName"] == status and each.values["IsConverted"] for each in rows)


def _defaults(name: str) -> dict[str, Any]:
    defaults: dict[str, dict[str, Any]] = {
        "Lead": {"Status": "Open - Not Contacted"},
        "Task": {"Status": "Not Started", "Priority": "Normal", "TaskSubtype": "Task"},
    }
    return defaults.get(name, {})


def _shown(value: Any) -> Any:
    return stamp(value) if isinstance(value, datetime) else value


def _boolean(known: Field, raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise errors.refused(400, "JSON_PARSER_ERROR", f"{known.name} is true or false", broken=known.name)
    return raw


def _moment(known: Field, raw: str) -> Any:
    try:
        if known.type == "date":
            return date.fromisoformat(raw).isoformat()
        at = datetime.fromisoformat(raw)
        if at.tzinfo is None:
            raise ValueError(raw)
        return at.replace(microsecond=0)
    except ValueError:
        message = f"Cannot deserialize instance of {known.type} from {raw}"
        raise errors.refused(400, "JSON_PARSER_ERROR", message, broken=message) from None
