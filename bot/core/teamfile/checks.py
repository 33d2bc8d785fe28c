"""Rules that hold between several keys of a team file."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.core.base.permissions import LEADERS
from bot.core.sla.policy import Contradiction, PolicyTable
from bot.core.teamfile.positions import Path
from bot.core.teamfile.problems import Problems
from bot.core.teamfile.schema import Person
from storage.vocabulary import Role

MOST_QUIET = timedelta(hours=18)


def roster(members: dict[int, Person], listed: int, problems: Problems) -> None:
    """Everybody once, managers who are leaders of the roster, and at least one rep and one manager.

    `members` are the readable ones by index, `listed` is how many the file has: where one cannot be read it may be
    the rep or the manager that seems to be missing.
    """
    complete = len(members) == listed
    _twice({i: person.user_id for i, person in members.items()}, ("members",), problems, "member_twice")
    for index, person in members.items():
        if person.active and person.manager is not None:
            _manager(index, person, list(members.values()), complete, problems)
    if complete and listed:
        for role in (Role.REP, Role.MANAGER):
            if not any(role in person.roles for person in members.values() if person.active):
                problems.add(("members",), "nobody_is", role=role.value)


def _manager(index: int, person: Person, everyone: list[Person], complete: bool, problems: Problems) -> None:
    path = ("members", index, "manager")
    named = [other for other in everyone if other.user_id == person.manager and other.active]
    if person.manager == person.user_id:
        problems.add(path, "manages_themselves")
    elif not named and complete:
        problems.add(path, "not_on_roster", given=person.manager)
    elif named and not any(role in LEADERS for role in named[0].roles):
        problems.add(path, "manager_without_role", name=named[0].name)


def reasons(raw: object, problems: Problems) -> None:
    """Every key of the lost reasons once, and no more of them than a menu of Slack holds."""
    tables = raw if isinstance(raw, list) else []
    keys = {i: str(table["key"]) for i, table in enumerate(tables) if isinstance(table, dict) and "key" in table}
    _twice(keys, ("lost_reasons",), problems, "reason_twice", key="key")
    if len(tables) > 100:
        problems.add(("lost_reasons", 100), "too_long", limit=100)


def policy(table: PolicyTable, raw: object, problems: Problems) -> None:
    """Everything in which the policy contradicts itself, at the key of the file that is at fault."""
    for contradiction in table.disagreements():
        if _is_written(raw, contradiction.path):
            problems.add(("policy", *contradiction.path), contradiction.code, **contradiction.values)
        else:
            _unwritten(contradiction, problems)


def quiet_hours(table: PolicyTable, problems: Problems) -> None:
    """Quiet hours leave a part of each day in which people can be told and act. Asked of what is written alone: what
    was stored before this rule still holds."""
    terms = [(("policy",), table), *((("policy", "tiers", index), tier) for index, tier in enumerate(table.tiers))]
    for path, named in terms:
        if named.quiet is not None and named.quiet.length > MOST_QUIET:
            problems.add((*path, "quiet"), "quiet_too_long", most=MOST_QUIET // timedelta(hours=1))


def _unwritten(contradiction: Contradiction, problems: Problems) -> None:
    """Say that what the file leaves at its default does not agree with what it names."""
    path: Path = ("policy", *(contradiction.path[:2] if contradiction.path[0] == "tiers" else ()))
    if contradiction.code == "before_deadline":
        table = ".".join(part for part in path if isinstance(part, str))
        path = (*path, str(contradiction.values["deadline"]))
        if contradiction.values["deadline"] == "response_hours":
            contradiction = replace(
                contradiction,
                code="default_before_deadline",
                values={**contradiction.values, "table": f"{table}.escalations"},
            )
    # One sentence is enough: the later steps are early for the same reason.
    if not problems.any_under(path):
        problems.add(path, contradiction.code, **contradiction.values)


def _is_written(raw: Any, path: Path) -> bool:
    for part in path:
        if isinstance(part, int):
            if not isinstance(raw, list) or part >= len(raw):
                return False
        elif not isinstance(raw, dict) or part not in raw:
            return False
        raw = raw[part]
    return True


def _twice(ids: dict[int, str], path: tuple[str], problems: Problems, code: str, key: str | None = None) -> None:
    first: dict[str, int] = {}
    for index, name in ids.items():
        if name in first:
            where = (*path, index) if key is None else (*path, index, key)
            problems.add(where, code, given=name, line=problems.line((*path, first[name])))
        first.setdefault(name, index)
