from __future__ import annotations

import pytest

from bot.connectors.sources.proposal import CERTAIN, FIELDS, SURE, propose
from bot.core.mql.lead import Lead

# By the names that the tools themselves give, each with the field that a person would say.
KNOWN = {
    "properties.firstname.value": "given_name",
    "properties.lastname": "family_name",
    "properties.jobtitle": "title",
    "properties.hs_lead_score.value": "score",
    "properties.hubspotscore": "score",
    "properties.mobilephone": "phone",
    "properties.recent_conversion_event_name": "form",
    "properties.hubspot_owner_id": "owner",
    "sObject.Company": "company",
    "sObject.LastName": "family_name",
    "sObject.LeadSource": "channel",
    "sObject.MobilePhone": "phone",
    "user_column_data[FULL_NAME]": "person",
    "user_column_data[EMAIL]": "email",
    "user_column_data[WORK_EMAIL]": "email",
    "user_column_data[PHONE_NUMBER]": "phone",
    "user_column_data[COMPANY_NAME]": "company",
    "user_column_data[JOB_TITLE]": "title",
    "record.会社名.value": "company",
    "record.お名前.value": "person",
    "record.メールアドレス.value": "email",
    "record.お問い合わせ内容.value": "message",
    "record.作成者.value": "owner",
    "form_response.answers[貴社名（必須）]": "company",
    "columns[電話番号]": "phone",
    "columns[役職]": "title",
    "columns[部署名]": "attribute",
    "entry[email]": "email",
    "payload.data.Email Address": "email",
    "tracking.utm_source": "channel",
    "tracking.utm_campaign": "campaign",
    "hidden.utm_medium": "attribute",
    "contact.name": "person",
    "company.name": "company",
    "account.name": "company",
    "form.name": "form",
    "campaign.name": "campaign",
    "webinar.name": None,
    "product.title": None,
    "lead.id": "external_id",
    "id": None,
    "submitted_at": "sent_at",
    "送信日時": "sent_at",
    "your-email": "email",
    "your-company": "company",
    "your-message": "message",
    "registrant.org": "company",
    "name_sei": "family_name",
    "フリガナ": "attribute",
}


@pytest.mark.parametrize(("path", "field"), KNOWN.items(), ids=KNOWN)
def test_a_name_says_which_field_a_value_is(path: str, field: str | None) -> None:
    (proposal,) = propose({path: "x"})
    assert proposal.field == (field or "attribute")
    assert (proposal.confidence >= SURE) == (field is not None)


@pytest.mark.parametrize(
    ("value", "field", "sure"),
    [
        ("hanako@aoba.example", "email", True),
        ("ｈａｎａｋｏ＠ａｏｂａ．ｅｘａｍｐｌｅ", "email", True),
        ("株式会社青葉", "company", False),
        ("青葉（株）", "company", False),
        ("Aoba Inc.", "company", False),
        ("株式会社青葉の者です。" + "よろしくお願いします。" * 5, "attribute", False),
        ("03-0000-0000", "phone", False),
        ("+81 90 0000 0000", "phone", False),
        ("09000000000", "phone", False),
        ("300", "attribute", False),
        ("2026-11-29", "attribute", False),
        ("Write to hanako@aoba.example", "attribute", False),
        ("はい", "attribute", False),
    ],
)  # fmt: skip
def test_a_value_under_an_unknown_name_is_proposed_by_its_look(value: str, field: str, sure: bool) -> None:
    (proposal,) = propose({"q7": value})
    assert (proposal.field, proposal.confidence >= SURE) == (field, sure)


def test_what_a_name_says_is_surer_than_how_a_value_looks() -> None:
    by_path = {
        each.path: each for each in propose({"会社名": "青葉", "q1": "株式会社緑", "email": "-", "q2": "a@b.example"})
    }
    assert by_path["会社名"].confidence > SURE
    assert by_path["q1"].field == "attribute"
    assert by_path["email"].field == "email"
    assert by_path["q2"].confidence < SURE


def test_an_address_that_looks_like_none_is_less_sure() -> None:
    right, odd = propose({"email": "a@b.example"})[0], propose({"email": "unknown"})[0]
    assert right.confidence > odd.confidence >= SURE


@pytest.mark.parametrize("path", ["contact", "company", "lead", "email", "phone"])
def test_a_yes_or_no_is_nobodys_name(path: str) -> None:
    (proposal,) = propose({path: "true"})
    assert proposal.field == "attribute"


def test_a_correction_wins_and_is_certain() -> None:
    corrected = propose(
        {"company": "a@b.example", "q1": "x", "q2": "y"}, {"company": "email", "q1": "drop", "q2": "owner?"}
    )
    assert [(each.field, each.confidence) for each in corrected] == [
        ("email", CERTAIN), ("drop", CERTAIN), ("attribute", CERTAIN)
    ]  # fmt: skip


def test_a_mapping_may_name_every_field_of_a_lead() -> None:
    assert set(Lead.model_fields) - {"attributes"} <= set(FIELDS)
    assert set(FIELDS) - set(Lead.model_fields) == {"given_name", "family_name", "attribute", "drop"}
