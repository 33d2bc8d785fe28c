"""`erase`: what names a person goes, because they ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
import typer

from bot.cli import startup
from bot.cli.config import USAGE, confirmed
from bot.cli.workspace import open_workspace
from bot.core.base import team, wall_clock
from bot.core.mql import erasure
from bot.core.mql.erasure import OfPerson, Request
from bot.i18n import Translator
from storage import members
from storage.models import Mql, Workspace
from storage.vocabulary import Source


def erase(request: Request, workspace_id: str | None, *, yes: bool) -> None:
    """Say in numbers what would be erased, ask, erase, and report. Exit code 2 where nobody is named, or nobody is
    there to answer."""
    t = startup.translator()
    if not request.address and not request.numbers:
        typer.echo(t("erase.needs_who"), err=True)
        raise typer.Exit(USAGE)
    with open_workspace(workspace_id) as opened:
        database, workspace = opened.database, opened.workspace
        with database.transaction() as tx:
            would = _rehearsed(tx, workspace, request)
            mentioned = erasure.mentioned(tx, workspace.id, request)
        if would.mqls or would.intake or would.receipts:
            _say(t, "erase.would", workspace, _numbers(t, would))
            if yes or confirmed(t, "erase.ask"):
                with database.transaction() as tx:
                    done = erasure.erase_person(tx, workspace.id, request, wall_clock.utcnow())
                    names = team.names(members.roster(tx, workspace.id))
                _say(t, "erase.done", workspace, [*_numbers(t, done), *_left_to_do(t, done, names)])
            else:
                typer.echo(t("config.not_applied"))
        else:
            typer.echo(t("erase.nothing", name=workspace.name))
        if mentioned:
            typer.echo(t("erase.mentioned", numbers=_listed(t, mentioned)))


def _rehearsed(tx: sa.Connection, workspace: Workspace, request: Request) -> OfPerson:
    """What erasing comes to: done, counted, and undone."""
    savepoint = tx.begin_nested()
    would = erasure.erase_person(tx, workspace.id, request, wall_clock.utcnow())
    savepoint.rollback()
    return would


def _say(t: Translator, key: str, workspace: Workspace, told: Iterable[str]) -> None:
    typer.echo(t(key, name=workspace.name))
    for line in told:
        typer.echo(f"  {line}")


def _numbers(t: Translator, of: OfPerson) -> list[str]:
    counts = [one.counts for one in of.mqls]
    open_ones = [one.mql for one in of.mqls if one.withdrawn]
    told = [t("erase.mqls", count=len(of.mqls), numbers=_listed(t, [one.mql for one in of.mqls]))] if of.mqls else []
    if open_ones:
        told.append(t("erase.open", count=len(open_ones), numbers=_listed(t, open_ones)))
    told.append(
        t(
            "erase.rows",
            fields=sum(one.fields for one in counts),
            events=sum(one.events for one in counts),
            feedback=sum(one.feedback for one in counts),
            intake=of.intake + sum(one.intake for one in counts),
            receipts=of.receipts,
        )
    )
    return [*told, t("erase.messages", count=sum(one.messages for one in of.mqls))]


def _left_to_do(t: Translator, of: OfPerson, names: dict[str, str]) -> list[str]:
    """What only people can do now."""
    told = []
    for one in of.mqls:
        owner = one.mql.owner
        if one.withdrawn and owner is not None:
            told.append(t("erase.tell", number=one.mql.number, rep=names.get(owner, owner)))
    posted = [one.mql for one in of.mqls if one.mql.source == Source.NOTIFICATION or one.counts.intake]
    if posted:
        told.append(t("erase.intake_channel", numbers=_listed(t, posted)))
    return [*told, t("erase.backups")]


def _listed(t: Translator, subjects: Sequence[Mql]) -> str:
    return t.listed([f"#{subject.number}" for subject in subjects])
