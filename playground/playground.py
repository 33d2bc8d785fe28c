"""The playground: a strict local Slack over real HTTP."""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any

from playground.address import Address
from playground.client.conversation import Conversation
from playground.client.other_app import OtherApp
from playground.client.person import Person
from playground.companion import Companion
from playground.crm.pane import Pane
from playground.dispatch.payloads import VERIFICATION_TOKEN
from playground.dispatch.transport import Dispatch
from playground.faults import Faults
from playground.http_server import Server
from playground.manifest import manifest_problems
from playground.model import Json, StepRun
from playground.parts import Parts
from playground.sample import SAMPLE_TEAM, TeamSpec
from playground.saved import restore, save
from playground.web.server import make_app


def _utcnow() -> datetime:
    return datetime.now(UTC)


class Playground:
    """A workspace with people, channels and one app: the bot. Use it as a context manager or start and stop it.

    `manifest` is the app's manifest as a mapping; without one everything is granted. `now` returns aware UTC and
    stamps messages; `monotonic` counts seconds for what runs out; `advance` moves the bot's clock, where it can be.
    `companion` is what the page can ask of the bot's side; it may be set later. `saved` is what another playground of
    the same team has `save`d.
    """

    def __init__(
        self,
        manifest: Mapping[str, object] | None = None,
        team: TeamSpec = SAMPLE_TEAM,
        host: str = "127.0.0.1",
        port: int = 0,
        now: Callable[[], datetime] = _utcnow,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        advance: Callable[[timedelta], None] | None = None,
        companion: Companion | None = None,
        saved: Json | None = None,
    ) -> None:
        if manifest is not None and (broken := manifest_problems(manifest)):
            raise ValueError("Slack would refuse this manifest: " + "; ".join(broken))
        self._address = Address(host, port)
        self._parts = parts = Parts(manifest, team, self._address, now, monotonic)
        if saved is not None:
            restore(parts.workspace, saved)
        self.now = now
        self.bot_token, self.app_token, self.signing_secret = parts.bot_token, parts.app_token, parts.signing_secret
        self.changes, self.log = parts.changes, parts.log
        self.workspace, self.views, self.admin = parts.workspace, parts.views, parts.admin
        self.web_api, self.rates = parts.web_api, parts.rates
        self.delivery, self.events, self.socket_mode = parts.delivery, parts.events, parts.socket_mode
        self.desk = parts.desk
        self.advance, self.companion = advance, companion
        self._server: Server | None = None
        self._starting = threading.Lock()

    # Life

    def start(self) -> "Playground":
        """Open the port and start the background threads."""
        with self._starting:
            if self._server is None:
                self._server = self._serve(self._address.wanted_port)
                self._address.port = self._server.port
                self.events.start()
        return self

    def stop(self) -> None:
        """Close everything; calls that hang are let go."""
        with self._starting:
            server, self._server = self._server, None
            self._address.port = None
        self.faults.clear()
        self.changes.bump()
        for pane in self._parts.crms:
            pane.service.stop()
        self.events.stop()
        self.socket_mode.stop()
        if server is not None:
            server.stop()

    def unplug(self) -> None:
        """Close the port, as if Slack were out of reach: calls are refused. What is in the workspace stays."""
        if self._server is not None:
            self._server.stop()

    def plug_in(self) -> None:
        """Open the same port again."""
        if self._server is not None:
            self._server = self._serve(self._server.port)

    def _serve(self, port: int) -> Server:
        return Server(make_app(self._parts), self._address.host, port)

    def __enter__(self) -> "Playground":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # Addresses and identities

    @property
    def base_url(self) -> str:
        """The address of the server, without a slash at the end."""
        return self._address.base_url

    @property
    def api_url(self) -> str:
        """The base address for slack_sdk's WebClient, with a slash at the end."""
        return self.base_url + "/api/"

    @property
    def team_id(self) -> str:
        """The id of the workspace."""
        return self.workspace.team.id

    @property
    def bot_user_id(self) -> str:
        """The id of the user that stands for the bot."""
        return self.workspace.bot_user_id

    @property
    def bot_id(self) -> str:
        """The bot id that its messages carry."""
        return self.workspace.bot_id

    @property
    def app_id(self) -> str:
        """The app id."""
        return self.workspace.app_id

    # CRMs

    def add_crm(self, pane: Pane) -> None:
        """Open a local CRM beside Slack, and show it on the page. It is closed with the playground."""
        pane.service.start()
        self._parts.crms.append(pane)
        self.changes.bump()

    # Delivery

    def connect(self, request_url: str | None) -> None:
        """Deliver to this request URL over signed HTTP, or over Socket Mode with None."""
        self.delivery.connect(request_url, self.signing_secret)

    def verify_request_url(self) -> bool:
        """Send url_verification, as Slack does when a request URL is saved; tell whether the challenge came back."""
        challenge = self.workspace.new_id("challenge")
        payload = {"token": VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"}
        answer = self.delivery.send(Dispatch("events_api", payload))
        return not answer.failure and challenge in answer.text

    @property
    def delivery_twice(self) -> bool:
        """Whether every request to the bot is sent twice; the first outcome counts."""
        return self.delivery.twice

    @delivery_twice.setter
    def delivery_twice(self, twice: bool) -> None:
        self.delivery.twice = twice

    @property
    def acknowledge_within(self) -> float:
        """The seconds the bot has for an acknowledgement: 3, unless a test is in a hurry."""
        return self.delivery.within

    @acknowledge_within.setter
    def acknowledge_within(self, seconds: float) -> None:
        self.delivery.within = seconds

    @property
    def rate_limits(self) -> bool:
        """Whether Slack's rate limits are held."""
        return self.rates.on

    @rate_limits.setter
    def rate_limits(self, on: bool) -> None:
        self.rates.on = on

    def retry_due(self) -> int:
        """Send the event retries that are due by `now()`; return how many were sent."""
        return self.events.retry_due()

    def settle(self, timeout: float = 10.0) -> None:
        """Wait until the events of the bot's own doing are delivered, at most `timeout` seconds."""
        self.events.settle(timeout)

    def refresh_connections(self) -> None:
        """Ask all Socket Mode connections to reconnect."""
        self.socket_mode.refresh()

    def revoke_token(self, error: str = "token_revoked") -> None:
        """Let every call fail with this error, such as account_inactive; an empty one makes it work again."""
        self.web_api.token_error = error

    def run_step(self, callback_id: str, inputs: dict[str, Any], timeout: float = 5.0) -> StepRun:
        """Run a custom step as Workflow Builder does, and wait until the bot completes or fails it."""
        return self._parts.workflow_builder.run_step(callback_id, inputs, timeout)

    # The page's desk

    @property
    def companion(self) -> Companion | None:
        """What the page can ask of the bot's side, None where there is no bot to look after."""
        return self.desk.companion

    @companion.setter
    def companion(self, companion: Companion | None) -> None:
        self.desk.companion = companion

    @property
    def advance(self) -> Callable[[timedelta], None] | None:
        """What moves the bot's clock ahead, None where it cannot be moved."""
        return self.desk.advance

    @advance.setter
    def advance(self, advance: Callable[[timedelta], None] | None) -> None:
        self.desk.advance = advance

    @property
    def faults(self) -> Faults:
        """What goes wrong between the bot and Slack; another object may decide instead."""
        return self._parts.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._parts.faults = faults

    # What happened

    def save(self) -> Json:
        """Return the channels and messages as JSON, for another playground to begin with."""
        return save(self.workspace)

    @property
    def revision(self) -> int:
        """A number that grows with every change."""
        return self.changes.revision

    def wait_for_change(self, since: int, timeout: float) -> int:
        """Wait until the revision is above `since`, at most `timeout` seconds; return it."""
        return self.changes.wait(since, timeout)

    # Who and what is there

    @property
    def people(self) -> list[Person]:
        """All members that are people."""
        return self._parts.directory.people

    def user(self, key: str) -> Person:
        """Find a person by short name, real name or id."""
        return self._parts.directory.person(key)

    def channel(self, key: str) -> Conversation:
        """Find a channel by name or id, seen by nobody in particular."""
        return self._parts.directory.channel(key)

    def dm(self, key: str) -> Conversation:
        """Return the direct message between a person and the bot, as that person sees it."""
        return self._parts.directory.dm(key)

    def app(self, name: str) -> OtherApp:
        """Return another app by name, installing it first."""
        return self.admin.app(name)
