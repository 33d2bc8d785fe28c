"""The playground: a strict local Slack over real HTTP. The one place where its parts are put together."""

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any

from playground import steps
from playground.administration import Administration
from playground.companion import Companion
from playground.conversation import Conversation, Message
from playground.dispatch.delivery import Delivery
from playground.dispatch.events import Events
from playground.dispatch.payloads import VERIFICATION_TOKEN
from playground.dispatch.socket_mode import SocketMode
from playground.dispatch.transport import Dispatch
from playground.faults import Faults
from playground.log import Changes, Log
from playground.manifest import Grants, manifest_problems
from playground.model import StepRun
from playground.people import Person
from playground.rates import RateLimits
from playground.sample import SAMPLE_TEAM, TeamSpec
from playground.server import Server, make_app
from playground.views import Views
from playground.web_api import WebApi
from playground.workspace import Workspace


def _utcnow() -> datetime:
    return datetime.now(UTC)


class Playground(Administration):
    """A workspace with people, channels and one app: the bot. Use it as a context manager or start and stop it.

    `manifest` is the app's manifest as a mapping; without one everything is granted. `now` returns aware UTC and
    stamps messages; `monotonic` counts seconds for what runs out; `advance` moves the bot's clock, where it can be.
    `companion` is what the page can ask of the bot's side; it may be set later.
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
    ) -> None:
        if manifest is not None and (broken := manifest_problems(manifest)):
            raise ValueError("Slack would refuse this manifest: " + "; ".join(broken))
        self._host, self._port, self.now, self.advance = host, port, now, advance
        self.companion = companion
        # New ones each time: no page in a browser can guess them and talk to a bot on this machine.
        self.bot_token, self.app_token = f"xoxb-{secrets.token_hex(16)}", f"xapp-1-{secrets.token_hex(16)}"
        self.signing_secret = secrets.token_hex(16)
        self.changes = Changes()
        self.log = Log(self.changes)
        self.faults = Faults()
        self.workspace = Workspace(team, Grants(manifest), self.changes, now)
        self.views = Views(self.workspace, monotonic)
        self.rates = RateLimits(monotonic)
        self.socket_mode = SocketMode(host, self.workspace.app_id)
        self.delivery = Delivery(self.log, now, self.socket_mode)
        self.events = Events(self.workspace, self.delivery)
        self.step_token = f"xwfp-{secrets.token_hex(16)}"
        tokens = {self.bot_token: "xoxb", self.step_token: "xoxb", self.app_token: "xapp"}
        self.web_api = WebApi(self.workspace, self.views, self.rates, tokens, self.socket_mode.new_url)
        self._server: Server | None = None
        self._apps = {}
        self._starting = threading.Lock()

    # Life

    def start(self) -> "Playground":
        """Open the port and start the background threads."""
        with self._starting:
            if self._server is None:
                self._server = Server(make_app(self), self._host, self._port)
                self.events.start()
        return self

    def stop(self) -> None:
        """Close everything; calls that hang are let go."""
        with self._starting:
            server, self._server = self._server, None
        self.faults.clear()
        self.changes.bump()
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
            self._server = Server(make_app(self), self._host, self._server.port)

    @property
    def running(self) -> bool:
        """Whether it is started and not yet stopped."""
        return self._server is not None

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
        if self._server is None:
            raise RuntimeError("the playground is not started")
        return f"http://{self._host}:{self._server.port}"

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
        return steps.run(self, callback_id, inputs, timeout)

    # What happened

    @property
    def revision(self) -> int:
        """A number that grows with every change."""
        return self.changes.revision

    def wait_for_change(self, since: int, timeout: float) -> int:
        """Wait until the revision is above `since`, at most `timeout` seconds; return it."""
        return self.changes.wait(since, timeout)

    def record_call(
        self, method: str, given: Mapping[str, Any], answer: Any, status: int | None, broken: tuple[str, ...]
    ) -> None:
        """Put a call of the bot into the log."""
        self.log.add(self.now(), "from_bot", method, dict(given), answer, status=status, broken=broken)

    def ephemerals(self, user: str) -> list[Message]:
        """List the ephemeral messages a person has been shown."""
        with self.workspace.lock:
            found = [r for c in self.workspace.channels.values() for r in c.messages if r.ephemeral_for == user]
            return [Message(self, record) for record in found]

    # Who and what is there

    def user(self, key: str) -> Person:
        """Find a person by short name, real name or id."""
        with self.workspace.lock:
            return Person(self, self.workspace.person(key))

    @property
    def people(self) -> list[Person]:
        """All members that are people."""
        with self.workspace.lock:
            return [Person(self, user) for user in self.workspace.users.values() if not user.is_bot]

    def channel(self, key: str) -> Conversation:
        """Find a channel by name or id, seen by nobody in particular."""
        with self.workspace.lock:
            return Conversation(self, self.workspace.conversation(key))

    def dm(self, key: str) -> Conversation:
        """Return the direct message between a person and the bot, as that person sees it."""
        with self.workspace.lock:
            user = self.workspace.person(key)
            return Conversation(self, self.workspace.open_dm(user.id), user.id)

    def resolve(self, kind: str, name: str) -> str:
        """Turn the name of a user or channel into its id, as a select menu of this type does."""
        if "users" in kind:
            return self.workspace.person(name).id
        return self.workspace.conversation(name).id
