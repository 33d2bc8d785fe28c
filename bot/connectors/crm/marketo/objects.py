"""People and activities of Marketo as the values of the contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.connectors.crm.contract import Engagement, Gone, Property, PropertyKind, Record
from bot.connectors.crm.moments import iso, moment
from storage.vocabulary import EngagementKind

Node = Mapping[str, Any]
ALWAYS = ("id", "email", "firstName", "lastName", "updatedAt")
SCORE, MERGE, SENT, OPENED, CLICKED = 22, 32, 6, 10, 11
EMAILS = {
    SENT: EngagementKind.SENT,
    7: EngagementKind.DELIVERED,
    8: EngagementKind.BOUNCED,
    9: EngagementKind.UNSUBSCRIBED,
    OPENED: EngagementKind.OPENED,
    CLICKED: EngagementKind.CLICKED,
    27: EngagementKind.BOUNCED,
}
READ = (SCORE, MERGE, *EMAILS)
"""The types of activity that are asked for: ten at most in one call."""
_TEXTS = {"string", "text", "email", "phone", "url", "integer", "float", "score", "date"}
_HIGHEST = 10**9


def record(node: Node, wanted: Iterable[str]) -> Record:
    """Return a person."""
    values = {name: normal(node.get(name)) for name in wanted}
    name = " ".join(str(node[each]) for each in ("lastName", "firstName") if node.get(each))
    return Record(str(node["id"]), "", moment(node.get("updatedAt")), values, node.get("email") or None, name or None)


def change(node: Node, score: str) -> Iterable[Engagement | Gone]:
    """Yield what an activity tells: a change of the score of this name, what became of an e-mail, or who was merged
    into whom."""
    kind, lead, at = node.get("activityTypeId"), str(node.get("leadId") or ""), moment(node.get("activityDate"))
    name, attributes = str(node.get("primaryAttributeValue") or ""), attributes_of(node)
    key = str(node.get("marketoGUID") or node.get("id") or "")
    if kind == MERGE:
        former = [each.strip() for each in str(attributes.get("Merge IDs") or "").strip("[]").split(",")]
        yield from (Gone(each, merged_into=lead) for each in former if each and each != lead)
    elif kind == SCORE:
        points, before = number(attributes.get("New Value")), number(attributes.get("Old Value"))
        if name.casefold() == score.casefold() and points is not None:
            why = str(attributes.get("Reason") or "") or None
            yield Engagement(key, lead, EngagementKind.SCORE, at, points, before, why)
    elif isinstance(kind, int) and kind in EMAILS:
        yield Engagement(key, lead, EMAILS[kind], at, label=name or None)


def value_changes(node: Node) -> Iterable[tuple[str, str | None, str | None]]:
    """Yield each field that an activity has changed, with what it held before and after."""
    for each in node.get("fields") or []:
        yield str(each.get("name")), normal(each.get("oldValue")), normal(each.get("newValue"))


def attributes_of(node: Node) -> dict[str, Any]:
    """Return the attributes of an activity by their names."""
    listed = node.get("attributes") or []
    return {str(each.get("name")): each.get("value") for each in listed if isinstance(each, dict)}


def property_of(node: Node) -> Property | None:
    """Return a field of people; None for one that no mapping could use."""
    rest, kind = node.get("rest") or {}, str(node.get("dataType") or "")
    name = str(rest.get("name") or "")
    if not name or not (kind in _TEXTS or kind == "datetime"):
        return None
    known = PropertyKind.MOMENT if kind == "datetime" else PropertyKind.TEXT
    return Property(name, str(node.get("displayName") or name), known, writable=not rest.get("readOnly", False))


def number(value: Any) -> int | None:
    """Return a score as a whole number; None for what is none."""
    try:
        points = int(float(str(value)))
    except (ValueError, OverflowError):
        return None
    return points if abs(points) <= _HIGHEST else None


def normal(value: Any) -> str | None:
    """Return a value as the contract has it: moments in UTC with a Z, nothing as None."""
    if value in (None, ""):
        return None
    text = str(value)
    if len(text) >= 20 and text[4:5] == "-" and text[10:11] == "T":
        at = moment(text)
        return text if at == moment(None) else iso(at)  # words of somebody that only look so
    return text
