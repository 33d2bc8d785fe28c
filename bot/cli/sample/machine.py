"""A bot and a Slack in one process without sockets, whose time passes only when it is told to."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from bot import worker
from bot.cli.sample_manifest import MANIFEST
from bot.slack.context import AppContext
from bot.slack.delivery.loop import Delivery
from bot.slack.delivery.pacing import UNPACED
from bot.slack.heartbeat import Heartbeat
from bot.slack.identity import Identity, remember
from bot.slack.web_api.gateway import Gateway
from bot.slack.web_api.wire import Answer
from playground import Playground, TeamSpec
from storage import due_work, undelivered
from storage.database import Database
from storage.models import mql, outbox
from storage.vocabulary import MessageKind, Status

Result = TypeVar("Result")
OPEN = (Status.UNASSIGNED, Status.ASSIGNED, Status.ACCEPTED, Status.CONTACTED)


def _still_read() -> sa.Select[tuple[int]]:
    """Return the messages that people still turn to: cards of open MQLs, and the newest monthly report of each."""
    open_mqls = sa.select(mql.c.id).where(mql.c.status.in_(OPEN))
    monthly = sa.select(sa.func.max(outbox.c.id)).where(outbox.c.kind == MessageKind.MONTHLY).group_by(outbox.c.target)
    card = sa.and_(outbox.c.kind == MessageKind.CARD, outbox.c.mql_id.in_(open_mqls))
    return sa.select(outbox.c.id).where(sa.or_(card, outbox.c.id.in_(monthly)))


class _Direct(Gateway):
    """Calls the playground's Web API without HTTP."""

    def __init__(self, slack: Playground) -> None:
        super().__init__(slack.bot_token, "http://localhost")
        self._slack = slack

    def post_form(self, method: str, fields: dict[str, Any], timeout: float) -> Answer:  # noqa: ARG002 - none is slow
        reply = self._slack.web_api.call(method, fields, self._slack.bot_token)
        return Answer(reply.status, reply.headers, json.dumps(reply.body).encode())


class Machine:
    """The bot's own work: what is due is done at its moment, and what it has to say is said at once, from `speak` on:
    to make a message ready takes longer than all that leads to it."""

    def __init__(self, team: TeamSpec, database: Database, now: datetime) -> None:
        self.database, self.now, self._speaks = database, now, False
        self.slack = slack = Playground(MANIFEST, team, now=self.clock)
        slack.rate_limits = False
        self.workspace = slack.team_id
        gateway, heartbeat = _Direct(slack), Heartbeat(database, self.workspace, self.clock)
        self._delivery = Delivery(database, gateway, self.workspace, self.clock, threads=1, pacing=UNPACED)
        self._identity = Identity(*(gateway.call("auth.test")[key] for key in ("team_id", "url", "user_id", "bot_id")))
        self._context = AppContext(database, gateway, self._identity, self.clock, lambda: None, heartbeat)

    def clock(self) -> datetime:
        """Return the present moment of this machine."""
        return self.now

    def meet(self) -> None:
        """Let the bot know who it is, once its workspace is configured."""
        with self.database.transaction() as tx:
            remember(tx, self._identity, self.now)

    def live_until(self, moment: datetime) -> None:
        """Let time pass up to, and with, this moment."""
        while (due := self._next()) is not None and due <= moment:
            self.now = due
            worker.tick(self._context)
            self._say()
        self.now = moment

    def do(self, act: Callable[[sa.Connection], Result]) -> Result:
        """Do something in a transaction, and say what is to be said of it."""
        with self.database.transaction() as tx:
            result = act(tx)
        self._say()
        return result

    def speak(self) -> None:
        """Say from now on what there is to say. Of the time before, Slack gets the cards of open MQLs and the last
        reports; everything else was read long ago."""
        with self.database.transaction() as tx:
            tx.execute(sa.delete(outbox).where(outbox.c.id.not_in(_still_read())))
        self._speaks = True
        self._say()

    def _say(self) -> None:
        if self._speaks:
            self._delivery.drain()

    def close(self) -> None:
        """Let the delivery's thread go."""
        self._delivery.stop()

    def _next(self) -> datetime | None:
        with self.database.snapshot() as tx:
            due = (due_work.next_after, undelivered.next_after) if self._speaks else (due_work.next_after,)
            moments = [next_after(tx, self.workspace, self.now) for next_after in due]
        return min((moment for moment in moments if moment is not None), default=None)
