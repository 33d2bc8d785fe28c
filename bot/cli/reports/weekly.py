"""`report weekly`: the figures of the digest, for a terminal, a spreadsheet or a program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import typer

from bot.cli.base import startup
from bot.cli.base.choices import TableFormat
from bot.cli.base.report_columns import Row, columns, figure_rows
from bot.cli.base.report_common import print_report, require_begun
from bot.cli.base.terminal import USAGE
from bot.cli.base.workspace import open_workspace
from bot.cli.reports import charts
from bot.core.base import period_words, wall_clock
from bot.core.reports import weekly as reporting
from bot.core.reports.charges import Charge
from bot.core.reports.figures import Overdue, WeeklyReport
from bot.core.reports.nurturing import Nurturing
from bot.core.views.mql import MqlView
from bot.slack.blocks.reports import digest
from storage.models import Workspace


def weekly(week: str | None, form: TableFormat, workspace_id: str | None, folder: Path | None = None) -> None:
    """Print one week beside the week before, or write its pictures into a folder; the last complete week where none is
    named. Exit code 2: no such week; 1: pictures cannot be made."""
    with open_workspace(workspace_id) as opened, opened.database.snapshot() as tx:
        now = wall_clock.utcnow()
        period = _period(opened.workspace, week, now)
        trend = charts.read(tx, opened.workspace, period, now) if folder else None
        # A spreadsheet is where somebody looks for all that is overdue.
        listed = reporting.LISTED if form == TableFormat.TEXT else None
        report = reporting.weekly(tx, opened.workspace, period, now, listed)
    if folder is not None and trend is not None:
        charts.write(trend, folder, opened.translator)
        return
    print_report(form, report, lambda: rows(report), lambda: digest.weekly_text(report, opened.translator))


def _period(workspace: Workspace, week: str | None, now: datetime) -> str:
    """Return the week that is meant: the one named, else the last that is over."""
    local = wall_clock.day_in(workspace.timezone, now)
    period = week.upper() if week else period_words.iso_week(local - timedelta(weeks=1))
    try:
        monday = reporting.week_of(period)
    except ValueError as error:
        typer.echo(startup.translator()("report.week", given=week), err=True)
        raise typer.Exit(USAGE) from error
    require_begun(monday, period, local)
    return period


def rows(report: WeeklyReport) -> Iterator[Row]:
    """Yield the figures, the lost reasons, the reps and everything that is overdue, told apart by `kind`."""
    yield from figure_rows(report.now, report.before, report.goals.agreed)
    for part in (report, report.plan, report.undecided):
        if part is not None:
            yield from figure_rows(part)
    yield from nurturing_rows(report.nurturing)
    earlier = {reason.key: count for reason, count in report.before.lost_reasons}
    for reason, count in report.now.lost_reasons:
        yield {"kind": "lost_reason", "name": reason.key, "value": count, "week_before": earlier.get(reason.key, 0)}
    for rep in report.reps:
        yield {"kind": "rep", "name": rep.user_id, "title": rep.name, **columns(rep), **_seconds(rep.parts)}
    for charge in report.charges:
        yield from _shares(charge)
    yield from _overdue("waiting", report.waiting)
    yield from _overdue("outcome_overdue", report.debt)
    for action in report.actions:
        item = action.item
        yield {"kind": "action", "name": item.id, "title": item.what, "owner": item.owner, "due_at": item.due_on}


def nurturing_rows(nurturing: Nurturing) -> Iterator[Row]:
    """Yield marketing's own figures, the whole and each segment, this week and the week before; then what cannot be
    right."""
    if nurturing.shown:
        sides = ("nurturing", nurturing.now), ("nurturing_week_before", nurturing.before)
        whole = columns(nurturing)
        yield from ({"kind": kind, "name": "", **columns(counts), **whole} for kind, counts in sides)
        for segment in nurturing.segments:
            yield {"kind": "nurturing", "name": segment.name, **columns(segment.now)}
            yield {"kind": "nurturing_week_before", "name": segment.name, **columns(segment.before)}
    for odd in nurturing.odd:
        yield {"kind": "nurturing_check", "name": odd.segment, "title": odd.figure, "value": odd.count, "of": odd.sent}


def _shares(charge: Charge) -> Iterator[Row]:
    """Yield what each owner had of the time until a deadline that passed, with whose it is; then the time of nobody."""
    row: Row = {"kind": "share", "name": charge.number, "at": charge.at.isoformat()}
    for user, held in charge.shares.items():
        yield {**row, "owner": user, "charged": int(user == charge.user_id), "held_s": held.total_seconds()}
    yield {**row, "owner": "", "charged": int(not charge.user_id), **_seconds(charge.parts)}


def _seconds(parts: Mapping[str, timedelta]) -> Row:
    return {f"{name}_s": span.total_seconds() for name, span in parts.items()}


def _overdue(kind: str, overdue: Overdue) -> Iterator[Row]:
    for view in overdue.oldest:
        yield {"kind": kind, "name": view.mql.number, "title": view.mql.company, "owner": view.mql.owner, **_due(view)}


def _due(view: MqlView) -> Row:
    running = view.response if view.response.stopped_at is None else view.feedback_clock or view.response
    return {"due_at": running.due_at.isoformat()}
