"""`run`, `serve` and `worker`: the bot as one process, or as web and worker processes."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import typer

from bot import app, arenas, logs
from bot.cli.base import startup
from bot.cli.base.startup import CannotStart
from bot.cli.base.stop_signal import Stop
from bot.cli.process import processes
from bot.core.base import wall_clock
from bot.machine_language import machine_locale
from bot.metrics import FOLDER_VARIABLE, Metrics
from bot.server import listen
from bot.settings import Settings
from bot.slack.web_api.gateway import Denied, Gateway, SlackFailure
from storage import workspaces
from storage.database import Database
from storage.vocabulary import Locale

ASK_AGAIN = 5  # seconds


def run(lang: Locale | None, *, empty: bool, no_team: bool) -> None:
    """Everything in one process; without a token against the playground, whose language may be chosen, and whether it
    begins with its twelve weeks, `empty` of them, or with `no_team` at all."""
    settings = startup.own_settings()
    if settings.mode == "playground":
        with startup.in_one_line(settings):
            _require_nothing_real(settings)
        from bot.cli.playground import command, newcomer

        # Its page and its three hints are what matters on the screen, unless somebody asks for more.
        logs.configure(settings.log_level if "log_level" in settings.model_fields_set else "ERROR", settings.log_format)
        begin = newcomer.start if no_team else partial(command.start, empty=empty)
        command.play(settings, lang or machine_locale(), begin)
        return
    _begin(settings)
    with startup.in_one_line(settings), ExitStack() as unless_started:
        startup.require_port(settings.host, settings.port)
        database = startup.open_database(settings.database_url, at_work=True, create=True)
        unless_started.callback(database.close)
        unless_started.enter_context(startup.go_to_work(database, ticking=True))
        startup.bring_up_to_date(database)
        _meet(settings, database)
        stop = Stop()
        bot = app.Bot(settings, database)
        with _stopped_unless_started(bot):
            bot.start(_listening(settings.host, settings.port))
        app.settle()
        at_work = unless_started.pop_all()
    t = startup.translator()
    typer.echo(t(f"run.started.{settings.mode}", address=bot.address))
    if not _is_set_up(database):
        typer.echo(t("run.set_up"))
    stop.wait()
    bot.stop()
    at_work.close()
    typer.echo(t("run.stopped"))


def _begin(settings: Settings) -> None:
    """Do what comes before any thread and any line of the log."""
    arenas.share()
    logs.configure(settings.log_level, settings.log_format)


def _listening(host: str, port: int, variable: str = "PORT") -> socket.socket:
    """Return a socket that listens. Raises CannotStart where another program has taken the port since it was free."""
    with startup.taking_port(host, port, variable):
        return listen(host, port)
    raise AssertionError("unreachable")


def _is_set_up(database: Database) -> bool:
    with database.snapshot() as tx:
        return bool(workspaces.every(tx))


@contextmanager
def _stopped_unless_started(bot: app.Bot) -> Iterator[None]:
    """Stop a bot that has started half: it would keep its threads, and with them the process."""
    try:
        yield
    except BaseException:
        bot.stop()
        raise


def serve(workers: int | None, threads: int) -> None:
    """Run the HTTP side, in one process or several that share a socket. Each opens its own connections."""
    settings = startup.own_settings()
    _begin(settings)
    with startup.in_one_line(settings), ExitStack() as unless_started:
        _require_token(settings)
        if settings.slack_signing_secret is None:
            raise CannotStart("start.serve_needs_secret")
        startup.require_port(settings.host, settings.port)
        database = _checked_database(settings, unless_started)
        # Until the end: the processes that are forked inherit it, and the socket.
        unless_started.enter_context(startup.go_to_work(database, ticking=False))
        _meet(settings, database)
        # Before processes are forked: one line about the token now is better than a traceback from each.
        app.identify(_gateway(settings), database, wall_clock.utcnow())
        count = workers or (1 if database.is_sqlite else 2)
        listening = _listening(settings.host, settings.port)
        database.close()
        unless_started.pop_all()
    app.settle()  # the processes that are forked inherit this, too
    with _counted_together(count) as folder:
        processes.keep(count, lambda stop: _serve(settings, threads, folder, listening, stop))


@contextmanager
def _counted_together(processes: int) -> Iterator[Path | None]:
    """Yield the folder into which several processes count; one counts for itself."""
    if processes == 1:
        yield None
        return
    folder = Path(mkdtemp(prefix="mql-bot-metrics-"))
    os.environ[FOLDER_VARIABLE] = str(folder)
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)


def _serve(settings: Settings, threads: int, folder: Path | None, listening: socket.socket, stop: Stop) -> None:
    """Be one web process until somebody wants it to stop."""
    serving = app.Serving(settings, Database(settings.database_url, at_work=True), Metrics(folder), threads)
    serving.start(listening)
    typer.echo(startup.translator()("run.serving", address=f"http://{settings.host}:{settings.port}"))
    stop.wait()
    serving.stop()


def worker() -> None:
    """Ticks and delivery."""
    settings = startup.own_settings()
    _begin(settings)
    with startup.in_one_line(settings), ExitStack() as unless_started:
        _require_token(settings)
        if settings.metrics_port is not None:
            startup.require_port(settings.metrics_host, settings.metrics_port, "METRICS_PORT")
        database = _checked_database(settings, unless_started)
        unless_started.enter_context(startup.go_to_work(database, ticking=True))
        _meet(settings, database)
        stop = Stop()
        monitors = _listening(settings.metrics_host, port, "METRICS_PORT") if (port := settings.metrics_port) else None
        working = app.Working(settings, database, monitors)
        at_work = unless_started.pop_all()
    app.settle()
    working.start()
    typer.echo(startup.translator()("run.working"))
    stop.wait()
    working.stop()
    at_work.close()


def _require_nothing_real(settings: Settings) -> None:
    """Refuse the playground where somebody has begun to set up the real bot, and only the token is missing or
    misspelled: it throws its leads away."""
    given = [name.upper() for name in ("slack_signing_secret", "slack_app_token") if getattr(settings, name)]
    if given:
        raise CannotStart("start.token_forgotten", given=", ".join(given))


def _require_token(settings: Settings) -> None:
    if settings.slack_bot_token is None:
        raise CannotStart("start.no_token")


def _checked_database(settings: Settings, unless_started: ExitStack) -> Database:
    database = startup.open_database(settings.database_url, at_work=True)
    unless_started.callback(database.close)
    startup.require_current(database)
    return database


def _meet(settings: Settings, database: Database) -> None:
    """Wait until Slack has answered once, where it never did: before, the bot does not know whose it is. Say why.
    Raises Denied where Slack refuses the token."""
    gateway, code = _gateway(settings), ""
    while app.remembered(database) is None:
        try:
            app.identify(gateway, database, wall_clock.utcnow())
        except Denied:
            raise
        except SlackFailure as failure:
            if failure.code != code:
                typer.echo(startup.said_by_slack(failure, settings.slack_api_url), err=True)
                typer.echo(startup.translator()("start.waiting", seconds=ASK_AGAIN), err=True)
            code = failure.code
            time.sleep(ASK_AGAIN)
        else:
            return


def _gateway(settings: Settings) -> Gateway:
    token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else ""
    return Gateway(token, settings.slack_api_url)
