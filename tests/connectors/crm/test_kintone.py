"""The connector of kintone, over real HTTP against the strict local one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.connectors.crm.contract import (
    AddNote,
    AddTask,
    Away,
    Busy,
    Conflict,
    Denied,
    Gone,
    Interest,
    Lack,
    Limited,
    Person,
    PropertyKind,
    Record,
    Refused,
    Revoked,
    SetProperties,
    Unknown,
    Written,
)
from bot.connectors.crm.door import Door
from bot.connectors.crm.kintone import Kintone as Connector
from playground.crm.faults import CrmFault
from playground.crm.kintone import Field, Kintone
from tests.connectors.crm.office import LOCAL, Moment, written

WANTED = ("対応状況", "担当者", "初回対応期限", "見送り理由")


@pytest.fixture
def kintone(moment: Moment) -> Iterator[Kintone]:
    with Kintone(moment.now, moment.monotonic) as crm:
        crm.add_user("sato@example.co.jp", "佐藤 葵")
        yield crm


@pytest.fixture
def connector(kintone: Kintone) -> Connector:
    return connected(kintone, kintone.token)


def connected(kintone: Kintone, *tokens: str, timeout: float = 10.0) -> Connector:
    door = Door(kintone.base_url, LOCAL, timeout)
    return Connector(door, [{"token": each} for each in tokens], Interest(WANTED, {"app": str(kintone.app_id)}))


def everything(connector: Connector, cursor: str) -> tuple[list[Record], str]:
    """Fetch until there is no more."""
    records: list[Record] = []
    while True:
        page = connector.fetch(cursor)
        records += [each for each in page.changes if isinstance(each, Record)]
        cursor = page.cursor
        if not page.more:
            return records, cursor


def test_the_form_says_what_can_be_mapped_and_what_is_usual(kintone: Kintone, connector: Connector) -> None:
    kintone.set_field(Field("ステータス", "STATUS", "ステータス"))
    kintone.records.states = ("未処理", "商談中")
    kintone.add(会社名="青葉", 担当者=[{"code": "sato@example.co.jp"}])
    about = connector.describe()
    assert about.record_url.endswith("/k/12/show#record={id}")
    status, owner = about.property("対応状況"), about.property("担当者")
    assert status is not None
    assert owner is not None
    assert (status.kind, list(status.options)) == (
        PropertyKind.CHOICE,
        ["未対応", "対応中", "商談化", "見送り", "育成"],
    )
    assert owner.kind == PropertyKind.USER
    process = about.property("ステータス")
    assert process is not None
    assert (process.writable, list(process.options)) == (False, ["未処理", "商談中"])
    assert about.property("レコード番号") is None
    assert [(each.id, each.email, each.name) for each in about.users] == [
        ("sato@example.co.jp", "sato@example.co.jp", "佐藤 葵")
    ]
    assert about.defaults == {
        "owner": "担当者",
        "status": "対応状況",
        "lost_reason": "見送り理由",
        "sla_due": "初回対応期限",
    }
    assert about.missing == ()


def test_what_a_token_does_not_allow_is_named_as_its_page_names_it(kintone: Kintone, connector: Connector) -> None:
    kintone.tokens[kintone.token] = {"view"}
    assert [(each.lack, each.scope) for each in connector.describe().missing] == [(Lack.WRITE_RECORDS, "レコード編集")]
    kintone.tokens[kintone.token] = set()
    with pytest.raises(Denied) as denied:
        connector.describe()
    assert denied.value.missing[0].scope == "レコード閲覧"


def test_a_new_token_is_tried_before_the_old_one_and_none_is_told(kintone: Kintone) -> None:
    kintone.add(会社名="青葉")
    assert len(connected(kintone, "not yet", kintone.token).read(["12/1"])) == 1
    with pytest.raises(Revoked):
        connected(kintone, "wrong", "gone").read(["12/1"])


@pytest.mark.parametrize("hidden", [True, False])
def test_every_edit_of_one_minute_is_read_though_polls_come_between(
    kintone: Kintone, connector: Connector, moment: Moment, hidden: bool
) -> None:
    kintone.records.hidden_seconds = hidden
    cursor, seen = connector.begin(moment.at), set[str]()
    record = kintone.add(会社名="青葉")
    for status in ("対応中", "商談化", "見送り"):
        moment.advance(seconds=15)
        kintone.edit(record.id, 対応状況=status)
        records, cursor = everything(connector, cursor)
        seen |= {str(each.values["対応状況"]) for each in records}
    assert seen == {"対応中", "商談化", "見送り"}
    assert {each.id for each in everything(connector, cursor)[0]} == {"12/1"}
    moment.advance(minutes=30)
    kintone.edit(record.id, 対応状況="未対応")
    records, cursor = everything(connector, cursor)
    assert [each.values["対応状況"] for each in records] == ["未対応"]


@pytest.mark.thorough
def test_a_file_of_a_single_minute_is_read_whole_and_what_is_edited_meanwhile_too(
    kintone: Kintone, connector: Connector, moment: Moment
) -> None:
    cursor = connector.begin(moment.at)
    kintone.import_file([{"会社名": "x"}] * 1_200)
    page = connector.fetch(cursor)
    while "minute" not in page.cursor or '"minute": 0' in page.cursor:
        page = connector.fetch(page.cursor)
    kintone.edit(3, 対応状況="商談化")  # Read already, and changed again within the same minute.
    records, cursor = everything(connector, page.cursor)
    assert {int(each.id.partition("/")[2]) for each in records} >= set(range(501, 1_201))
    moment.advance(minutes=5)
    records, cursor = everything(connector, cursor)
    assert [each.values["対応状況"] for each in records if each.id == "12/3"][-1] == "商談化"
    before = connector.calls
    assert everything(connector, cursor)[0] == []
    assert connector.calls - before == 1


def test_where_a_filter_is_cut_short_all_records_are_read(
    kintone: Kintone, connector: Connector, moment: Moment
) -> None:
    cursor = connector.begin(moment.at)
    kintone.import_file([{"会社名": "x"}] * 7)
    kintone.records.filter_aborted_from = 5
    cursor = connector.fetch(cursor).cursor
    kintone.records.filter_aborted_from = 100_000
    records, cursor = everything(connector, cursor)
    assert {each.id for each in records} == {f"12/{number}" for number in range(1, 8)}


def test_records_are_read_by_number_and_address_and_gone_ones_are_told(kintone: Kintone, connector: Connector) -> None:
    kintone.add(会社名="青葉", 氏名="青木 花子", メール='a"b@example.com', 担当者=[{"code": "sato@example.co.jp"}])
    kintone.add(会社名="馬場", メール="baba@example.com")
    kintone.delete(2)
    changes = connector.read(["12/1", "12/2", "13/1", "deal:7"])
    assert [each for each in changes if isinstance(each, Gone)] == [Gone("12/2")]
    (record,) = (each for each in changes if isinstance(each, Record))
    assert (record.id, record.version, record.name, record.email) == ("12/1", "1", "青木 花子", 'a"b@example.com')
    assert record.values == {"対応状況": None, "担当者": "sato@example.co.jp", "初回対応期限": None, "見送り理由": None}
    assert record.changed_by["対応状況"] == "sato@example.co.jp"
    assert [each.id for each in connector.by_email(['a"b@example.com', "nobody@example.com"])] == ["12/1"]


def test_the_leads_of_a_day_are_those_that_were_added(kintone: Kintone, connector: Connector, moment: Moment) -> None:
    kintone.add(会社名="青葉")
    since = moment.at + timedelta(minutes=1)
    moment.advance(days=1)
    kintone.add(会社名="馬場")
    assert [each.id for each in connector.entered(since, since + timedelta(days=1))] == ["12/2"]


# Writing


def change(values: dict[str, str | None], expected: dict[str, str | None] | None = None) -> Any:
    return SetProperties("12/1", values, expected if expected is not None else dict.fromkeys(values))


def test_a_write_is_one_call_and_says_what_is_held_afterwards(kintone: Kintone, connector: Connector) -> None:
    record = kintone.add(会社名="青葉")
    connector.read(["12/1"])
    before = connector.calls
    values: dict[str, str | None] = {
        "対応状況": "対応中",
        "担当者": "sato@example.co.jp",
        "初回対応期限": "2026-11-25T01:00:30Z",
    }
    outcome = written(connector, change(values | {"見送り理由": None}))
    assert connector.calls - before == 1
    assert outcome == Written("12/1", "2", {**values, "初回対応期限": "2026-11-25T01:00:00Z", "見送り理由": None})
    assert record.values["担当者"] == [{"code": "sato@example.co.jp", "name": "佐藤 葵"}]
    outcome = written(connector, change(dict.fromkeys(values), values | {"初回対応期限": "2026-11-25T01:00:00Z"}))
    assert isinstance(outcome, Written)
    assert (record.values["対応状況"], record.values["担当者"]) == (None, [])


def test_only_what_was_changed_in_the_same_field_is_a_conflict(kintone: Kintone, connector: Connector) -> None:
    record = kintone.add(会社名="青葉")
    kintone.edit(record.id, 電話="03-1234-5678")
    assert isinstance(written(connector, change({"対応状況": "対応中"})), Written)
    kintone.edit(record.id, 対応状況="見送り")
    outcome = written(connector, change({"対応状況": "商談化"}, {"対応状況": "対応中"}))
    assert isinstance(outcome, Conflict)
    assert outcome.record is not None
    assert outcome.record.values["対応状況"] == "見送り"
    assert record.values["対応状況"] == "見送り"
    outcome = written(connector, change({"対応状況": "商談化"}, {"対応状況": "対応中"}))
    assert isinstance(outcome, Conflict)


def test_fields_of_several_records_are_one_call_and_one_that_does_not_fit_keeps_no_other_waiting(
    kintone: Kintone, connector: Connector
) -> None:
    records = [kintone.add(会社名=f"{number}") for number in range(3)]
    sets = [SetProperties(f"12/{each.id}", {"対応状況": "対応中"}, {"対応状況": None}) for each in records]
    connector.read([each.record_id for each in sets])
    before = connector.calls
    assert [type(each) for each in connector.write(sets)] == [Written] * 3
    assert connector.calls - before == 1
    kintone.edit(records[1].id, 対応状況="見送り")
    again = [replace(each, values={"対応状況": "商談化"}, expected=each.values) for each in sets]
    assert [type(each) for each in connector.write(again)] == [Written, Conflict, Written]
    assert [each.values["対応状況"] for each in records] == ["商談化", "見送り", "商談化"]


def test_a_field_that_is_gone_and_an_option_that_was_renamed_are_refused_and_named(
    kintone: Kintone, connector: Connector
) -> None:
    kintone.add(会社名="青葉")
    kintone.remove_field("見送り理由")
    outcome = written(connector, change({"対応状況": "対応中", "見送り理由": "x"}))
    assert outcome == Refused("no_property", "見送り理由", ("見送り理由",))
    assert written(connector, change({"対応状況": "受注"})) == Refused("no_option", "受注", ("対応状況",))
    kintone.set_field(Field("担当部署", "SINGLE_LINE_TEXT", required=True))
    outcome = written(connector, change({"対応状況": "対応中"}))
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.properties) == ("validation", ("担当部署",))
    kintone.delete(1)
    assert isinstance(outcome := written(connector, change({"対応状況": "対応中"})), Refused)
    assert outcome.code == "no_record"


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (CrmFault.RATE_LIMIT, Limited(timedelta(seconds=5), "rate")),
        (CrmFault.UNAVAILABLE, Limited(timedelta(minutes=1), "maintenance")),
        (CrmFault.ERROR_500, Unknown("http_500")),
        (CrmFault.LOSE_ANSWER, Unknown("connection")),
        (CrmFault.ERROR_500_AFTER, Unknown("http_500")),
        (CrmFault.TRUNCATED, Unknown("not_json")),
        (CrmFault.HTML_PAGE, Unknown("not_json")),
        (CrmFault.HANG, Unknown("timeout")),
        (CrmFault.CONFLICT, None),
    ],
)
def test_what_became_of_a_write_is_known_or_said_to_be_unknown(
    kintone: Kintone, fault: CrmFault, expected: object
) -> None:
    kintone.add(会社名="青葉")
    connector = connected(kintone, kintone.token, timeout=0.5 if fault is CrmFault.HANG else 10.0)
    connector.describe()
    kintone.faults.add("record.update", fault, times=1, seconds=30)
    outcome = written(connector, change({"対応状況": "対応中"}))
    kintone.faults.clear()
    assert outcome == expected if expected is not None else isinstance(outcome, Written)


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (CrmFault.RATE_LIMIT, Busy),
        (CrmFault.UNAVAILABLE, Busy),
        (CrmFault.UNAUTHORIZED, Revoked),
        (CrmFault.MISSING_SCOPES, Denied),
        (CrmFault.ERROR_500, Away),
        (CrmFault.HTML_PAGE, Away),
        (CrmFault.REDIRECT, Away),
        (CrmFault.REFUSE, Away),
    ],
)
def test_a_question_that_is_not_answered_is_one_of_four(
    kintone: Kintone, connector: Connector, fault: CrmFault, raised: type[Exception]
) -> None:
    kintone.faults.add("*", fault, times=1)
    with pytest.raises(raised):
        connector.read(["12/1"])


def test_a_task_mentions_the_rep_and_is_found_again_below_many_comments(
    kintone: Kintone, connector: Connector, moment: Moment
) -> None:
    record = kintone.add(会社名="青葉")
    task = AddTask("12/1", "[mql-bot 1/2]", "初回対応", "ご対応ください。", moment.at, "sato@example.co.jp")
    note = AddNote("12/1", "[mql-bot 1/3]", "商談化しました。<br>&quot;A &amp; B&quot;", moment.at)
    kintone.faults.add("comment.add", CrmFault.LOSE_ANSWER, times=1)
    assert written(connector, task) == Unknown("connection")
    for number in range(25):
        kintone.comment(record.id, f"{number}")
    assert connector.find(task) == str(record.comments[0].id)
    assert record.comments[0].mentions == [{"code": "sato@example.co.jp", "type": "USER"}]
    assert connector.find(note) is None
    assert isinstance(outcome := written(connector, note), Written)
    assert connector.find(note) == outcome.id
    assert record.comments[-1].text == '商談化しました。\n"A & B"\n[mql-bot 1/3]'
    assert record.revision == 1


def chosen(kintone: Kintone, **options: str) -> Connector:
    """Return a connector that was told more than which app it is."""
    password = options.pop("password", "")
    given = [{"token": kintone.token, **({"password": password} if password else {})}]
    settings = {"app": str(kintone.app_id), **options}
    return Connector(Door(kintone.base_url, LOCAL), given, Interest(WANTED, settings))


def test_owners_are_known_by_the_addresses_of_all_users_where_a_user_may_list_them(kintone: Kintone) -> None:
    for number in range(101):
        kintone.add_user(f"user{number}", f"{number}", f"user{number}@example.co.jp")
    wrong = chosen(kintone, login=kintone.login, password="wrong").describe()
    assert [each.lack for each in wrong.missing] == [Lack.READ_USERS]
    about = chosen(kintone, login=kintone.login, password=kintone.password).describe()
    emails = {each.id: each.email for each in about.users}
    assert about.missing == ()
    assert (len(emails), emails["user100"]) == (102, "user100@example.co.jp")
    assert emails["sato@example.co.jp"] == "sato@example.co.jp"


KEY = Field("メール", "LINK", unique=True, protocol="MAIL")
AOKI = Person("aoki@example.com", "青木 遥", "株式会社青葉", "03-0000-0000")


def test_a_lead_that_the_app_lacks_is_added_once_by_the_field_that_forbids_duplicates(kintone: Kintone) -> None:
    lacking = chosen(kintone, key_field="メール").describe().missing
    assert [(each.lack, each.scope) for each in lacking] == [(Lack.ADD_RECORDS, "メール")]
    kintone.set_field(KEY)
    connector = chosen(kintone, key_field="メール")
    assert connector.describe().missing == ()
    kintone.faults.add("records.update", CrmFault.LOSE_ANSWER, times=1)
    with pytest.raises(Away):
        connector.add([AOKI])
    added = connector.add([AOKI, replace(AOKI, email="mori@example.com")])
    first, second = kintone.records.records.values()
    assert added == {"aoki@example.com": f"12/{first.id}", "mori@example.com": f"12/{second.id}"}
    assert (first.values["氏名"], first.values["会社名"]) == ("青木 遥", "株式会社青葉")
    assert connector.by_email(["mori@example.com"])[0].id == f"12/{second.id}"


def test_a_record_with_the_address_in_the_field_of_keys_alone_keeps_what_it_says(kintone: Kintone) -> None:
    record = kintone.add(会社名="株式会社馬場", MQL番号="aoki@example.com")
    connector = chosen(kintone, email_field="メール", key_field="MQL番号")
    assert connector.by_email([AOKI.email]) == ()
    added = connector.add([AOKI, replace(AOKI, email="mori@example.com")])
    assert added["aoki@example.com"] == f"12/{record.id}"
    assert record.values["会社名"] == "株式会社馬場"
    assert len(kintone.records.records) == 2


def test_of_several_leads_only_the_one_that_the_app_does_not_take_is_left_out(kintone: Kintone) -> None:
    kintone.set_field(KEY)
    added = chosen(kintone, key_field="メール").add([replace(AOKI, email="mori@example.com", company=None), AOKI])
    assert list(added) == ["aoki@example.com"]
    kintone.tokens[kintone.token] = {"view", "edit"}
    with pytest.raises(Denied):
        chosen(kintone, key_field="メール").add([AOKI])
