"""HubSpot beside Slack: a change there is on the card within seconds, a person chooses by a button, and a HubSpot that
hangs keeps nobody waiting."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.connectors.crm import setup
from bot.connectors.crm.contract import Interest
from bot.connectors.crm.door import Door
from bot.connectors.crm.hubspot import HubSpot as Connector
from bot.connectors.crm.setup import Wanted
from bot.connectors.crm.sync import Sync
from bot.core.mql import feedback
from bot.core.mql.feedback import Answer
from playground.crm.faults import CrmFault
from playground.crm.hubspot import HubSpot
from playground.crm.hubspot.records import Record
from storage import crm_connections, members, workspaces
from storage.vocabulary import CrmKind, Disposition, Proof, SourceKind, Status
from tests.patience import own_seconds
from tests.scenarios.stage import Team, ja
from tests.tools import VAULT, Tool

LOCAL = ("127.0.0.1",)
WITHIN = 3.0
"""Seconds from a change in the CRM to the card, by webhook."""


class Story:
    """A team whose HubSpot tells the bot of every change, and a lead that came from a contact there."""

    def __init__(self, team: Team, hubspot: HubSpot) -> None:
        assert team.bot is not None
        self.team, self.hubspot = team, hubspot
        hubspot.search_at_once()
        hubspot.limits.on = False
        tool = Tool(team.database, team.id, team.bot.address, SourceKind.HUBSPOT, Proof.ADDRESS, name="hubspot")
        hubspot.webhooks.subscribe(team.bot.address + tool.path, "")
        with team.database.snapshot() as tx:
            roster = members.roster(tx, team.id)
        for member in roster:
            hubspot.add_owner(member.email or f"{member.user_id}@example.com", member.name, "")
        self.contact = hubspot.add("contacts", email="hanako@aoba.example", lastname="田中")
        self.sync = self._connected()
        team.receives(
            "株式会社青葉", person="田中 花子", email="hanako@aoba.example", record_ids={"hubspot": self.contact.id}
        )
        self.works()

    def _connected(self) -> Sync:
        team, credentials = self.team, {"key": self.hubspot.key}
        connector = Connector(Door(self.hubspot.base_url, LOCAL), [credentials], Interest())
        about, now = connector.describe(), team.time.now()
        wanted = Wanted(CrmKind.HUBSPOT, self.hubspot.base_url, credentials, {})
        with team.database.transaction() as tx:
            workspace = workspaces.get(tx, team.id)
            assert workspace is not None
            mapping = setup.propose(tx, workspace, about, {})
            connection = setup.connect(tx, VAULT, team.id, wanted, about, mapping, connector.begin(now), now)
        return Sync(team.database, team.id, connection.id, VAULT, team.time.now, LOCAL, timeout=1.0)

    def works(self) -> None:
        """Let notices come, and the connection and the bot do what is due."""
        self.hubspot.webhooks.deliver_due()
        for _ in range(3):
            self.sync.round()
        self.team.settle()

    def reports(self) -> None:
        """The owner says in Slack that it is an opportunity."""
        team, subject = self.team, self.team.mql(1)
        answer = Answer(disposition=Disposition.QUALIFIED)
        with team.database.transaction() as tx:
            feedback.give(tx, team.id, subject.id, str(subject.owner), answer, team.time.now())
        team.settle()

    def status(self) -> str | None:
        return self.record().properties.get("hs_lead_status")

    def record(self) -> Record:
        return self.hubspot.records.get(self.hubspot.records.type("contacts"), self.contact.id)


@pytest.fixture
def story(team: Team) -> Iterator[Story]:
    with HubSpot(team.time.now, own_seconds) as hubspot:
        yield Story(team, hubspot)


def test_a_status_in_the_crm_is_on_the_card_within_seconds_and_the_other_way_round(story: Story) -> None:
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


def test_where_both_differ_the_rep_chooses_by_a_button(story: Story) -> None:
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


def test_a_crm_that_hangs_slows_no_press(story: Story) -> None:
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
