"""A process that is killed in the middle leaves nothing half done, and the next one does what it had not begun."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bot.connectors.sources import intake as source_intake
from bot.connectors.sources import rereading
from bot.connectors.sources.contract import Delivery, Item, LeadRead
from bot.core import settings
from bot.core.base.audit import Author
from bot.core.base.results import Done
from bot.core.mql import merge
from bot.core.mql.intake import Received
from bot.core.mql.lead import Lead
from bot.core.settings import Saved
from bot.core.setup import start
from bot.core.setup.answers import Answers
from storage import audits, deliveries, mqls, setups, sources, workspaces
from storage.database import Database
from storage.models import LeadSource
from storage.vocabulary import Locale, Proof, SourceKind
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


def test_a_settings_change_is_saved_or_not_saved(database: Database) -> None:
    configure(database)

    def saves(theirs: Database, *, dies: bool) -> None:
        with theirs.transaction() as tx:
            known = settings.present(tx, WORKSPACE)
            assert known is not None
            wanted = replace(known.team, name="Another Inc.", digest_time="11:00")
            assert isinstance(settings.save(tx, wanted, known.version, LATER, Author.in_slack("U3")), Saved)
            if dies:
                die()
        die()

    for dies, name, entries in ((True, "Sample Inc.", 0), (False, "Another Inc.", 2)):
        killed(database, partial(saves, dies=dies))
        with database.snapshot() as tx:
            known = settings.present(tx, WORKSPACE)
            assert known is not None
            assert (known.team.name, known.version, audits.count(tx, WORKSPACE)) == (name, int(not dies), entries)


def test_a_team_has_begun_with_its_test_lead_or_has_not_begun(database: Database) -> None:
    people = [
        {"user": "U1", "name": "Sato", "roles": ["rep"]},
        {"user": "U3", "name": "Kim", "roles": ["manager", "admin"]},
    ]
    usual = Answers.usual("Sample Inc.", Locale.JA, "Asia/Tokyo", NOW.year).stored()
    with database.transaction() as tx:
        setups.begin(tx, WORKSPACE, "U3", {**usual, "mql": "C0MQL00001", "people": people}, NOW)

    def begins(theirs: Database, *, dies: bool) -> None:
        with theirs.transaction() as tx:
            known = setups.get(tx, WORKSPACE, hold=True)
            assert known is not None
            assert isinstance(start.start(tx, known, Lead(company="Test", person="Test"), "U3", LATER), Received)
            if dies:
                die()
        die()

    for dies in (True, False):
        killed(database, partial(begins, dies=dies))
        with database.snapshot() as tx:
            draft, workspace = setups.get(tx, WORKSPACE), workspaces.get(tx, WORKSPACE)
            assert draft is not None
            assert (workspace is None, draft.finished_at is None, draft.test_mql_id is None) == (dies, dies, dies)
            assert bool(mqls.newest_open(tx, WORKSPACE, 9)) != dies


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
        assert sorted(str(mql.company) for mql in mqls.newest_open(tx, WORKSPACE, 10)) == ["C0", "C1", "C2"]


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
