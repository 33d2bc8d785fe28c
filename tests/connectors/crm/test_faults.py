"""What goes wrong between the bot and HubSpot: nothing is lost, nothing is doubled, and an admin learns what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.connectors.crm import connecting, sync
from bot.connectors.crm.changes import Changes
from bot.core.crm.mapping import Mapping, Rule
from bot.core.health import conditions
from bot.core.health.conditions import Condition, ConditionContext
from playground.crm.faults import CrmFault
from playground.crm.hubspot import Property
from playground.crm.hubspot.schema import Option
from playground.crm.service import Answer as Answered
from playground.crm.service import Call
from storage import crm_connections, members, workspaces
from storage.vocabulary import AlertKind, CrmSkip, CrmWriteState, Disposition, EventType
from tests.connectors.crm.office import Office
from tests.thorough import thoroughly

LOST = (CrmFault.LOSE_ANSWER, CrmFault.ERROR_500_AFTER, CrmFault.TRUNCATED)
NOT_TAKEN = (CrmFault.ERROR_500, CrmFault.REFUSE, CrmFault.RATE_LIMIT, CrmFault.LOCKED, CrmFault.HTML_PAGE)


def written_to_crm(office: Office) -> tuple[list[str], int, int]:
    """Return what was written of the status, and how many tasks and notes there are."""
    return office.written("hs_lead_status"), len(office.texts("tasks")), len(office.texts("notes"))


@pytest.mark.parametrize("fault", thoroughly([*LOST, *NOT_TAKEN], but=[CrmFault.LOSE_ANSWER, CrmFault.RATE_LIMIT]))
def test_whatever_becomes_of_an_answer_everything_is_written_once(office: Office, fault: CrmFault) -> None:
    contact = office.contact()
    mql_id = office.receive(contact)
    for operation in ("contacts.update", "tasks.create", "notes.create"):
        office.hubspot.faults.add(operation, fault, times=2)
    office.round(2)
    office.restart()
    for _ in range(3):
        office.settle(minutes=2)
    office.accept(mql_id)
    office.report(mql_id, Disposition.QUALIFIED)
    for _ in range(3):
        office.settle(minutes=2)
    assert written_to_crm(office) == (["OPEN_DEAL"], 1, 1)
    assert {each.state for each in office.writes()} == {CrmWriteState.DONE}
    assert office.connection.failure is None


def test_a_process_that_died_after_writing_writes_nothing_twice(office: Office) -> None:
    contact = office.contact()
    office.receive(contact)
    office.hubspot.faults.add("tasks.create", CrmFault.HANG_AFTER, seconds=30)
    office.restart(timeout=0.05)
    office.round()
    office.restart()
    office.settle(minutes=2)
    assert len(office.texts("tasks")) == 1


def test_credentials_that_are_revoked_are_told_at_once_and_nothing_is_lost_meanwhile(office: Office) -> None:
    contact = office.contact()
    office.hubspot.revoke(office.hubspot.key)
    mql_id = office.receive(contact)
    office.accept(mql_id)
    office.settle(seconds=1)
    assert alerts(office) == [AlertKind.CRM_REFUSED]
    office.rotate()
    office.settle(seconds=1)
    assert (alerts(office), office.shown(contact, "hs_lead_status")) == ([], "IN_PROGRESS")


def test_two_keys_work_while_one_takes_the_place_of_the_other(office: Office) -> None:
    contact, old = office.contact(), office.hubspot.key
    office.rotate()
    office.hubspot.revoke(office.hubspot.key)
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    assert office.shown(contact, "hubspot_owner_id") is not None
    assert old in office.hubspot.keys
    assert office.mql(mql_id).owner is not None


def test_a_property_that_the_crm_refuses_keeps_no_other_waiting(office: Office) -> None:
    contact = office.contact()
    office.hubspot.remove_property("contacts", "mql_sla_due")
    mql_id = office.receive(contact)
    office.accept(mql_id)
    office.settle(seconds=1)
    assert office.shown(contact, "hs_lead_status") == "IN_PROGRESS"
    assert alerts(office) == [AlertKind.CRM_FIELD]
    calls = office.calls("contacts.update")
    office.settle()
    assert office.calls("contacts.update") == calls
    office.hubspot.add_property("contacts", Property("mql_sla_due", "datetime"))
    office.remap()
    office.settle(seconds=1)
    assert (alerts(office), bool(office.shown(contact, "mql_sla_due"))) == ([], True)


def test_a_permission_that_is_missing_is_told_and_the_rest_goes_on(office: Office) -> None:
    contact = office.contact()
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    office.hubspot.scopes.discard("sales-email-read")
    office.hubspot.log_call(contact.id, office.owners[str(office.mql(mql_id).owner)].id)
    office.settle()
    assert office.mql(mql_id).contacted_at is not None
    assert office.connection.lacks == ["read_emails"]
    assert alerts(office) == [AlertKind.CRM_LACKS]
    office.hubspot.scopes.add("sales-email-read")
    office.settle()
    assert alerts(office) == []


def test_an_option_that_was_renamed_is_told_on_both_ways(office: Office) -> None:
    contact, other = office.contact(), office.contact("other@example.com")
    mql_id, other_id = office.receive(contact), office.receive(other, "other@example.com", company="Other")
    office.settle(seconds=1)
    options = (Option("NEW", "New"), Option("WORKING_ON_IT", "Working on it"))
    office.hubspot.set_options("contacts", "hs_lead_status", options)
    office.accept(mql_id)
    office.hubspot.edit("contacts", other.id, hs_lead_status="WORKING_ON_IT")
    office.settle()
    assert alerts(office) == [AlertKind.CRM_FIELD]
    (skipped,) = office.events(other_id, EventType.CRM_SKIPPED)
    assert skipped.data == {"crm": "hubspot", "why": CrmSkip.NEW_OPTION, "shown": "WORKING_ON_IT"}


def test_what_was_changed_in_the_crm_is_told_the_next_day_without_a_write_that_fails(office: Office) -> None:
    options = (Option("NEW", "New"), Option("WORKING_ON_IT", "Working on it"))
    office.hubspot.set_options("contacts", "hs_lead_status", options)
    office.hubspot.remove_property("contacts", "mql_sla_due")
    office.hubspot.add_owner("guest@example.co.jp", "花", "山田")
    joined = office.hubspot.add_owner("ito@example.co.jp", "蘭", "伊藤")
    with office.database.transaction() as tx:
        members.save(tx, office.workspace_id, "U4", name="伊藤", roles=["rep"], email="ito@example.co.jp")
    office.hubspot.scopes.discard("sales-email-read")
    office.settle()
    assert changed(office) == []
    office.settle(hours=24)
    assert [(each["word"], each["field"]) for each in changed(office)] == [
        ("option_gone", "status"),
        ("option_new", "status"),
        ("field_gone", "sla_due"),
        ("user_new", "owner"),
    ]
    assert changed(office)[-1]["names"] == ["山田 花"]
    assert office.connection.mapping["owners"]["U4"] == joined.id
    assert set(alerts(office)) == {AlertKind.CRM_CHANGED, AlertKind.CRM_LACKS}
    office.remap()
    assert changed(office) == []


def test_a_mapping_that_is_made_while_the_crm_is_read_anew_stays(office: Office) -> None:
    office.settle()
    perform, mapping = office.hubspot.perform, Mapping.of(office.connection.mapping)

    def interrupted(call: Call, handler: Callable[[Call], Answered]) -> Answered:
        if call.operation == "pipelines.list":
            office.hubspot.perform = perform  # type: ignore[method-assign]
            values = {"mapping": replace(mapping, deal_rule=Rule.THEIRS).to_json(), "mapping_version": 2}
            with office.database.transaction() as tx:
                crm_connections.update(tx, office.connection, **values)
        return perform(call, handler)

    office.hubspot.perform = interrupted  # type: ignore[method-assign]
    office.settle(hours=24)
    assert Mapping.of(office.connection.mapping).deal_rule == Rule.THEIRS


def changed(office: Office) -> list[dict[str, Any]]:
    """Return what the admins are told of changes in HubSpot, in the order of the mapping."""
    return office.connection.drift


def test_an_alert_of_a_hundred_new_options_has_a_name_that_an_index_takes(office: Office) -> None:
    options = [Option(f"STAGE_{number}", f"新しい段階の名前 {number}") for number in range(100)]
    office.hubspot.set_options("contacts", "hs_lead_status", (Option("NEW", "New"), *options))
    office.settle(hours=24)
    subjects = [each.subject for each in begun(office) if each.kind == AlertKind.CRM_CHANGED]
    assert len(subjects) == len(changed(office)) == 2
    assert max(map(len, subjects)) < 100


def alerts(office: Office) -> list[AlertKind]:
    return [each.kind for each in begun(office)]


def begun(office: Office) -> list[Condition]:
    with office.database.snapshot() as tx:
        workspace = workspaces.get(tx, office.workspace_id)
        assert workspace is not None
        context = ConditionContext(tx, workspace, office.clock.now(), office.clock.now(), arrivals_too=False)
        kinds = [kind for kind in AlertKind if kind.startswith("crm_")]
        return [each for kind in kinds for each in conditions.RULES[kind].begins(context)]


@pytest.mark.thorough
@pytest.mark.parametrize("ahead", [timedelta(hours=1), -timedelta(hours=1)])
def test_a_crm_whose_clock_is_wrong_dates_nothing_into_the_future_or_before_the_lead(
    office: Office, ahead: timedelta
) -> None:
    contact = office.contact()
    mql_id = office.receive(contact)
    office.settle(seconds=1)
    right = office.hubspot.records._now
    office.hubspot.records._now = lambda: right() + ahead
    office.clock.advance(minutes=10)
    office.hubspot.edit("contacts", contact.id, hs_lead_status="IN_PROGRESS")
    office.hubspot.log_call(contact.id, office.owners[str(office.mql(mql_id).owner)].id)
    office.notice(contact.id)
    office.settle(seconds=1)
    subject = office.mql(mql_id)
    for at in (subject.accepted_at, subject.contacted_at):
        assert at is not None
        assert subject.received_at <= at <= office.clock.now()


def test_a_connector_whose_news_was_not_taken_in_is_made_anew(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    def count(*given: Any) -> Any:
        made.append(given)
        return connecting.connector_of(*given)

    def fail(changes: Changes, news: Sequence[object]) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(sync, "connector_of", count)
    office.restart()
    office.settle()
    office.clock.advance(minutes=5, seconds=1)
    with monkeypatch.context() as broken:
        broken.setattr(Changes, "take", fail)
        with pytest.raises(OSError, match="disk full"):
            office.round()
    office.round()
    # Account Engagement writes over what a prospect held before its last poll: that must have been taken in.
    assert len(made) == 2
