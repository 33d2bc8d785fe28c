"""The composition root: the one place where the parts are put together."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from cheroot.wsgi import Server
from flask import Flask
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot import web, worker
from bot.core import clock
from bot.settings import Settings
from bot.slack import listeners, members
from bot.slack.delivery import Delivery
from bot.slack.gateway import Denied, Gateway, SlackFailure
from bot.slack.office import Identity, Office, remember
from storage import workspaces
from storage.database import Database

ONE_A_SECOND = timedelta(seconds=1)


class Parts:
    """Everything that talks to Slack and the database, not yet started. Raises SlackFailure where Slack refuses the
    token, or cannot be reached by a bot that it has never met."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        now: Callable[[], datetime] = clock.utcnow,
        pace: timedelta = ONE_A_SECOND,
    ) -> None:
        token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else ""
        self.settings = settings
        self.database = database
        self.gateway = Gateway(token, settings.slack_api_url)
        identity = identify(self.gateway, database)
        self.delivery = Delivery(database, self.gateway, identity.team_id, now, pace=pace)
        self.office = Office(database, self.gateway, identity, now, self.delivery.wake)
        self.bolt = _bolt(settings, token)
        listeners.register(self.bolt, self.office)

    def flask(self) -> Flask:
        """The HTTP side."""
        secret = self.settings.webhook_secret
        return web.create(self.bolt, self.office, secret.get_secret_value() if secret else None)


class Bot:
    """The whole bot in one process: HTTP server, Socket Mode where it is used, ticks and delivery."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        now: Callable[[], datetime] = clock.utcnow,
        pace: timedelta = ONE_A_SECOND,
    ) -> None:
        self._settings = settings
        self.parts = Parts(settings, database, now, pace)
        self.worker = worker.Worker(self.parts.office, self.parts.delivery)
        self._socket: SocketModeHandler | None = None
        self._server = Server((settings.host, settings.port), self.parts.flask(), numthreads=16, shutdown_timeout=2)
        self._serving = threading.Thread(target=self._server.serve, name="http", daemon=True)

    @property
    def address(self) -> str:
        """Where the bot listens."""
        _, port, *_ = self._server.bind_addr
        return f"http://{self._settings.host}:{port}"

    def start(self, *, ticking: bool = True) -> None:
        """Listen, and (unless `ticking` is off) tick and deliver. Raises OSError where the port cannot be had."""
        self._server.prepare()
        self._serving.start()
        if self._settings.slack_app_token is not None:
            self._socket = _socket_mode(self.parts, self._settings.slack_app_token.get_secret_value())
            self._socket.connect()  # type: ignore[no-untyped-call]
        if ticking:
            self.worker.start()

    def stop(self) -> None:
        """Take nothing new, finish what is in hand, and close. Takes less than five seconds."""
        if self._socket is not None:
            self._socket.close()  # type: ignore[no-untyped-call]
        self._server.stop()
        self.worker.stop()

    def tick(self) -> None:
        """Do what is due now, at once: for the playground, whose time jumps."""
        worker.tick(self.parts.office)
        worker.erase(self.parts.office)

    def refresh(self) -> None:
        """Read the intake channels and the roster's profiles now."""
        worker.catch_up(self.parts.office)
        members.refresh(self.parts.office)


def wsgi(settings: Settings, database: Database) -> Flask:
    """The HTTP side alone, for a WSGI server; a worker process delivers and ticks."""
    return Parts(settings, database).flask()


def identify(gateway: Gateway, database: Database) -> Identity:
    """Who we are in Slack. While Slack cannot be reached we are who we were: webhooks must be taken all the same."""
    try:
        said = gateway.call("auth.test")
    except Denied:
        raise
    except SlackFailure:
        known = _remembered(database)
        if known is None:
            raise
        return known
    identity = Identity(said["team_id"], said["url"], said["user_id"], said["bot_id"])
    with database.transaction() as tx:
        remember(tx, identity)
    return identity


def _remembered(database: Database) -> Identity | None:
    with database.snapshot() as tx:
        known = workspaces.every(tx)
    if len(known) != 1 or not (known[0].bot_user_id and known[0].bot_id):
        return None
    return Identity(known[0].id, known[0].url or "", known[0].bot_user_id, known[0].bot_id)


def _bolt(settings: Settings, token: str) -> App:
    secret = settings.slack_signing_secret
    # process_before_response: by default an event is acknowledged before its listener runs, and one that fails is
    # lost; with it Slack gets our 500 and sends the event again.
    return App(
        client=WebClient(token, base_url=settings.slack_api_url, retry_handlers=[]),
        signing_secret=secret.get_secret_value() if secret else "not-used-in-socket-mode",
        process_before_response=True,
        token_verification_enabled=False,
        logger=logging.getLogger("slack_bolt"),
    )


def _socket_mode(parts: Parts, app_token: str) -> SocketModeHandler:
    client = WebClient(app_token, base_url=parts.settings.slack_api_url)
    return SocketModeHandler(parts.bolt, app_token, web_client=client)
