"""Headlines of leads and of what is none. A true inquiry is never set aside; what is no lead never becomes an MQL."""

from __future__ import annotations

import pytest

from bot.connectors import notification
from bot.connectors.notification import Unreadable
from bot.connectors.sources.contract import NotALead

FIELDS = "\n会社名：青葉工機\n氏名：山本 花\nメール：hana@aoba.example"
INQUIRIES = """
お問い合わせがありました
【資料請求】タスク管理ツール
メール配信サービスのお問い合わせ
商談予約が完了しました
新規会員登録がありました
セミナー申込（キャンセル待ち）
採用管理サービスの資料請求
応募者管理システムの資料請求
サポートプランについてのお問い合わせがありました
契約更新管理のデモ依頼がありました
受注管理システムのデモ依頼がありました
インポート機能についてお問い合わせがありました
リマインド機能の資料請求がありました
New contact form submission
Deployment consulting request
Demo request: weekly reports
New trial signup
Registration for our upcoming webinar
Inquiry about invoice payment received
New lead: Closed Won Ltd
Lead score reached 80
Lifecycle stage changed to MQL
New lead assigned to Alex
Meeting booked
Quote request about an import list
""".strip().splitlines()


@pytest.mark.parametrize("headline", INQUIRIES)
def test_a_true_inquiry_is_never_set_aside(headline: str) -> None:
    for message in ({"text": headline + FIELDS}, {"attachments": [{"pretext": headline, "text": FIELDS}]}):
        reading = notification.read(message)
        assert isinstance(reading, list) or (isinstance(reading, Unreadable) and reading.reason == "perhaps_no_lead")


@pytest.mark.parametrize(
    ("headline", "reason"),
    [
        ("Hana Yamamoto has unsubscribed", "unsubscribed"),
        ("メールマガジンの配信を停止しました", "unsubscribed"),
        ("Email bounced", "bounced"),
        ("メールを配信できませんでした", "bounced"),
        ("Deal won: Aoba", "deal"),
        ("受注しました！", "deal"),
        ("Payment received", "payment"),
        ("入金がありました", "payment"),
        ("Task due today: call Hana", "task"),
        ("タスクの期限が近づいています", "task"),
        ("Invitee canceled: Product demo", "cancelled"),
        ("予約がキャンセルされました", "cancelled"),
        ("Reminder: call at 10", "reminder"),
        ("リマインド：本日15時 打ち合わせ", "reminder"),
        ("Deployment to production finished", "deployment"),
        ("デプロイが完了しました", "deployment"),
        ("Import finished", "import"),
        ("リストのインポートが完了しました", "import"),
        ("Contact assigned to Alex", "assigned"),
        ("担当者が変更されました", "assigned"),
        ("Contact updated", "changed"),
        ("ステータスが変更されました", "changed"),
        ("Alex commented on Aoba", "internal"),
        ("【社内連絡】休業のお知らせ", "internal"),
        ("Newsletter was sent", "mailing"),
        ("メールが配信されました", "mailing"),
        ("New applicant", "recruiting"),
        ("採用への応募", "recruiting"),
    ],
)
def test_a_headline_tells_what_is_no_lead_whatever_fields_stand_below(headline: str, reason: str) -> None:
    assert notification.read({"text": headline + FIELDS}) == NotALead(reason)


@pytest.mark.parametrize("text", ["Last week: 42 leads", "先週のリード件数：42件", "Weekly report\nLeads: 42"])
def test_a_count_is_no_lead(text: str) -> None:
    assert notification.read({"text": text}) == NotALead("report")


@pytest.mark.parametrize(
    "message",
    [
        "How do I unsubscribe?",
        "予約がキャンセルされました、と出ます。",
        "Deal won? Please send the invoice.",
        "受注しました！",
    ],
)
def test_what_the_person_wrote_never_tells_that_it_is_no_lead(message: str) -> None:
    assert isinstance(notification.read({"text": f"Contact form{FIELDS}\nメッセージ：{message}"}), list)
    fields = [{"title": "Email", "value": "hana@aoba.example"}, {"title": "Message", "value": message}]
    assert isinstance(notification.read({"attachments": [{"fields": fields}]}), list)


@pytest.mark.parametrize(
    "pair", ["Status: Canceled", "イベント：配信停止", "Event: unsubscribe", "Cancellation reason: ill"]
)
def test_a_field_that_tells_what_happened_tells_that_it_is_no_lead(pair: str) -> None:
    assert isinstance(notification.read({"text": pair + FIELDS}), NotALead)


def test_what_a_known_lead_does_is_for_a_person_to_judge() -> None:
    reading = notification.read({"text": "青葉工機 山本 花様が料金ページを閲覧しました"})
    assert reading == Unreadable("perhaps_no_lead")


def test_a_test_of_the_connection_is_no_lead() -> None:
    assert notification.read({"text": "This is a test message"}) == NotALead("test")
