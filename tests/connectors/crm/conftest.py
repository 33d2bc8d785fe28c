from collections.abc import Iterator

import pytest

from playground.crm.hubspot import HubSpot
from storage.database import Database
from tests.connectors.crm.office import Moment, Office


@pytest.fixture
def moment() -> Moment:
    return Moment()


@pytest.fixture
def hubspot(moment: Moment) -> Iterator[HubSpot]:
    with HubSpot(moment.now, moment.monotonic) as crm:
        yield crm


@pytest.fixture
def office(database: Database, hubspot: HubSpot, moment: Moment) -> Office:
    made = Office(database, hubspot, moment)
    made.connect()
    return made
