"""The tables: a file for each noun, with its class, its table and its constraints.

Constraints forbid impossible states; queries live in the files beside this package, by noun.

Each noun is a SQLModel (what a query returns, typed) and the table of its columns. Queries are
SQLAlchemy Core statements on the tables, because ORM objects cost almost half of an interaction's time and invite
whole-row saves that overwrite what another request has changed meanwhile.
"""

from sqlmodel import SQLModel

from storage.models.absences import Absence, absence
from storage.models.actions import ActionChange, ActionItem, action_change, action_item
from storage.models.alerts import Alert, alert
from storage.models.assignments import WHOLE, Assignment, Considered, assignment
from storage.models.audits import Audit, audit
from storage.models.calendar_links import CalendarLink, calendar_link
from storage.models.checkups import Checkup, checkup
from storage.models.clocks import Clock, clock
from storage.models.crm_connections import (
    CrmConnection,
    CrmNotice,
    CrmSecret,
    crm_connection,
    crm_notice,
    crm_secret,
)
from storage.models.crm_links import (
    CrmConflict,
    CrmLink,
    CrmShadow,
    CrmWrite,
    crm_conflict,
    crm_link,
    crm_shadow,
    crm_write,
)
from storage.models.definitions import Definition, definition
from storage.models.deliveries import Delivery, DeliveryItem, delivery, delivery_item
from storage.models.engagements import Engagement, engagement
from storage.models.events import Event, event
from storage.models.feedback import Feedback, feedback
from storage.models.heartbeats import Heartbeat, heartbeat
from storage.models.homes import OpenHome, open_home
from storage.models.identifiers import Identifier, identifier
from storage.models.imports import ImportedRow, ImportRun, import_run, imported_row
from storage.models.kpi_targets import KpiTarget, kpi_target
from storage.models.lanes import Lane, lane
from storage.models.listings import Listing, listing
from storage.models.lost_reasons import LostReason, lost_reason
from storage.models.meetings import Meeting, meeting
from storage.models.members import Member, member
from storage.models.mqls import AS_RECEIVED, CLOSED, DECIDED, DISPOSED, UNDECIDED, WITH_SALES, Mql, mql
from storage.models.mutes import Mute, mute
from storage.models.next_touches import NextTouch, next_touch
from storage.models.nurturing import NurturingWeek, nurturing_week
from storage.models.outbound import Outbound, outbound
from storage.models.outbox import LISTS, TOLD, UNDELIVERED, UNSENT, WAITING_EDIT, Outbox, outbox
from storage.models.policies import PolicyVersion, policy_version
from storage.models.receipts import Receipt, receipt
from storage.models.reports_due import ReportDue, report_due
from storage.models.routing import PoolStanding, RoutingVersion, pool_standing, routing_version
from storage.models.senders import SenderLayout, SenderMapping, SenderRule, sender_layout, sender_mapping, sender_rule
from storage.models.setups import Setup, setup
from storage.models.sources import (
    MOST_REFUSALS,
    LeadSource,
    SourceMapping,
    SourceSecret,
    source,
    source_mapping,
    source_secret,
)
from storage.models.turns import TURN, Turn, turn
from storage.models.undos import Undo, undo
from storage.models.unreadables import Unreadable, unreadable
from storage.models.uploads import Upload, upload
from storage.models.workspaces import Workspace, workspace

metadata = SQLModel.metadata

__all__ = [
    "AS_RECEIVED",
    "CLOSED",
    "DECIDED",
    "DISPOSED",
    "LISTS",
    "MOST_REFUSALS",
    "TOLD",
    "TURN",
    "UNDECIDED",
    "UNDELIVERED",
    "UNSENT",
    "WAITING_EDIT",
    "WHOLE",
    "WITH_SALES",
    "Absence",
    "ActionChange",
    "ActionItem",
    "Alert",
    "Assignment",
    "Audit",
    "CalendarLink",
    "Checkup",
    "Clock",
    "Considered",
    "CrmConflict",
    "CrmConnection",
    "CrmLink",
    "CrmNotice",
    "CrmSecret",
    "CrmShadow",
    "CrmWrite",
    "Definition",
    "Delivery",
    "DeliveryItem",
    "Engagement",
    "Event",
    "Feedback",
    "Heartbeat",
    "Identifier",
    "ImportRun",
    "ImportedRow",
    "KpiTarget",
    "Lane",
    "LeadSource",
    "Listing",
    "LostReason",
    "Meeting",
    "Member",
    "Mql",
    "Mute",
    "NextTouch",
    "NurturingWeek",
    "OpenHome",
    "Outbound",
    "Outbox",
    "PolicyVersion",
    "PoolStanding",
    "Receipt",
    "ReportDue",
    "RoutingVersion",
    "SenderLayout",
    "SenderMapping",
    "SenderRule",
    "Setup",
    "SourceMapping",
    "SourceSecret",
    "Turn",
    "Undo",
    "Unreadable",
    "Upload",
    "Workspace",
    "absence",
    "action_change",
    "action_item",
    "alert",
    "assignment",
    "audit",
    "calendar_link",
    "checkup",
    "clock",
    "crm_conflict",
    "crm_connection",
    "crm_link",
    "crm_notice",
    "crm_secret",
    "crm_shadow",
    "crm_write",
    "definition",
    "delivery",
    "delivery_item",
    "engagement",
    "event",
    "feedback",
    "heartbeat",
    "identifier",
    "import_run",
    "imported_row",
    "kpi_target",
    "lane",
    "listing",
    "lost_reason",
    "meeting",
    "member",
    "metadata",
    "mql",
    "mute",
    "next_touch",
    "nurturing_week",
    "open_home",
    "outbound",
    "outbox",
    "policy_version",
    "pool_standing",
    "receipt",
    "report_due",
    "routing_version",
    "sender_layout",
    "sender_mapping",
    "sender_rule",
    "setup",
    "source",
    "source_mapping",
    "source_secret",
    "turn",
    "undo",
    "unreadable",
    "upload",
    "workspace",
]
