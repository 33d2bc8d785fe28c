"""The same person is one MQL, by whatever door they come; who comes back after the deal is a new one."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.base.results import Done
from bot.core.mql import deals, feedback, gate, identity, intake
from bot.core.mql.deals import Deal
from bot.core.mql.feedback import Answer
from bot.core.mql.lead import Lead
from storage import companies, company_keys, models, mqls, outbox, workspaces
from storage.database import Database
from storage.models import Mql
from storage.vocabulary import ClockKind, DealResult, DealSource, Disposition, MessageKind, Source, Status
from tests import statements
from tests.workspace import NOW, WORKSPACE, configure

pytestmark = pytest.mark.rules
QUALIFIED = Answer(disposition=Disposition.QUALIFIED, amount=1)
HIDDEN: dict[str, Any] = {"company": "Acme", "person": "Taro Yamada"}


def comes(office: Database, source: Source = Source.GENERIC, now: datetime = NOW, **fields: Any) -> intake.Received:
    with office.transaction() as tx:
        return intake.receive(tx, WORKSPACE, Lead.model_validate(fields), source, now)


def mql(office: Database, number: int) -> Mql:
    with office.snapshot() as tx:
        subject = mqls.by_number(tx, WORKSPACE, number)
    assert subject is not None
    return subject


def qualify(office: Database, number: int, now: datetime) -> None:
    with office.transaction() as tx:
        mqls.update(tx, WORKSPACE, number, status=Status.ACCEPTED, accepted_at=now)
        assert isinstance(feedback.give(tx, WORKSPACE, number, "U3", QUALIFIED, now), Done)


def decide(office: Database, number: int, result: DealResult, now: datetime) -> None:
    with office.transaction() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        assert deals.record(tx, workspace, number, DealSource.CRM, Deal(result=result, on=now.date(), amount=1), now)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"email": "One@x.example"}, {"email": "ｏｎｅ@x.example"}),
        ({"record_ids": {"salesforce": "001A0000006Vm9r"}}, {"record_ids": {"Salesforce": "001A0000006Vm9rIAC"}}),
        ({"external_id": "555", "email": "a@x.example"}, {"external_id": "555", "email": "b@x.example"}),
        (
            {"person": "山田 太郎", "phone": "03-1234-5678"},
            {"person": "山田太郎様", "phone": "+81312345678", "email": "taro@gmail.com"},
        ),
        ({"email": "a@x.example", "record_ids": {"hubspot": "1"}}, {"record_ids": {"hubspot": "1", "marketo": "7"}}),
    ],
)
def test_the_same_person_is_one_mql(office: Database, first: dict[str, Any], second: dict[str, Any]) -> None:
    assert comes(office, company="Acme", **first).number == 1
    assert comes(office, company="Another", **second) == intake.Received(1, 1, repeated=True)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"record_ids": {"hubspot": "555"}}, {"record_ids": {"kintone": "555"}}),
        (
            {"external_id": "555", "record_ids": {"hubspot": "555"}},
            {"external_id": "555", "record_ids": {"kintone": "555"}},
        ),
        ({"person": "山田太郎", "phone": "03-1234-5678"}, {"person": "山田花子", "phone": "03-1234-5678"}),
        (
            {"person": "佐藤", "phone": "03-1234-5678", "email": "sato1@acme.co.jp"},
            {"person": "佐藤", "phone": "03-1234-5678", "email": "sato2@acme.co.jp"},
        ),
        ({"email": "one@x.example"}, {"email": "two@x.example"}),
    ],
)
def test_another_person_is_another_mql(office: Database, first: dict[str, Any], second: dict[str, Any]) -> None:
    assert comes(office, **{"company": "Acme", **first}).number == 1
    assert comes(office, **{"company": "Beta", **second}) == intake.Received(2, 2, repeated=False)


def test_an_id_is_the_same_by_webhook_and_by_message(office: Database) -> None:
    """I03: the message names no address, and nothing says of which tool the two ids are."""
    comes(office, external_id="555", email="taro@acme.example", **HIDDEN)
    assert comes(office, Source.NOTIFICATION, external_id="555", **HIDDEN).repeated
    # The same number of somebody else is nobody's proof.
    comes(office, external_id="556", email="jiro@acme.example", company="Acme", person="Jiro Abe")
    assert not comes(office, Source.NOTIFICATION, external_id="556", company="Acme", person="Hanako Abe").repeated
    comes(office, external_id="557", email="saburo@acme.example", company="Acme")
    assert not comes(office, Source.NOTIFICATION, external_id="557", email="abe@acme.example", company="Acme").repeated


def test_an_mql_is_found_by_every_id_and_address_that_its_lead_brought_later(office: Database) -> None:
    comes(office, company="Acme", email="a@x.example", record_ids={"hubspot": "1"})
    comes(office, company="Acme", record_ids={"hubspot": "1", "salesforce": "001A0000006Vm9r"})
    comes(office, company="Acme", record_ids={"hubspot": "1"}, email="b@x.example")
    for brought in ({"email": "b@x.example"}, {"record_ids": {"salesforce": "001A0000006Vm9rIAC"}}):
        assert comes(office, company="Acme", **brought).number == 1
    with office.snapshot() as tx:
        assert [row.number for row in identity.named(tx, WORKSPACE, Source.GENERIC, None, "b@x.example")] == [1]
        assert [row.number for row in identity.with_record(tx, WORKSPACE, "001A0000006Vm9rIAC")] == [1]


def test_an_address_with_a_plus_part_is_shown_as_perhaps_the_same(office: Database) -> None:
    """I04: people decide."""
    comes(office, company="Acme", email="one@gmail.com")
    assert not comes(office, company="Beta", email="one+demo@gmail.com").repeated
    assert (mql(office, 2).maybe_same_id, mql(office, 2).same_company_id) == (1, None)


@pytest.mark.parametrize("result", DealResult)
def test_after_the_deal_the_same_person_starts_anew_and_the_former_owner_hears_of_it(
    office: Database, result: DealResult
) -> None:
    """I01."""
    comes(office, company="Acme", email="one@x.example")
    owner = mql(office, 1).owner
    qualify(office, 1, NOW + timedelta(days=1))
    assert comes(office, company="Acme", email="one@x.example", now=NOW + timedelta(days=2)).number == 1
    decide(office, 1, result, NOW + timedelta(days=40))
    later = NOW + timedelta(days=80)
    assert comes(office, company="Acme", email="one@x.example", message="a demo again", now=later).number == 2
    back = mql(office, 2)
    assert (back.status, back.former_id, back.same_company_id) == (Status.ASSIGNED, 1, None)
    with office.snapshot() as tx:
        assert mqls.running_clock(tx, WORKSPACE, 2, ClockKind.RESPONSE)
        targets = [row.target for row in outbox.about(tx, WORKSPACE, [2], [MessageKind.LEAD_BACK])]
    assert targets == ([owner] if back.owner != owner else [])


def test_a_qualified_lead_starts_anew_after_the_days_of_the_team_file(office: Database) -> None:
    comes(office, company="Acme", email="one@x.example")
    qualify(office, 1, NOW)
    with office.transaction() as tx:
        workspaces.save(tx, WORKSPACE, NOW, anew_after_days=30)
    assert comes(office, company="Acme", email="one@x.example", now=NOW + timedelta(days=30)).repeated
    assert not comes(office, company="Acme", email="one@x.example", now=NOW + timedelta(days=30, seconds=1)).repeated
    # From then on it is the open one that goes on, though the former is still an opportunity.
    assert comes(office, company="Acme", email="one@x.example", now=NOW + timedelta(days=31)).number == 2


def test_a_company_is_found_by_number_domain_and_name_and_a_closed_one_is_not(office: Database) -> None:
    comes(office, company="株式会社青空商事", email="a@aozora.co.jp", attributes={"法人番号": "1180301018771"})
    comes(office, company="Somebody", email="b@mail.aozora.co.jp")
    comes(office, company="青空商事(株)", email="c@gmail.com")
    comes(office, company="AOZORA", attributes={"法人番号": "T1180301018771"})
    comes(office, company="青空商事", attributes={"法人番号": "7000012050002"})
    assert [mql(office, number).same_company_id for number in range(1, 6)] == [None, 1, 1, 1, 3]
    with office.transaction() as tx:
        mqls.update(tx, WORKSPACE, 1, status=Status.WITHDRAWN, disposed_at=NOW)
        keys = company_keys.of({"company": "青空商事"})
        assert [row.number for row in companies.same_company(tx, WORKSPACE, keys)] == [5, 3]


@pytest.mark.thorough
def test_of_ten_thousand_mqls_of_one_company_an_index_finds_the_newest(database: Database) -> None:
    configure(database)
    comes(database, company="Acme", email="one@acme.example")
    with database.transaction() as tx:
        template = {**tx.execute(sa.select(models.mql)).one()._mapping}
        many = [{**template, "id": number, "number": number} for number in range(2, 10_001)]
        tx.execute(models.mql.insert(), many)
        asked = statements.texts(database.engine)
        same = companies.same_company(tx, WORKSPACE, company_keys.of({"company": "ACME", "email": "x@acme.example"}))
        plans = [tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all() for text, values in [*asked]]
    assert [row.number for row in same] == [10_000, 9_999, 9_998]
    steps = [step.detail for plan in plans for step in plan]
    reading = [step for step in steps if "mql" in step]
    assert len(reading) == 2
    assert all("ix_mql_company" in step for step in reading)
    assert not any("B-TREE" in step for step in steps)  # none sorts: each reads as many rows as it returns


def test_what_a_crm_tells_of_an_id_reaches_the_mql_that_came_by_another_door(office: Database) -> None:
    comes(office, Source.NOTIFICATION, company="Acme", external_id="555")
    with office.snapshot() as tx:
        assert [row.number for row in identity.named(tx, WORKSPACE, Source.GENERIC, "555", None)] == [1]
    comes(office, company="Beta", external_id="555", email="b@x.example", record_ids={"kintone": "555"})
    with office.snapshot() as tx:  # of two tools, so it says nothing
        assert identity.named(tx, WORKSPACE, Source.GENERIC, "555", None) == []
        assert [row.number for row in identity.named(tx, WORKSPACE, Source.GENERIC, "555", "b@x.example")] == [2]


def test_a_crm_names_a_lead_by_whichever_form_of_its_id(office: Database) -> None:
    comes(office, Source.SALESFORCE, company="Acme", external_id="00Q5e00000A0001EAB")
    comes(office, Source.HUBSPOT, company="Beta", external_id="hubspot:123", record_ids={"hubspot": "123"})
    comes(office, company="Gamma", external_id="00q5e00000a0001")  # another id: its letters are small
    with office.snapshot() as tx:

        def named(external_id: str, source: Source = Source.GENERIC) -> list[int]:
            return [row.number for row in identity.named(tx, WORKSPACE, source, external_id, None)]

        assert named("00Q5e00000A0001") == named("00Q5e00000A0001EAB") == [1]
        assert named("00Q5e00000A0001", Source.SALESFORCE) == [1]
        assert named("hubspot:123") == named("123", Source.HUBSPOT) == [2]
        assert named("marketo:123") == []
        assert named("00q5e00000a0001") == [3]


def test_correcting_an_mql_whose_lead_is_back_is_refused_only_while_that_one_goes_on(office: Database) -> None:
    comes(office, company="Acme", email="one@x.example")
    qualify(office, 1, NOW)
    with office.transaction() as tx:
        recycled = Answer(disposition=Disposition.RECYCLED, recycle_on=date(2026, 12, 1))
        feedback.give(tx, WORKSPACE, 1, "U3", recycled, NOW)
    assert mql(office, 1).ask_at is not None
    assert comes(office, company="Acme", email="one@x.example").number == 2
    assert mql(office, 1).ask_at is None  # it is asked about where it goes on
    with office.transaction() as tx:
        refused = feedback.give(tx, WORKSPACE, 1, "U3", QUALIFIED, NOW)
        assert getattr(refused, "number", None) == 2
        mqls.update(tx, WORKSPACE, 2, status=Status.WITHDRAWN, disposed_at=NOW)
        assert not hasattr(feedback.give(tx, WORKSPACE, 1, "U3", QUALIFIED, NOW), "reason")


def test_a_new_lead_holds_its_workspace_for_no_more_than_twenty_two_statements(any_database: Database) -> None:
    configure(any_database)
    comes(any_database, company="Acme", email="one@acme.example")
    with any_database.transaction() as tx:
        asked = statements.texts(any_database.engine)
        lead = Lead(company="Beta", email="two@beta.example", sent_at=NOW)
        gate.take(tx, WORKSPACE, lead, Source.TYPEFORM, NOW)
    assert len(asked) <= 22
