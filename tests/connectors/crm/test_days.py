"""A day on which HubSpot's notices do not come, and one on which its lists cannot be read: each alone is enough."""

from __future__ import annotations

from datetime import timedelta

from bot.core.health import conditions
from bot.core.health.conditions import ConditionContext
from playground.crm.faults import CrmFault
from storage import workspaces
from storage.vocabulary import AlertKind, EventType, Status
from tests.connectors.crm.office import Office

HOURS = 24
STEPS = (("IN_PROGRESS", Status.ACCEPTED), ("CONNECTED", Status.CONTACTED), ("OPEN_DEAL", Status.QUALIFIED))


def away_since(office: Office) -> list[str]:
    """Return since when the admins are told that HubSpot is out of reach."""
    with office.database.snapshot() as tx:
        workspace = workspaces.get(tx, office.workspace_id)
        assert workspace is not None
        context = ConditionContext(tx, workspace, office.clock.now(), office.clock.now(), arrivals_too=False)
        return [each.data["since"] for each in conditions.RULES[AlertKind.CRM_REFUSED].begins(context)]


def test_a_day_without_notices_loses_nothing_and_keeps_the_true_times(office: Office) -> None:
    contact = office.contact()
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    changed = dict[Status, object]()
    for hour in range(HOURS):
        if hour % 8 == 0:
            value, status = STEPS[hour // 8]
            office.hubspot.edit("contacts", contact.id, hs_lead_status=value)
            changed[status] = office.clock.now()
        office.settle(hours=1)
    subject = office.mql(mql_id)
    assert subject.status == Status.QUALIFIED
    assert (subject.accepted_at, subject.contacted_at) == (changed[Status.ACCEPTED], changed[Status.CONTACTED])
    (accepted,) = office.events(mql_id, EventType.ACCEPTED)
    assert accepted.recorded_at - accepted.at == timedelta(hours=1)
    assert office.connection.noticed_at is None


def test_a_day_without_polls_goes_on_by_notices_and_what_had_none_is_read_afterwards(office: Office) -> None:
    contact, silent = office.contact(), office.contact("silent@example.com")
    mql_id = office.receive(contact)
    silent_id = office.receive(silent, "silent@example.com", company="Silent")
    office.settle(seconds=1)
    office.hubspot.faults.add("contacts.search", CrmFault.ERROR_500)
    office.hubspot.edit("contacts", silent.id, hs_lead_status="IN_PROGRESS")
    edited = office.clock.now()
    for hour in range(HOURS):
        if hour % 8 == 0:
            value, status = STEPS[hour // 8]
            office.hubspot.edit("contacts", contact.id, hs_lead_status=value)
            office.notice(contact.id)
        office.settle(hours=1)
        assert office.mql(mql_id).status == status
    assert away_since(office)
    assert office.mql(silent_id).status == Status.ASSIGNED
    office.hubspot.faults.clear()
    office.settle()
    assert (office.mql(silent_id).status, office.mql(silent_id).accepted_at) == (Status.ACCEPTED, edited)
    assert away_since(office) == []
