"""What the words of a CRM's status say became of a lead: HubSpot's, Salesforce's and those of Japanese sheets."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache
from unicodedata import normalize


class Outcome(IntEnum):
    """What a word says, the weakest first: where several columns speak, the strongest counts."""

    OPEN = 0
    RECYCLED = 1
    DISQUALIFIED = 2
    QUALIFIED = 3
    LOST = 4
    WON = 5


_WORDS: dict[Outcome, str] = {
    Outcome.OPEN: """
        open, new, unknown, in progress, working, working - contacted, open - not contacted, attempted to contact,
        connected, contacted, assigned, accepted, unassigned, subscriber, lead, mql, marketing qualified lead,
        evangelist, other, pending, not started, false, no, 0, 未対応, 未着手, 未連絡, 新規, 新規リード, 対応中, 進行中,
        連絡中, 連絡済み, 連絡済, 受領済み, 受領待ち, 担当未定, 接触済み, 接続済み, 架電済み, アプローチ中, 未処理,
        リード, サブスクライバー, 結果の記録なし, オープン""",
    Outcome.RECYCLED: """
        recycled, recycle, nurture, nurturing, bad timing, unresponsive, on hold, returned to marketing, 育成, 育成中,
        育成へ戻す, ナーチャリング, ナーチャリング中, 保留, 時期尚早, マーケへ差し戻し, 差し戻し""",
    Outcome.DISQUALIFIED: """
        disqualified, unqualified, closed - not converted, not converted, rejected, junk, dead, invalid, 対象外, 見送り,
        失格, 不適格, 除外, クローズ - 未取引開始, 対応不要, 却下, 無効""",
    Outcome.QUALIFIED: """
        qualified, sql, sales qualified lead, opportunity, open deal, converted, closed - converted, qualified to buy,
        true, yes, 1, 商談化, 商談化済み, 商談, 商談中, 案件化, 有望, クローズ - 取引開始済み, 取引開始済み,
        オポチュニティー, セールスクオリファイドリード""",
    Outcome.LOST: "lost, closed lost, closedlost, deal lost, 失注, 不成立, クローズ失注",
    Outcome.WON: """
        won, closed won, closedwon, customer, deal won, 受注, 受注済み, 成約, 成立, 契約, 顧客, クローズ受注,
        カスタマー""",
}

_UNDER_WAY = """
    open, appointment scheduled, qualified to buy, presentation scheduled, decision maker bought-in, contract sent,
    prospecting, qualification, needs analysis, value proposition, id. decision makers, perception analysis,
    proposal/price quote, proposal, negotiation/review, negotiation, in progress, pipeline, 進行中, 商談中, 商談,
    商談化, アポイント, アポイント設定, アポ獲得, ヒアリング, 提案, 提案中, 見積, 見積中, 見積提示, 見積提出, 交渉,
    交渉中, 検討中, 稟議中, 契約手続き中, 契約書送付, プレゼン予定, 意思決定者の合意, 見込み, 未定"""
"""Stages of an opportunity that is neither won nor lost yet."""


@lru_cache(4096)
def _key(word: str) -> str:
    return "".join(sign for sign in normalize("NFKC", word).casefold() if sign.isalnum())


_INDEX = {_key(word): outcome for outcome, words in _WORDS.items() for word in re.split(r",|\n", words) if word.strip()}

_STAGES = {_key(word) for word in re.split(r",|\n", _UNDER_WAY) if word.strip()}


def is_under_way(stage: str) -> bool:
    """Return whether a stage is known as one of an opportunity that is not decided."""
    return _key(stage) in _STAGES


def outcome_of(word: str) -> Outcome | None:
    """Return what a word of a status says; None for one that is not known."""
    return _INDEX.get(_key(word))


def deal_of(word: str) -> Outcome:
    """Return what the stage of an opportunity says: WON, LOST, or QUALIFIED for any other, which is under way."""
    outcome = _INDEX.get(_key(word))
    return outcome if outcome in (Outcome.WON, Outcome.LOST) else Outcome.QUALIFIED
