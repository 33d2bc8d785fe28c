"""What applying a team file would change of routes and pools, and what that would have come to in the last 90 days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.routing import rehearsal
from bot.core.routing.routes import NOTHING, Pool, Route, Routing
from bot.core.teamfile.changes import Change, shown
from bot.core.teamfile.routing_tables import written
from bot.core.teamfile.schema import TeamFile
from storage import workspaces

MOST_NAMED = 20


def changes(tx: sa.Connection, before: TeamFile | None, wanted: TeamFile, now: datetime) -> list[Change]:
    """Return the lines of the difference; with their effect where leads have come in."""
    old = before.routing if before else NOTHING
    if old == wanted.routing:
        return []
    names = {person.user_id: person.name for person in wanted.members}
    lines = [*_kinds(old, wanted.routing, names)]
    workspace = workspaces.get(tx, wanted.workspace_id)
    if workspace is not None:
        lines += _effect(rehearsal.rehearse(tx, workspace, wanted.routing, now), names)
    return lines


def _kinds(old: Routing, new: Routing, names: Mapping[str, str]) -> Iterator[Change]:
    for field in ("pause_after", "within_hours"):
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            yield Change("value", {"field": field, "before": shown(before), "after": shown(after)})
    yield from _entries("pool", old.pools, new.pools, names)
    yield from _entries("route", old.routes, new.routes, names)
    kept = [route.name for route in new.routes if route.name in {other.name for other in old.routes}]
    if kept != [route.name for route in old.routes if route.name in kept]:
        yield Change("routes_order", {"order": ", ".join(route.name for route in new.routes)})


def _entries(
    word: str, old: Sequence[Pool] | Sequence[Route], new: Sequence[Pool] | Sequence[Route], names: Mapping[str, str]
) -> Iterator[Change]:
    before, after = ({entry.name: entry for entry in entries} for entries in (old, new))
    for name, entry in after.items():
        values = {"name": name, "what": _what(entry, names)}
        if name not in before:
            yield Change(f"{word}_new", values)
        elif before[name] != entry:
            yield Change(word, values | {"before": _what(before[name], names)})
    for name in before:
        if name not in after:
            yield Change(f"{word}_gone", {"name": name})


def _what(entry: Pool | Route, names: Mapping[str, str]) -> str:
    """Return a pool or a route in a few words, as the file writes it."""
    if isinstance(entry, Route):
        (values,) = written(Routing(routes=(entry,)))["routes"]
        return shown({key: value for key, value in values.items() if key != "name"}) if len(values) > 1 else "*"
    (values,) = written(Routing(pools=(entry,)))["pools"]
    people: dict[str, Any] = {person["user"]: person for person in values.get("people", ())}
    members = [_person(member.user, people.get(member.user, {}), names) for member in entry.members]
    caps = {key: values[key] for key in ("open_at_most", "per_day", "per_week") if values.get(key)}
    return ", ".join(members) + (f"; {shown(caps)}" if caps else "")


def _person(user: str, own: Mapping[str, Any], names: Mapping[str, str]) -> str:
    keys = shown({key: value for key, value in own.items() if key != "user"}) if len(own) > 1 else ""
    return f"{names.get(user, user)}{f' ({keys})' if keys else ''}"


def _effect(rehearsed: rehearsal.Rehearsed, names: Mapping[str, str]) -> list[Change]:
    if not rehearsed.total:
        return []
    users = sorted({*rehearsed.had, *rehearsed.would_have}, key=lambda user: (-rehearsed.had.get(user, 0), user))
    moved = [user for user in users if rehearsed.had.get(user, 0) != rehearsed.would_have.get(user, 0)]
    each = [
        Change(
            "share_effect",
            {
                "name": names.get(user, user),
                "had": rehearsed.had.get(user, 0),
                "would": rehearsed.would_have.get(user, 0),
            },
        )
        for user in moved[:MOST_NAMED]
    ]
    return [Change("routes_effect", {"count": rehearsed.total, "nobody": rehearsed.nobody}), *each]
