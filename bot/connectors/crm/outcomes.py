"""What becomes of one write: what is noted before it is sent, and by what the CRM answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from bot.connectors.crm.contract import (
    Busy,
    Conflict,
    Limited,
    Outcome,
    Refused,
    SetProperties,
    Unknown,
    Written,
)
from bot.core.crm import writing
from bot.core.crm.records import Record
from bot.core.crm.writing import Planned
from storage import crm_connections, crm_links, crm_writes, mqls
from storage.database import Database
from storage.models import CrmConnection, CrmLink, CrmWrite
from storage.vocabulary import CrmWriteState

WAITS = tuple(timedelta(seconds=each) for each in (5, 30, 120, 600, 3600))
"""Between tries whose outcome is unknown; the last one again and again."""
ONE_BY_ONE = "one_by_one"
"""A CRM refused several fields without saying which: each goes by itself."""
NO_RECORD = "no_record"

log = structlog.get_logger(__name__)


class Outcomes:
    """One write that is being made."""

    def __init__(
        self, database: Database, connection: CrmConnection, write: CrmWrite, now: Callable[[], datetime]
    ) -> None:
        self._database, self._connection, self._write, self._now = database, connection, write, now
        self._planned: list[Planned] = []
        self._link: CrmLink | None = None

    def begin_fields(self) -> SetProperties | None:
        """Plan the fields and note that they are being written. None where there is nothing to write."""
        with self._database.transaction() as tx:
            mqls.locked(tx, self._write.workspace_id, self._write.mql_id)
            self._link = crm_links.get(tx, self._write.workspace_id, self._write.link_id)
            if self._link is None:
                return None
            writing.let_be(tx, self._connection, self._link)
            most = 1 if self._write.error == ONE_BY_ONE else None
            self._planned = writing.plan(tx, self._connection, self._link, most=most)
            if not self._planned:
                crm_writes.update(tx, self._write, **self._over(CrmWriteState.DONE))
                return None
            writing.begin(tx, self._link, self._planned)
            crm_writes.update(tx, self._write, maybe_sent=True, attempts=self._write.attempts + 1)
        values = {each.name: each.value for each in self._planned}
        expected = {each.name: each.expected for each in self._planned}
        return SetProperties(str(self._link.record_id), values, expected)

    def begin_text(self) -> bool:
        """Note that a task or a note is being written. False where it is no more: its person was erased."""
        with self._database.transaction() as tx:
            return crm_writes.update(tx, self._write, maybe_sent=True, attempts=self._write.attempts + 1)

    def settle_fields(self, outcome: Outcome) -> Record | None:
        """Note what became of the fields. Returns the record where it is to be compared once more. Raises Busy."""
        if isinstance(outcome, Unknown):
            self._later(outcome.code)
            return None
        if isinstance(outcome, Limited):
            self.not_sent()
            raise Busy(outcome.wait, outcome.code)
        with self._database.transaction() as tx:
            # As whoever decides a conflict: what they decide now is written next, or with this.
            mqls.locked(tx, self._write.workspace_id, self._write.mql_id)
            link = crm_links.get(tx, self._write.workspace_id, self._write.link_id)
            if link is None:
                return None
            if isinstance(outcome, Written):
                writing.written(tx, link, self._planned, outcome.values, outcome.overwritten, self._now())
                self._go_on(tx, link, None)
            elif isinstance(outcome, Refused) and outcome.code != NO_RECORD:
                self._refuse(tx, link, outcome)
            else:
                # It is compared as it is now, and what is still to be written is queued by that.
                writing.give_up(tx, link, self._planned)
                crm_writes.update(tx, self._write, **self._over(CrmWriteState.DONE))
                if isinstance(outcome, Refused) or outcome.record is None:
                    crm_connections.notice(tx, self._connection, str(link.record_id), self._now())
        return outcome.record if isinstance(outcome, Conflict) else None

    def _refuse(self, tx: sa.Connection, link: CrmLink, outcome: Refused) -> None:
        names = list(outcome.properties) or [each.name for each in self._planned]
        log.warning("crm_refused", workspace=link.workspace_id, mql=link.mql_id, code=outcome.code, properties=names)
        if len(self._planned) > 1 and not outcome.properties:
            writing.give_up(tx, link, self._planned)
        else:
            writing.refused(tx, link, self._planned, outcome.code, outcome.properties)
        self._go_on(tx, link, ONE_BY_ONE)

    def _go_on(self, tx: sa.Connection, link: CrmLink, error: str | None) -> None:
        """End the write, unless there is more to write of the same record by now."""
        if writing.plan(tx, self._connection, link):
            crm_writes.update(tx, self._write, maybe_sent=False, next_attempt_at=self._now(), error=error)
        else:
            crm_writes.update(tx, self._write, **self._over(CrmWriteState.DONE))

    def settle_text(self, outcome: Outcome) -> None:
        """Note what became of a task or a note. Raises Busy."""
        if isinstance(outcome, Written):
            self.done()
        elif isinstance(outcome, Limited):
            self.not_sent()
            raise Busy(outcome.wait, outcome.code)
        elif isinstance(outcome, Unknown):
            self._later(outcome.code)
        else:
            code = outcome.code if isinstance(outcome, Refused) else "conflict"
            with self._database.transaction() as tx:
                crm_writes.update(tx, self._write, state=CrmWriteState.DEAD, maybe_sent=False, error=code)

    def not_sent(self) -> None:
        """Note that nothing was sent."""
        with self._database.transaction() as tx:
            if self._link is not None:
                writing.give_up(tx, self._link, self._planned)
            crm_writes.update(tx, self._write, maybe_sent=False)

    def done(self) -> None:
        """Note that the CRM has it."""
        with self._database.transaction() as tx:
            crm_writes.update(tx, self._write, **self._over(CrmWriteState.DONE))

    def drop(self) -> None:
        """Note that there is nothing to tell any more."""
        with self._database.transaction() as tx:
            crm_writes.update(tx, self._write, **self._over(CrmWriteState.DROPPED))

    def postpone(self, wait: timedelta) -> None:
        """Try it later: what it is about is not there yet."""
        with self._database.transaction() as tx:
            crm_writes.update(tx, self._write, next_attempt_at=self._now() + wait)

    def _later(self, code: str) -> None:
        wait = WAITS[min(self._write.attempts, len(WAITS) - 1)]
        with self._database.transaction() as tx:
            crm_writes.update(tx, self._write, next_attempt_at=self._now() + wait, error=code)

    def _over(self, state: CrmWriteState) -> dict[str, Any]:
        return {"state": state, "done_at": self._now(), "maybe_sent": False, "error": None}
