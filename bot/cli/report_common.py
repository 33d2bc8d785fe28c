"""What the reports on the command line have in common."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta
from typing import Any

import typer
from pydantic import BaseModel

from bot.cli import startup
from bot.cli.config import USAGE


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


def require_begun(first: date, period: str, today: date) -> None:
    """Leave with one line where the period that begins on `first` lies ahead."""
    if first > today:
        typer.echo(startup.translator()("report.ahead", period=period), err=True)
        raise typer.Exit(USAGE)
