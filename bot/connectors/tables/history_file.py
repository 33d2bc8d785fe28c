"""A table of MQLs of the past: checked as a whole, then written down in steps, each of which lasts."""

from __future__ import annotations

import hashlib
import pickle
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple, Self

from bot.connectors.tables.cells import Unclear
from bot.connectors.tables.columns import Proposal
from bot.connectors.tables.past_rows import Notes, PastReader, Team
from bot.connectors.tables.table import Row, Table
from bot.core.mql import history
from bot.core.mql.history import BATCH, Past
from storage import imports
from storage.database import Database
from storage.models import Workspace
from storage.vocabulary import ImportKind, ImportState

CHUNK = 1 << 20


class BadRow(NamedTuple):
    """A row that is not imported, and why."""

    row: Row
    problem: Unclear


class GoodRows:
    """The rows that can be imported, as they were read: in a file without a name, which is gone once it is closed. To
    read them a second time would take ten times as long, to keep them in memory hundreds of megabytes."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `__exit__`

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, position: int, rows: list[Past]) -> None:
        """Keep the good ones of a step. `position`: rows of the table that were read by its end."""
        pickle.dump((position, rows), self._file)

    def steps(self) -> Iterator[tuple[int, list[Past]]]:
        """Yield each step as it was added."""
        end = self._file.tell()
        self._file.seek(0)
        while self._file.tell() < end:
            yield pickle.load(self._file)  # noqa: S301 - nobody else can have written it


@dataclass
class Checked:
    """What a table comes to, before anything is written."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    live: int = 0
    """Rows whose lead this bot has had itself."""
    touched: int = 0
    """Rows that say something else than before of an MQL of which somebody has said more since."""
    others: int = 0
    """Rows whose id stands for somebody else already."""
    bad: int = 0
    words: Counter[str] = field(default_factory=Counter)
    """Words of a status that are not known."""
    notes: Notes = field(default_factory=Notes)
    first: datetime | None = None
    last: datetime | None = None

    @property
    def news(self) -> int:
        """Return how many rows would change anything."""
        return self.added + self.changed


class Progress(NamedTuple):
    """How far an import has come."""

    import_id: int | None
    """None for what is no run: opportunities that were won or lost."""
    position: int
    """Rows of the table that are dealt with."""
    added: int
    changed: int


@dataclass(frozen=True)
class HistoryFile:
    """A table of MQLs of the past, and how it is read."""

    table: Table
    proposal: Proposal
    team: Team
    database: Database
    workspace: Workspace

    def check(self, tell: Callable[[BadRow], None], kept: GoodRows | None = None) -> Checked:
        """Read every row and return what they come to. `tell` hears of each that cannot be imported, the others are
        `kept` for `store`."""
        checked, reader, seen = Checked(), PastReader(self.proposal, self.team), set[int]()
        for rows in _batches(self.table.rows()):
            good: list[Past] = []
            for row in rows:
                checked.rows += 1
                try:
                    past = _read(reader, row)
                    key = int(past.key[:16], 16)
                    if key in seen:
                        raise Unclear("row_twice", past.lead.external_id or "")
                except Unclear as problem:
                    checked.bad += 1
                    checked.words.update([problem.given] if problem.word == "outcome_word" else [])
                    tell(BadRow(row, problem))
                    continue
                seen.add(key)
                good.append(past)
            self._count(checked, good)
            if kept is not None:
                kept.add(checked.rows, good)
        checked.notes = reader.notes
        return checked

    def _count(self, checked: Checked, good: list[Past]) -> None:
        with self.database.snapshot() as tx:
            stored = history.rehearse(tx, self.workspace, good)
        checked.added += stored.added
        checked.changed += stored.changed
        checked.unchanged += stored.unchanged
        checked.live += len(stored.live)
        checked.touched += len(stored.touched)
        checked.others += len(stored.others)
        times = [past.received_at for past in good]
        if times:
            checked.first = min(times if checked.first is None else [*times, checked.first])
            checked.last = max(times if checked.last is None else [*times, checked.last])

    def store(self, good: GoodRows, now: Callable[[], datetime]) -> Iterator[Progress]:
        """Write the good rows of a check down, and yield how far it has come after each step. What was interrupted
        goes on where it was."""
        import_id, (position, added, changed) = self._run(now())
        for reached, rows in good.steps():
            if reached <= position:
                continue
            with self.database.transaction() as tx:
                stored = history.store(tx, self.workspace, import_id, rows, now())
                imports.advance(tx, self.workspace.id, import_id, reached, stored.added, stored.changed)
            added, changed = added + stored.added, changed + stored.changed
            yield Progress(import_id, reached, added, changed)
        with self.database.transaction() as tx:
            imports.close(tx, self.workspace.id, import_id, ImportState.DONE, now())

    def _run(self, now: datetime) -> tuple[int, tuple[int, int, int]]:
        """Return the run of this table, and how far it has come; begin it where it has not begun."""
        digest = self._digest()
        with self.database.transaction() as tx:
            before = imports.running(tx, self.workspace.id, digest)
            if before is not None:
                return before.id, (before.position, before.added, before.changed)
            name = self.table.file.name
            return imports.start(tx, self.workspace.id, ImportKind.HISTORY, digest, name, now), (0, 0, 0)

    def going_on(self) -> int | None:
        """Return at which row an import of the same table was interrupted; None where there is none."""
        with self.database.snapshot() as tx:
            before = imports.running(tx, self.workspace.id, self._digest())
        return before.position if before else None

    def _digest(self) -> str:
        digest = hashlib.sha256()
        with self.table.file.open("rb") as opened:
            while chunk := opened.read(CHUNK):
                digest.update(chunk)
        read_as = (self.table.encoding.name, self.table.separator, sorted(self.proposal.places.items()))
        digest.update(repr((read_as, self.proposal.kept, self.team.order, sorted(self.team.words.items()))).encode())
        return digest.hexdigest()


def bad_rows_beside(file: Path) -> Path:
    """Return where the rows that cannot be imported are written: in the folder one works in."""
    return Path(file.stem + ".bad.csv")


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while several := list(islice(rows, BATCH)):
        yield several


def _read(reader: PastReader, row: Row) -> Past:
    if row.bad:
        raise Unclear("bad_row", "")
    return reader.read(row.cells)
