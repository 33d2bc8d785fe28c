"""Which kinds of message have which property, each named: a default that changes is seen here."""

from __future__ import annotations

from bot.core.messages.kinds import KINDS

REMINDERS = {"reminder", "feedback_reminder", "feedback_again"}
TO_PEOPLE = REMINDERS | {
    "assignment",
    "escalation",
    "offer",
    "unassigned",
    "owner_left",
    "unreachable",
    "feedback_overdue",
    "pause_request",
    "paused_overdue",
    "pause_over",
    "disputed",
    "reopened",
    "new_words",
    "next_touch",
    "held",
}


def having(name: str) -> set[str]:
    return {str(word) for word, kind in KINDS.items() if getattr(kind, name)}


def test_only_reminders_come_together_and_may_be_muted() -> None:
    assert having("mergeable") == having("mutable") == REMINDERS


def test_what_waits_for_the_end_of_the_quiet_hours() -> None:
    assert having("holdable") == REMINDERS | {"escalation", "offer", "feedback_overdue", "paused_overdue", "pause_over"}


def test_what_has_something_to_press_is_measured() -> None:
    assert having("measured") == TO_PEOPLE


def test_what_counts_as_a_message_of_the_day() -> None:
    assert set(map(str, KINDS)) - having("counted") == {"edit", "note", "private"}
