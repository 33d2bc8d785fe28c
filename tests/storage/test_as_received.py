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


def migrated(database: Database, again: dict[str, Any]) -> Any:
    """MQL #1 of the sample, which has a score of 82, after its lead had come again with this before the migration."""
    sample = samples.read(RELEASED / "0001.json")
    sample["tables"]["mql"][0]["email"] = "ｈａｎａ@acme.example"
    (event,) = [row for row in sample["tables"]["event"] if row["type"] == "received_again"]
    event["data"] = again
    for clock in sample["tables"]["clock"]:
        clock["tier"] = "hot" if clock["kind"] == "response" else "cold"
    samples.restore(sample, database)
    migrate.upgrade(database)
    with database.snapshot() as tx:
        return tx.execute(sa.text("SELECT * FROM mql WHERE id = :mql"), {"mql": event["mql_id"]}).one()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize(
    ("again", "score"), [({"message": "Hello?"}, 82), ({"score": 82}, None), ({"score": 90}, None), ({}, None)]
)
def test_a_score_that_may_have_come_later_is_not_taken_for_that_of_receipt(
    empty: Make, kind: Kind, again: dict[str, Any], score: int | None
) -> None:
    mql = migrated(empty(kind), again)
    assert (mql.score, mql.received_score) == (82, score)
    assert (mql.received_tier, bool(mql.received_contactable)) == ("hot", True)
    assert mql.email == "hana@acme.example"
    assert (mql.received_channel, mql.received_campaign, mql.received_form) == (mql.channel, mql.campaign, mql.form)
