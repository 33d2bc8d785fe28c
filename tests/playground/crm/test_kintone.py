"""The local kintone is held to what is known of the real one: minutes, revisions, queries, codes, the webhook."""

import json
from collections.abc import Callable
from datetime import timedelta
from http.client import HTTPException
from typing import Any

import pytest

from playground.crm.faults import CrmFault
from playground.crm.kintone import Field, Kintone
from playground.crm.kintone.records import Record
from tests.playground.crm.kit import Door, Reply, call
from tests.playground.kit import Clock

Ask = Callable[..., Reply]


@pytest.fixture
def ask(kintone: Kintone) -> Ask:
    def asked(method: str, path: str, body: dict[str, Any] | None = None, **query: str) -> Reply:
        known = {"app": str(kintone.app_id)}
        headers = {"X-Cybozu-API-Token": kintone.token}
        if method == "GET":
            return call(kintone, method, f"/k/v1/{path}", None, headers, **(known | query))
        return call(kintone, method, f"/k/v1/{path}", known | (body or {}), headers)

    return asked


def ids(answer: Reply) -> list[int]:
    return [int(each["$id"]["value"]) for each in answer.json["records"]]


# Who may ask


def test_a_token_says_what_may_be_done_and_an_unknown_one_is_400_by_its_code(kintone: Kintone, ask: Ask) -> None:
    record = {"record": {"会社名": {"value": "青葉"}}}
    kintone.tokens[kintone.token] = {"view"}
    assert ask("GET", "records.json").status == 200
    answer = ask("POST", "record.json", record)
    assert (answer.status, answer.json["code"]) == (403, "GAIA_NO01")
    kintone.tokens.clear()
    answer = ask("GET", "records.json")
    assert (answer.status, answer.json["code"]) == (400, "GAIA_IA02")


def test_one_of_several_tokens_is_enough_and_each_answer_says_how_many_run(kintone: Kintone) -> None:
    headers = {"X-Cybozu-API-Token": f"old,{kintone.token}", "Accept-Language": "en"}
    answer = call(kintone, "GET", "/k/v1/records.json", None, headers, app="12")
    assert (answer.status, answer.headers["x-concurrencylimit-limit"]) == (200, "100")
    answer = call(kintone, "GET", "/k/v1/records.json", None, headers, app="13")
    assert (answer.status, answer.json["code"]) == (404, "GAIA_AP01")
    assert answer.json["message"] == "There is no such app."


def test_more_calls_than_a_day_allows_fail_nothing(kintone: Kintone, ask: Ask, clock: Clock) -> None:
    kintone.spent = 10_000
    assert (ask("GET", "records.json").status, kintone.over_daily) == (200, 1)
    clock.advance(timedelta(hours=23))  # 09:00 in Japan
    assert (ask("GET", "records.json").status, kintone.over_daily) == (200, 0)


# The form and the records


def test_the_form_names_codes_types_and_options(kintone: Kintone, ask: Ask) -> None:
    kintone.rename_code("更新日時", "Updated_datetime")
    properties = ask("GET", "app/form/fields.json").json["properties"]
    assert properties["Updated_datetime"]["type"] == "UPDATED_TIME"
    status = properties["対応状況"]
    assert sorted(status["options"], key=lambda name: int(status["options"][name]["index"]))[:2] == ["未対応", "対応中"]
    assert properties["MQL番号"]["unique"] is True


def test_moments_have_minutes_and_values_are_text(kintone: Kintone, ask: Ask, clock: Clock) -> None:
    clock.advance(timedelta(seconds=42))
    record = kintone.add(会社名="青葉", 担当者=[{"code": "sato"}], 金額=5, 初回対応期限="2026-11-25T10:00:59+09:00")
    shown = ask("GET", "record.json", id=str(record.id)).json["record"]
    assert shown["更新日時"]["value"] == "2026-11-24T01:00:00Z"
    assert shown["初回対応期限"]["value"] == "2026-11-25T01:00:00Z"
    assert (shown["金額"]["value"], shown["担当者"]["value"]) == ("5", [{"code": "sato", "name": "佐藤 葵"}])
    kintone.records.prefix = "LEAD-"
    shown = ask("GET", "record.json", id=str(record.id)).json["record"]
    assert (shown["レコード番号"]["value"], shown["$id"]["value"]) == (f"LEAD-{record.id}", str(record.id))


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"対応状況": "完了"}, "record.対応状況.value"),
        ({"会社名": ""}, "record.会社名.value"),
        ({"金額": "x"}, "record.金額.value"),
        ({"担当者": [{"code": "nobody"}]}, "record.担当者.value"),
        ({"MQL番号": "7"}, "record.MQL番号.value"),
        ({"初回対応期限": "tomorrow"}, "record.初回対応期限.value"),
        ({"見送り理由": "あ" * 101}, "record.見送り理由.value"),
    ],
)
def test_a_value_that_does_not_fit_changes_nothing(
    kintone: Kintone, ask: Ask, values: dict[str, Any], path: str
) -> None:
    kintone.add(会社名="馬場", MQL番号="7")
    record = kintone.add(会社名="青葉")
    given = {code: {"value": value} for code, value in values.items()} | {"氏名": {"value": "花子"}}
    answer = ask("PUT", "record.json", {"id": record.id, "record": given})
    assert (answer.status, answer.json["code"], list(answer.json["errors"])) == (400, "CB_VA01", [path])
    assert "氏名" not in record.values


def test_a_field_that_is_gone_is_left_out_in_silence(kintone: Kintone, ask: Ask) -> None:
    record = kintone.add(会社名="青葉")
    kintone.remove_field("対応状況")
    answer = ask("PUT", "record.json", {"id": record.id, "record": {"対応状況": {"value": "対応中"}}})
    assert (answer.status, answer.json) == (200, {"revision": "2"})


def test_a_revision_is_compared_where_it_is_given(kintone: Kintone, ask: Ask) -> None:
    record = kintone.add(会社名="青葉")
    kintone.edit(record.id, 対応状況="対応中")

    def write(**more: object) -> Reply:
        return ask("PUT", "record.json", {"id": record.id, "record": {"氏名": {"value": "花子"}}, **more})

    answer = write(revision=1)
    assert (answer.status, answer.json["code"]) == (409, "GAIA_CO02")
    assert [write(**more).json["revision"] for more in ({"revision": 2}, {"revision": "-1"}, {})] == ["3", "4", "5"]
    kintone.process(record.id, "確認中")
    assert record.revision == 7


def test_upsert_tells_what_it_did_and_needs_a_key_without_duplicates(kintone: Kintone, ask: Ask) -> None:
    record = kintone.add(会社名="青葉", MQL番号="7")

    def by_number(number: str) -> dict[str, Any]:
        return {"updateKey": {"field": "MQL番号", "value": number}, "record": {"会社名": {"value": "葵"}}}

    many = [by_number("7"), by_number("8"), {"id": 999, "record": {"会社名": {"value": "x"}}}]
    answer = ask("PUT", "records.json", {"upsert": True, "records": many})
    assert [(each["operation"], int(each["id"])) for each in answer.json["records"]] == [
        ("UPDATE", record.id),
        ("INSERT", record.id + 1),
        ("INSERT", record.id + 2),
    ]
    answer = ask("PUT", "records.json", {"records": [by_number("9")]})
    assert (answer.status, answer.json["code"]) == (404, "GAIA_RE20")
    bad = {"updateKey": {"field": "会社名", "value": "葵"}, "record": {}}
    assert ask("PUT", "records.json", {"upsert": True, "records": [bad]}).json["code"] == "CB_VA01"
    kintone.tokens[kintone.token] = {"view", "edit"}
    assert ask("PUT", "records.json", {"upsert": True, "records": many}).status == 403


def test_many_are_written_all_or_not_at_all(kintone: Kintone, ask: Ask) -> None:
    first, second = kintone.add(会社名="青葉"), kintone.add(会社名="馬場")

    def change(record: Record, status: str) -> dict[str, Any]:
        return {"id": record.id, "record": {"対応状況": {"value": status}}}

    answer = ask("PUT", "records.json", {"records": [change(first, "対応中"), change(second, "?")]})
    assert list(answer.json["errors"]) == ["records[1].record.対応状況.value"]
    assert (first.revision, first.values.get("対応状況")) == (1, None)
    assert ask("PUT", "records.json", {"records": [change(first, "対応中")] * 101}).status == 400


def test_what_there_is_not_is_404(kintone: Kintone, ask: Ask) -> None:
    record = kintone.add(会社名="青葉")
    kintone.delete(record.id)
    answer = ask("GET", "record.json", id=str(record.id))
    assert (answer.status, answer.json["code"]) == (404, "GAIA_RE01")
    assert ask("GET", "users.json").status == 404


# Queries


def test_a_query_is_ordered_and_paged_as_it_says(kintone: Kintone, ask: Ask, clock: Clock) -> None:
    for number in range(5):
        kintone.add(会社名=f"{number}", 対応状況="対応中" if number % 2 else "未対応", メール=f"{number}@example.com")
        clock.advance(timedelta(minutes=1))
    assert ids(ask("GET", "records.json")) == [5, 4, 3, 2, 1]

    def asked(query: str) -> list[int]:
        return ids(ask("GET", "records.json", query=query))

    assert asked('更新日時 >= "2026-11-24T01:02:00Z" order by 更新日時 asc, $id asc limit 2') == [3, 4]
    assert asked("$id > 3 order by $id asc") == [4, 5]
    assert asked("order by 会社名 limit 1") == [5]
    assert asked('(対応状況 in ("対応中") and $id < 3) or メール = "4@example.com" order by $id asc') == [2, 5]
    assert asked('メール not in ("4@example.com", "0@example.com") order by $id asc limit 500 offset 2') == [4]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit 501", "GAIA_QU01"),
        ("limit 1 offset 10001", "GAIA_QU02"),
        ('Updated_datetime >= "2026-11-24T01:02:00Z"', "GAIA_IQ11"),
        ('更新日時 > "yesterday"', "GAIA_IQ03"),
        ('会社名 >= "a"', "GAIA_IQ03"),
        ("会社名 = a", "GAIA_IQ03"),
        ("$id = 1 and", "GAIA_IQ03"),
        ('会社名 like "a"', "GAIA_IQ03"),
    ],
)
def test_a_query_that_cannot_be_answered_has_its_code(ask: Ask, query: str, code: str) -> None:
    answer = ask("GET", "records.json", query=query)
    assert (answer.status, answer.json["code"]) == (400, code)


@pytest.mark.parametrize(("hidden", "expected"), [(True, [2, 3]), (False, [])])
def test_edits_of_one_minute_look_alike_whatever_a_query_compares(
    kintone: Kintone, ask: Ask, clock: Clock, hidden: bool, expected: list[int]
) -> None:
    kintone.records.hidden_seconds = hidden
    for number in range(3):
        kintone.add(会社名=f"{number}")
        clock.advance(timedelta(seconds=20))
    answer = ask("GET", "records.json", query='更新日時 >= "2026-11-24T01:00:20Z" order by $id asc')
    # With minutes alone, all three are of 01:00:00, before the moment that was asked for.
    assert ids(answer) == expected
    answer = ask("GET", "records.json", query='更新日時 >= "2026-11-24T01:00:00Z" order by $id asc')
    assert ids(answer) == [1, 2, 3]
    assert {each["更新日時"]["value"] for each in answer.json["records"]} == {"2026-11-24T01:00:00Z"}


def test_a_filter_of_too_many_is_cut_short_and_only_a_header_says_so(kintone: Kintone, ask: Ask) -> None:
    kintone.records.filter_aborted_from = 3
    kintone.import_file([{"会社名": "x"}] * 2)
    assert "x-cybozu-warning" not in ask("GET", "records.json").headers
    kintone.import_file([{"会社名": "x"}] * 2)
    answer = ask("GET", "records.json")
    assert (len(ids(answer)), answer.headers["x-cybozu-warning"][:14]) == (3, "Filter aborted")


def test_a_cursor_gives_pages_and_dies_ten_minutes_after_its_last_use(kintone: Kintone, ask: Ask, clock: Clock) -> None:
    kintone.import_file([{"会社名": "x"}] * 3)
    opened = ask("POST", "records/cursor.json", {"query": "order by $id asc", "size": 2}).json
    page = ask("GET", "records/cursor.json", id=opened["id"])
    assert (opened["totalCount"], ids(page), page.json["next"]) == ("3", [1, 2], True)
    clock.advance(timedelta(minutes=10))
    assert ask("GET", "records/cursor.json", id=opened["id"]).json["code"] == "GAIA_CU01"
    assert [ask("POST", "records/cursor.json").status for _ in range(11)] == [200] * 10 + [429]
    assert ask("POST", "records/cursor.json", {"query": "limit 5"}).json["code"] == "CB_VA01"


def test_comments_come_ten_at_a_time_and_leave_the_record_as_it_is(kintone: Kintone, ask: Ask) -> None:
    record = kintone.add(会社名="青葉")
    for number in range(11):
        text = {"text": f"comment {number}", "mentions": [{"code": "sato", "type": "USER"}]}
        assert ask("POST", "record/comment.json", {"record": record.id, "comment": text}).status == 200
    page = ask("GET", "record/comments.json", record=str(record.id)).json
    assert (len(page["comments"]), page["comments"][0]["text"], page["older"]) == (10, "comment 10", True)
    page = ask("GET", "record/comments.json", record=str(record.id), offset="10").json
    assert ([each["text"] for each in page["comments"]], page["older"], record.revision) == (["comment 0"], False, 1)
    assert ask("GET", "record/comments.json", record=str(record.id), limit="11").status == 400


# Faults


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (CrmFault.UNAUTHORIZED, 400, "GAIA_IA02"),
        (CrmFault.MISSING_SCOPES, 403, "GAIA_NO01"),
        (CrmFault.CONFLICT, 409, "GAIA_CO02"),
        (CrmFault.RATE_LIMIT, 429, "GAIA_TO04"),
        (CrmFault.VALIDATION, 400, "CB_VA01"),
        (CrmFault.ERROR_500, 500, "GAIA_DA02"),
        (CrmFault.UNAVAILABLE, 503, "CB_MT01"),
    ],
)
def test_a_refusal_that_was_ordered_changes_nothing(
    kintone: Kintone, ask: Ask, fault: CrmFault, status: int, code: str
) -> None:
    kintone.faults.add("record.add", fault, times=1)
    answer = ask("POST", "record.json", {"record": {"会社名": {"value": "青葉"}}})
    assert (answer.status, answer.json["code"], kintone.records.records) == (status, code, {})


def test_an_answer_that_is_lost_leaves_the_record(kintone: Kintone, ask: Ask) -> None:
    kintone.faults.add("record.add", CrmFault.LOSE_ANSWER, times=1)
    with pytest.raises((OSError, HTTPException)):
        ask("POST", "record.json", {"record": {"会社名": {"value": "青葉"}}})
    assert len(kintone.records.records) == 1


# The webhook


def test_each_event_comes_once_unsigned_with_the_record(kintone: Kintone, ask: Ask, door: Door) -> None:
    kintone.webhook.url = door.url
    record = kintone.add(会社名="青葉")
    kintone.edit(record.id, 対応状況="対応中")
    kintone.comment(record.id, "架電しました")
    kintone.process(record.id, "確認中")
    ask("PUT", "record.json", {"id": record.id, "record": {"氏名": {"value": "花子"}}})
    kintone.delete(record.id)
    kintone.webhook.deliver_due()
    bodies = [json.loads(each.body) for each in door.taken]
    assert [each["type"] for each in bodies] == [
        "ADD_RECORD",
        "UPDATE_RECORD",
        "ADD_RECORD_COMMENT",
        "UPDATE_STATUS",
        "UPDATE_RECORD",
        "DELETE_RECORD",
    ]
    assert bodies[1]["record"]["対応状況"] == {"type": "DROP_DOWN", "value": "対応中"}
    assert bodies[1]["record"]["$revision"]["value"] == "2"
    assert (bodies[5]["recordId"], bodies[5]["deletedBy"]["code"]) == (str(record.id), "sato")
    assert len({each["id"] for each in bodies}) == 6
    assert not [name for name in door.taken[0].headers if "signature" in name or name == "authorization"]


def test_the_sixty_first_within_a_minute_is_dropped_and_files_and_many_at_once_tell_nothing(
    kintone: Kintone, ask: Ask, door: Door, clock: Clock
) -> None:
    kintone.webhook.url = door.url
    kintone.import_file([{"会社名": "x"}])
    ask("POST", "records.json", {"records": [{"会社名": {"value": "x"}}]})
    assert kintone.webhook.waiting == []
    for _ in range(61):
        kintone.edit(1, 対応状況="対応中")
    assert (len(kintone.webhook.waiting), kintone.webhook.lost) == (60, 1)
    clock.advance(timedelta(minutes=1))
    kintone.edit(1, 対応状況="商談化")
    assert len(kintone.webhook.waiting) == 61


def test_a_notice_that_is_refused_is_not_tried_again(kintone: Kintone, door: Door) -> None:
    kintone.webhook.url, door.status = door.url, 503
    kintone.add(会社名="青葉")
    kintone.webhook.deliver_due()
    kintone.webhook.deliver_due()
    assert (len(door.taken), kintone.webhook.lost) == (1, 1)


def test_a_field_may_be_added_and_its_options_changed(kintone: Kintone, ask: Ask) -> None:
    kintone.set_field(Field("次回", "DATE"))
    kintone.set_field(kintone.records.fields["対応状況"].with_options("未", "済"))
    properties = ask("GET", "app/form/fields.json").json["properties"]
    assert (properties["次回"]["type"], sorted(properties["対応状況"]["options"])) == ("DATE", ["未", "済"])
