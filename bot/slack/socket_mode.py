"""The connection that the bot opens where Slack cannot reach it (Socket Mode).

A connection that ends without a word, as where a laptop's lid or a NAT router closes it, looks open to us and to Slack.
The library asks by ping; this module sees that nothing is answered any more, ends the connection and opens another one,
at most NOTICED seconds after the loss where Slack can be reached then.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.slack.web_api.gateway import Denied, Gateway, NotTaken, OutcomeUnknown

PING = 2.0
"""Seconds between two pings. With the library's ten it took 58 seconds to notice."""
SILENCE = 6.0
"""Seconds without the answer to any ping, after which the connection is given up."""
NOTICED = 15.0
"""Seconds: SILENCE, a PING before the first that is missed, a LOOK, and three for which the library reads on."""
LOOK = 1.0
LONGEST_WAIT = 30.0
"""Seconds between two tries to connect: Slack takes few of them."""

log = structlog.get_logger(__name__)


class SocketMode:
    """A connection to Slack that is opened again whenever it is lost. `monotonic`: a clock that nobody sets."""

    def __init__(
        self, bolt: App, app_token: str, api_url: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._gateway = Gateway(app_token, api_url)
        web_client = WebClient(app_token, base_url=api_url)
        # The library would try every PING to connect, however long Slack is away.
        handler = SocketModeHandler(
            bolt, app_token, web_client=web_client, ping_interval=PING, auto_reconnect_enabled=False
        )
        self._handler, self._client = handler, handler.client
        # Our gateway knows an answer that is not Slack's.
        self._client.issue_new_wss_url = self._new_url  # type: ignore[method-assign]
        self._monotonic = monotonic
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="socket-mode", daemon=True)
        self._heard: tuple[object, float] = (None, 0.0)
        self._failed, self._try_at = 0, 0.0

    def start(self) -> None:
        """Open the connection; where Slack cannot be reached, go on trying. Raises Denied where Slack refuses the app
        token."""
        self._try_to_connect()
        self._thread.start()

    def stop(self) -> None:
        """Close the connection."""
        self._stopping.set()
        self._handler.close()  # type: ignore[no-untyped-call]

    def is_connected(self) -> bool:
        """Return whether there is a connection on which Slack has answered lately."""
        return self._client.is_connected() and not self._is_silent()

    def _new_url(self) -> str:
        return str(self._gateway.call("apps.connections.open")["url"])

    def _run(self) -> None:
        while not self._stopping.wait(LOOK):
            try:
                self._look()
            except Exception:
                # Whatever it was, the next look has to come: nobody else opens the connection again.
                log.exception("socket_mode_failed")

    def _look(self) -> None:
        if self._client.is_connected() and self._is_silent():
            log.warning("socket_mode_silent", seconds=SILENCE)
            self._client.disconnect()
        if not self._client.is_connected() and self._monotonic() >= self._try_at:
            try:
                self._try_to_connect()
            except Denied as denied:
                log.error("socket_mode_refused", code=denied.code)

    def _try_to_connect(self) -> None:
        """Connect; where that fails, wait twice as long as the last time before the next try, or as Slack says."""
        self._failed += 1
        wait = min(LOOK * 2**self._failed, LONGEST_WAIT)
        try:
            self._client.connect_to_new_endpoint()
        except NotTaken as failure:
            wait = max(wait, failure.retry_after or 0)
            log.warning("socket_mode_not_connected", code=failure.code)
        except OutcomeUnknown as failure:
            log.warning("socket_mode_not_connected", code=failure.code)
        finally:
            self._try_at = self._monotonic() + wait
        if self._client.is_connected():
            self._failed, self._try_at = 0, 0.0

    def _is_silent(self) -> bool:
        """Return whether no ping has been answered for too long, or none since the connection was opened."""
        session = self._client.current_session
        answered = (session, session.last_ping_pong_time if session else None)
        if answered != self._heard[0]:
            self._heard = answered, self._monotonic()
        return self._monotonic() - self._heard[1] > SILENCE
