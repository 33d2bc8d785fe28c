"""Won and lost opportunities from a file: every row is checked before any is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from bot.core.base.results import Done
from bot.core.mql import deals, identity
from bot.core.mql.deals import Deal
from storage import mqls
from storage.models import Mql, Workspace
from storage.vocabulary import DealResult, DealSource, Status


@dataclass(frozen=True)
class DealRow:
    """One row of a file. Its "outcome" is our deal result."""

    line: int
    number: str
    external_id: str
    result: DealResult
    amount: int | None
    on: date
    day: str
    """As it was written."""


@dataclass(frozen=True)
class Problem:
    """A problem of a line. `word` is a part of the catalogue key: import.<word>."""

    line: int
    word: str
    given: str = ""


@dataclass(frozen=True)
class Read:
    """The result of reading a file: deals by MQL id, or problems."""

    deals: Mapping[int, Deal]
    problems: tuple[Problem, ...]
    under_way: int
    """Rows of opportunities that are neither won nor lost; they are passed over."""


class _Wrong(Exception):
    def __init__(self, word: str, given: str = "") -> None:
        super().__init__(word)
        self.word, self.given = word, given


def read(tx: sa.Connection, workspace: Workspace, rows: Iterable[DealRow | Problem | None], now: datetime) -> Read:
    """Return the deals of a file, and every problem of it. Nothing is stored."""
    deal_of: dict[int, Deal] = {}
    problems: list[Problem] = []
    under_way = 0
    for row in rows:
        if isinstance(row, Problem):
            problems.append(row)
        elif row is None:
            under_way += 1
        else:
            try:
                subject, deal = _deal(tx, workspace, row, now)
                if subject.id in deal_of:
                    raise _Wrong("twice", str(subject.number))
                deal_of[subject.id] = deal
            except _Wrong as wrong:
                problems.append(Problem(row.line, wrong.word, wrong.given))
    return Read(deal_of, tuple(problems), under_way)


def store(tx: sa.Connection, workspace: Workspace, wanted: Mapping[int, Deal], now: datetime) -> int:
    """Record deals that `read` found right in this transaction, in the order of their MQLs; returns how many said
    something new."""
    done = [deals.record(tx, workspace, mql_id, DealSource.FILE, wanted[mql_id], now) for mql_id in sorted(wanted)]
    return sum(isinstance(result, Done) for result in done)


def _deal(tx: sa.Connection, workspace: Workspace, row: DealRow, now: datetime) -> tuple[Mql, Deal]:
    subject = _subject(tx, workspace, row.number, row.external_id)
    if row.result == DealResult.WON and row.amount is None:
        raise _Wrong("won_amount")
    if wrong := deals.wrong_day(workspace, subject, row.on, now):
        raise _Wrong(wrong, row.day)
    return subject, Deal(result=row.result, on=row.on, amount=row.amount)


def _subject(tx: sa.Connection, workspace: Workspace, number: str, external_id: str) -> Mql:
    if bool(number) == bool(external_id):
        raise _Wrong("which")
    if number and not (number.isdecimal() and len(number) <= 9):
        raise _Wrong("number", number)
    if number:
        known = mqls.by_number(tx, workspace.id, int(number))
        same = [known] if known else []
    else:
        same = identity.with_record(tx, workspace.id, external_id)
    if not same:
        raise _Wrong("not_found", number or external_id)
    qualified = [candidate for candidate in same if candidate.status == Status.QUALIFIED]
    if len(qualified) > 1:
        raise _Wrong("ambiguous", external_id)
    if not qualified:
        raise _Wrong("not_qualified", str(same[-1].number))
    if qualified[0].erased_at is not None:
        raise _Wrong("erased", str(qualified[0].number))
    return qualified[0]
