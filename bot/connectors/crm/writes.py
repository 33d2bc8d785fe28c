"""What goes out: fields, tasks and notes that are due, several in one call where the CRM takes them so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.connectors.crm.changes import Changes
from bot.connectors.crm.contract import Busy, Connector, CrmError, Made, SetProperties, Write
from bot.connectors.crm.outcomes import Outcomes
from bot.connectors.crm.registry import RECIPES
from bot.connectors.crm.telling import change_of
from storage import crm_links, crm_writes
from storage.database import Database
from storage.models import CrmConnection, CrmWrite
from storage.vocabulary import CrmWriteKind

WRITES = 20
"""So many are made in a round, so that what comes in does not wait."""


class Writes:
    """The writes to one CRM in one round. Whatever was being done when a process died is known from the rows: a write
    that may have arrived is looked for before anything is sent again."""

    def __init__(
        self,
        database: Database,
        connection: CrmConnection,
        connector: Connector,
        now: Callable[[], datetime],
        is_stopping: Callable[[], bool],
        changes: Changes,
    ) -> None:
        """Write to a CRM by its connector. `changes`: takes in what a record holds that was read meanwhile."""
        self._database, self._connection, self._connector = database, connection, connector
        self._now, self._is_stopping, self._changes = now, is_stopping, changes

    def make_due(self) -> int:
        """Make the writes that are due, as far as a round goes; return how many. Raises CrmError."""
        done, recipe = 0, RECIPES[self._connection.kind]
        while done < WRITES and not self._is_stopping():
            with self._database.snapshot() as tx:
                due = crm_writes.due(tx, self._connection, self._now(), recipe.writes_at_once)
            if not due:
                break
            may_be_joined = due[0].next_attempt_at > self._now() - recipe.gathers
            if may_be_joined and len(due) < recipe.writes_at_once:
                break
            self._make(due)
            done += len(due)
        return done

    def _make(self, due: Sequence[CrmWrite]) -> None:
        """Make some writes together. What becomes of each is noted, whatever became of the others."""
        self._read_back(due)
        begun = list[tuple[Outcomes, Write]]()
        try:
            for write in due:
                outcomes = Outcomes(self._database, self._connection, write, self._now)
                change = self._begin(write, outcomes)
                if change is not None:
                    begun.append((outcomes, change))
            made = self._connector.write([change for _, change in begun]) if begun else []
        except CrmError:
            for outcomes, _ in begun:
                outcomes.not_sent()
            raise
        problems = [self._settle(*each) for each in zip(begun, made, strict=True)]
        for problem in filter(None, problems):
            raise problem

    def _read_back(self, due: Sequence[CrmWrite]) -> None:
        """Read records of whose last write nobody heard what became of it: what they hold now tells."""
        doubtful = [each for each in due if each.kind == CrmWriteKind.FIELDS and each.maybe_sent]
        with self._database.snapshot() as tx:
            links = [crm_links.get(tx, each.workspace_id, each.link_id) for each in doubtful]
        records = sorted({link.record_id for link in links if link is not None and link.record_id is not None})
        if records:
            self._changes.take(self._connector.read(records))

    def _begin(self, write: CrmWrite, outcomes: Outcomes) -> Write | None:
        """Return what is to be sent, noted as begun; None where that is nothing. A task or a note is written once:
        after a lost answer it is looked for first."""
        if write.kind == CrmWriteKind.FIELDS:
            return outcomes.begin_fields()
        with self._database.snapshot() as tx:
            change = change_of(tx, self._connection, write)
        if change is None:
            outcomes.drop()
        elif isinstance(change, timedelta):
            outcomes.postpone(change)
        elif write.maybe_sent and self._connector.find(change) is not None:
            outcomes.done()
        elif outcomes.begin_text():
            return change
        return None

    def _settle(self, begun: tuple[Outcomes, Write], made: Made) -> CrmError | None:
        """Note what became of one write. Returns what keeps the others from being made for a while."""
        outcomes, change = begun
        if isinstance(made, CrmError):
            outcomes.not_sent()
            return made
        try:
            if isinstance(change, SetProperties):
                again = outcomes.settle_fields(made)
                if again is not None:
                    self._changes.take([again])
            else:
                outcomes.settle_text(made)
        except Busy as busy:
            return busy
        return None
