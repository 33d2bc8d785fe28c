"""The one place where the parts of a playground are put together. Nothing runs yet."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from playground.address import Address
from playground.client.actions import Actions
from playground.client.administration import Administration
from playground.client.directory import Directory
from playground.client.workflow_builder import WorkflowBuilder
from playground.crm.pane import Pane
from playground.desk import Desk
from playground.dispatch.delivery import Delivery
from playground.dispatch.events import Events
from playground.dispatch.socket_mode import SocketMode
from playground.faults import Faults
from playground.log import Changes, Log
from playground.manifest import Grants
from playground.rate_limits import RateLimits
from playground.sample import TeamSpec
from playground.views import Views
from playground.web_api import WebApi
from playground.workspace import Workspace


class Parts:
    """Everything that a playground is made of. Whoever uses a part takes it from here."""

    def __init__(
        self,
        manifest: Mapping[str, object] | None,
        team: TeamSpec,
        address: Address,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        # New ones each time: no page in a browser can guess them and talk to a bot on this machine.
        self.bot_token, self.app_token = f"xoxb-{secrets.token_hex(16)}", f"xapp-1-{secrets.token_hex(16)}"
        self.signing_secret = secrets.token_hex(16)
        step_token = f"xwfp-{secrets.token_hex(16)}"
        self.address, self.now = address, now
        self.changes = Changes()
        self.log = Log(self.changes)
        self.faults = Faults()
        self.workspace = Workspace(team, Grants(manifest), self.changes, now)
        self.views = Views(self.workspace, monotonic)
        self.rates = RateLimits(monotonic)
        self.socket_mode = SocketMode(address.host, self.workspace.app_id)
        self.delivery = Delivery(self.log, now, self.socket_mode)
        self.events = Events(self.workspace, self.delivery)
        tokens = {self.bot_token: "xoxb", step_token: "xoxb", self.app_token: "xapp"}
        self.web_api = WebApi(self.workspace, self.views, self.rates, tokens, self.socket_mode.new_url)
        self.actions = Actions(self.workspace, self.views, self.delivery, self.events, lambda: address.base_url)
        self.directory = Directory(self.actions)
        self.admin = Administration(self.actions, self.events)
        self.workflow_builder = WorkflowBuilder(self.workspace, self.events, step_token)
        self.crms: list[Pane] = []
        self.desk = Desk(self.events, self.log, self.changes, now)

    def record_call(
        self, method: str, given: Mapping[str, Any], answer: Any, status: int | None, broken: tuple[str, ...]
    ) -> None:
        """Put a call of the bot into the log."""
        self.log.add(self.now(), "from_bot", method, dict(given), answer, status=status, broken=broken)
