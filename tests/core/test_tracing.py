"""Whoever traces the database by SQLAlchemy's events sees every statement that reaches the driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from bot.core.mql import escalation, response
from storage import receipts
from storage.database import Database
from storage.models import clock
from storage.vocabulary import ReceiptKind
from tests import statements
from tests.workspace import NOW, WORKSPACE, receive

# Of transactions SQLAlchemy tells by other events. A connection is prepared, and asked whether it lives, without any.
NO_STATEMENTS = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")
PING = ";"


def accept(office: Database) -> None:
    with office.transaction() as tx:
        assert receipts.first_time(tx, WORKSPACE, ReceiptKind.ACTION, "1.1", NOW, {})
        response.accept(tx, WORKSPACE, 1, "U3", NOW)


def sweep(office: Database) -> None:
    with office.snapshot() as tx:
        due = tx.execute(sa.select(sa.func.max(clock.c.next_check_at))).scalar_one()
    with office.transaction() as tx:
        fired, _ = escalation.sweep(tx, due + timedelta(days=1), 10)
    assert fired


ACTS: dict[str, Callable[[Database], object]] = {
    "an acceptance": accept,
    "an intake": lambda office: receive(office, "Another", external_id="2", email="two@example.com"),
    "a sweep of the clocks": sweep,
}


@pytest.mark.parametrize("name", ACTS)
def test_the_events_tell_of_every_statement_that_the_driver_executes(name: str, office: Database) -> None:
    for number in range(3):
        receive(office, f"Acme {number}", external_id=f"A{number}")
    with executed_by_driver(office) as driven:
        verbs: list[str] = []
        errors: list[object] = []

        def before(_: Any, __: Any, text: str, values: Any, ___: Any, many: bool) -> None:
            # SQLite's driver executes a statement once for each of many values, and says so each time.
            verbs.extend([_verb(text)] * (len(values) if many and office.is_sqlite else 1))

        sa.event.listen(office.engine, "before_cursor_execute", before)
        sa.event.listen(office.engine, "handle_error", errors.append)
        ACTS[name](office)
    assert len(verbs) > 5
    assert verbs == driven
    assert not errors


def test_an_acceptance_executes_few_statements(office: Database) -> None:
    """What an act has read it passes on: each further statement costs a press a round trip on PostgreSQL."""
    for number in range(2):
        receive(office, f"Acme {number}", external_id=f"A{number}")
    accept(office)
    asked = statements.texts(office.engine)
    with office.transaction() as tx:
        assert receipts.first_time(tx, WORKSPACE, ReceiptKind.ACTION, "1.2", NOW, {})
        response.accept(tx, WORKSPACE, 2, "U2", NOW)
    assert len(asked) <= 11, [text for text, _ in asked]


@contextmanager
def executed_by_driver(office: Database) -> Iterator[list[str]]:
    """The first word of each statement that the driver executes from now on."""
    office.close()  # so that every connection is a new one
    driven: list[str] = []

    def note(text: Any) -> None:
        if str(text) != PING and _verb(str(text)) not in NO_STATEMENTS:
            driven.append(_verb(str(text)))

    class Noting(psycopg.Cursor[Any]):
        def execute(self, query: Any, *given: Any, **options: Any) -> Any:
            note(query)
            return super().execute(query, *given, **options)

        def executemany(self, query: Any, *given: Any, **options: Any) -> None:
            note(query)
            super().executemany(query, *given, **options)

    def connected(connection: Any, _: object) -> None:
        if office.is_sqlite:
            connection.set_trace_callback(note)
        else:
            connection.cursor_factory = Noting

    sa.event.listen(office.engine, "connect", connected)
    yield driven


def _verb(text: str) -> str:
    return text.split(maxsplit=1)[0]


def test_an_error_is_told_to_who_listens_without_the_values(office: Database) -> None:
    contexts: list[sa.ExceptionContext] = []
    sa.event.listen(office.engine, "handle_error", contexts.append)
    receive(office)
    with pytest.raises(sa.exc.IntegrityError), office.transaction() as tx:
        tx.execute(clock.update().values(kind=None))
    (context,) = contexts
    assert context.statement is not None
    assert context.statement.startswith("UPDATE clock")
    assert isinstance(context.sqlalchemy_exception, sa.exc.IntegrityError)
    assert context.sqlalchemy_exception.params is None
