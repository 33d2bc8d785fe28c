"""What leads of release 0.1.0 came with, as far as their log tells it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from storage import migrate
from storage.database import Database
from tests.storage import samples
from tests.storage.conftest import Kind
from tests.storage.samples import RELEASED

Make = Callable[[Kind], Database]


AGAIN: tuple[tuple[dict[str, Any], int | None], ...] = (
    ({"message": "Hello?"}, 82),
    ({"score": 82}, None),
    ({"score": 90}, None),
    ({}, None),
)
"""What a lead that had come with a score of 82 brought when it came again, and what is known of its first score."""


def migrated(database: Database) -> list[Any]:
    """An MQL of the sample for each of AGAIN, after its lead had come again with that before the migration."""
    sample = samples.read(RELEASED / "0001.json")
    (event,) = [row for row in sample["tables"]["event"] if row["type"] == "received_again"]
    newest = max(row["id"] for row in sample["tables"]["event"])
    rows = sample["tables"]["mql"][: len(AGAIN)]
    event["data"] = AGAIN[0][0]
    for number, (row, (again, _)) in enumerate(zip(rows, AGAIN, strict=True)):
        row |= {"score": 82, "email": f"ｈａｎａ@{number}.example"}
        if row["id"] != event["mql_id"]:
            more = {"id": newest + number, "mql_id": row["id"], "data": again}
            sample["tables"]["event"].append(event | more)
    for clock in sample["tables"]["clock"]:
        clock["tier"] = "hot" if clock["kind"] == "response" else "cold"
    samples.restore(sample, database)
    migrate.upgrade(database)
    with database.snapshot() as tx:
        mqls = {row.id: row for row in tx.execute(sa.text("SELECT * FROM mql"))}
    return [mqls[row["id"]] for row in rows]


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_score_that_may_have_come_later_is_not_taken_for_that_of_receipt(empty: Make, kind: Kind) -> None:
    for number, (mql, (again, score)) in enumerate(zip(migrated(empty(kind)), AGAIN, strict=True)):
        assert (mql.score, mql.received_score) == (82, score), again
        assert (mql.received_tier, bool(mql.received_contactable)) == ("hot", True)
        assert mql.email == f"hana@{number}.example"
        assert (mql.received_channel, mql.received_campaign, mql.received_form) == (mql.channel, mql.campaign, mql.form)
