from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from storage import rows, workspaces
from storage.database import Database
from storage.models import Workspace, workspace
from storage.vocabulary import Locale

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


def test_a_row_becomes_the_value_that_its_model_would_make_of_it(database: Database) -> None:
    words = {"name": "Sample Inc.", "locale": Locale.JA, "timezone": "Asia/Tokyo", "mql_channel": "C1"}
    with database.transaction() as tx:
        workspaces.save(tx, "T1", NOW, digest_weekday=0, digest_time="09:00", **words)
        row = tx.execute(sa.select(workspace)).one()
    made, expected = rows.value(Workspace, row._fields, row), Workspace.model_construct(**row._mapping)
    assert made == expected
    assert repr(made) == repr(expected)
    assert made.model_fields_set == expected.model_fields_set
    assert made.model_dump() == expected.model_dump()
    assert made.model_copy(update={"name": "Another"}) == expected.model_copy(update={"name": "Another"})
    made.name = "Another"
    assert made.name == "Another" != expected.name


def test_what_the_database_refuses_is_told_as_sqlalchemy_does_and_without_the_values(any_database: Database) -> None:
    words = {"name": "Sample Inc.", "locale": Locale.JA, "timezone": "Asia/Tokyo", "mql_channel": "C1"}
    with any_database.transaction() as tx:
        workspaces.save(tx, "T1", NOW, digest_weekday=0, digest_time="09:00", **words)
    with pytest.raises(sa.exc.IntegrityError) as refused, any_database.transaction() as tx:
        rows.change(tx, workspace, {"id": "T1"}, name=None, mql_channel="C0SECRET01")
    assert "C0SECRET01" not in f"{refused.value.statement} {refused.value.params}"
    with any_database.snapshot() as tx:
        known = workspaces.get(tx, "T1")
    assert known is not None
    assert (known.name, known.mql_channel) == ("Sample Inc.", "C1")
