"""What a change of the team file leaves in the audit log: an entry for each setting, person, reason and route."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from bot.core.base import audit
from bot.core.base.audit import Author
from bot.core.teamfile.schema import Person, TeamFile
from storage.vocabulary import AuditKind

OF_THEIR_OWN = ("workspace_id", "policy", "members", "reasons", "routing", "definition")
"""Fields that are no plain setting. A definition is written down where it is proposed."""
SECRET = {"webhook_url": audit.without_secret}
"""What may hold a secret, and how it is shown without."""
Values = Mapping[str, Any]


class Entry(NamedTuple):
    """One change."""

    kind: AuditKind
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def record(tx: sa.Connection, before: TeamFile | None, after: TeamFile, author: Author, now: datetime) -> None:
    """Write down everything in which two team files differ. `before` None: the workspace is set up."""
    for entry in differences(before, after):
        audit.record(
            tx, after.workspace_id, entry.kind, author, now, entry.subject, before=entry.before, after=entry.after
        )


def differences(before: TeamFile | None, after: TeamFile) -> Iterator[Entry]:
    """Yield every change. Of a workspace that is set up: that it is, and who has which roles."""
    if before is None:
        yield Entry(AuditKind.SETTING, "workspace", None, {"name": after.name})
    else:
        yield from _each(AuditKind.SETTING, _plain(before), _plain(after))
        yield from _each(AuditKind.POLICY, _flat(before.policy), _flat(after.policy))
        yield from _each(AuditKind.LOST_REASON, _reasons(before), _reasons(after))
        yield from _each(AuditKind.ROUTE, _routing(before), _routing(after))
    known = {person.user_id: person for person in before.members} if before else {}
    named = {person.user_id: person for person in after.members}
    for user_id in sorted({**known, **named}):
        yield from _person(known.get(user_id), named.get(user_id), user_id)


def _each(kind: AuditKind, before: Values, after: Values) -> Iterator[Entry]:
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield Entry(kind, name, _value(before, name), _value(after, name))


def _value(values: Values, name: str) -> dict[str, Any] | None:
    return None if values.get(name) is None else {"value": values[name]}


def _plain(team: TeamFile) -> Values:
    names = [field.name for field in dataclasses.fields(team) if field.name not in OF_THEIR_OWN]
    values = {name: to_jsonable_python(getattr(team, name)) for name in names}
    return values | {name: shown(values[name]) for name, shown in SECRET.items()}


def _flat(model: BaseModel) -> Values:
    """Return the values of a model, those of a model in it by both names, however either is written in short."""
    flat: dict[str, Any] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        inner = _flat(value) if isinstance(value, BaseModel) else None
        flat |= {f"{name}.{key}": item for key, item in inner.items()} if inner else {name: to_jsonable_python(value)}
    return flat


def _reasons(team: TeamFile) -> Values:
    order = {"order": [reason.key for reason in team.reasons]}
    return {reason.key: to_jsonable_python(reason) for reason in team.reasons} | order


def _routing(team: TeamFile) -> Values:
    """Return pools and routes by name, and whatever else routing holds by its key."""
    flat: dict[str, Any] = {}
    for name, value in to_jsonable_python(team.routing).items():
        named = isinstance(value, list) and all(isinstance(item, dict) and "name" in item for item in value)
        flat |= {f"{name}.{item['name']}": item for item in value} if named else {name: value}
    return flat


def _person(before: Person | None, after: Person | None, user_id: str) -> Iterator[Entry]:
    """Yield what becomes of somebody, their roles apart. Whoever is not named any more has none."""
    old, new = _about(before), _about(after) or ({"active": False} if before else {})
    changed = [name for name in {**old, **new} if name in new and old.get(name) != new[name]]
    if changed:
        was = {name: old[name] for name in changed if name in old}
        yield Entry(AuditKind.MEMBER, user_id, was or None, {name: new[name] for name in changed})
    roles = [[*person.roles] if person is not None and person.active else [] for person in (before, after)]
    if roles[0] != roles[1]:
        had, has = ({"roles": [role.value for role in each]} for each in roles)
        yield Entry(AuditKind.ROLE, user_id, had if before else None, has)


def _about(person: Person | None) -> dict[str, Any]:
    if person is None:
        return {}
    values: dict[str, Any] = to_jsonable_python(person)
    return {name: value for name, value in values.items() if name not in ("user_id", "roles")}
