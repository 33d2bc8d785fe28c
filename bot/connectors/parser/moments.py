"""Moments as senders write them."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.connectors.parser import text
from bot.connectors.problems import FieldProblem, problem


def moment(name: str, given: str) -> datetime | FieldProblem:
    """Return a moment in UTC; it is written as 2026-11-17T10:05:00+09:00, with its offset."""
    try:
        at = datetime.fromisoformat(text.line(given))
        return at.astimezone(UTC) if at.tzinfo else problem("not_a_time", name)
    except (ValueError, OverflowError):  # the first and the last day of all years have no time in UTC
        return problem("not_a_time", name)
