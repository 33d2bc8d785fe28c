"""Random changes on both sides of a tool of marketing, with faults, restarts and lost answers; and what must hold at
the end. The seed decides everything; the strict local tool is held over real HTTP."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

from bot.core.base.results import Done
from bot.core.crm import conflicts, engagement, writing
from bot.core.crm.facts import facts
from bot.core.mql import feedback, response
from bot.core.mql.feedback import Answer
from playground.crm.faults import CrmFault
from playground.crm.service import Answer as Answered
from playground.crm.service import Call
from storage import crm_links, mqls
from storage.database import Database
from storage.models import CrmConflict, CrmConnection, CrmWrite, Mql, crm_conflict, crm_write
from storage.rows import all_of
from storage.vocabulary import CrmDecision, CrmKind, Disposition, EngagementKind
from tests.connectors.crm.office import Moment
from tests.connectors.crm.test_other_tools import Beside, pane_of
from tests.crm.disruptions import FEW, Disruptions, Pace
from tests.crm.pane_story import add_lead
from tests.crm.story import Counts
from tests.workspace import WORKSPACE

STATUSES = ("New", "Working", "Contacted", "Qualified", "Disqualified", "Nurture")
FAULTS = (
    CrmFault.LOSE_ANSWER,
    CrmFault.ERROR_500,
    CrmFault.ERROR_500_AFTER,
    CrmFault.TIMEOUT_524,
    CrmFault.TRUNCATED,
    CrmFault.REFUSE,
    CrmFault.RATE_LIMIT,
    CrmFault.HTML_PAGE,
    CrmFault.UNAVAILABLE,
    CrmFault.UNAUTHORIZED,
)
WRITES = {CrmKind.MARKETO: "leads.sync", CrmKind.ACCOUNT_ENGAGEMENT: "prospects.update"}
PROPERTIES = {CrmKind.MARKETO: "leadStatus", CrmKind.ACCOUNT_ENGAGEMENT: "MQL_Status__c"}


class MarketingStory:
    """One workspace and one tool of marketing, for some hundred changes."""

    def __init__(self, database: Database, kind: CrmKind, clock: Moment, seed: int, pace: Pace = FEW) -> None:
        self.random, self.counts, self.clock, self.database = random.Random(seed), Counts(), clock, database
        self.pane = pane_of(kind, clock)
        self.pane.service.start()
        self.beside = Beside(database, self.pane, kind, clock)
        self.kind = kind
        self.pace = pace
        self.disruptions = Disruptions(self.beside, self.pane.service, self.random, kills=pace.kills)
        for number in range(len(self.pane.leads()), pace.leads):
            add_lead(self.pane, number)
        self.leads = [each.id for each in self.pane.leads()]
        self.engaged: Counter[str] = Counter()
        self._interruption: Callable[[], None] | None = None
        self._watch()
        self.ids = {lead: self.beside.receive(lead) for lead in self.leads}

    def stop(self) -> None:
        """Close the tool."""
        self.pane.service.stop()

    def _watch(self) -> None:
        """Look at each write of the bot as the tool takes it."""
        perform = self.pane.service.perform

        def watched(call: Call, handler: Callable[[Call], Answered]) -> Answered:
            if call.operation == WRITES[self.kind]:
                self.counts.updates += 1
                interruption, self._interruption = self._interruption, None
                if interruption is not None:
                    interruption()
                self._judge(call, was_interrupted=interruption is not None)
            return perform(call, handler)

        self.pane.service.perform = watched  # type: ignore[method-assign]

    def _judge(self, call: Call, *, was_interrupted: bool) -> None:
        given = call.json()
        values = given["input"][0] if "input" in given else given
        lead = str(values.get("id") or call.path.get("id"))
        name = PROPERTIES[self.kind]
        holds, known = self._status(lead), self._base(lead)
        if name in values:
            self.counts.needless += holds == (values[name] or "") and not was_interrupted
            if holds != known:
                self.counts.overwritten.append((lead, name, holds))

    def _status(self, lead: str) -> str:
        return next((each.status for each in self.pane.leads() if each.id == lead), "")

    def _base(self, lead: str) -> str | None:
        """Return what the bot has read of a status."""
        with self.database.snapshot() as tx:
            known = crm_links.of_record(tx, self.connection, lead)
            shadows = crm_links.shadows(tx, known[0]) if known else {}
        return next((each.theirs or "" for field, each in shadows.items() if field == "status"), None)

    @property
    def connection(self) -> CrmConnection:
        return self.beside.connection

    def run(self, edits: int) -> None:
        """Let so many things happen, and then come to rest."""
        acts = [self._edit, self._edit, self._act, self._act, self._engage, self._decide, self._fault]
        if self.kind == CrmKind.MARKETO:
            # Account Engagement has no history: whom a write meets in that very moment it tells nobody.
            acts.append(self._interrupt)
        for number in range(edits):
            act = self.random.choice(acts)
            act()
            self.counts.done[act.__name__.strip("_")] += 1
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
        self._interruption = None
        for _ in range(4):
            self._settle(hours=2)
            self._settle(minutes=6)
            while self._decide():
                pass
        self._settle(minutes=6)

    def _settle(self, **span: float) -> None:
        self.clock.advance(**span)
        for _ in range(20):
            if not self.beside.sync.round() and not [each for each in self.writes() if each.state == "pending"]:
                return

    # --- What happens ----------------------------------------------------------------------------------------------

    def _edit(self) -> None:
        """Marketing changes a status by hand."""
        self.pane.set_status(self.random.choice(self.leads), self.random.choice(STATUSES))

    def _act(self) -> None:
        """Somebody does something in Slack."""
        mql_id = self.random.choice(list(self.ids.values()))
        subject, now = self.beside.mql(mql_id), self.clock.now()
        act = self.random.choice(("accept", "contacted", "report"))
        with self.database.transaction() as tx:
            if act == "accept":
                response.accept(tx, WORKSPACE, mql_id, str(subject.owner), now)
            elif act == "contacted":
                response.contacted(tx, WORKSPACE, mql_id, str(subject.owner), now)
            else:
                answers = (
                    Answer(disposition=Disposition.QUALIFIED),
                    Answer(disposition=Disposition.RECYCLED, comment="later"),
                )
                feedback.give(tx, WORKSPACE, mql_id, str(subject.owner), self.random.choice(answers), now)

    def _engage(self) -> None:
        """The score of somebody is raised, or they open an e-mail."""
        lead = self.random.choice(self.leads)
        self.clock.advance(seconds=1)
        if self.random.random() < 0.5:
            self.pane.score(lead, 5)
        else:
            self.pane.email(lead)
            self.engaged[lead] += 1

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
        self.pane.service.faults.add(self.random.choice(self.pane.service.operations()), self.random.choice(FAULTS), 1)

    def _interrupt(self) -> None:
        """Have somebody change a status between the bot's reading and its writing."""
        lead, status = self.random.choice(self.leads), self.random.choice(STATUSES)
        self._interruption = lambda: self.pane.set_status(lead, status)

    # --- What must hold --------------------------------------------------------------------------------------------

    def conflicts(self) -> list[CrmConflict]:
        """Return every conflict."""
        with self.database.snapshot() as tx:
            return all_of(tx, CrmConflict, crm_conflict, {"workspace_id": WORKSPACE})

    def writes(self) -> list[CrmWrite]:
        """Return every write."""
        with self.database.snapshot() as tx:
            return all_of(tx, CrmWrite, crm_write, {"workspace_id": WORKSPACE})

    def faults(self) -> list[str]:
        """Return everything that does not hold, in words."""
        wrong = [f"write {each.id} is {each.state}" for each in self.writes() if each.state == "pending"]
        wrong += [f"conflict {each.id} waits" for each in self.conflicts() if each.decided_at is None]
        for lead, mql_id in self.ids.items():
            wrong += [*self._unsettled(lead, mql_id), *self._miscounted(lead, mql_id)]
        wrong += self.disruptions.faults()
        shown = {each.theirs or "" for each in self.conflicts()}
        wrong += [f"{each} was overwritten in silence" for each in self.counts.overwritten if each[2] not in shown]
        wrong += [f"{self.counts.needless} fields were written needlessly"] if self.counts.needless else []
        updates = self.counts.updates
        for _ in range(3):
            self._settle(minutes=6)
        return wrong + (["it writes on though nothing changes"] if self.counts.updates != updates else [])

    def _unsettled(self, lead: str, mql_id: int) -> list[str]:
        with self.database.snapshot() as tx:
            subject: Mql | None = mqls.get(tx, WORKSPACE, mql_id)
            link = crm_links.of_mqls(tx, self.connection, [mql_id])[mql_id]
            shadows = crm_links.shadows(tx, link)
            assert subject is not None
            if writing.plan(tx, self.connection, link):
                return [f"#{mql_id} is to be written still"]
            ours = facts(tx, subject)
        return [
            f"#{mql_id} {field}: {each} but {self._status(lead)}, {ours[field]}"
            for field, each in shadows.items()
            if each.ours != ours[field]
            or each.is_sending
            or (field == "status" and (each.theirs or "") != self._status(lead))
        ]

    def _miscounted(self, lead: str, mql_id: int) -> list[str]:
        """Return where the score that was told last, or the number of opened e-mails, is not that of the tool."""
        with self.database.snapshot() as tx:
            views = engagement.views(tx, WORKSPACE, mql_id)
        scores = [each.score for view in views for each in view.scores]
        opened = sum(each.count for view in views for each in view.emails if each.kind == EngagementKind.OPENED)
        score = next(each.score for each in self.pane.leads() if each.id == lead)
        wrong = [f"#{mql_id} has score {scores[-1:]}, not {score}"] if scores and scores[-1] != score else []
        if opened != self.engaged[lead]:
            wrong.append(f"#{mql_id} opened {opened}, not {self.engaged[lead]}")
        return wrong
