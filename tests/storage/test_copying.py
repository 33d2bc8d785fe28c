from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel.sql.sqltypes import AutoString

from storage import copying, migrate, models, rows
from storage import fingerprints as digests_module
from storage.copying import Start
from storage.database import Database
from storage.fingerprints import Fingerprint, Unreadable, fingerprint, fingerprints
from storage.models import event, member, mql, outbox
from storage.models.assignments import ConsideredMembers
from tests.storage.bulk import multiply
from tests.storage.conftest import Kind
from tests.thorough import thoroughly

KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")
Make = Callable[[Kind], Database]
START = datetime(2026, 11, 17, 1, 0, 0, 123456, tzinfo=UTC)

# What SQLite and PostgreSQL both hold. No half of a surrogate pair, which is no text; no NUL, see below.
ODD_TEXTS = [
    "",
    " ",
    "null",
    "\\u0000",
    "🧑‍🚀" * 5000,
    "a\r\n\tb",
    "'; DROP TABLE mql; --",
    "\ufeffé é ＡＢ",
    "2026-11-17 01:00:00",
    "\x01\x7f\u0085\u2028\U0010fffd",
]
# Numbers that a float cannot hold, and floats that a shorter text would not give back.
ODD_DOCUMENTS: list[Any] = [
    *ODD_TEXTS,
    *(2**70, -(2**53) - 1, 0.1 + 0.2, 5e-324, -0.0, 1.0, True, None),
    *([], {}, [[{"": [None, {"\\": {}}]}]], {"b": 1, "a": [False, "\u0000"[:0], 1e22]}),
]
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60) | st.sampled_from(
    ODD_TEXTS
)
NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none()
JSON = st.recursive(TEXT | NUMBERS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=30)


def whole(source: Database, target: Database, name: str = "here", seen: dict[str, Fingerprint] | None = None) -> Start:
    """A copy from its beginning to its end, as the command does it. `seen`: what the source is known to hold."""
    seen = seen or fingerprints(source)
    start = copying.prepare(name, seen, target)
    if start != Start.IS_DONE:
        copying.copy(source, target, lambda *_: None)
        copying.verify(source, target, seen)
        copying.finish(target, lambda _: None)
    return start


def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table as Python has it, in no order of the database's."""
    with database.snapshot() as tx:
        return {
            table.name: sorted((tuple(row) for row in tx.execute(sa.select(table))), key=repr)
            for table in models.metadata.tables.values()
        }


def migrated(database: Database) -> Database:
    migrate.upgrade(database)
    return database


@pytest.fixture
def source(told_file: Path, tmp_path: Path) -> Iterator[Database]:
    """A told database that a test may write to."""
    database = Database(f"sqlite:///{shutil.copy(told_file, tmp_path / 'source.db')}")
    yield database
    database.close()


@pytest.fixture
def target(postgres_url: str) -> Iterator[Database]:
    """A PostgreSQL database with all tables and no rows."""
    database = Database(postgres_url)
    yield database
    database.close()


@pytest.mark.alike
@pytest.mark.parametrize(
    ("kind", "other"),
    [KINDS, KINDS[::-1], *(pytest.param(kind, kind, marks=pytest.mark.thorough) for kind in KINDS)],
)
def test_every_row_arrives_as_it_was_whatever_the_two_databases_are(
    history: Database, empty: Make, kind: Kind, other: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = migrated(empty(kind)), empty(other)
    multiply(history, source, 2)
    monkeypatch.setattr(digests_module, "CHUNK", 50)
    before = contents(source)
    assert whole(source, target) == Start.BEGINS
    assert contents(target) == before == contents(source)
    assert all(len(held) >= 2 for held in before.values())
    assert any(len(held) > 100 for held in before.values())
    assert fingerprints(target) == fingerprints(source)


def through_postgresql(history: Database, empty: Make, texts: Iterable[str], documents: Iterable[Any]) -> None:
    first, middle, last = empty("sqlite"), empty("postgresql"), empty("sqlite")
    multiply(history, migrated(first), 1, itertools.cycle(texts).__next__, itertools.cycle(documents).__next__)
    whole(first, middle)
    whole(middle, last)
    assert stored(first) == stored(last)
    for database in (first, middle, last):
        database.close()


@pytest.mark.thorough
def test_odd_texts_and_json_come_through_postgresql_and_back_byte_by_byte(history: Database, empty: Make) -> None:
    through_postgresql(history, empty, ODD_TEXTS, ODD_DOCUMENTS)


@pytest.mark.thorough
@settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(texts=st.lists(TEXT, min_size=5, max_size=40), documents=st.lists(JSON, min_size=5, max_size=20))
def test_any_texts_and_json_come_through_postgresql_and_back_byte_by_byte(
    history: Database, empty: Make, texts: list[str], documents: list[Any]
) -> None:
    through_postgresql(history, empty, texts, documents)


def stored(database: Database) -> list[tuple[Any, ...]]:
    """What SQLite itself has stored, with the type of each value."""
    values: list[tuple[Any, ...]] = []
    with database.snapshot() as tx:
        for table in models.metadata.sorted_tables:
            columns = ", ".join(f'typeof("{c.name}"), "{c.name}"' for c in table.columns)
            key = ", ".join(f'"{c.name}"' for c in table.primary_key)
            values += [tuple(row) for row in tx.exec_driver_sql(f"SELECT {columns} FROM {table.name} ORDER BY {key}")]
    return values


@pytest.mark.thorough
@pytest.mark.parametrize("other", thoroughly(KINDS, but=["postgresql"]))
def test_what_is_written_afterwards_gets_ids_of_its_own(source: Database, empty: Make, other: Kind) -> None:
    target = empty(other)
    whole(source, target)
    with target.transaction() as tx:
        for table in models.metadata.sorted_tables:
            if table.autoincrement_column is None:
                continue
            newest = tx.execute(sa.select(sa.func.max(table.c.id))).scalar_one()
            row = tx.execute(sa.select(table).where(table.c.id == newest)).mappings().one()
            new = {name: value for name, value in row.items() if name != "id"} | {"workspace_id": "T0OTHER001"}
            if table.name == "clock":
                new["kind"] = "feedback" if row["kind"] == "response" else "response"
                tx.execute(table.delete().where(table.c.mql_id == row["mql_id"], table.c.id != newest))
            if table.name == "identifier":
                new["value"] = "another"
            if table.name == "crm_notice":
                new["record"] = "another"
            if table.name == "engagement":
                new["key"] = "another"
            if table.name == "crm_link":
                new["mql_id"] = tx.execute(sa.select(sa.func.min(mql.c.id))).scalar_one()
            if "link_id" in new:
                new["link_id"] = tx.execute(
                    sa.select(sa.func.max(models.metadata.tables["crm_link"].c.id))
                ).scalar_one()
            if table.name == "outbound":
                new["event_id"] = tx.execute(sa.select(sa.func.max(event.c.id))).scalar_one()
            assert rows.insert(tx, table, **new) == newest + 1


@pytest.mark.thorough
@pytest.mark.parametrize("other", thoroughly(KINDS, but=["postgresql"]))
def test_a_row_may_refer_to_one_that_comes_after_it_and_to_itself(source: Database, empty: Make, other: Kind) -> None:
    with source.transaction() as tx:
        first, second, third = tx.execute(sa.select(outbox.c.id).order_by(outbox.c.id).limit(3)).scalars()
        last = tx.execute(sa.select(sa.func.max(outbox.c.id))).scalar_one()
        for row_id, parent in ((first, last), (second, third), (third, second), (last, last)):
            tx.execute(outbox.update().where(outbox.c.id == row_id).values(parent_id=parent))
    target = empty(other)
    whole(source, target)
    assert contents(target) == contents(source)


# Checksums


@pytest.fixture(scope="module")
def before(told_file: Path) -> Iterator[dict[str, Fingerprint]]:
    """What the told database holds, which `source` is a copy of."""
    database = Database(f"sqlite:///{told_file}")
    yield fingerprints(database)
    database.close()


# A word of which there is only one.
ALWAYS_THE_SAME = {"report_due.kind"}


@pytest.mark.alike
@pytest.mark.parametrize("table", models.metadata.sorted_tables, ids=lambda table: table.name)
def test_a_checksum_changes_with_any_value_of_its_table_and_with_none_of_another(
    source: Database, before: dict[str, Fingerprint], table: sa.Table
) -> None:
    others = [sorted_table for sorted_table in models.metadata.sorted_tables if sorted_table is not table]
    row_id: sa.ColumnElement[int] = sa.literal_column("rowid")
    with source.engine.connect().execution_options(immediate=True) as tx:
        for pragma in ("foreign_keys = OFF", "ignore_check_constraints = ON"):
            tx.connection.cursor().execute(f"PRAGMA {pragma}")
        triggers = tx.connection.cursor().execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (trigger,) in triggers:
            tx.connection.cursor().execute(f"DROP TRIGGER {trigger}")
        for column in [field for field in table.columns if str(field) not in ALWAYS_THE_SAME]:
            with tx.begin() as undone:
                filled_first = sa.select(row_id, column).order_by(column.is_(None), row_id.desc())
                chosen, value = tx.execute(filled_first.limit(1)).one()
                # OR REPLACE: a clock of the other kind may be there.
                changed = table.update().prefix_with("OR REPLACE").where(row_id == chosen)
                tx.execute(changed.values({column.name: another(column, value)}))
                assert fingerprint(tx, table) != before[table.name], column
                undone.rollback()
        with tx.begin() as undone:
            for other in others:
                tx.execute(other.delete())
            assert fingerprint(tx, table) == before[table.name]
            undone.rollback()


def another(column: sa.Column[Any], value: Any) -> Any:
    """A value that a column could as well have, as close to this one as can be."""
    if isinstance(column.type, sa.Enum):
        return next(word for word in column.type.python_type if word != value)
    if isinstance(column.type, ConsideredMembers):
        return (*value[:-1], value[-1]._replace(last_turn=value[-1].last_turn + 1))
    if isinstance(column.type, sa.JSON):
        return {"a": 1} if value == {"a": True} else {"a": True}
    if isinstance(value, bool):
        return not value
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    if isinstance(value, int):
        return value + 1_000_000
    if value is None and not isinstance(column.type, AutoString):
        return 0 if isinstance(column.type, sa.Integer | sa.Boolean) else START
    return f"{value} "


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("document", "other"),
    [
        ({"a": 1}, {"a": 1.0}),
        ({"a": 1}, {"a": True}),
        ({"a": None}, {}),
        ({"a": "1"}, {"a": 1}),
        ({"a": 2**64}, {"a": 2**64 + 1}),
        ({"a": [1, 2]}, {"a": [2, 1]}),
    ],
)
def test_json_is_compared_by_its_values(source: Database, document: dict[str, Any], other: dict[str, Any]) -> None:
    checksums = []
    for value in (document, other):
        with source.transaction() as tx:
            tx.execute(event.update().where(event.c.id == 1).values(data=value))
        checksums.append(fingerprints(source)["event"])
    assert checksums[0] != checksums[1]


def test_the_order_of_the_keys_in_json_means_nothing(source: Database) -> None:
    checksums = []
    for value in ({"a": 1, "b": {"c": 2, "d": 3}}, {"b": {"d": 3, "c": 2}, "a": 1}):
        with source.transaction() as tx:
            tx.execute(event.update().where(event.c.id == 1).values(data=value))
        checksums.append(fingerprints(source)["event"])
    assert checksums[0] == checksums[1]


def test_text_keys_come_in_one_order_on_both(source: Database, empty: Make) -> None:
    keys = ["a", "B", "á", "Z", "_", "あ", "😀", "ab", "a b", "A", "ﾊ", "\U0001f1ef", "-", "9", "10"]
    target = migrated(empty("postgresql"))
    for database in (source, target):
        with database.transaction() as tx:
            tx.execute(models.receipt.delete())
            for key in keys:
                values = {"workspace_id": "T1", "kind": "event", "key": key, "at": START, "answer": {}}
                tx.execute(models.receipt.insert().values(values))
    assert fingerprints(source)["receipt"] == fingerprints(target)["receipt"]


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("event", "type = 'from_the_future'"),
        ("assignment", """considered = '[{"user": "U1", "verdict": "from_the_future", "last_turn": 1}]'"""),
    ],
)
def test_a_value_that_no_column_may_hold_is_told_by_its_table(source: Database, table: str, change: str) -> None:
    with source.engine.begin() as tx:
        tx.connection.cursor().execute(f"UPDATE {table} SET {change} WHERE id = 1")  # a colon is no parameter here
    with pytest.raises(Unreadable, match=table):
        fingerprints(source)


def test_json_is_never_null_so_that_none_has_one_meaning() -> None:
    """Where JSON may be NULL, a copy would turn NULL into JSON's null, but for a type that has none of its own."""
    columns = [column for table in models.metadata.tables.values() for column in table.columns]
    json = [column for column in columns if isinstance(column.type, sa.JSON | ConsideredMembers)]
    assert [str(column) for column in json if column.nullable and not getattr(column.type, "none_as_null", False)] == []


# Interrupted


class Killed(Exception):
    pass


class Mortal(Database):
    """A database whose process dies at its n-th transaction: before what was written is committed, or after."""

    def __init__(self, url: str, lives: int, *, committed: bool) -> None:
        super().__init__(url)
        self.lives, self.committed = lives, committed

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        self.lives -= 1
        with super().transaction() as tx:
            yield tx
            if self.lives < 0 and not self.committed:
                raise Killed
        if self.lives < 0:
            raise Killed


@pytest.mark.parametrize("committed", thoroughly([False, True], but=[True]))
def test_a_copy_that_dies_at_any_of_its_steps_goes_on_and_ends_right(
    source: Database, tmp_path: Path, committed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests_module, "CHUNK", 40)
    with source.transaction() as tx:
        first, last = tx.execute(sa.select(sa.func.min(outbox.c.id), sa.func.max(outbox.c.id))).one()
        tx.execute(outbox.update().where(outbox.c.id == first).values(parent_id=last))
    address, seen = f"sqlite:///{tmp_path / 'target.db'}", fingerprints(source)
    for lives in itertools.count():
        target = Mortal(address, lives % 9, committed=committed)
        try:
            whole(source, target, seen=seen)
        except Killed:
            with target.snapshot() as tx:
                marked, tables = copying.unfinished(tx), sa.inspect(tx).get_table_names()
            # A bot can start on it only while nothing is there, or once everything is.
            assert marked == "here" or not tables or fingerprints(target) == seen
        else:
            break
        finally:
            target.close()
    assert lives > 12
    finished = Database(address)
    assert contents(finished) == contents(source)
    with finished.snapshot() as tx:
        assert copying.unfinished(tx) is None
    finished.close()


@pytest.mark.thorough
def test_what_has_changed_since_the_copy_was_killed_makes_it_start_over(source: Database, target: Database) -> None:
    seen = fingerprints(source)
    copying.prepare("here", seen, target)
    copying.copy(source, target, lambda *_: None)
    with source.transaction() as tx:
        tx.execute(event.update().where(event.c.id == 1).values(reason="corrected"))
        tx.execute(member.delete().where(member.c.id == 1))
    assert whole(source, target) == Start.STARTS_OVER
    assert contents(target) == contents(source)


@pytest.mark.thorough
@pytest.mark.parametrize("other", thoroughly(KINDS, but=["postgresql"]))
def test_a_write_to_the_source_meanwhile_is_noticed_and_the_next_copy_ends_right(
    source: Database, empty: Make, other: Kind
) -> None:
    target = empty(other)
    seen = fingerprints(source)
    copying.prepare("here", seen, target)
    copying.copy(source, target, lambda *_: None)
    with source.transaction() as tx:
        tx.execute(mql.update().where(mql.c.id == 1).values(score=83))
    with pytest.raises(copying.SourceChanged, match="mql"):
        copying.verify(source, target, seen)
    assert whole(source, target) == Start.STARTS_OVER
    assert contents(target) == contents(source)


@pytest.mark.thorough
@pytest.mark.parametrize("change", thoroughly(["changed", "missing", "added"], but=["changed"]))
def test_a_row_of_the_target_that_is_not_the_sources_is_noticed_and_the_next_copy_ends_right(
    source: Database, target: Database, change: str
) -> None:
    seen = fingerprints(source)
    copying.prepare("here", seen, target)
    copying.copy(source, target, lambda *_: None)
    with target.transaction() as tx:
        if change == "changed":
            tx.execute(member.update().where(member.c.id == 1).values(name="Somebody else"))
        elif change == "missing":
            tx.execute(member.delete().where(member.c.id == 1))
        else:
            tx.execute(models.lane.insert().values(workspace_id="T1", target="C1", next_at=START))
    with pytest.raises(copying.CopyDiffers, match="lane" if change == "added" else "member"):
        copying.verify(source, target, seen)
    assert whole(source, target) == Start.STARTS_OVER
    assert contents(target) == contents(source)


# What is refused


@pytest.mark.thorough
@pytest.mark.parametrize("other", thoroughly(KINDS, but=["postgresql"]))
def test_a_migrated_target_without_rows_is_empty_and_one_with_anything_else_is_not(
    source: Database, empty: Make, other: Kind
) -> None:
    assert whole(source, migrated(empty(other))) == Start.BEGINS
    used = migrated(empty(other))
    with used.transaction() as tx:
        tx.execute(models.lane.insert().values(workspace_id="T1", target="C1", next_at=START))
    foreign = empty(other)
    with foreign.transaction() as tx:
        tx.exec_driver_sql("CREATE TABLE somebody_elses (a INTEGER)")
    for target, table in ((used, "lane"), (foreign, "somebody_elses")):
        before = sa.inspect(target.engine).get_table_names()
        with pytest.raises(copying.NotEmpty, match=table):
            whole(source, target)
        assert sa.inspect(target.engine).get_table_names() == before


@pytest.mark.thorough
def test_a_copy_that_is_done_is_done_and_one_that_lives_on_is_not_overwritten(
    source: Database, target: Database
) -> None:
    whole(source, target)
    assert whole(source, target) == Start.IS_DONE
    with target.transaction() as tx:
        tx.execute(mql.update().where(mql.c.id == 1).values(score=83))
    with pytest.raises(copying.NotEmpty):
        whole(source, target)


@pytest.mark.thorough
def test_an_unfinished_copy_of_another_database_is_left_alone(source: Database, empty: Make) -> None:
    target = empty("sqlite")
    copying.prepare("elsewhere", fingerprints(source), target)
    with pytest.raises(copying.OtherSource, match="elsewhere"):
        whole(source, target, "here")
    assert whole(source, target, "elsewhere") == Start.GOES_ON


@pytest.mark.thorough
def test_what_postgresql_cannot_hold_is_told_by_table_and_key_without_its_values(
    source: Database, target: Database, empty: Make
) -> None:
    refusals: list[tuple[sa.Table, dict[str, Any], str, dict[str, Any]]] = [
        (mql, {"message": "Dear\x00Sir"}, "NUL", {"message": "ok"}),
        (event, {"data": {"secret": float("nan")}}, "json", {"data": {}}),
        (mql, {"number": 2**40}, "range", {"number": 2}),
    ]
    for table, values, _, _ in refusals:
        _change(source, table, values)
    assert whole(source, empty("sqlite")) == Start.BEGINS
    for table, _, _, mended in refusals:
        _change(source, table, mended)
    for table, values, reason, mended in refusals:
        _change(source, table, values)
        with pytest.raises(copying.RowRefused) as refused:
            whole(source, target)
        assert (refused.value.table, refused.value.key) == (table.name, "2")
        assert reason in refused.value.reason
        assert not any(word in str(refused.value) for word in ("Dear", "secret", "NaN"))
        _change(source, table, mended)
    assert whole(source, target) == Start.STARTS_OVER
    assert contents(target) == contents(source)


def _change(database: Database, table: sa.Table, values: dict[str, Any]) -> None:
    with database.transaction() as tx:
        tx.execute(table.update().where(table.c.id == 2).values(**values))
