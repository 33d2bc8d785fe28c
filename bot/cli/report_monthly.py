"""`report monthly` and `report scoring`: the figures of the monthly messages, for a terminal or for a program."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

import sqlalchemy as sa
import typer

from bot.cli import startup
from bot.cli.config import USAGE, choose_workspace
from bot.cli.report_common import plain, require_begun
from bot.core.base import wall_clock
from bot.core.base.statistics import Estimate
from bot.core.reports import monthly as months
from bot.core.reports import scoring as scores
from bot.core.reports.cohorts import Conversion, MonthlyReport, Wins
from bot.core.reports.scoring import ScoringCheck
from bot.i18n import Translator
from bot.slack.blocks import monthly as monthly_blocks
from bot.slack.blocks import scoring as scoring_blocks
from storage.models import Workspace

Report = TypeVar("Report", MonthlyReport, ScoringCheck)
Row = dict[str, Any]
# What a spreadsheet would take for a formula. A lead says itself where it came from.
# Without it Excel takes Japanese for another encoding.
BYTE_ORDER_MARK = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class TableFormat(StrEnum):
    """How a report with tables is printed."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"


def monthly(month: str | None, form: TableFormat, workspace_id: str | None) -> None:
    """Print the report of one month; of the last one that is over where none is named. Exit code 2: no such month."""
    told, t = _read(months.report, month, workspace_id)
    _print(form, told, _monthly_rows(told), lambda: monthly_blocks.text(told, t))


def scoring(month: str | None, form: TableFormat, workspace_id: str | None) -> None:
    """Print the check of the scoring rule over the year up to a month. Exit code 2: no such month."""

    def report(tx: sa.Connection, workspace: Workspace, period: str, _: datetime) -> ScoringCheck:
        return scores.report(tx, workspace, period)

    told, t = _read(report, month, workspace_id)
    _print(form, told, _scoring_rows(told), lambda: scoring_blocks.text(told, t))


def _read(
    report: Callable[[sa.Connection, Workspace, str, datetime], Report], month: str | None, workspace_id: str | None
) -> tuple[Report, Translator]:
    settings = startup.settings()
    now = wall_clock.utcnow()
    with startup.in_one_line(settings):
        database = startup.open_database(settings.database_url)
        startup.require_current(database)
        workspace = choose_workspace(database, workspace_id)
        period = month or months.last_period(workspace, now)
        _check_month(period, wall_clock.day_in(workspace.timezone, now))
        with database.snapshot() as tx:
            told = report(tx, workspace, period, now)
        database.close()
    return told, Translator(workspace.locale, workspace.timezone)


def _check_month(period: str, today: date) -> None:
    try:
        first = months.month_of(period)
    except ValueError as error:
        typer.echo(startup.translator()("report.month", given=period), err=True)
        raise typer.Exit(USAGE) from error
    require_begun(first, period, today)


def _print(form: TableFormat, told: MonthlyReport | ScoringCheck, rows: Iterator[Row], text: Callable[[], str]) -> None:
    if form == TableFormat.JSON:
        typer.echo(json.dumps(plain(told), ensure_ascii=False, indent=2))
    elif form == TableFormat.TEXT:
        typer.echo(text(), nl=False)
    else:
        write(list(rows))


def write(rows: list[Row]) -> None:
    """Print rows as CSV, the columns' names also where there is nothing else."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    sys.stdout.write(BYTE_ORDER_MARK)
    writer = csv.DictWriter(sys.stdout, names, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _harmless(value) for name, value in row.items()})


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _monthly_rows(told: MonthlyReport) -> Iterator[Row]:
    """One line for each month and value, and one without month for all of them together; lost reasons below."""
    yield _conversion("all", "", "", told.total) | _wins(told.wins)
    for cohort in told.cohorts:
        stages = {
            "accepted": cohort.accepted,
            "contacted": cohort.contacted,
            "decided": cohort.decided,
            "won": cohort.won,
        }
        times: Row = {}
        for name, took in stages.items():
            spans = {"median": took.median, "p90": took.p90}
            times[f"{name}_count"] = took.count
            times |= {f"{name}_{kind}_s": plain(span) for kind, span in spans.items()}
        yield _conversion("all", "", cohort.period, cohort.total) | _wins(cohort.wins) | times
    for dimension, groups in told.groups.items():
        for group in groups:
            yield _conversion(dimension.value, group.value, "", group.total) | _wins(group.wins)
            for cohort, counted, wins in zip(told.cohorts, group.cohorts, group.cohort_wins, strict=True):
                yield _conversion(dimension.value, group.value, cohort.period, counted) | _wins(wins)
    for loss in told.losses:
        for reason, count in loss.reasons:
            yield {"by": "lost_reason", "value": loss.channel, "reason": reason.key, "disqualified": count}


def _conversion(by: str, value: str, month: str, counted: Conversion) -> Row:
    return {"by": by, "value": value, "month": month} | _counts(counted)


def _counts(counted: Conversion) -> Row:
    counts: Row = {"received": counted.received, "decided": counted.decided, "qualified": counted.qualified}
    return counts | _estimate("rate", counted.rate)


def _wins(wins: Wins) -> Row:
    counts: Row = {"won": wins.won, "lost": wins.lost, "won_amount": wins.amount}
    return counts | _estimate("win_rate", wins.rate)


def _scoring_rows(told: ScoringCheck) -> Iterator[Row]:
    """The whole with the AUC, the bands, the thresholds and the values, told apart by `kind`."""
    counts = {"received": told.received, "decided": told.decided, "qualified": told.qualified}
    yield {"kind": "all", "name": "", "value": ""} | counts | _estimate("auc", told.auc)
    for band in told.bands:
        yield {"kind": "band", "value": f"{band.low}-{band.high}"} | _counts(band.conversion)
    for other in told.thresholds:
        yield {"kind": "threshold", "value": other.score, "unseen": other.unseen, "missed": other.missed}
    for factor in told.factors:
        judged = _estimate("lift", factor.lift) | {"verdict": factor.verdict.value}
        which = {"kind": factor.aspect.value, "name": factor.name, "value": factor.value}
        yield which | _counts(factor.conversion) | judged


def _estimate(name: str, found: Estimate | None) -> Row:
    """Empty cells where there is not enough data."""
    told = (found.value, found.interval.low, found.interval.high) if found else ("", "", "")
    return dict(zip((name, f"{name}_low", f"{name}_high"), told, strict=True))
