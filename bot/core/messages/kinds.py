"""Every kind of message, with all that is known about it in one entry.

A kind needs its word in `storage.vocabulary.MessageKind`, its entry here, its renderer in `bot/slack/messages/` and
its words in both catalogues (`kind.<word>` in kinds.po). What is missing is an error at import: here or, for renderer
and words, in `bot/slack/messages/registry.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum
from functools import cached_property
from typing import Any, Generic, ParamSpec, TypeVar, cast

from bot.core.messages import payloads, rules
from bot.core.messages.payloads import Payload
from bot.core.messages.rules import Rule, while_mql
from storage.models import Outbox
from storage.vocabulary import MessageKind

Fields = ParamSpec("Fields")
Carried_co = TypeVar("Carried_co", bound=Payload, covariant=True)


class Priority(IntEnum):
    """Which message goes first where not all can go at once: the smallest, then the oldest. Stored with each row."""

    PRESSED = 0
    """Somebody has just pressed a button and looks at it."""
    NEW_LEAD = 1
    """A lead that nobody has seen yet."""
    LEADER = 2
    """What somebody must act on in another's place."""
    MINUTES = 3
    """What can wait a minute."""
    SOME_TIME = 4
    """What is read some time in the day."""


class Life(Enum):
    """What happens to a message after it was sent."""

    LIVE = "live"
    """It shows the present state of its MQL and carries its buttons: edited whenever the MQL changes."""
    PERMANENT = "permanent"
    """It tells of one event of its MQL: edited only where the person of the MQL is erased."""
    STANDING = "standing"
    """It is about no single MQL and stays as it was sent. Where what it shows changes, it is edited by its key."""
    ONCE = "once"
    """It is no message of its own in Slack that anybody could look for or miss: an edit, an explanation that only
    one person sees."""


class Reader(Enum):
    """For whom a message is meant, and with it who hears instead where Slack does not take it."""

    OWNER = "owner"
    """The owner of the MQL. Instead: the next level that can act, with who could not be reached."""
    LEADER = "leader"
    """Who acts where the owner does not. Instead: the next level, the same message."""
    CHANNEL = "channel"
    """A Slack channel. Instead: the heads or the admins, once a day."""
    PERSON = "person"
    """One person, who alone would miss it. Instead: nobody."""
    ADMIN = "admin"
    """The admins, of the bot itself. Instead: nobody; the watch goes on looking."""


class Group(Enum):
    """Which messages become one where several wait for the same reader at once."""

    OWN_WORK = "own_work"
    """What the reader themselves has to do. More than the daily ceiling wait for the next morning."""
    TEAM = "team"
    """What a leader or a Slack channel hears where nobody has acted in time."""
    OFFERS = "offers"
    """What the reader may take from somebody else."""


@dataclass(frozen=True)
class Content:
    """What a message says: its kind, with the payload of that kind."""

    kind: Kind[..., Payload]
    payload: Payload

    @cached_property
    def json(self) -> dict[str, Any]:
        """The payload as it is stored, the same for every reader."""
        return self.payload.to_json()


@dataclass(frozen=True, eq=False)
class Kind(Generic[Fields, Carried_co]):
    """One kind of message. Called with the fields of its payload it returns what `outgoing` queues."""

    word: MessageKind
    payload: Callable[Fields, Carried_co]
    """The class of its payload."""
    priority: Priority
    life: Life
    reader: Reader
    gone: Rule
    """Why it is no longer true. Asked just before sending."""
    group: Group | None = None
    """With which others it becomes one message where several wait for one reader. None: it stays by itself."""
    holdable: bool = False
    """Whether it may be one row of a list: what was held back over the quiet hours, or came at once."""
    mutable: bool = False
    """Whether a team may switch it off. What names a new MQL, or tells a leader, never is."""
    measured: bool = False
    """Whether the report on noise asks what its reader did about it: it concerns MQLs and has something to press."""
    replayed: bool = False
    """Whether `whatif` counts it: a person gets it unasked because of an MQL, and a replay makes it."""
    lists: bool = False
    """Whether it may name several MQLs, so that it is rendered anew where the person of one is erased."""
    counted: bool = True
    """Whether it counts as a message that somebody has had today."""

    def __call__(self, *args: Fields.args, **kwargs: Fields.kwargs) -> Content:
        """Return a message of this kind; the arguments are the fields of its payload."""
        return Content(self, self.payload(*args, **kwargs))

    def read(self, row: Outbox) -> Carried_co:
        """Return the payload of a row of this kind. Raises ValidationError."""
        # Every payload is a class; it is declared as callable for the sake of the types of its arguments.
        return cast("type[Carried_co]", self.payload).of(row)


class IncompleteKind(Exception):
    """A kind of message lacks something without which it could not be delivered."""


def by_word(entries: Iterable[Kind[..., Payload]]) -> Mapping[MessageKind, Kind[..., Payload]]:
    """Return the entries by their words. Raises IncompleteKind where a word has none, or more than one."""
    entry_of: dict[MessageKind, Kind[..., Payload]] = {}
    for entry in entries:
        if entry.word in entry_of:
            raise IncompleteKind(f"MessageKind.{entry.word.name} has two entries in bot/core/messages/kinds.py")
        entry_of[entry.word] = entry
    for word in MessageKind:
        if word not in entry_of:
            raise IncompleteKind(
                f"MessageKind.{word.name} has no entry in bot/core/messages/kinds.py, which says its priority, its "
                "payload, its reader and how it lives"
            )
    return entry_of


# About one MQL

CARD = Kind(
    MessageKind.CARD,
    payloads.Card,
    Priority.NEW_LEAD,
    Life.LIVE,
    Reader.CHANNEL,
    rules.always_true,
)
EDIT = Kind(
    MessageKind.EDIT,
    payloads.NoPayload,
    Priority.PRESSED,
    Life.ONCE,
    Reader.PERSON,
    rules.always_true,
    counted=False,
)
NOTE = Kind(
    MessageKind.NOTE,
    payloads.NoPayload,
    Priority.MINUTES,
    Life.PERMANENT,
    Reader.CHANNEL,
    rules.always_true,
    counted=False,
)
ASSIGNMENT = Kind(
    MessageKind.ASSIGNMENT,
    payloads.NoPayload,
    Priority.NEW_LEAD,
    Life.LIVE,
    Reader.OWNER,
    while_mql(rules.owned),
    holdable=True,
    measured=True,
    replayed=True,
)
COVER = Kind(
    MessageKind.COVER,
    payloads.NoPayload,
    Priority.NEW_LEAD,
    Life.LIVE,
    Reader.OWNER,
    while_mql(rules.covers),
    measured=True,
)
REMINDER = Kind(
    MessageKind.REMINDER,
    payloads.NoPayload,
    Priority.MINUTES,
    Life.LIVE,
    Reader.OWNER,
    while_mql(rules.unanswered_by_reader),
    group=Group.OWN_WORK,
    holdable=True,
    mutable=True,
    measured=True,
    replayed=True,
)
ESCALATION = Kind(
    MessageKind.ESCALATION,
    payloads.Escalated,
    Priority.LEADER,
    Life.LIVE,
    Reader.LEADER,
    while_mql(rules.unanswered),
    group=Group.TEAM,
    holdable=True,
    measured=True,
    replayed=True,
)
OFFER = Kind(
    MessageKind.OFFER,
    payloads.NoPayload,
    Priority.LEADER,
    Life.LIVE,
    Reader.PERSON,
    while_mql(rules.on_offer),
    group=Group.OFFERS,
    holdable=True,
    measured=True,
    replayed=True,
)
FIRST_OFFER = Kind(
    MessageKind.FIRST_OFFER,
    payloads.NoPayload,
    Priority.NEW_LEAD,
    Life.LIVE,
    Reader.PERSON,
    while_mql(rules.without_owner),
    measured=True,
    replayed=True,
)
LAPSES = Kind(
    MessageKind.LAPSES,
    payloads.Lapses,
    Priority.LEADER,
    Life.STANDING,
    Reader.PERSON,
    rules.lapses_over,
)
TURNS_PAUSED = Kind(
    MessageKind.TURNS_PAUSED,
    payloads.TurnsPaused,
    Priority.MINUTES,
    Life.STANDING,
    Reader.PERSON,
    rules.turns_resumed,
)
UNASSIGNED = Kind(
    MessageKind.UNASSIGNED,
    payloads.Forwarded,
    Priority.NEW_LEAD,
    Life.LIVE,
    Reader.LEADER,
    while_mql(rules.without_owner),
    measured=True,
    replayed=True,
)
OWNER_LEFT = Kind(
    MessageKind.OWNER_LEFT,
    payloads.OwnerLeft,
    Priority.LEADER,
    Life.LIVE,
    Reader.LEADER,
    while_mql(rules.with_who_left),
    measured=True,
    replayed=True,
)
UNREACHABLE = Kind(
    MessageKind.UNREACHABLE,
    payloads.Unreachable,
    Priority.LEADER,
    Life.LIVE,
    Reader.LEADER,
    while_mql(rules.with_who_is_unreachable),
    measured=True,
)
FEEDBACK_REMINDER = Kind(
    MessageKind.FEEDBACK_REMINDER,
    payloads.NoPayload,
    Priority.MINUTES,
    Life.LIVE,
    Reader.OWNER,
    while_mql(rules.without_feedback_of_reader),
    group=Group.OWN_WORK,
    holdable=True,
    mutable=True,
    measured=True,
    replayed=True,
)
FEEDBACK_OVERDUE = Kind(
    MessageKind.FEEDBACK_OVERDUE,
    payloads.Escalated,
    Priority.MINUTES,
    Life.LIVE,
    Reader.LEADER,
    while_mql(rules.without_feedback),
    group=Group.TEAM,
    holdable=True,
    measured=True,
    replayed=True,
)
FEEDBACK_AGAIN = Kind(
    MessageKind.FEEDBACK_AGAIN,
    payloads.Question,
    Priority.MINUTES,
    Life.LIVE,
    Reader.OWNER,
    while_mql(rules.worth_asking),
    group=Group.OWN_WORK,
    holdable=True,
    mutable=True,
    measured=True,
)
NEXT_TOUCH = Kind(
    MessageKind.NEXT_TOUCH,
    payloads.NoPayload,
    Priority.MINUTES,
    Life.LIVE,
    Reader.OWNER,
    while_mql(rules.owned),
    measured=True,
)
PAUSE_REQUEST = Kind(
    MessageKind.PAUSE_REQUEST,
    payloads.Forwarded,
    Priority.LEADER,
    Life.LIVE,
    Reader.LEADER,
    rules.consent_over,
    measured=True,
)
PAUSE_DECIDED = Kind(
    MessageKind.PAUSE_DECIDED,
    payloads.NoPayload,
    Priority.MINUTES,
    Life.PERMANENT,
    Reader.PERSON,
    rules.always_true,
)
PAUSED_OVERDUE = Kind(
    MessageKind.PAUSED_OVERDUE,
    payloads.Forwarded,
    Priority.LEADER,
    Life.LIVE,
    Reader.LEADER,
    while_mql(rules.paused),
    holdable=True,
    measured=True,
)
PAUSE_OVER = Kind(
    MessageKind.PAUSE_OVER,
    payloads.NoPayload,
    Priority.MINUTES,
    Life.LIVE,
    Reader.OWNER,
    while_mql(rules.runs_with_reader),
    holdable=True,
    measured=True,
)
DISPUTED = Kind(
    MessageKind.DISPUTED,
    payloads.Forwarded,
    Priority.LEADER,
    Life.LIVE,
    Reader.LEADER,
    while_mql(rules.disputed),
    measured=True,
    replayed=True,
)
DISPUTE_DECIDED = Kind(
    MessageKind.DISPUTE_DECIDED,
    payloads.NoPayload,
    Priority.MINUTES,
    Life.PERMANENT,
    Reader.PERSON,
    rules.always_true,
)
REOPENED = Kind(
    MessageKind.REOPENED,
    payloads.NoPayload,
    Priority.LEADER,
    Life.LIVE,
    Reader.OWNER,
    while_mql(rules.owned),
    measured=True,
    replayed=True,
)
NEW_WORDS = Kind(
    MessageKind.NEW_WORDS,
    payloads.NewWords,
    Priority.NEW_LEAD,
    Life.PERMANENT,
    Reader.OWNER,
    while_mql(rules.with_reader_or_leader),
    measured=True,
)
LEAD_BACK = Kind(
    MessageKind.LEAD_BACK,
    payloads.NoPayload,
    Priority.MINUTES,
    Life.PERMANENT,
    Reader.PERSON,
    rules.always_true,
)
MERGED = Kind(
    MessageKind.MERGED,
    payloads.NoPayload,
    Priority.LEADER,
    Life.PERMANENT,
    Reader.PERSON,
    rules.always_true,
)
MARKETING_UPDATE = Kind(
    MessageKind.MARKETING_UPDATE,
    payloads.NoPayload,
    Priority.MINUTES,
    Life.PERMANENT,
    Reader.CHANNEL,
    rules.undone,
)

# About several MQLs, or none

MARKETING_UPDATES = Kind(
    MessageKind.MARKETING_UPDATES,
    payloads.MarketingUpdates,
    Priority.SOME_TIME,
    Life.STANDING,
    Reader.CHANNEL,
    rules.always_true,
    lists=True,
)
HELD = Kind(
    MessageKind.HELD,
    payloads.Held,
    Priority.MINUTES,
    Life.STANDING,
    Reader.PERSON,
    rules.always_true,
    measured=True,
    replayed=True,
    lists=True,
)
UNREADABLE = Kind(
    MessageKind.UNREADABLE,
    payloads.UnreadableEntry,
    Priority.MINUTES,
    Life.STANDING,
    Reader.CHANNEL,
    rules.message_deleted,
)
QUEUE_WAITING = Kind(
    MessageKind.QUEUE_WAITING,
    payloads.QueueEntries,
    Priority.NEW_LEAD,
    Life.STANDING,
    Reader.PERSON,
    rules.nothing_waits,
)
QUEUE_OVERDUE = Kind(
    MessageKind.QUEUE_OVERDUE,
    payloads.QueueEntries,
    Priority.LEADER,
    Life.STANDING,
    Reader.PERSON,
    rules.nothing_waits,
)
PRIVATE = Kind(
    MessageKind.PRIVATE,
    payloads.Private,
    Priority.PRESSED,
    Life.ONCE,
    Reader.PERSON,
    rules.always_true,
    counted=False,
)
DIGEST = Kind(
    MessageKind.DIGEST,
    payloads.Period,
    Priority.SOME_TIME,
    Life.STANDING,
    Reader.PERSON,
    rules.always_true,
    lists=True,
)
DIGEST_PEOPLE = Kind(
    MessageKind.DIGEST_PEOPLE,
    payloads.Period,
    Priority.SOME_TIME,
    Life.STANDING,
    Reader.PERSON,
    rules.always_true,
)
DIGEST_TREND = Kind(
    MessageKind.DIGEST_TREND,
    payloads.Period,
    Priority.SOME_TIME,
    Life.STANDING,
    Reader.PERSON,
    rules.always_true,
)
OWN_WEEK = Kind(
    MessageKind.OWN_WEEK,
    payloads.OwnWeek,
    Priority.SOME_TIME,
    Life.STANDING,
    Reader.PERSON,
    rules.always_true,
    lists=True,
)
CHECKUP = Kind(
    MessageKind.CHECKUP,
    payloads.Period,
    Priority.SOME_TIME,
    Life.STANDING,
    Reader.PERSON,
    rules.always_true,
)
MONTHLY = Kind(
    MessageKind.MONTHLY,
    payloads.Period,
    Priority.SOME_TIME,
    Life.STANDING,
    Reader.PERSON,
    rules.always_true,
)
SCORING = Kind(
    MessageKind.SCORING,
    payloads.Period,
    Priority.SOME_TIME,
    Life.STANDING,
    Reader.PERSON,
    rules.always_true,
)
MEETING = Kind(
    MessageKind.MEETING,
    payloads.MeetingDay,
    Priority.MINUTES,
    Life.STANDING,
    Reader.CHANNEL,
    rules.always_true,
    lists=True,
)
ABSENCE_SET = Kind(
    MessageKind.ABSENCE_SET,
    payloads.AbsenceEntry,
    Priority.MINUTES,
    Life.STANDING,
    Reader.PERSON,
    rules.absence_over,
)
ABSENCE_BEGAN = Kind(
    MessageKind.ABSENCE_BEGAN,
    payloads.AbsenceEntry,
    Priority.LEADER,
    Life.STANDING,
    Reader.PERSON,
    rules.absence_over,
    lists=True,
)
ABSENCE_OVER = Kind(
    MessageKind.ABSENCE_OVER,
    payloads.AbsenceEntry,
    Priority.MINUTES,
    Life.STANDING,
    Reader.PERSON,
    rules.always_true,
    lists=True,
)
ABSENCES_LEARNT = Kind(
    MessageKind.ABSENCES_LEARNT,
    payloads.LearntAbsences,
    Priority.MINUTES,
    Life.STANDING,
    Reader.PERSON,
    rules.learnt_absences_over,
)
TRIP_ASKED = Kind(
    MessageKind.TRIP_ASKED,
    payloads.TripAsked,
    Priority.MINUTES,
    Life.STANDING,
    Reader.PERSON,
    rules.trip_over,
)
CALENDAR_NEWS = Kind(
    MessageKind.CALENDAR_NEWS,
    payloads.CalendarNews,
    Priority.MINUTES,
    Life.STANDING,
    Reader.PERSON,
    rules.always_true,
)
ACTION_DUE = Kind(
    MessageKind.ACTION_DUE,
    payloads.ActionDue,
    Priority.MINUTES,
    Life.STANDING,
    Reader.PERSON,
    rules.action_due_no_more,
)
ACTION_CHANGED = Kind(
    MessageKind.ACTION_CHANGED,
    payloads.ActionChanged,
    Priority.MINUTES,
    Life.STANDING,
    Reader.PERSON,
    rules.action_changed_again,
)
DEFINITION_PROPOSED = Kind(
    MessageKind.DEFINITION_PROPOSED,
    payloads.DefinitionVersion,
    Priority.MINUTES,
    Life.STANDING,
    Reader.PERSON,
    rules.proposal_over,
)
DEFINITION_AGREED = Kind(
    MessageKind.DEFINITION_AGREED,
    payloads.DefinitionVersion,
    Priority.MINUTES,
    Life.STANDING,
    Reader.PERSON,
    rules.always_true,
)
DEFINITION_SENT_BACK = Kind(
    MessageKind.DEFINITION_SENT_BACK,
    payloads.DefinitionVersion,
    Priority.MINUTES,
    Life.STANDING,
    Reader.PERSON,
    rules.always_true,
)
ALERT = Kind(
    MessageKind.ALERT,
    payloads.AlertEntry,
    Priority.LEADER,
    Life.STANDING,
    Reader.ADMIN,
    rules.alert_over,
)
ALERT_OVER = Kind(
    MessageKind.ALERT_OVER,
    payloads.AlertEntry,
    Priority.LEADER,
    Life.STANDING,
    Reader.ADMIN,
    rules.always_true,
)
CRM_CONFLICT = Kind(
    MessageKind.CRM_CONFLICT,
    payloads.ConflictEntry,
    Priority.MINUTES,
    Life.LIVE,
    Reader.OWNER,
    rules.crm_conflict_over,
    measured=True,
)
UPLOAD = Kind(
    MessageKind.UPLOAD,
    payloads.UploadEntry,
    Priority.PRESSED,
    Life.STANDING,
    Reader.PERSON,
    rules.always_true,
)

KINDS = by_word(value for value in tuple(globals().values()) if isinstance(value, Kind))


def words(which: Callable[[Kind[..., Payload]], bool]) -> tuple[MessageKind, ...]:
    """Return the words of those kinds for which `which` holds, in their order."""
    return tuple(word for word in MessageKind if which(KINDS[word]))


def together_with(word: MessageKind) -> tuple[MessageKind, ...]:
    """Return the kinds with which a message of this kind becomes one, its own among them; none where it stays by
    itself."""
    group = KINDS[word].group
    return words(lambda kind: kind.group is group) if group is not None else ()


# What is asked for in queries

LIVE = words(lambda kind: kind.life is Life.LIVE)
LIVE_FOR_LEADERS = words(lambda kind: kind.life is Life.LIVE and kind.reader is Reader.LEADER)
ABOUT_ONE_MQL = words(lambda kind: kind.life in (Life.LIVE, Life.PERMANENT))
ONCE = words(lambda kind: kind.life is Life.ONCE)
LISTS = words(lambda kind: kind.lists)
HOLDABLE = words(lambda kind: kind.holdable)
MUTABLE = words(lambda kind: kind.mutable)
MEASURED = words(lambda kind: kind.measured)
REPLAYED = words(lambda kind: kind.replayed)
UNCOUNTED = words(lambda kind: not kind.counted)
ALERTS = words(lambda kind: kind.reader is Reader.ADMIN)
