"""What applying a team file would change: values, worded by the command line before anything is written."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.core.sla import holidays
from bot.core.sla.calendar_rules import CalendarRules, ClosedWhy
from bot.core.sla.holidays import Pinned
from bot.core.sla.policy import NIGHT, Policy
from bot.core.teamfile.schema import DEFAULT_REASONS, WEEKDAYS, Person, Reason, TeamFile, WantedDefinition, can_hold
from bot.core.teamfile.state import TAKEN, WAITING
from storage.models import Mql, PolicyVersion
from storage.vocabulary import CalendarKind, Status

PLAIN = (
    "name",
    "locale",
    "timezone",
    "mql_channel",
    "intake_channel",
    "marketing_channel",
    "outcomes_told",
    "outcomes_time",
    "digest_weekday",
    "digest_time",
    "digest_personal",
    "goals",
    "erase_after_days",
    "webhook_url",
    "meeting_weekday",
    "meeting_time",
    "meeting_channel",
    "daily_messages",
    "queue_hours",
    "owner_told",
    "anew_after_days",
)
A_WEEKDAY = ("digest_weekday", "meeting_weekday")
HINTED = 8


@dataclass(frozen=True)
class Change:
    """One line of the difference. `code` names the sentence in the catalogue, `values` fill it."""

    code: str
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)


def diff(current: TeamFile | None, wanted: TeamFile, open_mqls: Sequence[Mql] = ()) -> list[Change]:
    """Return what `apply` would change, in the order of the file. Empty where it would change nothing."""
    if current is None:
        new = [Change("workspace_new", {"name": wanted.name, "id": wanted.workspace_id})]
        own = () if wanted.reasons == DEFAULT_REASONS else _reasons((), wanted.reasons)
        people = _members((), wanted.members, ())
        agreed = [*_policy(None, wanted.policy), *_own_hours(None, wanted)]
        return [*new, *agreed, *people, *own, *_definition(None, wanted.definition)]
    return [
        *_plain(current, wanted),
        *_policy(current.policy, wanted.policy),
        *_own_hours(current, wanted),
        *_members(current.members, wanted.members, open_mqls),
        *_reasons(current.reasons, wanted.reasons),
        *_definition(current.definition, wanted.definition),
    ]


def _plain(current: TeamFile, wanted: TeamFile) -> Iterator[Change]:
    for field in PLAIN:
        before, after = getattr(current, field), getattr(wanted, field)
        if before != after:
            if field in A_WEEKDAY:
                before, after = (None if day is None else WEEKDAYS[day] for day in (before, after))
            elif field == "goals":
                before, after = before.agreed, after.agreed
            yield Change("value", {"field": field, "before": shown(before), "after": shown(after)})


def _policy(current: Policy | None, wanted: Policy) -> Iterator[Change]:
    after = _in_short(wanted)
    if current is None:
        brief = "; ".join(f"{key} {value}" for key, value in after.items())
        yield Change("policy_new", {"policy": brief, "raw": wanted.model_dump(mode="json")})
        yield from _night(None, wanted)
        return
    before, old, new = _in_short(current), current.model_dump(mode="json"), wanted.model_dump(mode="json")
    for key in after:
        if before[key] != after[key]:
            values = {"field": key, "before": before[key], "after": after[key]}
            yield Change("policy", {**values, "raw_before": old[key], "raw_after": new[key]})
    yield from _night(current, wanted)
    yield from _working_days(current, wanted)


def _night(current: Policy | None, wanted: Policy) -> Iterator[Change]:
    """Say how to have no quiet hours: they hold where a team file does not name any."""
    if wanted.quiet == NIGHT and (current is None or current.quiet is None):
        yield Change("quiet_hours", {"start": NIGHT.start, "end": NIGHT.end})


def _working_days(current: Policy, wanted: Policy) -> Iterator[Change]:
    """Say that a day becomes a working day, and how to keep it as long as it was."""
    before, after = current.calendar, wanted.calendar
    if before.day_hours is not None and after.counts_working_days:
        values = {"hours": f"{after.day / timedelta(hours=1):g}", "before": f"{before.day_hours:g}"}
        yield Change("working_days", values)


def _own_hours(current: TeamFile | None, wanted: TeamFile) -> Iterator[Change]:
    """Say for whom the hours of a deadline are working hours alone, though the calendar counts whole days."""
    names = _short_days(wanted)
    if names and (current is None or names != _short_days(current)):
        yield Change("own_hours", {"names": ", ".join(names), "hours": f"{wanted.policy.response_hours:g}"})


def _short_days(team: TeamFile) -> list[str]:
    by_owner = team.policy.response_calendar == "owner" and team.policy.calendar.kind != CalendarKind.BUSINESS_HOURS
    return [person.name for person in team.members if by_owner and person.hours and can_hold(person)]


def _in_short(policy: Policy) -> dict[str, str]:
    return {key: shown(_brief(key, value)) for key, value in policy.model_dump(mode="json").items()}


def _brief(key: str, value: Any) -> object:
    """Return steps and tiers in a few words each, without what they leave at its default."""
    if key == "escalations":
        return [" ".join(_step(step)) for step in value]
    if key == "tiers":
        inner = [{name: _brief(name, item) for name, item in tier.items()} for tier in value]
        return [f"({shown(tier)})" for tier in inner]
    return value


def _step(step: dict[str, Any]) -> Iterator[str]:
    yield f"{step['after_hours']:g} to {step['to']}"
    if step["do"] != "tell":
        yield step["do"]
    if step["in_thread"]:
        yield "in_thread"
    if step["repeat_hours"] is not None:
        yield f"every {step['repeat_hours']:g} hours, {step['repeat_times']} times"


def holiday_changes(agreed: PolicyVersion | None, wanted: Policy) -> Iterator[Change]:
    """Holidays that are known otherwise today than when the current version was agreed."""
    for code, stored in agreed.holidays.items() if agreed else ():
        pinned = Pinned.read(stored)
        today = Pinned.of(code, pinned.first, pinned.last)
        if code in wanted.pins(pinned.first) and today != pinned:
            values = {"new": _days(today.days - pinned.days), "gone": _days(pinned.days - today.days)}
            yield Change("holidays", {"code": code, **values})


def holiday_hints(current: TeamFile | None, wanted: TeamFile, today: date) -> Iterator[Change]:
    """Say which working days a newly chosen `holidays` leaves open from now until the end of the next year, though they
    are holidays in a part of the country or by another category. Whoever has closed on one of them knows of it."""
    before = _codes(current.policy) if current else {}
    for code, rules in _codes(wanted.policy).items():
        if code in before:
            continue
        known = holidays.left_open(code, (today.year, today.year + 1), wanted.locale)
        coming = [other for other in known if other.day >= today]
        named = {_of_year(other.day) for other in coming if _is_closure(rules, other.day)}
        left_open = [other for other in coming if rules.blocks_on(other.day) and _of_year(other.day) not in named]
        # Those of most parts first: where there are dozens of parts nobody reads all.
        first = sorted(left_open, key=lambda other: -len(other.where))[:HINTED]
        shown_days = ", ".join(
            f"{other.day} {other.name} ({', '.join(other.where)})" for other in sorted(first, key=lambda o: o.day)
        )
        if left_open:
            in_parts = any(label.startswith(f"{code}-") for other in left_open for label in other.where)
            yield Change(
                "holidays_part" if in_parts else "holidays_open",
                {"code": code, "days": shown_days, "more": len(left_open) - len(first)},
            )


def _of_year(day: date) -> tuple[int, int]:
    return day.month, day.day


def _is_closure(rules: CalendarRules, day: date) -> bool:
    closed = rules.day_off(day)
    return closed is not None and closed.why == ClosedWhy.CLOSURE


def _codes(policy: Policy) -> dict[str, CalendarRules]:
    """Return the countries whose holidays the calendars of a policy name, each with the first calendar that does."""
    calendars = (*(tier.over(policy).calendar for tier in reversed(policy.tiers)), policy.calendar)
    return {rules.holidays: rules for rules in calendars if rules.holidays is not None}


def _days(days: frozenset[date]) -> str:
    return shown([str(day) for day in sorted(days)])


def _members(current: Sequence[Person], wanted: Sequence[Person], open_mqls: Sequence[Mql]) -> Iterator[Change]:
    before = {person.user_id: person for person in current}
    after = {person.user_id: person for person in wanted}
    for person in wanted:
        yield from _member(before.get(person.user_id), person)
    for person in current:
        follower = after.get(person.user_id)
        if person.active and (follower is None or not follower.active):
            yield Change("member_leaves", {"name": person.name})
        if not can_hold(follower):
            yield from _holdings(person, open_mqls)


def _member(before: Person | None, after: Person) -> Iterator[Change]:
    roles = {"name": after.name, "roles": shown(after.roles)}
    if before is None:
        yield Change("member_new" if after.active else "member_new_inactive", roles)
        return
    if after.active and not before.active:
        yield Change("member_back", roles)
    for field in ("name", "roles", "manager", "locale", "hours", "timezone"):
        old, new = getattr(before, field), getattr(after, field)
        if old != new:
            values = {"name": before.name, "field": field, "before": shown(old), "after": shown(new)}
            yield Change("member", values)


def _holdings(person: Person, open_mqls: Sequence[Mql]) -> Iterator[Change]:
    for code, statuses in (("mqls_move", WAITING), ("mqls_stay", TAKEN)):
        numbers = _numbers(person.user_id, open_mqls, statuses)
        if numbers:
            # Accepted ones that stay are no change by themselves: named only while their owner is leaving.
            if code == "mqls_stay" and not can_hold(person):
                continue
            yield Change(code, {"name": person.name, "count": len(numbers), "numbers": ", ".join(numbers)})


def _numbers(user_id: str, open_mqls: Sequence[Mql], statuses: Sequence[Status]) -> list[str]:
    return [f"#{mql.number}" for mql in open_mqls if mql.owner == user_id and mql.status in statuses]


def _reasons(current: Sequence[Reason], wanted: Sequence[Reason]) -> Iterator[Change]:
    before = {reason.key: reason for reason in current}
    after = {reason.key: reason for reason in wanted}
    for key, reason in after.items():
        values = {"key": key, "ja": reason.ja, "en": reason.en}
        if key not in before:
            yield Change("reason_new", values)
        elif before[key] != reason:
            comment = "comment" if reason.comment_required else "no_comment"
            yield Change("reason", {**values, "comment": comment, "unfit": reason.unfit})
    for key, reason in before.items():
        if key not in after:
            yield Change("reason_gone", {"key": key, "ja": reason.ja, "en": reason.en})
    kept = [key for key in before if key in after]
    if kept != [key for key in after if key in before]:
        yield Change("reasons_order", {"order": ", ".join(after)})


def _definition(current: WantedDefinition | None, wanted: WantedDefinition | None) -> Iterator[Change]:
    """Say what a new version of the definition would say otherwise, and that it is a proposal."""
    if wanted is None or wanted == current:
        return
    before, after = current.table if current else {}, wanted.table
    for field in (*after, *(name for name in before if name not in after)):
        if before.get(field) != after.get(field):
            values = {"field": field, "before": shown(before.get(field)), "after": shown(after.get(field))}
            yield Change("definition", values)
    yield Change("definition_proposed")


def shown(value: object) -> str:
    """Return a value as the file writes it, in short."""
    if value is None or value in ((), [], {}):
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(shown(item) for item in value)
    if isinstance(value, dict):
        return " ".join(f"{key} {shown(item)}" for key, item in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)
