"""Where HubSpot and the bot contradict each other a person decides, once, and nothing is overwritten before."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.connectors.crm import setup
from bot.core.base import team
from bot.core.base.results import Done, Refusal, Refused
from bot.core.crm import conflicts
from bot.core.crm.mapping import Mapping, Rule
from bot.core.mql import deals
from bot.core.mql.deals import Deal
from bot.i18n import Translator
from bot.slack.blocks.crm import conflicts as blocks
from storage import crm_connections, crm_links, workspaces
from storage.vocabulary import CrmDecision, CrmField, DealResult, Disposition, Locale, Status
from tests.connectors.crm.office import Office


def both_change_the_status(office: Office) -> int:
    """Sales reports in Slack that it is lost, while somebody sets in HubSpot that it is a deal."""
    contact = office.contact()
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    office.accept(mql_id)
    office.settle(seconds=1)
    office.report(mql_id, Disposition.DISQUALIFIED, lost_reason="no_budget")
    office.hubspot.edit("contacts", contact.id, hs_lead_status="OPEN_DEAL")
    office.settle(seconds=1)
    return mql_id


@pytest.mark.alike
@pytest.mark.parametrize(
    ("decision", "status", "shown"),
    [
        (CrmDecision.OURS, Status.DISQUALIFIED, "UNQUALIFIED"),
        (CrmDecision.THEIRS, Status.QUALIFIED, "OPEN_DEAL"),
    ],
)
def test_a_status_that_both_changed_is_shown_once_and_what_is_chosen_holds_on_both_sides(
    office: Office, decision: CrmDecision, status: Status, shown: str
) -> None:
    mql_id = both_change_the_status(office)
    (contact,) = office.hubspot.records.live(office.hubspot.records.type("contacts"))
    (conflict,) = office.conflicts()
    assert (conflict.field, conflict.base_theirs, conflict.theirs) == (CrmField.STATUS, "IN_PROGRESS", "OPEN_DEAL")
    office.settle()
    assert len(office.messages("crm_conflict")) == 1
    assert (office.mql(mql_id).status, office.shown(contact, "hs_lead_status")) == (Status.DISQUALIFIED, "OPEN_DEAL")
    assert isinstance(office.decide(decision), Done)
    office.settle()
    assert (office.mql(mql_id).status, office.shown(contact, "hs_lead_status")) == (status, shown)
    again = office.decide(decision)
    assert isinstance(again, Refused)
    assert (again.reason, again.by) == (Refusal.CRM_DECIDED, "佐藤")
    office.settle()
    assert len(office.conflicts()) == 1


def test_a_choice_that_the_crm_has_no_word_for_leaves_both_as_they_are(office: Office) -> None:
    mapping = Mapping.of(office.connection.mapping)
    status = mapping.fields[CrmField.STATUS]
    known = {ours: theirs for ours, theirs in status.out.items() if ours != Disposition.QUALIFIED}
    fields = {**mapping.fields, CrmField.STATUS: replace(status, out=known)}
    with office.database.transaction() as tx:
        crm_connections.update(tx, office.connection, mapping=replace(mapping, fields=fields).to_json())
    contact = office.contact()
    mql_id = office.receive(contact)
    office.accept(mql_id)
    office.report(mql_id, Disposition.QUALIFIED)
    office.settle(seconds=1)
    office.hubspot.edit("contacts", contact.id, hs_lead_status="UNQUALIFIED")
    office.settle()
    assert isinstance(office.decide(CrmDecision.OURS), Done)
    office.round()
    assert (office.mql(mql_id).status, office.shown(contact, "hs_lead_status")) == (Status.QUALIFIED, "UNQUALIFIED")
    with office.database.snapshot() as tx:
        (link,) = crm_links.every(tx, office.connection)
        shadow = crm_links.shadows(tx, link)[CrmField.STATUS]
    assert (shadow.is_ahead, shadow.ours, shadow.theirs) == (False, Status.QUALIFIED, "UNQUALIFIED")


def test_only_who_may_act_on_the_lead_decides(office: Office) -> None:
    mql_id = both_change_the_status(office)
    other = "U2" if office.mql(mql_id).owner == "U1" else "U1"
    refused = office.decide(CrmDecision.OURS, by=other)
    assert isinstance(refused, Refused)
    assert refused.reason == Refusal.NOT_ALLOWED
    assert office.conflicts()[0].decided_at is None


def test_an_outcome_that_a_person_reported_is_not_undone_by_the_crm_in_silence(office: Office) -> None:
    contact = office.contact()
    mql_id = office.receive(contact)
    office.accept(mql_id)
    office.report(mql_id, Disposition.QUALIFIED)
    office.settle(seconds=1)
    office.hubspot.edit("contacts", contact.id, hs_lead_status="UNQUALIFIED")
    office.settle()
    assert office.mql(mql_id).status == Status.QUALIFIED
    assert [each.theirs for each in office.conflicts()] == ["UNQUALIFIED"]


def test_a_conflict_settles_itself_where_both_come_to_say_the_same(office: Office) -> None:
    both_change_the_status(office)
    (contact,) = office.hubspot.records.live(office.hubspot.records.type("contacts"))
    office.hubspot.edit("contacts", contact.id, hs_lead_status="UNQUALIFIED")
    office.settle()
    assert [each.decision for each in office.conflicts()] == [CrmDecision.SETTLED]


def test_a_value_that_the_bot_wrote_over_within_the_moment_is_shown_and_can_be_brought_back(office: Office) -> None:
    contact = office.contact()
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    read = office.hubspot.records.get
    kind = office.hubspot.records.type("contacts")

    def somebody_is_quicker() -> None:
        office.hubspot.edit("contacts", contact.id, hs_lead_status="ATTEMPTED_TO_CONTACT")

    office.accept(mql_id)
    office.before_writing(somebody_is_quicker)
    office.settle(seconds=1)
    assert office.shown(contact, "hs_lead_status") == "IN_PROGRESS"
    assert [each.theirs for each in office.conflicts()] == ["ATTEMPTED_TO_CONTACT"]
    office.decide(CrmDecision.THEIRS)
    office.settle()
    assert read(kind, contact.id).properties["hs_lead_status"] == "ATTEMPTED_TO_CONTACT"


def test_an_owner_who_is_nobody_of_the_team_is_shown_rather_than_taken(office: Office) -> None:
    stranger = office.hubspot.add_owner("guest@example.co.jp", "花", "山田")
    contact = office.contact()
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    owner = office.mql(mql_id).owner
    office.hubspot.edit("contacts", contact.id, hubspot_owner_id=stranger.id)
    office.settle()
    assert office.mql(mql_id).owner == owner
    assert [each.field for each in office.conflicts()] == [CrmField.OWNER]
    office.hubspot.edit("contacts", contact.id, hubspot_owner_id=office.owners[str(owner)].id)
    office.settle()
    assert office.conflicts()[0].decision == CrmDecision.SETTLED


def test_a_decided_conflict_stands_on_the_page_of_its_mql_also_without_the_crm(office: Office) -> None:
    contact = office.contact()
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    office.accept(mql_id)
    office.report(mql_id, Disposition.QUALIFIED)
    office.settle(seconds=1)
    office.hubspot.edit("contacts", contact.id, hs_lead_status="UNQUALIFIED")
    office.settle()
    office.decide(CrmDecision.OURS)
    with office.database.transaction() as tx:
        setup.remove(tx, office.connection, office.clock.now())
    with office.database.snapshot() as tx:
        decided = conflicts.decided(tx, office.workspace_id, mql_id, Locale.EN)
        by = team.name_of(tx, office.workspace_id, str(office.mql(mql_id).owner))
    page = json.dumps(blocks.decided(decided, Translator(Locale.EN, "Asia/Tokyo")), ensure_ascii=False)
    wanted = (
        "status in HubSpot",
        "Both said before",
        "HubSpot says",
        "We say: *qualified*",
        f"{by} chose to keep ours",
    )
    for words in wanted:
        assert words.lower() in page.lower()


def won_in_both(office: Office, rule: Rule = Rule.NEWEST) -> tuple[int, str]:
    """Sales reports in Slack what came of a lead, and then somebody closes its deal in HubSpot for another amount.
    Return the MQL's id, and the deal's."""
    contact = office.contact()
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    office.clock.advance(minutes=1)
    deal = office.hubspot.add("deals", contact=contact.id, dealname="Acme", dealstage="qualifiedtobuy")
    office.settle()
    report_deal(office, mql_id, 3_000_000)
    mapping = Mapping.of(office.connection.mapping)
    with office.database.transaction() as tx:
        crm_connections.update(tx, office.connection, mapping=replace(mapping, deal_rule=rule).to_json())
    close_deal(office, deal.id, "5000000")
    return mql_id, deal.id


def report_deal(office: Office, mql_id: int, amount: int) -> None:
    won = Deal(result=DealResult.WON, on=office.clock.now().date(), amount=amount)
    with office.database.transaction() as tx:
        workspace = workspaces.get(tx, office.workspace_id)
        assert workspace is not None
        deals.record(tx, workspace, mql_id, str(office.mql(mql_id).owner), won, office.clock.now())


def close_deal(office: Office, deal_id: str, amount: str) -> None:
    today = office.clock.now().isoformat().replace("+00:00", "Z")
    office.hubspot.edit("deals", deal_id, dealstage="closedwon", amount=amount, closedate=today)
    office.settle()


@pytest.mark.alike
@pytest.mark.parametrize("rule", [Rule.NEWEST, Rule.OURS])
def test_what_a_person_reported_of_a_deal_is_shown_beside_the_crms_and_chosen_once(office: Office, rule: Rule) -> None:
    mql_id, deal_id = won_in_both(office, rule)
    office.settle()
    (conflict,) = office.conflicts()
    assert (conflict.field, office.mql(mql_id).amount) == (CrmField.DEAL, 3_000_000)
    assert len(office.messages("crm_conflict")) == 1
    assert isinstance(office.decide(CrmDecision.THEIRS), Done)
    assert office.mql(mql_id).amount == 5_000_000
    # From then on it is the CRM's own: newest follows, and a field of ours asks again.
    close_deal(office, deal_id, "6000000")
    assert office.mql(mql_id).amount == (6_000_000 if rule == Rule.NEWEST else 5_000_000)
    assert len(office.conflicts()) == (1 if rule == Rule.NEWEST else 2)


def test_what_a_person_keeps_of_a_deal_stays_until_the_crm_says_something_new(office: Office) -> None:
    mql_id, deal_id = won_in_both(office)
    assert isinstance(office.decide(CrmDecision.OURS), Done)
    office.notice(f"deal:{deal_id}")
    office.settle()
    assert (office.mql(mql_id).amount, len(office.conflicts())) == (3_000_000, 1)
    close_deal(office, deal_id, "6000000")
    assert (office.mql(mql_id).amount, len(office.conflicts())) == (3_000_000, 2)
    # Reported here as it stands there, nobody has to choose any more.
    report_deal(office, mql_id, 6_000_000)
    office.notice(f"deal:{deal_id}")
    office.settle()
    assert office.conflicts()[-1].decision == CrmDecision.SETTLED


def test_a_deal_of_what_is_no_opportunity_any_more_cannot_be_taken_and_stays_to_be_decided(office: Office) -> None:
    mql_id, _ = won_in_both(office)
    office.report(mql_id, Disposition.DISQUALIFIED, lost_reason="no_budget")
    refused = office.decide(CrmDecision.THEIRS)
    assert isinstance(refused, Refused)
    assert refused.reason == Refusal.NOT_QUALIFIED
    assert office.conflicts()[-1].decided_at is None
    assert isinstance(office.decide(CrmDecision.OURS), Done)


def test_a_deal_that_is_the_crms_alone_is_followed(office: Office) -> None:
    mql_id, _ = won_in_both(office, Rule.THEIRS)
    assert (office.mql(mql_id).amount, office.conflicts()) == (5_000_000, [])
