"""The labels that MA and form tools put before a value, in Japanese and English.

To teach a new label, add it to `LABELS`. Case, width, spaces, punctuation, emoji and marks such as 必須 do not matter.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Field = Literal[
    "external_id",
    "company",
    "person",
    "given_name",
    "family_name",
    "title",
    "email",
    "phone",
    "channel",
    "campaign",
    "form",
    "score",
    "score_reason",
    "message",
    "crm_url",
    "attribute",  # known as a label, but not a field of the lead
    "owner",  # our own colleague: an address here is not the lead's
]

LABELS: dict[Field, str] = {
    "external_id": """
        コンタクトID, リードID, レコードID, 顧客ID, 見込み客ID, 外部ID
        HubSpot ID, Salesforce ID, Contact ID, External ID, Record ID, Lead ID, Prospect ID, Person ID,
        Object ID, VID""",
    "company": """
        会社名, 会社, 企業名, 企業, 貴社名, 御社名, 法人名, 組織名, 団体名, 勤務先, 勤務先名,
        会社名・団体名, 会社・団体名, 企業・団体名, 貴社名・団体名, ご所属企業, 所属企業, 所属会社,
        取引先, 取引先名, 屋号
        Company, Company name, Name of company, Your company, Organization, Organization name,
        Organisation, Organisation name, Account, Account name, Business name, Employer,
        Company / Account""",
    "person": """
        氏名, お名前, 名前, ご芳名, ご氏名, フルネーム, ご担当者名, 担当者名, ご担当者, ご担当者様,
        ご担当者様名, ご担当者氏名, 姓名, リード名, コンタクト名, コンタクト, 見込み客名
        Name, Full name, Your name, Contact, Contact name, Contact person, Lead, Lead name, Person,
        Prospect, Prospect name""",
    "given_name": """
        名, 名（漢字）, 名（全角）
        First name, Given name, Forename, Firstname""",
    "family_name": """
        姓, 姓（漢字）, 姓（全角）, 苗字, 名字
        Last name, Family name, Surname, Lastname""",
    "title": """
        役職, 役職名, お役職, ご役職, 肩書, 肩書き, 職位
        Title, Job title, Role, Position, Job role""",
    "email": """
        メール, メールアドレス, Eメール, Eメールアドレス, 電子メール, 電子メールアドレス,
        会社メールアドレス, ご連絡先メールアドレス
        Email, E-mail, Mail, Email address, E-mail address, Mail address, Work email, Work email address,
        Business email, Business email address, Company email, Contact email, Your email""",
    "phone": """
        電話, 電話番号, お電話番号, ご連絡先電話番号, 携帯, 携帯電話, 携帯番号, 携帯電話番号,
        連絡先電話番号
        TEL, Phone, Phone number, Telephone, Telephone number, Tel No, Mobile, Mobile phone,
        Mobile number, Mobile phone number, Work phone, Business phone, Direct phone, Cell, Cell phone,
        Contact number""",
    "channel": """
        流入元, チャネル, チャンネル, 経路, 流入経路, 獲得経路, 獲得チャネル, リードソース, 参照元,
        ソース, 元のソース
        Source, Lead source, Channel, Marketing channel, Original source, Original traffic source,
        Latest source, Traffic source, UTM source, Acquisition channel""",
    "campaign": """
        キャンペーン, キャンペーン名, 施策, 施策名
        Campaign, Campaign name, Last campaign, UTM campaign, Marketing campaign""",
    "form": """
        フォーム, フォーム名, 申込フォーム, お申し込みフォーム, ページ, ページ名, コンバージョンページ,
        フォーム送信, 新しいフォーム送信
        Form, Form name, Form title, Page, Page name, Page title, Conversion page, Recent conversion,
        Landing page, Form submission, New form submission, New submission, Submitted form""",
    "score": """
        スコア, リードスコア, 合計スコア, 現在のスコア, 得点, 点数, HubSpotスコア, スコア合計
        Score, Lead score, HubSpot score, Total score, Contact score, Marketo score, Pardot score,
        Behavior score""",
    "score_reason": """
        スコア理由, スコアの理由, スコアの根拠, スコア内訳, スコアの内訳
        Score reason, Reason for score, Score details""",
    "message": """
        お問い合わせ内容, お問合せ内容, お問い合せ内容, 問い合わせ内容, 問合せ内容, お問い合わせ, 内容,
        ご質問, ご質問内容, 質問, 質問内容, 備考, メッセージ, コメント, ご相談内容, 相談内容, ご要望,
        ご要望・ご質問, ご質問・ご要望, 本文, 自由記入欄, 自由記述, お問い合わせ詳細
        Message, Your message, Comment, Comments, Question, Questions, Inquiry, Enquiry, Inquiry details,
        Notes, Comments / Questions, How can we help, How can we help you, What can we help you with,
        Additional information, Details""",
    "crm_url": """
        レコードリンク, レコードURL, コンタクトリンク, CRMリンク, 詳細URL, リードURL, 管理画面,
        管理画面URL, 管理URL
        Record link, Record URL, Contact link, Contact URL, Contact record, CRM link, CRM URL,
        CRM record, Lead link, Lead URL, HubSpot link, HubSpot URL, Salesforce link, Salesforce URL,
        View in CRM, Open in CRM""",
    "attribute": """
        部署, 部署名, ご所属部署, 所属, 所属部署, 業種, 業界, 従業員数, 従業員規模, 会社規模, 都道府県,
        住所, 郵便番号, 国, 予算, 導入時期, ウェブサイト, ホームページ, 製品, サービス, 会社名（カナ）,
        氏名（カナ）, フリガナ, ふりがな, セイ, メイ, 登録日時, 送信日時, 受信日時,
        ライフサイクルステージ
        Department, Division, Industry, Employees, Number of employees, Company size, Country,
        Country / Region, City, State, Address, Zip, Postal code, Budget, Timeline, Website, Website URL,
        Product, Grade, Lead grade, Lifecycle stage, Lead status, Submitted at, Created at, Created date,
        UTM medium, UTM term, UTM content""",
    "owner": """
        担当営業, 営業担当, 営業担当者, 所有者, コンタクト所有者, リード所有者, 社内担当
        Owner, Contact owner, Lead owner, Account owner, Assigned to, Sales rep, Rep""",
}

_MARKS = re.compile(r"[(（\[【\s]*(?:必須|任意|required|optional)[)）\]】\s]*$", re.IGNORECASE)
_NUMBER = re.compile(r"^\s*(?:q\s*)?\d{1,3}\s*[.):、．）：]\s*", re.IGNORECASE)
_PARTS = re.compile(r"[/|()（）／｜・]")
_LONGEST = 60


def key(label: str) -> str:
    """Return the letters and digits of a label, which is all that tools agree on."""
    folded = unicodedata.normalize("NFKC", label).casefold()
    return "".join(c for c in folded if c.isalnum())


def _index() -> dict[str, Field]:
    return {
        key(label): field for field, labels in LABELS.items() for label in re.split(r",|\n", labels) if label.strip()
    }


_FIELDS = _index()


def field_of(label: str) -> Field | None:
    """Return the field that a label names, or None. `会社名 / Company`, `氏名（必須）` and `Q1. E-mail`
    are understood."""
    if len(label) > _LONGEST:
        return None
    bare = _MARKS.sub("", _NUMBER.sub("", label))
    for candidate in (label, bare):
        if field := _FIELDS.get(key(candidate)):
            return field
    named = {_FIELDS.get(key(part)) for part in _PARTS.split(bare) if key(part)}
    return named.pop() if len(named) == 1 else None


def lead_field(field: Field | None) -> bool:
    """Return whether the value belongs into a field of the lead, and not among its attributes."""
    return field is not None and field not in {"attribute", "owner"}


def is_japanese(label: str) -> bool:
    """Return whether kana or kanji stand in the text."""
    return any("\u3040" <= c <= "\u30ff" or "\u3400" <= c <= "\u9fff" or c == "々" for c in label)
