"""Two transactions that overlap, told deterministically: the first has written everything and has not committed when
the second begins."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from storage.database import Database
from tests.patience import LONGEST

Act = Callable[[], Any]
BLOCKED = sa.text(
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' LIMIT 1"
)


def overlapping(database: Database, first: Act, second: Act) -> tuple[Any, Any]:
    """Do both. `first` is held at its first commit until `second` waits for it, or has done what it can without
    waiting. Returns what each returned."""
    with ThreadPoolExecutor(2) as pool, _turns(database) as turns, _held(database, first) as (holder, written, let_go):
        holding = pool.submit(holder)
        assert written.wait(LONGEST), "the first wrote nothing"
        other = pool.submit(second)
        _until_blocked(database, turns, other)
        let_go.set()
        return holding.result(LONGEST), other.result(LONGEST)


class _Turns:
    """The lock by which the writers of one process take turns on SQLite; tells when somebody has to wait for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.awaited = threading.Event()

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            self.awaited.set()
            self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


@contextmanager
def _turns(database: Database) -> Iterator[_Turns]:
    real, turns = database._turn, _Turns()
    database._turn = turns  # type: ignore[assignment]
    try:
        yield turns
    finally:
        database._turn = real


@contextmanager
def _held(database: Database, act: Act) -> Iterator[tuple[Act, threading.Event, threading.Event]]:
    """The act, to be called in a thread of its own; an event for when it is about to commit, and one to let it."""
    written, let_go = threading.Event(), threading.Event()
    held: list[int] = []

    def before_commit(connection: sa.Connection) -> None:
        options = connection.get_execution_options()
        writes = options.get("immediate") if database.is_sqlite else not options.get("postgresql_readonly")
        if writes and threading.get_ident() in held:
            held.clear()
            written.set()
            assert let_go.wait(LONGEST)

    def holder() -> Any:
        held.append(threading.get_ident())
        return act()

    sa.event.listen(database.engine, "commit", before_commit)
    try:
        yield holder, written, let_go
    finally:
        let_go.set()
        sa.event.remove(database.engine, "commit", before_commit)


def _until_blocked(database: Database, turns: _Turns, other: Future[Any]) -> None:
    while not wait([other], timeout=0.01).done:
        if turns.awaited.is_set():
            return
        if not database.is_sqlite:
            with database.snapshot() as tx:
                if tx.execute(BLOCKED).first() is not None:
                    return
