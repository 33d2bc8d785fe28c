from collections.abc import Iterator

import pytest

from playground.crm.hubspot import HubSpot
from playground.crm.kintone import Kintone
from playground.crm.salesforce import Salesforce
from tests.playground.crm.kit import Door
from tests.playground.kit import Clock


@pytest.fixture
def hubspot(clock: Clock) -> Iterator[HubSpot]:
    with HubSpot(clock.now, clock.monotonic) as crm:
        yield crm


@pytest.fixture
def door() -> Iterator[Door]:
    with Door() as opened:
        yield opened


@pytest.fixture
def kintone(clock: Clock) -> Iterator[Kintone]:
    with Kintone(clock.now, clock.monotonic) as crm:
        crm.add_user("sato", "佐藤 葵")
        yield crm


@pytest.fixture
def salesforce(clock: Clock) -> Iterator[Salesforce]:
    with Salesforce(clock.now, clock.monotonic) as crm:
        yield crm
