"""From answers to the tables of a team file, read by the team file's own checks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.core.setup.answers import Answers, Candidate
from bot.core.teamfile.parser import read_tables
from bot.core.teamfile.schema import TeamFile
from storage.vocabulary import Locale, PolicyTemplate, YearlyClosure

CLOSURES = {YearlyClosure.NEW_YEAR: ("{}-12-29", "{}-01-03"), YearlyClosure.OBON: ("{}-08-13", "{}-08-15")}
"""First and last day."""
CLOSURE_NAMES = {
    Locale.JA: {YearlyClosure.NEW_YEAR: "年末年始", YearlyClosure.OBON: "お盆"},
    Locale.EN: {YearlyClosure.NEW_YEAR: "New Year", YearlyClosure.OBON: "Obon"},
}
HOT_SCORE = 80
HOT = {Locale.JA: "ホット", Locale.EN: "Hot"}
"""What the card calls a lead that is to be answered within an hour."""
WORKING_DAY = 9
"""Hours: opening hours are 09:00 to 18:00, unless the team file names others."""
HOURS: Mapping[PolicyTemplate, int] = {
    PolicyTemplate.STANDARD: 24,
    PolicyTemplate.HOT: 24,
    PolicyTemplate.HOURS: WORKING_DAY,
}
"""When the first response is due; the head hears after twice as long."""


def tables(answers: Answers, workspace_id: str | None = None) -> dict[str, Any]:
    """Return the team file as a parser of TOML would give it."""
    workspace = {"name": answers.name, "locale": answers.locale.value, "timezone": answers.timezone}
    channels = {"mql": answers.mql, "intake": answers.intake}
    return {
        "workspace": {**({"id": workspace_id} if workspace_id else {}), **workspace},
        "channels": {use: place for use, place in channels.items() if place},
        "policy": policy(answers),
        "members": [_member(person, answers) for person in answers.team],
    }


def policy(answers: Answers) -> dict[str, Any]:
    """Return the table of the policy."""
    template, due = answers.policy, HOURS[answers.policy]
    calendar = {"kind": "business_hours" if template == PolicyTemplate.HOURS else "business_days"}
    steps: list[dict[str, Any]] = [{"after_hours": due, "to": "manager"}]
    if answers.managers:
        steps.append({"after_hours": due, "to": answers.managers})
    steps.append({"after_hours": 2 * due, "to": "head", "in_thread": True})
    agreed: dict[str, Any] = {
        "response_hours": due,
        "calendar": calendar | _days_off(answers),
        "escalations": steps,
    }
    return agreed | ({"tiers": [_hot(answers)]} if template == PolicyTemplate.HOT else {})


def read(answers: Answers, workspace_id: str) -> TeamFile:
    """Return the team that the answers make. Raises BadFile with everything that the team file's checks refuse."""
    return read_tables(tables(answers, workspace_id), "", None)


def _days_off(answers: Answers) -> dict[str, Any]:
    closures = [
        {
            "first": first.format(answers.since),
            "last": last.format(answers.since + (last < first)),
            "name": CLOSURE_NAMES[answers.locale][closure],
            "each_year": True,
        }
        for closure in answers.closures
        for first, last in [CLOSURES[closure]]
    ]
    holidays = {"holidays": answers.holidays} if answers.holidays else {}
    return holidays | ({"closures": closures} if closures else {})


def _hot(answers: Answers) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"after_hours": 1, "to": "manager"}]
    steps.append({"after_hours": 2, "to": "head", "in_thread": True})
    return {
        "name": HOT[answers.locale],
        "response_hours": 1,
        "reminders": ["30m"],
        "when": {"min_score": HOT_SCORE},
        "escalations": steps,
    }


def _member(person: Candidate, answers: Answers) -> dict[str, Any]:
    """Return a member by what names them: by e-mail address where the user is not known by id."""
    named = {"email" if "@" in person.user else "user": person.user}
    written = {**named, "name": person.name, "roles": [role.value for role in person.roles]}
    manager = answers.person(person.manager) if person.manager else None
    return written | ({"manager": manager.user} if manager and manager.user != person.user else {})
