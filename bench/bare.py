"""A Bolt listener that does nothing, under the same server as ours: what an answered press costs at least.

python -m bench.bare PORT SIGNING_SECRET TOKEN SLACK_API_URL WORKERS THREADS
"""

from __future__ import annotations

import sys

from flask import Flask, Request, Response, request
from slack_bolt import Ack, App
from slack_bolt.adapter.flask import SlackRequestHandler
from slack_sdk import WebClient

from bot.cli.base.stop_signal import Stop
from bot.cli.process import processes
from bot.server import Server, listen
from bot.slack.blocks.base import ids
from bot.web import MOST_SLACK_BYTES


def serve(port: int, workers: int, threads: int, *slack: str) -> None:
    """Run it as `mql-bot serve` runs ours."""
    listening = listen("127.0.0.1", port)

    def work(stop: Stop) -> None:
        server = Server(application(*slack), threads, MOST_SLACK_BYTES)
        server.start(listening)
        stop.wait()
        server.stop()

    processes.keep(workers, work)


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
    serve(int(port), int(workers), int(threads), secret, token, url)
