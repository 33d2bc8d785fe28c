"""`report noise`: what the bot's messages led to, for a terminal or for a program."""

from __future__ import annotations

from bot.cli.base.choices import TableFormat
from bot.cli.base.report_columns import Row, columns
from bot.cli.base.report_common import plain, print_report
from bot.cli.base.workspace import open_workspace
from bot.core.base import wall_clock
from bot.core.reports import noise as noises
from bot.core.reports.noise import NoiseReport, Share
from bot.slack.blocks.reports import noise as noise_blocks
from storage.vocabulary import MessageKind

HEADER = ("kind", *columns(Share(MessageKind.REMINDER, 0, 0)), "proposed", "muted")


def noise(form: TableFormat, workspace_id: str | None) -> None:
    """Print what the messages of the last 90 days led to, by kind."""
    with open_workspace(workspace_id) as opened, opened.database.snapshot() as tx:
        report = noises.report(tx, opened.workspace, wall_clock.utcnow())
    rows = noise_rows(report)
    print_report(
        form,
        plain(report) | {"shares": rows},
        lambda: rows,
        lambda: noise_blocks.text(report, opened.translator),
        HEADER,
    )


def noise_rows(report: NoiseReport) -> list[Row]:
    """Return a row for each kind of message; nothing in the place of a share of which there is not enough data."""
    muted = {mute.kind for mute in report.muted}
    return [
        {"kind": share.kind.value, **columns(share), "proposed": share in report.proposed, "muted": share.kind in muted}
        for share in report.shares
    ]
