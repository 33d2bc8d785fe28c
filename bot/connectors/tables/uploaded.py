"""A table that somebody sent: what it holds, what it comes to, and bringing it in. What the commands ask on a terminal
is proposed here, and left to whoever sent it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.connectors.tables import known_team
from bot.connectors.tables.cells import DayOrder, Unclear
from bot.connectors.tables.columns import OF_DEAL, OF_LEAD, OF_PAST, Column, Proposal, propose
from bot.connectors.tables.deal_rows import DealReader
from bot.connectors.tables.encoding import NotATable, UnknownEncoding, Workbook
from bot.connectors.tables.history_file import GoodRows, HistoryFile, Progress
from bot.connectors.tables.leads_file import LeadsFile
from bot.connectors.tables.summary import LONGEST_NAME, MOST_COLUMNS, Gathering, Summary
from bot.connectors.tables.survey import MixedOrders, Survey, UnknownOrder, survey
from bot.connectors.tables.table import NoTable, Table, open_table
from bot.core.mql import deal_file
from bot.core.mql.deal_file import Read
from storage.database import Database
from storage.models import Workspace
from storage.vocabulary import UploadKind

WANTED: Mapping[UploadKind | None, tuple[Column, ...]] = {
    None: OF_PAST,
    UploadKind.LEADS: OF_LEAD,
    UploadKind.HISTORY: OF_PAST,
    UploadKind.OUTCOMES: OF_DEAL,
}
"""What the columns of each kind of table may say."""
_WHO = {Column.COMPANY, Column.PERSON, Column.FAMILY_NAME, Column.GIVEN_NAME, Column.EMAIL, Column.PHONE}
_BECAME = {Column.OUTCOME, Column.QUALIFIED_DATE, Column.DEAL, Column.WON_DATE, Column.DEAL_DATE, Column.LOST_REASON}
_PROBLEMS = {
    UnknownEncoding: "encoding",
    Workbook: "workbook",
    NoTable: "no_table",
    MixedOrders: "mixed_orders",
    UnknownOrder: "unknown_order",
}


@dataclass(frozen=True)
class Wish:
    """How a person wants a table read; as proposed where nothing is text."""

    kind: UploadKind | None = None
    places: Mapping[Column, tuple[int, ...]] | None = None
    kept: tuple[int, ...] = ()
    order: DayOrder | None = None


@dataclass(frozen=True)
class UploadedTable:
    """A file that was sent, on its way through."""

    file: Path
    wish: Wish
    database: Database
    workspace: Workspace
    now: Callable[[], datetime]
    gathered: Gathering = field(default_factory=Gathering)

    def look(self) -> tuple[UploadKind | None, Summary]:
        """Return what kind of table it is, as far as that is clear, and what it comes to. Nothing is changed."""
        try:
            table = open_table(self.file)
            kind = self.wish.kind or kind_of(table.columns)
            proposal = self._proposal(table, kind)
            whole = survey(table, proposal)
            summary = self._summary(table, proposal, whole)
            if whole.rows == 0:
                return kind, summary.model_copy(update={"problem": "empty"})
            if problem := _lacking(kind, proposal):
                return kind, summary.model_copy(update={"problem": problem})
            order = whole.order(self.wish.order)
        except NotATable as error:
            return self.wish.kind, Summary(problem=error.kind)
        except (UnknownEncoding, Workbook, NoTable) as error:
            return self.wish.kind, Summary(problem=_PROBLEMS[type(error)])
        except (MixedOrders, UnknownOrder) as error:
            return kind, summary.model_copy(update={"problem": _PROBLEMS[type(error)]})
        counted = self._count(kind, table, proposal, order) if kind else {}
        update = {"order": order, "bad": self.gathered.bad(), **counted}
        return kind, summary.model_copy(update=update)

    def bring(self, kind: UploadKind) -> Iterator[Progress]:
        """Bring it in, in steps, each of which lasts, and yield how far it has come after each. Only for a table that
        `look` finds right."""
        table = open_table(self.file)
        proposal = self._proposal(table, kind)
        order = survey(table, proposal).order(self.wish.order)
        if kind == UploadKind.OUTCOMES:
            yield self._record(table, proposal, order)
        elif kind == UploadKind.LEADS:
            yield from LeadsFile(table, proposal, self.database, self.workspace).store(self.now)
        else:
            past = self._past(table, proposal, order)
            with GoodRows() as good:
                past.check(self.gathered.hear, good)
                yield from past.store(good, self.now)

    def _proposal(self, table: Table, kind: UploadKind | None) -> Proposal:
        if self.wish.places is not None:
            allowed = {column: places for column, places in self.wish.places.items() if column in WANTED[kind]}
            return Proposal(table.columns, allowed, self.wish.kept)
        return propose(table.columns, WANTED[kind])

    def _summary(self, table: Table, proposal: Proposal, whole: Survey) -> Summary:
        return Summary(
            digest=digest_of(self.file),
            rows=whole.rows,
            columns=tuple(name[:LONGEST_NAME] for name in table.columns[:MOST_COLUMNS]),
            places={column.value: places for column, places in proposal.places.items()},
            encoding=table.encoding.shown,
        )

    def _count(self, kind: UploadKind, table: Table, proposal: Proposal, order: DayOrder | None) -> dict[str, object]:
        if kind == UploadKind.OUTCOMES:
            return self._count_outcomes(table, proposal, order)
        if kind == UploadKind.LEADS:
            leads = LeadsFile(table, proposal, self.database, self.workspace).check(self.gathered.hear, self.now())
            counts = {name: getattr(leads, name) for name in ("new", "joined", "known")}
            return {"counts": counts, "news": leads.news}
        checked = self._past(table, proposal, order).check(self.gathered.hear)
        notes = {name: getattr(checked.notes, name) for name in ("outcomes_without_day", "wins_without_amount")}
        notes |= {name: sum(getattr(checked.notes, name).values()) for name in ("other_reasons", "unknown_owners")}
        counts = {
            name: getattr(checked, name) for name in ("added", "changed", "unchanged", "live", "touched", "others")
        }
        return {"counts": counts | notes, "news": checked.news, "first": checked.first, "last": checked.last}

    def _count_outcomes(self, table: Table, proposal: Proposal, order: DayOrder | None) -> dict[str, object]:
        with self.database.snapshot() as tx:
            read = deal_file.read(tx, self.workspace, self._deals(proposal, order).read(table), self.now())
        self._gather(read)
        # One wrong row and none is recorded: who mends it sends the whole file again.
        news = 0 if read.problems else len(read.deals)
        return {"counts": {"deals": len(read.deals), "under_way": read.under_way}, "news": news}

    def _gather(self, read: Read) -> None:
        for problem in sorted(read.problems, key=lambda problem: problem.line):
            self.gathered.note(problem.line, Unclear(problem.word, problem.given))

    def _record(self, table: Table, proposal: Proposal, order: DayOrder | None) -> Progress:
        with self.database.transaction() as tx:
            now = self.now()
            read = deal_file.read(tx, self.workspace, self._deals(proposal, order).read(table), now)
            self._gather(read)
            stored = 0 if read.problems else deal_file.store(tx, self.workspace, read.deals, now)
        return Progress(None, len(read.deals) + read.under_way + len(read.problems), stored, 0)

    def _deals(self, proposal: Proposal, order: DayOrder | None) -> DealReader:
        return DealReader(proposal, ZoneInfo(self.workspace.timezone), order)

    def _past(self, table: Table, proposal: Proposal, order: DayOrder | None) -> HistoryFile:
        with self.database.snapshot() as tx:
            owners = known_team.owners(tx, self.workspace.id)
            team = known_team.team(tx, self.workspace, owners, order, self.now())
        return HistoryFile(table, proposal, team, self.database, self.workspace)


def kind_of(columns: Sequence[str]) -> UploadKind | None:
    """Return what a table holds, by the names of its columns; None where it may be two things."""
    past, deals = propose(columns, OF_PAST).places.keys(), propose(columns, OF_DEAL).places.keys()
    names_mql = deals & {Column.NUMBER, Column.EXTERNAL_ID}
    if deals >= {Column.DEAL, Column.DEAL_DATE} and names_mql and Column.RECEIVED not in past and not past & _WHO:
        return UploadKind.OUTCOMES
    if Column.RECEIVED in past and past & _BECAME:
        return UploadKind.HISTORY
    if Column.RECEIVED not in past and past & _WHO and not past & _BECAME:
        return UploadKind.LEADS
    return None


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _lacking(kind: UploadKind | None, proposal: Proposal) -> str | None:
    """Return why no row can be imported as a kind of table: a column is missing."""
    text = proposal.places.keys()
    if kind == UploadKind.HISTORY and Column.RECEIVED not in text:
        return "needs_received"
    if kind == UploadKind.LEADS and not text & {*_WHO, Column.EXTERNAL_ID}:
        return "needs_who"
    if kind == UploadKind.OUTCOMES:
        whole = text >= {Column.DEAL, Column.DEAL_DATE} and text & {Column.NUMBER, Column.EXTERNAL_ID}
        return None if whole else "needs_deal"
    return None
