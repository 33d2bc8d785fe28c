"""How many calls a CRM gets in an hour in which 100 leads come in: the real connectors, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bot.connectors.crm.registry import RECIPES
from bot.connectors.crm.sync import Sync
from bot.core.mql import feedback, response
from bot.core.mql.feedback import Answer
from playground.crm.hubspot import HubSpot
from storage import crm_connections, migrate, mqls
from storage.database import Database
from storage.vocabulary import CrmKind, Disposition
from tests.connectors.crm.office import Moment, Office
from tests.connectors.crm.test_other_tools import Beside
from tests.crm.pane_story import add_lead, filled
from tests.workspace import WORKSPACE

LEADS = 100


def measure(folder: Path, kind: CrmKind, leads: int = LEADS) -> int:
    """Let leads come in, LEADS an hour, and work on them to their outcome; return how many calls that took."""
    clock = Moment()
    with closing(Database(f"sqlite:///{folder / f'{kind}.db'}")) as database:
        migrate.upgrade(database)
        if kind == CrmKind.HUBSPOT:
            with HubSpot(clock.now, clock.monotonic) as hubspot:
                office = Office(database, hubspot, clock)
                office.connect()
                return _hour(database, clock, office.sync, kind, leads, lambda number: _of_hubspot(office, number))
        pane = filled(kind, clock)
        with pane.service:
            beside = Beside(database, pane, kind, clock)
            return _hour(
                database, clock, beside.sync, kind, leads, lambda number: beside.receive(add_lead(pane, number))
            )


def _of_hubspot(office: Office, number: int) -> int:
    email = f"lead{number}@example.com"
    return office.receive(office.contact(email), email, company=f"Company {number}")


def _hour(
    database: Database, clock: Moment, sync: Sync, kind: CrmKind, leads: int, receive: Callable[[int], int]
) -> int:
    """Take in a lead every 36 seconds and do the next thing with the ones before."""
    ids = list[int]()
    for number in range(leads):
        ids.append(receive(number))
        for age, act in enumerate((_accept, _contacted, _report), 1):
            if len(ids) > age:
                act(database, ids[-1 - age], clock)
        for _ in range(36 // 6):
            clock.advance(seconds=6)
            sync.round()
    with database.snapshot() as tx:
        connection = crm_connections.of_kind(tx, WORKSPACE, kind)
    assert connection is not None
    return connection.calls


def _owner(database: Database, mql_id: int) -> str:
    with database.snapshot() as tx:
        subject = mqls.get(tx, WORKSPACE, mql_id)
    assert subject is not None
    return str(subject.owner)


def _accept(database: Database, mql_id: int, clock: Moment) -> None:
    owner = _owner(database, mql_id)
    with database.transaction() as tx:
        response.accept(tx, WORKSPACE, mql_id, owner, clock.now())


def _contacted(database: Database, mql_id: int, clock: Moment) -> None:
    owner = _owner(database, mql_id)
    with database.transaction() as tx:
        response.contacted(tx, WORKSPACE, mql_id, owner, clock.now())


def _report(database: Database, mql_id: int, clock: Moment) -> None:
    owner = _owner(database, mql_id)
    with database.transaction() as tx:
        feedback.give(tx, WORKSPACE, mql_id, owner, Answer(disposition=Disposition.QUALIFIED), clock.now())


def line(kind: CrmKind, calls: int, leads: int) -> str:
    """Return the figures of one CRM against the limit of its smallest edition."""
    limit = RECIPES[kind].calls_a_day
    day = calls * 24 * LEADS // leads
    return f"{kind}: {calls} calls for {leads} leads at {LEADS} an hour, {day:,} a day of {limit:,}"
