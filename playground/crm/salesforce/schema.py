"""What a Salesforce organisation knows from the start: objects and their fields."""

from dataclasses import dataclass, field, replace
from typing import Literal

FieldType = Literal[
    "id", "string", "email", "phone", "textarea", "picklist", "reference", "datetime", "date", "boolean", "double"
]


@dataclass(frozen=True)
class Field:
    """One field. `values` are the picklist's active values, label by value; `restricted` refuses all others."""

    name: str
    type: FieldType = "string"
    label: str = ""
    values: tuple[tuple[str, str], ...] = ()
    length: int = 255
    required: bool = False
    updateable: bool = True
    createable: bool = True
    external_id: bool = False
    restricted: bool = True
    hidden: bool = False
    """From the integration user, by field-level security."""

    @property
    def custom(self) -> bool:
        """Whether an admin has added it."""
        return self.name.endswith("__c")


@dataclass
class ObjectType:
    """One kind of record. `prefix` begins its ids; `can` is what the integration user may do."""

    name: str
    prefix: str
    fields: dict[str, Field]
    can: set[str] = field(default_factory=lambda: {"read", "create", "edit"})
    rules: dict[str, str] = field(default_factory=dict)
    """Validation rules of the admin's: a sentence by the field whose every change they refuse."""


def read_only(name: str, kind: FieldType, label: str = "") -> Field:
    """Make a field that the system fills in."""
    return Field(name, kind, label or name, updateable=False, createable=False)


_SYSTEM = (
    read_only("Id", "id", "Record ID"),
    read_only("IsDeleted", "boolean"),
    read_only("CreatedDate", "datetime", "Created Date"),
    read_only("CreatedById", "reference"),
    read_only("LastModifiedDate", "datetime", "Last Modified Date"),
    read_only("LastModifiedById", "reference"),
    read_only("SystemModstamp", "datetime"),
)
_LEAD_STATUS = tuple(
    (word, word)
    for word in ("Open - Not Contacted", "Working - Contacted", "Closed - Not Converted", "Closed - Converted")
)
_RATING = tuple((word, word) for word in ("Hot", "Warm", "Cold"))


def _object(name: str, prefix: str, *fields: Field, can: str = "read create edit") -> ObjectType:
    return ObjectType(name, prefix, {each.name: each for each in (*_SYSTEM, *fields)}, set(can.split()))


def objects() -> dict[str, ObjectType]:
    """Return the objects of a new organisation."""
    return {each.name: each for each in (*_people(), *_sales(), *_activities(), *_mail(), *_organisation())}


def _people() -> tuple[ObjectType, ...]:
    """Return whom the organisation knows: leads and contacts."""
    return (
        _object(
            "Lead",
            "00Q",
            Field("LastName", label="Last Name", length=80, required=True),
            Field("FirstName", label="First Name", length=40),
            Field("Company", label="Company", required=True),
            Field("Title", label="Title", length=128),
            Field("Email", "email", "Email", length=80),
            Field("Phone", "phone", "Phone", length=40),
            Field("MobilePhone", "phone", "Mobile Phone", length=40),
            Field("LeadSource", "picklist", "Lead Source", (("Web", "Web"), ("Event", "Event")), restricted=False),
            Field("Status", "picklist", "Lead Status", _LEAD_STATUS, required=True),
            Field("Rating", "picklist", "Rating", _RATING),
            Field("Description", "textarea", "Description", length=32_000),
            Field("OwnerId", "reference", "Owner ID"),
            read_only("IsConverted", "boolean", "Converted"),
            read_only("ConvertedDate", "date"),
            read_only("ConvertedContactId", "reference"),
            read_only("ConvertedAccountId", "reference"),
            read_only("ConvertedOpportunityId", "reference"),
            read_only("MasterRecordId", "reference"),
            read_only("LastActivityDate", "date"),
        ),
        _object(
            "Contact",
            "003",
            Field("LastName", label="Last Name", length=80, required=True),
            Field("FirstName", label="First Name", length=40),
            Field("Email", "email", "Email", length=80),
            Field("AccountId", "reference"),
            Field("OwnerId", "reference"),
        ),
    )


def _sales() -> tuple[ObjectType, ...]:
    """Return to whom it sells what."""
    return (
        _object("Account", "001", Field("Name", required=True), Field("OwnerId", "reference")),
        _object(
            "Opportunity",
            "006",
            Field("Name", length=120, required=True),
            Field("StageName", "picklist", "Stage", restricted=False, required=True),
            Field("Amount", "double"),
            Field("CloseDate", "date", required=True),
            Field("AccountId", "reference"),
            Field("OwnerId", "reference"),
            read_only("IsClosed", "boolean"),
            read_only("IsWon", "boolean"),
            can="read",
        ),
    )


def _activities() -> tuple[ObjectType, ...]:
    """Return what was done with somebody."""
    return (
        _object(
            "Task",
            "00T",
            Field("WhoId", "reference"),
            Field("WhatId", "reference"),
            Field("OwnerId", "reference"),
            Field("Subject", length=255),
            Field(
                "Status", "picklist", values=tuple((word, word) for word in ("Not Started", "In Progress", "Completed"))
            ),
            Field("Priority", "picklist", values=tuple((word, word) for word in ("High", "Normal", "Low"))),
            Field("ActivityDate", "date"),
            Field("TaskSubtype", "picklist", values=tuple((word, word) for word in ("Task", "Call", "Email"))),
            Field("Description", "textarea", length=32_000),
            read_only("IsClosed", "boolean"),
            read_only("CompletedDateTime", "datetime"),
        ),
        _object(
            "Event",
            "00U",
            Field("WhoId", "reference"),
            Field("OwnerId", "reference"),
            Field("Subject", length=255),
            Field("StartDateTime", "datetime"),
            Field("EndDateTime", "datetime"),
            can="read",
        ),
    )


def _mail() -> tuple[ObjectType, ...]:
    """Return e-mails, and with whom they were exchanged."""
    return (
        _object(
            "EmailMessage",
            "02s",
            Field("RelatedToId", "reference"),
            Field("FromAddress", "email"),
            Field("ToAddress", length=4_000),
            Field("Subject", length=3_000),
            Field("Incoming", "boolean"),
            Field("MessageDate", "datetime"),
            Field("Status", "picklist", values=(("0", "New"), ("1", "Read"), ("2", "Replied"), ("3", "Sent"))),
            can="read",
        ),
        _object(
            "EmailMessageRelation",
            "0Ei",
            Field("EmailMessageId", "reference"),
            Field("RelationId", "reference"),
            can="read",
        ),
    )


def _organisation() -> tuple[ObjectType, ...]:
    """Return the organisation itself: its users, and the words of its states."""
    return (
        _object(
            "User",
            "005",
            Field("Name"),
            Field("Email", "email"),
            Field("Username"),
            Field("IsActive", "boolean"),
            Field("UserType", "picklist"),
            can="read",
        ),
        _object("Organization", "00D", Field("Name"), Field("TimeZoneSidKey"), Field("OrganizationType"), can="read"),
        _object(
            "LeadStatus",
            "01J",
            Field("ApiName"),
            Field("MasterLabel"),
            Field("IsConverted", "boolean"),
            Field("IsDefault", "boolean"),
            Field("SortOrder", "double"),
            can="read",
        ),
        _object(
            "OpportunityStage",
            "01J",
            Field("ApiName"),
            Field("MasterLabel"),
            Field("IsActive", "boolean"),
            Field("IsClosed", "boolean"),
            Field("IsWon", "boolean"),
            Field("SortOrder", "double"),
            can="read",
        ),
    )


MQL_FIELDS = (
    Field("MQL_Bot_Id__c", label="MQL number", length=32, external_id=True),
    Field("MQL_SLA_Due__c", "datetime", "SLA due"),
    Field("MQL_Disposition__c", label="Disposition"),
    Field("MQL_Lost_Reason__c", label="Lost reason"),
)
"""What an admin may add for the bot."""


def with_values(known: Field, *values: str) -> Field:
    """Return a picklist with other values."""
    return replace(known, values=tuple((value, value) for value in values))
