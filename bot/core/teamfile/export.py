"""A team file written out, so that it can be read back to the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.core.sla.own_hours import EVERY
from bot.core.sla.policy import Policy
from bot.core.teamfile import routing_tables
from bot.core.teamfile.schema import WEEKDAYS, Person, TeamFile


def export(team: TeamFile) -> str:
    """Return the team file as TOML. Parsing and applying it changes nothing."""
    return written(tables(team))


def written(document: Mapping[str, Any]) -> str:
    """Return tables as TOML, as a parser would give them; a key that is None is left out."""
    return "\n".join(_table("", document)).lstrip("\n") + "\n"


def tables(team: TeamFile) -> dict[str, Any]:
    """Return the tables of the team file, as a parser of TOML would give them, except that a key may be None."""
    return {
        "workspace": {
            "id": team.workspace_id,
            "name": team.name,
            "locale": team.locale.value,
            "timezone": team.timezone,
        },
        "channels": {"mql": team.mql_channel, "intake": team.intake_channel, "marketing": team.marketing_channel},
        "digest": {
            "weekday": WEEKDAYS[team.digest_weekday],
            "time": team.digest_time,
            "personal": team.digest_personal,
        },
        "goals": team.goals.agreed or None,
        "definition": team.definition.table if team.definition else None,
        "outcomes": {"tell": team.outcomes_told.value, "time": team.outcomes_time} if team.marketing_channel else None,
        "meeting": _meeting(team),
        "messages": {
            "per_person_per_day": team.daily_messages,
            "queue_hours": team.queue_hours,
            "new_mql": team.owner_told.value,
        },
        "leads": {"anew_after_days": team.anew_after_days},
        "privacy": {"erase_after_days": team.erase_after_days} if team.erase_after_days else None,
        "webhook": {"url": team.webhook_url} if team.webhook_url else None,
        "policy": _policy(team.policy),
        "members": [_member(person) for person in team.members],
        **routing_tables.written(team.routing),
        "lost_reasons": [vars(reason) for reason in team.reasons],
    }


def _policy(policy: Policy) -> dict[str, Any]:
    written = policy.model_dump(mode="json")
    return _terms(written) | {"tiers": [_terms(tier) for tier in written["tiers"]]}


def _terms(written: dict[str, Any]) -> dict[str, Any]:
    """Say that there are no quiet hours: what is left out would be the default."""
    return written | ({"quiet": False} if "quiet" in written and written["quiet"] is None else {})


def _meeting(team: TeamFile) -> dict[str, Any] | None:
    if team.meeting_weekday is None:
        return None
    return {"weekday": WEEKDAYS[team.meeting_weekday], "time": team.meeting_time, "channel": team.meeting_channel}


def _member(person: Person) -> dict[str, Any]:
    written: dict[str, Any] = {"user": person.user_id, "name": person.name}
    written |= {"roles": [role.value for role in person.roles], "manager": person.manager}
    written["locale"] = person.locale.value if person.locale else None
    written |= {"timezone": person.timezone, "hours": _hours(person)}
    # Active is what everybody is: written only where it is not so.
    return written if person.active else written | {"active": False}


def _hours(person: Person) -> list[str] | dict[str, list[str]] | None:
    """Return the same hours on each working day as a list, else those of each weekday."""
    if person.hours is None:
        return None
    week = {day: list(blocks) for day, blocks in person.hours.items()}
    return week[EVERY] if week.keys() == {EVERY} else week


def _table(path: str, table: Mapping[str, Any]) -> Iterator[str]:
    """Yield a table's own keys first: after a header TOML counts every key to the table below it."""
    inner: list[tuple[str, Any]] = []
    for key, value in table.items():
        if value is None:
            continue
        if isinstance(value, Mapping) or (isinstance(value, list) and value and isinstance(value[0], Mapping)):
            inner.append((f"{path}.{_key(key)}".lstrip("."), value))
        else:
            yield f"{_key(key)} = {_value(value)}"
    for name, value in inner:
        for item in value if isinstance(value, list) else [value]:
            yield ""
            yield f"[[{name}]]" if isinstance(value, list) else f"[{name}]"
            yield from _table(name, item)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _value(key)


def _value(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    # A JSON string is a TOML string, except that TOML wants DEL escaped too.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
