"""Random changes on both sides of Salesforce or kintone, with faults, restarts and lost answers; and what must hold.

As `story.py` does it for HubSpot, by what a person can do on the page. The seed decides everything.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping

from bot.connectors.crm.sync import Sync
from bot.core.base.results import Done
from bot.core.crm import conflicts, writing
from bot.core.crm.facts import facts
from bot.core.crm.records import Record
from bot.core.mql import feedback, response
from bot.core.mql.feedback import Answer
from playground.crm.faults import CrmFault
from playground.crm.kintone import Kintone
from playground.crm.pane import Pane
from storage import crm_connections, crm_links, mqls, workspaces
from storage.database import Database
from storage.models import CrmConflict, CrmConnection, CrmWrite, LostReason, Outbox, crm_conflict, crm_write, outbox
from storage.rows import all_of
from storage.vocabulary import CrmDecision, CrmField, CrmKind, Disposition
from tests.connectors.crm.office import LOCAL, Moment
from tests.connectors.crm.test_other_tools import PEOPLE, Beside, pane_of
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


class PaneStory:
    """One workspace and one CRM, for some hundred changes."""

    def __init__(self, database: Database, pane: Pane, kind: CrmKind, clock: Moment, seed: int) -> None:
        self.random, self.counts = random.Random(seed), Counter[str]()
        self.beside, self.pane, self.clock, self.database = Beside(database, pane, kind, clock), pane, clock, database
        with database.transaction() as tx:
            reason = LostReason(workspace_id=WORKSPACE, key="no_budget", position=0, ja="予算なし", en="No budget")
            workspaces.save_reasons(tx, WORKSPACE, [reason])
        self.leads = [each["id"] for each in pane.state()["leads"][:3]]
        self.ids = [self.beside.receive(each) for each in self.leads]

    @property
    def connection(self) -> CrmConnection:
        with self.database.snapshot() as tx:
            connection = crm_connections.of_kind(tx, WORKSPACE, self.beside.kind)
        assert connection is not None
        return connection

    def run(self, edits: int) -> None:
        """Let so many things happen, and then come to rest."""
        acts = (self._edit, self._edit, self._act, self._act, self._decide, self._fault)
        for number in range(edits):
            act = self.random.choice(acts)
            act()
            self.counts[act.__name__.strip("_")] += 1
            if self.random.random() < 0.5:
                self.clock.advance(seconds=self.random.choice((1, 5, 40, 200, 400)))
                self.beside.sync.round()
            if self.random.random() < 0.05:
                self._restart()
            if number % 60 == 59:
                self._rest()
        self._rest()

    def _restart(self) -> None:
        """Let another process work, the one before having died."""
        with self.database.transaction() as tx:
            crm_connections.update(tx, self.connection, lease=None, lease_until=None)
        self.beside.sync = Sync(self.database, WORKSPACE, self.connection.id, self.beside.vault, self.clock.now, LOCAL)
        self.counts["restart"] += 1

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
        lead, state = self.random.choice(self.leads), self.pane.state()
        act, choices = self.random.choice((("status", state["statuses"]), ("owner", state["owners"])))
        self.pane.act(act, lead, self.random.choice(choices)["value"])
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
        return [*self._unsettled(), *self._doubled(), *self._loops()]

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
        texts = [
            f"{each['what']} {reference}"
            for number in range(len(self.leads))
            for each in self.beside.lead(number)["written"]
            for reference in _REFERENCE.findall(each["text"])
        ]
        wrong = [f"{reference} stands {count} times" for reference, count in Counter(texts).items() if count > 1]
        with self.database.snapshot() as tx:
            rows = all_of(tx, Outbox, outbox, {"workspace_id": WORKSPACE, "kind": "crm_conflict"})
        shown = Counter(row.data["conflict"] for row in rows)
        ids = [each.id for each in self.conflicts()]
        return wrong + [f"conflict {each} was shown {shown[each]} times" for each in ids if shown[each] != 1]

    def _loops(self) -> list[str]:
        before = [each["written"] for each in self.pane.state()["leads"]]
        for _ in range(3):
            self.beside.settle()
        after = [each["written"] for each in self.pane.state()["leads"]]
        return ["it writes on though nothing changes"] if before != after else []
