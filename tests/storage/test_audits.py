"""The audit log is only added to: the database itself says so, whoever asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from storage import audits, heartbeats
from storage.database import Database
from storage.models import audit, heartbeat
from storage.vocabulary import AuditKind, Door

NOW = datetime.now(UTC)
ENTRY = {
    "kind": AuditKind.ROLE,
    "door": Door.SLACK,
    "by": "U0KIM00001",
    "subject": "U0SATO0001",
    "after": {"roles": []},
}
REFUSED = "the audit log is only added to"


def add(database: Database, at: datetime) -> int:
    with database.transaction() as tx:
        return audits.add(tx, "T1", at, **ENTRY)


@pytest.mark.parametrize(
    "statement",
    [
        audit.update().values(by="U0ITO00001"),
        audit.update().values(subject="U0ITO00001"),
        audit.update().values(at=NOW - timedelta(days=9)),
        audit.update().values(subject=None, before=None, after=None, kind=AuditKind.EXPORT),
        audit.delete(),
    ],
)
def test_no_statement_changes_an_entry_or_takes_it_out(any_database: Database, statement: sa.Update) -> None:
    add(any_database, NOW)
    with any_database.snapshot() as tx:
        before = audits.newest(tx, "T1", 9)
    with pytest.raises(sa.exc.DBAPIError, match=REFUSED), any_database.transaction() as tx:
        tx.execute(statement)
    with any_database.snapshot() as tx:
        assert audits.newest(tx, "T1", 9) == before


def test_what_names_somebody_is_emptied_and_what_is_old_goes(any_database: Database) -> None:
    old, kept = (add(any_database, NOW - timedelta(days=days)) for days in (401, 399))
    with any_database.transaction() as tx:
        assert audits.erase_of(tx, "T1", lambda text: "SATO" in text) == 2
        assert audits.forget(tx, "T1", NOW - timedelta(days=400), 9) == 1
        assert [(entry.id, entry.subject, entry.after) for entry in audits.newest(tx, "T1", 9)] == [(kept, None, None)]
    assert old != kept


def test_a_bot_whose_clock_is_ahead_lets_go_by_its_own(any_database: Database) -> None:
    add(any_database, NOW)
    ahead = {"ticked_at": NOW + timedelta(days=401), "started_at": NOW, "version": "1"}
    with any_database.transaction() as tx:
        tx.execute(heartbeat.insert().values(workspace_id="T1", process="a", **ahead))
        assert heartbeats.furthest(tx, "T1") == ahead["ticked_at"]
        assert audits.forget(tx, "T1", NOW + timedelta(days=1), 9) == 1
