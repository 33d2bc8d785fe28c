"""Which kinds of message have which property, each named: a default that changes is seen here."""

from __future__ import annotations

from bot.core.messages.kinds import KINDS, Group

REMINDERS = {"reminder", "feedback_reminder", "feedback_again"}
TO_PEOPLE = REMINDERS | {
    "assignment",
    "cover",
    "escalation",
    "offer",
    "first_offer",
    "unassigned",
    "owner_left",
    "unreachable",
    "feedback_overdue",
    "pause_request",
    "paused_overdue",
    "pause_over",
    "crm_conflict",
    "disputed",
    "reopened",
    "new_words",
    "next_touch",
    "held",
}


def having(name: str) -> set[str]:
    return {str(word) for word, kind in KINDS.items() if getattr(kind, name)}


def test_only_reminders_may_be_muted() -> None:
    assert having("mutable") == REMINDERS


def test_what_comes_together_where_several_wait_for_one_reader() -> None:
    groups = {group: {str(word) for word, kind in KINDS.items() if kind.group is group} for group in Group}
    team = {"escalation", "feedback_overdue"}
    assert groups == {Group.OWN_WORK: REMINDERS, Group.TEAM: team, Group.OFFERS: {"offer"}}


def test_what_may_be_a_row_of_a_list() -> None:
    of_leaders = {"escalation", "feedback_overdue", "paused_overdue"}
    assert having("holdable") == REMINDERS | of_leaders | {"assignment", "offer", "pause_over"}


def test_what_has_something_to_press_is_measured() -> None:
    assert having("measured") == TO_PEOPLE


def test_what_counts_as_a_message_of_the_day() -> None:
    assert set(map(str, KINDS)) - having("counted") == {"edit", "note", "private"}
