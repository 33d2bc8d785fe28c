"""A process that is killed in the middle leaves nothing half done, and the next one does what it had not begun."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.connectors.sources import intake as source_intake
from bot.connectors.sources import rereading
from bot.connectors.sources.contract import Delivery, Item, LeadRead
from bot.core.base.results import Done
from bot.core.mql import merge
from storage import deliveries, mqls, sources
from storage.database import Database
from storage.models import LeadSource
from storage.vocabulary import Proof, SourceKind
from tests.workspace import NOW, WORKSPACE, configure, receive

LATER = NOW + timedelta(hours=1)
FIELDS = {"f1": "company", "f2": "person"}

# A child that has only this thread, opens its own database and never comes back.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


def killed(database: Database, does: Callable[[Database], None]) -> None:
    """Do something in a process that is killed before it ends."""
    child = os.fork()
    if child == 0:  # pragma: no cover
        try:
            does(Database(database.url.render_as_string(hide_password=False)))
        finally:
            os._exit(1)  # it should not have come so far
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_merge_is_done_or_not_done(database: Database) -> None:
    configure(database)
    first, second = receive(database, "Acme", email="a@acme.example"), receive(database, "Acme", email="b@gmail.com")

    def merges(theirs: Database) -> None:
        with theirs.transaction() as tx:
            assert isinstance(merge.merge(tx, WORKSPACE, second, first, "U3", LATER), Done)
            die()

    killed(database, merges)
    with database.transaction() as tx:
        subject = mqls.get(tx, WORKSPACE, second)
        assert subject is not None
        assert (subject.merged_into_id, subject.disposed_at) == (None, None)
        assert isinstance(merge.merge(tx, WORKSPACE, second, first, "U3", LATER), Done)


def test_what_was_not_read_again_before_the_end_is_read_the_next_time_and_nothing_twice(database: Database) -> None:
    configure(database)
    source = waiting(database, 3)

    def reads(theirs: Database) -> None:
        for number, delivery_id in enumerate(left(theirs, source)):
            with theirs.transaction() as tx:
                rereading.read_again(tx, source, delivery_id, FIELDS, 1, None, LATER)
                if number == 1:
                    die()

    killed(database, reads)
    again = left(database, source)
    assert len(again) == 2
    for delivery_id in again:
        with database.transaction() as tx:
            rereading.read_again(tx, source, delivery_id, FIELDS, 1, None, LATER)
    assert left(database, source) == []
    with database.snapshot() as tx:
        assert sorted(str(one.company) for one in mqls.newest_open(tx, WORKSPACE, 10)) == ["C0", "C1", "C2"]


def waiting(database: Database, count: int) -> LeadSource:
    """A source of which so many deliveries wait for a mapping."""
    with database.transaction() as tx:
        source_id = sources.add(tx, WORKSPACE, "web", SourceKind.MAPPING, Proof.ADDRESS, NOW)
        source = sources.get(tx, WORKSPACE, source_id)
        assert source is not None
        for number in range(count):
            body = f'{{"f1": "C{number}", "f2": "P{number}"}}'.encode()
            sent = Delivery("POST", "", {"content-type": "application/json"}, body, NOW)
            origin = source_intake.keep(tx, source, sent, body, Proof.ADDRESS, 0)
            items = [Item(None, LeadRead(None, {"f1": f"C{number}"}, "not_mapped"))]
            source_intake.take(tx, origin, sent, items, Proof.ADDRESS, 0)
    return source


def left(database: Database, source: LeadSource) -> list[int]:
    with database.snapshot() as tx:
        return deliveries.to_read_again(tx, WORKSPACE, source.id)
