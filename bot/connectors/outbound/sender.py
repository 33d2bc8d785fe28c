"""Carries the rows of `outbound` to the webhook: claim, read, call, settle. The call happens between transactions.

A receiver hears of each event at least once, under the same webhook-id each time, and of one MQL's events in their
order. What it does not take within three days is given up and kept for the admins.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from functools import cached_property

import structlog
from sqlalchemy.exc import SQLAlchemyError
from standardwebhooks import Webhook

from bot.connectors.outbound.body import body
from bot.connectors.outbound.call import TIMEOUT, Answer, Call, Failed
from storage import committed_events, lanes, outbound, workspaces
from storage.database import Database
from storage.models import Outbound
from storage.vocabulary import OutboundState

LEASE = timedelta(seconds=120)
IDLE = timedelta(seconds=1)
# What the Standard Webhooks specification proposes: within three days a receiver is mended, or nobody looks after it.
WAITS = tuple(
    timedelta(**{unit: count})
    for unit, count in (
        ("seconds", 5),
        ("minutes", 5),
        ("minutes", 30),
        ("hours", 2),
        ("hours", 5),
        ("hours", 10),
        ("hours", 14),
        ("hours", 20),
        ("hours", 24),
    )
)
GONE, TOO_MUCH = 410, (429, 503)
LANE = "webhook"
"""The receiver's name in the table `lane`: no call before it wants one."""
LONGEST_ASKED = lanes.LONGEST_PAUSE

log = structlog.get_logger(__name__)


class Sender:
    """Sends what one workspace's webhook is to be told, one call at a time."""

    def __init__(
        self,
        database: Database,
        workspace_id: str,
        now: Callable[[], datetime],
        secret: str | None,
        allowed: Collection[str] = (),
        timeout: float = TIMEOUT,
    ) -> None:
        """`secret`: whsec_…; without one nothing is sent, and everything waits. `allowed`: hosts that may be private
        and may be called by plain http. `timeout`: seconds for a call."""
        self._database, self._workspace_id, self._now = database, workspace_id, now
        self._signer = Webhook(secret) if secret else None
        self._allowed, self._timeout = frozenset(allowed), timeout
        self._stopping = threading.Event()
        self._call: Call | None = None

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        """Whose certificates we believe: read when the first call is made, for most workspaces have no webhook."""
        return ssl.create_default_context()

    def run(self) -> None:
        """Send until `stop`."""
        while not self._stopping.is_set():
            try:
                self.drain()
            except Exception:
                # The database may be away for a moment; the sender has to be there when it is back.
                log.exception("outbound_failed")
            self._stopping.wait(IDLE.total_seconds())

    def stop(self) -> None:
        """Take no more, and end the call in hand: it will be made again."""
        self._stopping.set()
        if self._call is not None:
            self._call.end()

    def drain(self) -> int:
        """Send everything that may be sent now; returns how many calls were made."""
        made = 0
        while self._signer and not self._stopping.is_set() and (claimed := self._claim()):
            row, url = claimed
            try:
                self._send(self._signer, row, url)
            except SQLAlchemyError:
                raise  # Nothing was settled: the lease runs out, and it is sent again.
            except Exception:
                # Those behind it need not wait.
                log.exception("outbound_broken", workspace=row.workspace_id, outbound=row.id)
                self._failed(row, "internal")
            made += 1
        return made

    def _claim(self) -> tuple[Outbound, str] | None:
        now = self._now()
        with self._database.snapshot() as tx:
            if not outbound.due(tx, self._workspace_id, now) or lanes.closed(tx, self._workspace_id, LANE, now):
                return None
        with self._database.transaction() as tx:
            workspace = workspaces.get(tx, self._workspace_id)
            if workspace is None or workspace.webhook_url is None:
                return None
            row = outbound.claim(tx, self._workspace_id, now, now + LEASE)
            return (row, workspace.webhook_url) if row else None

    def _send(self, signer: Webhook, row: Outbound, url: str) -> None:
        with self._database.snapshot() as tx:
            payload = body(tx, row)
        # Signed with the time of the try: receivers refuse what is more than five minutes old.
        moment = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "user-agent": "mql-bot",
            "webhook-id": row.webhook_id,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": signer.sign(row.webhook_id, moment, payload.decode()),
        }
        self._call = call = Call(url, self._allowed, self._trusted, self._timeout)
        if self._stopping.is_set():
            call.end()  # it was not there yet when `stop` looked
        try:
            answer = call.make(payload, headers)
        except Failed as failed:
            self._failed(row, str(failed))
        else:
            if 200 <= answer.status < 300:
                self._settle(row, OutboundState.SENT, sent_at=self._now(), error=None)
            else:
                self._refused(row, answer)
        finally:
            self._call = None

    def _refused(self, row: Outbound, answer: Answer) -> None:
        asked = min(answer.retry_after or timedelta(0), LONGEST_ASKED) if answer.status in TOO_MUCH else timedelta(0)
        if asked:
            # It is not about this event alone: whatever else we have for it waits, too.
            with self._database.transaction() as tx:
                lanes.pace(tx, row.workspace_id, LANE, self._now() + asked)
        self._failed(row, f"http_{answer.status}", at_least=asked, final=answer.status == GONE)

    def _failed(self, row: Outbound, error: str, *, at_least: timedelta = timedelta(0), final: bool = False) -> None:
        if final or row.attempts > len(WAITS):
            self._settle(row, OutboundState.DEAD, error=error)
        else:
            again = self._now() + max(WAITS[row.attempts - 1], at_least)
            self._settle(row, OutboundState.PENDING, next_attempt_at=again, error=error)

    def _settle(self, row: Outbound, state: OutboundState, *, error: str | None, **values: datetime) -> None:
        with self._database.transaction() as tx:
            if outbound.settle(tx, row, state, error=error, **values):
                committed_events.note(tx, f"outbound_{state}", row.workspace_id, outbound=row.id, code=error)
