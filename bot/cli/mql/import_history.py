"""`import history`: what became of leads before the bot was there, from a table of another system."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
import typer

from bot.cli.base import startup, tables
from bot.cli.base.author import author
from bot.cli.base.choices import TableFormat
from bot.cli.base.report_common import plain, print_report
from bot.cli.base.tables import LISTED, ProgressLine, Reading
from bot.cli.base.terminal import REFUSED, USAGE, confirmed
from bot.cli.base.workspace import open_workspace
from bot.connectors.tables import known_team
from bot.connectors.tables.columns import OF_PAST, Column
from bot.connectors.tables.history_file import Checked, GoodRows, HistoryFile, bad_rows_beside
from bot.connectors.tables.outcomes import Outcome
from bot.connectors.tables.past_rows import folded
from bot.connectors.tables.survey import Survey
from bot.core.base import audit, wall_clock
from bot.core.mql import history as core
from bot.core.mql.history import NotUndoable, StillUsed
from bot.i18n import Translator
from bot.slack.people.directory import SlackDirectory
from bot.slack.web_api.gateway import Gateway, SlackFailure
from storage import imports, members
from storage.models import ImportRun, Workspace
from storage.vocabulary import AuditKind

RUNS = 20
COLUMNS = ("id", "started_at", "finished_at", "kind", "state", "file", "added", "changed")


def history(
    file: Path,
    columns: Sequence[str],
    values: Sequence[str],
    owners: Sequence[str],
    reading: Reading,
    workspace_id: str | None,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """Say how a table is read and what it comes to, ask, and write it down. Exit code 1 where rows cannot be imported,
    2 where nobody answers or it cannot be read."""
    t = startup.translator()
    reading = replace(reading, columns=tables.pairs(columns, "--column", t))
    words, named = _words(tables.pairs(values, "--value", t), t), tables.pairs(owners, "--owner", t)
    table, proposal = tables.opened(file, reading, OF_PAST, t)
    surveyed, order = tables.surveyed(table, proposal, reading, t)
    tables.say_how(table, proposal, surveyed, order, t)
    if not proposal.places.get(Column.RECEIVED):
        typer.echo(t("import.needs_received"), err=True)
        raise typer.Exit(REFUSED)
    with open_workspace(workspace_id) as opened:
        with opened.database.snapshot() as tx:
            known = _owners(tx, opened.workspace.id, surveyed, named)
            team = known_team.team(tx, opened.workspace, known, order, wall_clock.utcnow(), words)
        past = HistoryFile(table, proposal, team, opened.database, opened.workspace)
        place = reading.bad_rows or bad_rows_beside(file)
        with GoodRows() as good:
            with tables.bad_rows(place, table.columns, t) as bad:
                checked = past.check(lambda wrong: bad.add(wrong.row, wrong.problem), good)
            _say_counts(checked, place, Translator(t.locale, opened.workspace.timezone))
            if _agreed(past, checked, t, yes=yes, dry_run=dry_run):
                with opened.database.transaction() as tx:
                    who, now, about = author(), wall_clock.utcnow(), {"what": "history", "new": checked.news}
                    audit.record(tx, opened.workspace.id, AuditKind.IMPORT, who, now, file.name, after=about)
                _store(past, checked, good, t)
    if checked.bad:
        raise typer.Exit(REFUSED)


def _words(given: Mapping[str, str], t: Translator) -> dict[str, Outcome]:
    known = {outcome.name.lower(): outcome for outcome in Outcome}
    for word in given.values():
        if word.lower() not in known:
            typer.echo(t("import.no_such_outcome", given=word, words=", ".join(known)), err=True)
            raise typer.Exit(USAGE)
    return {folded(word): known[outcome.lower()] for word, outcome in given.items()}


def _owners(tx: sa.Connection, workspace_id: str, surveyed: Survey, given: Mapping[str, str]) -> dict[str, str]:
    """Return who the owners of a table are: as was said, as the roster knows them, or by the e-mail address of their
    Slack profile."""
    owners = known_team.owners(tx, workspace_id) | {folded(name): user_id for name, user_id in given.items()}
    addresses = [name for name in surveyed.owners if "@" in name and folded(name) not in owners]
    return owners | _by_address(addresses, {member.user_id for member in members.roster(tx, workspace_id)})


def _by_address(addresses: Sequence[str], roster: Collection[str]) -> dict[str, str]:
    settings = startup.settings()
    if settings.slack_bot_token is None:
        return {}
    directory = SlackDirectory(Gateway(settings.slack_bot_token.get_secret_value(), settings.slack_api_url))
    try:
        accounts = {folded(address): directory.user_by_email(address) for address in addresses}
    except SlackFailure:
        return {}  # then they are nobody's, and the preview names them
    return {address: account.id for address, account in accounts.items() if account and account.id in roster}


def _say_counts(checked: Checked, place: Path, t: Translator) -> None:
    if checked.first and checked.last:
        first, last = (t.full_date(t.local_date(moment)) for moment in (checked.first, checked.last))
        typer.echo(t("import.period", first=first, last=last))
    counts = {
        name: getattr(checked, name) for name in ("added", "changed", "unchanged", "live", "touched", "others", "bad")
    }
    for name, count in counts.items():
        if count or name == "added":
            typer.echo("  " + t(f"import.count.{name}", count=count, shown=t.number(count), file=place))
    notes = checked.notes
    for name in ("outcomes_without_day", "wins_without_amount"):
        if count := getattr(notes, name):
            typer.echo("  " + t(f"import.note.{name}", count=count, shown=t.number(count)))
    for name in ("other_reasons", "unknown_owners"):
        if known := getattr(notes, name):
            typer.echo("  " + t(f"import.note.{name}", names=_most(known, t)))
    if checked.words:
        typer.echo("  " + t("import.note.unknown_words", names=_most(checked.words, t)))


def _most(counts: Mapping[str, int], t: Translator) -> str:
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    words = [
        t("import.name_and_count", name=name[:60] or t("import.not_named"), count=t.number(count))
        for name, count in ranked
    ]
    return t.listed([*words[:LISTED], *(["…"] if len(words) > LISTED else [])])


def _agreed(past: HistoryFile, checked: Checked, t: Translator, *, yes: bool, dry_run: bool) -> bool:
    going_on = past.going_on()
    if going_on is not None:
        typer.echo(t("import.goes_on", row=t.number(going_on)))
    if dry_run:
        typer.echo(t("import.dry_run"))
        return False
    if not checked.news and going_on is None:
        typer.echo(t("import.nothing"))
        return False
    agreed = yes or confirmed(t, "import.ask")
    if not agreed:
        typer.echo(t("config.not_applied"))
    return agreed


def _store(past: HistoryFile, checked: Checked, good: GoodRows, t: Translator) -> None:
    line = ProgressLine(t, checked.rows)
    progress = None
    for progress in past.store(good, wall_clock.utcnow):
        line.show(progress.position)
    line.end()
    if progress is not None:
        counts = {"added": t.number(progress.added), "changed": t.number(progress.changed)}
        typer.echo(t("import.history_done", number=progress.import_id, **counts))


def undo(import_id: int, workspace_id: str | None, *, yes: bool) -> None:
    """Take an import of history back. Exit code 1 where something hangs on it, 2 where there is no such import."""
    t = startup.translator()
    with open_workspace(workspace_id) as opened:
        if not yes and not confirmed(t, "import.ask_undo"):
            typer.echo(t("config.not_applied"))
            return
        try:
            with opened.database.transaction() as tx:
                now = wall_clock.utcnow()
                done = core.undo(tx, opened.workspace, import_id, now)
                audit.record(tx, opened.workspace.id, AuditKind.IMPORT_UNDONE, author(), now, str(import_id))
        except NotUndoable as error:
            typer.echo(t("import.not_undoable", number=import_id), err=True)
            raise typer.Exit(USAGE) from error
        except StillUsed as error:
            numbers = t.listed([f"#{number}" for number in error.numbers])
            typer.echo(t("import.still_used", number=import_id, numbers=numbers), err=True)
            raise typer.Exit(REFUSED) from error
    counts = {"dropped": t.number(done.dropped), "put_back": t.number(done.put_back)}
    typer.echo(t("import.undone", number=import_id, **counts))


def runs(form: TableFormat, workspace_id: str | None) -> None:
    """List the last imports."""
    t = startup.translator()
    with open_workspace(workspace_id) as opened:
        with opened.database.snapshot() as tx:
            newest = imports.newest(tx, opened.workspace.id, RUNS)[::-1]
        lines = [_line(run, opened.workspace, t) for run in newest] or [t("import.no_runs")]
        values = [plain(run.model_dump(include=set(COLUMNS))) for run in newest]
        print_report(form, values, lambda: values, lambda: "\n".join(lines) + "\n", COLUMNS)


def _line(run: ImportRun, workspace: Workspace, t: Translator) -> str:
    at = Translator(t.locale, workspace.timezone).moment(run.started_at)
    kind, state = t(f"import.kind.{run.kind}"), t(f"import.state.{run.state}")
    counts = {"added": t.number(run.added), "changed": t.number(run.changed)}
    return t("import.run", number=run.id, at=at, file=run.file, kind=kind, state=state, **counts)
