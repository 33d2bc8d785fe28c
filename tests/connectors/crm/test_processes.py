"""What happens to the processes that work on a connection: two at once, one that is killed, a disk without room."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.connectors.crm import setup
from bot.connectors.crm.contract import Description
from bot.connectors.crm.sync import LEASE, Sync
from bot.core.crm.mapping import Mapping
from storage import crm_connections, trouble
from storage.trouble import Trouble
from storage.vocabulary import EventType, Status
from tests.connectors.crm.office import LOCAL, Office


def test_two_processes_on_one_connection_do_everything_once_and_one_takes_over(office: Office) -> None:
    others = (office.database, office.workspace_id, office.connection.id, office.vault, office.clock.now, LOCAL)
    beside = Sync(*others)
    contact = office.contact()
    mql_id = office.receive(contact)
    for _ in range(4):
        office.clock.advance(seconds=1)
        office.sync.round()
        beside.round()
    office.accept(mql_id)
    calls = len(office.hubspot.log.calls("contacts.update"))
    office.clock.advance(seconds=1)
    assert beside.round() == 0  # The other one has the connection.
    office.sync.round()
    assert len(office.hubspot.log.calls("contacts.update")) == calls + 1
    # The first one is gone without a word; what it left is done by the other.
    office.contacted(mql_id)
    office.clock.advance(seconds=LEASE.total_seconds() + 1)
    while beside.round():
        pass
    assert office.written("hs_lead_status") == ["IN_PROGRESS", "CONNECTED"]
    assert len(office.texts("tasks")) == 1


class _Killed(BaseException):
    """Stands for SIGKILL: nothing is done any more."""


def test_a_rotation_that_is_killed_leaves_the_key_of_before_and_can_be_repeated(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise _Killed

    contact, sealed = office.contact(), secrets(office)
    with monkeypatch.context() as patched:
        patched.setattr(crm_connections, "fail", killed)
        with pytest.raises(_Killed):
            office.rotate()
    assert secrets(office) == sealed
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    assert office.shown(contact, "hubspot_owner_id") == office.owners[str(office.mql(mql_id).owner)].id
    office.rotate()
    assert secrets(office)[1:] == sealed
    with office.database.transaction() as tx:
        setup.end_rotation(tx, office.connection, office.clock.now())
    office.settle()
    assert (len(secrets(office)), office.connection.failure) == (1, None)


def secrets(office: Office) -> list[int]:
    with office.database.snapshot() as tx:
        return [secret.id for secret in crm_connections.secrets(tx, office.connection)]


def test_of_two_who_map_it_at_once_the_second_changes_nothing(office: Office) -> None:
    as_both_saw_it = office.connection
    mapping, about = Mapping.of(as_both_saw_it.mapping), Description("1")
    with office.database.transaction() as tx:
        setup.remap(tx, as_both_saw_it, replace(mapping, tasks=False), about, office.clock.now())
    with office.database.transaction() as tx, pytest.raises(setup.MappedMeanwhile):
        setup.remap(tx, as_both_saw_it, replace(mapping, notes=False), about, office.clock.now())
    stored = Mapping.of(office.connection.mapping)
    assert (stored.tasks, stored.notes, office.connection.mapping_version) == (False, True, 2)


def test_a_status_that_is_told_twice_is_one_acceptance(office: Office) -> None:
    contact = office.contact()
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    office.hubspot.edit("contacts", contact.id, hs_lead_status="IN_PROGRESS")
    for _ in range(2):
        office.notice(contact.id)
        office.notice(contact.id)
        office.settle(seconds=1)
    office.settle()
    assert office.mql(mql_id).status == Status.ACCEPTED
    assert len(office.events(mql_id, EventType.ACCEPTED)) == 1


MANY = 20


def test_what_a_full_disk_had_no_room_for_is_read_again_and_nothing_is_taken_twice(office: Office) -> None:
    contacts = [office.contact(f"lead{number}@example.com") for number in range(MANY)]
    ids = [
        office.receive(contact, f"lead{number}@example.com", company=f"Company {number}")
        for number, contact in enumerate(contacts)
    ]
    office.settle(seconds=1)
    for contact in contacts:
        office.hubspot.edit("contacts", contact.id, hs_lead_status="IN_PROGRESS")
    before = office.connection.cursor
    office.clock.advance(minutes=6)
    with no_room(office), pytest.raises(sa.exc.SQLAlchemyError) as error:
        office.sync.round()
    assert trouble.of(error.value) is Trouble.FULL
    assert office.connection.cursor == before
    assert Status.ASSIGNED in {office.mql(mql_id).status for mql_id in ids}
    office.settle()
    assert {office.mql(mql_id).status for mql_id in ids} == {Status.ACCEPTED}
    assert {len(office.events(mql_id, EventType.ACCEPTED)) for mql_id in ids} == {1}


@contextmanager
def no_room(office: Office) -> Iterator[None]:
    """Let the database not grow any more."""
    with office.database.engine.connect() as connection:
        used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def limit(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {used}")

    sa.event.listen(office.database.engine, "connect", limit)
    office.database.engine.dispose()
    yield
    sa.event.remove(office.database.engine, "connect", limit)
    office.database.engine.dispose()
