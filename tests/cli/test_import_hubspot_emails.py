"""The e-mails of HubSpot by week, from a strict server in its place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.connectors import hubspot_emails
from tests.cli.kit import cli
from tests.cli.test_import_figures import known, team
from tests.scenarios.stage import Team

__all__ = ["team"]
TOKEN = "pat-na1-secret"
Answer = tuple[int, bytes]


class HubSpot:
    """Answers as HubSpot documents it; `fault` answers instead."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fault: Answer | None = None

    def answer(self, path: str, token: str | None) -> Answer:
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append(path)
        if self.fault:
            return self.fault
        if parts.path != hubspot_emails.PATH:
            return 404, b"{}"
        if token != f"Bearer {TOKEN}":
            return 401, json.dumps({"status": "error", "category": "EXPIRED_AUTHENTICATION"}).encode()
        if query.keys() != {"interval", "startTimestamp", "endTimestamp"} or query["interval"] != "DAY":
            return 400, json.dumps({"status": "error", "category": "VALIDATION_ERROR"}).encode()
        start, end = (datetime.fromisoformat(query[f"{name}Timestamp"]) for name in ("start", "end"))
        assert start.tzinfo is not None
        return 200, json.dumps({"total": (end - start).days, "results": list(self._days(start, end))}).encode()

    def _days(self, start: datetime, end: datetime) -> Iterator[dict[str, object]]:
        # Its days may be those of the account, hours away from ours.
        day = start - timedelta(hours=9)
        while day + timedelta(hours=9) < end:
            counters = {"sent": 10, "delivered": 9, "open": 4, "click": 1, "bounce": 1}
            ends = {"start": day.isoformat(), "end": (day + timedelta(days=1)).isoformat()}
            yield {"interval": ends, "aggregations": {"counters": counters, "ratios": {"openratio": 44.4}}}
            day += timedelta(days=1)


@pytest.fixture
def hubspot(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubSpot]:
    fake = HubSpot()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = fake.answer(self.path, self.headers.get("Authorization"))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:1/login")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    there: Callable[..., object] = hubspot_emails.weeks
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(hubspot_emails, "weeks", lambda *given: there(*given, api=address))
    monkeypatch.setenv("HUBSPOT_TOKEN", TOKEN)
    yield fake
    server.shutdown()
    server.server_close()


def test_the_last_weeks_are_fetched_in_one_call_and_stored_once(team: Team, hubspot: HubSpot, language: str) -> None:
    asked = cli("import", "hubspot-emails", "--weeks", "3", "--dry-run")
    assert (asked.exit_code, known(team)) == (0, {}), asked.output
    for _ in range(2):
        done = cli("import", "hubspot-emails", "--weeks", "3")
        assert done.exit_code == 0, done.output
    assert len(hubspot.asked) == 3
    assert known(team) == {("2026-W47", ""): (None, 70, 28, 7), ("2026-W46", ""): (None, 70, 28, 7)}


@pytest.mark.alike
@pytest.mark.parametrize(
    "fault",
    [
        (401, b"{}"),
        pytest.param((403, b'{"category": "MISSING_SCOPES"}'), marks=pytest.mark.thorough),
        pytest.param((429, b'{"category": "RATE_LIMITS"}'), marks=pytest.mark.thorough),
        (503, b"Service Unavailable"),
        pytest.param((302, b""), marks=pytest.mark.thorough),
        (200, b"<!doctype html><html>Log in</html>"),
        pytest.param((200, b'{"results": ['), marks=pytest.mark.thorough),
        (200, b'{"results": [{"interval": {"start": "2026-11-16", "end": "2026-11-17"}, "aggregations": {}}]}'),
        pytest.param((200, b'{"results": {"a": 1}}'), marks=pytest.mark.thorough),
    ],
)
def test_whatever_else_comes_back_nothing_is_changed(
    team: Team, hubspot: HubSpot, fault: Answer, language: str
) -> None:
    cli("import", "hubspot-emails", "--weeks", "1")
    before = known(team)
    hubspot.fault = fault
    done = cli("import", "hubspot-emails")
    assert (done.exit_code, known(team)) == (1, before)
    assert TOKEN not in done.output


def test_without_a_token_nobody_is_asked(team: Team, hubspot: HubSpot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUBSPOT_TOKEN")
    assert (cli("import", "hubspot-emails").exit_code, hubspot.asked) == (2, [])
