"""What a local CRM holds, by its own records: fields, and the texts that stand for tasks and notes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from playground.crm.account_engagement import AccountEngagement
from playground.crm.hubspot import HubSpot
from playground.crm.kintone import Kintone
from playground.crm.marketo import Marketo
from playground.crm.salesforce import Salesforce
from playground.crm.service import Call, Service
from storage.vocabulary import CrmKind

WRITES = {
    CrmKind.HUBSPOT: ("contacts.update",),
    CrmKind.SALESFORCE: ("composite", "Lead.update"),
    CrmKind.KINTONE: ("record.update", "records.update"),
    CrmKind.MARKETO: ("leads.sync",),
    CrmKind.ACCOUNT_ENGAGEMENT: ("prospects.update",),
}
"""The operations that change fields of a lead."""
FORMS = {
    CrmKind.HUBSPOT: "properties.list",
    CrmKind.SALESFORCE: "Lead.describe",
    CrmKind.KINTONE: "fields.get",
    CrmKind.MARKETO: "leads.describe",
    CrmKind.ACCOUNT_ENGAGEMENT: "fields.query",
}
"""The operation by which a CRM tells its fields."""


def writes_fields(kind: CrmKind, call: Call) -> bool:
    """Return whether a call is to change fields of leads; several requests in one may also only read."""
    if call.operation == "composite":
        return any(each["method"] == "PATCH" for each in call.json()["compositeRequest"])
    return call.operation in WRITES[kind]


def held(service: Service) -> dict[tuple[str, str], Any]:
    """Return the value of every field of every lead, by lead and field. A moment at which it was changed is none."""
    return {
        (str(number), name): value
        for number, values in _leads(service)
        for name, value in values.items()
        if not any(word in name.lower() for word in ("modif", "modstamp", "updated"))
    }


def _leads(service: Service) -> Iterable[tuple[object, dict[str, Any]]]:
    if isinstance(service, HubSpot):
        return ((each.id, each.properties) for each in service.records.live(service.records.type("contacts")))
    if isinstance(service, Salesforce):
        return ((number, each.values) for number, each in service.records.rows["Lead"].items())
    if isinstance(service, Kintone):
        return ((number, each.values) for number, each in service.records.records.items())
    if isinstance(service, Marketo):
        return ((number, each.values) for number, each in service.records.people.items())
    assert isinstance(service, AccountEngagement)
    return ((number, each.values) for number, each in service.records.prospects.items())


def texts(service: Service) -> list[str]:
    """Return tasks, notes and comments, each with what it is."""
    if isinstance(service, HubSpot):
        kinds = (("tasks", "hs_task_body"), ("notes", "hs_note_body"))
        return [
            f"{plural} {each.properties[name]}"
            for plural, name in kinds
            for each in service.records.live(service.records.type(plural))
        ]
    if isinstance(service, Salesforce):
        tasks = service.records.rows.get("Task", {}).values()
        return [f"{each.values.get('Status')} {each.values.get('Description')}" for each in tasks]
    if isinstance(service, Kintone):
        return [f"comment {text.text}" for each in service.records.records.values() for text in each.comments]
    return []
