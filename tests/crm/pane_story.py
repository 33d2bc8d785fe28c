"""Random changes on both sides of Salesforce or kintone, with faults, restarts and lost answers; and what must hold.

As `story.py` does it for HubSpot, by what a person can do on the page. The seed decides everything.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping

from bot.core.base.results import Done
from bot.core.crm import conflicts, writing
from bot.core.crm.facts import facts
from bot.core.crm.records import Record
from bot.core.mql import feedback, response
from bot.core.mql.feedback import Answer
from playground.crm.account_engagement import AccountEngagement
from playground.crm.faults import CrmFault
from playground.crm.kintone import Kintone
from playground.crm.marketo import Marketo
from playground.crm.pane import Pane
from playground.crm.salesforce import Salesforce
from storage import crm_links, mqls, workspaces
from storage.database import Database
from storage.models import CrmConflict, CrmConnection, CrmWrite, LostReason, Outbox, crm_conflict, crm_write, outbox
from storage.rows import all_of
from storage.vocabulary import CrmDecision, CrmField, CrmKind, Disposition
from tests.connectors.crm.office import Moment
from tests.connectors.crm.test_other_tools import PEOPLE, Beside, pane_of
from tests.crm import measures
from tests.crm.disruptions import FEW, Disruptions, Pace
from tests.workspace import WORKSPACE

FAULTS = (
    CrmFault.LOSE_ANSWER,
    CrmFault.ERROR_500,
    CrmFault.ERROR_500_AFTER,
    CrmFault.TRUNCATED,
    CrmFault.REFUSE,
    CrmFault.RATE_LIMIT,
    CrmFault.HTML_PAGE,
    CrmFault.UNAVAILABLE,
)
_REFERENCE = re.compile(r"\[mql-bot \d+/\d+\]")


def filled(kind: CrmKind, clock: Moment) -> Pane:
    """Return a CRM with the team's people among its users, and three leads."""
    pane = pane_of(kind, clock)
    if isinstance(pane.service, Kintone):
        pane.service.add(会社名="x", 担当者=[{"code": email} for _, email, _ in PEOPLE])
    return pane


def add_lead(pane: Pane, number: int) -> str:
    """Add a lead by hand; return its id."""
    email = f"lead{number}@example.com"
    if isinstance(pane.service, Salesforce):
        return str(pane.service.add("Lead", LastName="Aoki", Company=f"Company {number}", Email=email).id)
    if isinstance(pane.service, Marketo | AccountEngagement):
        return str(pane.service.add(lastName="Aoki", company=f"Company {number}", email=email).id)
    assert isinstance(pane.service, Kintone)
    return str(pane.service.add(会社名=f"Company {number}", 氏名="青木", メール=email).id)


class PaneStory:
    """One workspace and one CRM, for some hundred changes."""

    def __init__(
        self, database: Database, pane: Pane, kind: CrmKind, clock: Moment, seed: int, pace: Pace = FEW
    ) -> None:
        self.random = random.Random(seed)
        self.beside, self.pane, self.clock, self.database = Beside(database, pane, kind, clock), pane, clock, database
        self.pace = pace
        self.disruptions = Disruptions(self.beside, pane.service, self.random, kills=pace.kills)
        self.counts = self.disruptions.counts
        with database.transaction() as tx:
            reason = LostReason(workspace_id=WORKSPACE, key="no_budget", position=0, ja="予算なし", en="No budget")
            workspaces.save_reasons(tx, WORKSPACE, [reason])
        listed = [each.id for each in pane.leads()[:3]]
        self.leads = listed + [add_lead(pane, number) for number in range(len(listed), pace.leads)]
        self.ids = [self.beside.receive(each) for each in self.leads]

    @property
    def connection(self) -> CrmConnection:
        return self.beside.connection

    def run(self, edits: int) -> None:
        """Let so many things happen, and then come to rest."""
        acts = (self._edit, self._edit, self._act, self._act, self._decide, self._fault)
        for number in range(edits):
            act = self.random.choice(acts)
            act()
            self.counts[act.__name__.strip("_")] += 1
            if self.random.random() < self.pace.a_round:
                self.clock.advance(seconds=self.random.choice((1, 5, 40, 200, 400)))
                self.beside.sync.round()
            self.disruptions.happen()
            if number % self.pace.a_rest == self.pace.a_rest - 1:
                self._rest()
        self._rest()

    def _rest(self) -> None:
        """Clear all faults, decide what waits for a person, and work until nothing is left."""
        self.pane.service.faults.clear()
        for _ in range(4):
            self.beside.settle(hours=2)
            self.beside.settle()
            while self._decide():
                pass
        self.beside.settle()

    # --- What happens ----------------------------------------------------------------------------------------------

    def _edit(self) -> None:
        """Somebody changes a status or an owner in the CRM; half of the notices are lost."""
        lead = self.random.choice(self.leads)
        act, choices = self.random.choice((("status", self.pane.statuses()), ("owner", self.pane.owners())))
        self.pane.act(act, lead, self.random.choice(choices).value)
        if self.random.random() < 0.5:
            self.beside.notice(lead)

    def _act(self) -> None:
        """Somebody does something in Slack."""
        mql_id, now = self.random.choice(self.ids), self.clock.now()
        owner = str(self.beside.mql(mql_id).owner)
        kind = self.random.choice(("accept", "contacted", "report", "reassign"))
        with self.database.transaction() as tx:
            if kind == "accept":
                response.accept(tx, WORKSPACE, mql_id, owner, now)
            elif kind == "contacted":
                response.contacted(tx, WORKSPACE, mql_id, owner, now)
            elif kind == "reassign":
                response.reassign(tx, WORKSPACE, mql_id, "U3", self.random.choice(("U1", "U2")), None, now)
            else:
                feedback.give(tx, WORKSPACE, mql_id, owner, self._answer(), now)

    def _answer(self) -> Answer:
        disposition = self.random.choice((Disposition.QUALIFIED, Disposition.DISQUALIFIED, Disposition.RECYCLED))
        reason = "no_budget" if disposition == Disposition.DISQUALIFIED else None
        comment = "later" if disposition == Disposition.RECYCLED else None
        return Answer(disposition=disposition, lost_reason=reason, comment=comment)

    def _decide(self) -> bool:
        """A person decides what waits. Returns whether anything did."""
        waiting = [each for each in self.conflicts() if each.decided_at is None]
        if not waiting:
            return False
        conflict = self.random.choice(waiting)
        decision = self.random.choice((CrmDecision.OURS, CrmDecision.THEIRS))
        with self.database.transaction() as tx:
            return isinstance(conflicts.decide(tx, WORKSPACE, conflict.id, decision, "U3", self.clock.now()), Done)

    def _fault(self) -> None:
        operation = self.random.choice([each for each in self.pane.service.operations() if each != "token"])
        self.pane.service.faults.add(operation, self.random.choice(FAULTS), times=1)

    # --- What must hold --------------------------------------------------------------------------------------------

    def conflicts(self) -> list[CrmConflict]:
        """Return every conflict, the oldest first."""
        with self.database.snapshot() as tx:
            return all_of(tx, CrmConflict, crm_conflict, {"workspace_id": WORKSPACE})

    def faults(self) -> list[str]:
        """Return everything that does not hold, in words."""
        return [*self._unsettled(), *self._doubled(), *self._loops(), *self.disruptions.faults()]

    def _unsettled(self) -> list[str]:
        wrong = [f"conflict {each.id} waits" for each in self.conflicts() if each.decided_at is None]
        connector = self.beside.connector()
        with self.database.snapshot() as tx:
            writes = all_of(tx, CrmWrite, crm_write, {"workspace_id": WORKSPACE})
            wrong += [f"write {each.id} is {each.state}" for each in writes if each.state == "pending"]
            links = crm_links.every(tx, self.connection)
        read = connector.read([str(link.record_id) for link in links])
        records = {each.id: each.values for each in read if isinstance(each, Record)}
        for link in links:
            with self.database.snapshot() as tx:
                subject = mqls.get(tx, WORKSPACE, link.mql_id)
                assert subject is not None
                known, shadows = facts(tx, subject), crm_links.shadows(tx, link)
                if writing.plan(tx, self.connection, link):
                    wrong.append(f"#{link.mql_id} is to be written still")
            for which, shadow in shadows.items():
                theirs = self._holds(records[str(link.record_id)], which)
                if (shadow.theirs, shadow.ours) != (theirs, known[which]) or shadow.is_sending or shadow.is_ahead:
                    wrong.append(f"#{link.mql_id} {which}: {shadow} but {theirs}, {known[which]}")
        return wrong

    def _holds(self, values: Mapping[str, str | None], which: CrmField) -> str | None:
        return values.get(self.connection.mapping["fields"][which]["name"]) or None

    def _doubled(self) -> list[str]:
        texts = [reference for text in measures.texts(self.pane.service) for reference in _REFERENCE.findall(text)]
        self.counts["tasks and notes"] = len(texts)
        wrong = [f"{reference} stands {count} times" for reference, count in Counter(texts).items() if count > 1]
        with self.database.snapshot() as tx:
            rows = all_of(tx, Outbox, outbox, {"workspace_id": WORKSPACE, "kind": "crm_conflict"})
        shown = Counter(row.data["conflict"] for row in rows)
        ids = [each.id for each in self.conflicts()]
        return wrong + [f"conflict {each} was shown {shown[each]} times" for each in ids if shown[each] != 1]

    def _loops(self) -> list[str]:
        before = self.counts["calls that write fields"]
        for _ in range(3):
            self.beside.settle()
        return ["it writes on though nothing changes"] if self.counts["calls that write fields"] != before else []
