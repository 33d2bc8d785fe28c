"""HubSpot's search: what it takes, and what it finds in the index (CRM API, search)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from playground.crm.hubspot import errors, values
from playground.crm.hubspot.records import Record, Records
from playground.crm.hubspot.schema import ObjectType, Property
from playground.model import Json

MOST_RESULTS = 10_000
PAGE, GROUPS, FILTERS, ALL_FILTERS = 200, 5, 6, 18
_KEYS = {"filterGroups", "sorts", "properties", "limit", "after"}
_FILTER_KEYS = {"propertyName", "operator", "value", "values", "highValue"}
_ASSOCIATED = re.compile(r"associations\.(\w+)")
_ONE_VALUE = {"EQ", "NEQ", "LT", "LTE", "GT", "GTE", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"}
_OPERATORS = _ONE_VALUE | {"BETWEEN", "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY"}

Key = Decimal | str


@dataclass(frozen=True)
class Query:
    """A search that is built as it has to be."""

    groups: list[list[Json]]
    sort: tuple[str, bool] | None
    """A property, and whether it descends."""
    properties: list[str]
    limit: int
    after: int


def read(records: Records, kind: ObjectType, body: Any) -> Query:
    """Read the body of a search; refuse what HubSpot refuses."""
    if not isinstance(body, dict) or set(body) - _KEYS:
        raise errors.invalid(f"a search is an object with {sorted(_KEYS)}")
    groups = [_filters(group) for group in _listed(body, "filterGroups")]
    if len(groups) > GROUPS or any(len(group) > FILTERS for group in groups) or sum(map(len, groups)) > ALL_FILTERS:
        raise errors.invalid(f"at most {GROUPS} groups, {FILTERS} filters each, {ALL_FILTERS} in all")
    for each in (given for group in groups for given in group):
        _check(records, kind, each)
    limit, after = body.get("limit", 10), str(body.get("after", "0"))
    if isinstance(limit, bool) or not isinstance(limit, int) or not 0 <= limit <= PAGE:
        raise errors.invalid(f"limit must be a number up to {PAGE}")
    if not after.isdecimal() or int(after) + limit > MOST_RESULTS:
        raise errors.invalid(f"after must be a number, and no result beyond {MOST_RESULTS} can be asked for")
    return Query(groups, _sort(records, kind, _listed(body, "sorts")), _listed(body, "properties"), limit, int(after))


def _listed(body: Json, name: str) -> list[Any]:
    value = body.get(name, [])
    if not isinstance(value, list):
        raise errors.invalid(f"{name} must be a list")
    return value


def _filters(group: Any) -> list[Json]:
    filters = group.get("filters") if isinstance(group, dict) else None
    if not isinstance(filters, list) or not all(isinstance(each, dict) for each in filters):
        raise errors.invalid("each of filterGroups holds a list filters")
    return filters


def _check(records: Records, kind: ObjectType, given: Json) -> None:
    operator, name = given.get("operator"), given.get("propertyName")
    if operator not in _OPERATORS or set(given) - _FILTER_KEYS or not isinstance(name, str):
        raise errors.invalid(f"a filter needs propertyName and one of the operators {sorted(_OPERATORS)}")
    if not _ASSOCIATED.fullmatch(name) and records.definition(kind, name) is None:
        raise errors.invalid(f"There was a problem with the request: property {name} does not exist")
    if operator in ("IN", "NOT_IN") and not isinstance(given.get("values"), list):
        raise errors.invalid(f"{operator} needs values")
    if operator in _ONE_VALUE | {"BETWEEN"} and "value" not in given:
        raise errors.invalid(f"{operator} needs value")
    if operator == "BETWEEN" and "highValue" not in given:
        raise errors.invalid("BETWEEN needs highValue")


def _sort(records: Records, kind: ObjectType, sorts: list[Any]) -> tuple[str, bool] | None:
    if len(sorts) > 1:
        raise errors.invalid("only one sort is taken")
    if not sorts:
        return None
    given = {"propertyName": sorts[0]} if isinstance(sorts[0], str) else sorts[0]
    name, direction = given.get("propertyName", ""), given.get("direction", "ASCENDING")
    if name.startswith("-"):
        name, direction = name[1:], "DESCENDING"
    if records.definition(kind, name) is None or direction not in ("ASCENDING", "DESCENDING"):
        raise errors.invalid(f"cannot sort by {name} {direction}")
    return name, direction == "DESCENDING"


def run(records: Records, kind: ObjectType, query: Query, now: datetime) -> list[tuple[Record, dict[str, str]]]:
    """Return every record that matches, as the index has it now, in the order that was asked for."""
    indexed = [(each, seen) for each in records.live(kind) if (seen := each.found(now)) is not None]
    matching = [
        (record, seen)
        for record, seen in indexed
        if not query.groups
        or any(all(_matches(records, record, seen, given) for given in group) for group in query.groups)
    ]
    name, descending = query.sort or ("hs_object_id", False)
    sorted_by = records.definition(kind, name)
    matching.sort(key=lambda pair: (_key(sorted_by, pair[1].get(name, "")), int(pair[0].id)), reverse=descending)
    return matching


def _matches(records: Records, record: Record, seen: dict[str, str], given: Json) -> bool:
    associated = _ASSOCIATED.fullmatch(given["propertyName"])
    operator = given["operator"]
    if associated:
        noun = associated[1]
        other = next((each for each in records.types.values() if noun in (each.singular, each.plural)), None)
        linked = set(records.linked(record, other.plural)) if other is not None else set()
        wanted = {str(each) for each in given.get("values", [given.get("value")])}
        wanted = {records.current_id(other, each) for each in wanted} if other is not None else wanted
        return bool(linked & wanted) == (operator in ("EQ", "IN"))
    value = seen.get(given["propertyName"], "")
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        has: bool = operator == "HAS_PROPERTY"
        return bool(value) is has
    field = records.definition(record.type, given["propertyName"])
    return _compares(field, value, operator, given)


def _compares(field: Property | None, value: str, operator: str, given: Json) -> bool:
    if operator in ("IN", "NOT_IN"):
        return (_key(field, value) in [_key(field, str(each)) for each in given["values"]]) == (operator == "IN")
    if operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        return (str(given["value"]).strip("*").lower() in value.lower()) == (operator == "CONTAINS_TOKEN")
    if not value:
        return operator == "NEQ"
    mine, wanted = _key(field, value), _key(field, str(given["value"]))
    if operator == "BETWEEN":
        return _not_above(wanted, mine) and _not_above(mine, _key(field, str(given["highValue"])))
    compare: dict[str, Callable[[], bool]] = {
        "EQ": lambda: mine == wanted,
        "NEQ": lambda: mine != wanted,
        "LT": lambda: not _not_above(wanted, mine),
        "LTE": lambda: _not_above(mine, wanted),
        "GT": lambda: not _not_above(mine, wanted),
        "GTE": lambda: _not_above(wanted, mine),
    }
    return compare[operator]()


def _not_above(low: Key, high: Key) -> bool:
    if isinstance(low, Decimal) and isinstance(high, Decimal):
        return low <= high
    return str(low) <= str(high)


def _key(field: Property | None, value: str) -> Key:
    """Return what a value is compared by: numbers as numbers, moments as milliseconds, text in any case."""
    try:
        if field is not None and field.type == "number":
            return Decimal(value or "0")
        if field is not None and field.type == "datetime":
            return Decimal(values.milliseconds(values.moment(value))) if value else Decimal(0)
        if field is not None and field.type == "date":
            return Decimal(values.milliseconds(_date(value))) if value else Decimal(0)
    except (ValueError, InvalidOperation):
        raise errors.invalid(f"{value} is no value of {field.name if field else ''}") from None
    return value.lower()


def _date(value: str) -> datetime:
    return values.moment(value) if value.isdecimal() else datetime.fromisoformat(value).replace(tzinfo=UTC)
