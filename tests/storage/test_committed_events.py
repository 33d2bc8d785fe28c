from __future__ import annotations

import pytest
import sqlalchemy as sa

from storage import committed_events
from storage.committed_events import CommittedEvent
from storage.database import Database


def test_a_fact_is_told_after_its_commit_and_once(any_database: Database) -> None:
    events: list[CommittedEvent] = []
    any_database.observer = events.append
    with any_database.transaction() as tx:
        committed_events.note(tx, "accepted", "T1", mql=12)
        committed_events.note(tx, "assigned", "T1", mql=13)
        assert events == []
    assert [(fact.name, fact.workspace_id, fact.values) for fact in events] == [
        ("accepted", "T1", {"mql": 12}),
        ("assigned", "T1", {"mql": 13}),
    ]
    with any_database.transaction():
        pass
    assert len(events) == 2


def test_what_was_rolled_back_is_never_told_not_even_by_the_next_on_its_connection(any_database: Database) -> None:
    events: list[CommittedEvent] = []
    any_database.observer = events.append

    def fail() -> None:
        with any_database.transaction() as tx:
            committed_events.note(tx, "accepted", "T1", mql=12)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with any_database.transaction() as tx:
        tx.execute(sa.select(1))
    assert events == []
