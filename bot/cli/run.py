"""`run`, `serve` and `worker`: the bot as one process, or as web and worker processes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

import typer
from flask import Flask
from gunicorn.app.base import BaseApplication

from bot import app, logs
from bot.cli import playground_cmd, startup
from bot.cli.startup import CannotStart
from bot.cli.stop_signal import Stop
from bot.metrics import FOLDER_VARIABLE, Metrics
from bot.settings import Settings
from bot.slack.gateway import Denied, Gateway, SlackFailure
from storage.database import Database

ASK_AGAIN = 5  # seconds


def run() -> None:
    """Everything in one process; without a token against the playground."""
    settings = startup.settings()
    if settings.mode == "playground":
        with startup.in_one_line(settings):
            _require_nothing_real(settings)
        # Its page and its three hints are what matters on the screen, unless somebody asks for more.
        logs.configure(settings.log_level if "log_level" in settings.model_fields_set else "ERROR", settings.log_format)
        playground_cmd.play(settings)
        return
    logs.configure(settings.log_level, settings.log_format)
    with startup.in_one_line(settings), ExitStack() as unless_started:
        startup.require_port(settings.host, settings.port)
        database = startup.open_database(settings.database_url, at_work=True)
        unless_started.callback(database.close)
        unless_started.enter_context(startup.go_to_work(database, ticking=True))
        startup.bring_up_to_date(database)
        _meet(settings, database)
        stop = Stop()
        bot = app.Bot(settings, database)
        with _stopped_unless_started(bot):
            bot.start()
        app.settle()
        at_work = unless_started.pop_all()
    t = startup.translator()
    typer.echo(t(f"run.started.{settings.mode}", address=bot.address))
    stop.wait()
    bot.stop()
    at_work.close()
    typer.echo(t("run.stopped"))


@contextmanager
def _stopped_unless_started(bot: app.Bot) -> Iterator[None]:
    """Stop a bot that has started half: it would keep its threads, and with them the process."""
    try:
        yield
    except BaseException:
        bot.stop()
        raise


def serve(workers: int | None, threads: int) -> None:
    """Run the HTTP side under gunicorn. Each worker process opens its own connections."""
    settings = startup.settings()
    logs.configure(settings.log_level, settings.log_format)
    with startup.in_one_line(settings), ExitStack() as unless_started:
        _require_token(settings)
        if settings.slack_signing_secret is None:
            raise CannotStart("start.serve_needs_secret")
        startup.require_port(settings.host, settings.port)
        database = _checked_database(settings, unless_started)
        unless_started.enter_context(startup.go_to_work(database, ticking=False))
        _meet(settings, database)
        # Before processes are forked: one line about the token now is better than a traceback from each.
        app.identify(_gateway(settings), database)
        processes = workers or (1 if database.is_sqlite else 2)
        database.close()
        # Until the end: the processes that gunicorn forks inherit it.
        unless_started.pop_all()
    app.settle()  # the processes that gunicorn forks inherit this, too
    _Gunicorn(settings, processes, threads, Path(mkdtemp(prefix="mql-bot-metrics-"))).run()


def worker() -> None:
    """Ticks and delivery."""
    settings = startup.settings()
    logs.configure(settings.log_level, settings.log_format)
    with startup.in_one_line(settings), ExitStack() as unless_started:
        _require_token(settings)
        if settings.metrics_port is not None:
            startup.require_port(settings.metrics_host, settings.metrics_port, "METRICS_PORT")
        database = _checked_database(settings, unless_started)
        unless_started.enter_context(startup.go_to_work(database, ticking=True))
        _meet(settings, database)
        stop = Stop()
        working = app.Working(settings, database)
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
            app.identify(gateway, database)
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


class _Gunicorn(BaseApplication):  # type: ignore[misc]
    """gunicorn without a command line or a configuration file of its own."""

    def __init__(self, settings: Settings, workers: int, threads: int, counted: Path) -> None:
        self._settings, self._workers, self._threads, self._counted = settings, workers, threads, counted
        self._serving: app.Serving | None = None
        super().__init__()

    def load_config(self) -> None:
        """Hand our options over."""
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        options: dict[str, Any] = {
            "bind": f"{host}:{self._settings.port}",
            "worker_class": "gthread",
            "workers": self._workers,
            "threads": self._threads,
            # Slack waits no longer for an answer; with what the end itself takes it makes less than five seconds.
            "graceful_timeout": 3,
            "control_socket_disable": True,
            "raw_env": [f"{FOLDER_VARIABLE}={self._counted}"],
            "worker_exit": lambda _, __: self._stop(),
            # By the master alone: a worker that ends leaves what it has counted.
            "on_exit": lambda _: rmtree(self._counted, ignore_errors=True),
            "loglevel": self._settings.log_level.lower(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application of one worker process."""
        database = Database(self._settings.database_url, at_work=True)
        self._serving = app.Serving(self._settings, database, Metrics(self._counted))
        return self._serving.flask

    def _stop(self) -> None:
        if self._serving is not None:
            self._serving.stop()
