"""`report weekly`: the figures of the digest, for a terminal or for a program."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import typer
from pydantic import BaseModel

from bot.cli import startup
from bot.cli.configuring import USAGE, choose_workspace
from bot.core import clock, reporting
from bot.i18n import Translator
from bot.slack.blocks import digest


class Format(StrEnum):
    """How a report is printed."""

    TEXT = "text"
    JSON = "json"


def weekly(week: str | None, form: Format, workspace_id: str | None) -> None:
    """Print one week beside the week before; the last complete week where none is named. Exit code 2: no such week."""
    settings = startup.settings()
    now = clock.utcnow()
    with startup.in_one_line(settings):
        database = startup.open_database(settings.database_url)
        startup.require_current(database)
        workspace = choose_workspace(database, workspace_id)
        local = now.astimezone(ZoneInfo(workspace.timezone)).date()
        period = week.upper() if week else reporting.period_of(local - timedelta(weeks=1))
        try:
            with database.snapshot() as tx:
                report = reporting.weekly(tx, workspace, period, now)
        except ValueError as error:
            typer.echo(startup.translator()("report.week", given=period), err=True)
            raise typer.Exit(USAGE) from error
        database.close()
    if form == Format.JSON:
        typer.echo(json.dumps(plain(report), ensure_ascii=False, indent=2))
    else:
        typer.echo(digest.weekly_text(report, Translator(workspace.locale, workspace.timezone)), nl=False)


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
