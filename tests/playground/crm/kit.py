"""A caller without a library, and an address that takes notices."""

import json
import threading
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from playground.crm.service import Service
from tests.patience import LONGEST


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def call(
    crm: Service,
    method: str,
    path: str,
    body: object = None,
    headers: dict[str, str] | None = None,
    **query: str,
) -> Reply:
    """Make one request over real HTTP. Raises OSError or HTTPException where no answer comes."""
    connection = HTTPConnection("127.0.0.1", int(crm.base_url.rpartition(":")[2]), timeout=LONGEST)
    try:
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        types = {"Content-Type": "application/json"} if body is not None else {}
        connection.request(method, path + (f"?{urlencode(query)}" if query else ""), content, types | (headers or {}))
        answer = connection.getresponse()
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


@dataclass
class Taken:
    """One request that came to a door."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Door:
    """An address of this machine that keeps what is posted to it. `status` and `answer` are what it says."""

    status: int = 200
    answer: bytes = b""
    taken: list[Taken] = field(default_factory=list)

    def __enter__(self) -> Self:
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                door.taken.append(Taken({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(door.status)
                self.send_header("Content-Length", str(len(door.answer)))
                self.end_headers()
                self.wfile.write(door.answer)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(0.02), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hooks/crm"
