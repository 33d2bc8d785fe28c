"""The form of a kintone app: its fields by their codes, and what each takes."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from playground.model import Json

BUILT_IN = {
    "RECORD_NUMBER",
    "CREATOR",
    "CREATED_TIME",
    "MODIFIER",
    "UPDATED_TIME",
    "STATUS",
    "STATUS_ASSIGNEE",
    "CATEGORY",
    "CALC",
}
"""Types of fields that nobody fills in by hand."""
TEXTS = {"SINGLE_LINE_TEXT", "MULTI_LINE_TEXT", "LINK", "RICH_TEXT"}
CHOICES = {"DROP_DOWN", "RADIO_BUTTON"}
MANY = {"CHECK_BOX", "MULTI_SELECT"}
ENTITIES = {"USER_SELECT", "ORGANIZATION_SELECT", "GROUP_SELECT"}
TYPES = BUILT_IN | TEXTS | CHOICES | MANY | ENTITIES | {"NUMBER", "DATE", "DATETIME", "TIME"}


@dataclass(frozen=True)
class Field:
    """One field. `code` is what the API carries, `label` what people see."""

    code: str
    type: str
    label: str = ""
    options: tuple[str, ...] = ()
    required: bool = False
    unique: bool = False
    max_length: int | None = None
    protocol: str = ""
    """Of a link: WEB, CALL or MAIL."""

    def __post_init__(self) -> None:
        if self.type not in TYPES:
            raise ValueError(f"no field type {self.type}")

    @property
    def empty(self) -> Any:
        """What a record holds where nothing was entered."""
        if self.type in MANY | ENTITIES:
            return []
        return None if self.type in ("DROP_DOWN", "DATE", "TIME") else ""

    def described(self) -> Json:
        """Return the field as app/form/fields.json does."""
        shown: Json = {"type": self.type, "code": self.code, "label": self.label or self.code, "noLabel": False}
        if self.type in BUILT_IN:
            return shown | ({"enabled": True} if self.type in ("STATUS", "STATUS_ASSIGNEE", "CATEGORY") else {})
        shown |= {"required": self.required}
        if self.type in TEXTS | {"NUMBER", "DATE", "DATETIME"}:
            shown |= {"unique": self.unique}
        if self.type in ("SINGLE_LINE_TEXT", "LINK"):
            shown |= {"maxLength": str(self.max_length or ""), "minLength": ""}
        if self.type == "LINK":
            shown |= {"protocol": self.protocol or "WEB"}
        if self.type in CHOICES | MANY:
            listed = {name: {"label": name, "index": str(order)} for order, name in enumerate(self.options)}
            shown |= {"options": listed}
        return shown

    def checked(self, value: Any, users: dict[str, str]) -> tuple[Any, str]:
        """Return a value as it is kept, and what is wrong with it, mostly nothing. `users`: names by code."""
        if value in (None, "", []):
            return self.empty, "必須です。" if self.required else ""
        if self.type in ENTITIES:
            return self._entities(value, users)
        if self.type in MANY:
            wrong = [each for each in value if each not in self.options] if isinstance(value, list) else [value]
            return value, f'"{wrong[0]}"は選択肢にありません。' if wrong else ""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return value, "文字列で指定します。"
        return self._text(str(value))

    def _text(self, value: str) -> tuple[Any, str]:
        if self.type in CHOICES and value not in self.options:
            return value, f'"{value}"は選択肢にありません。'
        if self.max_length is not None and len(value) > self.max_length:
            return value, f"{self.max_length + 1}文字より短くなければなりません。"
        if self.type == "NUMBER" and not re.fullmatch(r"-?\d+(\.\d+)?", value):
            return value, "数字でなければなりません。"
        if self.type == "DATE" and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return value, "日付の形式が正しくありません。"
        if self.type == "DATETIME":
            try:
                return to_minute(datetime.fromisoformat(value)), ""
            except ValueError:
                return value, "日時の形式が正しくありません。"
        return value, ""

    def _entities(self, value: Any, users: dict[str, str]) -> tuple[Any, str]:
        try:
            codes = [str(each["code"]) for each in value]
        except (TypeError, KeyError):
            return value, "codeを持つ配列で指定します。"
        unknown = [code for code in codes if code not in users]
        if unknown:
            return value, f'"{unknown[0]}"は選択できません。'
        return [{"code": code, "name": users[code]} for code in codes], ""

    def with_options(self, *options: str) -> "Field":
        """Return the field with other choices."""
        return replace(self, options=options)


def to_minute(at: datetime) -> str:
    """Write a moment as kintone keeps it: UTC, its seconds dropped."""
    if at.tzinfo is None:
        raise ValueError(at)
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:00Z")


LEADS = (
    Field("レコード番号", "RECORD_NUMBER", "レコード番号"),
    Field("作成者", "CREATOR", "作成者"),
    Field("作成日時", "CREATED_TIME", "作成日時"),
    Field("更新者", "MODIFIER", "更新者"),
    Field("更新日時", "UPDATED_TIME", "更新日時"),
    Field("会社名", "SINGLE_LINE_TEXT", "会社名", required=True),
    Field("氏名", "SINGLE_LINE_TEXT", "氏名"),
    Field("メール", "LINK", "メールアドレス", max_length=254, protocol="MAIL"),
    Field("電話", "SINGLE_LINE_TEXT", "電話番号"),
    Field("担当者", "USER_SELECT", "担当者"),
    Field("対応状況", "DROP_DOWN", "対応状況", ("未対応", "対応中", "商談化", "見送り", "育成")),
    Field("見送り理由", "SINGLE_LINE_TEXT", "見送り理由", max_length=100),
    Field("初回対応期限", "DATETIME", "初回対応期限"),
    Field("MQL番号", "SINGLE_LINE_TEXT", "MQL番号", unique=True, max_length=32),
    Field("金額", "NUMBER", "金額"),
)
"""The fields of the sample app: leads that sales works off."""
