"""`erase`: what names a person goes, because they ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import sqlalchemy as sa
import typer

from bot.cli.base import startup
from bot.cli.base.author import author
from bot.cli.base.terminal import USAGE, confirmed
from bot.cli.base.workspace import open_workspace
from bot.core.base import team, wall_clock
from bot.core.mql import erasure
from bot.core.mql.erasure import Mentions, OfPerson, Request
from bot.i18n import Translator
from storage import erasure_list, members
from storage.database import Database
from storage.erasure_list import ErasedMql
from storage.models import Mql, Workspace
from storage.vocabulary import Source


def erase(request: Request, workspace_id: str | None, *, yes: bool) -> None:
    """Say in numbers what would be erased, ask, erase, and report. Exit code 2 where nobody is named, or nobody is
    there to answer."""
    t = startup.translator()
    if not request.names and not request.numbers:
        typer.echo(t("erase.short_phone" if request.phone else "erase.needs_who"), err=True)
        raise typer.Exit(USAGE)
    with open_workspace(workspace_id) as opened:
        database, workspace = opened.database, opened.workspace
        with database.transaction() as tx:
            would = _rehearsed(tx, workspace, request)
            mentioned = erasure.mentioned(tx, workspace.id, request)
        if would.mqls or would.intake or would.receipts:
            _say(t, "erase.would", workspace, _numbers(t, would))
            if yes or confirmed(t, "erase.ask"):
                _erase(t, database, workspace, request)
            else:
                typer.echo(t("config.not_applied"))
        else:
            typer.echo(t("erase.nothing", name=workspace.name))
        _say_where_else(t, mentioned)


def _erase(t: Translator, database: Database, workspace: Workspace, request: Request) -> None:
    # Noted first: a list that names too many harms nobody who asked, and one that lacks somebody would bring them back.
    with database.snapshot() as tx:
        subjects, addresses = erasure.meant(tx, workspace.id, request)
    noted = [ErasedMql(workspace.id, subject.number, subject.received_at, request.with_company) for subject in subjects]
    erasure_list.add(database, workspace.id, addresses, noted)
    with database.transaction() as tx:
        done = erasure.erase_person(tx, workspace.id, request, wall_clock.utcnow(), author=author())
        names = team.names(members.roster(tx, workspace.id))
    emptied = database.empty_log()
    left = [*_left_to_do(t, done, names), *_replaced_files(t, database)]
    _say(t, "erase.done", workspace, [*_numbers(t, done), *left])
    if not emptied:
        typer.echo(t("erase.log_in_use"))


def _say_where_else(t: Translator, mentions: Mentions) -> None:
    """Name what only people can erase: what others wrote, and what the bot does not read."""
    if mentions.mqls:
        typer.echo(t("erase.mentioned", numbers=_listed(t, mentions.mqls)))
    for where in sorted({text.where for text in mentions.texts}):
        numbers = t.listed([t.number(text.number) for text in mentions.texts if text.where == where])
        typer.echo(t(f"erase.in_{where}s", numbers=numbers))


def _rehearsed(tx: sa.Connection, workspace: Workspace, request: Request) -> OfPerson:
    """Return what erasing comes to: done, counted, and undone."""
    savepoint = tx.begin_nested()
    would = erasure.erase_person(tx, workspace.id, request, wall_clock.utcnow())
    savepoint.rollback()
    return would


def _say(t: Translator, key: str, workspace: Workspace, lines: Iterable[str]) -> None:
    typer.echo(t(key, name=workspace.name))
    for line in lines:
        typer.echo(f"  {line}")


def _numbers(t: Translator, of: OfPerson) -> list[str]:
    counts = [erased.counts for erased in of.mqls]
    open_ones = [erased.mql for erased in of.mqls if erased.withdrawn]
    lines = (
        [t("erase.mqls", count=len(of.mqls), numbers=_listed(t, [erased.mql for erased in of.mqls]))] if of.mqls else []
    )
    if open_ones:
        lines.append(t("erase.open", count=len(open_ones), numbers=_listed(t, open_ones)))
    lines.append(
        t(
            "erase.rows",
            fields=sum(erased.fields for erased in counts),
            events=sum(erased.events for erased in counts),
            feedback=sum(erased.feedback for erased in counts),
            intake=of.intake + sum(erased.intake for erased in counts),
            receipts=of.receipts,
        )
    )
    return [*lines, t("erase.messages", count=sum(erased.messages for erased in of.mqls))]


def _left_to_do(t: Translator, of: OfPerson, names: dict[str, str]) -> list[str]:
    """Return what only people can do now."""
    lines = []
    for erased in of.mqls:
        owner = erased.mql.owner
        if erased.withdrawn and owner is not None:
            lines.append(t("erase.tell", number=erased.mql.number, rep=names.get(owner, owner)))
    posted = [erased.mql for erased in of.mqls if erased.mql.source == Source.NOTIFICATION or erased.counts.intake]
    if posted:
        lines.append(t("erase.intake_channel", numbers=_listed(t, posted)))
    return [*lines, t("erase.backups")]


def _replaced_files(t: Translator, database: Database) -> list[str]:
    """Name the databases that restores have left beside this one: they hold what was erased since."""
    place = Path(str(database.url.database)) if database.is_sqlite else None
    files = sorted(str(file) for file in place.parent.glob(f"{place.name}.before-*")) if place else []
    return [t("erase.replaced_files", files=t.listed(files))] if files else []


def _listed(t: Translator, subjects: Sequence[Mql]) -> str:
    return t.listed([f"#{subject.number}" for subject in subjects])
