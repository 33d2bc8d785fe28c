"""Short ways to write a calendar and a local time."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.sla.calendar import Calendar
from bot.core.sla.calendar_rules import WEEKDAYS, CalendarRules

TOKYO = "Asia/Tokyo"


def office(timezone: str = TOKYO, **rules: Any) -> Calendar:
    return Calendar(CalendarRules.model_validate({"kind": "business_hours", **rules}), timezone)


def local(text: str, timezone: str = TOKYO, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(timezone), fold=fold)


def every_day(*blocks: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(WEEKDAYS, blocks)
