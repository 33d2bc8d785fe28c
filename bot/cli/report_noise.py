"""`report noise`: what the bot's messages led to, for a terminal or for a program."""

from __future__ import annotations

import csv
import json
import sys

import typer

from bot.cli import startup
from bot.cli.config import choose_workspace
from bot.cli.report_common import plain
from bot.cli.report_monthly import BYTE_ORDER_MARK, TableFormat
from bot.core.base import wall_clock
from bot.core.reports import noise as noises
from bot.core.reports.noise import NoiseReport, Share
from bot.i18n import Translator
from bot.slack.blocks import noise as noise_blocks

COLUMNS = ("kind", "sent", "acted", "rate", "rate_low", "rate_high", "proposed", "muted")


def noise(form: TableFormat, workspace_id: str | None) -> None:
    """Print what the messages of the last 90 days led to, by kind."""
    settings = startup.settings()
    with startup.in_one_line(settings):
        database = startup.open_database(settings.database_url)
        startup.require_current(database)
        workspace = choose_workspace(database, workspace_id)
        with database.snapshot() as tx:
            told = noises.report(tx, workspace, wall_clock.utcnow())
        database.close()
    if form == TableFormat.TEXT:
        typer.echo(noise_blocks.text(told, Translator(workspace.locale, workspace.timezone)), nl=False)
    elif form == TableFormat.JSON:
        figures = plain(told) | {"shares": [_row(one, told) for one in told.shares]}
        typer.echo(json.dumps(figures, ensure_ascii=False, indent=2))
    else:
        sys.stdout.write(BYTE_ORDER_MARK)
        writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(_row(one, told) for one in told.shares)


def _row(share: Share, told: NoiseReport) -> dict[str, str | int | float | bool | None]:
    """Nothing in the place of a share of which there is not enough data."""
    rate, interval = (share.rate.value, share.rate.interval) if share.rate else (None, (None, None))
    return {
        "kind": share.kind.value,
        "sent": share.sent,
        "acted": share.acted,
        "rate": rate,
        "rate_low": interval[0],
        "rate_high": interval[1],
        "proposed": share in told.proposed,
        "muted": share.kind in {one.kind for one in told.muted},
    }
