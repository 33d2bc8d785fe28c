"""Reports for programs."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import BaseModel


def plain(value: Any) -> Any:
    """A report as JSON can hold it: durations in seconds, moments in ISO 8601."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, BaseModel):
        return plain(value.model_dump())
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value
