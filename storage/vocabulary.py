"""The persisted words. A value once written is never renamed here: add a new one and migrate."""

from enum import StrEnum


class Locale(StrEnum):
    """The languages of the catalogues."""

    JA = "ja"
    EN = "en"


class Role(StrEnum):
    """What a member of the team may do; one member may have several."""

    REP = "rep"
    MANAGER = "manager"
    HEAD = "head"
    MARKETER = "marketer"
    ADMIN = "admin"


class Status(StrEnum):
    """Where an MQL stands in its life. WITHDRAWN: it was a test or a mistake, or its person asked to be erased while it
    was open. It has no outcome, and no figure counts it. UNKNOWN: it was imported, and the file told no outcome."""

    UNASSIGNED = "unassigned"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    CONTACTED = "contacted"
    QUALIFIED = "qualified"
    DISQUALIFIED = "disqualified"
    RECYCLED = "recycled"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


class Disposition(StrEnum):
    """What sales says became of an MQL. Each is also a status."""

    QUALIFIED = "qualified"
    DISQUALIFIED = "disqualified"
    RECYCLED = "recycled"


class AssignmentVerdict(StrEnum):
    """What an assignment decision says of one member."""

    CHOSEN = "chosen"
    ELIGIBLE = "eligible"
    AWAY = "away"
    EXPECTED = "expected"
    """Away, and back in time for a share."""
    INACTIVE = "inactive"
    DEACTIVATED = "deactivated"
    DECLINED = "declined"
    HAD_IT = "had_it"
    BY_HAND = "by_hand"
    PAUSED = "paused"
    """A leader gives them no new MQLs for now."""
    CAP_OPEN = "cap_open"
    """They have as many open as their pool allows; so with a day's and a week's."""
    CAP_DAY = "cap_day"
    CAP_WEEK = "cap_week"
    OFF_HOURS = "off_hours"
    """They do not work at this hour, and the team file gives new MQLs within each one's hours alone."""
    NO_SHARE = "no_share"
    """Their weight in the pool is nothing."""


class Strategy(StrEnum):
    """How a route chooses: fairly in turn, whoever has the fewest open, whoever accepts first, a named person; or who
    goes before all of these: whoever had the lead before, whom the CRM names, whoever has the same company."""

    ROTATION = "rotation"
    LEAST_OPEN = "least_open"
    FIRST_TO_ACCEPT = "first_to_accept"
    PERSON = "person"
    FORMER_OWNER = "former_owner"
    CRM_OWNER = "crm_owner"
    SAME_COMPANY = "same_company"


class DealResult(StrEnum):
    """What came of an opportunity. Outside, in webhooks and files, it is called outcome."""

    WON = "won"
    LOST = "lost"


class DealSource(StrEnum):
    """Who told of an opportunity, where no person did."""

    FILE = "file"
    CRM = "crm"


class OutcomesTold(StrEnum):
    """When marketing's Slack channel hears what became of MQLs: of each at once, of a day's together, or never."""

    EACH = "each"
    DAILY = "daily"
    OFF = "off"


class OwnerTold(StrEnum):
    """By which message a new owner hears of a lead, so that one lead makes one telephone ring once: DM, or the MENTION
    on the card, which is then the only one where the card is posted with its owner."""

    DM = "dm"
    MENTION = "mention"


class PolicyTemplate(StrEnum):
    """The agreements that the set-up offers; each is a policy of the team file that can be changed later."""

    STANDARD = "standard"
    HOT = "hot"
    HOURS = "hours"


class YearlyClosure(StrEnum):
    """Days on which most companies of Japan are closed each year, as the set-up offers them."""

    NEW_YEAR = "new_year"
    OBON = "obon"


class AskWhy(StrEnum):
    """Why an owner likely knows by now what became of an MQL: a meeting was held, a pause is over, the day has come on
    which a recycled lead was to be asked again."""

    MEETING = "meeting"
    PAUSE = "pause"
    RETURN = "return"


class AbsenceSource(StrEnum):
    """Who says that somebody is away: they themselves, a leader for them, their status in Slack, a calendar."""

    PERSON = "person"
    MANAGER = "manager"
    STATUS = "status"
    CALENDAR = "calendar"


class Evidence(StrEnum):
    """How it is known that a lead was contacted. A press of the button alone proves nothing; everything else does, but
    for AUTOMATIC: an e-mail so soon after the assignment that a machine wrote it, which is no contact at all."""

    BUTTON = "button"
    NOTE = "note"
    CALL = "call"
    EMAIL = "email"
    MEETING = "meeting"
    CRM = "crm"
    AUTOMATIC = "automatic"


class Source(StrEnum):
    """The way an MQL came in. The kinds of SourceKind stand here, too."""

    GENERIC = "generic"
    NOTIFICATION = "notification"
    MANUAL = "manual"
    WORKFLOW = "workflow"
    IMPORT = "import"
    MAPPING = "mapping"
    HUBSPOT = "hubspot"
    SALESFORCE = "salesforce"
    MARKETO = "marketo"
    KINTONE = "kintone"
    SATORI = "satori"
    BOWNOW = "bownow"
    TYPEFORM = "typeform"
    TALLY = "tally"
    CALENDLY = "calendly"
    GOOGLE_ADS = "google-ads"
    FORMRUN = "formrun"
    MOVABLETYPE = "movabletype"
    CALCOM = "calcom"
    WEBFLOW = "webflow"
    ZOOM = "zoom"


class ImportKind(StrEnum):
    """What becomes of the rows of a file: leads are handed to sales now, history is only written down."""

    LEADS = "leads"
    HISTORY = "history"


class ImportState(StrEnum):
    """RUNNING also means: the command was interrupted, and goes on when it is given again."""

    RUNNING = "running"
    DONE = "done"
    UNDONE = "undone"


class UploadKind(StrEnum):
    """What the table of an upload holds: leads for sales now, what became of leads before, or won and lost
    opportunities."""

    LEADS = "leads"
    HISTORY = "history"
    OUTCOMES = "outcomes"


class UploadState(StrEnum):
    """How far a file has come that somebody sent to the bot in Slack."""

    READING = "reading"
    """It is to be fetched and looked at."""
    READ = "read"
    """A person decides."""
    IMPORTING = "importing"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    CANCELLED = "cancelled"
    FAILED = "failed"
    """Slack does not give it."""


class SourceKind(StrEnum):
    """Which tool sends to an address of ours, or `mapping`: any that can send a request. Also a Source, but for
    `figures`: marketing's own figures, which are no leads."""

    MAPPING = "mapping"
    GENERIC = "generic"
    HUBSPOT = "hubspot"
    SALESFORCE = "salesforce"
    MARKETO = "marketo"
    KINTONE = "kintone"
    SATORI = "satori"
    BOWNOW = "bownow"
    TYPEFORM = "typeform"
    TALLY = "tally"
    CALENDLY = "calendly"
    GOOGLE_ADS = "google-ads"
    FORMRUN = "formrun"
    MOVABLETYPE = "movabletype"
    CALCOM = "calcom"
    WEBFLOW = "webflow"
    ZOOM = "zoom"
    FIGURES = "figures"


class CrmKind(StrEnum):
    """A CRM that the bot reads and writes."""

    HUBSPOT = "hubspot"
    SALESFORCE = "salesforce"
    KINTONE = "kintone"
    MARKETO = "marketo"
    ACCOUNT_ENGAGEMENT = "account-engagement"


class EngagementKind(StrEnum):
    """What marketing's tool tells of a lead's person: a change of the score, or what became of an e-mail to them.
    BOUNCED: hard or soft."""

    SCORE = "score"
    SENT = "sent"
    DELIVERED = "delivered"
    OPENED = "opened"
    CLICKED = "clicked"
    BOUNCED = "bounced"
    UNSUBSCRIBED = "unsubscribed"


class CrmState(StrEnum):
    """A connection that was taken away stays, because MQLs have records there."""

    ACTIVE = "active"
    REMOVED = "removed"


class CrmWriteKind(StrEnum):
    """What a CRM is told: the fields of a record, a task for the owner, a note of what became of the MQL."""

    FIELDS = "fields"
    TASK = "task"
    NOTE = "note"


class CrmWriteState(StrEnum):
    """DROPPED: there is nothing to tell any more. DEAD: the CRM refuses it for good, and an admin may send it again."""

    PENDING = "pending"
    DONE = "done"
    DEAD = "dead"
    DROPPED = "dropped"


class CrmDecision(StrEnum):
    """Which value holds where both sides had changed it. SETTLED: they became the same without anybody deciding."""

    OURS = "ours"
    THEIRS = "theirs"
    SETTLED = "settled"


class CrmField(StrEnum):
    """A fact of an MQL that may stand in a property of a CRM."""

    OWNER = "owner"
    STATUS = "status"
    """How far sales has come with it."""
    STAGE = "stage"
    """How far the person has come with the company: the lifecycle stage."""
    DISPOSITION = "disposition"
    LOST_REASON = "lost_reason"
    SLA_DUE = "sla_due"
    DEAL = "deal"
    """What came of an opportunity: of the newest deal, which no property of the record holds."""


class Proof(StrEnum):
    """How a delivery shows that it comes from where it says: what its tool signs, a secret header, or no more than
    that it knows the address."""

    SIGNED = "signed"
    HEADER = "header"
    ADDRESS = "address"


class SourceState(StrEnum):
    """A source that was removed stays, because MQLs came from it."""

    ACTIVE = "active"
    REMOVED = "removed"


class SecretUse(StrEnum):
    """What a secret of a source is compared with."""

    ADDRESS = "address"
    HEADER = "header"
    SIGNATURE = "signature"


class DeliveryState(StrEnum):
    """What became of a delivery as a whole. WAITING: at least one thing in it waits for a person."""

    TAKEN = "taken"
    WAITING = "waiting"
    UNREADABLE = "unreadable"


class Became(StrEnum):
    """What became of one thing in a delivery."""

    NEW = "new"
    JOINED = "joined"
    WAITS = "waits"
    NO_LEAD = "no_lead"


class IdentifierKind(StrEnum):
    """By what the same person is known again. MAILBOX tells only that it may be the same: an address without what
    stands behind a plus sign."""

    EMAIL = "email"
    MAILBOX = "mailbox"
    PHONE = "phone"
    """A phone number together with a name."""
    RECORD = "record"
    """The id of a record in a tool."""


class EventType(StrEnum):
    """What can happen to an MQL; the log of these is append-only."""

    RECEIVED = "received"
    RECEIVED_AGAIN = "received_again"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    OFFERED = "offered"
    """To the people of a pool, of whom the first who accepts has it."""
    DECLINED = "declined"
    COVERED = "covered"
    """Somebody answers while its owner is away."""
    COVER_ENDED = "cover_ended"
    OWNER_LEFT = "owner_left"
    ACCEPTED = "accepted"
    CONTACTED = "contacted"
    EVIDENCE = "evidence"
    DISPOSED = "disposed"
    CORRECTED = "corrected"
    DEAL = "deal"
    DISPUTED = "disputed"
    UPHELD = "upheld"
    REOPENED = "reopened"
    REMINDED = "reminded"
    ASKED = "asked"
    ESCALATED = "escalated"
    BREACHED = "breached"
    PAUSED = "paused"
    RESUMED = "resumed"
    PAUSE_ASKED = "pause_asked"
    PAUSE_REFUSED = "pause_refused"
    DEADLINE_MOVED = "deadline_moved"
    TOUCH_PROMISED = "touch_promised"
    """The owner said on which day the lead will be contacted next."""
    TOUCH_DUE = "touch_due"
    """The owner was reminded of that day."""
    UNDO = "undo"
    """Somebody undid what they had just done."""
    UNDONE = "undone"
    """What an event becomes that was undone; its data says what it was (`storage.undos`)."""
    REFUSED = "refused"
    MESSAGE_DROPPED = "message_dropped"
    MESSAGE_DEAD = "message_dead"
    ERASED = "erased"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    """Into another MQL, which alone goes on."""
    MERGED_IN = "merged_in"
    """The same in the log of that other."""
    MERGE_UNDONE = "merge_undone"
    """In the logs of both."""
    IMPORTED = "imported"
    CRM_SKIPPED = "crm_skipped"
    """A CRM says something that the bot does not follow; its data says why (`CrmSkip`)."""


class CrmSkip(StrEnum):
    """Why the bot does not follow what a CRM says. In the catalogues `note.crm_skipped.<word>`."""

    NO_AMOUNT = "no_amount"
    """A deal was won and has no amount, so that sums of won deals would lack it."""
    NO_DAY = "no_day"
    BAD_AMOUNT = "bad_amount"
    DEAL_IN_FUTURE = "deal_in_future"
    DEAL_BEFORE_RECEIVED = "deal_before_received"
    NOT_QUALIFIED = "not_qualified"
    """There is a deal, and sales has not reported the MQL as qualified."""
    DECIDED_HERE = "decided_here"
    """The deal is under way there, and a person has said here what came of it."""
    UNOWNED = "unowned"
    """Nobody has the MQL, and whoever changed it there is nobody of the team."""
    REFUSED = "refused"
    """The rules here do not allow it."""
    TWO_RECORDS = "two_records"
    """Several records have the e-mail address of the lead."""
    RECORD_GONE = "record_gone"
    NEW_OPTION = "new_option"
    """An option that was not there when the options were read last: it was added or renamed."""


class ErasedFor(StrEnum):
    """Why personal data was erased: the team file keeps it no longer, or the person asked for it."""

    AGE = "age"
    REQUEST = "request"


class ClockKind(StrEnum):
    """The two clocks of an MQL, one after the other."""

    RESPONSE = "response"
    FEEDBACK = "feedback"


class BoardState(StrEnum):
    """How an open MQL stands, as the list of all that is open is filtered by it. Part of a catalogue key."""

    OVERDUE = "overdue"
    TODAY = "today"
    """Due today and not overdue."""
    UNACCEPTED = "unaccepted"
    ACCEPTED = "accepted"
    PAUSED = "paused"


class ClockState(StrEnum):
    """RUNNING includes a clock whose deadline has passed: it runs until somebody answers. What people see of it is
    its ClockStanding."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MET_LATE = "met_late"
    CANCELLED = "cancelled"


class ClockStanding(StrEnum):
    """A clock's state as people see it: a running one may be due soon, or breached and still running."""

    RUNNING = "running"
    DUE_SOON = "due_soon"
    BREACHED = "breached"
    PAUSED = "paused"
    MET = "met"
    MET_LATE = "met_late"
    CANCELLED = "cancelled"


class MessageKind(StrEnum):
    """What an outbox row tells. How it reads is decided when it is sent."""

    CARD = "card"
    EDIT = "edit"
    NOTE = "note"
    ASSIGNMENT = "assignment"
    COVER = "cover"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    OFFER = "offer"
    FIRST_OFFER = "first_offer"
    LAPSES = "lapses"
    TURNS_PAUSED = "turns_paused"
    UNASSIGNED = "unassigned"
    OWNER_LEFT = "owner_left"
    UNREACHABLE = "unreachable"
    FEEDBACK_REMINDER = "feedback_reminder"
    FEEDBACK_OVERDUE = "feedback_overdue"
    FEEDBACK_AGAIN = "feedback_again"
    NEXT_TOUCH = "next_touch"
    PAUSE_REQUEST = "pause_request"
    PAUSE_DECIDED = "pause_decided"
    PAUSED_OVERDUE = "paused_overdue"
    PAUSE_OVER = "pause_over"
    DISPUTED = "disputed"
    DISPUTE_DECIDED = "dispute_decided"
    REOPENED = "reopened"
    NEW_WORDS = "new_words"
    LEAD_BACK = "lead_back"
    MERGED = "merged"
    MARKETING_UPDATE = "marketing_update"
    MARKETING_UPDATES = "marketing_updates"
    HELD = "held"
    UNREADABLE = "unreadable"
    QUEUE_WAITING = "queue_waiting"
    QUEUE_OVERDUE = "queue_overdue"
    PRIVATE = "private"
    DIGEST = "digest"
    DIGEST_PEOPLE = "digest_people"
    DIGEST_TREND = "digest_trend"
    OWN_WEEK = "own_week"
    CHECKUP = "checkup"
    MONTHLY = "monthly"
    SCORING = "scoring"
    MEETING = "meeting"
    ABSENCE_SET = "absence_set"
    ABSENCE_BEGAN = "absence_began"
    ABSENCE_OVER = "absence_over"
    ABSENCES_LEARNT = "absences_learnt"
    TRIP_ASKED = "trip_asked"
    CALENDAR_NEWS = "calendar_news"
    ACTION_DUE = "action_due"
    ACTION_CHANGED = "action_changed"
    DEFINITION_PROPOSED = "definition_proposed"
    DEFINITION_AGREED = "definition_agreed"
    DEFINITION_SENT_BACK = "definition_sent_back"
    ALERT = "alert"
    ALERT_OVER = "alert_over"
    UPLOAD = "upload"
    CRM_CONFLICT = "crm_conflict"


class ActionStep(StrEnum):
    """What somebody did to an action of the review meeting. Part of a catalogue key."""

    RECORDED = "recorded"
    CHANGED = "changed"
    DONE = "done"
    REOPENED = "reopened"


class OutboxState(StrEnum):
    """PENDING also means: to be tried again at next_attempt_at."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DROPPED = "dropped"
    DEAD = "dead"


class OutboundState(StrEnum):
    """PENDING also means: to be tried again at next_attempt_at."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"


class ReceiptKind(StrEnum):
    """The edges where the same thing may come in twice."""

    WEBHOOK = "webhook"
    ACTIVITY = "activity"
    DEAL = "deal"
    EVENT = "event"
    VIEW = "view"
    COMMAND = "command"
    ACTION = "action"
    DELIVERY = "delivery"
    """One thing that came to a source's address; its key is a checksum."""
    REFUSAL = "refusal"
    """What was refused to somebody a moment ago: told once, and not for each press."""


class UnreadableState(StrEnum):
    """What could not be read waits until somebody deals with it."""

    OPEN = "open"
    ENTERED = "entered"
    DISMISSED = "dismissed"
    """A person says that it is no MQL."""
    SET_ASIDE = "set_aside"
    """The reader says that it is no lead, and a person may say that it is one."""
    DELETED = "deleted"
    """The sender has deleted the message."""


class CalendarKind(StrEnum):
    """What time counts."""

    ALWAYS = "always"
    BUSINESS_DAYS = "business_days"
    BUSINESS_HOURS = "business_hours"


class ReportKind(StrEnum):
    """Reports that are due once per period."""

    WEEKLY = "weekly"
    CHECKUP = "checkup"
    MONTHLY = "monthly"
    MEETING = "meeting"


class AlertKind(StrEnum):
    """Conditions that the bot's own watch tells the admins of."""

    TICKS_STOPPED = "ticks_stopped"
    OUTBOX_STUCK = "outbox_stuck"
    MESSAGES_REFUSED = "messages_refused"
    OWNER_DEACTIVATED = "owner_deactivated"
    NO_ADMIN = "no_admin"
    NOBODY_AVAILABLE = "nobody_available"
    INTAKE_SILENT = "intake_silent"
    WEBHOOK_REFUSED = "webhook_refused"
    CLOCK_MOVED = "clock_moved"
    CLOCK_WRONG = "clock_wrong"
    DISK_LOW = "disk_low"
    NOT_SLACK = "not_slack"
    ANOTHER_BOT = "another_bot"
    CRM_REFUSED = "crm_refused"
    CRM_EXPIRES = "crm_expires"
    CRM_VANISHED = "crm_vanished"
    CRM_FIELD = "crm_field"
    CRM_LACKS = "crm_lacks"
    CRM_CHANGED = "crm_changed"
    """Its administrator has changed something there that the mapping rests on."""
    CRM_BUDGET = "crm_budget"
    """So many calls were made today that the rest is spread over the day."""


class AuditKind(StrEnum):
    """What an entry of the audit log tells of."""

    SETTING = "setting"
    POLICY = "policy"
    MEMBER = "member"
    ROLE = "role"
    LOST_REASON = "lost_reason"
    ROUTE = "route"
    MUTE = "mute"
    KPI_TARGET = "kpi_target"
    SENDER_RULE = "sender_rule"
    DEFINITION_PROPOSED = "definition_proposed"
    DEFINITION_SIGNED = "definition_signed"
    DEFINITION_CLOSED = "definition_closed"
    SOURCE_ADDED = "source_added"
    SOURCE_MAPPED = "source_mapped"
    SOURCE_REMOVED = "source_removed"
    CRM_CONNECTED = "crm_connected"
    CRM_MAPPED = "crm_mapped"
    CRM_REMOVED = "crm_removed"
    SECRET_ADDED = "secret_added"  # noqa: S105 - the word, not a secret
    SECRET_ROTATED = "secret_rotated"  # noqa: S105 - the word, not a secret
    SECRET_REMOVED = "secret_removed"  # noqa: S105 - the word, not a secret
    SECRETS_ENCRYPTED = "secrets_encrypted"
    ERASURE = "erasure"
    EXPORT = "export"
    IMPORT = "import"
    IMPORT_UNDONE = "import_undone"
    BACKUP = "backup"
    RESTORE = "restore"
    RESEND = "resend"
    READ_AGAIN = "read_again"
    COPY = "copy"
    TURNS_PAUSED = "turns_paused"
    TURNS_RESUMED = "turns_resumed"


class Door(StrEnum):
    """By which way something was done that the audit log tells of."""

    SLACK = "slack"
    COMMAND_LINE = "command_line"
    TEAM_FILE = "team_file"
    API = "api"
    BOT = "bot"
    """By itself, at a time."""
