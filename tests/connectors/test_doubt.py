"""What the reader leaves over makes a message wait, with what was read; what it accounts for does not."""

from __future__ import annotations

import pytest

from bot.connectors import content, notification
from bot.connectors.notification import Unreadable
from bot.connectors.parser.ours import NOBODY
from bot.connectors.parser.values import company

FORM = "会社名：青葉工機\nお名前：山本 花\nメール：hana@aoba.example\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (FORM + "紹介：ohno@partner.example", "unsure_email"),
        (FORM + "緊急時：03-5555-0100", "unsure_phone"),
        ("お名前：山本 花\nメール：hana@aoba.example\nご所属の会社区別なく団体の呼称：青葉", "unsure_company"),
        ("会社名：青葉工機\nメール：hana@aoba.example\n窓口：総務の山本様", "unsure_person"),
        ("青葉工機株式会社の山本様（工場係長）が来場。 hana@aoba.example へ。大川様も同席", "unsure_person"),
        (FORM + "決め手：月末の集計に三日かかっています。", "unsure_message"),
        ("決め手：登録をすべて手作業で行っています。\n" + FORM, "unsure_message"),
        (FORM + "役職：購買 @ 青葉", "unsure_title"),
        ("名前 » 花子\n会社 » 青葉\nhana@aoba.example", "unsure_company"),
        (FORM + "控え（Cargo）：Jefe", "unsure_whole"),
    ],
)
def test_what_no_field_accounts_for_makes_a_message_wait_with_what_was_read(text: str, reason: str) -> None:
    result = notification.read({"text": text})
    assert isinstance(result, Unreadable)
    assert (result.reason, result.lead is not None) == (reason, True)


@pytest.mark.parametrize(
    "remark",
    [
        "部署名：営業部\n業種：製造業",
        "担当営業：suzuki@ours.example",
        "FAX：03-5555-0101",
        "上司のメール：boss@aoba.example",
        "管理番号：4711\nプラン：スタンダード",
        "ホットリードがサイトに来訪しました",
        "お問い合わせ内容：山本様ではなく大川様へ。TEL 03-5555-0102 です。",
    ],
)
def test_what_it_accounts_for_makes_no_message_wait(remark: str) -> None:
    assert isinstance(notification.read({"text": FORM + remark}), list)


@pytest.mark.parametrize(
    "headline", ["HubSpot: 新しいコンタクトがフォームを送信しました", "Google Ads: new lead from lead form extension"]
)
def test_a_headline_with_a_colon_is_nobodys_message(headline: str) -> None:
    assert isinstance(notification.read({"text": f"{headline}\n{FORM}"}), list)


def test_the_form_of_what_waits_shows_also_what_stood_at_no_label() -> None:
    message = {"text": "株式会社青葉の山本様（部長）が来場。hana@aoba.example\n大川様も同席"}
    result = notification.read(message)
    assert isinstance(result, Unreadable)
    assert result.lead is not None
    kept = content.with_lead(content.of_message(message), result.lead, NOBODY)
    shown = content.parts(kept, {})
    assert (shown.company, shown.person, shown.title, shown.email) == (
        "株式会社青葉",
        "山本",
        "部長",
        "hana@aoba.example",
    )
    assert list(kept.values())[-1].endswith("大川様も同席")


@pytest.mark.parametrize(
    ("written", "name", "about"),
    [
        ("株式会社青葉（従業員 51〜100名）", "株式会社青葉", "従業員 51〜100名"),
        ("Nowak Meble (nowak.example) | 210 employees", "Nowak Meble", "nowak.example, 210 employees"),
        ("株式会社青葉／購買部", "株式会社青葉", "購買部"),
        ("青葉（株）", "青葉（株）", None),
        ("(株)青葉", "(株)青葉", None),
    ],
)
def test_what_stands_behind_a_company_is_no_part_of_its_name(written: str, name: str, about: str | None) -> None:
    assert company(written) == (name, about)
    (lead,) = notification.read({"text": f"会社名：{written}\nお名前：山本 花"})  # type: ignore[misc]
    assert lead.attributes.get("会社名") == about
