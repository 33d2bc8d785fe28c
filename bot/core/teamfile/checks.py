"""Rules that hold between several keys of a team file."""

from __future__ import annotations

from collections.abc import Callable

from bot.core.sla import Policy
from bot.core.team import LEADERS
from bot.core.teamfile.positions import Path
from bot.core.teamfile.problems import Problems
from bot.core.teamfile.schema import Person
from storage.vocabulary import Role


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
    named = [one for one in everyone if one.user_id == person.manager and one.active]
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


def policy(raw: object, problems: Problems) -> None:
    """No escalation before the deadline that it is about."""
    if not isinstance(raw, dict):
        return
    read = _number_in(raw)
    response, feedback = read("response_hours"), read("feedback_days")
    steps = raw.get("escalations")
    for index, step in enumerate(steps if isinstance(steps, list) else ()):
        after = _number_in(step)("after_hours") if isinstance(step, dict) else None
        if after is not None and response is not None and after < response:
            path = ("policy", "escalations", index, "after_hours")
            _early(path, after, "response_hours", response, problems)
    if steps is None:
        _default_steps(response, problems)
    escalation = read("feedback_escalation_days")
    if escalation is not None and feedback is not None and escalation < feedback:
        key = "feedback_escalation_days" if "feedback_escalation_days" in raw else "feedback_days"
        _early(("policy", key), escalation, "feedback_days", feedback, problems)


def _default_steps(response: float | None, problems: Problems) -> None:
    first = min(step.after_hours for step in Policy().escalations)
    if response is not None and first < response:
        words = {"given": f"{first:g}", "limit": f"{response:g}"}
        problems.add(("policy", "response_hours"), "default_before_deadline", **words)


def _early(path: Path, given: float, deadline: str, limit: float, problems: Problems) -> None:
    problems.add(path, "before_deadline", given=f"{given:g}", deadline=deadline, limit=f"{limit:g}")


def _number_in(table: dict[str, object]) -> Callable[[str], float | None]:
    """Reads numbers of a table, or the policy's default; None where something else stands there."""

    def read(key: str) -> float | None:
        default = Policy.model_fields[key].default if key in Policy.model_fields else None
        value = table.get(key, default)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    return read


def _twice(ids: dict[int, str], path: tuple[str], problems: Problems, code: str, key: str | None = None) -> None:
    first: dict[str, int] = {}
    for index, name in ids.items():
        if name in first:
            where = (*path, index) if key is None else (*path, index, key)
            problems.add(where, code, given=name, line=problems.line((*path, first[name])))
        first.setdefault(name, index)
