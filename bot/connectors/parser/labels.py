"""The labels that MA and form tools put before a value, in Japanese and English.

To teach a new label, add it to `LABELS`. Case, width, spaces, punctuation, emoji and marks such as 必須 do not matter.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from bot.connectors.parser.label_forms import cores, key, remarks, undressed
from bot.connectors.parser.word_list import words

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

Weak = Literal["person", "customer", "sender", "contact", "affiliation"]

# Labels that say little: what they name depends on what else stands there.
_WEAK: dict[Weak, str] = {
    "person": """担当 担当者 担当者様 担当者氏名 担当者（氏名） 氏名（フリガナ） お名前（フリガナ） 氏名（ふりがな）
    Caller Caller_name""",
    "customer": """Customer_name Client_name Customer Client 顧客名 顧客 お客様 カスタマー カスタマー名 相手先 相手 先方
    お相手 発信者 電話主 紹介先 ご紹介先 被紹介者""",
    "sender": "From Sender 差出人 送信者 発信元 From_name",
    "contact": """連絡先 ご連絡先 お客様連絡先 返信先 Reply-To Contact_info Contact_information
    Contact_details Contact_method 折り返し先 折返し先 折返先 ご返信先 Callback Call_back""",
    "affiliation": "所属 ご所属 Affiliation",
}

LABELS: dict[Field, str] = {
    "external_id": """
        コンタクトID, リードID, レコードID, 顧客ID, 見込み客ID, 外部ID
        HubSpot ID, Salesforce ID, Contact ID, External ID, Record ID, Lead ID, Prospect ID, Person ID,
        Object ID, VID""",
    "company": """
        会社名, 会社, 企業名, 企業, 貴社名, 御社名, 法人名, 組織名, 団体名, 勤務先, 勤務先名,
        会社名・団体名, 会社・団体名, 企業・団体名, 貴社名・団体名, ご所属企業, 所属企業, 所属会社,
        取引先, 取引先名, 屋号
        社名, 貴社, 御社, 法人, 法人・屋号, 企業名・屋号, 店舗名, 事務所名, 学校名, 機関名, 団体, 所属先,
        所属先名, 所属組織,
        お勤め先, 施設名, 園名, 医院名, 病院名, 店名,
        事業者名, 商談先企業, 商談先企業名, 顧客企業名, 顧客会社名, 企業・学校名, 会社名（屋号）,
        組織・会社名, 組織, 所属（会社名）, ご所属（会社名）, ご所属先（会社名）, ご所属（会社・団体名）, 会社／団体名,
        Company, Company name, Name of company, Your company, Organization, Organization name,
        Organisation, Organisation name, Account, Account name, Business name, Employer,
        Company / Account, Firm, Institution, Your organization, Workplace, Place of work, Org,
        Where do you work, Who do you work for, Which company do you work for,
        Firma, Firmenname, Unternehmen, Société, Entreprise, Nom de l'entreprise, Empresa, Azienda, Bedrijf""",
    "person": """
        氏名, お名前, 名前, ご芳名, ご氏名, フルネーム, ご担当者名, 担当者名, ご担当者, ご担当者様,
        ご担当者様名, ご担当者氏名, 姓名, リード名, コンタクト名, コンタクト, 見込み客名, リード
        先方担当者, 先方担当者名,
        お客様担当者, ご担当, 取引先責任者,
        取引先責任者名, 氏名（漢字）, 名前（漢字）, 漢字氏名, 申請者名, プロスペクト, プロスペクト名,
        Name, Full name, Your name, Contact, Contact name, Contact person, Lead, Lead name, Person,
        Prospect, Prospect name, Invitee, Attendee, Guest, Respondent, Registrant, Submitter,
        Applicant, Visitor, Visitor name, Member, Member name, Point of contact, Primary contact, Main contact,
        What should we call you, Who are you, First and last name, First & last name,
        Nom complet, Nombre completo, Nome completo, Ansprechpartner""",
    "given_name": """
        名, 名（漢字）, 名（全角）
        First name, Given name, Forename, Firstname, Vorname, Prénom, Nombre, Voornaam""",
    "family_name": """
        姓, 姓（漢字）, 姓（全角）, 苗字, 名字
        Last name, Family name, Surname, Lastname, Nachname, Nom de famille,
        Apellido, Apellidos, Cognome, Achternaam""",
    "title": """
        役職, 役職名, お役職, ご役職, 肩書, 肩書き, 職位, 部署・役職, 部署名・役職名, 部署役職名, 所属・役職,
        ご所属・役職, ご所属・お役職, 部署・お役職
        Title, Job title, Role, Position, Job role, Designation, Job position, Position / Title,
        Headline,
        Funktion, Fonction, Cargo""",
    "email": """
        メール, メールアドレス, Eメール, Eメールアドレス, 電子メール, 電子メールアドレス,
        会社メールアドレス, ご連絡先メールアドレス, メアド, イーメール, アドレス, 連絡先メール, メールアドレス（会社）
        Emails, Email addresses,
        Email, E-mail, Mail, Email address, E-mail address, Mail address, Work email, Work email address,
        Business email, Business email address, Company email, Contact email, Your email,
        E-Mail-Adresse, Courriel, Adresse e-mail, Correo, Correo electrónico""",
    "phone": """
        電話, 電話番号, お電話番号, ご連絡先電話番号, 携帯, 携帯電話, 携帯番号, 携帯電話番号,
        連絡先電話番号, お電話, 連絡先電話, 直通電話, 代表電話, 連絡先（電話）
        Phones, Phone numbers,
        TEL, Phone, Phone number, Telephone, Telephone number, Tel No, Mobile, Mobile phone,
        Mobile number, Mobile phone number, Work phone, Business phone, Direct phone, Cell, Cell phone,
        Direct, Direct line, Direct dial, Contact number, Best number, Best number to reach you, Callback number,
        Telefon, Telefonnummer, Téléphone, Teléfono, Telefono, Telefone, Telefoon""",
    "channel": """
        流入元, チャネル, チャンネル, 経路, 流入経路, 獲得経路, 獲得チャネル, リードソース, 参照元,
        ソース, 元のソース, 流入チャネル, 集客経路, リードの流入元
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
        MQLスコア, MAスコア, スコアリング, トータルスコア, 総合スコア, 行動スコア
        MQL score, Total lead score, Person score, Lead points, Engagement score
        Score, Lead score, HubSpot score, Total score, Contact score, Marketo score, Pardot score,
        Behavior score""",
    "score_reason": """
        スコア理由, スコアの理由, スコアの根拠, スコア内訳, スコアの内訳
        Score reason, Reason for score, Score details""",
    "message": """
        お問い合わせ内容, お問合せ内容, お問い合せ内容, 問い合わせ内容, 問合せ内容, お問い合わせ, 内容,
        ご質問, ご質問内容, 質問, 質問内容, 備考, メッセージ, コメント, ご相談内容, 相談内容, ご要望,
        ご要望・ご質問, ご質問・ご要望, 本文, 自由記入欄, 自由記述, お問い合わせ詳細, ご意見, ご意見・ご要望,
        その他ご要望,
        その他ご質問, その他ご質問・ご要望, ご要件, ご用件, 用件, ご依頼内容, 依頼内容, ご相談, ご相談事項,
        メッセージ本文, 通信欄,
        具体的な内容, 具体的なご相談内容, お困りごと, お問い合わせ本文, お問い合わせ事項, 連絡事項,
        ご質問やご要望, 要望, 要件,
        ご自由に, 自由に, 自由記入, メモ,
        質問・要望, 備考・ご要望, ご要望など, お問い合わせ内容（詳細）, お問い合わせ内容詳細, ご連絡内容,
        お申し込み内容詳細, 相談したいこと, ご相談したいこと, 聞きたいこと, お聞きになりたいこと, 知りたいこと,
        話したいこと, お困りのこと, お悩み, コメント・質問, ご質問・コメント, 伝言, ご伝言, ご用件・ご伝言
        Message, Your message, Comment, Comments, Question, Questions, Inquiry, Enquiry, Inquiry details,
        Notes, Comments / Questions, How can we help, How can we help you, What can we help you with,
        Additional information, Details, Your inquiry, Inquiry content, Message body, Body, Description, Remarks,
        Request details, Project details, Project description, Requirements, Their message, Their reply, Reply,
        Tell us more, Note, Request, Your request, First message, Comment or message, Question or comment,
        詳細, お問い合わせの詳細, 説明, ご説明, What would you like to discuss, Last message,
        Voicemail, Voicemail transcript, Transcript, Tell us about your project,
        About your project, What do you need a quote for, Nachricht, Ihre Nachricht,
        Mensaje, Mensagem, Messaggio, Votre message""",
    "crm_url": """
        レコードリンク, レコードURL, コンタクトリンク, CRMリンク, 詳細URL, リードURL, 管理画面,
        管理画面URL, 管理URL
        Record link, Record URL, Contact link, Contact URL, Contact record, CRM link, CRM URL,
        CRM record, Lead link, Lead URL, HubSpot link, HubSpot URL, Salesforce link, Salesforce URL,
        View in CRM, Open in CRM""",
    "attribute": """
        部署, 部署名, ご所属部署, 所属部署, 業種, 業界, 従業員数, 従業員規模, 会社規模, 都道府県,
        住所, 郵便番号, 国, 予算, 導入時期, ウェブサイト, ホームページ, 製品, サービス, 会社名（カナ）,
        氏名（カナ）, フリガナ, ふりがな, セイ, メイ, 登録日時, 送信日時, 受信日時,
        ライフサイクルステージ
        Department, Division, Industry, Employees, Number of employees, Company size, Country,
        Country / Region, City, State, Address, Zip, Postal code, Budget, Timeline, Website, Website URL,
        件名, 題名, 受付番号, お問い合わせ種別, お問い合わせ種類, お問い合わせ項目, カテゴリ, カテゴリー,
        同意, FAX, 職種,
        受付日時, 申込日時, お申し込み日時, 回答日時, タイムスタンプ, 送信元, 送信元URL, 送信元ページ,
        IPアドレス, ページURL, 参照URL,
        リファラ, リファラー, ユーザーエージェント, 問い合わせページURL, 送信日, 受付日, 登録日, 申込日
        Subject, Inquiry type, Category, Consent, Company size range, Annual revenue, Job function, Seniority,
        Timestamp, Submitted, Submitted on, Submission time, Submission date, Received at, Date submitted, IP,
        IP address, User agent, Page URL, Referrer URL, Referer, Submission ID, Entry ID, Received,
        Product, Grade, Lead grade, Lifecycle stage, Lead status, Submitted at, Created at, Created date,
        UTM medium, UTM term, UTM content, When, Event date/time, Event time""",
    "owner": """
        担当営業, 営業担当, 営業担当者, 所有者, コンタクト所有者, リード所有者, 社内担当,
        紹介元, ご紹介元, 紹介者, ご紹介者,
        Referred by, Referrer, Referral partner, Introduced by, Partner contact,
        Owner, Contact owner, Lead owner, Account owner, Assigned to, Sales rep, Rep""",
}

# What a form adds by itself below the person's own words: nobody types these into a message.
_ENVELOPE = frozenset(
    map(
        key,
        words(
            """送信日時 受信日時 登録日時 受付日時 申込日時 お申し込み日時 回答日時 タイムスタンプ 送信元 送信元URL
    送信元ページ IPアドレス ページURL 参照URL リファラ リファラー ユーザーエージェント 問い合わせページURL
    送信日 受付日 登録日 申込日 受付番号 Submitted_at Created_at Created_date Timestamp Submitted
    Submitted_on Submission_time Submission_date Received_at Date_submitted IP IP_address User_agent
    Page_URL Referrer_URL Referer Submission_ID Entry_ID Received UTM_source UTM_medium UTM_campaign
    UTM_term UTM_content When Event_date/time Event_time Lead_status Lead_grade Grade Lifecycle_stage Lead_rating
    Lead_owner Contact_owner リードステータス ライフサイクルステージ"""
        ),
    )
)

_PARTS = re.compile(r"[/|()（）／｜・&＆]|\bor\b|または|又は")
_NOTHING_ITSELF = re.compile(
    r"(?:[A-Z]{1,2}列|列[A-Z]{1,2}|(?:column|col|field|item|question|項目|設問|質問|欄)\s?\w{0,2}"
    r"|(?:\d{1,2}[.．)]\s?)?(?:ご|お)?連絡先)",
    re.IGNORECASE,
)
_LONGEST = 120
# Whoever these speak of is ours: an address beside them is not the lead's.
_OWNER = re.compile(
    r"\bowners?\b|\bassign(?:ed|ee)\b|\breps?\b|\baccount (?:executive|manager)\b|\bhosts?\b|\borgani[sz]er\b"
    r"|\b(?:created|modified|added|updated|handled|claimed) by\b|\b[as]dr\b|\bbdr\b|\bnotified\b|\bcc\b"
    r"|担当営業|営業担当|(?:自社|社内|弊社|当社|内部)の?(?:ご?担当|参加)|所有者|ホスト名?$|主催|登録者(?!(?:氏)?名)|作成者|更新者|対応者|対応担当|受付者|アサイン",
    re.IGNORECASE,
)
_EMAIL_WORDS = words("""email mail e address work business company corporate professional official personal office""")
_PHONE_WORDS = words(
    """phone telephone tel mobile cell cellphone number no num work business company office direct daytime home
    cellular"""
)
_COMPANY_WORDS = words("""company organization organisation business employer firm corporation org name of legal""")
_HELP = re.compile(
    r"^(?:how (?:can|may|could|should) (?:we|i) (?:help|assist)"
    r"|(?:please )?(?:tell|share with|let) us (?:more )?(?:about|know)? ?(?:your|what|the|how).{0,60}"
    r"|what (?:is your biggest (?:problem|challenge|pain)|can we help"
    r"|would you like to (?:discuss|talk|know|ask|solve|achieve|improve|see|learn|do)"
    r"|do you need help)"
    r"|(?:please )?describe your|(?:any|your|additional|further|other)(?: other| additional| further)?"
    r" (?:comments?|notes?|messages?|questions?|information|details|remarks)\b|anything (?:else|(?:we|i) should)"
    r"|what (?:do you need\b|are you looking for|brings you|(?:is|are) your (?:questions?|requests?|needs?)|problem"
    r"|challenge))",
    re.IGNORECASE,
)


def _index() -> dict[str, Field]:
    return {
        key(label): field for field, labels in LABELS.items() for label in re.split(r",|\n", labels) if label.strip()
    }


_FIELDS = _index()
_WEAK_LABELS: dict[str, Weak] = {key(label): weak for weak, labels in _WEAK.items() for label in labels.split()}


@lru_cache(maxsize=4096)  # each label is asked for several times while its message is read
def field_of(label: str) -> Field | None:
    """Return the field that a label names, or None. `会社名 / Company`, `氏名（必須）`, `Q1. E-mail`,
    `貴社名を教えてください` and `Name (First)` are understood."""
    if len(label) > _LONGEST or not key(label):
        return None
    if field := _FIELDS.get(key(label)):
        return field
    if _OWNER.search(label):
        return "owner"
    if weak_of(label):
        return None
    if field := _by_remark(label):
        return field
    return _part_of_a_name(label) or _named(label) or _of_all_parts(label)


def listed(label: str) -> Field | None:
    """Return the field of a label that stands in the list as it is written, marks apart; cheaper than `field_of`."""
    return None if len(label) > _LONGEST else _FIELDS.get(key(label)) or _FIELDS.get(key(undressed(label)))


def _named(label: str) -> Field | None:
    for form in cores(label):
        if field := _FIELDS.get(key(form)) or _by_words(form):
            # ご要望は？ may have an answer of one word; the person's own words stand under ご要望.
            return (
                None
                if field == "message" and form != label and label.rstrip().endswith(("は", "は?", "は？"))
                else field
            )
    return "message" if _HELP.match(undressed(label)) else None


def _by_words(form: str) -> Field | None:
    """Return the field of a label that is made of nothing but words for it: `Corporate e-mail`, `Direct Tel No`."""
    words = set() if is_japanese(form) else set(re.findall(r"[a-z]+", form.casefold()))
    if words & {"email", "mail"} and words <= _EMAIL_WORDS:
        return "email"
    if words & {"phone", "telephone", "tel", "mobile", "cell", "cellphone"} and words <= _PHONE_WORDS:
        return "phone"
    if words & {"company", "organization", "organisation", "employer", "firm"} and words <= _COMPANY_WORDS:
        return "company"
    return None


def _part_of_a_name(label: str) -> Field | None:
    """Return which part of the name is asked for: `Name (First)`, `お名前（姓）`."""
    parts = [_FIELDS.get(key(remark)) or _FIELDS.get(key(remark + " name")) for remark in remarks(label)]
    head = re.split(r"[(（\[【]", label, maxsplit=1)[0]
    if len(parts) == 1 and parts[0] in {"given_name", "family_name"} and _named(head) == "person":
        return parts[0]
    return None


def _of_all_parts(label: str) -> Field | None:
    named = {_named(part) for part in _PARTS.split(label) if key(part)}
    if named in ({"company", None}, {"company", "attribute"}):
        return "company"  # Practice / Company, 会社名／部署名
    return named.pop() if len(named) == 1 else None


def _by_remark(label: str) -> Field | None:
    """Return the field that a remark names where the label itself says nothing: `B列(氏名)`, `ご連絡先（メール）`."""
    head = re.split(r"[(（\[【]", label, maxsplit=1)[0]
    named = {_named(remark) for remark in remarks(label)} - {None}
    return named.pop() if len(named) == 1 and _NOTHING_ITSELF.fullmatch(head.strip()) else None


def weak_of(label: str) -> Weak | None:
    """Return what the label may name where nothing else does: 担当者 is the lead's or ours."""
    return _WEAK_LABELS.get(key(undressed(label)))


def is_envelope(label: str) -> bool:
    """Return whether a form writes this by itself: when and from where it was sent."""
    return key(label) in _ENVELOPE


def lead_field(field: Field | None) -> bool:
    """Return whether the value belongs into a field of the lead, and not among its attributes."""
    return field is not None and field not in {"attribute", "owner"}


def is_japanese(label: str) -> bool:
    """Return whether kana or kanji stand in the text."""
    return any("\u3040" <= c <= "\u30ff" or "\u3400" <= c <= "\u9fff" or c == "々" for c in label)
