"""Objects of Salesforce as the values of the contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from bot.connectors.crm.contract import Activity, Opportunity, Property, PropertyKind, Record, Stage, User
from bot.connectors.crm.moments import iso, moment
from bot.core.crm.records import MARK
from storage.vocabulary import DealResult, Evidence

LEAD = "00Q"
"""How the id of a lead begins."""
CONTACT = "003"
"""How that of a contact begins: what a lead becomes by its conversion."""
ALWAYS = ("Id", "Email", "FirstName", "LastName", "SystemModstamp", "LastModifiedDate", "LastModifiedById")
TASK = ("Id", "WhoId", "OwnerId", "TaskSubtype", "IsClosed", "CompletedDateTime", "CreatedDate", "Description")
EVENT = ("Id", "WhoId", "OwnerId", "StartDateTime")
EMAIL = ("Id", "Incoming", "Status", "MessageDate", "CreatedById")
OPPORTUNITY = ("Id", "StageName", "Amount", "CloseDate", "IsClosed", "IsWon", "CreatedDate")
_PROOF = {"Call": Evidence.CALL, "Email": Evidence.EMAIL}
_KINDS = {"picklist": PropertyKind.CHOICE, "datetime": PropertyKind.MOMENT}
_TEXTS = {"string", "textarea", "email", "phone", "url", "double", "date", "picklist", "datetime"}
_SENT = "3"
_AMOUNT_MOST = 10**15


def record(node: Mapping[str, Any], wanted: Iterable[str], us: str) -> Record:
    """Return a lead. `us`: the id of the user who the bot works as."""
    values = {name: normal(node.get(name)) for name in wanted}
    name = " ".join(filter(None, (node.get("LastName"), node.get("FirstName"))))
    by = str(node.get("LastModifiedById") or "")
    changed_by = dict.fromkeys(values, by) if by and by != us else {}
    at = moment(node.get("SystemModstamp"))
    version = iso(moment(node.get("LastModifiedDate")))
    return Record(str(node["Id"]), version, at, values, node.get("Email") or None, name or None, changed_by)


def task(node: Mapping[str, Any], leads: Sequence[str]) -> Activity | None:
    """Return a call or a mail that was made; None for anything else, and for what this bot has written."""
    kind = _PROOF.get(str(node.get("TaskSubtype") or ""))
    if kind is None or not node.get("IsClosed") or MARK in str(node.get("Description") or ""):
        return None
    return _activity("task", kind, node, node.get("CompletedDateTime") or node.get("CreatedDate"), leads)


def event(node: Mapping[str, Any], leads: Sequence[str]) -> Activity | None:
    """Return a meeting, at the moment at which it begins."""
    return _activity("event", Evidence.MEETING, node, node.get("StartDateTime"), leads)


ACTIVITIES = {"Task": task, "Event": event}


def email(node: Mapping[str, Any], leads: Iterable[str]) -> Activity | None:
    """Return a mail that was sent to leads."""
    if node.get("Incoming") or str(node.get("Status")) != _SENT or not node.get("MessageDate"):
        return None
    at, by = moment(node["MessageDate"]), node.get("CreatedById") or None
    return Activity(f"emailmessage:{node['Id']}", tuple(leads), Evidence.EMAIL, at, by)


def _activity(word: str, kind: Evidence, node: Mapping[str, Any], at: Any, leads: Sequence[str]) -> Activity | None:
    if not leads or not at:
        return None
    return Activity(f"{word}:{node['Id']}", tuple(leads), kind, moment(at), node.get("OwnerId") or None)


def opportunity(node: Mapping[str, Any], leads: Iterable[str]) -> Opportunity:
    """Return an opportunity. Won and lost are what its stage says."""
    closed = DealResult.WON if node.get("IsWon") else DealResult.LOST
    day = node.get("CloseDate")
    return Opportunity(
        str(node["Id"]),
        tuple(leads),
        str(node.get("StageName") or ""),
        closed if node.get("IsClosed") else None,
        date.fromisoformat(str(day)) if day else None,
        amount(node.get("Amount")),
        moment(node.get("CreatedDate")),
    )


def amount(value: Any) -> int | None:
    """Return an amount in whole units; None where there is none, or one that nobody has."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and 0 <= value < _AMOUNT_MOST else None


def property_of(node: Mapping[str, Any], closing: frozenset[str]) -> Property | None:
    """Return a field of leads; None for one that no mapping could use. `closing`: statuses that convert."""
    name, kind = str(node["name"]), str(node.get("type") or "")
    label, writable = str(node.get("label") or name), bool(node.get("updateable"))
    if name == "OwnerId":
        return Property(name, label, PropertyKind.USER, writable=writable)
    if kind not in _TEXTS:
        return None
    listed = [each for each in node.get("picklistValues") or [] if each.get("active", True)]
    options = {str(each["value"]): str(each.get("label") or each["value"]) for each in listed}
    shut = closing if name == "Status" else frozenset()
    return Property(name, label, _KINDS.get(kind, PropertyKind.TEXT), options, writable, shut)


def user(node: Mapping[str, Any]) -> User:
    """Return a user."""
    return User(str(node["Id"]), node.get("Email") or None, str(node.get("Name") or ""), bool(node.get("IsActive")))


def stage(node: Mapping[str, Any]) -> Stage:
    """Return a stage of opportunities."""
    won, closed = bool(node.get("IsWon")), bool(node.get("IsClosed"))
    name = str(node.get("ApiName") or node.get("MasterLabel") or "")
    return Stage(name, str(node.get("MasterLabel") or name), "", won, closed and not won)


def normal(value: Any) -> str | None:
    """Return a value as the contract has it: moments in UTC with a Z, nothing as None."""
    if value in (None, ""):
        return None
    text = str(value)
    return iso(moment(text)) if len(text) == 28 and text[10] == "T" and text.endswith("+0000") else text
