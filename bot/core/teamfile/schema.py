"""The tables and keys of a team file, and the value that a good one becomes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bot.core.agreement.definition import TEXT_MOST
from bot.core.agreement.goals import NO_GOALS, Goals
from bot.core.agreement.rules import Required, Rules
from bot.core.base.facets import MOST_SIZE, Word
from bot.core.base.permissions import LEADERS
from bot.core.mql.queue import HOURS
from bot.core.routing.conditions import Conditions
from bot.core.routing.routes import NOTHING, Routing
from bot.core.sla.own_hours import Week, WrittenWeek
from bot.core.sla.policy import Policy, PolicyTable
from bot.core.teamfile.positions import Path
from storage.vocabulary import Locale, OutcomesTold, OwnerTold, Role

USER = r"[UW][A-Z0-9]+"
EMAIL = r"[^\s@]+@[^\s@]+\.[^\s@]+"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DOMAIN = r"[^\s@/]+\.[^\s@/.]{2,}"
OTHER = "other"


def _matching(pattern: str, code: str) -> AfterValidator:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise PydanticCustomError(code, "does not match")
        return value

    return AfterValidator(check)


@cache
def timezones() -> frozenset[str]:
    """Return the names of all timezones."""
    return frozenset(available_timezones())


def _timezone(value: str) -> str:
    if value not in timezones():
        raise PydanticCustomError("not_a_timezone", "unknown timezone")
    return value


def _webhook_url(value: str) -> str:
    """Check that a request can be sent to an address. Whether we may is asked each time, for a name may move."""
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("https", "http") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    spelled = value.isascii() and value.isprintable() and " " not in value and len(value) <= 2000
    if not usable or not spelled or parts.username is not None or parts.fragment:
        raise PydanticCustomError("not_a_webhook", "not an address")
    return value


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=75)]
TimeOfDay = Annotated[str, _matching(r"([01]\d|2[0-3]):[0-5]\d", "not_a_time")]
SlackChannel = Annotated[str, _matching(r"#[^\s#]{1,80}|[CG][A-Z0-9]+", "not_a_slack_channel")]


class Table(BaseModel):
    """One table of the file. A key that it does not know is refused, because it would be ignored silently."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, strict=True)


class WorkspaceTable(Table):
    """The table [workspace] of the team file."""

    id: Annotated[str, _matching(r"[TE][A-Z0-9]+", "not_a_workspace")] | None = None
    name: Line
    locale: Locale
    timezone: Annotated[str, AfterValidator(_timezone)]


class ChannelsTable(Table):
    """The table [channels] of the team file."""

    mql: SlackChannel
    intake: SlackChannel | None = None
    marketing: SlackChannel | None = None


class DigestTable(Table):
    """The table [digest] of the team file."""

    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "monday"
    time: TimeOfDay = "09:00"
    personal: bool = True


class OutcomesTable(Table):
    """The table [outcomes] of the team file."""

    tell: OutcomesTold = OutcomesTold.EACH
    time: TimeOfDay = "17:00"


class MeetingTable(Table):
    """The table [meeting] of the team file."""

    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    time: Annotated[str, _matching(r"([01]\d|2[0-3]):[0-5]\d", "not_a_time")]
    channel: SlackChannel


class MessagesTable(Table):
    """The table [messages] of the team file."""

    per_person_per_day: Annotated[int, Field(ge=1, le=1000)] = 20
    queue_hours: Annotated[int, Field(ge=1, le=1000)] = HOURS
    new_mql: OwnerTold = OwnerTold.DM


class LeadsTable(Table):
    """The table [leads] of the team file."""

    anew_after_days: Annotated[int, Field(ge=1, le=3650)] = 90


class DefinitionTable(Table):
    """The table [definition] of the team file: what marketing and sales call an MQL. Applied it becomes a proposal."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TEXT_MOST)]
    score: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    hold: bool = False
    required: Annotated[list[Required], Field(max_length=len(Required))] = []
    excluded_domains: Annotated[list[Annotated[Word, _matching(DOMAIN, "not_a_domain")]], Field(max_length=50)] = []
    industries: Annotated[list[Word], Field(max_length=50)] = []
    titles: Annotated[list[Word], Field(max_length=50)] = []
    regions: Annotated[list[Word], Field(max_length=50)] = []
    channels: Annotated[list[Word], Field(max_length=50)] = []
    size: Annotated[int, Field(ge=1, le=MOST_SIZE)] | None = None

    @model_validator(mode="after")
    def _rules_are_held(self) -> Self:
        if not self.hold and self.rules.model_dump(exclude={"score"}, exclude_defaults=True):
            raise PydanticCustomError("not_held", "rules without hold")
        return self

    @property
    def rules(self) -> Rules:
        """The rules that are checked where `hold` says so."""
        words = ("required", "excluded_domains", "industries", "titles", "regions", "channels")
        return Rules(score=self.score, size=self.size, **{name: tuple(getattr(self, name)) for name in words})

    @property
    def wanted(self) -> WantedDefinition:
        """What is proposed."""
        return WantedDefinition(self.text, self.score, self.rules if self.hold else None)


@dataclass(frozen=True)
class WantedDefinition:
    """What marketing and sales call an MQL, as a file or the newest version says it."""

    text: str
    score: int | None
    rules: Rules | None
    """None: it is words only."""

    @property
    def table(self) -> dict[str, Any]:
        """Return the table of the file that says so."""
        rules = self.rules.model_dump(mode="json", exclude_defaults=True, exclude={"score"}) if self.rules else {}
        return {"text": self.text, "score": self.score, "hold": self.rules is not None, **rules}


class PrivacyTable(Table):
    """The table [privacy] of the team file."""

    erase_after_days: Annotated[int, Field(ge=1, le=3650)] | None = None


class WebhookTable(Table):
    """The table [webhook] of the team file."""

    url: Annotated[str, AfterValidator(_webhook_url)]


class MemberTable(Table):
    """The table [[members]] of the team file."""

    user: Annotated[str, _matching(USER, "not_a_user")] | None = None
    email: Annotated[str, _matching(EMAIL, "not_an_email")] | None = None
    name: Line
    roles: Annotated[list[Role], Field(min_length=1)]
    manager: Annotated[str, _matching(f"{USER}|{EMAIL}", "not_a_manager")] | None = None
    locale: Locale | None = None
    hours: WrittenWeek | None = None
    timezone: Annotated[str, AfterValidator(_timezone)] | None = None
    active: bool = True

    @model_validator(mode="after")
    def _is_one_person(self) -> Self:
        if (self.user is None) == (self.email is None):
            raise PydanticCustomError("not_one_person", "user or email")
        return self


class LostReasonTable(Table):
    """The table [[lost_reasons]] of the team file."""

    key: Annotated[str, _matching(r"[a-z][a-z0-9_]{0,59}", "not_a_key")]
    ja: Label
    en: Label
    comment_required: bool | None = None
    unfit: bool | None = None


def _cap(value: int) -> int:
    """Refuse a cap of nothing: whoever is to get nothing is no member of the pool."""
    if value < 1:
        raise PydanticCustomError("not_a_cap", "nobody would get anything")
    return value


PoolName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=75)]
CapOf = Annotated[int, Field(le=1000), AfterValidator(_cap)]
Named = Annotated[str, _matching(f"{USER}|{EMAIL}", "not_a_person")]
InPool = Annotated[str, _matching(rf"{USER}|{EMAIL}|@[^\s@]+|S[A-Z0-9]+|#[^\s#]+|[CG][A-Z0-9]+", "not_in_a_pool")]


class CapsTable(Table):
    """The keys that say how many MQLs somebody has at most."""

    open_at_most: CapOf | None = None
    per_day: CapOf | None = None
    per_week: CapOf | None = None


class PoolPersonTable(CapsTable):
    """The table [[pools.people]] of the team file."""

    user: Named
    weight: Annotated[float, Field(ge=0, le=10)] = 1.0
    ramp: Annotated[list[Annotated[int, Field(ge=1, le=100)]], Field(max_length=24)] = []
    since: date | None = None


class PoolTable(CapsTable):
    """The table [[pools]] of the team file."""

    name: PoolName
    members: Annotated[list[InPool], Field(max_length=1000)] = []
    people: Annotated[list[PoolPersonTable], Field(max_length=1000)] = []


class RouteTable(Table):
    """The table [[routes]] of the team file."""

    name: PoolName
    when: Conditions = Conditions()
    pool: PoolName | None = None
    prefer: list[Literal["former_owner", "crm_owner", "same_company"]] = []
    strategy: Literal["rotation", "least_open", "first_to_accept", "person"] = "rotation"
    person: Named | None = None
    accept_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    named: bool = True


class RoutingTable(Table):
    """The table [routing] of the team file."""

    pause_after: Annotated[int, Field(ge=1, le=100)] | None = None
    within_hours: bool = False


TOP_LEVEL: dict[str, type[BaseModel]] = {
    "workspace": WorkspaceTable,
    "channels": ChannelsTable,
    "digest": DigestTable,
    "outcomes": OutcomesTable,
    "meeting": MeetingTable,
    "messages": MessagesTable,
    "leads": LeadsTable,
    "goals": Goals,
    "definition": DefinitionTable,
    "privacy": PrivacyTable,
    "webhook": WebhookTable,
    "policy": PolicyTable,
    "members": MemberTable,
    "routing": RoutingTable,
    "pools": PoolTable,
    "routes": RouteTable,
    "lost_reasons": LostReasonTable,
}


def known_keys(table: str, inside: Path) -> Iterable[str]:
    """Return the keys that may stand in a table, or in a table inside it."""
    model = TOP_LEVEL[table]
    for part in inside:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return model.model_fields


def default_at(path: Path) -> Any:
    """Return what holds where a key is left out, by its path, in which names of entries may stand; None without one."""
    model: type[BaseModel] | None = TOP_LEVEL.get(str(path[0]))
    default: Any = None
    for part in path[1:]:
        field = model.model_fields.get(part) if model is not None and isinstance(part, str) else None
        if field is not None and isinstance(default, BaseModel):
            default = getattr(default, str(part))
        elif field is not None:
            default = None if field.is_required() else field.get_default(call_default_factory=False)
        if field is not None:
            model = _model_in(field.annotation)
    return default


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, (_model_in(argument) for argument in get_args(annotation))), None)


@dataclass(frozen=True)
class Person:
    """One member of the roster as the file wants them."""

    user_id: str
    name: str
    roles: tuple[Role, ...]
    manager: str | None = None
    locale: Locale | None = None
    active: bool = True
    hours: Week | None = None
    """When they work, by weekday; None: as the team."""
    timezone: str | None = None
    """None: the workspace's."""


def can_hold(person: Person | None) -> bool:
    """Return whether somebody may have MQLs: an active rep or leader."""
    return person is not None and person.active and any(role in (Role.REP, *LEADERS) for role in person.roles)


@dataclass(frozen=True)
class Reason:
    """One lost reason as the file wants it."""

    key: str
    ja: str
    en: str
    comment_required: bool = False
    unfit: bool = False
    """Says that the lead should never have become an MQL: it costs its owner no turn."""


@dataclass(frozen=True)
class TeamFile:
    """How a workspace works with the bot: a good file with every name resolved, or what the database holds now."""

    workspace_id: str
    name: str
    locale: Locale
    timezone: str
    mql_channel: str
    intake_channel: str | None
    digest_weekday: int
    digest_time: str
    policy: Policy
    members: tuple[Person, ...]
    reasons: tuple[Reason, ...]
    erase_after_days: int | None = None
    webhook_url: str | None = None
    marketing_channel: str | None = None
    outcomes_told: OutcomesTold = OutcomesTold.EACH
    outcomes_time: str = "17:00"
    meeting_weekday: int | None = None
    meeting_time: str | None = None
    meeting_channel: str | None = None
    daily_messages: int = 20
    queue_hours: int = HOURS
    owner_told: OwnerTold = OwnerTold.DM
    anew_after_days: int = 90
    digest_personal: bool = True
    goals: Goals = NO_GOALS
    routing: Routing = NOTHING
    definition: WantedDefinition | None = None
    """None: the file says nothing of it, and nothing of it changes."""


# Of these keys, unless the file says otherwise.
UNFIT = ("outside_target", "duplicate", "wrong_data")

DEFAULT_REASONS = (
    Reason("gathering_information", "情報収集段階", "Still gathering information"),
    Reason("no_budget", "予算なし", "No budget"),
    Reason("no_authority", "決裁権なし", "No authority"),
    Reason("no_need", "ニーズなし", "No need"),
    Reason("bad_timing", "時期尚早", "Bad timing"),
    Reason("competitor", "競合に決定", "Chose a competitor"),
    Reason("outside_target", "ターゲット外", "Outside target", unfit=True),
    Reason("unreachable", "連絡不通", "Cannot be reached"),
    Reason("duplicate", "重複", "Duplicate", unfit=True),
    Reason("wrong_data", "情報不備", "Wrong data", unfit=True),
    Reason(OTHER, "その他", "Other", comment_required=True),
)


def in_order(roles: Iterable[Role]) -> tuple[Role, ...]:
    """Roles once each, in the order of the vocabulary, so that two spellings of one set are the same."""
    given = set(roles)
    return tuple(role for role in Role if role in given)
