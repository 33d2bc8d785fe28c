"""The monthly figures, counted from the log one MQL at a time. Uses none of bot.core.reports."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.base.statistics import Estimate, wilson
from storage.models import Event, Mql
from storage.vocabulary import EventType

ENOUGH = 12
Figures = dict[str, Any]


@dataclass
class Story:
    """One MQL as its log tells it."""

    mql: Mql
    received_at: datetime
    source: str = ""
    owner: str = ""
    disposition: str = ""
    reason: str = ""
    counts: bool = True
    accepted: datetime | None = None
    contacted: datetime | None = None
    decided: datetime | None = None
    deal: str | None = None
    amount: int = 0
    told_by: str | None = None
    closed_on: date | None = None
    seen: list[Event] = field(default_factory=list)

    def hears(self, event: Event) -> None:
        if event.type == EventType.RECEIVED:
            self.source = str(event.after)
        elif event.type in (EventType.ASSIGNED, EventType.UNASSIGNED):
            self.owner = event.after or ""
        elif event.type == EventType.ACCEPTED:
            self.accepted = event.at
        elif event.type in (EventType.CONTACTED, EventType.EVIDENCE) and event.after:
            self.contacted = min(self.contacted or event.at, event.at)
        elif event.type in (EventType.DISPOSED, EventType.CORRECTED, EventType.REOPENED, EventType.DEAL):
            self._comes_to(event)
        else:
            self._comes_or_goes(event)

    def _comes_to(self, event: Event) -> None:
        if event.type == EventType.DEAL:
            self.deal, self.amount, self.told_by = event.after, event.data.get("amount") or 0, event.data.get("source")
            self.closed_on = date.fromisoformat(event.data["on"]) if event.after else None
        elif event.type == EventType.REOPENED:  # as if there had been no outcome
            self.disposition, self.reason, self.decided = "", "", None
        else:
            self.disposition, self.reason = str(event.after), event.reason or ""
            self.decided = self.decided or event.at
            if self.disposition != "qualified":  # no opportunity any more
                self.deal = None

    def _comes_or_goes(self, event: Event) -> None:
        was_open = event.type == EventType.ERASED and not self.disposition
        if event.type in (EventType.WITHDRAWN, EventType.MERGED) or was_open:
            self.counts = False
        elif event.type == EventType.MERGE_UNDONE and "into" in event.data:  # not in the log of the one that went on
            self.counts = True


def conversion(of: Sequence[Story]) -> Figures:
    """What bot.core.reports.cohorts.Conversion tells."""
    decided = sum(bool(story.disposition) for story in of)
    qualified = sum(story.disposition == "qualified" for story in of)
    maturity = decided / len(of) if of else None
    return {
        "received": len(of),
        "decided": decided,
        "qualified": qualified,
        "rate": _rate(qualified, decided),
        "maturity": maturity,
    }


def wins(of: Sequence[Story]) -> Figures:
    """What bot.core.reports.cohorts.Wins tells."""
    won = [story for story in of if story.deal == "won"]
    lost = sum(story.deal == "lost" for story in of)
    opportunities, closed = sum(story.disposition == "qualified" for story in of), len(won) + lost
    return {
        "opportunities": opportunities,
        "won": len(won),
        "lost": lost,
        "amount": sum(story.amount for story in won),
        "rate": _rate(len(won), closed),
        "closed": closed,
        "maturity": closed / opportunities if opportunities else None,
        "won_by_crm": sum(story.told_by == "crm" for story in won),
        "lost_by_crm": sum(story.told_by == "crm" for story in of if story.deal == "lost"),
        "amount_by_crm": sum(story.amount for story in won if story.told_by == "crm"),
    }


def times(of: Sequence[Story], zone: str) -> dict[str, Figures]:
    """What bot.core.reports.cohorts.Cohort tells beside these two."""
    stages = {name: [(s.received_at, getattr(s, name)) for s in of] for name in ("accepted", "contacted", "decided")}
    # To the beginning of the day on which it was won.
    days = [(story, story.closed_on) for story in of if story.deal == "won" and story.closed_on]
    starts = [(story, datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))) for story, day in days]
    stages["won"] = [(story.received_at, max(start, story.received_at)) for story, start in starts]
    return {name: took(sorted(end - start for start, end in pairs if end)) for name, pairs in stages.items()}


def took(spans: Sequence[timedelta]) -> Figures:
    """What bot.core.reports.cohorts.Times tells of some spans in order."""
    median, p90 = (spans[math.ceil(share * len(spans)) - 1] if spans else None for share in (0.5, 0.9))
    return {"count": len(spans), "median": median, "p90": p90}


def _rate(part: int, whole: int) -> Estimate | None:
    return Estimate(part / whole, wilson(part, whole)) if whole >= ENOUGH else None
