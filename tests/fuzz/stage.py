"""A bot under fire: requests as no honest sender would write them, and what must hold whatever comes in."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from http.client import HTTPConnection
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from standardwebhooks import Webhook

from playground.dispatch import signed_http
from storage.database import Database
from storage.models import event, feedback, mql, outbox, receipt, unreadable
from storage.vocabulary import SourceKind
from tests import patience
from tests.installation import SECRET
from tests.patience import own_seconds
from tests.scenarios import story
from tests.scenarios.stage import Team
from tests.tools import Tool

STORED = (mql, event, feedback, receipt, unreadable)
COUNTS = sa.select(*(sa.select(sa.func.count()).select_from(table).scalar_subquery() for table in STORED))
LONGEST = 10.0
"""Seconds that an answer may take: beyond that a request hangs."""

many = settings(
    max_examples=int(os.environ.get("FUZZ_REQUESTS", "12")),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
        HealthCheck.function_scoped_fixture,  # the target is one for all tests
    ],
)
"""Each of these tests sends so many requests, the same ones every time."""
fewer = settings(many, max_examples=max(8, many.max_examples // 4))
"""For what takes longer to make up, or is several requests at once."""


class Target:
    """A team with some history, and the real requests of Slack that made it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with _recorded() as recorded:
            self.team = Team(database)
            _story(self.team)
        # Most messages that Slack tells of are our own, and those are all alike.
        self.requests = [
            request for request in recorded if b'"message"' not in request[0] or b"C0INTAKE01" in request[0]
        ]
        assert self.team.bot is not None
        self.address = urlsplit(self.team.bot.address)
        self.answers: Counter[int] = Counter()
        self.numbers = count()

    @cached_property
    def tools(self) -> dict[SourceKind, Tool]:
        """A tool of each kind."""
        address = self.address.geturl()
        return {kind: Tool(self.database, self.team.id, address, kind, name=f"f-{kind}") for kind in SourceKind}

    def send(self, method: str, path: str, headers: dict[str, str], body: bytes) -> int:
        """The status of the answer to one request."""
        return self.exchange(method, path, headers, body)[0]

    def exchange(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """One request, its answer held to what holds for all: an answer in time, and no 500."""
        connection = HTTPConnection(self.address.hostname or "", self.address.port, timeout=patience.LONGEST)
        started = own_seconds()
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        self.answers[answer.status] += 1
        assert own_seconds() - started < LONGEST, (method, path, headers, body[:2000])
        assert answer.status < 500, (method, path, headers, body[:2000], answer.status, content[:500])
        return answer.status, content

    def refuses_or_stores(self, path: str, headers: dict[str, str], body: bytes) -> int:
        """The same, and what is refused leaves nothing behind."""
        before = self.stored()
        status = self.send("POST", path, headers, body)
        assert status < 300 or self.stored() == before, (path, headers, body[:2000], status)
        return status

    def stored(self) -> list[int]:
        """How many rows of what somebody may have sent there are."""
        with self.database.snapshot() as tx:
            return list(tx.execute(COUNTS).one())

    def rows(self) -> list[list[Any]]:
        """The same, every row as it is, with what waits to be said."""
        with self.database.snapshot() as tx:
            return [list(tx.execute(table.select())) for table in (*STORED, outbox)]

    def signed_by_slack(self, body: bytes, content_type: str, at: float | None = None) -> dict[str, str]:
        """The headers of a request that Slack has signed."""
        moment = int(time.time() if at is None else at)
        signature = signed_http.sign(self.team.slack.signing_secret, moment, body)
        return {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": str(moment),
            "X-Slack-Signature": signature,
        }

    def signed_by_tool(self, webhook_id: str, body: bytes) -> dict[str, str]:
        """The headers of a webhook that knows the secret."""
        now = datetime.now(UTC)
        signature = Webhook(SECRET).sign(webhook_id, now, body.decode(errors="replace"))
        return {
            "content-type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        }

    def close(self) -> None:
        """Everything that was sent must have left a bot that still works."""
        self.team.settle()
        number = self.team.receives("After the storm").body["number"]
        assert self.team.mql(number).company == "After the storm"
        assert self.team.bot is not None
        self.team.bot.stop()
        self.team.slack.stop()


@contextmanager
def _recorded() -> Iterator[list[tuple[bytes, str]]]:
    """Whatever the playground signs meanwhile: body and content type."""
    signed: list[tuple[bytes, str]] = []
    real = signed_http.sign

    def sign(secret: str, at: int, body: bytes) -> str:
        kind = "application/json" if body.lstrip().startswith(b"{") else "application/x-www-form-urlencoded"
        signed.append((body, kind))
        return real(secret, at, body)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signed_http, "sign", sign)
        yield signed


def _story(team: Team) -> None:
    """Every kind of request that Slack sends: commands, buttons, menus, forms, events; and MQLs in every state."""
    story.live(team)
    for line in ("/mql new", "/mql withdraw 5 test", "/mql show 1"):
        team.user("tanaka").types(line, channel="sales")
    sato = team.user("sato")
    numbers = [team.receives(f"Late {late}").body["number"] for late in range(4)]
    for number in numbers:
        team.accepts(number)
    mine = [team.mql(number).id for number in numbers if team.mql(number).owner == team.slack.user("sato").id]
    sato.types("/mql-feedback", channel="sales")
    sato.choose("pick_mql", str(mine[0]))


def as_json(value: Any) -> bytes:
    """JSON as some tool may write it: also what JSON does not allow."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", errors="surrogatepass")
