"""Every change of the team file has its entries in the audit log, and no secret stands in one."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from typing import Any

from bot.core.agreement.goals import Goals
from bot.core.sla.policy import Policy
from bot.core.teamfile import TeamFile
from bot.core.teamfile.audit_entries import OF_THEIR_OWN, differences
from bot.core.teamfile.schema import Person, Reason
from storage.vocabulary import AuditKind, Locale, OutcomesTold, OwnerTold, Role

REP = Person("U1", "Sato", (Role.REP,))
ADMIN = Person("U2", "Kim", (Role.ADMIN,))
TEAM = TeamFile(
    *("T1", "Sample", Locale.JA, "Asia/Tokyo", "C0MQL00001", None, 0, "09:00"),
    Policy(),
    (REP, ADMIN),
    (Reason("no_budget", "予算なし", "No budget"), Reason("other", "その他", "Other")),
)
OTHER: dict[str, Any] = {
    "name": "Sample Inc.",
    "locale": Locale.EN,
    "timezone": "UTC",
    "mql_channel": "C0MQL00002",
    "intake_channel": "C0INTAKE02",
    "digest_weekday": 1,
    "digest_time": "08:00",
    "erase_after_days": 90,
    "webhook_url": "https://key:word@hooks.example.com/services/T1?token=abc",
    "marketing_channel": "C0MARKET02",
    "outcomes_told": next(word for word in OutcomesTold if word != TEAM.outcomes_told),
    "outcomes_time": "16:30",
    "meeting_weekday": 2,
    "meeting_time": "10:00",
    "meeting_channel": "C0MEETING2",
    "daily_messages": 7,
    "queue_hours": 3,
    "owner_told": next(word for word in OwnerTold if word != TEAM.owner_told),
    "anew_after_days": 33,
    "digest_personal": not TEAM.digest_personal,
    "goals": Goals(contactable=95),
}


def changed(**changes: Any) -> list[tuple[AuditKind, str, Any, Any]]:
    return [tuple(entry) for entry in differences(TEAM, replace(TEAM, **changes))]  # type: ignore[misc]


def test_nothing_changed_leaves_nothing() -> None:
    assert changed() == []


def test_every_field_of_the_team_file_that_changes_has_an_entry_of_its_own() -> None:
    assert {field.name for field in dataclasses.fields(TEAM)} == {*OTHER, *OF_THEIR_OWN}
    for name, value in OTHER.items():
        ((kind, subject, before, after),) = changed(**{name: value})
        assert (kind, subject) == (AuditKind.SETTING, name)
        assert before != after


def test_the_address_of_the_webhook_is_shown_without_what_may_be_secret_in_it() -> None:
    ((_, _, before, after),) = changed(webhook_url=OTHER["webhook_url"])
    assert (before, after) == (None, {"value": "https://hooks.example.com/…"})


def test_policy_reasons_and_routes_are_told_by_key() -> None:
    calendar = TEAM.policy.calendar.model_copy(update={"holidays": "JP"})
    policy = TEAM.policy.model_copy(update={"response_hours": 8.0, "calendar": calendar})
    assert {entry[1] for entry in changed(policy=policy)} == {"response_hours", "calendar.holidays"}
    reasons = (TEAM.reasons[1], replace(TEAM.reasons[0], en="Too dear"))
    assert {entry[1] for entry in changed(reasons=reasons)} == {"no_budget", "order"}


def test_people_who_come_go_and_change_are_told_with_their_roles_apart() -> None:
    lead = replace(REP, roles=(Role.REP, Role.MANAGER))
    assert changed(members=(lead, ADMIN)) == [(AuditKind.ROLE, "U1", {"roles": ["rep"]}, {"roles": ["rep", "manager"]})]
    assert changed(members=(ADMIN,)) == [
        (AuditKind.MEMBER, "U1", {"active": True}, {"active": False}),
        (AuditKind.ROLE, "U1", {"roles": ["rep"]}, {"roles": []}),
    ]
    kind, subject, before, after = changed(members=(REP, replace(ADMIN, name="Kim Lee")))[0]
    assert (kind, subject, before, after) == (AuditKind.MEMBER, "U2", {"name": "Kim"}, {"name": "Kim Lee"})
    new = Person("U3", "Ito", (Role.MARKETER,))
    joined, role = changed(members=(REP, ADMIN, new))
    assert (joined[0], joined[2], joined[3]["name"]) == (AuditKind.MEMBER, None, "Ito")
    assert role == (AuditKind.ROLE, "U3", None, {"roles": ["marketer"]})
