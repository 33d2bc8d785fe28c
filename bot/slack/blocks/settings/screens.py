"""What can be set in Slack: every form with its fields, every list with the form of its entries, and where they stand.

A form shows one decision. Its fields are paths below a place of the team file's tables; a test walks the schema and
fails for a key that no field has and `ELSEWHERE` does not name.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.core.settings.change import entry
from bot.core.sla.calendar_rules import WEEKDAYS
from bot.core.teamfile.positions import Path
from bot.slack.blocks.settings import hours
from bot.slack.blocks.settings.groups import Places, Target
from bot.slack.blocks.settings.hours import Hours
from bot.slack.blocks.settings.kinds import (
    Choice,
    Day,
    Kind,
    Number,
    Percents,
    Picked,
    Quiet,
    Several,
    Text,
    Time,
    YesNo,
)
from bot.slack.blocks.settings.menus import Facts, Holidays, Reminders, Span, Timezone, Words
from storage.vocabulary import CalendarKind, Locale, OutcomesTold, OwnerTold, Role

NEW = 10_000
"""The place of an entry that is not there yet: after the last one, however many there are."""
LINKED = ("definition", "sources")
"""What has a flow of its own, which the list of settings opens."""
ELSEWHERE = {
    "workspace.id": "one workspace is set up; its id is Slack's",
    "members.user": "it is whoever was picked from Slack's list of people",
    "members.email": "another way to name whom Slack's list of people names by id",
    "pools.members": "picked together with pools.people",
    "pools.people.user": "the entry is opened from the list of the pool",
    "lost_reasons.key": "made from the English wording, so that exports keep one key for good",
    "definition": "marketing and sales propose and sign it in its own flow",
}
"""Keys of the team file that no form has a field for, and why."""


@dataclass(frozen=True)
class Place:
    """Where somebody is in the settings: a screen, the path of the tables that it is about, and the page of a list."""

    screen: str
    path: Path = ()
    page: int = 0

    @property
    def value(self) -> str:
        """Return it as the value of a button."""
        return json.dumps([self.screen, self.path, self.page], ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def read(cls, value: str) -> Place:
        """Return the place of a button. Raises ValueError for what is none of ours."""
        match json.loads(value):
            case [str(screen), list(path), int(page)] if _leads(screen, path):
                return cls(screen, tuple(path), page)
        raise ValueError(value)


@dataclass(frozen=True)
class Field:
    """One field of a form, at a path below the place that the form is about."""

    path: Path
    kind: Kind
    required: bool = False
    hint: bool = False
    words: str | None = None
    """The key of its words, where those of its path are another field's."""

    @property
    def name(self) -> str:
        """The path as block ids have it."""
        return ".".join(str(part) for part in self.path)

    @property
    def key(self) -> str:
        """The end of its keys in the catalogues."""
        return self.words or self.name


@dataclass(frozen=True)
class Form:
    """One decision. `previews`: its effect is always shown before it is saved; of others only where there is one."""

    fields: tuple[Field, ...]
    previews: bool = False
    whole: bool = False
    """Left empty altogether, the table goes: there is none."""


@dataclass(frozen=True)
class Listing:
    """A list, each entry of which is a decision."""

    entry: str
    ordered: bool = False
    """Its order means something: an entry has a field for its place."""
    removable: bool = True
    keyed: bool = False
    """A table from days to their hours rather than a list."""
    opens: str | None = None
    """The screen that an entry is opened in, where that is not its form."""
    adds: str | None = "button"
    """How a new one comes in: by a button, by picking a person, or not."""


@dataclass(frozen=True)
class Group:
    """Decisions about one entry."""

    rows: tuple[tuple[str, Path], ...] = field(default=())
    """Screens, each with its path below the entry."""


Screen = Form | Listing | Group


def _of(*path: str | int) -> Path:
    return path


def _conditions() -> tuple[Field, ...]:
    words = ["channels", "sources", "campaigns", "forms", "regions", "industries", "products", "languages"]
    words += ["titles", "owners", "tiers", "domains"]
    numbers = ("score", "score_below", "size", "size_below")
    return (
        *(Field(_of("when", name), Words()) for name in words),
        *(Field(_of("when", name), Number(0, 100_000_000)) for name in numbers),
        *(Field(_of("when", name), YesNo()) for name in ("same_company", "crm_owner", "returning")),
        Field(_of("when", "attributes"), Facts(), hint=True),
    )


def _day() -> Form:
    """Return the form of a day of a week."""
    also = Several(WEEKDAYS)
    return Form((Field(_of("hours"), Hours(), hint=True), Field(_of("also"), also, hint=True)), previews=True)


_CAPS = tuple(Field(_of(name), Number(1, 1000)) for name in ("open_at_most", "per_day", "per_week"))
_LOCALE = Choice(tuple(locale.value for locale in Locale))
_TERMS: tuple[tuple[str, Path], ...] = (
    ("response", ()),
    ("escalations", ("escalations",)),
    ("feedback", ()),
    ("pauses", ()),
    ("calendar", ("calendar",)),
    ("opening_hours", ("calendar", "hours")),
    ("closures", ("calendar", "closures")),
    ("half_days", ("calendar", "half_days")),
    ("extra_days", ("calendar", "extra_days")),
    ("quiet", ()),
)

SCREENS: dict[str, Screen] = {
    "settings": Group(
        (
            ("workspace", ("workspace",)),
            ("channels", ("channels",)),
            ("members", ("members",)),
            *((name, ("policy", *path)) for name, path in _TERMS),
            ("tiers", ("policy", "tiers")),
            ("routes", ("routes",)),
            ("pools", ("pools",)),
            ("routing", ("routing",)),
            ("definition", ("definition",)),
            ("lost_reasons", ("lost_reasons",)),
            ("goals", ("goals",)),
            ("digest", ("digest",)),
            ("outcomes", ("outcomes",)),
            ("meeting", ("meeting",)),
            ("messages", ("messages",)),
            ("leads", ("leads",)),
            ("sources", ()),
            ("webhook", ("webhook",)),
            ("privacy", ("privacy",)),
        )
    ),
    "definition": Group(),
    "sources": Group(),
    "workspace": Form(
        (
            Field(_of("name"), Text(), required=True),
            Field(_of("locale"), _LOCALE, required=True),
            Field(_of("timezone"), Timezone(), required=True, hint=True),
        )
    ),
    "channels": Form(
        (
            Field(_of("mql"), Picked("conversation"), required=True, hint=True),
            Field(_of("intake"), Picked("conversation"), hint=True),
            Field(_of("marketing"), Picked("conversation"), hint=True),
        )
    ),
    "members": Listing("member", removable=False, opens="member_page", adds="person"),
    "member_page": Group((("member", ()), ("own_hours", ("hours",)))),
    "own_hours": Listing("own_day", removable=False, adds=None),
    "own_day": _day(),
    "member": Form(
        (
            Field(_of("name"), Text(), hint=True),
            Field(_of("roles"), Several(tuple(role.value for role in Role)), required=True),
            Field(_of("manager"), Picked("user"), hint=True),
            Field(_of("locale"), _LOCALE),
            Field(_of("timezone"), Timezone(), hint=True, words="own_timezone"),
            Field(_of("active"), YesNo(), hint=True),
        ),
        previews=True,
    ),
    "response": Form(
        (
            Field(_of("response"), Choice(("accepted", "contacted"))),
            Field(_of("response_hours"), Span(), hint=True),
            Field(_of("response_calendar"), Choice(("team", "owner")), hint=True),
            Field(_of("reminders"), Reminders(), hint=True),
            Field(_of("grace_minutes"), Number(0, 1440)),
            Field(_of("on_reassign"), Choice(("continue", "restart"))),
            Field(_of("restart_times"), Number(0, 20)),
        ),
        previews=True,
    ),
    "escalations": Listing("escalation"),
    "as_policy": Form((), previews=True),
    "escalation": Form(
        (
            Field(_of("after_hours"), Span(), required=True, hint=True),
            Field(_of("to"), Target(), required=True),
            Field(_of("do"), Choice(("tell", "reassign", "hand_over"))),
            Field(_of("in_thread"), YesNo()),
            Field(_of("repeat_hours"), Span(), hint=True),
            Field(_of("repeat_times"), Number(1, 20)),
        ),
        previews=True,
    ),
    "feedback": Form(
        (
            Field(_of("feedback_days"), Number(0, 90, decimal=True)),
            Field(_of("feedback_reminders"), Reminders(), hint=True),
            Field(_of("feedback_escalation_days"), Number(0, 180, decimal=True)),
            Field(_of("feedback_ask_again"), YesNo()),
        ),
        previews=True,
    ),
    "pauses": Form((Field(_of("pause_days"), Number(0, 90), hint=True),), previews=True),
    "calendar": Form(
        (
            Field(_of("kind"), Choice(tuple(kind.value for kind in CalendarKind)), hint=True),
            Field(_of("holidays"), Holidays(), hint=True),
            Field(_of("working_days"), Several(WEEKDAYS), hint=True),
            Field(_of("day_hours"), Number(0, 24, decimal=True), hint=True),
        ),
        previews=True,
    ),
    "opening_hours": Listing("opening_day", removable=False, adds=None),
    "opening_day": _day(),
    "closures": Listing("closure"),
    "closure": Form(
        (
            Field(_of("first"), Day(), required=True),
            Field(_of("last"), Day(), hint=True),
            Field(_of("name"), Text(75)),
            Field(_of("each_year"), YesNo(), hint=True),
        ),
        previews=True,
    ),
    "half_days": Listing("half_day", keyed=True),
    "half_day": Form(
        (Field(_of("day"), Day(), required=True), Field(_of("hours"), Hours(), required=True)), previews=True
    ),
    "extra_days": Listing("extra_day", keyed=True),
    "extra_day": Form(
        (Field(_of("day"), Day(), required=True), Field(_of("hours"), Hours(), required=True)), previews=True
    ),
    "quiet": Form((Field(_of("quiet"), Quiet(), hint=True),), previews=True),
    "tiers": Listing("tier_rules", ordered=True, opens="tier"),
    "tier": Group((("tier_rules", ()), *_TERMS)),
    "tier_rules": Form(
        (
            Field(_of("name"), Text(40), required=True),
            Field(_of("when", "min_score"), Number(0, 1_000_000)),
            Field(_of("when", "max_score"), Number(0, 1_000_000)),
            *(Field(_of("when", name), Words()) for name in ("channels", "campaigns", "forms")),
            Field(_of("when", "attributes"), Facts(), hint=True),
        ),
        previews=True,
    ),
    "routes": Listing("route", ordered=True),
    "route": Form(
        (
            Field(_of("name"), Text(75), required=True),
            *_conditions(),
            Field(_of("pool"), Text(75), hint=True),
            Field(_of("prefer"), Several(("former_owner", "crm_owner", "same_company"))),
            Field(_of("strategy"), Choice(("rotation", "least_open", "first_to_accept", "person"))),
            Field(_of("person"), Picked("user"), hint=True),
            Field(_of("accept_minutes"), Number(1, 1440), hint=True),
            Field(_of("named"), YesNo()),
        ),
        previews=True,
    ),
    "pools": Listing("pool", opens="pool_page"),
    "pool_page": Group((("pool", ()), ("people", ("people",)))),
    "pool": Form(
        (
            Field(_of("name"), Text(75), required=True),
            Field(_of("people"), Picked("user", several=True), hint=True),
            Field(_of("sources"), Places(), hint=True),
            *_CAPS,
        ),
        previews=True,
    ),
    "people": Listing("pool_person", removable=False, adds=None),
    "pool_person": Form(
        (
            Field(_of("weight"), Number(0, 10, decimal=True), hint=True),
            Field(_of("ramp"), Percents(), hint=True),
            Field(_of("since"), Day()),
            *_CAPS,
        ),
        previews=True,
    ),
    "routing": Form(
        (
            Field(_of("pause_after"), Number(1, 100), hint=True),
            Field(_of("within_hours"), YesNo(), hint=True),
        )
    ),
    "lost_reasons": Listing("lost_reason", ordered=True),
    "lost_reason": Form(
        (
            Field(_of("ja"), Text(75), required=True),
            Field(_of("en"), Text(75), required=True),
            Field(_of("comment_required"), YesNo()),
            Field(_of("unfit"), YesNo(), hint=True),
        )
    ),
    "goals": Form(
        (
            *(Field(_of(name), Number(1, 100)) for name in ("answered_in_time", "outcomes_reported", "contactable")),
            Field(_of("disqualified"), Number(1, 100)),
            Field(_of("median_response_hours"), Number(0, 10_000, decimal=True)),
        )
    ),
    "digest": Form(
        (
            Field(_of("weekday"), Choice(WEEKDAYS)),
            Field(_of("time"), Time()),
            Field(_of("personal"), YesNo(), hint=True),
        )
    ),
    "outcomes": Form(
        (
            Field(_of("tell"), Choice(tuple(word.value for word in OutcomesTold))),
            Field(_of("time"), Time(), hint=True),
        )
    ),
    "meeting": Form(
        (
            Field(_of("weekday"), Choice(WEEKDAYS), hint=True),
            Field(_of("time"), Time()),
            Field(_of("channel"), Picked("conversation")),
        ),
        whole=True,
    ),
    "messages": Form(
        (
            Field(_of("per_person_per_day"), Number(1, 1000), hint=True),
            Field(_of("queue_hours"), Number(1, 1000)),
            Field(_of("new_mql"), Choice(tuple(word.value for word in OwnerTold))),
        )
    ),
    "leads": Form((Field(_of("anew_after_days"), Number(1, 3650), hint=True),)),
    "webhook": Form((Field(_of("url"), Text(2000), hint=True),), whole=True),
    "privacy": Form((Field(_of("erase_after_days"), Number(1, 3650), hint=True),)),
}


def form_of(place: Place) -> Form:
    """Return the form of a place. Raises LookupError where there is none."""
    screen = SCREENS[place.screen]
    if not isinstance(screen, Form):
        raise LookupError(place.screen)
    return screen


def listing_of(entry: str) -> tuple[str, Listing] | None:
    """Return the list in which a form's entries stand, if they stand in one."""
    lists = ((name, screen) for name, screen in SCREENS.items() if isinstance(screen, Listing))
    return next(((name, listing) for name, listing in lists if listing.entry == entry), None)


def in_tier(path: Path) -> Path | None:
    """Return the path of the tier that a path leads into, if it does."""
    return path[:3] if path[:2] == ("policy", "tiers") and len(path) > 2 else None


def above(place: Place) -> Place:
    """Return where somebody comes from, and goes back to."""
    listed = listing_of(place.screen)
    if listed is not None:
        return Place(listed[0], place.path[:-1])
    tier = in_tier(place.path)
    if place.screen == "tier":
        return Place("tiers", place.path[:-1])
    if tier is not None:
        return Place("tier", tier)
    if place.screen in ("people", "pool_page"):
        return Place("pools", place.path[:1])
    if place.screen == "own_hours":
        return Place("member_page", place.path[:2])
    if place.screen == "member_page":
        return Place("members", place.path[:1])
    return Place("settings")


def rows(place: Place, group: Group, document: dict[str, Any]) -> Sequence[Place]:
    """Return the screens of a group as places. What only adds to a calendar is left out where there is no own one."""
    all_rows = [Place(name, (*place.path, *path)) for name, path in group.rows]
    placed = [row for row in all_rows if row.screen != "opening_hours" or hours.is_shown(row.path, document)]
    tier = in_tier(place.path)
    if tier is None or entry(document, (*tier, "calendar")) is not None:
        return placed
    return [row for row in placed if row.screen not in ("closures", "half_days", "extra_days")]


ANY = "*"
"""Stands in a path for whichever entry."""


def _paths() -> set[tuple[str, Path]]:
    """Return every screen with the paths that it can be about."""
    paths: set[tuple[str, Path]] = set()
    waiting: list[tuple[str, Path]] = [("settings", ())]
    while waiting:
        name, path = waiting.pop()
        if (name, path) in paths:
            continue
        paths.add((name, path))
        screen = SCREENS[name]
        if isinstance(screen, Group):
            waiting += [(below, (*path, *further)) for below, further in screen.rows]
        if isinstance(screen, Listing):
            waiting += [("as_policy", path)] if name == "escalations" and in_tier(path) else []
            waiting += [(below, (*path, ANY)) for below in (screen.entry, screen.opens) if below is not None]
    return paths


PATHS = _paths()


def _leads(screen: str, path: list[Any]) -> bool:
    """Return whether a path is one that a screen can be about."""
    if not all(isinstance(part, str) or (type(part) is int and part >= 0) for part in path):
        return False
    return any(
        name == screen and len(known) == len(path) and all(a in (ANY, b) for a, b in zip(known, path, strict=True))
        for name, known in PATHS
    )
