"""What became of held leads, told one by one from the logs of their MQLs. Uses none of bot.core.reports."""

from __future__ import annotations

from collections.abc import Iterable

from storage.models import Unreadable
from storage.vocabulary import UnreadableState
from tests.core.reports.slow_monthly import Story


def became(entries: Iterable[tuple[Unreadable, Story | None]]) -> dict[str, int]:
    """What bot.core.reports.held_leads.HeldLeads tells of entries of the queue, each with its MQL."""
    counts = dict.fromkeys(("held", "waiting", "nurtured", "handed_over", "decided", "qualified", "won"), 0)
    for entry, story in entries:
        if entry.definition_id is None or (entry.mql_id is not None and (story is None or not story.counts)):
            continue  # none that was held, or its MQL was withdrawn
        counts["held"] += 1
        counts["waiting"] += entry.state == UnreadableState.OPEN
        counts["nurtured"] += entry.state == UnreadableState.DISMISSED
        if story is not None:
            counts["handed_over"] += 1
            counts["decided"] += bool(story.disposition)
            counts["qualified"] += story.disposition == "qualified"
            counts["won"] += story.deal == "won"
    return counts
