"""The composition root: the one place where the parts are put together."""

from __future__ import annotations

import gc
import logging
import socket
from collections.abc import Callable
from datetime import datetime

import structlog
from flask import Flask
from pydantic import SecretStr
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot import garbage, logs, web, worker
from bot.connectors.outbound import Sender
from bot.connectors.sources.vault import Vault
from bot.core.base import wall_clock
from bot.hooks import Door
from bot.metrics import Metrics
from bot.monitoring import Monitor
from bot.server import Server, listen
from bot.settings import Settings
from bot.slack import listeners
from bot.slack.context import AppContext
from bot.slack.delivery.loop import Delivery
from bot.slack.delivery.pacing import AS_SLACK_ASKS, Pacing
from bot.slack.heartbeat import Heartbeat
from bot.slack.identity import Identity, remember
from bot.slack.people import members
from bot.slack.socket_mode import SocketMode
from bot.slack.web_api.gateway import Denied, Gateway, SlackFailure
from bot.watch import Watch
from storage import workspaces
from storage.committed_events import CommittedEvent
from storage.database import Database

THREADS = 16

log = structlog.get_logger(__name__)


def settle() -> None:
    """Let the garbage collector look less often, and not at what is loaded by now, which stays to the end."""
    gc.freeze()
    garbage.look_less_often()


class Parts:
    """Everything that talks to Slack and the database, not yet started. Raises SlackFailure where Slack refuses the
    token, or does not answer a bot that has never met it."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        now: Callable[[], datetime] = wall_clock.utcnow,
        pacing: Pacing = AS_SLACK_ASKS,
        metrics: Metrics | None = None,
        *,
        ticking: bool = True,
    ) -> None:
        token = _secret(settings.slack_bot_token) or ""
        self.settings = settings
        self.database = database
        self.metrics = metrics or Metrics()
        database.observer = self._observe
        self.gateway = Gateway(token, settings.slack_api_url, observe=self.metrics.slack_call)
        identity = identify(self.gateway, database, now())
        self.delivery = Delivery(database, self.gateway, identity.team_id, now, pacing=pacing)
        signing = _secret(settings.outbound_webhook_secret)
        self.outbound = Sender(database, identity.team_id, now, signing, settings.outbound_allowed_hosts)
        hosts = settings.outbound_allowed_hosts
        vault = Vault(settings.encryption_keys)
        heartbeat = Heartbeat(database, identity.team_id, now)
        shared = self.delivery.wake, heartbeat, pacing.homes, vault, hosts, settings.public_url
        self.context = AppContext(database, self.gateway, identity, now, *shared)
        self.watch = Watch(self.context, self.delivery, ticking=ticking)
        self.monitor = Monitor(self.context, self.metrics, _secret(settings.metrics_token))
        self.bolt = _bolt(settings, token, identity)
        listeners.register(self.bolt, self.context)

    def flask(self) -> Flask:
        """Return the HTTP side."""
        secrets = (_secret(self.settings.webhook_secret), _secret(self.settings.slack_signing_secret))
        door = Door(self.context, self.context.vault, self.settings.public_url, self.metrics)
        return web.create(self.bolt, self.context, *secrets, self.metrics, self.monitor, door)

    def _observe(self, fact: CommittedEvent) -> None:
        logs.fact(fact)
        self.metrics.fact(fact)


class Bot:
    """The whole bot in one process: HTTP server, Socket Mode where it is used, ticks and delivery."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        now: Callable[[], datetime] = wall_clock.utcnow,
        pacing: Pacing = AS_SLACK_ASKS,
    ) -> None:
        self._settings = settings
        self.parts = Parts(settings, database, now, pacing)
        self.worker = worker.Worker(self.parts.context, self.parts.delivery, self.parts.outbound)
        self._socket: SocketMode | None = None
        self._server = Server(self.parts.flask(), THREADS, web.MOST_SLACK_BYTES)

    @property
    def address(self) -> str:
        """Where the bot listens."""
        return f"http://{self._settings.host}:{self._server.port}"

    def start(self, listening: socket.socket | None = None, *, ticking: bool = True) -> None:
        """Listen, and (unless `ticking` is off) tick and deliver. Raises OSError where no socket is given and the port
        cannot be had."""
        self._server.start(listening or listen(self._settings.host, self._settings.port))
        if self._settings.slack_app_token is not None:
            token = self._settings.slack_app_token.get_secret_value()
            self._socket = SocketMode(self.parts.bolt, token, self._settings.slack_api_url)
            self._socket.start()
            self.parts.monitor.connected = self._socket.is_connected
        if ticking:
            self.worker.start()
            self.parts.watch.start()

    def stop(self) -> None:
        """Take nothing new, finish what is in hand, and close. Takes less than five seconds."""
        if self._socket is not None:
            self._socket.stop()
        self.parts.watch.stop()
        self._server.stop()
        self.worker.stop()

    def tick(self) -> None:
        """Do what is due now, at once: for the playground, whose time jumps."""
        worker.tick(self.parts.context)
        worker.erase(self.parts.context)

    def refresh(self) -> None:
        """Read the intake channels and the roster's profiles now."""
        worker.catch_up(self.parts.context)
        members.refresh(self.parts.context)


class Working:
    """Ticks and delivery beside `serve`; monitors ask at the socket that listens, where one does."""

    def __init__(self, settings: Settings, database: Database, listening: socket.socket | None = None) -> None:
        self._parts = Parts(settings, database)
        self._worker = worker.Worker(self._parts.context, self._parts.delivery, self._parts.outbound)
        self._server = None if listening is None else Server(self._parts.monitor.alone(), 2, web.MOST_BYTES)
        self._listening = listening

    def start(self) -> None:
        """Begin."""
        if self._server is not None and self._listening is not None:
            self._server.start(self._listening)
        self._worker.start()
        self._parts.watch.start()

    def stop(self) -> None:
        """Finish what is in hand and take nothing new."""
        self._parts.watch.stop()
        if self._server is not None:
            self._server.stop()
        self._worker.stop()


class Serving:
    """The HTTP side alone; a worker process delivers and ticks, and this one watches whether it does."""

    def __init__(self, settings: Settings, database: Database, metrics: Metrics, threads: int) -> None:
        self._parts = Parts(settings, database, metrics=metrics, ticking=False)
        self._server = Server(self._parts.flask(), threads, web.MOST_SLACK_BYTES)

    def start(self, listening: socket.socket) -> None:
        """Serve whoever connects to a socket, which other processes may share."""
        self._parts.watch.start()
        self._server.start(listening)

    def stop(self) -> None:
        """Take nothing new, answer what is in hand, watch no more, and finish the alert in hand."""
        self._parts.watch.stop()
        # Slack waits no longer for an answer; with what the end itself takes it makes less than five seconds.
        self._server.stop(within=3.0)
        self._parts.delivery.stop()


def identify(gateway: Gateway, database: Database, now: datetime) -> Identity:
    """Return who we are in Slack. While Slack cannot be reached, or something answers in its place, we are who we were:
    webhooks must be taken all the same. Raises SlackFailure where Slack refuses the token, or was never met, and
    OtherTeam."""
    try:
        answer = gateway.call("auth.test")
    except Denied:
        raise
    except SlackFailure as failure:
        known = remembered(database)
        if known is None:
            raise
        log.error("started_without_slack", workspace=known.team_id, code=failure.code)
        return known
    identity = Identity(answer["team_id"], answer["url"], answer["user_id"], answer["bot_id"])
    with database.transaction() as tx:
        remember(tx, identity, now)
    return identity


def remembered(database: Database) -> Identity | None:
    """Return who we were when Slack last told us; None where it never did, or where the database has several
    workspaces, of which a token does not say which is its own."""
    with database.snapshot() as tx:
        known = workspaces.every(tx)
    if len(known) != 1 or not (known[0].bot_user_id and known[0].bot_id):
        return None
    return Identity(known[0].id, known[0].url or "", known[0].bot_user_id, known[0].bot_id)


def _secret(given: SecretStr | None) -> str | None:
    return given.get_secret_value() if given else None


def _bolt(settings: Settings, token: str, identity: Identity) -> App:
    # We know who we are. Bolt would ask Slack at the first request of each process, before any listener, and where
    # Slack cannot answer it acknowledges the press or the event with 200, and it is lost.
    known = AuthorizeResult(
        enterprise_id=None,
        team_id=identity.team_id,
        bot_user_id=identity.user_id,
        bot_id=identity.bot_id,
        bot_token=token,
    )
    # process_before_response: by default an event is acknowledged before its listener runs, and one that fails is
    # lost; with it Slack gets our 500 and sends the event again.
    bolt = App(
        name="mql-bot",  # without one Bolt reads the source of all callers to find one
        client=WebClient(base_url=settings.slack_api_url, retry_handlers=[]),
        authorize=lambda: known,
        signing_secret=_secret(settings.slack_signing_secret) or "not-used-in-socket-mode",
        process_before_response=True,
        # bot.web has verified the signature before it read anything; nobody asks us in Socket Mode.
        request_verification_enabled=False,
        logger=logging.getLogger("slack_bolt"),
    )
    bolt.error(_listener_failed)
    return bolt


def _listener_failed(error: Exception) -> None:
    # Bolt's own handler writes the error's words, which may be a lead's.
    log.error("listener_failed", exc_info=error)
