"""HubSpot and the bot, in step: over real HTTP, against the strict local one."""

from __future__ import annotations

from storage.vocabulary import Disposition, EventType, Evidence, Status
from tests.connectors.crm.office import Office


def test_what_the_bot_decides_of_a_new_lead_stands_in_the_crm_with_a_task_for_its_owner(office: Office) -> None:
    contact = office.contact(hs_lead_status="NEW")
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    owner = str(office.mql(mql_id).owner)
    assert office.shown(contact, "hubspot_owner_id") == office.owners[owner].id
    assert office.shown(contact, "hs_lead_status") == "NEW"
    assert (office.shown(contact, "mql_sla_due") or "").startswith("2026-11-18T01:00:00")
    (task,) = office.texts("tasks")
    assert task["hubspot_owner_id"] == office.owners[owner].id
    assert "#1" in task["hs_task_subject"]


def test_what_sales_does_in_slack_follows_with_one_call_and_a_note_for_the_outcome(office: Office) -> None:
    contact = office.contact()
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    office.accept(mql_id)
    office.contacted(mql_id)
    office.settle(seconds=1)
    assert office.written("hs_lead_status") == ["CONNECTED"]
    office.report(mql_id, Disposition.DISQUALIFIED, lost_reason="no_budget")
    office.settle(seconds=1)
    assert office.written("hs_lead_status") == ["CONNECTED", "UNQUALIFIED"]
    (note,) = office.texts("notes")
    assert "予算なし" in note["hs_note_body"]
    office.settle()
    assert office.written("hs_lead_status") == ["CONNECTED", "UNQUALIFIED"]
    assert office.written("mql_lost_reason") == ["予算なし"]
    assert len(office.texts("notes")) == 1


def test_a_status_that_sales_sets_in_the_crm_is_an_acceptance_a_contact_and_an_outcome(office: Office) -> None:
    contact = office.contact()
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    for value, status in (
        ("IN_PROGRESS", Status.ACCEPTED),
        ("CONNECTED", Status.CONTACTED),
        ("OPEN_DEAL", Status.QUALIFIED),
    ):
        office.hubspot.edit("contacts", contact.id, hs_lead_status=value)
        office.settle()
        assert office.mql(mql_id).status == status
    assert office.mql(mql_id).contact_evidence == Evidence.BUTTON, "a status that is set proves no contact"
    (disposed,) = office.events(mql_id, EventType.DISPOSED)
    assert disposed.data["crm"] == "hubspot"
    assert office.shown(contact, "hs_lead_status") == "OPEN_DEAL"
    assert office.texts("notes") == []


def test_a_call_in_the_crm_stops_the_clock_at_its_true_time(office: Office) -> None:
    contact = office.contact()
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    office.clock.advance(minutes=20)
    owner = str(office.mql(mql_id).owner)
    at = office.clock.now()
    office.hubspot.log_call(contact.id, office.owners[owner].id)
    office.settle()
    subject = office.mql(mql_id)
    assert (subject.status, subject.contacted_at) == (Status.CONTACTED, at)
    assert subject.contact_evidence == Evidence.CALL
    office.settle()
    assert len(office.events(mql_id, EventType.CONTACTED, EventType.EVIDENCE)) == 1
