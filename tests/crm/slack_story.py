"""A team in Slack and a HubSpot beside it, which tells the bot of every change."""

from __future__ import annotations

from bot.connectors.crm import setup
from bot.connectors.crm.contract import Interest
from bot.connectors.crm.door import Door
from bot.connectors.crm.hubspot import HubSpot as Connector
from bot.connectors.crm.setup import Wanted
from bot.connectors.crm.sync import Sync
from bot.core.mql import feedback
from bot.core.mql.feedback import Answer
from playground.crm.hubspot import HubSpot
from playground.crm.hubspot.records import Record
from storage import members, workspaces
from storage.vocabulary import CrmKind, Disposition, Proof, SourceKind
from tests.scenarios.stage import Team
from tests.tools import VAULT, Tool

LOCAL = ("127.0.0.1",)


class SlackStory:
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
