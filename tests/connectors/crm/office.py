"""A workspace whose HubSpot is the strict local one: what tests of the CRM begin with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.connectors.crm import attempts, setup
from bot.connectors.crm.contract import Connector as AnyConnector
from bot.connectors.crm.contract import Interest, Outcome, Write
from bot.connectors.crm.door import Door
from bot.connectors.crm.hubspot import HubSpot as Connector
from bot.connectors.crm.setup import Wanted
from bot.connectors.crm.sync import Sync
from bot.connectors.sources.vault import Vault, new_key
from bot.core.base.results import ActionResult
from bot.core.crm import conflicts
from bot.core.mql import feedback, intake, response
from bot.core.mql.feedback import Answer
from bot.core.mql.lead import Lead
from playground.crm.hubspot import HubSpot, Property
from playground.crm.hubspot.records import Owner, Record
from playground.crm.service import Answer as Answered
from playground.crm.service import Call
from storage import crm_connections, members, mqls, workspaces
from storage.database import Database
from storage.models import (
    CrmConflict,
    CrmConnection,
    CrmWrite,
    Event,
    LostReason,
    Mql,
    Outbox,
    crm_conflict,
    crm_write,
    outbox,
)
from storage.rows import all_of
from storage.vocabulary import CrmDecision, CrmKind, Disposition, EventType, Source
from tests.workspace import NOW, WORKSPACE, configure

LOCAL = ("127.0.0.1",)
PEOPLE = (("U1", "sato@example.co.jp", "葵", "佐藤"), ("U2", "suzuki@example.co.jp", "蓮", "鈴木"))


@dataclass
class Moment:
    """The time of both sides, which a test moves."""

    at: datetime = NOW
    seconds: float = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def advance(self, **span: float) -> None:
        self.at += timedelta(**span)
        self.seconds += timedelta(**span).total_seconds()


def written(connector: AnyConnector, change: Write) -> Outcome:
    """Make one change."""
    return attempts.only(connector.write([change]))


class Office:
    """Two reps who are in both tools, and a connection that works round by round."""

    def __init__(
        self,
        database: Database,
        hubspot: HubSpot,
        clock: Moment,
        workspace_id: str = WORKSPACE,
        keys: Sequence[str] = (),
    ) -> None:
        self.database, self.hubspot, self.clock, self.workspace_id = database, hubspot, clock, workspace_id
        self.vault = Vault(keys or [new_key()])
        self.owners: dict[str, Owner] = {}
        configure(database, workspace_id)
        with database.transaction() as tx:
            for user, email, first, last in PEOPLE:
                members.save(tx, workspace_id, user, name=last, roles=["rep"], email=email)
                self.owners[user] = hubspot.add_owner(email, first, last)
            no_budget = LostReason(
                workspace_id=workspace_id, key="no_budget", position=0, ja="予算なし", en="No budget"
            )
            workspaces.save_reasons(tx, workspace_id, [no_budget])
        hubspot.add_property("contacts", Property("mql_sla_due", "datetime"))
        hubspot.add_property("contacts", Property("mql_lost_reason"))
        hubspot.search_at_once()
        hubspot.limits.on = False

    def connect(self) -> CrmConnection:
        """Connect the HubSpot as `mql-bot crm connect` does."""
        credentials = {"key": self.hubspot.key}
        connector = Connector(Door(self.hubspot.base_url, LOCAL), [credentials], Interest())
        about = connector.describe()
        wanted = Wanted(CrmKind.HUBSPOT, self.hubspot.base_url, credentials, {})
        cursor = connector.begin(self.clock.now())
        with self.database.transaction() as tx:
            workspace = workspaces.get(tx, self.workspace_id)
            assert workspace is not None
            mapping = setup.propose(tx, workspace, about, {})
            setup.connect(tx, self.vault, self.workspace_id, wanted, about, mapping, cursor, self.clock.now())
        self.restart()
        return self.connection

    @property
    def connection(self) -> CrmConnection:
        with self.database.snapshot() as tx:
            connection = crm_connections.of_kind(tx, self.workspace_id, CrmKind.HUBSPOT)
        assert connection is not None
        return connection

    def restart(self, timeout: float = 10.0) -> None:
        """Let another process work, the one before having died."""
        with self.database.transaction() as tx:
            crm_connections.update(tx, self.connection, lease=None, lease_until=None)
        now = self.clock.now
        self.sync = Sync(self.database, self.workspace_id, self.connection.id, self.vault, now, LOCAL, timeout=timeout)

    def contact(self, email: str = "aoki@example.com", **properties: str) -> Record:
        """Add a contact by hand."""
        return self.hubspot.add("contacts", by=None, email=email, lastname="青木", **properties)

    def receive(self, contact: Record | None, email: str = "aoki@example.com", **fields: object) -> int:
        """Take in a lead that came from a contact; return its MQL's id."""
        named = {} if contact is None else {"external_id": f"hubspot:{contact.id}"}
        with self.database.transaction() as tx:
            lead = Lead.model_validate({"company": "Acme", "email": email, **named, **fields})
            return intake.receive(tx, self.workspace_id, lead, Source.HUBSPOT, self.clock.now()).mql_id

    def round(self, times: int = 1) -> int:
        """Let the connection work."""
        return sum(self.sync.round() for _ in range(times))

    def settle(self, **span: float) -> None:
        """Let time pass until the next poll, and work until nothing is left."""
        self.clock.advance(**(span or {"minutes": 5, "seconds": 1}))
        for _ in range(20):
            if not self.sync.round() and not self.waiting():
                return

    def notice(self, record: str) -> None:
        """Have a record named, as a webhook does."""
        with self.database.transaction() as tx:
            crm_connections.notice(tx, self.connection, record, self.clock.now())

    def mql(self, mql_id: int) -> Mql:
        with self.database.snapshot() as tx:
            subject = mqls.get(tx, self.workspace_id, mql_id)
        assert subject is not None
        return subject

    def accept(self, mql_id: int, by: str | None = None) -> ActionResult:
        with self.database.transaction() as tx:
            return response.accept(tx, self.workspace_id, mql_id, by or str(self.mql(mql_id).owner), self.clock.now())

    def contacted(self, mql_id: int) -> ActionResult:
        with self.database.transaction() as tx:
            return response.contacted(tx, self.workspace_id, mql_id, str(self.mql(mql_id).owner), self.clock.now())

    def report(self, mql_id: int, disposition: Disposition = Disposition.QUALIFIED, **words: Any) -> ActionResult:
        answer = Answer(disposition=disposition, **words)
        with self.database.transaction() as tx:
            return feedback.give(tx, self.workspace_id, mql_id, str(self.mql(mql_id).owner), answer, self.clock.now())

    def decide(self, decision: CrmDecision, by: str | None = None, conflict: CrmConflict | None = None) -> ActionResult:
        """Decide a conflict, the newest unless another is named."""
        chosen = conflict or self.conflicts()[-1]
        owner = str(self.mql(chosen.mql_id).owner)
        with self.database.transaction() as tx:
            return conflicts.decide(tx, self.workspace_id, chosen.id, decision, by or owner, self.clock.now())

    def before_writing(self, act: Callable[[], None]) -> None:
        """Let something happen between the bot's reading and its next writing."""
        perform = self.hubspot.perform

        def interrupted(call: Call, handler: Callable[[Call], Answered]) -> Answered:
            if call.operation == "contacts.update":
                self.hubspot.perform = perform  # type: ignore[method-assign]
                act()
            return perform(call, handler)

        self.hubspot.perform = interrupted  # type: ignore[method-assign]

    def rotate(self) -> None:
        """Enter a new key, as `mql-bot crm rotate` does."""
        credentials = {"key": self.hubspot.rotate_key()}
        with self.database.transaction() as tx:
            setup.rotate(tx, self.vault, self.connection, credentials, self.clock.now())

    def remap(self) -> None:
        """Read what HubSpot says of itself anew, as `mql-bot crm map` does."""
        about = Connector(Door(self.hubspot.base_url, LOCAL), [{"key": self.hubspot.key}], Interest()).describe()
        with self.database.transaction() as tx:
            workspace = workspaces.get(tx, self.workspace_id)
            assert workspace is not None
            setup.remap(tx, self.connection, setup.propose(tx, workspace, about, {}), about, self.clock.now())

    def calls(self, operation: str) -> int:
        """Return how many calls of an operation were made."""
        return len(self.hubspot.log.calls(operation))

    def events(self, mql_id: int, *kinds: EventType) -> list[Event]:
        with self.database.snapshot() as tx:
            return [each for each in mqls.history(tx, self.workspace_id, mql_id) if each.type in kinds]

    def conflicts(self) -> list[CrmConflict]:
        with self.database.snapshot() as tx:
            return all_of(tx, CrmConflict, crm_conflict, {"workspace_id": self.workspace_id})

    def writes(self) -> list[CrmWrite]:
        with self.database.snapshot() as tx:
            return all_of(tx, CrmWrite, crm_write, {"workspace_id": self.workspace_id})

    def waiting(self) -> list[CrmWrite]:
        now = self.clock.now()
        return [each for each in self.writes() if each.state == "pending" and each.next_attempt_at <= now]

    def messages(self, kind: str) -> list[Outbox]:
        with self.database.snapshot() as tx:
            return all_of(tx, Outbox, outbox, {"workspace_id": self.workspace_id, "kind": kind})

    def shown(self, contact: Record, name: str) -> str | None:
        """Return what a property of a contact holds, in HubSpot itself."""
        return self.hubspot.records.get(self.hubspot.records.type("contacts"), contact.id).properties.get(name)

    def texts(self, plural: str) -> list[dict[str, str]]:
        """Return the tasks, or the notes."""
        return [each.properties for each in self.hubspot.records.live(self.hubspot.records.type(plural))]

    def written(self, name: str) -> list[str]:
        """Return every value that this bot has written into a property, the oldest first."""
        values = []
        for contact in self.hubspot.records.live(self.hubspot.records.type("contacts")):
            history = contact.history.get(name, [])
            values += [each["value"] for each in reversed(history) if each["sourceType"] == "INTEGRATION"]
        return values
