"""An entry of the audit log in words: no value as the database writes it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.i18n import Translator
from bot.slack.blocks.settings.audit import sentence
from storage.models import Audit
from storage.vocabulary import AuditKind, Door, Locale, Proof, SourceKind

AT = datetime(2026, 11, 30, tzinfo=UTC)
TARGET = {"revenue": 100_000_000, "deal": 5_000_000, "months": 6, "win": 0.15, "opportunity": 0.2, "mql": 0.125}
WORDED: list[tuple[AuditKind, dict[str, Any], list[str]]] = [
    (AuditKind.KPI_TARGET, TARGET, ["¥100,000,000", "¥5,000,000", "期間(月): 6", "15%", "20%", "12.5%"]),
    (AuditKind.SOURCE_ADDED, {"kind": "mapping", "proof": "address"}, ["その他のツール", "アドレスのみ"]),
    (AuditKind.CRM_CONNECTED, {"kind": "marketo", "account": "123"}, ["ツール: Marketo", "アカウント: 123"]),
    (AuditKind.DEFINITION_SIGNED, {"side": "sales"}, ["同意した側: 営業"]),
    (AuditKind.MEMBER, {"locale": "en"}, ["言語: English"]),
]


def worded(kind: AuditKind, after: dict[str, Any], locale: Locale = Locale.JA, subject: str = "x") -> str:
    entry = Audit.model_construct(
        id=1,
        workspace_id="T1",
        at=AT,
        kind=kind,
        door=Door.BOT,
        by=None,
        machine_user=None,
        subject=subject,
        after=after,
    )
    return sentence(entry.model_copy(update={"before": None}), {}, Translator(locale, "Asia/Tokyo"))


@pytest.mark.parametrize(("kind", "after", "words"), WORDED)
def test_a_value_is_worded_as_people_say_it(kind: AuditKind, after: dict[str, Any], words: list[str]) -> None:
    text = worded(kind, after, subject="marketo")
    assert [each for each in words if each not in text] == [], text


@pytest.mark.parametrize(
    ("locale", "kind", "subject", "value", "words"),
    [
        (Locale.JA, AuditKind.POLICY, "pause_days", 7, ("担当者が自分で止められる日数", "(pause_days)", "7")),
        (Locale.EN, AuditKind.POLICY, "pause_days", 7, ("(pause_days)", "7")),
        (Locale.EN, AuditKind.POLICY, "calendar.holidays", "JP", ("Holidays", "holidays", "Japan")),
        (Locale.JA, AuditKind.SETTING, "digest_weekday", 0, ("曜日", "digest.weekday", "0")),
        (Locale.EN, AuditKind.SETTING, "of_no_such_name", {"a": 1}, ("of_no_such_name", "1")),
    ],
)
def test_a_setting_is_called_as_the_settings_call_it(
    locale: Locale, kind: AuditKind, subject: str, value: Any, words: tuple[str, ...]
) -> None:
    text = worded(kind, {"value": value}, locale, subject)
    assert [word for word in words if word not in text] == [], text


def test_a_crm_is_called_by_its_name() -> None:
    assert "Marketo" in worded(AuditKind.CRM_REMOVED, {}, subject="marketo")


@pytest.mark.parametrize(("locale", "name"), [(Locale.JA, "受付チャンネル"), (Locale.EN, "Intake channel")])
def test_a_notice_without_an_app_is_called_by_where_it_stood(locale: Locale, name: str) -> None:
    text = worded(AuditKind.SENDER_RULE, {"layout": True}, locale, "C0INTAKE")
    assert name in text
    assert "C0INTAKE" not in text


def test_every_tool_and_proof_has_its_name() -> None:
    for locale in Locale:
        for kind in SourceKind:
            for proof in Proof:
                assert "source." not in worded(AuditKind.SOURCE_ADDED, {"kind": kind, "proof": proof}, locale)


@pytest.mark.parametrize(("locale", "name"), [(Locale.JA, "設定ファイル"), (Locale.EN, "team file")])
def test_an_exported_team_file_is_called_by_its_name(locale: Locale, name: str) -> None:
    text = worded(AuditKind.EXPORT, {}, locale, "team_file")
    assert name in text
    assert "team_file" not in text
