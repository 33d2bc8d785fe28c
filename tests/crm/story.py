"""Random changes on both sides of a connection, with faults, restarts and lost answers; and what must hold at the end.

The seed decides everything that happens; the strict local HubSpot is held over real HTTP.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.core.base.results import Done
from bot.core.crm import writing
from bot.core.crm.facts import facts
from bot.core.mql import response
from playground.crm.faults import CrmFault
from playground.crm.hubspot import HubSpot
from playground.crm.hubspot.records import Record
from playground.crm.service import Answer, Call
from storage import crm_conflicts, crm_links, mqls
from storage.database import Database
from storage.vocabulary import CrmDecision, Disposition
from tests.connectors.crm.office import Moment, Office
from tests.crm import measures
from tests.crm.disruptions import CLOSE, Disruptions, Pace

STATUSES = ("NEW", "OPEN", "IN_PROGRESS", "OPEN_DEAL", "UNQUALIFIED", "ATTEMPTED_TO_CONTACT", "CONNECTED", "BAD_TIMING")
FAULTS = (
    CrmFault.LOSE_ANSWER,
    CrmFault.ERROR_500,
    CrmFault.ERROR_500_AFTER,
    CrmFault.TIMEOUT_524,
    CrmFault.TRUNCATED,
    CrmFault.REFUSE,
    CrmFault.RATE_LIMIT,
    CrmFault.LOCKED,
    CrmFault.MIGRATION,
    CrmFault.HTML_PAGE,
    CrmFault.UNAVAILABLE,
)
OPERATIONS = (
    "contacts.update",
    "tasks.create",
    "notes.create",
    "contacts.get",
    "contacts.batch_read",
    "contacts.search",
)
_REFERENCE = re.compile(r"\[mql-bot \d+/\d+\]")
_OURS = "INTEGRATION"


@dataclass
class Counts:
    """What happened, and what went wrong."""

    done: Counter[str] = field(default_factory=Counter)
    updates: int = 0
    """Writes of fields that HubSpot has heard."""
    needless: int = 0
    """Fields that were written with the value that they had."""
    overwritten: list[tuple[str, str, str]] = field(default_factory=list)
    """Values of people that were written over without having been read: record, property, value."""


class Story:
    """One workspace and one HubSpot, for some hundred changes."""

    def __init__(self, database: Database, hubspot: HubSpot, clock: Moment, seed: int, pace: Pace = CLOSE) -> None:
        self.random, self.counts = random.Random(seed), Counts()
        self.office = Office(database, hubspot, clock)
        self.office.connect()
        self.pace = pace
        self.disruptions = Disruptions(self.office, hubspot, self.random, kills=pace.kills)
        self.hubspot, self.clock = hubspot, clock
        self.stranger = hubspot.add_owner("guest@example.co.jp", "花", "山田")
        self._interruption: Callable[[], None] | None = None
        self._watch()
        self.contacts = [self.office.contact(f"lead{n}@example.com") for n in range(pace.leads)]
        self.ids = [
            self.office.receive(contact, f"lead{n}@example.com", company=f"Company {n}")
            for n, contact in enumerate(self.contacts)
        ]

    def _watch(self) -> None:
        """Look at each write of the bot as HubSpot takes it."""
        perform = self.hubspot.perform

        def watched(call: Call, handler: Callable[[Call], Answer]) -> Answer:
            if call.operation == "contacts.update":
                self.counts.updates += 1
                interruption, self._interruption = self._interruption, None
                if interruption is not None:
                    interruption()
                self._judge(call, was_interrupted=interruption is not None)
            return perform(call, handler)

        self.hubspot.perform = watched  # type: ignore[method-assign]

    def _judge(self, call: Call, *, was_interrupted: bool) -> None:
        record = self.hubspot.records.get(self.hubspot.records.type("contacts"), call.path["id"])
        known = self._base(record)
        for name, value in call.json()["properties"].items():
            holds = normal(record.properties.get(name)) or ""
            # Who came in between may have chosen the very value that the bot was about to write.
            self.counts.needless += holds == value and not was_interrupted
            if name in known and holds != known[name]:
                self.counts.overwritten.append((record.id, name, holds))

    def _base(self, record: Record) -> dict[str, str]:
        """Return what the bot has read of a contact, by property."""
        with self.office.database.snapshot() as tx:
            connection = self.office.connection
            known = crm_links.of_record(tx, connection, record.id)
            shadows = crm_links.shadows(tx, known[0]) if known else {}
            names = {which: how["name"] for which, how in connection.mapping["fields"].items()}
            return {names[which]: shadow.theirs or "" for which, shadow in shadows.items()}

    def run(self, edits: int) -> None:
        """Let so many things happen, and then come to rest."""
        acts = (self._edit, self._edit, self._act, self._act, self._call, self._decide, self._fault, self._interrupt)
        for number in range(edits):
            act = self.random.choice(acts)
            act()
            self.counts.done[act.__name__.strip("_")] += 1
            if self.random.random() < self.pace.a_round:
                self.clock.advance(seconds=self.random.choice((1, 5, 40, 200, 400)))
                self.office.round()
            self.disruptions.happen()
            if number % self.pace.a_rest == self.pace.a_rest - 1:
                self._rest()
        self._rest()

    def _rest(self) -> None:
        """Clear all faults, decide what waits for a person, and work until nothing is left."""
        self.hubspot.faults.clear()
        self._interruption = None
        for _ in range(4):
            self.office.settle(hours=2)
            self.office.settle()
            while self._decide():
                pass
        self.office.settle()

    # --- What happens ----------------------------------------------------------------------------------------------

    def _edit(self) -> None:
        """Somebody changes a status or an owner in HubSpot; half of the notices are lost."""
        contact = self.random.choice(self.contacts)
        if self.random.random() < 0.7:
            self.hubspot.edit("contacts", contact.id, hs_lead_status=self.random.choice(STATUSES))
        else:
            owners = [self.office.owners["U1"], self.office.owners["U2"], self.stranger]
            self.hubspot.edit("contacts", contact.id, hubspot_owner_id=self.random.choice(owners).id)
        if self.random.random() < 0.5:
            self.office.notice(contact.id)

    def _act(self) -> None:
        """Somebody does something in Slack."""
        mql_id = self.random.choice(self.ids)
        kind = self.random.choice(("accept", "contacted", "report", "reassign"))
        if kind == "accept":
            self.office.accept(mql_id)
        elif kind == "contacted":
            self.office.contacted(mql_id)
        elif kind == "report":
            disposition = self.random.choice((Disposition.QUALIFIED, Disposition.DISQUALIFIED, Disposition.RECYCLED))
            words = {"lost_reason": "no_budget"} if disposition == Disposition.DISQUALIFIED else {}
            words |= {"comment": "later"} if disposition == Disposition.RECYCLED else {}
            self.office.report(mql_id, disposition, **words)
        else:
            with self.office.database.transaction() as tx:
                now, to = self.clock.now(), self.random.choice(("U1", "U2"))
                response.reassign(tx, self.office.workspace_id, mql_id, "U3", to, None, now)

    def _call(self) -> None:
        """A rep logs a call in HubSpot."""
        contact, owner = self.random.choice(self.contacts), self.random.choice(list(self.office.owners.values()))
        self.hubspot.log_call(contact.id, owner.id)

    def _decide(self) -> bool:
        """A person decides what waits. Returns whether anything did."""
        waiting = [each for each in self.office.conflicts() if each.decided_at is None]
        if not waiting:
            return False
        conflict = self.random.choice(waiting)
        decision = self.random.choice((CrmDecision.OURS, CrmDecision.THEIRS))
        return isinstance(self.office.decide(decision, "U3", conflict), Done)

    def _fault(self) -> None:
        self.hubspot.faults.add(self.random.choice(OPERATIONS), self.random.choice(FAULTS), times=1)

    def _interrupt(self) -> None:
        """Have somebody change a status between the bot's reading and its writing."""
        contact, status = self.random.choice(self.contacts), self.random.choice(STATUSES)
        self._interruption = lambda: _edited(self.hubspot, contact, status)

    # --- What must hold --------------------------------------------------------------------------------------------

    def faults(self) -> list[str]:
        """Return everything that does not hold, in words."""
        wrong = [*self._unsettled(), *self._doubled(), *self._silent(), *self._loops()]
        return wrong + self.disruptions.faults()

    def _unsettled(self) -> list[str]:
        wrong = [f"write {each.id} is {each.state}" for each in self.office.writes() if each.state == "pending"]
        wrong += [f"conflict {each.id} waits" for each in self.office.conflicts() if each.decided_at is None]
        with self.office.database.snapshot() as tx:
            connection = self.office.connection
            for link in crm_links.every(tx, connection):
                subject = mqls.get(tx, link.workspace_id, link.mql_id)
                record = self.hubspot.records.get(self.hubspot.records.type("contacts"), str(link.record_id))
                if subject is None or writing.plan(tx, connection, link):
                    wrong.append(f"#{link.mql_id} is to be written still")
                    continue
                known = facts(tx, subject)
                for which, shadow in crm_links.shadows(tx, link).items():
                    holds = record.properties.get(connection.mapping["fields"][which]["name"]) or None
                    theirs = normal(holds)
                    if (shadow.theirs, shadow.ours) != (theirs, known[which]) or shadow.is_sending or shadow.is_ahead:
                        wrong.append(f"#{link.mql_id} {which}: {shadow} but {theirs}, {known[which]}")
                assert crm_conflicts.open_of(tx, link) == {}
        return wrong

    def _doubled(self) -> list[str]:
        texts = [reference for text in measures.texts(self.hubspot) for reference in _REFERENCE.findall(text)]
        self.counts.done["tasks and notes"] = len(texts)
        wrong = [f"{reference} stands {count} times" for reference, count in Counter(texts).items() if count > 1]
        shown = Counter(row.data["conflict"] for row in self.office.messages("crm_conflict"))
        ids = {each.id for each in self.office.conflicts()}
        wrong += [f"conflict {each} was shown {shown[each]} times" for each in ids if shown[each] != 1]
        return wrong + ([f"{self.counts.needless} fields were written needlessly"] if self.counts.needless else [])

    def _silent(self) -> list[str]:
        """Return what people wrote that is gone without anybody having seen it."""
        shown = {each.theirs or "" for each in self.office.conflicts()}
        return [f"{each} was overwritten in silence" for each in self.counts.overwritten if each[2] not in shown]

    def _loops(self) -> list[str]:
        updates = self.counts.updates
        for _ in range(3):
            self.office.settle()
        return ["it writes on though nothing changes"] if self.counts.updates != updates else []


def _edited(hubspot: HubSpot, contact: Record, status: str) -> None:
    hubspot.edit("contacts", contact.id, hs_lead_status=status)


def normal(value: str | None) -> str | None:
    """Return a moment without its fraction of a second, as the bot keeps it."""
    return re.sub(r"\.\d+Z$", "Z", value) if value else None
