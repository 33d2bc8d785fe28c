"""Versions of the MQL definition: each side agrees once, and two people are needed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from storage import definitions
from storage.database import Database
from storage.models import Definition

NOW = datetime(2026, 11, 17, 1, 0, tzinfo=UTC)
HERE, OTHER = "T1", "T2"


def proposed(database: Database, number: int = 1, workspace: str = HERE, **values: Any) -> Definition:
    with database.transaction() as tx:
        columns = {"number": number, "text": "Asked for a call", "proposed_by": "U1", "proposed_at": NOW, **values}
        row = definitions.get(tx, workspace, definitions.add(tx, workspace, **columns))
    assert row is not None
    return row


def agrees(database: Database, row: Definition, side: str, by: str, hours: int = 1) -> bool:
    with database.transaction() as tx:
        return definitions.agree(tx, row, side, by, NOW + timedelta(hours=hours))


def test_the_second_side_makes_it_count_whichever_comes_first(any_database: Database) -> None:
    for number, (first, second) in enumerate((("marketing", "sales"), ("sales", "marketing")), 1):
        row = proposed(any_database, number)
        assert agrees(any_database, row, first, "U1", hours=1)
        with any_database.snapshot() as tx:
            assert definitions.newest(tx, HERE) != definitions.agreed(tx, HERE)
        assert agrees(any_database, row, second, "U2", hours=2)
        with any_database.snapshot() as tx:
            counts = definitions.agreed(tx, HERE)
        assert counts is not None
        assert (counts.number, counts.agreed_at) == (number, NOW + timedelta(hours=2))
        assert not agrees(any_database, row, first, "U3", hours=3)
        with any_database.snapshot() as tx:
            assert definitions.agreed(tx, HERE) == counts


def test_the_version_that_counts_is_the_newest_agreed_one_of_its_workspace(any_database: Database) -> None:
    both: dict[str, Any] = {
        "marketing_by": "U1",
        "marketing_at": NOW,
        "sales_by": "U2",
        "sales_at": NOW,
        "agreed_at": NOW,
    }
    proposed(any_database, 1, threshold=50, **both)
    proposed(any_database, 2, **both)
    proposed(any_database, 3)
    theirs = proposed(any_database, 4, OTHER, threshold=90, **both)
    with any_database.snapshot() as tx:
        picked = (definitions.newest(tx, HERE), definitions.agreed(tx, HERE), definitions.agreed(tx, HERE, scored=True))
        assert [version.number if version else None for version in picked] == [3, 2, 1]
        assert definitions.get(tx, HERE, theirs.id) is None


def test_one_person_cannot_agree_for_both_sides(any_database: Database) -> None:
    row = proposed(any_database, marketing_by="U1", marketing_at=NOW)
    with pytest.raises(IntegrityError):
        agrees(any_database, row, "sales", "U1")


def test_a_number_is_given_once(any_database: Database) -> None:
    proposed(any_database, 1)
    with pytest.raises(IntegrityError):
        proposed(any_database, 1)
