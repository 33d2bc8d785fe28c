"""The connector of Marketo, over real HTTP against the strict local one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.connectors.crm import attempts
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
from bot.connectors.crm.marketo import Marketo as Connector
from playground.crm.faults import CrmFault
from playground.crm.marketo import Marketo
from playground.crm.marketo.records import BOUNCED, DELIVERED, UNSUBSCRIBED, Field
from playground.crm.service import Answer, Call
from storage.vocabulary import EngagementKind
from tests.connectors.crm.office import LOCAL, Moment

WANTED = ("leadStatus", "due")


@pytest.fixture
def marketo(moment: Moment) -> Iterator[Marketo]:
    with Marketo(moment.now, moment.monotonic) as crm:
        crm.add_field(Field("due", "Due", "datetime"))
        yield crm


@pytest.fixture
def connector(marketo: Marketo) -> Connector:
    return connected(marketo)


def connected(marketo: Marketo, *secrets: str, timeout: float = 10.0, **options: str) -> Connector:
    services = [{"client_id": marketo.client_id, "client_secret": s} for s in secrets or (marketo.client_secret,)]
    return Connector(Door(f"{marketo.base_url}/rest", LOCAL, timeout), services, Interest(WANTED, options))


def everything(connector: Connector, cursor: str) -> tuple[list[Any], str]:
    """Fetch until there is no more."""
    changes: list[Any] = []
    while True:
        page = connector.fetch(cursor)
        changes += page.changes
        cursor = page.cursor
        if not page.more:
            return changes, cursor


def test_fields_are_read_and_what_the_role_does_not_allow_is_named_as_marketo_names_it(
    marketo: Marketo, connector: Connector
) -> None:
    about = connector.describe()
    status, updated = about.property("leadStatus"), about.property("updatedAt")
    assert status is not None
    assert updated is not None
    assert (status.writable, updated.writable, about.defaults["status"]) == (True, False, "leadStatus")
    assert (about.missing, about.is_for_sales) == ((), False)
    marketo.permissions = {"Read-Only Lead"}
    assert [(each.lack, each.scope) for each in connector.describe().missing] == [
        (Lack.READ_ENGAGEMENTS, "Read-Only Activity"),
        (Lack.WRITE_RECORDS, "Read-Write Lead"),
    ]
    marketo.permissions = set()
    with pytest.raises(Denied):
        connector.describe()


def test_a_token_that_has_ended_is_renewed_and_the_newest_of_two_secrets_tried_first(
    marketo: Marketo, connector: Connector, moment: Moment
) -> None:
    person = marketo.add(email="a@b.example")
    assert len(connector.read([str(person.id)])) == 1
    moment.advance(hours=2)
    assert len(connector.read([str(person.id)])) == 1
    assert len(connected(marketo, "not yet", marketo.client_secret).read([str(person.id)])) == 1
    marketo.revoke()
    with pytest.raises(Revoked):
        connector.read([str(person.id)])


@pytest.mark.parametrize("page", [300, 2])
def test_fields_scores_mails_merges_and_deletions_are_read_once_however_the_pages_fall(
    marketo: Marketo, connector: Connector, moment: Moment, page: int
) -> None:
    marketo.api.largest_page = page
    kept, lost, gone = (marketo.add(email=f"{name}@b.example") for name in "abc")
    moment.advance(hours=1)
    cursor = connector.begin(moment.at)
    marketo.edit(kept.id, leadStatus="Working")
    marketo.score(kept.id, 15, "Seminar")
    marketo.email(kept.id, "News", DELIVERED, BOUNCED, UNSUBSCRIBED)
    marketo.merge(kept.id, lost.id)
    marketo.delete(gone.id)
    changes, cursor = everything(connector, cursor)
    assert [each.values["leadStatus"] for each in changes if isinstance(each, Record)] == ["Working"]
    engagements = [each for each in changes if isinstance(each, Engagement)]
    assert [(each.kind, each.score, each.before, each.label) for each in engagements] == [
        (EngagementKind.SCORE, 15, 0, "Seminar"),
        (EngagementKind.SENT, None, None, "News"),
        (EngagementKind.DELIVERED, None, None, "News"),
        (EngagementKind.BOUNCED, None, None, "News"),
        (EngagementKind.UNSUBSCRIBED, None, None, "News"),
    ]
    gone_by = {each.record_id: each.merged_into for each in changes if isinstance(each, Gone)}
    assert gone_by == {str(lost.id): str(kept.id), str(gone.id): None}
    assert everything(connector, cursor)[0] == []


def test_a_score_of_another_name_is_the_one_that_is_read(marketo: Marketo) -> None:
    person = marketo.add(email="a@b.example")
    marketo.score(person.id, 5)
    connector = connected(marketo, score_field="Behavior Score")
    assert not any(isinstance(each, Engagement) for each in connector.read([str(person.id)]))
    assert any(isinstance(each, Engagement) for each in connected(marketo).read([str(person.id)]))


def test_without_the_permission_for_activities_the_poll_says_so(marketo: Marketo, connector: Connector) -> None:
    person = marketo.add(email="a@b.example")
    marketo.permissions = {"Read-Only Lead"}
    assert [type(each) for each in connector.read([str(person.id)])] == [Record]


def test_people_are_found_by_their_address_and_one_who_is_no_more_is_gone(
    marketo: Marketo, connector: Connector
) -> None:
    for _ in range(2):
        marketo.add(email="twice@b.example")
    assert len(connector.by_email(["Twice@b.example", "nobody@b.example"])) == 2
    assert connector.read(["7", "not-theirs"]) == (Gone("7"),)


def write(connector: Connector, record: int, value: str | None, expected: str | None = None) -> Any:
    return attempts.only(connector.write([SetProperties(str(record), {"leadStatus": value}, {"leadStatus": expected})]))


def test_a_write_meets_what_was_expected_or_is_a_conflict(marketo: Marketo, connector: Connector) -> None:
    person = marketo.add(email="a@b.example")
    done = write(connector, person.id, "Working")
    assert isinstance(done, Written)
    assert (done.values, done.overwritten) == ({"leadStatus": "Working"}, {})
    conflict = write(connector, person.id, "Qualified", expected="New")
    assert isinstance(conflict, Conflict)
    assert conflict.record is not None
    assert conflict.record.values["leadStatus"] == "Working"
    again = write(connector, person.id, None, expected="Working")
    assert (again.values, again.overwritten) == ({"leadStatus": None}, {})
    assert write(connector, 7, "x") == Refused("no_record")
    due = SetProperties(str(person.id), {"due": "2026-11-30T01:00:00Z"}, {"due": None})
    held = attempts.only(connector.write([due]))
    assert isinstance(held, Written)
    assert held.values == {"due": "2026-11-30T01:00:00Z"}


def test_a_field_that_is_blocked_and_one_that_is_gone_are_told(marketo: Marketo, connector: Connector) -> None:
    person = marketo.add(email="a@b.example")
    marketo.add_field(Field("leadStatus", "Lead Status", blocked=True))
    assert write(connector, person.id, "Working").values == {"leadStatus": None}
    bad = attempts.only(connector.write([SetProperties(str(person.id), {"due": "tomorrow"}, {"due": None})]))
    assert isinstance(bad, Refused)
    assert bad.code == "validation"


def test_a_field_that_is_gone_is_left_out_of_reading_and_named_in_writing(
    marketo: Marketo, connector: Connector, moment: Moment
) -> None:
    cursor = connector.begin(moment.at)
    person = marketo.add(email="a@b.example", leadStatus="New")
    marketo.remove_field("due")
    assert [each.values for each in everything(connector, cursor)[0] if isinstance(each, Record)] == [
        {"leadStatus": "New"}
    ]
    change = SetProperties(str(person.id), {"due": "2026-11-30T01:00:00Z"}, {"due": None})
    refused = attempts.only(connected(marketo).write([change]))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.properties) == ("no_property", ("due",))


def test_what_somebody_wrote_between_reading_and_writing_is_known(marketo: Marketo, connector: Connector) -> None:
    person = marketo.add(email="a@b.example")
    perform = marketo.perform

    def interrupted(call: Call, handler: Any) -> Answer:
        if call.operation == "leads.sync":
            marketo.edit(person.id, leadStatus="Nurture")
        return perform(call, handler)

    marketo.perform = interrupted  # type: ignore[method-assign]
    assert write(connector, person.id, "Working").overwritten == {"leadStatus": "Nurture"}


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (CrmFault.RATE_LIMIT, Limited(timedelta(seconds=20), "rate")),
        (CrmFault.LOCKED, Limited(timedelta(seconds=2), "rate")),
        (CrmFault.UNAVAILABLE, Limited(timedelta(minutes=1), "maintenance")),
        (CrmFault.MIGRATION, Limited(timedelta(minutes=1), "maintenance")),
        (CrmFault.ERROR_500_AFTER, Unknown("http_611")),
        (CrmFault.TIMEOUT_524, Unknown("http_604")),
        (CrmFault.LOSE_ANSWER, Unknown("connection")),
        (CrmFault.TRUNCATED, Unknown("not_json")),
        (CrmFault.VALIDATION, Refused("validation", "The value is not one that this field takes")),
    ],
)
def test_each_fault_of_a_write_is_a_word_of_the_contract(
    marketo: Marketo, connector: Connector, fault: CrmFault, outcome: object
) -> None:
    person = marketo.add(email="a@b.example")
    marketo.faults.add("leads.sync", fault, times=1)
    assert write(connector, person.id, "Working") == outcome


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
    marketo: Marketo, connector: Connector, fault: CrmFault, error: type[Exception]
) -> None:
    marketo.faults.add("leads.get", fault, times=1)
    with pytest.raises(error):
        connector.by_email(["a@b.example"])


def test_the_calls_of_a_day_are_waited_for_until_midnight_in_cst(
    marketo: Marketo, connector: Connector, moment: Moment
) -> None:
    marketo.spent = 50_000
    with pytest.raises(Busy) as busy:
        connector.by_email(["a@b.example"])
    moment.advance(seconds=busy.value.wait.total_seconds())
    assert (moment.at - timedelta(hours=6)).hour == 0
    assert connector.by_email(["a@b.example"]) == ()


def test_the_bot_waits_by_itself_before_marketo_would_refuse_it(marketo: Marketo, connector: Connector) -> None:
    for _ in range(90):
        connector.by_email(["a@b.example"])
    with pytest.raises(Busy) as busy:
        connector.by_email(["a@b.example"])
    assert (busy.value.wait, connector.calls) == (timedelta(seconds=20), 90)
    assert not any("'606'" in str(each.answer) for each in marketo.log)
