from __future__ import annotations

import pytest

from playground.crm.hubspot import HubSpot
from storage.database import Database
from tests.connectors.crm.office import Moment
from tests.crm.story import Story
from tests.thorough import thoroughly


@pytest.mark.parametrize(("seed", "edits"), thoroughly([(seed, 300) for seed in range(1, 6)], but=[(1, 120)]))
def test_whatever_changes_on_both_sides_they_come_to_say_the_same(
    database: Database, hubspot: HubSpot, moment: Moment, seed: int, edits: int
) -> None:
    story = Story(database, hubspot, moment, seed)
    story.run(edits)
    assert story.faults() == []
