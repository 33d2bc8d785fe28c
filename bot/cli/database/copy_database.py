"""`copy-database`: everything from one database into another, and the proof that it arrived."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import sqlalchemy as sa
import typer

from bot.cli.base import startup
from bot.cli.base.author import author
from bot.cli.base.startup import CannotStart, name_of
from bot.core.base import audit, wall_clock
from bot.i18n import Translator
from bot.settings import database_address
from bot.system_errors import reason_of
from storage import copying, migrate, workspaces
from storage.database import Database
from storage.fingerprints import Fingerprint, Unreadable, fingerprints
from storage.vocabulary import AuditKind

Words = dict[str, object]


def copy_database(from_address: str, to_address: str) -> None:
    """Copy, compare, and say so table by table. Killed at any moment, the same command goes on."""
    with startup.in_one_line(), ExitStack() as until_done:
        source, target = _open(from_address, "FROM"), _open(to_address, "TO")
        until_done.callback(source.close)
        until_done.callback(target.close)
        if name_of(source) == name_of(target):
            raise CannotStart("copy.same")
        words: Words = {"source": name_of(source), "target": name_of(target)}
        try:
            for database in (source, target):
                until_done.enter_context(startup.have_alone(database))
            _require_current(source)
            seen = fingerprints(source)
            _copy(source, target, seen, words)
        except sa.exc.DBAPIError as error:
            raise CannotStart("copy.stopped", reason=reason_of(startup.translator(), error)) from error
        except Unreadable as error:
            raise CannotStart("copy.unreadable", table=error, **words) from error
        t = startup.translator()
        rows = t.number(sum(digest.rows for digest in seen.values()))
        typer.echo(t("copy.done", rows=rows, tables=len(seen), **words))


def _open(address: str, which: str) -> Database:
    try:
        url = database_address(address)
    except ValueError as error:
        raise CannotStart("copy.address", which=which) from error
    parsed = sa.make_url(url)
    if which == "FROM" and parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).is_file():
        raise CannotStart("copy.no_such_file", file=parsed.database)
    return startup.open_database(url, create=which == "TO")


def _require_current(source: Database) -> None:
    missing = startup.pending(source)
    if missing:
        raise CannotStart("copy.behind", source=name_of(source), count=len(missing))


def _tell(t: Translator, table: str, rows: int) -> None:
    typer.echo(t("copy.table", table=table, count=rows, rows=t.number(rows)))


def _record(tx: sa.Connection, source: str) -> None:
    for workspace in workspaces.every(tx):
        audit.record(tx, workspace.id, AuditKind.COPY, author(), wall_clock.utcnow(), source)


def _copy(source: Database, target: Database, seen: dict[str, Fingerprint], words: Words) -> None:
    t = startup.translator()
    try:
        start = copying.prepare(name_of(source), seen, target)
        typer.echo(t(f"copy.{start}", **words))
        if start == copying.Start.IS_DONE:
            return
        copying.copy(source, target, lambda table, rows: _tell(t, table, rows))
        typer.echo(t("copy.compares"))
        copying.verify(source, target, seen)
        copying.finish(target, lambda tx: _record(tx, name_of(source)))
    except copying.NotEmpty as error:
        raise CannotStart("copy.not_empty", table=error, **words) from error
    except copying.OtherSource as error:
        raise CannotStart("copy.other_source", other=error, **words) from error
    except migrate.AheadOfCode as error:
        raise CannotStart("start.ahead", revision=error) from error
    except migrate.BeforeFirstRelease as error:
        raise CannotStart("start.before_release", place=words["target"], lacking=error) from error
    except copying.RowRefused as error:
        given = {"table": error.table, "row": error.key, "reason": error.reason}
        raise CannotStart("copy.row_refused", **given, **words) from error
    except copying.SourceChanged as error:
        raise CannotStart("copy.source_changed", table=error, **words) from error
    except copying.CopyDiffers as error:
        raise CannotStart("copy.differs", table=error, **words) from error
