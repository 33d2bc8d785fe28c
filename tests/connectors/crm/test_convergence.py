from __future__ import annotations

import pytest

from playground.crm.hubspot import HubSpot
from storage.database import Database
from storage.vocabulary import CrmKind
from tests.connectors.crm.office import Moment
from tests.crm.marketing import MarketingStory
from tests.crm.pane_story import PaneStory, filled
from tests.crm.story import Story
from tests.thorough import thoroughly


@pytest.mark.parametrize(("seed", "edits"), thoroughly([(seed, 300) for seed in range(1, 6)], but=[(1, 60)]))
def test_whatever_changes_on_both_sides_they_come_to_say_the_same(
    database: Database, hubspot: HubSpot, moment: Moment, seed: int, edits: int
) -> None:
    story = Story(database, hubspot, moment, seed)
    story.run(edits)
    assert story.faults() == []


@pytest.mark.thorough
@pytest.mark.parametrize("kind", [CrmKind.SALESFORCE, CrmKind.KINTONE])
def test_the_others_come_to_say_the_same_too(database: Database, moment: Moment, kind: CrmKind) -> None:
    pane = filled(kind, moment)
    with pane.service:
        story = PaneStory(database, pane, kind, moment, seed=1)
        story.run(60)
        assert story.faults() == []


@pytest.mark.thorough
@pytest.mark.parametrize("kind", [CrmKind.MARKETO, CrmKind.ACCOUNT_ENGAGEMENT])
@pytest.mark.parametrize(("seed", "edits"), thoroughly([(seed, 150) for seed in range(1, 6)], but=[(1, 60)]))
def test_so_they_do_with_a_tool_of_marketing(
    database: Database, moment: Moment, kind: CrmKind, seed: int, edits: int
) -> None:
    story = MarketingStory(database, kind, moment, seed)
    story.run(edits)
    faults = story.faults()
    story.stop()
    assert faults == []
