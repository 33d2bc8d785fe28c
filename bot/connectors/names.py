"""The names that tools themselves give to the fields of a lead, beside the labels that people read: in what they send
and in the files that they export.

To teach a name, add it to `NAMES`. Case, spaces and punctuation do not matter: `hs_lead_score` is `hsleadscore`.
"""

from __future__ import annotations

from typing import Literal

from bot.connectors.parser import labels
from bot.connectors.parser.label_forms import key
from bot.connectors.sources import paths

Target = labels.Field | Literal["sent_at"]

NAMES: dict[Target, str] = {
    "external_id": """
        hs_object_id contact_vid lead_vid mkto_lead_id prospect_id customer_id レコードID-コンタクト 関連コンタクトID
        関連付けられたコンタクトID レコード番号 名刺ID associated_contact_id associated_contact_ids""",
    "company": """
        org organization company_or_account hs_company associated-company.name accountname company__c companyname
        your-company company.properties.name name_of_organization 会社名__c 顧客会社名 お客様会社名 貴社 関連会社
        関連付けられた会社 associated_company legal_name trading_name corporate_name kaisha kaisha_mei kaishamei
        kaisyamei shamei syamei""",
    "person": """
        full_name your-name contact_name lead_name display_name fullname 顧客担当者名 お客様名 ご担当者名__c
        name_kanji namae onamae shimei simei""",
    "given_name": "first_name fname name_mei mei firstname__c namefirst",
    "family_name": "last_name lname name_sei sei lastname__c namelast",
    "title": "job_title jobtitle position__c your-title yakushoku",
    "email": """
        work_email e_mail mailaddress mail_address emailaddress your-email email_address user_email contact_email
        email1 mail1 メアド""",
    "phone": """
        phone_number work_phone mobilephone mobile_phone hs_calculated_phone_number your-tel tel_no telno
        telephone_number text_reminder_number denwa 電話""",
    "channel": """
        leadsource lead_source hs_analytics_source hs_latest_source original_source_type utm_source 流入元媒体
        リード獲得元 獲得元""",
    "campaign": "utm_campaign campaign_name recent_campaign hs_analytics_first_touch_converting_campaign",
    "form": """
        form_name form_title recent_conversion_event_name first_conversion_event_name formname form.name form.title
        first_conversion 最初のコンバージョン landing_page_id""",
    "score": """
        lead_score hs_lead_score hubspotscore hs_score score__c person_score total_score
        hs_predictivecontactscore_v2 mkto_lead_score""",
    "score_reason": "score_reason__c priority_reason",
    "message": """
        comments inquiry inquiry_body contact_body your-message additionalnotes additional_notes toiawase
        question_text お問い合わせ内容__c enquiry_text inquiry_text message_text naiyou naiyo otoiawase
        otoiawase_naiyou toiawase_naiyou youken goyouken youbou bikou""",
    "crm_url": "record_url profile-url contact_url lead_url crm_url hs_object_url 詳細URL",
    "sent_at": """
        sent_at submitted_at submission_time submittime lead_submit_time submit_date submission_date occurred_at
        送信日時 回答日時 受付日時 お問い合わせ日時 受信日時 申込日時 お申し込み日時 送信日""",
    "attribute": """
        hs_object_source name_kana kana furigana first_name_kana last_name_kana company_kana numberofemployees
        numemployees annualrevenue hs_lead_status lifecyclestage""",
    "owner": """
        hubspot_owner_id ownerid owner_id owner_email created_by createdby modified_by updated_by deletedby organizer
        host host_id host_email assignee event_memberships 作成者 更新者 作業者 担当営業名 営業担当名 社内担当者""",
}

# `name` alone says nobody's: a webinar has one too. These hold the fields of the lead itself.
_OF_A_LEAD = {
    *("lead", "leads", "contact", "contacts", "person", "people", "prospect", "customer", "user", "client", "member"),
    *("registrant", "invitee", "attendee", "attendees", "submitter", "visitor", "data", "payload", "body", "entry"),
    *("fields", "properties", "record", "records", "attributes", "columns", "answers", "responses", "response"),
    *("formresponse", "submission", "object", "sobject", "values", "items", "item", "user_column_data", "questions"),
    *("questionsandanswers", "customquestions", "userresponses", "params", "form", "formdata", "inquiry"),
}
_VAGUE = {"name", "title", "id", "url", "link", "source", "score", "type", "phone", "number", "message", "名前", "名称"}


def _index() -> dict[str, Target]:
    return {key(name): field for field, names in NAMES.items() for name in names.split()}


_FIELDS = _index()
_LEADS = {key(each) for each in _OF_A_LEAD}


def field_of(path: str) -> Target | None:
    """Return the field that a path names, by the tool's own names or by a label that people read; None where it names
    none. What belongs to a colleague of ours is `owner`."""
    names = paths.steps(path)
    if any(named(each) == "owner" for each in names):
        return "owner"
    if len(names) > 1 and (together := named(f"{names[-2]} {names[-1]}")):
        return together
    return None if _of_something_else(names) else named(names[-1])


def shown(path: str) -> str:
    """Return what people are to read before the value of a path: `webinar name`, where `name` alone would be the
    lead's."""
    names = paths.steps(path)
    return " ".join(names[-2:]) if _of_something_else(names) else names[-1]


def _of_something_else(names: list[str]) -> bool:
    return len(names) > 1 and key(names[-1]) in _VAGUE and key(names[-2]) not in _LEADS


def named(label: str) -> Target | None:
    """Return the field that a name names which is no path, as that of a column."""
    return _FIELDS.get(key(label)) or labels.field_of(label)
