"""What the reports on the command line have in common."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import typer
from pydantic import BaseModel

from bot.cli.base import startup
from bot.cli.base.choices import TableFormat
from bot.cli.base.report_columns import Row, write
from bot.cli.base.terminal import USAGE


def print_report(
    form: TableFormat,
    values: Any,
    rows: Callable[[], Iterable[Row]],
    text: Callable[[], str],
    header: Sequence[str] = (),
) -> None:
    """Print a report in one of its three forms; only that one is made. `header`: the columns of CSV without rows."""
    if form == TableFormat.JSON:
        echo_json(values)
    elif form == TableFormat.CSV:
        write(list(rows()), header)
    else:
        typer.echo(text(), nl=False)


def echo_json(values: Any) -> None:
    """Print values as JSON for programs."""
    typer.echo(json.dumps(plain(values), ensure_ascii=False, indent=2))


def plain(value: Any) -> Any:
    """Return a report as JSON can hold it: durations in seconds, moments in ISO 8601."""
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
