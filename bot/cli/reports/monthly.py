"""`report monthly` and `report scoring`: the figures of the monthly messages, for a terminal or for a program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import TypeVar

import sqlalchemy as sa
import typer

from bot.cli.base import startup
from bot.cli.base.choices import TableFormat
from bot.cli.base.report_columns import Row, columns
from bot.cli.base.report_common import print_report, require_begun
from bot.cli.base.terminal import USAGE
from bot.cli.base.workspace import open_workspace
from bot.core.base import wall_clock
from bot.core.reports import monthly as months
from bot.core.reports import scoring as scores
from bot.core.reports.cohorts import MonthlyReport
from bot.core.reports.scoring import ScoringCheck
from bot.i18n import Translator
from bot.slack.blocks.reports import monthly as monthly_blocks
from bot.slack.blocks.reports import scoring as scoring_blocks
from storage.models import Workspace

Report = TypeVar("Report", MonthlyReport, ScoringCheck)


def monthly(month: str | None, form: TableFormat, workspace_id: str | None) -> None:
    """Print the report of one month; of the last one that is over where none is named. Exit code 2: no such month."""
    report, t = _read(months.report, month, workspace_id)
    print_report(form, report, lambda: monthly_rows(report), lambda: monthly_blocks.text(report, t))


def scoring(month: str | None, form: TableFormat, workspace_id: str | None) -> None:
    """Print the check of the scoring rule over the year up to a month. Exit code 2: no such month."""

    def check_of(tx: sa.Connection, workspace: Workspace, period: str, _: datetime) -> ScoringCheck:
        return scores.report(tx, workspace, period)

    check, t = _read(check_of, month, workspace_id)
    print_report(form, check, lambda: scoring_rows(check), lambda: scoring_blocks.text(check, t))


def _read(
    report: Callable[[sa.Connection, Workspace, str, datetime], Report], month: str | None, workspace_id: str | None
) -> tuple[Report, Translator]:
    with open_workspace(workspace_id) as opened:
        workspace, now = opened.workspace, wall_clock.utcnow()
        period = month or months.last_period(workspace, now)
        _check_month(period, wall_clock.day_in(workspace.timezone, now))
        with opened.database.snapshot() as tx:
            return report(tx, workspace, period, now), opened.translator


def _check_month(period: str, today: date) -> None:
    try:
        first = months.month_of(period)
    except ValueError as error:
        typer.echo(startup.translator()("report.month", given=period), err=True)
        raise typer.Exit(USAGE) from error
    require_begun(first, period, today)


def monthly_rows(report: MonthlyReport) -> Iterator[Row]:
    """Yield one line for each month and value, and one without month for all of them together; lost reasons below."""
    yield _line("all", "", "") | columns(report.total) | columns(report.wins)
    for cohort in report.cohorts:
        yield _line("all", "", cohort.period) | columns(cohort.total) | columns(cohort.wins) | columns(cohort)
    for dimension, groups in report.groups.items():
        for group in groups:
            yield _line(dimension.value, group.value, "") | columns(group.total) | columns(group.wins)
            for cohort, total, wins in zip(report.cohorts, group.cohorts, group.cohort_wins, strict=True):
                yield _line(dimension.value, group.value, cohort.period) | columns(total) | columns(wins)
    yield from _nurturing(report)
    for loss in report.losses:
        for reason, count in loss.reasons:
            yield {"by": "lost_reason", "value": loss.channel, "reason": reason.key, "disqualified": count}


def _nurturing(report: MonthlyReport) -> Iterator[Row]:
    """Yield marketing's own figures of the month and of the month before, the whole and each segment."""
    nurturing, before = report.nurturing, months.period_of(months.months_on(report.month.first, -1))
    if not nurturing.shown:
        return
    by = "nurturing"
    yield _line(by, "", report.period) | columns(nurturing.now) | columns(nurturing)
    yield _line(by, "", before) | columns(nurturing.before)
    for segment in nurturing.segments:
        yield _line(by, segment.name, report.period) | columns(segment.now)
        yield _line(by, segment.name, before) | columns(segment.before)


def _line(by: str, value: str, month: str) -> Row:
    return {"by": by, "value": value, "month": month}


def scoring_rows(check: ScoringCheck) -> Iterator[Row]:
    """Yield the whole with the AUC, the bands, the thresholds and the values, told apart by `kind`."""
    yield {"kind": "all", "name": "", "value": "", **columns(check)}
    for band in check.bands:
        yield {"kind": "band", "value": f"{band.low}-{band.high}", **columns(band.conversion)}
    if check.held.held:
        yield {"kind": "held", "value": "", **columns(check.held)}
    for threshold in check.thresholds:
        yield {"kind": "threshold", "value": threshold.score, **columns(threshold)}
    for factor in check.factors:
        which: Row = {"kind": factor.aspect.value, "name": factor.name, "value": factor.value}
        yield {**which, **columns(factor.conversion), **columns(factor), "verdict": factor.verdict.value}
