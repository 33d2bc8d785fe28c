"""How many functions and files a piece of data passes on its way, and how many statements it takes.

python -m bench.walk

Counts what is called in `bot/` and `storage/` (sys.setprofile) and what is executed on SQLite (SQLAlchemy's events).
Each figure is that of the third time, when everything is loaded and every statement compiled; docs/walks.md has them.
"""

from __future__ import annotations

import json
import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
import structlog
from flask.testing import FlaskClient
from slack_sdk.signature import SignatureVerifier
from standardwebhooks import Webhook

from bot import worker
from bot.app import Parts
from bot.slack.blocks.base import ids
from storage.database import Database
from storage.models import Mql, mql, outbox
from storage.vocabulary import MessageKind, OutboxState
from tests import statements
from tests.databases import new_sqlite
from tests.installation import ROOT, SECRET, Installation, sample_office

OURS = tuple(f"{ROOT / folder}/" for folder in ("bot", "storage"))
ROUNDS = 3
A_MOMENT, LATER = timedelta(seconds=5), timedelta(days=30)


@dataclass
class Walk:
    """What was passed on the way."""

    functions: set[tuple[str, str]] = field(default_factory=set)
    """File and qualified name of each."""
    calls: int = 0
    statements: int = 0

    @property
    def files(self) -> int:
        """How many files the functions stand in."""
        return len({file for file, _ in self.functions})

    def note(self, frame: FrameType, event: str, _: Any) -> None:
        """Hear of a call from the interpreter. Comprehensions and lambdas count as their function."""
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(OURS) and not code.co_name.startswith("<"):
            self.functions.add((code.co_filename, code.co_qualname))
            self.calls += 1


class Stage:
    """A bot without a socket beside a local Slack, with a clock that is moved."""

    def __init__(self, database: Database) -> None:
        self.database, self._ahead = database, timedelta(0)
        self.installation = Installation(database, self.now)
        self.installation.agree(sample_office())
        self.parts: Parts = self.installation.parts()
        self.client: FlaskClient = self.parts.flask().test_client()
        self._texts = statements.texts(database.engine)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, by: timedelta = A_MOMENT) -> None:
        """Let time pass; a conversation is free again."""
        self._ahead += by

    @contextmanager
    def watched(self) -> Iterator[Walk]:
        """Yield what is passed meanwhile by this thread."""
        walk, before = Walk(), len(self._texts)
        sys.setprofile(walk.note)
        try:
            yield walk
        finally:
            sys.setprofile(None)
            walk.statements = len(self._texts) - before

    def lead(self, number: int) -> Walk:
        """Take a lead in by the webhook."""
        lead = {"external_id": f"{number:08}", "company": f"Sample {number} Inc.", "email": f"{number}@example.com"}
        body, moment, key = json.dumps(lead), datetime.now(UTC), f"msg_{number}"
        signature = Webhook(SECRET).sign(key, moment, body)
        headers = {
            "webhook-id": key,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": signature,
            "Content-Type": "application/json",
        }
        with self.watched() as walk:
            answer = self.client.post("/webhooks/generic", data=body, headers=headers)
        assert answer.status_code == 202, answer.text
        return walk

    def press(self, subject: Mql) -> Walk:
        """Let the owner of an MQL press Accept on its card."""
        action = {"type": "button", "action_id": ids.ACCEPT, "block_id": "b", "value": str(subject.id)}
        return self._from_slack(
            {
                "type": "block_actions",
                "team": {"id": self.installation.slack.team_id, "domain": "sample-inc"},
                "user": {"id": subject.owner, "name": "owner", "team_id": self.installation.slack.team_id},
                "api_app_id": "A1",
                "token": "unused",
                "container": {"type": "message", "message_ts": "1763341200.000100", "channel_id": "C0MQL00001"},
                "channel": {"id": "C0MQL00001", "name": "mql"},
                "trigger_id": f"1.1.{subject.id}",
                "actions": [{**action, "action_ts": f"{time.time():.6f}"}],
            }
        )

    def _from_slack(self, payload: dict[str, Any]) -> Walk:
        body = urlencode({"payload": json.dumps(payload)})
        stamp = str(int(time.time()))
        signature = SignatureVerifier(self.installation.access.signing_secret).generate_signature(
            timestamp=stamp, body=body
        )
        headers = {
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature or "",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        with self.watched() as walk:
            answer = self.client.post("/slack/events", data=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return walk

    def deliver(self, kind: MessageKind) -> Walk:
        """Deliver one row of a kind, from taking it to its end; whatever else waits is left for later."""
        due = {"due_at": self.now(), "next_attempt_at": self.now()}
        waiting = sa.and_(outbox.c.state == OutboxState.PENDING, outbox.c.attempts == 0)
        with self.database.transaction() as tx:
            row_id = tx.execute(sa.select(sa.func.min(outbox.c.id)).where(waiting, outbox.c.kind == kind)).scalar_one()
            tx.execute(outbox.update().where(waiting).values(next_attempt_at=self.now() + LATER))
            tx.execute(outbox.update().where(outbox.c.id == row_id).values(**due))
        self.advance()
        delivery = self.parts.delivery
        with self.watched() as walk:
            ((row, free_at),) = delivery._claim(1, ())
            delivery.sender.send(row, free_at)
        with self.database.snapshot() as tx:
            state = tx.execute(sa.select(outbox.c.state).where(outbox.c.id == row_id)).scalar_one()
        assert (row.id, state) == (row_id, OutboxState.SENT), state
        return walk

    def newest(self) -> Mql:
        """Return the MQL that came in last."""
        with self.database.snapshot() as tx:
            row = tx.execute(sa.select(mql).order_by(mql.c.id.desc()).limit(1)).one()
        return Mql.model_construct(**row._mapping)

    def skip(self) -> None:
        """Send everything that waits, so that the next round begins with an empty outbox."""
        with self.database.transaction() as tx:
            tx.execute(outbox.update().where(outbox.c.state == OutboxState.PENDING).values(state=OutboxState.DROPPED))


def walks(stage: Stage, number: int) -> dict[str, Walk]:
    """Return one round: a lead, its messages, its acceptance and what that changes, and one that nobody answers."""
    measured = {"a webhook lead, until it is answered 202": stage.lead(number * 2)}
    measured |= {_named(kind): stage.deliver(kind) for kind in (MessageKind.CARD, MessageKind.ASSIGNMENT)}
    measured["a press on Accept, until it is answered 200"] = stage.press(stage.newest())
    measured |= {_named(kind): stage.deliver(kind) for kind in (MessageKind.NOTE, MessageKind.EDIT)}
    stage.skip()
    stage.lead(number * 2 + 1)
    stage.deliver(MessageKind.CARD)
    stage.advance(timedelta(days=10))
    with stage.watched() as measured["a tick that escalates"]:
        worker.tick(stage.parts.context)
    measured[_named(MessageKind.ESCALATION)] = stage.deliver(MessageKind.ESCALATION)
    stage.skip()
    return measured


def _named(kind: MessageKind) -> str:
    return f"an outbox row: {kind}"


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(prefix="mql-walk-") as folder:
        stage = Stage(new_sqlite(Path(folder) / "mql.db"))
        measured = [walks(stage, number) for number in range(ROUNDS)][-1]
        stage.installation.slack.stop()
    print("| walk | functions | files | calls | statements |\n|---|--:|--:|--:|--:|")
    for name, walk in measured.items():
        print(f"| {name} | {len(walk.functions)} | {walk.files} | {walk.calls} | {walk.statements} |")


if __name__ == "__main__":
    main()
