"""HubSpot beside Slack: a change there is on the card within seconds, a person chooses by a button, and a HubSpot that
hangs keeps nobody waiting."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from playground.crm.faults import CrmFault
from playground.crm.hubspot import HubSpot
from storage import crm_connections
from storage.vocabulary import CrmKind, Status
from tests.crm.slack_story import SlackStory
from tests.patience import own_seconds
from tests.scenarios.stage import Team, ja

WITHIN = 3.0
"""Seconds from a change in the CRM to the card, by webhook."""


@pytest.fixture
def story(team: Team) -> Iterator[SlackStory]:
    with HubSpot(team.time.now, own_seconds) as hubspot:
        yield SlackStory(team, hubspot)


def test_a_status_in_the_crm_is_on_the_card_within_seconds_and_the_other_way_round(story: SlackStory) -> None:
    team = story.team
    began = own_seconds()
    story.hubspot.edit("contacts", story.contact.id, hs_lead_status="IN_PROGRESS")
    story.works()
    took = own_seconds() - began
    assert team.mql(1).status == Status.ACCEPTED
    team.channel("mql").expect(ja("status.accepted"))
    assert took < WITHIN
    story.reports()
    story.works()
    assert story.status() == "OPEN_DEAL"


def test_where_both_differ_the_rep_chooses_by_a_button(story: SlackStory) -> None:
    team = story.team
    team.accepts(1)
    story.works()
    story.reports()
    story.hubspot.edit("contacts", story.contact.id, hs_lead_status="UNQUALIFIED")
    story.works()
    owner = str(team.mql(1).owner)
    conversation = team.slack.dm(owner)
    conversation.expect(ja("crm.conflict.choose"))
    assert story.status() == "UNQUALIFIED"
    conversation.press(ja("button.crm_ours"))
    team.settle()
    story.works()
    assert (team.mql(1).status, story.status()) == (Status.QUALIFIED, "OPEN_DEAL")


def test_a_crm_that_hangs_slows_no_press(story: SlackStory) -> None:
    team = story.team
    story.hubspot.faults.add("*", CrmFault.HANG, seconds=30)
    began = own_seconds()
    team.accepts(1)
    took = own_seconds() - began
    assert team.mql(1).status == Status.ACCEPTED
    assert took < 1.0
    with team.database.snapshot() as tx:
        connection = crm_connections.of_kind(tx, team.id, CrmKind.HUBSPOT)
    assert connection is not None
    assert connection.event_mark > 0
