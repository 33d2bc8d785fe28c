"""`audit`: who changed what, for a terminal, a spreadsheet or a program."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import typer

from bot.cli.base import spreadsheet, startup
from bot.cli.base.choices import LogFormat
from bot.cli.base.terminal import USAGE
from bot.cli.base.workspace import OpenWorkspace, open_workspace
from bot.core.base import team
from bot.i18n import Translator
from bot.slack.blocks.settings.audit import sentence
from storage import audits, members, unreadables
from storage.audits import Filter
from storage.models import Audit
from storage.vocabulary import AuditKind

COLUMNS = ("id", "at", "kind", "door", "by", "name", "machine_user", "subject", "before", "after")


def audit(form: LogFormat, since: str | None, kind: AuditKind | None, workspace_id: str | None) -> None:
    """Print the entries, the oldest first. `since`: a day of the workspace. Exit code 2 where it is none."""
    t = startup.translator()
    with open_workspace(workspace_id) as opened:
        local = Translator(t.locale, opened.workspace.timezone)
        wanted = Filter(kind, since=_beginning(since, opened, t) if since else None)
        if form == LogFormat.CSV:
            spreadsheet.write(sys.stdout, [COLUMNS], ends="\n")
        with opened.database.snapshot() as tx:
            people = team.names(members.roster(tx, opened.workspace.id))
            names = unreadables.sender_names(tx, opened.workspace.id) | people
            entries = 0
            for entry in _entries(tx, opened.workspace.id, wanted):
                _print(entry, names, form, local)
                entries += 1
        if not entries and form == LogFormat.TEXT:
            typer.echo(t("audit.none"))


def _beginning(since: str, opened: OpenWorkspace, t: Translator) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(since), time(), ZoneInfo(opened.workspace.timezone))
    except ValueError:
        typer.echo(t("audit.bad_day", given=since), err=True)
        raise typer.Exit(USAGE) from None


def _entries(tx: sa.Connection, workspace_id: str, wanted: Filter) -> Iterator[Audit]:
    after = 0
    while entries := audits.batch(tx, workspace_id, wanted, after):
        yield from entries
        after = entries[-1].id


def _print(entry: Audit, names: dict[str, str], form: LogFormat, t: Translator) -> None:
    if form == LogFormat.TEXT:
        typer.echo(" ".join(sentence(entry, names, t).split()))
        return
    row = _row(entry, names)
    if form == LogFormat.JSONL:
        typer.echo(json.dumps(row, ensure_ascii=False))
        return
    cells = [json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value for value in row.values()]
    spreadsheet.write(sys.stdout, [cells], ends="\n")


def _row(entry: Audit, names: dict[str, str]) -> dict[str, Any]:
    row = entry.model_dump(mode="json") | {"name": names.get(entry.by) if entry.by else None}
    return {name: row[name] for name in COLUMNS}
