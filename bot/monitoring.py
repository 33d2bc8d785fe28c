"""The pages for monitors: /healthz, /readyz and /metrics, on the HTTP side and on the worker's own port."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import asdict
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST

from bot.core.health import checks as health
from bot.core.health.checks import Check
from bot.json_errors import answer_in_json
from bot.metrics import Metrics
from bot.slack.context import AppContext
from bot.slack.web_api.gateway import NOT_SLACK, Gateway

LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
OWN_NAMES = ("localhost", "127.0.0.1", "::1")
# What a reverse proxy says of whom it speaks for.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


class Monitor:
    """What a monitor may ask of one process. Without a token only somebody on this machine may, not by a proxy."""

    def __init__(self, context: AppContext, metrics: Metrics, token: str | None) -> None:
        self._context, self._metrics, self._token = context, metrics, token
        self.connected: Callable[[], bool] | None = None
        """Whether Socket Mode is connected, where it is used."""

    def alone(self) -> Flask:
        """Return an application of these pages only, for a process that serves nothing else."""
        app = Flask("mql-bot-monitoring")
        app.register_blueprint(self.pages())
        answer_in_json(app)
        return app

    def pages(self) -> Blueprint:
        """Return the three pages."""
        pages = Blueprint("monitoring", __name__)

        @pages.get("/healthz")
        def healthz() -> Response:
            return jsonify(status="ok")

        @pages.get("/readyz")
        def readyz() -> tuple[Response, int]:
            return self._refusal() or self._ready()

        @pages.get("/metrics")
        def metrics() -> Response | tuple[Response, int]:
            context = self._context
            refusal = self._refusal()
            if refusal is not None:
                return refusal
            text = self._metrics.text(context.database, context.identity.team_id, context.now())
            return Response(text, content_type=CONTENT_TYPE_LATEST)

        return pages

    def _ready(self) -> tuple[Response, int]:
        context = self._context
        checks = health.examine(context.database, context.identity.team_id, context.now())
        trouble = _trouble_with_slack(context.gateway)
        checks.append(Check("slack", ok=trouble is None, value=trouble or "ok"))
        if self.connected is not None:
            connected = self.connected()
            checks.append(Check("socket_mode", ok=connected, value="connected" if connected else "not connected"))
        ready = all(check.ok for check in checks)
        body = jsonify(status="ok" if ready else "failing", checks=[asdict(check) for check in checks])
        return body, 200 if ready else 503

    def _refusal(self) -> tuple[Response, int] | None:
        if self._token is not None:
            given = request.headers.get("Authorization", "").encode()
            if hmac.compare_digest(given, f"Bearer {self._token}".encode()):
                return None
            answer = jsonify(error="unauthorized", message="Send METRICS_TOKEN as Authorization: Bearer …")
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer, 401
        forwarded = any(name in request.headers for name in FORWARDED)
        if request.remote_addr in LOOPBACK and not forwarded and _names_this_machine(request.headers.get("Host", "")):
            return None
        message = "Without METRICS_TOKEN this page answers only to its own machine. Set METRICS_TOKEN to ask from afar."
        return jsonify(error="forbidden", message=message), 403


def _trouble_with_slack(gateway: Gateway) -> str | None:
    """Return why calls do not get through to Slack. Also where the last one did, while others are answered by somebody
    else: a filter that lets some through is there all the time."""
    return gateway.trouble or (NOT_SLACK if gateway.strangers.lasting is not None else None)


def _names_this_machine(host: str) -> bool:
    """Return whether a Host header is this machine's own. A browser on it can be made to ask under a stranger's name
    that leads here (DNS rebinding), and that stranger's page would read the answer. Browsers always send one."""
    try:
        return not host or urlsplit(f"//{host}").hostname in OWN_NAMES
    except ValueError:
        return False
