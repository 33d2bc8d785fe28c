"""`simulate`: the past under another policy, beside what happened. The database is only read."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import NoReturn

import typer

from bot.cli import comparison, startup
from bot.cli.comparison import Comparison
from bot.cli.config import refusing, text_of
from bot.cli.report_common import plain
from bot.cli.startup import CannotStart
from bot.cli.terminal import USAGE
from bot.cli.workspace import open_workspace
from bot.core import teamfile, whatif
from bot.core.base import wall_clock
from bot.core.reports.weekly import YEARS
from bot.core.teamfile import TeamFile
from bot.core.whatif import Past, Period, Simulated
from storage.models import Workspace
from storage.scratch import scratch


def simulate(policy: Path, first: str, last: str, workspace_id: str | None, *, csv: Path | None, as_json: bool) -> None:
    """Print how the MQLs of some days fared and how they would have. Exit code 1: the file was refused, or there is
    nothing to look at; 2: the days or the options cannot be used."""
    settings = startup.settings()
    _check(csv, as_json=as_json)
    with startup.in_one_line(settings):
        past, wanted = _read(policy, (first, last), workspace_id)
        simulated = _replayed(past, wanted)
        _show(Comparison.of(past, simulated, wanted), csv, as_json)


def _read(file: Path, days: tuple[str, str], workspace_id: str | None) -> tuple[Past, TeamFile]:
    """Return what happened, and the team file under which it is to happen again."""
    text = text_of(file)
    with refusing(file), open_workspace(workspace_id or teamfile.workspace_of(text)) as opened:
        workspace = opened.workspace
        period = _period(*days, workspace)
        with opened.database.snapshot() as tx:
            current = teamfile.current(tx, workspace.id)
            if current is None:
                raise LookupError(workspace.id)
            wanted = teamfile.draft(text, current)
            past = whatif.read(tx, workspace, period)
    if not past.happened.received:
        raise CannotStart("simulate.nothing", first=period.first, last=period.last)
    return past, wanted


def _check(csv: Path | None, *, as_json: bool) -> None:
    """Before minutes have gone: whether there will be a place for the result."""
    if csv is not None and as_json:
        _refuse("simulate.csv_or_json")
    if csv is not None and (csv.is_dir() or not os.access(csv if csv.exists() else csv.absolute().parent, os.W_OK)):
        _refuse("simulate.no_csv", file=csv)


def _period(first: str, last: str, workspace: Workspace) -> Period:
    now = wall_clock.utcnow()
    begins, ends = (_day(option, given) for option, given in (("--from", first), ("--to", last)))
    if ends < begins:
        _refuse("simulate.backwards", first=begins, last=ends)
    today = wall_clock.day_in(workspace.timezone, now)
    if ends > today:
        _refuse("simulate.future", last=ends, today=today)
    return Period.of(begins, ends, workspace.timezone, now)


def _day(option: str, given: str) -> date:
    try:
        day = date.fromisoformat(given)
    except ValueError:
        _refuse("simulate.not_a_day", option=option, given=given)
    if day.year not in YEARS:
        _refuse("simulate.not_a_day", option=option, given=given)
    return day


def _refuse(key: str, **values: object) -> NoReturn:
    typer.echo(startup.translator()(key, **values), err=True)
    raise typer.Exit(USAGE)


def _replayed(past: Past, wanted: TeamFile) -> Simulated:
    label = startup.translator()("simulate.working", count=past.happened.received)
    watched = typer.progressbar(length=len(past.moments), label=label, file=sys.stderr)
    with watched as progress, scratch() as private, private.transaction() as tx:
        return whatif.replay(tx, past, wanted, progress.update)


def _show(result: Comparison, csv: Path | None, as_json: bool) -> None:
    t = result.translator
    if as_json:
        typer.echo(json.dumps(plain(comparison.as_values(result)), ensure_ascii=False, indent=2))
        return
    typer.echo(comparison.as_text(result, t), nl=False)
    if csv is not None:
        try:
            csv.write_text(comparison.as_csv(result, t), encoding="utf-8-sig", newline="")
        except OSError as error:
            raise CannotStart("simulate.no_csv", file=csv) from error
        typer.echo("\n" + t("simulate.written", file=csv))
