"""Socket Mode: the bot connects, any one of its connections gets an envelope (Slack documentation: Socket Mode)."""

import itertools
import json
import socket
import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from playground.dispatch.transport import Answer, Dispatch
from playground.model import Json

CONNECTION_LIMIT = 10


@dataclass
class _Waiting:
    acknowledged: threading.Event = field(default_factory=threading.Event)
    payload: Any = None


class _Line(ServerConnection):
    """A connection that can go dead without a word, as a cable that is pulled."""

    dead = False

    def send_data(self) -> None:
        """Send, pongs among it, unless the line is dead."""
        if not self.dead:
            super().send_data()


class SocketMode:
    """A WebSocket server of its own port; it starts when the bot first asks for an address."""

    def __init__(self, host: str, app_id: str) -> None:
        self._host, self._app_id = host, app_id
        self._lock = threading.Lock()
        self._server: Server | None = None
        self._connections: list[ServerConnection] = []
        self._opened = 0
        self._waiting: dict[str, _Waiting] = {}
        self._tickets: set[str] = set()
        self._numbers = itertools.count(1)

    def new_url(self) -> str:
        """Give out an address that works for one connection."""
        with self._lock:
            if self._server is None:
                self._server = serve(self._talk, self._host, 0, close_timeout=0.2, create_connection=_Line)
                threading.Thread(target=self._server.serve_forever, name="socket-mode", daemon=True).start()
            ticket = f"ticket-{next(self._numbers)}"
            self._tickets.add(ticket)
            port = self._server.socket.getsockname()[1]
            return f"ws://{self._host}:{port}/link/?ticket={ticket}&app_id={self._app_id}"

    @property
    def connections(self) -> int:
        """How many connections are open."""
        with self._lock:
            return len(self._connections)

    @property
    def opened(self) -> int:
        """How many connections have been opened so far, also those that are closed again."""
        with self._lock:
            return self._opened

    def refresh(self) -> None:
        """Ask every connection to come back on a new one, as Slack does from time to time."""
        with self._lock:
            leaving, self._connections = self._connections, []
        for connection in leaving:
            _say_goodbye(connection, "refresh_requested")

    def pull(self) -> None:
        """Let every connection go dead: it stays open, and nothing comes over it any more, not even to a ping."""
        with self._lock:
            for connection in self._connections:
                connection.dead = True  # type: ignore[attr-defined] # each is a _Line

    def cut(self) -> None:
        """Break every connection without the goodbye of a WebSocket, as a router does that forgets it."""
        with self._lock:
            broken, self._connections = self._connections, []
        for connection in broken:
            connection.socket.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """Close everything."""
        with self._lock:
            server, self._server = self._server, None
            leaving, self._connections = self._connections, []
        for connection in leaving:
            connection.close()
        if server is not None:
            server.shutdown()

    def send(self, dispatch: Dispatch, patience: float, at: int) -> Answer:
        """Send an envelope over one connection and wait for its acknowledgement."""
        number = next(self._numbers)
        envelope_id = f"{number:08x}-0000-4000-8000-{at:012x}"
        waiting = self._waiting[envelope_id] = _Waiting()
        try:
            with self._lock:
                connection = self._connections[number % len(self._connections)] if self._connections else None
            if connection is None:
                return Answer(None, failure="connection_failed", sentence="no Socket Mode connection is open")
            connection.send(json.dumps(_envelope(envelope_id, dispatch)))
            answered = waiting.acknowledged.wait(patience)
        except ConnectionClosed:
            return Answer(None, failure="connection_failed", sentence="the Socket Mode connection broke")
        finally:
            self._waiting.pop(envelope_id, None)
        if not answered:
            return Answer(None, failure="http_timeout", sentence=f"no acknowledgement within {patience:g} s")
        return Answer(200, "" if waiting.payload is None else json.dumps(waiting.payload))

    def _talk(self, connection: ServerConnection) -> None:
        path = connection.request.path if connection.request else ""
        ticket = parse_qs(urlsplit(path).query).get("ticket", [""])[0]
        with self._lock:
            known = ticket in self._tickets
            self._tickets.discard(ticket)
            full = len(self._connections) >= CONNECTION_LIMIT
            if known and not full:
                self._connections.append(connection)
                self._opened += 1
                count = len(self._connections)
        if not known or full:
            _say_goodbye(connection, "too_many_websockets" if known else "link_disabled")
            return
        try:
            connection.send(json.dumps(self._hello(count)))
            for text in connection:
                self._acknowledge(text)
        except ConnectionClosed:
            pass
        finally:
            with self._lock:
                if connection in self._connections:
                    self._connections.remove(connection)

    def _acknowledge(self, text: str | bytes) -> None:
        try:
            message = json.loads(text)
        except ValueError:
            return
        waiting = self._waiting.get(str(message.get("envelope_id"))) if isinstance(message, dict) else None
        if waiting is not None:
            waiting.payload = message.get("payload")
            waiting.acknowledged.set()

    def _hello(self, count: int) -> Json:
        return {
            "type": "hello",
            "num_connections": count,
            "debug_info": {"host": "playground", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self._app_id},
        }


def _envelope(envelope_id: str, dispatch: Dispatch) -> Json:
    envelope: Json = {
        "envelope_id": envelope_id,
        "type": dispatch.kind,
        "payload": dispatch.payload,
        "accepts_response_payload": dispatch.kind != "events_api",
    }
    if dispatch.kind == "events_api":
        envelope |= {"retry_attempt": dispatch.retry_num, "retry_reason": dispatch.retry_reason}
    return envelope


def _say_goodbye(connection: ServerConnection, reason: str) -> None:
    try:
        connection.send(json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": "playground"}}))
        connection.close()
    except ConnectionClosed:
        pass
