"""The paths of kintone's REST API that there are."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from playground.crm.kintone import errors
from playground.crm.kintone.records import API, Record, Records
from playground.crm.service import Answer, Call, Refused, Route, route
from playground.model import Json

MOST_WRITTEN, LARGEST_PAGE, COMMENTS = 100, 500, 10
CURSORS, CURSOR_LIFE = 10, timedelta(minutes=10)
LONGEST_COMMENT = 65_535


@dataclass
class Cursor:
    """A search that is kept. `rest` holds what was not given out yet."""

    rest: list[Record]
    size: int
    used: datetime


class Api:
    """The handlers. `permissions` are those of the token of the call: view, add, edit, delete."""

    def __init__(self, records: Records, now: Callable[[], datetime], permissions: Callable[[Call], set[str]]) -> None:
        self._records, self._now, self._permissions = records, now, permissions
        self.cursors: dict[str, Cursor] = {}

    def routes(self) -> list[Route]:
        """List every operation."""
        return [
            route("GET", "/k/v1/app.json", "app.get", self._app),
            route("GET", "/k/v1/app/form/fields.json", "fields.get", self._fields),
            route("GET", "/k/v1/app/status.json", "status.get", self._status),
            route("GET", "/k/v1/record.json", "record.get", self._get),
            route("POST", "/k/v1/record.json", "record.add", self._add),
            route("PUT", "/k/v1/record.json", "record.update", self._update),
            route("GET", "/k/v1/records.json", "records.get", self._list),
            route("POST", "/k/v1/records.json", "records.add", self._add_many),
            route("PUT", "/k/v1/records.json", "records.update", self._update_many),
            route("DELETE", "/k/v1/records.json", "records.delete", self._delete_many),
            route("POST", "/k/v1/records/cursor.json", "cursor.create", self._open),
            route("GET", "/k/v1/records/cursor.json", "cursor.get", self._continue),
            route("DELETE", "/k/v1/records/cursor.json", "cursor.delete", self._close),
            route("GET", "/k/v1/record/comments.json", "comments.get", self._comments),
            route("POST", "/k/v1/record/comment.json", "comment.add", self._comment),
        ]

    def _given(self, call: Call, *needed: str, permission: str) -> Json:
        """Return what was asked: the query of a GET, else the body. What is needed must be there, and be allowed."""
        given: Json = {name: values[0] for name, values in call.query.items()} if call.method == "GET" else _body(call)
        for name in needed:
            if given.get(name) in (None, ""):
                raise errors.invalid(name, "必須です。")
        if "app" in needed and str(given["app"]) != str(self._records.app_id):
            raise errors.refused(404, "GAIA_AP01")
        if permission not in self._permissions(call):
            raise errors.refused(403, "GAIA_NO01")
        return given

    # The app

    def _app(self, call: Call) -> Answer:
        given = self._given(call, "id", permission="view")
        if str(given["id"]) != str(self._records.app_id):
            raise errors.refused(404, "GAIA_AP01")
        return Answer({"appId": str(self._records.app_id), "code": "", "name": self._records.app_name})

    def _fields(self, call: Call) -> Answer:
        self._given(call, "app", permission="view")
        properties = {code: field.described() for code, field in self._records.fields.items()}
        return Answer({"properties": properties, "revision": "7"})

    def _status(self, call: Call) -> Answer:
        self._given(call, "app", permission="view")
        states = {name: {"name": name, "index": str(order)} for order, name in enumerate(self._records.states)}
        return Answer({"enable": bool(states), "states": states or None, "revision": "7"})

    # Single records

    def _get(self, call: Call) -> Answer:
        given = self._given(call, "app", "id", permission="view")
        return Answer({"record": self._records.shown(self._records.get(_number(given, "id")))})

    def _add(self, call: Call) -> Answer:
        given = self._given(call, "app", permission="add")
        record = self._records.add(given.get("record", {}), API)
        return Answer({"id": str(record.id), "revision": "1"})

    def _update(self, call: Call) -> Answer:
        given = self._given(call, "app", permission="edit")
        _only(given, {"app", "id", "updateKey", "record", "revision"})
        record = self._named(given, "")
        self._records.change(record, given.get("record", {}), API, given.get("revision"))
        return Answer({"revision": str(record.revision)})

    def _named(self, given: Json, path: str) -> Record:
        if ("id" in given) == ("updateKey" in given):
            raise errors.invalid(f"{path}id", "idかupdateKeyのどちらかを指定します。")
        if "id" in given:
            return self._records.get(_number(given, "id"))
        record = self._records.by_key(given["updateKey"], path)
        if record is None:
            raise errors.refused(404, "GAIA_RE20")
        return record

    # Many

    def _list(self, call: Call) -> Answer:
        given = self._given(call, "app", permission="view")
        matching, total, aborted = self._records.matching(str(given.get("query", "")))
        only = [value for name, value in given.items() if name.startswith("fields")]
        shown = [self._records.shown(each, only) for each in matching]
        count = str(total) if given.get("totalCount") == "true" else None
        warning = {"X-Cybozu-Warning": "Filter aborted because of too many search results"} if aborted else {}
        return Answer({"records": shown, "totalCount": count}, headers=warning)

    def _add_many(self, call: Call) -> Answer:
        given = self._given(call, "app", permission="add")
        records = _many(given)
        added = self._all_or_nothing(
            lambda: [
                self._records.add(each, API, f"records[{order}]", tell=False) for order, each in enumerate(records)
            ]
        )
        return Answer({"ids": [str(each.id) for each in added], "revisions": ["1"] * len(added)})

    def _update_many(self, call: Call) -> Answer:
        given = self._given(call, "app", permission="edit")
        upsert = given.get("upsert", False)
        if upsert is True and "add" not in self._permissions(call):
            raise errors.refused(403, "GAIA_NO01")
        records = _many(given)
        write = lambda: [self._write(each, upsert is True, f"records[{n}].") for n, each in enumerate(records)]  # noqa: E731
        return Answer({"records": self._all_or_nothing(write)})

    def _write(self, given: Any, upsert: bool, path: str) -> Json:
        if not isinstance(given, dict):
            raise errors.invalid(path, "オブジェクトで指定します。")
        _only(given, {"id", "updateKey", "record", "revision"})
        values, place = given.get("record", {}), f"{path}record"
        try:
            record = self._named(given, path)
        except Refused as refused:
            if not upsert or refused.answer.status != 404:
                raise
            key = given.get("updateKey")
            keyed = {key["field"]: {"value": key["value"]}} if key else {}
            record = self._records.add(values | keyed, API, place, tell=False)  # an unknown id is not kept
            return {"id": str(record.id), "operation": "INSERT", "revision": "1"}
        self._records.update(record, values, API, given.get("revision"), place)
        operation = {"operation": "UPDATE"} if upsert else {}
        return {"id": str(record.id), **operation, "revision": str(record.revision)}

    def _all_or_nothing(self, act: Callable[[], list[Any]]) -> list[Any]:
        kept = {
            number: (record, dict(record.values), record.revision, record.updated, record.modifier)
            for number, record in self._records.records.items()
        }
        try:
            return act()
        except Refused:
            self._records.records = {number: state[0] for number, state in kept.items()}
            for record, values, revision, updated, modifier in kept.values():
                record.values, record.revision = values, revision
                record.updated, record.modifier = updated, modifier
            raise

    def _delete_many(self, call: Call) -> Answer:
        given = self._given(call, "app", "ids", permission="delete")
        if not isinstance(given["ids"], list) or not 1 <= len(given["ids"]) <= MOST_WRITTEN:
            raise errors.invalid("ids", "一度に1件から100件までのレコードを削除できます。")
        for record in [self._records.get(int(each)) for each in given["ids"]]:
            self._records.delete(record, API, tell=False)
        return Answer({})

    # Cursors

    def _open(self, call: Call) -> Answer:
        given = self._given(call, "app", permission="view")
        self._drop_old()
        size, text = given.get("size", 100), str(given.get("query", ""))
        if not isinstance(size, int) or not 1 <= size <= LARGEST_PAGE:
            raise errors.invalid("size", "500以下の数字で指定します。")
        if any(word in text.split() for word in ("limit", "offset")):
            raise errors.invalid("query", "limitとoffsetは使用できません。")
        if len(self.cursors) >= CURSORS:
            raise errors.refused(429, "GAIA_CU02")
        matching, total, _ = self._records.matching(text, page=False)
        key = secrets.token_hex(16)
        self.cursors[key] = Cursor(matching, size, self._now())
        return Answer({"id": key, "totalCount": str(total)})

    def _continue(self, call: Call) -> Answer:
        given = self._given(call, "id", permission="view")
        self._drop_old()
        cursor = self.cursors.get(str(given["id"]))
        if cursor is None:
            raise errors.refused(404, "GAIA_CU01")
        page, cursor.rest, cursor.used = cursor.rest[: cursor.size], cursor.rest[cursor.size :], self._now()
        if not cursor.rest:
            del self.cursors[str(given["id"])]
        return Answer({"records": [self._records.shown(each) for each in page], "next": bool(cursor.rest)})

    def _close(self, call: Call) -> Answer:
        given = self._given(call, "id", permission="view")
        if self.cursors.pop(str(given["id"]), None) is None:
            raise errors.refused(404, "GAIA_CU01")
        return Answer({})

    def _drop_old(self) -> None:
        now = self._now()
        self.cursors = {key: each for key, each in self.cursors.items() if each.used > now - CURSOR_LIFE}

    # Comments

    def _comments(self, call: Call) -> Answer:
        given = self._given(call, "app", "record", permission="view")
        record = self._records.get(_number(given, "record"))
        order, offset, limit = (
            given.get("order", "desc"),
            int(given.get("offset", 0)),
            int(given.get("limit", COMMENTS)),
        )
        if order not in ("asc", "desc") or not 0 <= limit <= COMMENTS:
            raise errors.invalid("limit", "10以下で指定します。")
        ordered = record.comments if order == "asc" else record.comments[::-1]
        page = ordered[offset : offset + limit]
        before, after = bool(offset), len(ordered) > offset + limit
        older, newer = (before, after) if order == "asc" else (after, before)
        shown = [
            {
                "id": str(each.id),
                "text": each.text,
                "createdAt": each.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "creator": {"code": each.creator, "name": self._records.users.get(each.creator, each.creator)},
                "mentions": each.mentions,
            }
            for each in page
        ]
        return Answer({"comments": shown, "older": older, "newer": newer})

    def _comment(self, call: Call) -> Answer:
        given = self._given(call, "app", "record", "comment", permission="view")
        record = self._records.get(_number(given, "record"))
        comment = given["comment"]
        text = comment.get("text") if isinstance(comment, dict) else None
        if not isinstance(text, str) or not 1 <= len(text) <= LONGEST_COMMENT:
            raise errors.invalid("comment.text", f"1文字以上{LONGEST_COMMENT}文字以下で指定します。")
        mentions = comment.get("mentions", [])
        unknown = [each for each in mentions if each.get("code") not in self._records.users]
        if unknown:
            raise errors.invalid("comment.mentions[0].code", "ユーザーが存在しません。")
        return Answer({"id": str(self._records.comment(record, text, API, mentions).id)})


def _body(call: Call) -> Json:
    try:
        body = call.json()
    except json.JSONDecodeError:
        raise errors.refused(400, "CB_IJ01", broken="the body is no JSON") from None
    if not isinstance(body, dict):
        raise errors.refused(400, "CB_IJ01", broken="the body is no object")
    return body


def _only(given: Json, keys: set[str]) -> None:
    if unknown := set(given) - keys:
        raise errors.refused(400, "CB_VA01", dict.fromkeys(unknown, "指定できません。"), f"unknown {sorted(unknown)}")


def _number(given: Json, name: str) -> int:
    if not str(given[name]).isdecimal():
        raise errors.invalid(name, "整数で指定します。")
    return int(given[name])


def _many(given: Json) -> list[Any]:
    records = given.get("records")
    if not isinstance(records, list) or not 1 <= len(records) <= MOST_WRITTEN:
        raise errors.invalid("records", "1件から100件までです。")
    return records
