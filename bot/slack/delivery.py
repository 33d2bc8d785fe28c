"""Carries outbox rows to Slack: claim, render, call, settle. The call happens between transactions.

A message is neither lost nor doubled. What Slack refuses for good is kept as dead for the admins; what it has not taken
is tried again; and where nobody knows (no answer, a killed process), delivery looks for the row's key in the metadata
of the conversation's messages before it posts again, and adopts the message that it finds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.core import posting
from bot.slack.gateway import TOKEN_TROUBLE, Denied, Gateway, NotTaken, OutcomeUnknown, SlackFailure
from bot.slack.rendering import METADATA_EVENT, Call, Nothing, place, render
from storage import facts, mqls, outbox
from storage.database import Database
from storage.models import Outbox
from storage.vocabulary import EventType, MessageKind, OutboxState

LEASE = timedelta(seconds=60)
LONGEST_WAIT = timedelta(minutes=5)
CLOCK_SKEW = timedelta(minutes=10)
PRIVATE_IS_STALE = timedelta(minutes=10)

log = structlog.get_logger(__name__)


class Delivery:
    """Sends what one workspace's outbox holds, up to `threads` conversations at once, each in order.

    A token speaks for one workspace; the rows of another wait for a process with theirs.
    """

    def __init__(
        self,
        database: Database,
        gateway: Gateway,
        workspace_id: str,
        now: Callable[[], datetime],
        *,
        threads: int = 8,
        pace: timedelta = timedelta(seconds=1),
    ) -> None:
        self._database = database
        self._gateway = gateway
        self._workspace_id = workspace_id
        self._now = now
        self._threads = threads
        self._pace = pace
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._claiming = threading.Lock()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="delivery")

    def wake(self) -> None:
        """Something was put into the outbox: do not wait for the next look."""
        self._wake.set()

    def run(self) -> None:
        """Deliver until `stop`. Looks twice a second, because other processes write to the outbox too."""
        while not self._stopping.is_set():
            try:
                sent = self.drain()
            except Exception:
                # The database may be away for a moment; delivery has to be there when it is back.
                log.exception("delivery_failed")
                sent = 0
            if not sent:
                self._wake.wait(0.5)
                self._wake.clear()

    def stop(self) -> None:
        """Finish the messages in hand and take no more."""
        # What was just claimed is in hand: not handed to the pool before that closes, it would wait for its lease.
        with self._claiming:
            self._stopping.set()
        self._wake.set()
        self._pool.shutdown(wait=True)

    def drain(self, only: Collection[MessageKind] = ()) -> int:
        """Send everything that may be sent now, or only these kinds; returns how many rows were dealt with.

        A conversation whose call is slow holds one thread and nobody else: the others go on being claimed.
        """
        flying: set[Future[None]] = set()
        sent = 0
        while True:
            with self._claiming:
                free = 0 if self._stopping.is_set() else self._threads - len(flying)
                taken = self._claim(free, only) if free else []
                flying |= {self._pool.submit(self._send, row) for row in taken}
            if not flying:
                return sent
            if not taken:
                done, flying = wait(flying, timeout=0.2, return_when=FIRST_COMPLETED)
                sent += len(done)

    def _claim(self, most: int, only: Collection[MessageKind]) -> list[Outbox]:
        now = self._now()
        with self._database.transaction() as tx:
            return outbox.claim(tx, self._workspace_id, now, now + LEASE, most, only)

    def _send(self, row: Outbox) -> None:
        try:
            self._attempt(row)
        except SQLAlchemyError:
            # Nothing was settled: the lease runs out and the row comes back as one whose outcome is unknown.
            log.exception("delivery_without_database", workspace=row.workspace_id, outbox=row.id)
        except Exception:
            # A row that cannot be rendered must not hold up its conversation for ever, nor be lost: dead, and shown.
            log.exception("message_broken", workspace=row.workspace_id, outbox=row.id, kind=row.kind)
            self._settle(row, OutboxState.DEAD, error="rendering_failed")

    def _attempt(self, row: Outbox) -> None:
        now = self._now()
        call = self._prepare(row, now)
        try:
            if row.maybe_sent and row.kind not in (MessageKind.EDIT, MessageKind.PRIVATE) and self._adopt(row):
                return
            if isinstance(call, Nothing):
                self._settle(row, OutboxState.DROPPED, error=call.reason)
                return
            answer = self._gateway.call(call.method, **call.arguments)
        except Denied as denied:
            self._denied(row, denied, now)
        except NotTaken as busy:
            wait = timedelta(seconds=busy.retry_after) if busy.retry_after else _backoff(row)
            self._retry(row, now + wait, busy.code)
        except OutcomeUnknown as unknown:
            self._unknown(row, unknown, now)
        else:
            self._sent(row, answer)

    def _prepare(self, row: Outbox, now: datetime) -> Call | Nothing:
        if row.kind == MessageKind.PRIVATE and (row.maybe_sent or now - row.created_at > PRIVATE_IS_STALE):
            # Nobody can look for an ephemeral message; an explanation heard twice or hours later only confuses.
            return Nothing("a private explanation is not repeated")
        with self._database.snapshot() as tx:
            reason = posting.reason_gone(tx, row)
            return Nothing(reason) if reason else render(tx, row, now)

    def _adopt(self, row: Outbox) -> bool:
        """Look for a message that may have been posted by an attempt whose answer was lost. Also where its reason has
        gone since: it stands there, and the edit that says so waits for it."""
        with self._database.snapshot() as tx:
            parent = outbox.get(tx, row.workspace_id, row.parent_id) if row.parent_id else None
            earlier = outbox.newest_ts_before(tx, row)
        channel, thread = place(row, parent)
        if channel is None:  # what it answers never reached Slack
            return False
        if not channel.startswith(("C", "G", "D")):
            channel = self._gateway.call("conversations.open", users=channel)["channel"]["id"]
            earlier = earlier or "0"  # the first words to somebody: the conversation is short
        method = "conversations.replies" if thread else "conversations.history"
        # Our clock may be off, Slack's is one: what went to a conversation before is older there.
        by_our_clock = f"{(row.created_at - CLOCK_SKEW).timestamp():.6f}"
        oldest = min(by_our_clock, earlier or by_our_clock)
        found = self._gateway.pages(
            method, "messages", channel=channel, ts=thread, oldest=oldest, include_all_metadata=True
        )
        for message in found:
            if _key(message) == row.key:
                self._sent(row, {"channel": channel, "ts": message["ts"]})
                return True
        return False

    def _sent(self, row: Outbox, answer: dict[str, Any]) -> None:
        now = self._now()
        where = {"channel": answer.get("channel"), "ts": answer.get("ts") or answer.get("message_ts")}
        self._settle(row, OutboxState.SENT, sent_at=now, error=None, **where)

    def _denied(self, row: Outbox, denied: Denied, now: datetime) -> None:
        if denied.code in TOKEN_TROUBLE or (denied.code == "account_inactive" and not self._token_works()):
            # The messages wait: they are not at fault.
            log.error("slack_token_trouble", workspace=row.workspace_id, code=denied.code, needed=denied.needed)
            self._retry(row, now + LONGEST_WAIT, denied.code)
            return
        self._settle(row, OutboxState.DEAD, error=denied.code)

    def _token_works(self) -> bool:
        """Slack says account_inactive of a closed account that we write to, and of our own when the app is removed."""
        try:
            self._gateway.call("auth.test")
        except SlackFailure:
            return False
        return True

    def _unknown(self, row: Outbox, unknown: OutcomeUnknown, now: datetime) -> None:
        # An edit may simply be repeated; for a post the next attempt looks first.
        self._settle(row, OutboxState.PENDING, maybe_sent=True, next_attempt_at=now + _backoff(row), error=unknown.code)

    def _retry(self, row: Outbox, at: datetime, code: str) -> None:
        self._settle(row, OutboxState.PENDING, maybe_sent=row.maybe_sent, next_attempt_at=at, error=code)

    def _settle(self, row: Outbox, state: OutboxState, **values: Any) -> None:
        now = self._now()
        tells = state in _EVENTS and row.mql_id is not None and row.kind != MessageKind.EDIT
        with self._database.transaction() as tx:
            # The MQL before its message, like everyone who changes both.
            about = mqls.locked if tells else mqls.get
            subject = about(tx, row.workspace_id, row.mql_id) if row.mql_id is not None else None
            mine = outbox.settle(tx, row, state, **values)
            if state == OutboxState.SENT:
                outbox.pace(tx, row.workspace_id, row.target, now + self._pace)
            if mine and subject is not None and tells:
                data = {"kind": row.kind, "target": row.target}
                mqls.log(tx, subject, _EVENTS[state], now, now, reason=values["error"], data=data)
            if mine:
                number = subject.number if subject else None
                said = {"kind": row.kind, "mql": number, "outbox": row.id, "code": values["error"]}
                facts.note(tx, f"message_{state}", row.workspace_id, **said)


_EVENTS = {OutboxState.DROPPED: EventType.MESSAGE_DROPPED, OutboxState.DEAD: EventType.MESSAGE_DEAD}


def _backoff(row: Outbox) -> timedelta:
    """Twice as long after each attempt, from one second to five minutes."""
    return min(timedelta(seconds=2 ** min(row.attempts - 1, 10)), LONGEST_WAIT)


def _key(message: dict[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != METADATA_EVENT:
        return None
    key = metadata.get("event_payload", {}).get("key")
    return str(key) if key is not None else None
