"""A Bolt listener that does nothing, under the same server as ours: what an answered press costs at least.

python -m bench.bare PORT SIGNING_SECRET TOKEN SLACK_API_URL WORKERS THREADS
"""

from __future__ import annotations

import sys
from typing import Any

from flask import Flask, Request, Response, request
from gunicorn.app.base import BaseApplication
from slack_bolt import Ack, App
from slack_bolt.adapter.flask import SlackRequestHandler
from slack_sdk import WebClient

from bot.slack.blocks import ids


class Server(BaseApplication):  # type: ignore[misc]
    """Run gunicorn as `mql-bot serve` sets it up."""

    def __init__(self, port: int, workers: int, threads: int, *slack: str) -> None:
        self._options: dict[str, Any] = {"bind": f"127.0.0.1:{port}", "worker_class": "gthread", "workers": workers}
        self._options |= {"threads": threads, "control_socket_disable": True, "loglevel": "warning"}
        self._slack = slack
        super().__init__()

    def load_config(self) -> None:
        """Hand our options over."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application of one worker process."""
        return application(*self._slack)


def application(secret: str, token: str, url: str) -> Flask:
    """Return Bolt as in bot.app, with one listener that only acknowledges."""
    client = WebClient(token, base_url=url, retry_handlers=[])
    bolt = App(client=client, signing_secret=secret, process_before_response=True, token_verification_enabled=False)

    def accept(ack: Ack) -> None:
        ack()

    bolt.action(ids.ACCEPT)(accept)
    flask, handler = Flask("bare"), SlackRequestHandler(bolt)

    @flask.post("/slack/events")
    def events() -> Response:
        sent: Request = request
        return handler.handle(sent)

    @flask.get("/healthz")
    def healthz() -> str:
        return "ok"

    return flask


if __name__ == "__main__":
    port, secret, token, url, workers, threads = sys.argv[1:]
    Server(int(port), int(workers), int(threads), secret, token, url).run()
