"""Connections and transactions: the only place that begins and commits."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from sqlite3 import OperationalError
from time import monotonic, sleep

import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry

from storage import committed_events, liveness, sqlite_dialect, trouble
from storage.committed_events import CommittedEvent
from storage.trouble import File, Trouble, Unusable

MOST_TOGETHER = 32
A_MOMENT = 0.5  # seconds
BUSY, PATIENCE = 30_000, 2_000  # milliseconds: for another writer; for readers of a log that is to be emptied
# The names by which PostgreSQL knows our connections: those of a command, and those of a bot at work.
COMMAND, AT_WORK = "mql-bot", "mql-bot at work"
FINAL = (Trouble.DAMAGED, Trouble.REPLACED)


class _Group:
    """Transactions of several threads, one after the other, on one connection and committed as one."""

    def __init__(self, engine: sa.Engine) -> None:
        self.tx = engine.connect().execution_options(immediate=True)
        self.over = threading.Event()
        self.failure: BaseException | None = None
        """Why not one of them was committed."""
        self.all_well = True
        """Whether every member has done what it wanted."""
        self._members = 0
        try:
            self.tx.begin()
        except BaseException:
            self.tx.close()
            raise

    @property
    def is_full(self) -> bool:
        """Whether the first has waited for long enough."""
        return self._members >= MOST_TOGETHER

    @contextmanager
    def member(self) -> Iterator[None]:
        """One of the transactions: what it has written is taken back where it fails, and nothing else."""
        self._members += 1
        if self._members == 1:
            # Often the only one. Nothing was written before it, so it needs no savepoint, which costs 0.1 ms of copied
            # pages; where it fails everything is taken back, and the next ones begin a group of their own.
            with self._or_nothing():
                yield
            return
        self.tx.exec_driver_sql("SAVEPOINT member")
        try:
            yield
        except BaseException:
            self.all_well = False
            self._take_back()
            raise
        self.tx.exec_driver_sql("RELEASE member")

    @contextmanager
    def _or_nothing(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._members, self.all_well = MOST_TOGETHER, False
            with suppress(sa.exc.DBAPIError):
                self.tx.rollback()
            raise

    def _take_back(self) -> None:
        try:
            self.tx.exec_driver_sql("ROLLBACK TO member")
            self.tx.exec_driver_sql("RELEASE member")
        except sa.exc.DBAPIError as error:
            # After a full disk or a broken file SQLite has taken back everything already.
            self.failure = error

    def commit(self, confirm: Callable[[], None]) -> None:
        """Make all of them last, or none. `confirm` raises where what was committed is not where it should be."""
        try:
            if self.failure is None:
                self.tx.commit()
                confirm()
        except BaseException as error:
            self.failure = error
            # Nobody knows in what state it is; with its connection SQLite takes everything back.
            self.tx.invalidate()
            if not isinstance(error, Exception):
                raise
        finally:
            self.tx.close()
            self.over.set()


class Database:
    """A SQLite file or a PostgreSQL database, by its address.

    `transaction()` is a short writing transaction, `snapshot()` a reading one. On SQLite a writer begins with
    BEGIN IMMEDIATE, because a deferred transaction that upgrades to writing fails with "database is locked" at once
    when another process wrote meanwhile; and writers of one process take turns by a lock of ours, which is fair and
    does not sleep, unlike SQLite's busy wait. While others wait for their turn the commit waits for them too: to wait
    for the disk takes longer than to write, and once serves all (ADR 20). Nobody goes on before the commit.
    """

    def __init__(self, url: str, *, at_work: bool = False) -> None:
        """`at_work`: for a process of the bot, whose presence others must see (storage.process_lock)."""
        self.url = sa.make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            _make_private(self.url.database)
        self.file: File | None = None
        """The file; None for PostgreSQL, and for a database in memory."""
        if self.is_sqlite and self.url.database and not _in_memory(self.url.database):
            self.file = File(self.url.database)
        self.trouble: Trouble | None = None
        """Why nothing can be written now, as far as this process knows. A file that is full may be written to again,
        and one commit shows it; one that is damaged or replaced is not used again."""
        self.evidence: str | None = None
        """What SQLite said of the trouble, for the log; it names pages and tables, never what stands in them."""
        self.engine = self._engine(AT_WORK if at_work else COMMAND)
        sa.event.listen(self.engine, "handle_error", self._learn)
        self._turn = threading.Lock()
        self._arriving = threading.Semaphore(0)
        self._group: _Group | None = None
        self.observer: Callable[[CommittedEvent], None] = lambda _: None
        """Hears what each transaction has made true, after its commit."""

    def _engine(self, name: str) -> sa.Engine:
        if not self.is_sqlite:
            known_as = {"application_name": name}
            engine = sa.create_engine(self.url, pool_size=20, hide_parameters=True, connect_args=known_as)
            liveness.require(engine)
            return engine
        # hide_parameters: an error's text goes to the log, and a lead's name must not.
        engine = sa.create_engine(
            self.url.set(drivername=sqlite_dialect.DRIVER),
            pool_size=20,
            max_overflow=20,
            pool_use_lifo=True,  # each connection in use keeps pages and statements of its own
            connect_args={"timeout": 30, "factory": sqlite_dialect.Connection},
            hide_parameters=True,
            json_serializer=sqlite_dialect.as_json,
        )
        sa.event.listen(engine, "connect", _prepare_sqlite)
        if self.file is not None:
            file = self.file
            sa.event.listen(engine, "connect", lambda *_: file.note())
        return engine

    def _learn(self, context: sa.ExceptionContext) -> None:
        error = context.sqlalchemy_exception
        if error is None:
            return
        # SQLAlchemy only hides the values in its text, and they may be a lead's name.
        error.params = None
        if self.is_sqlite and (shown := trouble.of(error)) in (Trouble.FULL, Trouble.DAMAGED):
            self._note(shown, str(error.orig))

    def _note(self, shown: Trouble, evidence: str | None = None) -> None:
        if self.trouble not in FINAL:
            self.trouble, self.evidence = shown, evidence

    def _written(self) -> None:
        if self.trouble is Trouble.FULL and self.file is not None and self.file.has_room:
            self.trouble = self.evidence = None

    def _require_usable(self) -> None:
        if self.file is not None:
            try:
                self.file.require()
            except Unusable as error:
                self._note(error.trouble)
                raise
        if self.trouble in FINAL:
            raise Unusable(self.trouble, self.evidence)

    def look(self) -> Trouble | None:
        """Return what is wrong, after a look at the file that costs next to nothing and one page written where it was
        full."""
        with suppress(sa.exc.SQLAlchemyError):
            self._require_usable()
            if self.file is not None and self.file.log_is_gone:
                self._note(Trouble.REPLACED)
            if self.file is not None and not self.file.has_room:
                self._note(Trouble.FULL)
            elif self.trouble is Trouble.FULL:
                with self.transaction() as tx:
                    tx.exec_driver_sql("PRAGMA user_version = 0")  # nobody reads it, and it is written all the same
        return self.trouble

    def quick_check(self) -> bool:
        """Let SQLite look through its whole file for damage, in about a second of processor for each GB; returns
        whether there is none. Raises Unusable where it is another file."""
        if self.file is None:
            return True
        self._require_usable()
        with suppress(sa.exc.DatabaseError), self.snapshot() as tx:
            verdict = tx.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            if verdict != "ok":
                self._note(Trouble.DAMAGED, str(verdict))
        return self.trouble is not Trouble.DAMAGED

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Begin a transaction that may write; commit it on leaving, roll it back on an exception."""
        with self._writing() as tx:
            committed_events.begin(tx)
            yield tx
            noted = committed_events.noted(tx)
        for fact in noted:
            self.observer(fact)

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        if not self.is_sqlite:
            with self.engine.begin() as tx:
                yield tx
            return
        self._require_usable()
        with self._my_turn():
            group = self._group = self._group or _Group(self.engine)
            try:
                with group.member():
                    yield group.tx
            finally:
                if group.is_full or self._nobody_arrives():
                    self._commit(group)
        while not group.over.wait(A_MOMENT):
            # Whoever was to come after us has given up on the way.
            with self._turn:
                if self._group is group:
                    self._commit(group)
        if group.failure is not None:
            raise group.failure

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        self._arriving.release()
        waits = True
        try:
            with self._turn:
                self._arriving.acquire()
                waits = False
                yield
        finally:
            if waits:  # interrupted
                self._arriving.acquire()

    def _nobody_arrives(self) -> bool:
        if self._arriving.acquire(blocking=False):
            self._arriving.release()
            return False
        return True

    def _commit(self, group: _Group) -> None:
        self._group = None
        group.commit(self._require_usable)
        if group.failure is None and group.all_well:
            self._written()

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """Begin a transaction that only reads, and sees a single state of the database."""
        if self.file is not None:
            self.file.require()
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self.engine.connect().execution_options(**options) as tx, tx.begin():
            yield tx

    def empty_log(self) -> bool:
        """Write SQLite's log (-wal) into the file and cut it to nothing, so that what was erased is in neither. False:
        somebody was reading for longer than PATIENCE; the next commit may do it. Always true of PostgreSQL."""
        if not self.is_sqlite:
            return True
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout={PATIENCE}")
            ((busy, *_),) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            cursor.execute(f"PRAGMA busy_timeout={BUSY}")
        finally:
            connection.close()
        return not busy

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


@contextmanager
def savepoint(tx: sa.Connection) -> Iterator[None]:
    """Roll back what is written within if it fails, and nothing else of the transaction."""
    noted = committed_events.count(tx)
    try:
        with tx.begin_nested():
            yield
    except BaseException:
        committed_events.forget_after(tx, noted)
        raise


def _make_private(file: str) -> None:
    """Make the file before SQLite does, for its owner only: leads are in it. SQLite gives -wal and -shm its mode."""
    if _in_memory(file):
        return
    # It is there already, or cannot be made: then SQLite says so.
    with suppress(OSError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _in_memory(file: str) -> bool:
    return file == ":memory:" or file.startswith("file:")


def _prepare_sqlite(connection: SQLiteConnection, _: ConnectionPoolEntry) -> None:
    # The driver's own implicit BEGIN is switched off: we begin ourselves, in sqlite_dialect.
    connection.isolation_level = None
    # secure_delete: what is erased is overwritten in the file, not only forgotten.
    pragmas = ("synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY}", "secure_delete=ON")
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}").close()
    _keep_a_log(connection)


def _keep_a_log(connection: SQLiteConnection) -> None:
    """Let SQLite write ahead. Where several processes begin with a new file at once it refuses instead of waiting: the
    one that is first switches for all."""
    give_up = monotonic() + BUSY / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
            return
        except OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or monotonic() > give_up:
                raise
            sleep(0.01)
