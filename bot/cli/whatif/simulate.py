"""`simulate`: the past under another policy, beside what happened. The database is only read."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import NoReturn

import typer

from bot.cli.base import spreadsheet, startup
from bot.cli.base.choices import TableFormat
from bot.cli.base.report_columns import BYTE_ORDER_MARK
from bot.cli.base.report_common import echo_json
from bot.cli.base.startup import CannotStart
from bot.cli.base.terminal import USAGE
from bot.cli.base.workspace import open_workspace
from bot.cli.teamfile.config import refusing, text_of
from bot.cli.whatif import comparison
from bot.cli.whatif.comparison import Comparison
from bot.core import teamfile, whatif
from bot.core.base import wall_clock
from bot.core.reports.weekly import YEARS
from bot.core.teamfile import TeamFile
from bot.core.whatif import Past, Period, Simulated
from bot.settings import Settings
from storage.memory import Memory
from storage.models import Workspace


def simulate(policy: Path, first: str, last: str, form: TableFormat, workspace_id: str | None) -> None:
    """Print how the MQLs of some days fared and how they would have. Exit code 1: the file was refused, or there is
    nothing to look at; 2: the days cannot be used."""
    settings = startup.settings()
    with startup.in_one_line(settings):
        past, wanted = _read(settings, policy, (first, last), workspace_id)
        simulated = _replayed(past, wanted)
        _show(Comparison.of(past, simulated, wanted), form)


def _read(settings: Settings, file: Path, days: tuple[str, str], workspace_id: str | None) -> tuple[Past, TeamFile]:
    """Return what happened, and the team file under which it is to happen again."""
    text = text_of(file)
    with refusing(file), open_workspace(workspace_id or teamfile.workspace_of(text), given=settings) as opened:
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
    with watched as progress:
        return whatif.replay(Memory(), past, wanted, progress.update)


def _show(result: Comparison, form: TableFormat) -> None:
    t = result.translator
    if form == TableFormat.JSON:
        echo_json(comparison.as_values(result))
    elif form == TableFormat.CSV:
        sys.stdout.write(BYTE_ORDER_MARK)
        spreadsheet.write(sys.stdout, comparison.as_lines(result, t), ends="\n")
    else:
        typer.echo(comparison.as_text(result, t), nl=False)
