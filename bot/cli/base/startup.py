"""What can be in the way of a start, named in one line with the cure instead of a traceback."""

from __future__ import annotations

import errno
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
import typer

from bot import without_rich  # noqa: F401 - before all that imports structlog
from bot.cli.base import beside
from bot.i18n import Translator
from bot.machine_language import machine_locale
from bot.settings import Settings, SettingsError, load
from bot.slack.identity import OtherTeam
from bot.slack.web_api.gateway import Denied, SlackFailure
from bot.system_errors import code_of, reason_of
from storage import copying, migrate, process_lock, trouble
from storage.database import Database
from storage.trouble import Trouble

# What our gateway calls the ways in which a call does not get through.
ON_THE_WAY = ("connection_lost", "connection_refused", "dns", "not_slack", "timeout", "tls", "unreachable")
BAD_TOKEN = {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}


class CannotStart(Exception):
    """Something is in the way. `key` names the sentence in the catalogue, `values` fill it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key, self.values = key, values


def translator() -> Translator:
    """Return the language of whoever sits at this machine."""
    return Translator(machine_locale(), "UTC")


@contextmanager
def in_one_line(settings: Settings | None = None) -> Iterator[None]:
    """Turn what is in the way into one line on stderr and exit code 1."""
    # Slack's libraries would log the failure that we are about to word.
    loggers = [logging.getLogger(name) for name in ("slack_sdk", "slack_bolt")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    except SettingsError as error:
        _give_up(str(error))
    except CannotStart as error:
        _give_up(translator()(error.key, **error.values))
    except OtherTeam as error:
        _give_up(translator()("start.other_team", team=error.team_id, known=error.known))
    except SlackFailure as error:
        _give_up(said_by_slack(error, settings.slack_api_url if settings else ""))
    except sa.exc.DBAPIError as error:
        _give_up(why_unusable(error, translator()))
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _give_up(line: str) -> None:
    typer.echo(line, err=True)
    raise typer.Exit(1)


def said_by_slack(error: SlackFailure, address: str) -> str:
    """Return what is wrong between us and Slack, in one line with the cure."""
    t = translator()
    if isinstance(error, Denied):
        if error.method == "apps.connections.open":
            return t("start.app_token", code=error.code)
        if error.code in BAD_TOKEN:
            return t("start.bot_token", code=error.code)
        if error.code == "missing_scope":
            return t("start.scope", scope=error.needed)
        return t("start.slack_refuses", method=error.method, code=error.code)
    cure = t(f"start.away.{error.code}") if error.code in ON_THE_WAY else t("start.away_otherwise")
    return t("start.slack_away", address=address, code=error.code, cure=cure)


def why_unusable(error: sa.exc.DBAPIError, t: Translator) -> str:
    """Return what is wrong with the database, in one line with the cure."""
    wrong = trouble.of(error)
    if wrong in (Trouble.DAMAGED, Trouble.FULL):
        return t(f"start.{wrong}", reason=code_of(error))
    return t("start.database", reason=reason_of(t, error))


def own_settings() -> Settings:
    """Return the settings, or one line per problem."""
    with in_one_line():
        return load()
    raise AssertionError("unreachable")


def settings() -> Settings:
    """Return the settings of a command that works on what is there. The clock is read after this: beside a playground
    it is set to that one's."""
    own = own_settings()
    with in_one_line(own):
        return joined(own)
    raise AssertionError("unreachable")


def joined(own: Settings) -> Settings:
    """Return settings as they are; where nothing real is set up and a playground runs in this folder, that one's. It
    says so on stderr."""
    session = beside.find(own)
    if session is None:
        return own
    typer.echo(translator()("playground.beside", address=session.page), err=True)
    return beside.join(own, session)


def open_database(url: str, *, at_work: bool = False, create: bool = False) -> Database:
    """Open the database. Raises CannotStart where its folder or file cannot be written, and, without `create`, where
    there is no file: whoever only asks must not find an empty one the next time."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        file = Path(parsed.database or "")
        if not create and not file.exists():
            raise CannotStart("start.no_database", file=file.absolute())
        _check_file(file)
    return Database(url, at_work=at_work)


def go_to_work(database: Database, *, ticking: bool) -> process_lock.Mark:
    """Make known that a bot works on the database from now on. Raises CannotStart where somebody else must go first:
    a SQLite file has one process that ticks."""
    try:
        return process_lock.work(database, ticking=ticking)
    except process_lock.Ticked as taken:
        raise CannotStart("start.ticked", file=taken) from taken
    except process_lock.HeldAlone as taken:
        raise CannotStart("start.held", place=name_of(database)) from taken
    except OSError as error:
        raise _cannot_lock(database, error) from error


def have_alone(database: Database) -> process_lock.Mark:
    """Have the database to oneself, until the mark is released. Raises CannotStart while a bot works on it."""
    try:
        return process_lock.alone(database)
    except process_lock.BotRunning as taken:
        raise CannotStart("start.bot_running", place=name_of(database)) from taken
    except process_lock.HeldAlone as taken:
        raise CannotStart("start.held", place=name_of(database)) from taken
    except OSError as error:
        raise _cannot_lock(database, error) from error


def name_of(database: Database) -> str:
    """Return the database without user and password: sqlite:/data/mql-bot.db, postgresql://host:5432/name."""
    url = database.url
    if database.is_sqlite:
        return f"sqlite:{os.path.realpath(str(url.database))}"
    host = url.host or url.query.get("host") or "localhost"
    return f"postgresql://{host}:{url.port or 5432}/{url.database}"


def _cannot_lock(database: Database, error: OSError) -> CannotStart:
    return CannotStart(
        "start.no_lock", file=error.filename or database.url.database, reason=reason_of(translator(), error)
    )


def _check_file(file: Path) -> None:
    folder = file.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart("start.no_folder", folder=folder, reason=reason_of(translator(), error)) from error
    for place in (file, *file.parent.glob(f"{file.name}-*")) if file.exists() else (folder,):
        if not os.access(place, os.W_OK):
            raise CannotStart("start.no_permission", place=place)
    if not os.access(folder, os.W_OK):
        raise CannotStart("start.no_permission", place=folder)


def require_current(database: Database) -> None:
    """Raise CannotStart where the database is behind the code, or ahead of it."""
    missing = pending(database)
    if missing:
        raise CannotStart("start.behind", count=len(missing))


def bring_up_to_date(database: Database) -> int:
    """Run the pending migrations and return how many there were. Raises CannotStart as `pending` does."""
    missing = pending(database)
    if missing:
        migrate.upgrade(database)
    return len(missing)


def pending(database: Database) -> tuple[str, ...]:
    """Return the migrations that the database lacks. Raises CannotStart where it is ahead of the code, was made before
    the first release, or is only the beginning of a copy."""
    with database.snapshot() as tx:
        source = copying.unfinished(tx)
    if source is not None:
        raise CannotStart("start.unfinished_copy", place=name_of(database), source=source)
    try:
        return migrate.pending(database)
    except migrate.AheadOfCode as error:
        raise CannotStart("start.ahead", revision=str(error)) from error
    except migrate.BeforeFirstRelease as error:
        raise CannotStart("start.before_release", place=name_of(database), lacking=str(error)) from error


def require_port(host: str, port: int, variable: str = "PORT") -> None:
    """Raise CannotStart where nothing can listen there; `variable` is the setting that names the port."""
    with taking_port(host, port, variable):
        family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()


@contextmanager
def taking_port(host: str, port: int, variable: str = "PORT") -> Iterator[None]:
    """Raise CannotStart where nothing can listen there: another program may have taken the port since it was free."""
    try:
        yield
    except socket.gaierror as error:
        raise CannotStart("start.host", host=host, variable=variable.replace("PORT", "HOST")) from error
    except OSError as error:
        keys = {errno.EADDRINUSE: "start.port_taken", errno.EACCES: "start.port_forbidden"}
        key = keys.get(error.errno or 0, "start.host")
        names = {"variable": variable.replace("PORT", "HOST") if key == "start.host" else variable}
        raise CannotStart(key, host=host, port=port, other=port + 10 if port < 65000 else 3000, **names) from error


def is_empty(database: Database) -> bool:
    """Return whether nothing has been made in the database yet."""
    with database.snapshot() as tx:
        return not sa.inspect(tx).get_table_names()
