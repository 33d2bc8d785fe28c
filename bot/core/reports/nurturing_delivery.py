"""Marketing's own figures come in, from a source or a file: those of a week and a segment take the place of the ones
before. What a delivery does not name stays as it is, so that two tools may supply different figures."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.base.period_words import iso_week
from bot.core.reports.nurturing import NAMES, RATED
from bot.core.reports.weekly import week_of
from storage import nurturing, workspaces
from storage.models import NurturingWeek

LONGEST_SEGMENT = 80
MOST = 999_999_999


class Wrong(ValueError):
    """What is supplied of a week cannot be taken. `word` names the sentence: import.<word>."""

    def __init__(self, word: str, given: str) -> None:
        super().__init__(word)
        self.word, self.given = word, given


@dataclass(frozen=True)
class WeekSupplied:
    """What is supplied of one week and segment."""

    week: str
    segment: str
    figures: Mapping[str, int | None] = field(default_factory=dict)
    """Those that are named; None takes one back."""


def week_named(text: str) -> str:
    """Return an ISO week as it is written: 2026-W47, 2026W47, 2026-w7. Raises Wrong."""
    year, _, week = text.strip().upper().replace("-", "").partition("W")
    try:
        return iso_week(week_of(f"{year}-W{week:0>2}"))
    except ValueError as error:
        raise Wrong("week", text) from error


def week_of_day(day: date, now: datetime) -> str:
    """Return the ISO week that a day lies in. Raises Wrong where it has not begun anywhere in the world."""
    return begun(iso_week(day), now)


def begun(week: str, now: datetime) -> str:
    """Return the week again. Raises Wrong where it has not begun anywhere in the world."""
    if week_of(week) > (now.astimezone(UTC) + timedelta(hours=14)).date():
        raise Wrong("week_ahead", week)
    return week


def segment_named(text: str) -> str:
    """Return the name of a segment without signs that nobody can see; "" is the whole week. Raises Wrong where it is
    longer than LONGEST_SEGMENT."""
    visible = "".join(sign if sign.isprintable() else " " for sign in unicodedata.normalize("NFC", text))
    name = " ".join(visible.split())
    if len(name) > LONGEST_SEGMENT:
        raise Wrong("segment_long", name)
    return name


def beyond_sent(figures: Mapping[str, int | None]) -> list[str]:
    """Return which figures are more than were sent, and so cannot be right."""
    sent = figures.get("sent")
    return [] if sent is None else [name for name in RATED if (figures.get(name) or 0) > sent]


def store(
    tx: sa.Connection,
    workspace_id: str,
    supplied: Sequence[WeekSupplied],
    now: datetime,
    *,
    source_id: int | None = None,
    file: str | None = None,
) -> int:
    """Store what says something new, with where it came from; return of how many weeks and segments that is. Each
    week and segment stands in `supplied` once."""
    # Two deliveries at once would give the same version twice.
    workspaces.locked(tx, workspace_id)
    known = {
        (row.week, row.segment): row for row in nurturing.newest(tx, workspace_id, {each.week for each in supplied})
    }
    origin = {"source_id": source_id, "file": file, "at": now}
    versions = [_version(each, known.get((each.week, each.segment))) for each in supplied]
    changed = [version | origin for version in versions if version is not None]
    nurturing.add(tx, workspace_id, changed)
    return len(changed)


def _version(supplied: WeekSupplied, known: NurturingWeek | None) -> dict[str, Any] | None:
    """Return the next version of a week and segment; None where it would say the same."""
    before = {name: getattr(known, name, None) for name in NAMES}
    figures = before | dict(supplied.figures)
    if figures == before:
        return None
    return {
        "week": supplied.week,
        "segment": supplied.segment,
        "version": (known.version if known else 0) + 1,
        **figures,
    }
