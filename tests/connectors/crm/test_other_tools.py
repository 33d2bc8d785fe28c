"""Salesforce, kintone, Marketo, Account Engagement and the bot, in step: the engine with each connector, over real
HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.connectors.crm import setup
from bot.connectors.crm.connecting import connector_of
from bot.connectors.crm.contract import Connector, Interest, Lack
from bot.connectors.crm.door import Door
from bot.connectors.crm.registry import RECIPES
from bot.connectors.crm.setup import Wanted
from bot.connectors.crm.sync import Sync
from bot.connectors.sources.vault import Vault, new_key
from bot.core.crm import engagement
from bot.core.mql import erasure, intake, response
from bot.core.mql.lead import Lead
from bot.i18n import Translator
from playground.crm.account_engagement import AccountEngagement, AccountEngagementPane
from playground.crm.kintone import Field, Kintone, KintonePane
from playground.crm.marketo import Marketo, MarketoPane
from playground.crm.pane import Pane
from playground.crm.salesforce import Salesforce, SalesforcePane
from playground.crm.service import Answer as Answered
from playground.crm.service import Call
from storage import crm_conflicts, crm_connections, members, monthly, mqls, workspaces
from storage.database import Database
from storage.models import CrmConnection, Mql
from storage.reports import Span
from storage.vocabulary import CrmKind, CrmSkip, EngagementKind, ErasedFor, EventType, Evidence, Locale, Source, Status
from tests.connectors.crm.office import LOCAL, Moment
from tests.workspace import NOW, WORKSPACE, configure

PEOPLE = (("U1", "sato@example.co.jp", "佐藤 葵"), ("U2", "suzuki@example.co.jp", "鈴木 蓮"))
STATUSES = {
    CrmKind.SALESFORCE: ("Open - Not Contacted", "Working - Contacted", "Closed - Not Converted"),
    CrmKind.KINTONE: ("未対応", "対応中", "見送り"),
    CrmKind.MARKETO: ("New", "Working", "Disqualified"),
    CrmKind.ACCOUNT_ENGAGEMENT: ("New", "Working", "Disqualified"),
}
SALES, MARKETING = (CrmKind.SALESFORCE, CrmKind.KINTONE), (CrmKind.MARKETO, CrmKind.ACCOUNT_ENGAGEMENT)
WRITTEN = {CrmKind.SALESFORCE: "Working - Contacted", CrmKind.KINTONE: "対応中"}
CONTACTED = Translator(Locale.JA, "Asia/Tokyo")("status.contacted")
"""What a contact is called there; in free text, what the bot itself calls it."""


class Beside:
    """A workspace beside one CRM whose leads are those of the page."""

    def __init__(self, database: Database, pane: Pane, kind: CrmKind, clock: Moment) -> None:
        self.database, self.pane, self.kind, self.clock = database, pane, kind, clock
        configure(database, WORKSPACE)
        with database.transaction() as tx:
            for user, email, name in PEOPLE:
                members.save(tx, WORKSPACE, user, name=name, roles=["rep"], email=email)
        given = {each["name"]: each["value"] for each in pane.credentials()}
        recipe = RECIPES[kind]
        secrets = {each.name: given[each.name] for each in recipe.questions if each.is_secret and each.name in given}
        options = {name: value for name, value in given.items() if name not in secrets and value}
        connector = recipe.make(Door(given["address"], LOCAL), [secrets], Interest(options=options))
        about, self.vault = connector.describe(), Vault([new_key()])
        wanted = Wanted(kind, given["address"], secrets, options)
        with database.transaction() as tx:
            workspace = workspaces.get(tx, WORKSPACE)
            assert workspace is not None
            mapping, cursor = setup.propose(tx, workspace, about, {}), connector.begin(clock.now())
            connection = setup.connect(tx, self.vault, WORKSPACE, wanted, about, mapping, cursor, clock.now())
        self.lists_fail = False
        self._watch_lists()
        self.sync = Sync(database, WORKSPACE, connection.id, self.vault, clock.now, LOCAL)

    @property
    def connection(self) -> CrmConnection:
        with self.database.snapshot() as tx:
            connection = crm_connections.of_kind(tx, WORKSPACE, self.kind)
        assert connection is not None
        return connection

    def connector(self) -> Connector:
        """Return another connector to the same CRM."""
        with self.database.snapshot() as tx:
            return connector_of(tx, self.vault, self.connection, LOCAL)[0]

    def receive(self, lead: str) -> int:
        given = {name: value for name, value in self.pane.handed(lead).items() if name != "channel"}
        source = Source.GENERIC if self.kind == CrmKind.ACCOUNT_ENGAGEMENT else Source(self.kind)
        with self.database.transaction() as tx:
            return intake.receive(tx, WORKSPACE, Lead.model_validate(given), source, self.clock.now()).mql_id

    def settle(self, **span: float) -> None:
        """Let time pass, also until what may be joined by other changes is written, and work until nothing is left."""
        for each in (span or {"minutes": 6}, {"seconds": RECIPES[self.kind].gathers.total_seconds()}):
            self.clock.advance(**each)
            for _ in range(12):
                if not self.sync.round():
                    break

    def mql(self, mql_id: int) -> Mql:
        with self.database.snapshot() as tx:
            subject = mqls.get(tx, WORKSPACE, mql_id)
        assert subject is not None
        return subject

    def notice(self, lead: str) -> None:
        """Have a record named, as a webhook does."""
        record = self.pane.record_id(lead).rpartition(":")[2]
        with self.database.transaction() as tx:
            crm_connections.notice(tx, self.connection, record, self.clock.now())

    def _watch_lists(self) -> None:
        """Let whatever lists changes fail while that is wished; records that are named are read all the same."""
        service = self.pane.service
        perform = service.perform

        def without_lists(call: Call, handler: Callable[[Call], Answered]) -> Answered:
            asked = f"{call.query} {call.body.decode()}"
            lists = "SystemModstamp+%3E" in asked or "SystemModstamp >" in asked or ">= " in asked
            return Answered({}, 500) if lists and self.lists_fail else perform(call, handler)

        service.perform = without_lists  # type: ignore[method-assign]

    def failing_since(self) -> datetime | None:
        return self.connection.failing_since

    def lead(self, number: int = 0) -> Any:
        return self.pane.state()["leads"][number]

    def written(self, what: str, number: int = 0) -> list[str]:
        return [each["text"] for each in self.lead(number)["written"] if each["what"] == what]


def pane_of(kind: CrmKind, clock: Moment) -> Pane:
    """Return a local tool of a kind with the people of this file."""
    people, clocks = [(name, email) for _, email, name in PEOPLE], (clock.now, clock.monotonic)
    match kind:
        case CrmKind.SALESFORCE:
            return SalesforcePane.filled(Salesforce(*clocks), people)
        case CrmKind.MARKETO:
            return MarketoPane.filled(Marketo(*clocks), people)
        case CrmKind.ACCOUNT_ENGAGEMENT:
            return AccountEngagementPane.filled(AccountEngagement(*clocks), people)
        case _:
            return KintonePane.filled(Kintone(*clocks), people)


@pytest.fixture(params=[*SALES, *MARKETING])
def beside(request: pytest.FixtureRequest, database: Database, moment: Moment) -> Iterator[Beside]:
    pane = pane_of(request.param, moment)
    if isinstance(pane.service, Kintone):
        kintone, people = pane.service, [(name, email) for _, email, name in PEOPLE]
        # An API token may not list the users: who has had a record is known.
        for number, (_, email) in enumerate(people, 1):
            kintone.edit(number, 担当者=[{"code": email}])
            kintone.edit(number, 担当者=[])
        kintone.add(会社名="x", 担当者=[{"code": email} for _, email in people])
    with pane.service:
        yield Beside(database, pane, request.param, moment)


@pytest.mark.parametrize("beside", SALES, indirect=True)
def test_the_owner_the_deadline_and_a_task_go_out_once(beside: Beside) -> None:
    mql_id = beside.receive(beside.lead()["id"])
    beside.settle(seconds=1)
    (name,) = (name for user, _, name in PEOPLE if user == beside.mql(mql_id).owner)
    owners = {each["value"]: each["label"] for each in beside.pane.state()["owners"]}
    assert owners[beside.lead()["owner"]] == name
    assert len(beside.written("task")) == 1
    before = beside.lead()["written"]
    for _ in range(3):
        beside.settle()
    assert beside.lead()["written"] == before  # No echo: what the bot reads of its own writing it does not write again.


def test_a_status_of_either_side_shows_on_the_other(beside: Beside) -> None:
    _, working, closed = STATUSES[beside.kind]
    mql_id = beside.receive(beside.lead()["id"])
    beside.settle(seconds=1)
    beside.pane.act("status", beside.lead()["id"], working)
    beside.settle()
    assert beside.mql(mql_id).status in (Status.ACCEPTED, Status.CONTACTED)
    other = beside.receive(beside.lead(1)["id"])
    beside.settle(seconds=1)
    with beside.database.transaction() as tx:
        response.contacted(tx, WORKSPACE, other, str(beside.mql(other).owner), beside.clock.now())
    beside.settle(seconds=1)
    assert beside.lead(1)["status"] == WRITTEN.get(beside.kind, CONTACTED)
    beside.pane.act("status", beside.lead()["id"], closed)
    beside.settle()
    assert beside.mql(mql_id).status == Status.DISQUALIFIED


def test_a_notice_of_a_change_has_the_record_read_at_once(beside: Beside) -> None:
    mql_id = beside.receive(beside.lead()["id"])
    beside.settle(seconds=1)
    beside.pane.act("status", beside.lead()["id"], STATUSES[beside.kind][1])
    beside.notice(beside.lead()["id"])
    beside.settle(seconds=1)
    assert beside.mql(mql_id).accepted_at is not None


@pytest.mark.parametrize("beside", MARKETING, indirect=True)
def test_the_score_and_what_became_of_e_mails_are_told_and_change_nothing(beside: Beside) -> None:
    lead = beside.lead()["id"]
    beside.pane.act("score", lead, "")  # from before it was handed over
    mql_id = beside.receive(lead)
    before = beside.mql(mql_id)
    beside.settle(seconds=1)
    beside.clock.advance(minutes=20)
    beside.pane.act("score", lead, "")
    beside.pane.act("email", lead, "")
    scored = beside.clock.now()
    for _ in range(3):
        beside.settle()
    with beside.database.snapshot() as tx:
        (view,) = engagement.views(tx, WORKSPACE, mql_id)
        assert [each.mqls for each in monthly.scored(tx, WORKSPACE, Span(NOW, scored)) if each.score == 50] == [1]
    assert [each.score for each in view.scores] == [50, 60]
    assert (view.scores[-1].before, view.scores[-1].at) == (50, scored)
    counts = {each.kind: (each.count, each.last_label) for each in view.emails}
    assert counts[EngagementKind.OPENED] == counts[EngagementKind.CLICKED] == (1, "11月のご案内")
    assert beside.mql(mql_id) == before  # neither the score as it was received nor a clock: no contact by sales
    with beside.database.transaction() as tx:
        erasure.erase(tx, WORKSPACE, mql_id, ErasedFor.REQUEST, beside.clock.now())
        assert engagement.views(tx, WORKSPACE, mql_id) == []


@pytest.mark.parametrize("beside", [CrmKind.KINTONE], indirect=True)
def test_a_lead_from_elsewhere_is_added_to_an_app_that_lacks_it_and_both_go_on_together(beside: Beside) -> None:
    kintone = beside.pane.service
    assert isinstance(kintone, Kintone)
    kintone.set_field(Field("メール", "LINK", unique=True, protocol="MAIL"))
    with beside.database.transaction() as tx:
        crm_connections.update(tx, beside.connection, options={**beside.connection.options, "key_field": "メール"})
    lead = Lead(company="株式会社森", person="森 遥", email="Mori@example.com")
    with beside.database.transaction() as tx:
        mql_id = intake.receive(tx, WORKSPACE, lead, Source.GENERIC, beside.clock.now()).mql_id
    kintone.tokens[kintone.token].remove("add")
    before = len(beside.pane.leads())
    beside.settle()
    beside.settle()
    assert (len(beside.pane.leads()), beside.connection.lacks) == (before, [Lack.ADD_RECORDS])
    kintone.tokens[kintone.token].add("add")
    beside.settle(minutes=20)
    beside.settle()
    assert beside.connection.lacks == []
    added = beside.lead(before)
    assert (added["name"], added["company"], added["owner"]) == ("森 遥", "株式会社森", owner_address(beside, mql_id))
    beside.pane.act("status", added["id"], "対応中")
    beside.settle()
    assert beside.mql(mql_id).accepted_at is not None


def owner_address(beside: Beside, mql_id: int) -> str:
    owner = beside.mql(mql_id).owner
    return next(email for user, email, _ in PEOPLE if user == owner)


@pytest.mark.parametrize("beside", MARKETING, indirect=True)
def test_a_tool_of_marketing_gets_the_status_and_no_task(beside: Beside) -> None:
    mql_id = beside.receive(beside.lead()["id"])
    beside.settle(seconds=1)
    with beside.database.transaction() as tx:
        response.contacted(tx, WORKSPACE, mql_id, str(beside.mql(mql_id).owner), beside.clock.now())
    for _ in range(3):
        beside.settle()
    assert beside.lead()["status"] == CONTACTED
    assert beside.written("task") == beside.written("note") == []
    assert len([text for text in beside.written("field") if CONTACTED in text]) == 1


@pytest.mark.parametrize("beside", [CrmKind.SALESFORCE], indirect=True)
def test_a_call_and_a_won_deal_are_proof_and_outcome(beside: Beside) -> None:
    mql_id = beside.receive(beside.lead()["id"])
    beside.settle(seconds=1)
    beside.clock.advance(minutes=20)
    beside.pane.act("call", beside.lead()["id"], "")
    called = beside.clock.now()
    beside.settle()
    subject = beside.mql(mql_id)
    assert (subject.status, subject.contacted_at, subject.contact_evidence) == (Status.CONTACTED, called, Evidence.CALL)
    beside.pane.act("win", beside.lead()["id"], "")
    beside.settle()
    assert beside.mql(mql_id).status == Status.QUALIFIED
    with beside.database.snapshot() as tx:
        kinds = [each.type for each in mqls.history(tx, WORKSPACE, mql_id)]
    assert kinds.count(EventType.DISPOSED) == 1


@pytest.mark.parametrize("beside", [CrmKind.KINTONE], indirect=True)
def test_two_records_with_one_address_are_nobodys_and_that_is_told_once(beside: Beside) -> None:
    assert isinstance(beside.pane.service, Kintone)
    for _ in range(2):
        beside.pane.service.add(会社名="二重商事", メール="twice@example.com")
    with beside.database.transaction() as tx:
        lead = Lead(company="二重商事", email="twice@example.com")
        mql_id = intake.receive(tx, WORKSPACE, lead, Source.GENERIC, beside.clock.now()).mql_id
    for _ in range(3):
        beside.settle(minutes=20)
    with beside.database.snapshot() as tx:
        (event,) = (each for each in mqls.history(tx, WORKSPACE, mql_id) if each.type == EventType.CRM_SKIPPED)
    assert event.data == {"crm": "kintone", "why": CrmSkip.TWO_RECORDS}


@pytest.mark.alike
@pytest.mark.parametrize("beside", SALES, indirect=True)
def test_a_day_without_notices_loses_nothing_and_a_day_without_polls_goes_on_by_notices(beside: Beside) -> None:
    """Half of the day nobody tells the bot anything; in the other half its polls are not answered."""
    _, working, closed = STATUSES[beside.kind]
    quiet, other = beside.receive(beside.lead()["id"]), beside.receive(beside.lead(1)["id"])
    beside.settle(seconds=1)
    beside.pane.act("status", beside.lead()["id"], working)
    changed = beside.clock.now()
    beside.settle(hours=12)
    accepted = beside.mql(quiet).accepted_at
    assert accepted is not None
    assert timedelta(0) <= changed - accepted < timedelta(minutes=1)  # kintone tells the minute alone.
    beside.lists_fail = True
    beside.pane.act("status", beside.lead()["id"], closed)
    for hour in range(12):
        if hour == 6:
            beside.pane.act("status", beside.lead(1)["id"], working)
            beside.notice(beside.lead(1)["id"])
        beside.settle(hours=1)
    assert beside.mql(other).accepted_at is not None
    assert beside.mql(quiet).status != Status.DISQUALIFIED
    assert beside.failing_since() is not None
    beside.lists_fail = False
    beside.settle(hours=1)
    assert (beside.mql(quiet).status, beside.failing_since()) == (Status.DISQUALIFIED, None)


@pytest.mark.parametrize("beside", SALES, indirect=True)
def test_a_deadline_with_seconds_is_no_conflict_where_the_crm_keeps_minutes(beside: Beside) -> None:
    beside.clock.advance(seconds=36)
    mql_id = beside.receive(beside.lead()["id"])
    beside.settle(seconds=1)
    for _ in range(2):
        beside.settle()
    with beside.database.transaction() as tx:
        assert crm_conflicts.count_open(tx, beside.connection) == 0
        response.contacted(tx, WORKSPACE, mql_id, str(beside.mql(mql_id).owner), beside.clock.now())
    beside.settle(seconds=1)
    beside.settle()
    assert beside.lead()["status"] == STATUSES[beside.kind][1]
    with beside.database.snapshot() as tx:
        assert crm_conflicts.count_open(tx, beside.connection) == 0


def test_a_company_that_moves_to_another_crm_keeps_the_history_of_its_mqls(database: Database, moment: Moment) -> None:
    former, new = pane_of(CrmKind.KINTONE, moment), pane_of(CrmKind.SALESFORCE, moment)
    with former.service, new.service:
        before = Beside(database, former, CrmKind.KINTONE, moment)
        mql_id = before.receive(before.lead()["id"])
        before.settle()
        former.act("status", before.lead()["id"], "対応中")
        before.settle()
        with database.transaction() as tx:
            setup.remove(tx, before.connection, moment.now())
        after = Beside(database, new, CrmKind.SALESFORCE, moment)
        after.settle()
        after.settle()
        new.act("status", after.lead()["id"], "Closed - Not Converted")
        after.settle()
        with database.snapshot() as tx:
            sources = [each.data["crm"] for each in mqls.history(tx, WORKSPACE, mql_id) if "crm" in each.data]
        assert after.mql(mql_id).status == Status.DISQUALIFIED
        assert (sources[0], sources[-1]) == ("kintone", "salesforce")
