"""A day on which HubSpot's notices do not come, and one on which its lists cannot be read: each alone is enough."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.crm import budget
from bot.core.health import conditions
from bot.core.health.conditions import ConditionContext
from playground.crm.faults import CrmFault
from storage import crm_connections, workspaces
from storage.vocabulary import AlertKind, EventType, Status
from tests.connectors.crm.office import Office

HOURS = 24
STEPS = (("IN_PROGRESS", Status.ACCEPTED), ("CONNECTED", Status.CONTACTED), ("OPEN_DEAL", Status.QUALIFIED))


def away_since(office: Office) -> list[str]:
    """Return since when the admins are told that HubSpot is out of reach."""
    return [each["since"] for each in alerts_of(office, AlertKind.CRM_REFUSED)]


def alerts_of(office: Office, kind: AlertKind) -> list[dict[str, Any]]:
    """Return what the admins are told of one kind."""
    with office.database.snapshot() as tx:
        workspace = workspaces.get(tx, office.workspace_id)
        assert workspace is not None
        context = ConditionContext(tx, workspace, office.clock.now(), office.clock.now(), arrivals_too=False)
        return [each.data for each in conditions.RULES[kind].begins(context)]


@pytest.mark.thorough
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


@pytest.mark.thorough
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


@pytest.mark.parametrize("limit", [5_000, 15_000])
def test_the_calls_of_a_day_last_until_its_end_however_much_there_is_to_do(limit: int) -> None:
    """A CRM that has something to do each second, with seven calls each time."""
    began = datetime(2026, 11, 17, tzinfo=UTC)
    now, made, longest = began, 0, timedelta(0)
    while now < began + timedelta(days=1):
        made += 7
        waits = budget.pause(now, made, limit, 7)
        assert (waits > timedelta(0)) == budget.is_short(made, limit)
        longest = max(longest, waits)
        now += max(waits, timedelta(seconds=1))
    assert limit * 0.8 < made <= limit
    assert longest <= budget.LONGEST


def test_the_admins_are_told_once_a_day_that_calls_run_short(office: Office) -> None:
    today = office.clock.now().date().isoformat()
    with office.database.transaction() as tx:
        crm_connections.update(tx, office.connection, calls=600, calls_on=today, daily_calls=1_000)
    assert [each["count"] for each in alerts_of(office, AlertKind.CRM_BUDGET)] == [600]
    office.clock.advance(days=1)
    assert alerts_of(office, AlertKind.CRM_BUDGET) == []
