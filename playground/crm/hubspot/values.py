"""Values as HubSpot takes and gives them: always text, checked against the property."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from playground.crm.hubspot.schema import Property
from playground.model import Json

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def stamp(at: datetime) -> str:
    """Write a moment as answers carry it, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(at: datetime) -> int:
    """Return the milliseconds since 1970."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def moment(raw: str) -> datetime:
    """Read a moment: milliseconds since 1970, or ISO 8601 with its offset. Raises ValueError."""
    if re.fullmatch(r"-?\d+", raw):
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(raw))
    read = datetime.fromisoformat(raw)
    if read.tzinfo is None:
        raise ValueError(raw)
    return read


def problem(field: Property | None, name: str, code: str, message: str) -> Json:
    """Return one entry of the list inside the message of a refusal."""
    label = field.label if field is not None else name
    return {"isValid": False, "message": message, "error": code, "name": name, "propertyLabel": label}


def checked(field: Property | None, name: str, raw: object, owners: set[str]) -> str | Json:
    """Return the value as it is kept, empty to clear it; or the problem, as HubSpot words it."""
    if field is None:
        return problem(None, name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
    if field.read_only:
        return problem(field, name, "READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set.')
    if not isinstance(raw, str | int | float | bool):
        return problem(field, name, "INVALID_VALUE", f"{name} must be a text, a number or true or false")
    value = str(raw).lower() if isinstance(raw, bool) else str(raw)
    if value == "":
        return ""
    if len(value) > field.longest:
        return problem(field, name, "TOO_LONG", f"{name} is longer than {field.longest} characters")
    if field.name == "hubspot_owner_id":
        return value if value in owners else problem(field, name, "INVALID_OWNER_ID", f"owner {value} does not exist")
    try:
        return _of_type(field, value)
    except _Wrong as wrong:
        return problem(field, name, *wrong.args)


class _Wrong(Exception):
    """A code and a sentence."""


def _of_type(field: Property, value: str) -> str:
    if field.type == "enumeration":
        _must_be_an_option(field, value)
    elif field.type in ("datetime", "date"):
        return _moment(field, value)
    elif field.type == "number":
        return _number(value)
    elif field.type == "bool" and value not in ("true", "false"):
        raise _Wrong("INVALID_BOOLEAN", f"{value} was not true or false")
    if field.name == "email":
        value = value.strip().lower()
        if not _EMAIL.fullmatch(value):
            raise _Wrong("INVALID_EMAIL", f"Email address {value} is invalid")
    if field.pattern and not re.fullmatch(field.pattern, value):
        raise _Wrong("VALIDATION_RULE", f"{field.label} does not meet the rule of this account: {field.pattern}")
    return value


def _must_be_an_option(field: Property, value: str) -> None:
    allowed = [option.value for option in field.options]
    if value not in allowed:
        raise _Wrong("INVALID_OPTION", f"{value} was not one of the allowed options: {allowed}")


def _moment(field: Property, value: str) -> str:
    try:
        if field.type == "date":
            at = date.fromisoformat(value) if "-" in value[1:] else _midnight(moment(value))
            return at.isoformat()
        return stamp(moment(value))
    except (ValueError, OverflowError):
        raise _Wrong("INVALID_DATE", f"{value} was not a valid date.") from None


def _midnight(at: datetime) -> date:
    if at.astimezone(UTC).time() != datetime.min.time():
        raise ValueError(at)
    return at.astimezone(UTC).date()


def _number(value: str) -> str:
    try:
        return f"{Decimal(value):f}"
    except InvalidOperation:
        raise _Wrong("INVALID_INTEGER", f"{value} was not a valid number.") from None
