"""A CSV file of won and lost opportunities: every line is checked before any is stored."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from bot.core.base.results import Done
from bot.core.mql import deals, identity
from bot.core.mql.deals import Deal
from storage import mqls
from storage.models import Mql, Workspace
from storage.vocabulary import DealResult, DealSource, Status

# What a file calls them; its "outcome" is our deal result.
COLUMNS = ("number", "external_id", "outcome", "amount", "date")
WORDS = {"won": DealResult.WON, "受注": DealResult.WON, "lost": DealResult.LOST, "失注": DealResult.LOST}
_DAY = re.compile(r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})")


@dataclass(frozen=True)
class Problem:
    """What is wrong with a line. `word` names the sentence: import.<word>."""

    line: int
    word: str
    given: str = ""


@dataclass(frozen=True)
class Read:
    """What a file comes to: deals by MQL id, or problems."""

    deals: Mapping[int, Deal]
    problems: tuple[Problem, ...]


class _Wrong(Exception):
    def __init__(self, word: str, given: str = "") -> None:
        super().__init__(word)
        self.word, self.given = word, given


def read(tx: sa.Connection, workspace: Workspace, text: str, now: datetime) -> Read:
    """Return the deals of a file, and all that is wrong with it. Nothing is stored."""
    deal_of: dict[int, Deal] = {}
    problems: list[Problem] = []
    for line, row in _lines(text, problems):
        try:
            subject, deal = _deal(tx, workspace, row, now)
            if subject.id in deal_of:
                raise _Wrong("twice", str(subject.number))
            deal_of[subject.id] = deal
        except _Wrong as wrong:
            problems.append(Problem(line, wrong.word, wrong.given))
    return Read(deal_of, tuple(problems))


def store(tx: sa.Connection, workspace: Workspace, wanted: Mapping[int, Deal], now: datetime) -> int:
    """Record deals that `read` found right in this transaction, in the order of their MQLs; returns how many said
    something new."""
    done = [deals.record(tx, workspace, mql_id, DealSource.FILE, wanted[mql_id], now) for mql_id in sorted(wanted)]
    return sum(isinstance(result, Done) for result in done)


def _lines(text: str, problems: list[Problem]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    header = [name.strip().lower() for name in next(reader, [])]
    problems += [Problem(1, "unknown_column", name) for name in header if name not in COLUMNS]
    whole = {"outcome", "date"} <= {*header} and {"number", "external_id"} & {*header}
    if not problems and (not whole or len({*header}) < len(header)):
        problems.append(Problem(1, "no_header"))
    if problems:
        return
    for row in reader:
        values = [unicodedata.normalize("NFKC", value).strip() for value in row]
        if any(values) and len(values) != len(header):
            problems.append(Problem(reader.line_num, "bad_row"))
        elif any(values):
            yield reader.line_num, dict(zip(header, values, strict=True))


def _deal(tx: sa.Connection, workspace: Workspace, row: Mapping[str, str], now: datetime) -> tuple[Mql, Deal]:
    subject = _subject(tx, workspace, row)
    result = WORDS.get(row["outcome"].lower())
    if result is None:
        raise _Wrong("outcome", row["outcome"])
    amount, on = _amount(row.get("amount", "")), _day(row["date"])
    if result == DealResult.WON and amount is None:
        raise _Wrong("won_amount")
    if wrong := deals.wrong_day(workspace, subject, on, now):
        raise _Wrong(wrong, row["date"])
    return subject, Deal(result=result, on=on, amount=amount)


def _subject(tx: sa.Connection, workspace: Workspace, row: Mapping[str, str]) -> Mql:
    number, external_id = row.get("number", "").removeprefix("#"), row.get("external_id", "")
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


def _amount(given: str) -> int | None:
    """Digits, with or without the sign of the currency and commas: ¥5,000,000."""
    digits = given.lstrip("¥").removesuffix("円").replace(",", "")
    if not given:
        return None
    if not (digits.isdecimal() and len(digits) <= 15):
        raise _Wrong("amount", given)
    return int(digits)


def _day(given: str) -> date:
    matched = _DAY.fullmatch(given)
    try:
        if matched is not None:
            return date(int(matched[1]), int(matched[3]), int(matched[4]))
    except ValueError:
        pass
    raise _Wrong("date", given)
