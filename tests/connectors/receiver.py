"""A tool that takes webhooks, on a port of this machine."""

from __future__ import annotations

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from standardwebhooks import Webhook

SECRET = "whsec_b3V0Ym91bmQtc2VjcmV0LW9mLXRoaXJ0eS10d28tYnk="


class Heard(NamedTuple):
    """One request, whose signature was right."""

    id: str
    path: str
    event: dict[str, Any]

    @property
    def type(self) -> str:
        return str(self.event["type"])

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = self.event["data"]
        return data


class Receiver:
    """Answers with the next of `answers`, or with 204: a status; "lost": it takes the request and hangs up; "slow": a
    byte now and then, for ever."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.answers: list[int | str] = []
        self.heard: list[Heard] = []
        self.wrong: list[str] = []
        self.done = threading.Event()
        self.location = self.retry_after = ""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.take(self)

            def do_GET(self) -> None:
                receiver.wrong.append(f"GET {self.path}")

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._scheme = "https" if tls else "http"
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def url(self, host: str = "127.0.0.1") -> str:
        return f"{self._scheme}://{host}:{self._server.server_port}/hooks/mql?team=1"

    def take(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["content-length"]))
        event = Webhook(SECRET).verify(body, dict(request.headers.items()))
        assert event == json.loads(body)
        self.heard.append(Heard(str(request.headers["webhook-id"]), request.path, event))
        answer = self.answers.pop(0) if self.answers else 204
        if answer == "lost":
            request.connection.close()
            request.close_connection = True
            return
        if answer == "slow":
            while not self.done.wait(0.02):
                request.wfile.write(b"H")
            return
        request.send_response(int(answer))
        if self.location:
            request.send_header("location", self.location)
        if self.retry_after:
            request.send_header("retry-after", self.retry_after)
        request.send_header("content-length", "0")
        request.end_headers()

    def types(self) -> list[str]:
        return [event.type for event in self.heard]

    def close(self) -> None:
        self.done.set()
        self._server.shutdown()
        self._server.server_close()
