"""`report weekly --picture DIR`: the charts of the last twelve weeks as PNG files."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
import typer

from bot.cli.base import startup
from bot.core.reports import trend
from bot.core.reports.trend import Trend
from bot.i18n import Translator
from storage.models import Workspace

INSTALL = f"{sys.executable} -m pip install matplotlib matplotlib-fontja"


def read(tx: sa.Connection, workspace: Workspace, period: str, now: datetime) -> Trend:
    """Return what the pictures of a week show. Raises ValueError if `period` is no ISO week."""
    return trend.look_back(tx, workspace, period, now)


def write(report: Trend, folder: Path, t: Translator) -> None:
    """Write them into a folder, and say of each what it shows. Exit code 1, in one line, where that cannot be."""
    say = startup.translator()
    try:
        # Not before somebody wants them: they cost most of a second, and need not be installed.
        from bot.pictures.charts import pictures  # noqa: PLC0415
        from bot.pictures.fonts import NoFont  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        raise _stop(say("picture.not_installed", command=INSTALL)) from missing
    try:
        drawn = pictures(report, t)
        folder.mkdir(parents=True, exist_ok=True)
        for picture in drawn:
            path = folder / f"{report.period}-{picture.name}-{t.locale}.png"
            path.write_bytes(picture.png)
            typer.echo(say("picture.written", path=path, alt=picture.alt))
    except NoFont as lacking:
        raise _stop(say("picture.no_font", lacks=str(lacking))) from lacking
    except OSError as refused:
        raise _stop(say("picture.no_folder", path=folder)) from refused
    if not drawn:
        typer.echo(say("picture.nothing"))


def _stop(sentence: str) -> typer.Exit:
    typer.echo(sentence, err=True)
    return typer.Exit(1)
