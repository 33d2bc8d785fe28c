"""One HTTP server around a small application, as `python -m bench.servers` compares them.

python -m bench.server_candidates NAME PORT
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from standardwebhooks import Webhook

SECRET = "whsec_c2FtcGxlLXNlY3JldC1vZi10aGlydHktdHdvLWJ5dGU="
THREADS = 16
MOST_BYTES = 4 * 1024 * 1024


def application() -> Flask:
    """Return what our HTTP side does of a request, without a database: bound, read, verify, answer."""
    app, webhook = Flask("candidate"), Webhook(SECRET)

    def body() -> bytes | None:
        if (request.content_length or 0) > MOST_BYTES:
            return None
        read = request.stream.read(MOST_BYTES + 1)
        return read if len(read) <= MOST_BYTES else None

    @app.post("/slack/events")
    def slack_events() -> tuple[str, int]:
        return ("", 413) if body() is None else ("", 401)

    @app.post("/webhooks/generic")
    def generic() -> tuple[str, int]:
        sent = body()
        if sent is None:
            return "", 413
        webhook.verify(sent, dict(request.headers), json_parse=False)
        return "{}", 202

    @app.get("/healthz")
    def healthz() -> Response:
        return Response("ok")

    return app


def ours(port: int) -> None:
    """Waitress with our limits and deadlines."""
    from bot.server import Server, listen  # noqa: PLC0415

    server = Server(application(), THREADS, MOST_BYTES)
    server.start(listen("127.0.0.1", port))
    server.join()


def waitress(port: int) -> None:
    """Waitress with the limits that it has."""
    from waitress import serve  # noqa: PLC0415

    serve(
        application(),
        listen=f"127.0.0.1:{port}",
        threads=THREADS,
        connection_limit=1000,
        channel_timeout=10,
        asyncore_use_poll=True,
        max_request_body_size=MOST_BYTES,
        max_request_header_size=65_536,
    )


def cheroot(port: int) -> None:
    """Cheroot with the limits that it has."""
    from cheroot.wsgi import Server  # noqa: PLC0415

    server = Server(("127.0.0.1", port), application(), numthreads=THREADS)
    server.max_request_header_size, server.max_request_body_size = 65_536, MOST_BYTES
    server.start()


def gunicorn(port: int) -> None:
    """Gunicorn with threads."""
    from gunicorn.app.base import BaseApplication  # noqa: PLC0415

    class Standalone(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            options: dict[str, Any] = {"bind": f"127.0.0.1:{port}", "worker_class": "gthread", "threads": THREADS}
            for name, value in (options | {"control_socket_disable": True}).items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return application()

    Standalone().run()


def granian(port: int) -> None:
    """Granian's WSGI server, one process."""
    from granian import Granian  # noqa: PLC0415
    from granian.constants import Interfaces  # noqa: PLC0415

    Granian(
        "bench.server_candidates:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=THREADS,
        factory=True,
    ).serve()


def uvicorn(port: int) -> None:
    """Uvicorn, the application in threads (a2wsgi)."""
    import uvicorn as server  # noqa: PLC0415
    from a2wsgi import WSGIMiddleware  # noqa: PLC0415

    server.run(WSGIMiddleware(application(), workers=THREADS), host="127.0.0.1", port=port, log_level="warning")


CANDIDATES: dict[str, Callable[[int], None]] = {
    run.__name__: run for run in (cheroot, gunicorn, granian, uvicorn, waitress, ours)
}


if __name__ == "__main__":
    CANDIDATES[sys.argv[1]](int(sys.argv[2]))
