"""A threaded HTTP server for one of the playground's tools."""

import contextlib
import socket
import threading

from flask import Flask, Response, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the playground keeps a log of its own."""


class Server:
    """A threaded HTTP server that can be started and stopped."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        # Bound here, so that a taken port is an OSError; werkzeug would end the process.
        with socket.create_server((host, port)) as bound:
            self._server: BaseWSGIServer = make_server(
                host, port, app, threaded=True, request_handler=_Quiet, fd=bound.fileno()
            )
        self.port: int = self._server.socket.getsockname()[1]
        serve = lambda: self._server.serve_forever(poll_interval=0.02)  # noqa: E731 - a thread's whole work
        self._thread = threading.Thread(target=serve, name="playground", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and close the socket."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def hang_up() -> Response:
    """Close the connection under the answer, so that the caller gets none."""
    connection: socket.socket = request.environ["werkzeug.socket"]
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    return Response("")
