"""The connector of Account Engagement, over real HTTP against the strict local one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.connectors.crm import attempts
from bot.connectors.crm.account_engagement import AccountEngagement as Connector
from bot.connectors.crm.contract import (
    Away,
    Busy,
    Conflict,
    Denied,
    Engagement,
    Gone,
    Interest,
    Lack,
    Limited,
    Record,
    Refused,
    Revoked,
    SetProperties,
    Unknown,
    Written,
)
from bot.connectors.crm.door import Door
from playground.crm.account_engagement import AccountEngagement
from playground.crm.account_engagement.records import CLICK, OPEN, UNSUBSCRIBED, VIEW, CustomField
from playground.crm.faults import CrmFault
from storage.vocabulary import EngagementKind
from tests.connectors.crm.office import LOCAL, Moment

STATUS = "MQL_Status__c"


@pytest.fixture
def unit(moment: Moment) -> Iterator[AccountEngagement]:
    with AccountEngagement(moment.now, moment.monotonic) as crm:
        crm.add_field(CustomField("MQL_Status", "MQL Status"))
        crm.add_field(CustomField("Interests", "Interests", "Multi-Select"))
        yield crm


@pytest.fixture
def connector(unit: AccountEngagement) -> Connector:
    return connected(unit)


def connected(unit: AccountEngagement, *secrets: str) -> Connector:
    given = [{"client_id": unit.app.client_id, "client_secret": each} for each in secrets or (unit.app.client_secret,)]
    options = {"business_unit": unit.business_unit, "api_address": unit.base_url}
    return Connector(Door(unit.base_url, LOCAL), given, Interest((STATUS,), options))


def everything(connector: Connector, cursor: str) -> tuple[list[Any], str]:
    """Fetch until there is no more."""
    changes: list[Any] = []
    while True:
        page = connector.fetch(cursor)
        changes += page.changes
        cursor = page.cursor
        if not page.more:
            return changes, cursor


def test_custom_fields_of_text_are_offered_and_what_is_not_allowed_is_named(
    unit: AccountEngagement, connector: Connector
) -> None:
    about = connector.describe()
    assert (about.account, about.defaults, about.missing) == (unit.business_unit, {"status": STATUS}, ())
    assert {each.name for each in about.properties} == {STATUS, "comments", "notes"}
    unit.abilities = {"Prospects > View"}
    assert {(each.lack, each.scope) for each in connector.describe().missing} == {
        (Lack.READ_PROPERTIES, "Prospects > Configure Fields"),
        (Lack.READ_ENGAGEMENTS, "Visitors > View"),
        (Lack.WRITE_RECORDS, "Prospects > Edit"),
    }
    unit.abilities = set()
    with pytest.raises(Denied):
        connector.describe()


def test_a_session_that_has_ended_is_renewed_and_the_newest_of_two_secrets_tried_first(
    unit: AccountEngagement, connector: Connector
) -> None:
    prospect = unit.add(email="a@b.example")
    assert connector.read([str(prospect.id)])
    unit.oauth.sessions.clear()
    assert connector.read([str(prospect.id)])
    assert connected(unit, "not yet", unit.app.client_secret).read([str(prospect.id)])
    unit.app.client_secret = "another"
    unit.oauth.sessions.clear()
    with pytest.raises(Revoked):
        connector.read([str(prospect.id)])


def test_every_change_is_read_page_after_page_also_after_a_token_has_ended(
    unit: AccountEngagement, connector: Connector, moment: Moment
) -> None:
    cursor = connector.begin(moment.at)
    for number in range(450):
        unit.add(email=f"{number}@b.example", score=number)
    page = connector.fetch(cursor)
    moment.advance(hours=5)
    rest, cursor = everything(connector, page.cursor)
    seen = {each.id for each in (*page.changes, *rest) if isinstance(each, Record)}
    assert len(seen) == 450
    moment.advance(minutes=5)
    unit.edit(int(min(seen)), **{STATUS: "Working"})
    changes, _ = everything(connector, cursor)
    assert [each.values[STATUS] for each in changes if isinstance(each, Record)] == ["Working"]


def test_what_became_of_e_mails_is_read_and_a_page_view_is_none(
    unit: AccountEngagement, connector: Connector, moment: Moment
) -> None:
    prospect = unit.add(email="a@b.example")
    cursor = connector.begin(moment.at)
    unit.records.act(prospect.id, VIEW)
    unit.records.act(prospect.id, CLICK)
    unit.email(prospect.id, "News", OPEN, CLICK, UNSUBSCRIBED)
    unit.abilities.remove("Visitors > View")
    page = connector.fetch(connector.fetch(cursor).cursor)
    assert (page.lacks, page.changes) == ((Lack.READ_ENGAGEMENTS,), ())
    unit.abilities.add("Visitors > View")
    cursor = page.cursor
    expected = [EngagementKind.SENT, EngagementKind.OPENED, EngagementKind.CLICKED, EngagementKind.UNSUBSCRIBED]
    for changes in (everything(connector, cursor)[0], connector.read([str(prospect.id)])):
        mails = [each for each in changes if isinstance(each, Engagement) and each.score is None]
        assert [(each.kind, each.label) for each in mails] == [(kind, "News") for kind in expected]


def test_prospects_are_found_by_their_address_and_one_who_is_no_more_is_gone(
    unit: AccountEngagement, connector: Connector
) -> None:
    for _ in range(2):
        unit.add(email="twice@b.example")
    assert len(connector.by_email(["Twice@b.example", "nobody@b.example"])) == 2
    assert connector.read(["7", "00Q000000000001"]) == (Gone("7"),)


def write(connector: Connector, record: int, value: str | None, expected: str | None = None) -> Any:
    return attempts.only(connector.write([SetProperties(str(record), {STATUS: value}, {STATUS: expected})]))


def test_a_write_meets_what_was_expected_or_is_a_conflict(unit: AccountEngagement, connector: Connector) -> None:
    prospect = unit.add(email="a@b.example")
    done = write(connector, prospect.id, "Working")
    assert isinstance(done, Written)
    assert done.values == {STATUS: "Working"}
    assert isinstance(write(connector, prospect.id, "Qualified", expected="New"), Conflict)
    unit.delete(prospect.id)
    assert write(connector, prospect.id, "x") == Refused("no_record")


def test_an_answer_from_before_a_write_is_no_change_and_no_ground_to_write_on(
    unit: AccountEngagement, connector: Connector, moment: Moment
) -> None:
    prospect = unit.add(email="a@b.example")
    cursor = connector.begin(moment.at)
    unit.records.behind = timedelta(seconds=60)
    moment.advance(seconds=5)
    assert isinstance(write(connector, prospect.id, "Working"), Written)
    assert not any(isinstance(each, Record) for each in everything(connector, cursor)[0])
    assert isinstance(write(connector, prospect.id, "Qualified", expected="Working"), Limited)
    moment.advance(seconds=61)
    values = [each.values[STATUS] for each in everything(connector, cursor)[0] if isinstance(each, Record)]
    assert values == ["Working"]
    assert isinstance(write(connector, prospect.id, "Qualified", expected="Working"), Written)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (CrmFault.RATE_LIMIT, Limited(timedelta(seconds=5), "rate")),
        (CrmFault.DAILY_LIMIT, Limited(timedelta(minutes=15), "daily")),
        (CrmFault.UNAVAILABLE, Limited(timedelta(minutes=1), "maintenance")),
        (CrmFault.ERROR_500_AFTER, Unknown("http_500")),
        (CrmFault.LOSE_ANSWER, Unknown("connection")),
        (CrmFault.TRUNCATED, Unknown("not_json")),
        (CrmFault.VALIDATION, Refused("validation", "The value is not one that this field takes")),
    ],
)
def test_each_fault_of_a_write_is_a_word_of_the_contract(
    unit: AccountEngagement, connector: Connector, fault: CrmFault, outcome: object
) -> None:
    prospect = unit.add(email="a@b.example")
    unit.faults.add("prospects.update", fault, times=1)
    assert write(connector, prospect.id, "Working") == outcome


def test_a_field_that_is_gone_is_left_out_of_reading_and_named_in_writing(
    unit: AccountEngagement, connector: Connector, moment: Moment
) -> None:
    cursor = connector.begin(moment.at)
    prospect = unit.add(email="a@b.example")
    unit.remove_field(STATUS)
    assert [each.values for each in everything(connector, cursor)[0] if isinstance(each, Record)] == [{}]
    refused = write(connected(unit), prospect.id, "Working")
    assert (refused.code, refused.properties) == ("no_property", (STATUS,))


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (CrmFault.RATE_LIMIT, Busy),
        (CrmFault.MISSING_SCOPES, Denied),
        (CrmFault.ERROR_500, Away),
        (CrmFault.HTML_PAGE, Away),
    ],
)
def test_each_fault_of_a_question_is_a_word_of_the_contract(
    unit: AccountEngagement, connector: Connector, fault: CrmFault, error: type[Exception]
) -> None:
    unit.faults.add("prospects.query", fault, times=1)
    with pytest.raises(error):
        connector.by_email(["a@b.example"])
