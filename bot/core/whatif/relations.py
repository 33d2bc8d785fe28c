"""What an MQL is to others: what the same lead was before, one of the same company, a withdrawn one of the same person.

Routes ask for them. A replay is told of them by number; by what a person is known stays with the workspace.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from storage import identifiers, mqls
from storage.models import Mql
from storage.reports import OWNER_CHANGES
from storage.vocabulary import Source


@dataclass(frozen=True)
class Outsider:
    """An MQL that came in outside of the period, of which only the turns and the owner matter."""

    number: int
    source: Source
    received_at: datetime
    persons: tuple[str, ...] = ()

    @classmethod
    def of(cls, subject: Mql, persons: tuple[str, ...] = ()) -> Outsider:
        """Return what a replay knows of an MQL."""
        return cls(subject.number, subject.source, subject.received_at, persons)


@dataclass(frozen=True)
class Relations:
    """The others of an MQL that came in, by their numbers."""

    former: int | None = None
    same_company: int | None = None
    persons: tuple[str, ...] = ()
    """Words that stand for the keys of its person which an MQL has that was withdrawn."""


NONE = Relations()


@dataclass(frozen=True)
class NewOwner:
    """An MQL from outside of the period, to which one of it is related, got an owner, or lost theirs."""

    at: datetime
    mql: Outsider
    owner: str | None


@dataclass(frozen=True)
class Related:
    """All relations of the MQLs of a period."""

    of: Mapping[int, Relations] = field(default_factory=dict)
    """By the id of an MQL of the period."""
    moves: tuple[NewOwner, ...] = ()


def read(tx: sa.Connection, workspace_id: str, subjects: Mapping[int, Mql]) -> Related:
    """Return the relations of the MQLs of a period, given by id."""
    persons = _persons(tx, workspace_id)
    named = {other for subject in subjects.values() for other in (subject.former_id, subject.same_company_id) if other}
    elsewhere = mqls.of_ids(tx, workspace_id, (named | persons.keys()) - subjects.keys())
    numbers = {other.id: other.number for other in (*subjects.values(), *elsewhere)}
    of = {
        subject.id: Relations(
            numbers.get(subject.former_id or 0),
            numbers.get(subject.same_company_id or 0),
            persons.get(subject.id, ()),
        )
        for subject in subjects.values()
    }
    return Related(of, tuple(_moves(tx, workspace_id, elsewhere, persons)))


def _persons(tx: sa.Connection, workspace_id: str) -> dict[int, tuple[str, ...]]:
    """Return the keys that MQLs share with one that was withdrawn, each as a word that names nobody."""
    words: dict[tuple[str, ...], str] = {}
    persons: dict[int, tuple[str, ...]] = defaultdict(tuple)
    for mql_id, key in identifiers.of_withdrawn(tx, workspace_id):
        persons[mql_id] += (words.setdefault(tuple(key), f"person {len(words)}"),)
    return persons


def _moves(
    tx: sa.Connection, workspace_id: str, elsewhere: Iterable[Mql], persons: Mapping[int, tuple[str, ...]]
) -> Iterator[NewOwner]:
    outsiders = {other.id: Outsider.of(other, persons.get(other.id, ())) for other in elsewhere}
    for event in mqls.events_of(tx, workspace_id, outsiders, OWNER_CHANGES):
        yield NewOwner(event.at, outsiders[event.mql_id], event.after)
