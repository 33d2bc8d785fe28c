"""Objects of HubSpot as the values of the contract."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from bot.connectors.crm.contract import Activity, Opportunity, Property, PropertyKind, Record, Stage, User
from bot.core.crm.records import MARK
from storage.vocabulary import DealResult, Evidence

MODIFIED = "lastmodifieddate"
ALWAYS = ("email", "firstname", "lastname", "company", MODIFIED, "hs_object_id", "hs_merged_object_ids")
_FRACTION = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d+Z")
_AMOUNT_MOST = 10**15


class Engagement(NamedTuple):
    """A kind of activity: how HubSpot calls it, and what of it tells that it took place."""

    kind: Evidence
    properties: tuple[str, ...]
    tells: str
    """The property that says what became of it."""
    void: frozenset[str]
    """Its values that say that nobody was reached, or that it was not ours."""


_COMMON = ("hs_timestamp", "hubspot_owner_id", "hs_lastmodifieddate")
ENGAGEMENTS: Mapping[str, Engagement] = {
    "calls": Engagement(
        Evidence.CALL,
        (*_COMMON, "hs_call_status"),
        "hs_call_status",
        frozenset({"BUSY", "CALLING_CRM_USER", "CANCELED", "CONNECTING", "FAILED", "MISSED", "NO_ANSWER", "QUEUED"}),
    ),
    "emails": Engagement(
        Evidence.EMAIL,
        (*_COMMON, "hs_email_direction"),
        "hs_email_direction",
        frozenset({"INCOMING_EMAIL", "FORWARDED_EMAIL", "DRAFT_EMAIL"}),
    ),
    "meetings": Engagement(
        Evidence.MEETING,
        (*_COMMON, "hs_meeting_outcome", "hs_meeting_start_time"),
        "hs_meeting_outcome",
        frozenset({"NO_SHOW", "CANCELED", "RESCHEDULED"}),
    ),
    "notes": Engagement(Evidence.CRM, (*_COMMON, "hs_note_body"), "", frozenset()),
}
DEAL = ("amount", "dealstage", "pipeline", "closedate", "createdate", "hs_lastmodifieddate")


def record(node: Mapping[str, Any]) -> Record:
    """Return a contact."""
    values = {name: normal(value) for name, value in _properties(node).items()}
    name = " ".join(filter(None, (values.get("lastname"), values.get("firstname"))))
    changed_by = dict(_changed_by(node.get("propertiesWithHistory")))
    former = tuple(filter(None, (values.get("hs_merged_object_ids") or "").split(";")))
    at = moment(values.get(MODIFIED)) or moment(node.get("updatedAt")) or datetime.fromtimestamp(0, UTC)
    return Record(str(node["id"]), at.isoformat(), at, values, values.get("email"), name or None, changed_by, former)


def _changed_by(histories: Any) -> Iterable[tuple[str, str]]:
    for name, entries in histories.items() if isinstance(histories, dict) else ():
        newest = entries[0] if isinstance(entries, list) and entries else {}
        source = str(newest.get("sourceId") or "")
        by = str(newest.get("updatedByUserId") or "") or source.removeprefix("userId:") * source.startswith("userId:")
        if by:
            yield name, by


def activity(kind: str, node: Mapping[str, Any], record_ids: Iterable[str]) -> Activity | None:
    """Return a call, an e-mail, a meeting or a note; None where it shows no contact, or is a note of this bot."""
    what, values = ENGAGEMENTS[kind], _properties(node)
    at = moment(values.get("hs_meeting_start_time")) or moment(values.get("hs_timestamp"))
    if at is None or values.get(what.tells) in what.void or MARK in (values.get("hs_note_body") or ""):
        return None
    user = values.get("hubspot_owner_id") or None
    return Activity(f"{kind[:-1]}:{node['id']}", tuple(record_ids), what.kind, at, user)


def opportunity(
    node: Mapping[str, Any], record_ids: Iterable[str], stages: Mapping[str, Stage], zone: ZoneInfo
) -> Opportunity:
    """Return a deal. Won and lost are properties of its stage; the day is one of the account's zone."""
    values = _properties(node)
    stage = stages.get(values.get("dealstage") or "")
    result = DealResult.WON if stage and stage.is_won else DealResult.LOST if stage and stage.is_lost else None
    day = moment(values.get("closedate"))
    return Opportunity(
        str(node["id"]),
        tuple(record_ids),
        values.get("dealstage") or "",
        result,
        day.astimezone(zone).date() if day else None,
        amount(values.get("amount")),
        moment(values.get("createdate")),
    )


def amount(text: str | None) -> int | None:
    """Return an amount in whole units; None where there is none, or one that nobody has."""
    try:
        value = int(Decimal(text or "").to_integral_value())
    except (InvalidOperation, ValueError, OverflowError):
        return None
    return value if 0 <= value < _AMOUNT_MOST else None


def stages(node: Any) -> list[Stage]:
    """Return the stages of every pipeline. One that is closed is won where its deals are certain, else lost."""
    return [_stage(str(pipeline.get("label") or ""), each) for pipeline in results(node) for each in pipeline["stages"]]


def _stage(pipeline: str, node: Mapping[str, Any]) -> Stage:
    about = node.get("metadata") or {}
    is_closed = str(about.get("isClosed")).lower() == "true"
    certain = amount(str(about.get("probability") or "0")) == 1
    return Stage(
        str(node["id"]), str(node.get("label") or ""), pipeline, is_closed and certain, is_closed and not certain
    )


def user(node: Mapping[str, Any]) -> User:
    """Return an owner. Histories name the same person by the number of the user."""
    name = " ".join(filter(None, (node.get("lastName"), node.get("firstName"))))
    other = (str(node["userId"]),) if node.get("userId") else ()
    return User(str(node["id"]), node.get("email") or None, name, not node.get("archived"), other)


def property_of(node: Mapping[str, Any]) -> Property:
    """Return a property with its options, in the CRM's order."""
    options = {str(each["value"]): str(each.get("label") or each["value"]) for each in node.get("options") or []}
    kind = PropertyKind.CHOICE if options else PropertyKind.TEXT
    if node.get("type") == "datetime":
        kind = PropertyKind.MOMENT
    if node.get("referencedObjectType") == "OWNER" or node["name"] == "hubspot_owner_id":
        kind, options = PropertyKind.USER, {}
    is_fixed = bool((node.get("modificationMetadata") or {}).get("readOnlyValue"))
    return Property(str(node["name"]), str(node.get("label") or node["name"]), kind, options, not is_fixed)


def moment(value: Any) -> datetime | None:
    """Return a moment, which HubSpot writes as ISO 8601 or as milliseconds; None where it is neither."""
    text = str(value or "")
    try:
        if text.isdecimal():
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        return datetime.fromisoformat(text).astimezone(UTC) if text else None
    except (ValueError, OverflowError, OSError):
        return None


def normal(value: Any) -> str | None:
    """Return a value as the contract has it: a moment without its fraction of a second, nothing as None."""
    text = "" if value is None else str(value)
    whole = _FRACTION.fullmatch(text)
    return (f"{whole[1]}Z" if whole else text) or None


def results(node: Any) -> list[dict[str, Any]]:
    """Return what an answer lists."""
    listed = node.get("results") if isinstance(node, dict) else None
    return [each for each in listed or [] if isinstance(each, dict)]


def _properties(node: Mapping[str, Any]) -> dict[str, Any]:
    given = node.get("properties")
    return dict(given) if isinstance(given, dict) else {}
