"""What the stories of the engine say to it: agree, receive, let time pass, ask what is stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.base.results import ActionResult
from bot.core.mql import escalation, feedback, intake, policy_migration, response
from bot.core.mql.feedback import Answer
from bot.core.mql.lead import Lead
from bot.core.mql.policy_migration import Difference
from storage import members, mqls, policies, workspaces
from storage.database import Database
from storage.models import Clock, Event, Mql, Outbox, outbox
from storage.vocabulary import ClockKind, EventType, MessageKind, Source
from tests.core import agreements
from tests.workspace import NOW, WORKSPACE

AGREED = {"calendar": "always", "reminders": (), "feedback_reminders": (), "quiet": None}


def accept_and_report(
    tx: sa.Connection, workspace_id: str, mql_id: int, by: str, answer: Answer, now: datetime
) -> ActionResult:
    """Take an MQL on where nobody has, and report its outcome."""
    response.accept(tx, workspace_id, mql_id, by, now)
    return feedback.give(tx, workspace_id, mql_id, by, answer, now)


class Engine:
    """A workspace without Slack."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def agrees(self, timezone: str = "Asia/Tokyo", **terms: Any) -> int:
        """Another policy for the MQLs from now on: around the clock and without reminders, where nothing else is
        said. Returns its id."""
        policy = agreements.policy(AGREED | terms)
        with self.database.transaction() as tx:
            body = policy.model_dump(mode="json")
            return policies.add(tx, WORKSPACE, body, timezone, policy.pins(NOW.year), NOW)

    def has(self, user: str, *roles: str, **columns: Any) -> None:
        """A member of the roster."""
        with self.database.transaction() as tx:
            members.save(tx, WORKSPACE, user, name=user, roles=list(roles), **columns)

    def receives(self, at: datetime = NOW, **lead: Any) -> int:
        """A lead comes in; returns the MQL's id."""
        with self.database.transaction() as tx:
            given = Lead.model_validate({"company": "Acme", **lead})
            return intake.receive(tx, WORKSPACE, given, Source.GENERIC, at).mql_id

    def sweeps(self, now: datetime) -> int:
        """What a tick does about clocks; returns how many checkpoints fired."""
        fired = 0
        while True:
            before = fired
            with self.database.transaction() as tx:
                swept, aside = escalation.sweep(tx, now, 200)
            fired += swept
            for seen in aside:
                with self.database.transaction() as tx:
                    fired += escalation.check(tx, seen, now)
            if fired == before:
                return fired

    def moves(self, now: datetime) -> Difference:
        """The open MQLs follow the newest policy."""
        with self.database.transaction() as tx:
            workspace = workspaces.locked(tx, WORKSPACE)
            assert workspace is not None
            return policy_migration.apply_to_all(tx, workspace, now)

    def does(self, act: Any, mql_id: int, *given: Any, now: datetime) -> Any:
        """One of the acts of bot.core.mql.response, in a transaction of its own."""
        with self.database.transaction() as tx:
            return act(tx, WORKSPACE, mql_id, *given, now)

    def mql(self, mql_id: int) -> Mql:
        with self.database.snapshot() as tx:
            mql = mqls.get(tx, WORKSPACE, mql_id)
        assert mql is not None
        return mql

    def clock(self, mql_id: int, kind: ClockKind = ClockKind.RESPONSE) -> Clock:
        with self.database.snapshot() as tx:
            (clock,) = [clock for clock in mqls.clocks(tx, WORKSPACE, [mql_id]) if clock.kind == kind]
        return clock

    def log(self, mql_id: int, *kinds: EventType) -> list[Event]:
        with self.database.snapshot() as tx:
            history = mqls.history(tx, WORKSPACE, mql_id)
        return [event for event in history if not kinds or event.type in kinds]

    def messages(self, mql_id: int, *kinds: MessageKind) -> list[Outbox]:
        """Everything queued about an MQL, in order."""
        query = sa.select(outbox).where(outbox.c.mql_id == mql_id).order_by(outbox.c.id)
        with self.database.snapshot() as tx:
            rows = [Outbox.model_construct(**row._mapping) for row in tx.execute(query)]
        return [row for row in rows if not kinds or row.kind in kinds]

    def told(self, mql_id: int, kind: MessageKind) -> list[str]:
        """Whom messages of a kind go to."""
        return sorted(row.target for row in self.messages(mql_id, kind))
