"""The form of a kintone app, and its records as the values of the contract.

The codes of the built-in fields differ by app and language (更新日時, Updated_datetime), so they are found by type.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from bot.connectors.crm.contract import Property, PropertyKind, Record, User

_TEXTS = {"SINGLE_LINE_TEXT", "MULTI_LINE_TEXT", "LINK", "NUMBER", "DATE"}
_CHOICES = {"DROP_DOWN", "RADIO_BUTTON"}
_BY_TYPE = {"USER_SELECT": PropertyKind.USER, "DATETIME": PropertyKind.MOMENT, "STATUS": PropertyKind.CHOICE}
_PEOPLE = {"USER_SELECT", "CREATOR", "MODIFIER"}
_EMAIL, _NAME = re.compile(r"メール|mail", re.IGNORECASE), re.compile(r"氏名|お名前|担当者名|name", re.IGNORECASE)
_COMPANY, _PHONE = re.compile(r"会社|企業|貴社|company", re.IGNORECASE), re.compile(r"電話|tel|phone", re.IGNORECASE)
_DEFAULTS = {
    "owner": ("USER_SELECT", re.compile(r"担当|owner|assign", re.IGNORECASE)),
    "status": ("DROP_DOWN RADIO_BUTTON STATUS", re.compile(r"状況|状態|ステータス|フェーズ|status", re.IGNORECASE)),
    "lost_reason": (
        "SINGLE_LINE_TEXT MULTI_LINE_TEXT DROP_DOWN",
        re.compile(r"(失注|見送り).*理由|lost", re.IGNORECASE),
    ),
    "sla_due": ("DATETIME", re.compile(r"期限|due|deadline", re.IGNORECASE)),
    "disposition": ("SINGLE_LINE_TEXT DROP_DOWN", re.compile(r"判定|disposition", re.IGNORECASE)),
}
API_USER = "Administrator"
"""By whom a record was changed that an API token has changed."""


@dataclass(frozen=True)
class Form:
    """The fields of an app by their codes, and the states of its process management."""

    fields: Mapping[str, Mapping[str, Any]]
    states: tuple[str, ...] = ()

    def type_of(self, code: str) -> str:
        """Return the type of a field; empty where the form has none of this code."""
        return str(self.fields.get(code, {}).get("type") or "")

    def options(self, code: str) -> tuple[str, ...]:
        """Return what can be chosen, in the app's order."""
        if self.type_of(code) == "STATUS":
            return self.states
        listed = self.fields.get(code, {}).get("options") or {}
        return tuple(sorted(listed, key=lambda name: int(listed[name].get("index") or 0)))

    def first(self, kind: str) -> str:
        """Return the code of the field of a type that an app has once; empty where it has none."""
        return next((code for code, field in self.fields.items() if field.get("type") == kind), "")

    def forbids_duplicates(self, code: str) -> bool:
        """Return whether a field takes each value only once, as a key has to."""
        return bool(self.fields.get(code, {}).get("unique"))

    @cached_property
    def email(self) -> str:
        """The code of the field that looks like the address of the person."""
        return self._called(_EMAIL, {"LINK", "SINGLE_LINE_TEXT"})

    @cached_property
    def name(self) -> str:
        """The code of the field that looks like the name of the person."""
        return self._called(_NAME, {"SINGLE_LINE_TEXT"})

    def person(self, name: str | None, company: str | None, phone: str | None) -> dict[str, Any]:
        """Return what a new record says of its person, in the fields that look like those of name, company and
        phone."""
        codes = {
            self.name: name,
            self._called(_COMPANY, {"SINGLE_LINE_TEXT"}): company,
            self._called(_PHONE, {"SINGLE_LINE_TEXT", "LINK"}): phone,
        }
        return {code: {"value": value} for code, value in codes.items() if code and value}

    @property
    def defaults(self) -> dict[str, str]:
        """Fields that look like those of ours, by the word of ours."""
        named = {field: self._called(words, set(types.split())) for field, (types, words) in _DEFAULTS.items()}
        return {field: code for field, code in named.items() if code}

    def _called(self, words: re.Pattern[str], types: Collection[str]) -> str:
        """Return the first field of these types that is called so; of links one for mail before all others."""
        fitting = [
            (field.get("protocol") != "MAIL", code)
            for code, field in self.fields.items()
            if field.get("type") in types and (words.search(code) or words.search(str(field.get("label") or "")))
        ]
        return min(fitting, key=lambda each: each[0])[1] if fitting else ""

    def properties(self) -> Iterable[Property]:
        """Yield the fields that can be mapped."""
        for code, field in self.fields.items():
            kind = field.get("type")
            options = self.options(code)
            if kind in _BY_TYPE or kind in _TEXTS | _CHOICES:
                words = PropertyKind.CHOICE if kind in _CHOICES else _BY_TYPE.get(str(kind), PropertyKind.TEXT)
                label = str(field.get("label") or code)
                yield Property(code, label, words, {each: each for each in options}, kind != "STATUS")


def record(form: Form, app: str, node: Mapping[str, Any], wanted: Iterable[str], email: str) -> Record:
    """Return a record. Its id is `app/number`, as its notices and its address name it."""
    values = {code: text(node.get(code)) for code in wanted}
    version, number = text(node.get("$revision")) or "", text(node.get("$id")) or ""
    by = text(node.get(form.first("MODIFIER")))
    changed_by = dict.fromkeys(values, by) if by and by != API_USER else {}
    at = moment(text(node.get(form.first("UPDATED_TIME"))))
    return Record(f"{app}/{number}", version, at, values, text(node.get(email)), text(node.get(form.name)), changed_by)


def text(field: Any) -> str | None:
    """Return the value of a field as text: codes of several people with commas between, nothing as None."""
    value = field.get("value") if isinstance(field, dict) else None
    if isinstance(value, dict):
        value = value.get("code")
    if isinstance(value, list):
        value = ",".join(str(each.get("code") if isinstance(each, dict) else each) for each in value)
    return str(value) if value not in (None, "") else None


def written(form: Form, code: str, value: str | None) -> Any:
    """Return a value as kintone wants it."""
    if form.type_of(code) == "USER_SELECT":
        return [{"code": each} for each in value.split(",")] if value else []
    return value or ("" if form.type_of(code) != "DROP_DOWN" else None)


def held(form: Form, code: str, value: str | None) -> str | None:
    """Return what a field holds after it was given a value: moments lose their seconds."""
    return minute(value) if value and form.type_of(code) == "DATETIME" else value or None


def user(node: Mapping[str, Any]) -> User:
    """Return a user of the domain, with the address of their profile."""
    login = str(node.get("code") or "")
    email = str(node.get("email") or "") or (login if "@" in login else None)
    return User(login, email, str(node.get("name") or login), active=bool(node.get("valid", True)))


def people(form: Form, nodes: Iterable[Mapping[str, Any]]) -> Iterable[User]:
    """Yield the people whom records name, each once. An API token may not ask for the list of users; a login name is
    often the address."""
    seen = set[str]()
    codes = [code for code in form.fields if form.type_of(code) in _PEOPLE]
    for node in nodes:
        for value in (node.get(code, {}).get("value") for code in codes):
            for each in value if isinstance(value, list) else [value]:
                login = str(each.get("code") or "") if isinstance(each, dict) else ""
                if login and login != API_USER and login not in seen:
                    seen.add(login)
                    yield User(login, login if "@" in login else None, str(each.get("name") or login))


def moment(value: str | None) -> datetime:
    """Return a moment, which kintone tells to the minute; the beginning of 1970 where there is none."""
    try:
        return datetime.fromisoformat(value or "").astimezone(UTC)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)


def minute(value: str | datetime) -> str:
    """Write a moment as kintone compares it: its seconds dropped."""
    at = moment(value) if isinstance(value, str) else value
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:00Z")
