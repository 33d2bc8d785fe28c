"""`import crm-emails`: the e-mails of a connected tool of marketing, by week, for the digest."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import typer

from bot.cli.base import startup
from bot.cli.base.author import author
from bot.cli.base.connections import opened, refuse
from bot.cli.crm import commands as crm
from bot.connectors.crm.connecting import connector_of
from bot.connectors.crm.contract import CrmError, EmailFigures, Sends
from bot.core.base import audit, period_words, wall_clock
from bot.core.crm.taking import NAMES
from bot.core.reports import nurturing_delivery
from bot.core.reports.nurturing_delivery import WeekSupplied
from bot.core.reports.weekly import week_of
from storage.vocabulary import AuditKind, CrmKind

FIGURES = ("sent", "opened", "clicked")
A_WEEK = timedelta(days=7)


def emails(kind: CrmKind, weeks: int, workspace_id: str | None, *, dry_run: bool) -> None:
    """Fetch the last whole weeks and store what is new. Exit code 1 where the tool does not give them, 2 for one that
    has none."""
    t = startup.translator()
    with opened(workspace_id) as (open_, settings, vault):
        connection = crm.find(open_, kind)
        with open_.database.snapshot() as tx:
            connector, _ = connector_of(tx, vault, connection, settings.outbound_allowed_hosts)
        if not isinstance(connector, Sends):
            refuse(t, "crm_emails.none", crm=NAMES[kind])
        now, zone = wall_clock.utcnow(), ZoneInfo(open_.workspace.timezone)
        this_week = week_of(period_words.iso_week(wall_clock.day_in(open_.workspace.timezone, now)))
        first = this_week - weeks * A_WEEK
        since, until = (datetime.combine(day, datetime.min.time(), zone) for day in (first, this_week))
        try:
            supplied = _by_week(connector.emails(since, until, time.sleep), since, weeks, zone)
        except CrmError as error:
            crm.fail(t, kind, error)
        for week in supplied:
            figures = {name: t.number(number or 0) for name, number in week.figures.items()}
            typer.echo(t("hubspot_emails.week", week=week.week, **figures))
        if dry_run:
            typer.echo(t("import.dry_run"))
            return
        with open_.database.transaction() as tx:
            stored = nurturing_delivery.store(tx, open_.workspace.id, supplied, now, file=NAMES[kind])
            about = {"what": "figures", "stored": stored}
            audit.record(tx, open_.workspace.id, AuditKind.IMPORT, author(), now, NAMES[kind], after=about)
    typer.echo(t("import.figures_done", count=stored))
    if left := len(supplied) - stored:
        typer.echo(t("import.figures_unchanged", count=left))


def _by_week(figures: Iterable[EmailFigures], since: datetime, weeks: int, zone: ZoneInfo) -> list[WeekSupplied]:
    """Add figures up to the weeks of the workspace; a week without an e-mail is 0."""
    periods = [period_words.iso_week(since.date() + number * A_WEEK) for number in range(weeks)]
    sums = {period: dict.fromkeys(FIGURES, 0) for period in periods}
    for each in figures:
        of_week = sums.get(period_words.iso_week(each.at.astimezone(zone).date()), {})
        for name in of_week:
            of_week[name] += int(getattr(each, name))
    return [WeekSupplied(week, "", figures) for week, figures in sums.items()]
