"""A workspace with its bot in one process, in a time of its own, every part of it in an order that a seed repeats."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from standardwebhooks import Webhook

from bot import worker
from bot.core import teamfile
from bot.core.teamfile import TeamFile
from bot.slack.delivery.loop import Delivery
from bot.slack.delivery.pacing import UNPACED
from bot.watch import Watch
from playground.dispatch.signed_http import sign
from storage import models
from storage.database import Database
from tests.installation import SECRET, Installation
from tests.simulation.offices import Hours
from tests.simulation.slow_agreement import Version
from tests.simulation.story import Change, Journal
from tests.simulation.wire import Killed, OneAfterAnother, Wire


class Time:
    """`true` is the time of the world, and Slack's; the machine's clock may be off by `skew`."""

    def __init__(self, start: datetime) -> None:
        self.true, self.skew = start, timedelta(0)
        self.furthest = start
        """The latest moment that the machine's clock has shown."""

    def now(self) -> datetime:
        """What the machine's clock shows."""
        self.furthest = max(self.furthest, self.true + self.skew)
        return self.true + self.skew


class World:
    """The bot's parts around one database and one playground."""

    def __init__(self, database: Database, start: datetime, *, http: bool) -> None:
        self.database, self.time = database, Time(start)
        installation = Installation(database, self.time.now, slack_now=lambda: self.time.true)
        self.slack = installation.slack
        self.id = self.slack.team_id
        self.wire = Wire(self.slack, http=http)
        self.journal = Journal()
        self.surprises: list[str] = []
        self.ticked_at = start
        """What the machine's clock showed at the last tick."""
        parts = installation.parts()
        self._http = parts.flask().test_client()
        self.context = replace(parts.context, gateway=self.wire, wake=lambda: None)
        self.delivery = Delivery(database, self.wire, self.id, self.time.now, threads=4, pacing=UNPACED)
        self.delivery._pool = OneAfterAnother()  # type: ignore[assignment]
        self.watch = Watch(self.context, self.delivery)

    def close(self) -> None:
        """Let go of everything but the database."""
        self.slack.stop()

    # The bot's own work

    def tick(self, meanwhile: tuple[int, Callable[[], object]] | None = None) -> None:
        """What the worker does every few seconds. `meanwhile`: something that happens before the n-th time that the
        tick turns to the database."""
        office = self.context
        if meanwhile is not None:
            office = replace(office, database=Interrupted(self.database, *meanwhile))
        worker.tick(office)
        self.ticked_at = self.time.now()

    def deliver(self, *, dies_in: int = 0, meanwhile: Callable[[], None] | None = None) -> None:
        """Send what may be sent; perhaps die on the way, or be overtaken between a decision and its call."""
        self.wire.dies_in, self.wire.meanwhile = dies_in, meanwhile
        with suppress(Killed):
            self.delivery.drain()
        self.wire.dies_in, self.wire.meanwhile = 0, None

    # What comes in from outside

    def webhook(self, kind: str, content: dict[str, Any], name: str, times: int = 1) -> int:
        """A signed webhook comes in, perhaps more than once, and gets the same answer each time. Returns its status."""
        body = json.dumps(content).encode()
        at = datetime.now(UTC)
        headers = {"webhook-id": name, "webhook-timestamp": str(int(at.timestamp()))}
        headers["webhook-signature"] = Webhook(SECRET).sign(name, at, body.decode())
        answers = [self._http.post(f"/webhooks/{kind}", data=body, headers=headers) for _ in range(times)]
        assert all((answer.status_code, answer.json) == (answers[0].status_code, answers[0].json) for answer in answers)
        return answers[0].status_code

    def press(self, action_id: str, mql_id: int, user: str, trigger: str, times: int = 1) -> None:
        """Somebody presses a button, and the network may deliver it more than once."""
        action = {"type": "button", "action_id": action_id, "block_id": "b", "value": str(mql_id)}
        payload: dict[str, Any] = {
            "type": "block_actions",
            "team": {"id": self.id},
            "user": {"id": user},
            "trigger_id": trigger,
        }
        payload |= {"channel": {"id": "C0MQL00001"}, "actions": [action]}
        body, at = urlencode({"payload": json.dumps(payload)}).encode(), int(time.time())
        signature = sign(self.slack.signing_secret, at, body)
        headers = {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": signature}
        kind = "application/x-www-form-urlencoded"
        for _ in range(times):
            answer = self._http.post("/slack/events", data=body, headers=headers, content_type=kind)
            assert answer.status_code == 200, answer.data

    # What admins change

    def apply(self, wanted: TeamFile, *, move_open: bool = False) -> None:
        """`mql-bot config apply`, which shows first what it will do."""
        now = self.time.now()
        with self.database.transaction() as tx:
            last = tx.execute(sa.select(sa.func.coalesce(sa.func.max(models.event.c.id), 0))).scalar_one()
            shown = teamfile.preview(tx, wanted, now).deadlines.moves
            teamfile.apply(tx, wanted, now, move_open=move_open)
            moved = list(_moved(tx, last))
        promised = (
            [(move.number, move.kind, move.before, move.after, move.effect) for move in shown] if move_open else []
        )
        if sorted(promised, key=str) != sorted(moved, key=str):
            self.surprises.append(f"config apply moves {moved}, but has shown {promised}")
        current = sa.select(models.policy_version).join(
            models.workspace, models.workspace.c.policy_id == models.policy_version.c.id
        )
        (row,) = self.query(current)
        version = Version(row.id, row.version, row.body, row.timezone, row.holidays, row.created_at)
        self.journal.changes.append(Change(last, version, now, move_open, Hours.of(wanted.members)))

    def setup(self) -> TeamFile:
        """The team file as it stands."""
        with self.database.snapshot() as tx:
            known = teamfile.current(tx, self.id)
        assert known is not None
        return known

    # What is stored

    def query(self, statement: sa.Select[Any]) -> list[Any]:
        """The rows of a query."""
        with self.database.snapshot() as tx:
            return list(tx.execute(statement))


def _moved(tx: sa.Connection, after: int) -> Iterator[tuple[Any, ...]]:
    """The deadlines that have moved since the event of this id, by the log."""
    events = sa.select(models.event, models.mql.c.number).join(models.mql, models.mql.c.id == models.event.c.mql_id)
    moves = events.where(models.event.c.id > after, models.event.c.type == "deadline_moved")
    for event in tx.execute(moves):
        before, after_it = (datetime.fromisoformat(text) for text in (event.before, event.after))
        yield event.number, event.data["clock"], before, after_it, event.data["effect"]


class Interrupted(Database):
    """A database to which, once, somebody else comes first."""

    def __init__(self, inner: Database, nth: int, first: Callable[[], object]) -> None:
        self._inner, self._left, self._first = inner, nth, first

    def _wait(self) -> None:
        self._left -= 1
        if self._left == 0:
            self._first()

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Like Database.transaction."""
        self._wait()
        with self._inner.transaction() as tx:
            yield tx

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """Like Database.snapshot."""
        self._wait()
        with self._inner.snapshot() as tx:
            yield tx
