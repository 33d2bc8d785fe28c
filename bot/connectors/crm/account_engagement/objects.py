"""Objects of Account Engagement as the values of the contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from bot.connectors.crm.contract import EmailFigures, Engagement, Property, PropertyKind, Record
from bot.connectors.crm.moments import iso, moment
from storage.vocabulary import EngagementKind

Node = Mapping[str, Any]
ALWAYS = ("id", "email", "firstName", "lastName", "score", "updatedAt")
ACTIVITY = ("id", "prospectId", "type", "createdAt", "listEmailId", "emailTemplateId", "listEmail.name")
CUSTOM = ("id", "name", "fieldId", "type", "isRecordMultipleResponses")
_EMAILS = {
    1: EngagementKind.CLICKED,
    6: EngagementKind.SENT,
    11: EngagementKind.OPENED,
    12: EngagementKind.UNSUBSCRIBED,
    13: EngagementKind.BOUNCED,
    35: EngagementKind.UNSUBSCRIBED,
    36: EngagementKind.BOUNCED,
}
_TEXTS = {"text", "textarea"}
_STANDARD = (("comments", "Comments"), ("notes", "Notes"))


def record(node: Node, wanted: Iterable[str]) -> Record:
    """Return a prospect."""
    values = {name: str(node[name]) if node.get(name) not in (None, "") else None for name in wanted}
    name = " ".join(str(node[each]) for each in ("lastName", "firstName") if node.get(each))
    at = moment(node.get("updatedAt"))
    return Record(str(node["id"]), iso(at), at, values, node.get("email") or None, name or None)


def score(node: Node) -> Engagement | None:
    """Return the score of a prospect as it is; of its changes Account Engagement tells nothing."""
    points, at = node.get("score"), moment(node.get("updatedAt"))
    if not isinstance(points, int) or isinstance(points, bool):
        return None
    return Engagement(f"score:{iso(at)}", str(node["id"]), EngagementKind.SCORE, at, points)


def email(node: Node) -> Engagement | None:
    """Return what became of an e-mail, by an activity; None for any other activity. A click counts where an e-mail
    was clicked."""
    kind = _EMAILS.get(node.get("type") or 0)
    if kind is None or not node.get("prospectId"):
        return None
    if kind == EngagementKind.CLICKED and not (node.get("listEmailId") or node.get("emailTemplateId")):
        return None
    mail = node.get("listEmail")
    name = str(mail.get("name") or "") if isinstance(mail, dict) else ""
    at = moment(node.get("createdAt"))
    return Engagement(f"activity:{node['id']}", str(node["prospectId"]), kind, at, label=name or None)


def property_of(node: Node) -> Property | None:
    """Return a custom field of prospects; None for one that is no text, or holds several."""
    kind = str(node.get("type") or "").lower().replace(" ", "")
    if kind not in _TEXTS or not node.get("fieldId") or node.get("isRecordMultipleResponses"):
        return None
    name = f"{node['fieldId']}__c"
    return Property(name, str(node.get("name") or name), PropertyKind.TEXT)


def standard() -> Iterable[Property]:
    """Yield the fields of text that every prospect has."""
    return (Property(name, label, PropertyKind.TEXT) for name, label in _STANDARD)


def figures(at: datetime, stats: Node) -> EmailFigures:
    """Return what became of a list e-mail that was sent at a moment. Its rates are left alone: they may be text."""
    sent, opened, clicked = (stats.get(name) for name in ("sent", "uniqueOpens", "uniqueClicks"))
    return EmailFigures(at, _count(sent), _count(opened), _count(clicked))


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else 0
