"""What HubSpot tells besides fields: deals, merges, deletions, sequences, records that are looked for, lost leads."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

from bot.core.mql import erasure
from storage import crm_connections, crm_links, erasure_list, members, mqls
from storage.database import Database
from storage.models import CrmLink
from storage.vocabulary import CrmSkip, DealResult, Disposition, EventType, Evidence, Status
from tests.connectors.crm.office import Office


def link(office: Office, mql_id: int) -> CrmLink:
    with office.database.snapshot() as tx:
        (known,) = crm_links.of_mql(tx, office.workspace_id, mql_id)
    return known


def test_a_deal_makes_the_lead_an_opportunity_and_tells_what_came_of_it(office: Office) -> None:
    contact = office.contact()
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    office.clock.advance(minutes=1)
    deal = office.hubspot.add(
        "deals", contact=contact.id, dealname="Acme", dealstage="qualifiedtobuy", pipeline="default"
    )
    office.settle()
    assert office.mql(mql_id).status == Status.QUALIFIED
    today = office.clock.now().isoformat().replace("+00:00", "Z")
    office.hubspot.edit("deals", deal.id, dealstage="closedwon", amount="5000000", closedate=today)
    office.settle()
    subject = office.mql(mql_id)
    assert (subject.deal_result, subject.amount) == (DealResult.WON, 5_000_000)
    (event,) = office.events(mql_id, EventType.DEAL)
    assert (event.data["source"], event.data["on"]) == ("crm", date(2026, 11, 17).isoformat())


def test_a_mail_of_a_sequence_right_after_the_assignment_is_no_contact(office: Office) -> None:
    contact = office.contact()
    mql_id = office.receive(contact)
    owner = office.owners[str(office.mql(mql_id).owner)]
    office.clock.advance(seconds=30)
    office.hubspot.log_email(contact.id, owner.id, sequence="7")
    office.hubspot.log_call(contact.id, owner.id, hs_call_status="NO_ANSWER")
    office.settle()
    assert office.mql(mql_id).contacted_at is None
    office.clock.advance(minutes=30)
    office.hubspot.log_email(contact.id, owner.id)
    office.settle()
    assert office.mql(mql_id).contact_evidence == Evidence.EMAIL


def test_a_contact_that_was_merged_is_followed(office: Office) -> None:
    contact, other = office.contact(), office.contact("old@example.com")
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    merged = office.hubspot.merge(other.id, contact.id)
    office.settle()
    assert link(office, mql_id).record_id == merged.id
    office.accept(mql_id)
    office.settle(seconds=1)
    assert office.shown(merged, "hs_lead_status") == "IN_PROGRESS"


def test_a_contact_that_was_deleted_for_good_is_erased_here_and_one_that_was_deleted_is_not(office: Office) -> None:
    gone, kept = office.contact(), office.contact("kept@example.com")
    erased_id, kept_id = office.receive(gone), office.receive(kept, "kept@example.com")
    office.settle(seconds=1)
    office.hubspot.erase(gone.id)
    office.hubspot.archive("contacts", kept.id)
    office.notice(f"privacy:{gone.id}")
    office.notice(kept.id)
    office.settle(seconds=1)
    assert office.mql(erased_id).erased_at is not None
    assert office.mql(kept_id).erased_at is None
    assert link(office, kept_id).gone_at is not None


def test_an_older_backup_does_not_bring_back_whom_the_crm_had_erased(office: Office, tmp_path: Path) -> None:
    contact = office.contact()
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    place, backup = Path(str(office.database.url.database)), tmp_path / "backup.db"
    with closing(sqlite3.connect(place)) as source, closing(sqlite3.connect(backup)) as copy:
        source.backup(copy)
    office.hubspot.erase(contact.id)
    office.notice(f"privacy:{contact.id}")
    office.settle(seconds=1)
    listed = erasure_list.read(place)
    assert listed is not None
    assert listed.names(office.workspace_id, ["aoki@example.com"])
    with closing(Database(f"sqlite:///{backup}")) as older, older.transaction() as tx:
        assert erasure.erase_listed(tx, listed, office.clock.now()) == 1
        restored = mqls.get(tx, office.workspace_id, mql_id)
    assert restored is not None
    assert (restored.email, restored.erased_at) == (None, office.clock.now())


def test_an_erasure_that_cannot_be_put_on_the_list_waits(office: Office) -> None:
    contact = office.contact()
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    in_the_way = Path(f"{office.database.url.database}{erasure_list.SUFFIX}")
    in_the_way.mkdir()
    office.hubspot.erase(contact.id)
    office.notice(f"privacy:{contact.id}")
    office.round()
    assert office.mql(mql_id).erased_at is None
    in_the_way.rmdir()
    office.settle(minutes=1)
    assert office.mql(mql_id).erased_at is not None


def test_a_notice_alone_erases_nobody(office: Office) -> None:
    contact = office.contact()
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    office.notice(f"privacy:{contact.id}")
    office.settle(seconds=1)
    assert office.mql(mql_id).erased_at is None


def test_a_lead_without_an_id_is_found_by_its_address_also_later(office: Office) -> None:
    mql_id = office.receive(None, "later@example.com")
    office.settle(seconds=1)
    assert link(office, mql_id).record_id is None
    contact = office.contact("later@example.com")
    office.settle()
    office.settle(minutes=1)
    assert link(office, mql_id).record_id == contact.id
    assert office.shown(contact, "hubspot_owner_id") is not None
    assert len(office.texts("tasks")) == 1


def test_leads_that_never_arrived_are_counted_the_next_morning(office: Office) -> None:
    with office.database.transaction() as tx:
        crm_connections.update(tx, office.connection, created_at=office.clock.now().replace(day=10))
    known = office.contact(lifecyclestage="marketingqualifiedlead")
    office.receive(known)
    lost = office.contact("lost@example.com", lifecyclestage="marketingqualifiedlead")
    office.settle(hours=24)
    (vanished,) = office.connection.vanished
    assert (vanished["crm"], vanished["bot"], vanished["records"]) == (2, 1, [lost.id])


def skipped(office: Office, mql_id: int) -> list[str]:
    """Return why the bot has not followed HubSpot, as the log of an MQL says it."""
    return [event.data["why"] for event in office.events(mql_id, EventType.CRM_SKIPPED)]


def test_a_deal_that_cannot_be_taken_is_told_once_and_taken_when_it_can_be(office: Office) -> None:
    contact = office.contact()
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    office.clock.advance(minutes=1)
    today = office.clock.now().isoformat().replace("+00:00", "Z")
    deal = office.hubspot.add("deals", contact=contact.id, dealname="Acme", dealstage="closedwon", closedate=today)
    office.settle()
    office.hubspot.edit("deals", deal.id, dealname="Acme again")
    office.settle()
    assert skipped(office, mql_id) == [CrmSkip.NO_AMOUNT]
    (event,) = office.events(mql_id, EventType.CRM_SKIPPED)
    assert [row.event_id for row in office.messages("note")].count(event.id) == 1
    office.hubspot.edit("deals", deal.id, amount="300000")
    office.settle()
    assert office.mql(mql_id).deal_result == DealResult.WON


def test_a_deal_of_an_mql_that_sales_has_disqualified_waits_for_the_correction(office: Office) -> None:
    contact = office.contact()
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    office.accept(mql_id)
    office.report(mql_id, Disposition.DISQUALIFIED, lost_reason="no_budget")
    office.settle(seconds=1)
    office.clock.advance(minutes=1)
    today = office.clock.now().isoformat().replace("+00:00", "Z")
    office.hubspot.add(
        "deals", contact=contact.id, dealname="Acme", dealstage="closedwon", closedate=today, amount="300000"
    )
    office.settle()
    assert skipped(office, mql_id) == [CrmSkip.NOT_QUALIFIED]
    office.report(mql_id, Disposition.QUALIFIED)
    office.settle(seconds=1)
    assert office.mql(mql_id).deal_result == DealResult.WON


def test_a_record_that_was_deleted_is_told_once(office: Office) -> None:
    contact = office.contact()
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    office.hubspot.archive("contacts", contact.id)
    for _ in range(2):
        office.notice(contact.id)
        office.settle(minutes=1)
    assert skipped(office, mql_id) == [CrmSkip.RECORD_GONE]


def test_a_status_of_an_mql_that_nobody_has_is_told(office: Office) -> None:
    contact = office.contact()
    with office.database.transaction() as tx:
        for user in office.owners:
            members.save(tx, office.workspace_id, user, active=False)
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    office.hubspot.edit("contacts", contact.id, hs_lead_status="IN_PROGRESS")
    office.settle()
    assert skipped(office, mql_id) == [CrmSkip.UNOWNED]
