"""A process of its own that works on a connection, and is killed: what `serve` or `worker` is to a CRM."""

from __future__ import annotations

import multiprocessing
import signal
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import NamedTuple

import sqlalchemy as sa

from bot.connectors.crm import setup
from bot.connectors.crm.contract import Credentials
from bot.connectors.crm.sync import Sync
from bot.connectors.sources.vault import Vault
from storage import crm_connections
from storage.database import Database
from tests.connectors.crm.office import LOCAL
from tests.patience import LONGEST

ROUNDS = 3


class Work(NamedTuple):
    """What a process is to do. `renewed`: credentials that it enters first, and makes the only ones last."""

    url: str
    workspace_id: str
    connection_id: int
    vault: Vault
    at: datetime
    renewed: Credentials | None = None


def hurried(database: Database) -> Database:
    """Let a database wait for no disk: power does not fail here. What a killed process has committed is kept."""
    sa.event.listen(database.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF").close())
    return database


def begin(work: Work) -> tuple[BaseProcess, Connection]:
    """Start a process. It says by the other end of the pipe that it begins."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.crm.process"])
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(work, theirs), daemon=True)
    process.start()
    return process, ours


def end(process: BaseProcess, after: float | None) -> bool:
    """Kill a process once so many seconds are over, or wait for its end where `after` is None. Returns whether it was
    killed."""
    process.join(LONGEST if after is None else after)
    process.kill()
    process.join()
    return process.exitcode == -signal.SIGKILL


def _run(work: Work, begun: Connection) -> None:
    database = hurried(Database(work.url))
    now = work.at
    with database.snapshot() as tx:
        connection = crm_connections.get(tx, work.workspace_id, work.connection_id)
    assert connection is not None
    begun.send(True)
    if work.renewed is not None:
        with database.transaction() as tx:
            setup.rotate(tx, work.vault, connection, work.renewed, now)
    sync = Sync(database, work.workspace_id, work.connection_id, work.vault, lambda: now, LOCAL)
    for _ in range(ROUNDS):
        sync.round()
    if work.renewed is not None:
        with database.transaction() as tx:
            setup.end_rotation(tx, connection, now)
