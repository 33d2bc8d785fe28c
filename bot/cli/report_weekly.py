"""`report weekly`: the figures of the digest, for a terminal, a spreadsheet or a program."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import typer

from bot.cli import charts, startup
from bot.cli.config import USAGE, choose_workspace
from bot.cli.report_common import plain, require_begun
from bot.cli.report_monthly import Row, TableFormat, write
from bot.core.base import wall_clock
from bot.core.reports import weekly as reporting
from bot.core.reports.figures import Figures, Overdue, WeeklyReport
from bot.core.views.mql import MqlView
from bot.i18n import Translator
from bot.slack.blocks import digest
from storage.models import Workspace

SHARES = {
    "answered_in_time": ("in_time", "due"),
    "answered": ("responded", "received"),
    "outcomes_reported": ("feedback_given", "feedback_due"),
    "contactable": ("contactable", "received"),
}
COUNTS = ("received", "withdrawn", "repeated", "breached", "escalated", "qualified", "disqualified", "recycled")
SPANS = ("median", "p90", "median_open", "p90_open")


def weekly(week: str | None, form: TableFormat, workspace_id: str | None, folder: Path | None = None) -> None:
    """Print one week beside the week before, or write its pictures into a folder; the last complete week where none is
    named. Exit code 2: no such week; 1: pictures cannot be made."""
    settings = startup.settings()
    now = wall_clock.utcnow()
    with startup.in_one_line(settings):
        database = startup.open_database(settings.database_url)
        startup.require_current(database)
        workspace = choose_workspace(database, workspace_id)
        with database.snapshot() as tx:
            period = _period(workspace, week, now)
            told = charts.read(tx, workspace, period, now) if folder else None
            # A spreadsheet is where somebody looks for all that is overdue.
            listed = reporting.LISTED if form == TableFormat.TEXT else None
            report = reporting.weekly(tx, workspace, period, now, listed)
        database.close()
    if folder is not None and told is not None:
        charts.write(told, folder, Translator(workspace.locale, workspace.timezone))
    elif form == TableFormat.JSON:
        typer.echo(json.dumps(plain(report), ensure_ascii=False, indent=2))
    elif form == TableFormat.CSV:
        write(list(_rows(report)))
    else:
        typer.echo(digest.weekly_text(report, Translator(workspace.locale, workspace.timezone)), nl=False)


def _period(workspace: Workspace, week: str | None, now: datetime) -> str:
    """The week that is meant: the one named, else the last that is over."""
    local = wall_clock.day_in(workspace.timezone, now)
    period = week.upper() if week else reporting.period_of(local - timedelta(weeks=1))
    try:
        monday = reporting.week_of(period)
    except ValueError as error:
        typer.echo(startup.translator()("report.week", given=week), err=True)
        raise typer.Exit(USAGE) from error
    require_begun(monday, period, local)
    return period


def _rows(report: WeeklyReport) -> Iterator[Row]:
    """The figures, the lost reasons, the reps and everything that is overdue, told apart by `kind`."""
    now, before, goals = report.now, report.before, report.goals.agreed
    for name, (part, whole) in SHARES.items():
        yield _figure(name, now, before, part, whole) | {"goal": goals.get(name, "")}
    rejected = {"value": now.disqualified, "of": _outcomes(now)}
    rejected |= {"week_before": before.disqualified, "week_before_of": _outcomes(before)}
    yield {"kind": "figure", "name": "disqualified_of_outcomes", **rejected, "goal": goals.get("disqualified", "")}
    for name in COUNTS:
        yield _figure(name, now, before, name)
    for name in SPANS:
        yield {"kind": "figure", "name": f"{name}_s", **_spans(getattr(now, name), getattr(before, name))}
    for name in ("contacted", "proven"):
        mine, other = getattr(now, name), getattr(before, name)
        counts = {
            "value": mine.count,
            "of": now.received,
            "week_before": other.count,
            "week_before_of": before.received,
        }
        yield {"kind": "figure", "name": name, **counts}
    for reason, count in now.lost_reasons:
        earlier = dict((other.key, number) for other, number in before.lost_reasons)
        yield {"kind": "lost_reason", "name": reason.key, "value": count, "week_before": earlier.get(reason.key, 0)}
    for rep in report.reps:
        spans = {f"{name}_s": plain(getattr(rep, name)) for name in ("idle", "off_duty", "unassigned")}
        counts = {name: getattr(rep, name) for name in ("received", "in_time", "breached", "debt")}
        yield {"kind": "rep", "name": rep.user_id, "title": rep.name, **counts, **spans}
    yield from _overdue("waiting", report.waiting)
    yield from _overdue("outcome_overdue", report.debt)
    for one in report.actions:
        item = one.item
        yield {"kind": "action", "name": item.id, "title": item.what, "owner": item.owner, "due_at": item.due_on}


def _figure(name: str, now: Figures, before: Figures, part: str, whole: str | None = None) -> Row:
    row: Row = {"kind": "figure", "name": name, "value": getattr(now, part), "week_before": getattr(before, part)}
    return row | ({"of": getattr(now, whole), "week_before_of": getattr(before, whole)} if whole else {})


def _spans(now: timedelta | None, before: timedelta | None) -> dict[str, Any]:
    return {"value": plain(now), "week_before": plain(before)}


def _outcomes(week: Figures) -> int:
    return week.qualified + week.disqualified + week.recycled


def _overdue(kind: str, overdue: Overdue) -> Iterator[Row]:
    for view in overdue.oldest:
        yield {"kind": kind, "name": view.mql.number, "title": view.mql.company, "owner": view.mql.owner, **_due(view)}


def _due(view: MqlView) -> Row:
    running = view.response if view.response.stopped_at is None else view.feedback_clock or view.response
    return {"due_at": plain(running.due_at)}
