"""Moments as most CRMs write them, and that of their clocks."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any


def moment(value: Any) -> datetime:
    """Return a moment in UTC from ISO 8601; the beginning of 1970 where there is none."""
    try:
        return datetime.fromisoformat(str(value or "")).astimezone(UTC)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)


def iso(at: datetime) -> str:
    """Write a moment as queries want it: whole seconds in UTC, with a Z."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def dated(header: str | None) -> datetime:
    """Return the moment of an answer by its header Date; the present of this machine where it says none."""
    try:
        return parsedate_to_datetime(header or "").astimezone(UTC)
    except ValueError:
        return datetime.now(UTC)
