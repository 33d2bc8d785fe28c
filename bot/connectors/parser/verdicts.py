"""What an app posts into the intake channel and is no lead: told by its headline and by its labels.

Never by what a person wrote: the value of a field is looked at only where its label says that it tells what happened.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.connectors.parser import labels, text, values
from bot.connectors.parser.headlines import (
    APPLIED,
    INQUIRY,
    MADE_MQL,
    OF_KNOWN,
    OVER,
    PATTERNS,
    REASONS,
    UNSURE,
    Reason,
)
from bot.connectors.parser.label_forms import key
from bot.connectors.parser.page import Page
from bot.connectors.parser.word_list import words

_HAPPENED = frozenset(
    map(
        key,
        words(
            """event eventtype type action activity activitytype trigger status notification イベント イベント種別 種別
    アクション ステータス 通知種別 通知 状態 予約ステータス bookingstatus"""
        ),
    )
)
_TOLD_BY: dict[Reason, str] = {
    "task": "Task Task_name Task_title Due Due_date タスク タスク名 期日 期限日",
    "deal": """Deal Deal_name Deal_stage Deal_amount Close_date Closed_date Closed_amount 商談名 受注金額 受注日
        成約金額 フェーズ 失注理由 商談フェーズ""",
    "cancelled": """Cancellation_reason Cancel_reason Canceled_by Cancelled_by Canceled_at キャンセル理由
        キャンセル日時 取消理由""",
    "bounced": "Bounce_reason Bounce_type Bounced_at SMTP_code Diagnostic_code エラーコード バウンス種別",
    "unsubscribed": "Unsubscribed_at Unsubscribe_reason 解除日時 解除理由 配信停止日時 配信停止理由",
    "recruiting": """希望職種 応募職種 応募ポジション 志望動機 職務経歴 職務経歴書 履歴書 最終学歴 転職希望時期 Resume
        CV Cover_letter Desired_position Applied_position""",
    "support": """チケット番号 再現手順 発生日時 エラーメッセージ 不具合内容 Ticket_ID Ticket_number Ticket Severity
        Steps_to_reproduce""",
    "payment": "Invoice Invoice_number Amount_paid Payment_method 入金額 入金日 請求書番号 決済金額",
}
_TELLING: dict[str, Reason] = {key(label): reason for reason, listed in _TOLD_BY.items() for label in words(listed)}


@dataclass(frozen=True)
class Verdict:
    """What a message is instead of a lead, and whether that is certain; else a person decides."""

    reason: Reason
    certain: bool


def verdict(page: Page) -> Verdict | None:
    """Return what the message is instead of a lead, or None where nothing speaks against a lead."""
    heads = [text.compatible(values.line(head)) for head in page.heads]
    suspected = (
        next((reason for head in heads if (reason := _told(head))), None) or _by_values(page) or _by_labels(page)
    )
    if suspected is None or (suspected in OF_KNOWN and any(MADE_MQL.search(head) for head in heads)):
        return None
    if suspected == "report" and _names_whole_leads(page):
        return None
    asking = heads[:1] if suspected == "report" else heads
    unsure = suspected in UNSURE or any(INQUIRY.search(head) for head in asking)
    if suspected == "recruiting" and any(APPLIED.search(head) for head in heads):
        unsure = False
    return Verdict(suspected, certain=not unsure and (suspected != "report" or _counts(page)))


def _told(shown: str) -> Reason | None:
    return next((reason for reason, pattern in PATTERNS.items() if pattern.search(shown)), None)


def _by_values(page: Page) -> Reason | None:
    """Return what `Status: Canceled` tells. What else such a label holds may be the title of a webinar."""
    shown = [values.line(pair.value) for pair in page.pairs if key(pair.label) in _HAPPENED and len(pair.value) <= 60]
    return next((reason for reason in OVER if any(PATTERNS[reason].search(each) for each in shown)), None)


def _by_labels(page: Page) -> Reason | None:
    reasons = [_TELLING[key(pair.label)] for pair in page.pairs if key(pair.label) in _TELLING]
    return next((reason for reason in REASONS if reasons.count(reason) >= (1 if reason in OVER else 2)), None)


def _counts(page: Page) -> bool:
    """Return whether a number stands there: a report without one says too little to be sure."""
    return any(c.isdigit() for shown in [*page.heads, *(pair.value for pair in page.pairs)] for c in shown)


def _names_whole_leads(page: Page) -> bool:
    """Return whether there is more than a count: fields with an address, and with a name or a company."""
    fields = {labels.field_of(pair.label) for pair in page.pairs if not values.is_absent(values.line(pair.value))}
    return "email" in fields and bool(fields & {"person", "given_name", "family_name", "company"})
