from __future__ import annotations

import re

import pytest

from bot.connectors.parser import draft, labels
from bot.connectors.parser.values import score
from bot.core.mql.lead import Lead


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("会社名", "company"),
        ("貴社名", "company"),
        ("会社名（必須）", "company"),
        ("会社名 / Company", "company"),
        ("氏名 (Full name)", "person"),
        ("ご担当者名", "person"),
        ("お 名 前", "person"),
        ("姓", "family_name"),
        ("名", "given_name"),
        ("FIRST_NAME", "given_name"),
        ("ﾒｰﾙｱﾄﾞﾚｽ", "email"),
        ("Ｅ－ｍａｉｌ", "email"),
        ("E-mail *", "email"),
        ("Q1. Work email", "email"),
        ("ＴＥＬ", "phone"),
        ("utm_campaign", "campaign"),
        ("HubSpot Score", "score"),
        ("お問合せ内容", "message"),
        ("部署", "attribute"),
        ("Contact owner", "owner"),
        ("姓（カナ）", None),
        ("氏名（ふりがな）", None),
        ("担当者", None),
        ("", None),
        ("🎉", None),
        ("会社名" * 100, None),
    ],
)
def test_a_label_is_known_whatever_its_dress(label: str, field: str | None) -> None:
    assert labels.field_of(label) == field


@pytest.mark.parametrize(
    ("field", "written"),
    [
        (
            "company",
            "社名|貴社名を教えてください|お客様の会社名|法人/屋号|Company / Organisation|会社名（個人の方は屋号）",
        ),
        ("company", "What company do you work for?|Name of your organization|①会社名|(1) 会社名|Associated Company"),
        (
            "person",
            "お名前（漢字）|お申込者氏名|ご担当者様のお名前|予約者名|氏名（姓・名）|What's your name?|Invitee",
        ),
        ("given_name", "Name (First)|お名前（名）|What's your first name?|firstName"),
        ("family_name", "Name (Last)|お名前（姓）|And your last name?"),
        ("email", "メールアドレス（半角）|メールアドレス【必須】|返送先メール|📧 メールアドレス|E-Mail（確認用）"),
        ("email", "Email Address (Enter Email)|What's the best email to reach you?|Invitee Email|business_email"),
        (
            "phone",
            "お電話番号（日中つながりやすいもの）|勤務先電話番号|Best phone number to reach you",
        ),
        (
            "message",
            "お問い合わせの内容|備考欄|お問い合わせ内容をご記入ください",
        ),
        ("owner", "自社担当者|ホスト名|Deal owner|Top owner|Created by|登録者"),
        (
            None,
            "紹介者のお名前|利用者のお名前|紹介者Email|難易度スコア|商品名|Company domain|Email opt-in",
        ),
    ],
)
def test_a_label_is_known_by_its_core(field: str | None, written: str) -> None:
    assert {label: labels.field_of(label) for label in written.split("|")} == dict.fromkeys(written.split("|"), field)


def test_no_label_stands_under_two_fields() -> None:
    fields: dict[str, str] = {}
    for field, table in labels.LABELS.items():
        for label in re.split(r",|\n", table):
            key = "".join(c for c in label.casefold() if c.isalnum())
            assert not key or fields.setdefault(key, field) == field, label


def test_every_field_of_a_lead_has_labels_in_both_languages() -> None:
    assert set(labels.LABELS) - {"given_name", "family_name", "attribute", "owner"} == set(Lead.model_fields) - {
        "attributes",
        "sent_at",  # a message was posted at its own time
    }
    for table in labels.LABELS.values():
        known = [label for label in re.split(r",|\n", table) if label.strip()]
        assert {labels.is_japanese(label) for label in known} == {True, False}


def test_the_limits_that_values_are_cut_to_are_the_models() -> None:
    Lead(company="x" * draft.MAX_LINE, message="x" * draft.MAX_MESSAGE)
    with pytest.raises(ValueError, match="2 validation errors"):
        Lead(company="x" * (draft.MAX_LINE + 1), message="x" * (draft.MAX_MESSAGE + 1))


@pytest.mark.parametrize(
    ("shown", "points"),
    [
        ("82", 82),
        ("82点", 82),
        ("８２点", 82),
        ("82 / 100", 82),
        ("82点／100点", 82),
        ("82pt", 82),
        ("82 points", 82),
        ("1,200 pts.", 1200),
        ("100点満点中82点", 82),
        ("82.9", 82),
        ("🔥 82", 82),
        ("82 (hot)", 82),
        ("0", 0),
        ("", None),
        ("A", None),
        ("-5", None),
        ("82 83", None),
        ("2026-11-22", None),
        ("1e3", None),
    ],
)
def test_a_score_is_read_as_a_person_reads_it(shown: str, points: int | None) -> None:
    assert score(shown) == points
