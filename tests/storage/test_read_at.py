"""What 0005 adds keeps what was agreed: MQLs were read as they came, and days of stored policies stay as long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.sla import clocks
from storage import migrate, policies, rows
from storage.database import Database
from storage.models import Mql, PolicyVersion, mql, policy_version
from storage.vocabulary import ClockKind
from tests.storage import samples
from tests.storage.conftest import Kind
from tests.storage.samples import RELEASED

Make = Callable[[Kind], Database]
TEAM = "T0SAMPLE01"
HOURS: dict[str, Any] = {"kind": "business_hours", "holidays": "JP"}
CALENDARS: tuple[tuple[str | dict[str, Any], float], ...] = (
    ("business_hours", 24),
    (HOURS, 24),
    ("business_days", 24),
    ("always", 24),
)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_database_of_the_first_release_keeps_its_moments_days_and_nights(empty: Make, kind: Kind) -> None:
    sample, database = samples.read(RELEASED / "0001.json"), empty(kind)
    (first, second) = sample["tables"]["policy_version"]
    tier = {"name": "hot", "when": {"min_score": 80}}
    for number, (calendar, _) in enumerate(CALENDARS, start=3):
        body = first["body"] | {
            "calendar": calendar,
            "tiers": [tier, {**tier, "name": "own", "when": {"min_score": 50}, "calendar": HOURS}],
        }
        sample["tables"]["policy_version"].append({**first, "id": number, "version": number, "body": body})
    samples.restore(sample, database)
    migrate.upgrade(database)
    with database.snapshot() as tx:
        known = rows.many(tx, Mql, sa.select(mql))
        assert known
        assert all(subject.read_at == subject.received_at for subject in known)
        stored = {version.id: version for version in rows.many(tx, PolicyVersion, sa.select(policy_version))}
        for number, (_, hours) in enumerate(CALENDARS, start=3):
            for name in (None, "hot", "own"):
                terms = clocks.agreement(policies.text(tx, TEAM, number), name).terms
                assert terms.target(ClockKind.FEEDBACK) == 5 * hours * timedelta(hours=1)
                assert terms.quiet is None
    # What has no opening hours is left as it was.
    assert [stored[number].body for number in (1, 2)] == [first["body"], second["body"]]
    assert [stored[number].body["calendar"] for number in (5, 6)] == ["business_days", "always"]


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_is_read_before_it_came(empty: Make, kind: Kind) -> None:
    database = empty(kind)
    samples.upgraded(database)
    with pytest.raises(sa.exc.IntegrityError), database.transaction() as tx:
        tx.execute(mql.update().values(read_at=mql.c.received_at - timedelta(seconds=1)))
