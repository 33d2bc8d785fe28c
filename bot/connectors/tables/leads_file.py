"""A table of leads that are handed to sales now: checked as a whole, then one lead after the other."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from bot.connectors.tables.cells import Unclear
from bot.connectors.tables.columns import Proposal
from bot.connectors.tables.history_file import BadRow, Progress
from bot.connectors.tables.lead_rows import lead_of
from bot.connectors.tables.table import Row, Table
from bot.core.mql import lead_import
from bot.core.mql.lead import Lead
from storage import imports
from storage.database import Database
from storage.models import Workspace
from storage.vocabulary import ImportKind, ImportState


@dataclass
class CheckedLeads:
    """What a table comes to, before anything is handed over."""

    rows: int = 0
    new: int = 0
    joined: int = 0
    """Leads that sales has already."""
    known: int = 0
    bad: int = 0
    keys: set[str] = field(default_factory=set)

    @property
    def news(self) -> int:
        """Return how many leads sales would hear of."""
        return self.new + self.joined


@dataclass(frozen=True)
class LeadsFile:
    """A table of leads, and how it is read."""

    table: Table
    proposal: Proposal
    database: Database
    workspace: Workspace

    def check(self, tell: Callable[[BadRow], None], now: datetime) -> CheckedLeads:
        """Read every row and return what they come to. `tell` hears of each that cannot be imported."""
        checked = CheckedLeads()
        for row, lead in self._leads():
            checked.rows += 1
            if isinstance(lead, Unclear):
                tell(BadRow(row, lead))
                checked.bad += 1
            else:
                self._count(checked, lead, now)
        return checked

    def _count(self, checked: CheckedLeads, lead: Lead, now: datetime) -> None:
        key = lead_import.key_of(lead)
        with self.database.snapshot() as tx:
            if key in checked.keys or lead_import.is_known(tx, self.workspace.id, lead):
                checked.known += 1
            elif lead_import.is_with_sales(tx, self.workspace, lead, now):
                checked.joined += 1
            else:
                checked.new += 1
        checked.keys.add(key)

    def store(self, now: Callable[[], datetime]) -> Iterator[Progress]:
        """Hand the leads over, each in a transaction of its own, and yield how far it has come after each. What was
        interrupted goes on, because each is known."""
        import_id = self._run(now())
        added = 0
        for position, (_, lead) in enumerate(self._leads(), start=1):
            if isinstance(lead, Lead):
                with self.database.transaction() as tx:
                    received = lead_import.hand_over(tx, self.workspace.id, import_id, lead, now())
                    new = received is not None
                    imports.advance(tx, self.workspace.id, import_id, position, int(new), 0)
                added += new
            yield Progress(import_id, position, added, 0)
        with self.database.transaction() as tx:
            imports.close(tx, self.workspace.id, import_id, ImportState.DONE, now())

    def _run(self, now: datetime) -> int:
        digest, name = hashlib.sha256(self.table.file.read_bytes()).hexdigest(), self.table.file.name
        with self.database.transaction() as tx:
            before = imports.running(tx, self.workspace.id, digest)
            return before.id if before else imports.start(tx, self.workspace.id, ImportKind.LEADS, digest, name, now)

    def _leads(self) -> Iterator[tuple[Row, Lead | Unclear]]:
        for row in self.table.rows():
            try:
                if row.bad:
                    raise Unclear("bad_row", "")
                yield row, lead_of(self.proposal, row.cells)
            except Unclear as unclear:
                yield row, unclear
