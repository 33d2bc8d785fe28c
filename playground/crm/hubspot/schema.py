"""What a HubSpot account knows from the start: objects, their properties and options, how they are associated."""

from dataclasses import dataclass, field, replace
from typing import Literal

PropertyType = Literal["string", "enumeration", "datetime", "date", "number", "bool"]


@dataclass(frozen=True)
class Option:
    """One value of an enumeration. `value` is what the API carries, `label` what people see and rename."""

    value: str
    label: str
    hidden: bool = False


@dataclass(frozen=True)
class Property:
    """One field of an object. `pattern` is a rule of the admin's, a regular expression of the whole value."""

    name: str
    type: PropertyType = "string"
    label: str = ""
    options: tuple[Option, ...] = ()
    read_only: bool = False
    unique: bool = False
    built_in: bool = True
    longest: int = 65_536
    pattern: str = ""

    def renamed(self, value: str, label: str) -> "Property":
        """Return it with another label for an option."""
        options = tuple(replace(each, label=label) if each.value == value else each for each in self.options)
        return replace(self, options=options)


@dataclass(frozen=True)
class ObjectType:
    """One kind of record: its name in paths, the number that webhooks and paths may use instead, its scopes."""

    plural: str
    singular: str
    type_id: str
    read: tuple[str, ...]
    write: tuple[str, ...]
    properties: tuple[Property, ...]
    required: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    """What an answer holds where nothing was asked for, beside the moments and the id."""
    modified: str = "hs_lastmodifieddate"


def options(*pairs: tuple[str, str]) -> tuple[Option, ...]:
    """Make options from values and labels."""
    return tuple(Option(value, label) for value, label in pairs)


LIFECYCLE = options(
    ("subscriber", "Subscriber"),
    ("lead", "Lead"),
    ("marketingqualifiedlead", "Marketing Qualified Lead"),
    ("salesqualifiedlead", "Sales Qualified Lead"),
    ("opportunity", "Opportunity"),
    ("customer", "Customer"),
    ("evangelist", "Evangelist"),
    ("other", "Other"),
)
LEAD_STATUS = options(
    ("NEW", "New"),
    ("OPEN", "Open"),
    ("IN_PROGRESS", "In Progress"),
    ("OPEN_DEAL", "Open Deal"),
    ("UNQUALIFIED", "Unqualified"),
    ("ATTEMPTED_TO_CONTACT", "Attempted to Contact"),
    ("CONNECTED", "Connected"),
    ("BAD_TIMING", "Bad Timing"),
)
_OWNER = Property("hubspot_owner_id", "enumeration", "Contact owner")
_TIMES = (
    Property("hs_object_id", "number", "Record ID", read_only=True),
    Property("hs_createdate", "datetime", "Object create date/time", read_only=True),
    Property("hs_lastmodifieddate", "datetime", "Object last modified date/time", read_only=True),
    Property("hs_object_source", "string", "Record source", read_only=True),
)
_ENGAGEMENT = (*_TIMES, _OWNER, Property("hs_timestamp", "datetime", "Activity date"))
_CONTACTS = ("crm.objects.contacts.read",), ("crm.objects.contacts.write",)


def _mine(*names: str) -> tuple[Property, ...]:
    return tuple(Property(name, label=name.removeprefix("hs_").replace("_", " ").capitalize()) for name in names)


BECAME_MQL = ("hs_lifecyclestage_marketingqualifiedlead_date", "hs_v2_date_entered_marketingqualifiedlead")
"""Both hold when a contact last entered the stage."""

_CONTACT = ObjectType(
    "contacts",
    "contact",
    "0-1",
    *_CONTACTS,
    (
        Property("hs_object_id", "number", "Record ID", read_only=True),
        Property("createdate", "datetime", "Create Date", read_only=True),
        Property("lastmodifieddate", "datetime", "Last Modified Date", read_only=True),
        Property("hs_object_source", "string", "Record source", read_only=True),
        Property("hs_merged_object_ids", "string", "Merged record IDs", read_only=True),
        *(Property(name, "datetime", "Became an MQL", read_only=True) for name in BECAME_MQL),
        Property("email", "string", "Email", unique=True),
        *_mine("firstname", "lastname", "company", "phone", "mobilephone", "jobtitle", "website", "country"),
        Property("hubspotscore", "number", "HubSpot Score", read_only=True),
        _OWNER,
        Property("hs_lead_status", "enumeration", "Lead Status", LEAD_STATUS),
        Property("lifecyclestage", "enumeration", "Lifecycle Stage", LIFECYCLE),
    ),
    shown=("email", "firstname", "lastname"),
    modified="lastmodifieddate",
)
_COMPANY = ObjectType(
    "companies",
    "company",
    "0-2",
    ("crm.objects.companies.read",),
    ("crm.objects.companies.write",),
    (
        *_TIMES,
        _OWNER,
        *_mine("name", "domain", "phone", "industry"),
        Property("createdate", "datetime", read_only=True),
    ),
    shown=("name", "domain"),
)
_DEAL = ObjectType(
    "deals",
    "deal",
    "0-3",
    ("crm.objects.deals.read",),
    ("crm.objects.deals.write",),
    (
        *_TIMES,
        _OWNER,
        Property("createdate", "datetime", "Create Date", read_only=True),
        *_mine("dealname", "closed_lost_reason", "deal_currency_code"),
        Property("amount", "number", "Amount"),
        Property("pipeline", "enumeration", "Pipeline"),
        Property("dealstage", "enumeration", "Deal Stage"),
        Property("closedate", "datetime", "Close Date"),
        Property("hs_is_closed_won", "bool", "Is Closed Won", read_only=True),
        Property("hs_is_closed_lost", "bool", "Is Closed Lost", read_only=True),
    ),
    shown=("dealname", "amount", "dealstage", "pipeline", "closedate"),
)
_CALL = ObjectType(
    "calls",
    "call",
    "0-48",
    *_CONTACTS,
    (
        *_ENGAGEMENT,
        *_mine("hs_call_title", "hs_call_body", "hs_call_disposition"),
        Property("hs_call_direction", "enumeration", options=options(("INBOUND", "Inbound"), ("OUTBOUND", "Outbound"))),
        Property("hs_call_duration", "number"),
        Property(
            "hs_call_status",
            "enumeration",
            options=options(
                *((word, word.replace("_", " ").capitalize()) for word in ("COMPLETED", "NO_ANSWER", "BUSY", "FAILED"))
            ),
        ),
    ),
    ("hs_timestamp",),
)
_EMAIL = ObjectType(
    "emails",
    "email",
    "0-49",
    (*_CONTACTS[0], "sales-email-read"),
    _CONTACTS[1],
    (
        *_ENGAGEMENT,
        *_mine("hs_email_subject", "hs_email_text", "hs_sequence_id"),
        Property(
            "hs_email_direction",
            "enumeration",
            options=options(("EMAIL", "Sent"), ("INCOMING_EMAIL", "Incoming"), ("FORWARDED_EMAIL", "Forwarded")),
        ),
        Property(
            "hs_email_status",
            "enumeration",
            options=options(
                *((word, word.capitalize()) for word in ("SENT", "SENDING", "SCHEDULED", "FAILED", "BOUNCED"))
            ),
        ),
    ),
    ("hs_timestamp",),
)
_MEETING = ObjectType(
    "meetings",
    "meeting",
    "0-47",
    *_CONTACTS,
    (
        *_ENGAGEMENT,
        *_mine("hs_meeting_title", "hs_meeting_body"),
        Property("hs_meeting_start_time", "datetime"),
        Property("hs_meeting_end_time", "datetime"),
        Property(
            "hs_meeting_outcome",
            "enumeration",
            options=options(
                *(
                    (word, word.replace("_", " ").capitalize())
                    for word in ("SCHEDULED", "COMPLETED", "RESCHEDULED", "NO_SHOW", "CANCELED")
                )
            ),
        ),
    ),
    ("hs_timestamp",),
)
_NOTE = ObjectType(
    "notes", "note", "0-46", *_CONTACTS, (*_ENGAGEMENT, *_mine("hs_note_body")), ("hs_timestamp",), ("hs_note_body",)
)
_TASK = ObjectType(
    "tasks",
    "task",
    "0-27",
    *_CONTACTS,
    (
        *_ENGAGEMENT,
        *_mine("hs_task_subject", "hs_task_body"),
        Property(
            "hs_task_status",
            "enumeration",
            options=options(
                *(
                    (word, word.replace("_", " ").capitalize())
                    for word in ("NOT_STARTED", "IN_PROGRESS", "WAITING", "COMPLETED", "DEFERRED")
                )
            ),
        ),
        Property(
            "hs_task_priority",
            "enumeration",
            options=options(*((word, word.capitalize()) for word in ("LOW", "MEDIUM", "HIGH"))),
        ),
        Property(
            "hs_task_type", "enumeration", options=options(("TODO", "To-do"), ("CALL", "Call"), ("EMAIL", "Email"))
        ),
    ),
    ("hs_timestamp",),
    ("hs_task_subject",),
)
_LEAD = ObjectType(
    "leads",
    "lead",
    "0-136",
    ("crm.objects.leads.read",),
    ("crm.objects.leads.write",),
    (
        *_TIMES,
        _OWNER,
        *_mine("hs_lead_name", "hs_lead_type", "hs_pipeline", "hs_pipeline_stage"),
        Property("hs_lead_label", "enumeration", options=options(("HOT", "Hot"), ("WARM", "Warm"), ("COLD", "Cold"))),
    ),
    ("hs_lead_name",),
    ("hs_lead_name",),
)

OBJECT_TYPES = (_CONTACT, _COMPANY, _DEAL, _CALL, _EMAIL, _MEETING, _NOTE, _TASK, _LEAD)

DEFAULT_ASSOCIATIONS: dict[tuple[str, str], int] = {
    ("calls", "contacts"): 194,
    ("contacts", "calls"): 193,
    ("emails", "contacts"): 198,
    ("contacts", "emails"): 197,
    ("meetings", "contacts"): 200,
    ("contacts", "meetings"): 199,
    ("notes", "contacts"): 202,
    ("contacts", "notes"): 201,
    ("tasks", "contacts"): 204,
    ("contacts", "tasks"): 203,
    ("contacts", "companies"): 279,
    ("companies", "contacts"): 280,
    ("deals", "contacts"): 3,
    ("contacts", "deals"): 4,
    ("leads", "contacts"): 578,
    ("contacts", "leads"): 577,
}
"""Of two kinds of records, the number of the association that HubSpot defines itself; rely on it, never on a label."""
PRIMARY_COMPANY = 1
"""Contact to primary company, besides 279."""


@dataclass(frozen=True)
class Stage:
    """One stage of a deal pipeline: won is closed at probability 1, lost is closed at 0."""

    id: str
    label: str
    probability: float
    closed: bool = False


@dataclass
class Pipeline:
    """A way that deals take."""

    id: str
    label: str
    stages: list[Stage] = field(default_factory=list)


def sales_pipeline() -> Pipeline:
    """Return the pipeline that every account begins with."""
    return Pipeline(
        "default",
        "Sales Pipeline",
        [
            Stage("appointmentscheduled", "Appointment Scheduled", 0.2),
            Stage("qualifiedtobuy", "Qualified To Buy", 0.4),
            Stage("contractsent", "Contract Sent", 0.9),
            Stage("closedwon", "Closed Won", 1.0, closed=True),
            Stage("closedlost", "Closed Lost", 0.0, closed=True),
        ],
    )
