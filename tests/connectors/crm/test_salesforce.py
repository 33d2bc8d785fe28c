"""The connector of Salesforce, over real HTTP against the strict local one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.connectors.crm import door
from bot.connectors.crm.contract import (
    Activity,
    AddNote,
    AddTask,
    Away,
    Busy,
    Change,
    Conflict,
    Denied,
    Gone,
    Interest,
    Lack,
    Limited,
    Opportunity,
    PropertyKind,
    Record,
    Refused,
    Revoked,
    SetProperties,
    Unknown,
    Written,
)
from bot.connectors.crm.door import Door
from bot.connectors.crm.salesforce import Salesforce as Connector
from playground.crm.faults import CrmFault
from playground.crm.salesforce import MQL_FIELDS, Salesforce
from storage.vocabulary import DealResult, Evidence
from tests.connectors.crm.office import LOCAL, Moment, written

WANTED = ("Status", "OwnerId", "MQL_SLA_Due__c")


@pytest.fixture
def salesforce(moment: Moment) -> Iterator[Salesforce]:
    with Salesforce(moment.now, moment.monotonic) as crm:
        crm.add_fields("Lead", MQL_FIELDS)
        yield crm


@pytest.fixture
def connector(salesforce: Salesforce) -> Connector:
    return connected(salesforce)


def connected(crm: Salesforce, *credentials: dict[str, str], timeout: float = 10.0) -> Connector:
    given = credentials or ({"client_id": crm.app.client_id, "client_secret": crm.app.client_secret},)
    return Connector(Door(crm.base_url, LOCAL, timeout), list(given), Interest(WANTED))


def everything(connector: Connector, cursor: str) -> tuple[list[Change], str]:
    """Fetch until there is no more."""
    changes: list[Change] = []
    while True:
        page = connector.fetch(cursor)
        changes += page.changes
        cursor = page.cursor
        if not page.more:
            return changes, cursor


def lead(crm: Salesforce, name: str = "aoki", **values: Any) -> str:
    return crm.add("Lead", LastName=name, FirstName="花子", Company="青葉", Email=f"{name}@example.com", **values).id


def test_the_organisation_says_what_can_be_mapped_and_what_is_never_written(
    salesforce: Salesforce, connector: Connector
) -> None:
    sato = salesforce.add_user("佐藤 葵", "sato@example.co.jp")
    about = connector.describe()
    status, owner, due = (about.property(name) for name in WANTED)
    assert status is not None
    assert owner is not None
    assert due is not None
    assert (status.kind, status.closing) == (PropertyKind.CHOICE, frozenset({"Closed - Converted"}))
    assert (owner.kind, due.kind, due.writable) == (PropertyKind.USER, PropertyKind.MOMENT, True)
    assert sato in {each.id for each in about.users}
    assert [each.id for each in about.stages if each.is_won] == ["Closed Won"]
    assert [each.id for each in about.stages if each.is_lost] == ["Closed Lost"]
    assert (about.account, about.missing, about.daily_calls) == ("Sample Inc.", (), 100_000)
    assert about.record_url == f"{salesforce.base_url}/{{id}}"


def test_what_the_user_may_not_do_is_named_and_the_rest_goes_on(
    salesforce: Salesforce, connector: Connector, moment: Moment
) -> None:
    salesforce.records.types["EmailMessage"].can.clear()
    salesforce.records.types["Task"].can.discard("create")
    assert {(each.lack, each.scope) for each in connector.describe().missing} == {
        (Lack.READ_EMAILS, "EmailMessage"),
        (Lack.WRITE_TASKS, "Task"),
    }
    number, cursor, lacks = lead(salesforce), connector.begin(moment.at), set[Lack]()
    for _ in range(6):
        page = connector.fetch(cursor)
        cursor, lacks = page.cursor, lacks | set(page.lacks)
    assert lacks == {Lack.READ_EMAILS}
    assert [each.id for each in connector.read([number]) if isinstance(each, Record)] == [number]
    with pytest.raises(Denied):
        written(connector, AddNote(number, "[mql-bot 1/1]", "x", moment.at))


def test_credentials_are_tried_in_turn_and_a_session_that_ends_is_begun_anew(salesforce: Salesforce) -> None:
    right = {"client_id": salesforce.app.client_id, "client_secret": salesforce.app.client_secret}
    number = lead(salesforce)
    connector = connected(salesforce, right | {"client_secret": "new"}, right)
    assert len(connector.read([number])) == 1
    logins = salesforce.oauth.logins
    assert len(connected(salesforce).read([number])) == 1
    assert salesforce.oauth.logins == logins  # The session is kept from one round to the next.
    salesforce.end_sessions()
    assert len(connected(salesforce).read([number])) == 1
    salesforce.app.run_as = ""
    salesforce.end_sessions()
    with pytest.raises(Revoked, match="no client credentials user enabled"):
        connected(salesforce).read([number])


def test_a_private_key_logs_in_where_no_secret_is_used(salesforce: Salesforce, moment: Moment) -> None:
    key = rsa.generate_private_key(65537, 2048)
    salesforce.app.certificate = key.public_key()
    moment.at = datetime.now(UTC)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    given = {"client_id": salesforce.app.client_id, "username": salesforce.app.username, "private_key": pem}
    number = lead(salesforce)
    assert len(connected(salesforce, given).read([number])) == 1
    with pytest.raises(Revoked):
        connected(salesforce, given | {"private_key": "no key"}).read([number])


def test_leads_are_read_by_moment_and_id_though_many_are_of_one_second(
    salesforce: Salesforce, connector: Connector, moment: Moment
) -> None:
    cursor = connector.begin(moment.at)
    numbers = {lead(salesforce, str(number)) for number in range(2_005)}
    changes, cursor = everything(connector, cursor)
    assert {each.id for each in changes if isinstance(each, Record)} == numbers
    moment.advance(minutes=10)
    changed = lead(salesforce, "late")
    salesforce.edit("Lead", changed, Status="Working - Contacted")
    changes, cursor = everything(connector, cursor)
    late = [each for each in changes if isinstance(each, Record) and each.id == changed]
    assert [(each.values["Status"], each.name) for each in late] == [("Working - Contacted", "late 花子")]
    assert late[0].values["OwnerId"] == salesforce.integration


def test_calls_mails_and_meetings_are_proof_and_our_own_tasks_are_not(
    salesforce: Salesforce, connector: Connector, moment: Moment
) -> None:
    sato, number = salesforce.add_user("佐藤", "sato@example.co.jp"), lead(salesforce)
    cursor = connector.begin(moment.at)
    call = salesforce.log_call(number, sato)
    mail = salesforce.log_email(number, sato)
    meeting = salesforce.log_event(number, sato, moment.at + timedelta(hours=2))
    salesforce.add("Task", sato, WhoId=number, OwnerId=sato, TaskSubtype="Call", Status="Not Started")
    salesforce.log_email(number, sato, Incoming=True)
    written(connector, AddNote(number, "[mql-bot 1/1]", "商談化しました。", moment.at))
    expected = {
        Activity(f"task:{call.id}", (number,), Evidence.CALL, moment.at, sato),
        Activity(f"emailmessage:{mail.id}", (number,), Evidence.EMAIL, moment.at, sato),
        Activity(f"event:{meeting.id}", (number,), Evidence.MEETING, moment.at + timedelta(hours=2), sato),
    }
    assert {each for each in everything(connector, cursor)[0] if isinstance(each, Activity)} == expected
    assert {each for each in connector.read([number]) if isinstance(each, Activity)} == expected
    assert {each for each in connector.read([f"event:{meeting.id}"])} == {
        each for each in expected if each.kind == Evidence.MEETING
    }


def test_a_conversion_comes_back_as_an_opportunity_with_what_came_of_it(
    salesforce: Salesforce, connector: Connector, moment: Moment
) -> None:
    number, cursor = lead(salesforce), connector.begin(moment.at)
    deal = salesforce.convert(number).values["ConvertedOpportunityId"]
    salesforce.edit("Opportunity", deal, StageName="Closed Won", Amount=5_000_000.0, CloseDate="2026-11-20")
    won = Opportunity(deal, (number,), "Closed Won", DealResult.WON, date(2026, 11, 20), 5_000_000, moment.at)
    changes, _ = everything(connector, cursor)
    assert [each for each in changes if isinstance(each, Opportunity)] == [won]
    assert won in connector.read([number])
    outcome = written(connector, SetProperties(number, {"Status": "Working - Contacted"}, {}))
    assert isinstance(outcome, Refused)


def test_a_call_with_the_contact_that_a_lead_became_is_proof_for_the_lead(
    salesforce: Salesforce, connector: Connector, moment: Moment
) -> None:
    sato, number, stranger = salesforce.add_user("佐藤", "sato@example.co.jp"), lead(salesforce), lead(salesforce, "x")
    contact = str(salesforce.convert(number).values["ConvertedContactId"])
    cursor = everything(connector, connector.begin(moment.at))[1]
    other = salesforce.add("Contact", LastName="Ito").id
    moment.advance(minutes=5)
    call, mail = salesforce.log_call(contact, sato), salesforce.log_email(contact, sato)
    salesforce.log_call(other, sato)
    proofs = [each for each in everything(connector, cursor)[0] if isinstance(each, Activity)]
    assert {(each.id, each.record_ids) for each in proofs} == {
        (f"task:{call.id}", (number,)),
        (f"emailmessage:{mail.id}", (number,)),
    }
    assert stranger not in {record for each in proofs for record in each.record_ids}


def test_deleted_and_merged_leads_are_told(salesforce: Salesforce, connector: Connector, moment: Moment) -> None:
    gone, kept, merged = (lead(salesforce, name) for name in ("a", "b", "c"))
    cursor = everything(connector, connector.begin(moment.at))[1]
    moment.advance(minutes=1)
    salesforce.delete("Lead", gone)
    salesforce.merge(kept, merged)
    moment.advance(minutes=5)
    changes, cursor = everything(connector, cursor)
    assert {each for each in changes if isinstance(each, Gone)} == {Gone(gone), Gone(merged, kept)}
    read = connector.read([gone, merged])
    assert {each for each in read if isinstance(each, Gone)} == {Gone(gone), Gone(merged, kept)}
    assert [each.id for each in read if isinstance(each, Record)] == [kept]


def test_leads_are_found_by_address_and_by_day(salesforce: Salesforce, connector: Connector, moment: Moment) -> None:
    number = salesforce.add("Lead", LastName="O", Company="x", Email="o'neil@example.com").id
    assert [each.id for each in connector.by_email(["O'Neil@example.com", "nobody@example.com"])] == [number]
    moment.advance(days=1)
    late = lead(salesforce)
    assert [each.id for each in connector.entered(moment.at, moment.at + timedelta(days=1))] == [late]


# Writing


def test_a_write_keeps_the_assignment_rules_out_and_is_read_back(
    salesforce: Salesforce, connector: Connector, moment: Moment
) -> None:
    sato, number = salesforce.add_user("佐藤", "sato@example.co.jp"), lead(salesforce)
    salesforce.records.assigned_to = salesforce.add_user("Rule", "rule@example.co.jp")
    values: dict[str, str | None] = {"OwnerId": sato, "MQL_SLA_Due__c": "2026-11-18T01:00:00Z"}
    (record,) = (each for each in connector.read([number]) if isinstance(each, Record))
    before = connector.calls
    outcome = written(connector, SetProperties(number, values, {name: record.values[name] for name in values}))
    assert connector.calls - before == 2
    assert outcome == Written(number, "2026-11-17T01:00:00Z", values)
    assert isinstance(written(connector, SetProperties(number, {"MQL_SLA_Due__c": None}, {})), Written)
    assert salesforce.records.rows["Lead"][number].values["MQL_SLA_Due__c"] is None


def test_only_what_was_changed_in_the_same_field_is_a_conflict(
    salesforce: Salesforce, connector: Connector, moment: Moment
) -> None:
    number = lead(salesforce)
    moment.advance(seconds=5)
    salesforce.edit("Lead", number, Title="部長")
    expected: dict[str, str | None] = {"Status": "Open - Not Contacted"}
    assert isinstance(written(connector, SetProperties(number, {"Status": "Working - Contacted"}, expected)), Written)
    moment.advance(seconds=5)
    salesforce.edit("Lead", number, Status="Closed - Not Converted")
    outcome = written(connector, SetProperties(number, {"Status": "Open - Not Contacted"}, expected))
    assert isinstance(outcome, Conflict)
    assert outcome.record is not None
    assert outcome.record.values["Status"] == "Closed - Not Converted"


def test_what_is_written_of_several_leads_is_two_calls_and_each_fares_for_itself(
    salesforce: Salesforce, connector: Connector, moment: Moment
) -> None:
    numbers = [lead(salesforce, name) for name in ("a", "b", "c")]
    salesforce.delete("Lead", numbers[2])
    salesforce.edit("Lead", numbers[1], Status="Closed - Not Converted")
    before: dict[str, str | None] = {"Status": "Open - Not Contacted"}
    sets = [SetProperties(each, {"Status": "Working - Contacted"}, before) for each in numbers]
    task = AddTask(numbers[0], "[mql-bot 1/2]", "初回対応", "ご対応ください。", moment.at, None)
    connector.describe()
    calls = connector.calls
    outcomes = connector.write([*sets, task, AddNote(numbers[1], "[mql-bot 1/3]", "x", moment.at)])
    assert connector.calls - calls == 2
    assert [type(each) for each in outcomes] == [Written, Conflict, Refused, Written, Written]
    assert len(salesforce.records.rows["Task"]) == 2


def test_a_poll_in_which_nothing_was_changed_is_two_calls(
    salesforce: Salesforce, connector: Connector, moment: Moment
) -> None:
    cursor = everything(connector, connector.begin(moment.at))[1]
    calls = connector.calls
    assert everything(connector, cursor)[0] == []
    assert connector.calls - calls == 2


def test_answers_that_are_too_large_together_are_asked_for_one_by_one(
    salesforce: Salesforce, connector: Connector, moment: Moment, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, cursor = lead(salesforce), connector.begin(moment.at)
    for day in range(3):
        salesforce.add("Task", WhoId=number, Subject="x", Description="y" * 900, ActivityDate=f"2026-11-{day + 10}")
    monkeypatch.setattr(door, "MOST_BYTES", 4_200)
    assert [each.id for each in everything(connector, cursor)[0] if isinstance(each, Record)] == [number]
    assert [each.id for each in connector.read([number]) if isinstance(each, Record)] == [number]
    assert len(salesforce.log.calls("composite")) == 2


def test_what_the_organisation_refuses_is_shown_in_its_words(salesforce: Salesforce, connector: Connector) -> None:
    number = lead(salesforce)
    salesforce.records.types["Lead"].rules["Status"] = "電話番号を入力してから変更してください。"

    def given(**values: str | None) -> object:
        return written(connector, SetProperties(number, values, {}))

    assert given(Status="Working - Contacted") == Refused(
        "validation", "電話番号を入力してから変更してください。", ("Status",)
    )
    assert isinstance(refused := given(MQL_Disposition__c="x" * 300), Refused)
    assert refused.code == "validation"
    salesforce.records.types["Lead"].rules.clear()
    assert isinstance(refused := given(Status="Gone"), Refused)
    assert (refused.code, refused.properties) == ("no_option", ("Status",))
    salesforce.remove_field("Lead", "MQL_SLA_Due__c")
    assert isinstance(refused := given(MQL_SLA_Due__c="2026-11-18T01:00:00Z"), Refused)
    assert (refused.code, refused.properties) == ("no_property", ("MQL_SLA_Due__c",))
    # A field that is gone keeps no lead from being read.
    assert [each.id for each in connector.read([number]) if isinstance(each, Record)] == [number]
    salesforce.delete("Lead", number)
    assert given(Status="Working - Contacted") == Refused("no_record")


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (CrmFault.RATE_LIMIT, Limited(timedelta(seconds=10), "rate")),
        (CrmFault.DAILY_LIMIT, Limited(timedelta(minutes=15), "daily")),
        (CrmFault.LOCKED, Limited(timedelta(seconds=2), "locked")),
        (CrmFault.UNAVAILABLE, Limited(timedelta(minutes=1), "maintenance")),
        (CrmFault.ERROR_500, Unknown("http_500")),
        (CrmFault.LOSE_ANSWER, Unknown("connection")),
        (CrmFault.HTML_PAGE, Unknown("not_json")),
        (CrmFault.HANG, Unknown("timeout")),
        (CrmFault.PRECONDITION, Limited(timedelta(seconds=1), "locked")),
        (CrmFault.UNAUTHORIZED, None),
    ],
)
def test_what_became_of_a_write_is_known_or_said_to_be_unknown(
    salesforce: Salesforce, fault: CrmFault, expected: object
) -> None:
    number = lead(salesforce)
    connector = connected(salesforce, timeout=0.5 if fault is CrmFault.HANG else 10.0)
    connector.read([number])
    whole = fault not in (CrmFault.LOCKED, CrmFault.ERROR_500, CrmFault.PRECONDITION)
    salesforce.faults.add("composite" if whole else "Lead.update", fault, times=1, seconds=30)
    outcome = written(connector, SetProperties(number, {"Status": "Working - Contacted"}, {}))
    salesforce.faults.clear()
    assert outcome == expected if expected is not None else isinstance(outcome, Written)


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (CrmFault.RATE_LIMIT, Busy),
        (CrmFault.UNAVAILABLE, Busy),
        (CrmFault.MISSING_SCOPES, Denied),
        (CrmFault.ERROR_500, Away),
        (CrmFault.HTML_PAGE, Away),
        (CrmFault.REDIRECT, Away),
        (CrmFault.REFUSE, Away),
    ],
)
def test_a_question_that_is_not_answered_is_one_of_four(
    salesforce: Salesforce, connector: Connector, fault: CrmFault, raised: type[Exception]
) -> None:
    number = lead(salesforce)
    salesforce.faults.add("composite", fault, times=1)
    with pytest.raises(raised):
        connector.read([number])


def test_a_task_is_due_on_the_day_of_the_organisation_and_is_found_after_a_lost_answer(
    salesforce: Salesforce, connector: Connector
) -> None:
    sato, number = salesforce.add_user("佐藤", "sato@example.co.jp"), lead(salesforce)
    due = datetime(2026, 11, 17, 15, 30, tzinfo=UTC)  # Half past midnight in Tokyo.
    task = AddTask(number, "[mql-bot 1/2]", "初回対応", "ご対応ください。", due, sato)
    salesforce.faults.add("composite", CrmFault.LOSE_ANSWER, times=1)
    assert written(connector, task) == Unknown("connection")
    (made,) = salesforce.records.rows["Task"].values()
    assert connector.find(task) == made.id
    assert (made.values["ActivityDate"], made.values["OwnerId"]) == ("2026-11-18", sato)
    assert connector.find(AddNote(number, "[mql-bot 1/3]", "x", due)) is None
