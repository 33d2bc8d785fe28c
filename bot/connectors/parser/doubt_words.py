"""The words by which the reader doubts: what speaks of a field, of something else, of a tool, of nobody."""

from __future__ import annotations

import re
from typing import Literal

Doubt = Literal["email", "phone", "company", "person", "title", "message", "whole"]

NAMING_WORDS: dict[Doubt, re.Pattern[str]] = {
    "company": re.compile(
        r"会社|社名|企業|法人|団体|組織|施設|店舗|学校|company|organi[sz]ation|employer|\bbusiness\b", re.I
    ),
    "person": re.compile(r"氏名|名前|担当者|\bname\b", re.IGNORECASE),
    "email": re.compile(r"メール|mail", re.IGNORECASE),
    "phone": re.compile(r"電話|携帯|\bTEL\b|phone|mobile", re.IGNORECASE),
    "title": re.compile(r"役職|肩書|job title", re.IGNORECASE),
}
OF_SOMETHING_ELSE = re.compile(
    r"カナ|かな|規模|業種|従業員|住所|サイト|URL|ホームページ|形態|区分|種別|size|web|site|kana|フリガナ|ふりがな|file|event|form|page|campaign"
    r"|ad ?(?:set)?\b|product|user|company type|utm|consent|同意|owner|担当営業",
    re.IGNORECASE,
)
# An address of an office, and not of a person.
OF_NOBODY = re.compile(
    r"(?:billing|orders?|support|help|sales|team|info|hello|admin|accounts?|security|hr|jobs|newsletter|contact|service)@",
    re.IGNORECASE,
)
OF_A_TOOL = re.compile(
    r"アクション|アクセス|ページ|活動|行動|要約|イベント|セミナー|製品|商品|日$|日時|プラン|資料|お知らせ|通知|ステータス"
    r"|履歴|来訪|次の|recommend|next step|\bmoment|visit|reason"
    r"|activity|action|page|status|event|alert|summary|user column|workspace|plan|\bid\b|time",
    re.IGNORECASE,
)
# A company may be called anything; between spaces these join two things.
ODD = re.compile(
    r"\s(?:[|·•＝=→➜➔▶►@])\s|[：:]\s\S|\w@\w+\.\w|https?://|。\S|\w{3}\.\s[A-Z]|^(?:[{\[]\s*\"|[.…・]{3}|[»›>~⇢=▶►▷–-]\s)"
)
NO_NAME = re.compile(r"\d{3}|[^\W\d_]{2}[:：]$|\b(?:I|I['’]m|we|We|my|My|our|this is)\s")
NOBODY = re.compile(r"\W*(?:anonymous|匿名|ゲスト|guest|visitor|unknown|somebody|user)\W*", re.IGNORECASE)
SENTENCE = re.compile(r"[。！!？?]|(?:です|ます|ました|ください|たい|希望|下さい)$|\b(?:\w{1,30} ){3}\w")
LABEL_LIKE = re.compile(r"^\W{0,5}(?P<label>[^\n:：➜➔|]{2,24}?)\s*(?:[:：➜➔|»›]|=>|->|>>)\s*\S", re.MULTILINE)
CAPITALS = re.compile(r"[a-z,–—] (?!I\b)[A-Z][\w'’-]{1,30}")
# What a tool says about a lead, and not the lead.
NARRATED = re.compile(
    r"\b(?:lead|contact|submission|visitor)\b|\b(?:has|have|was|were) |submitted|received"
    r"|こちら|ご?確認|ご?対応|送信専用|自動|(?:あり|され|しまし|届き|超え|達し|受け付け)まし?た"
    r"|(?:アクセス|クリック|ログイン|フォロー)(?:を|して)?(?:ください|お願い)"
    r"|\bclick\b|\bfollow[ -]up\b",
    re.IGNORECASE,
)
# What a tool says has happened: where such a line ends, nobody's own words do.
HAPPENED = re.compile(
    r"(?:獲得|来訪|訪問|送信|登録|受信|作成|追加|到達|閲覧|取得|ダウンロード)(?:され|し)まし?た[。！!]*$|点になりました[。！!]*$"
    r"|(?:お知らせ|通知)$|\bnew (?:lead|contact|prospect|submission)\b",
    re.IGNORECASE,
)
BEGINS_MARKED = re.compile(r"【[^【】\n]{1,20}】\s*[:：]?\s*\S")
# In words without labels these look like the questions of a form: `*ご依頼*` or `■ご依頼` alone in a line, and Q1, Q2.
HEADING = re.compile(r"^\s*(?:\*[^*\n]{1,40}\*|【[^【】\n]{1,30}】|[■□◆◇●▼]\s?\S{1,20})\s*$")
NUMBERED = re.compile(r"^\W{0,3}(?:Q|問|設問|質問)?\s?\d{1,2}[\s.)）\]］:：]", re.IGNORECASE | re.MULTILINE)
TABLE = re.compile(r"^\s*\|.*\|\s*$", re.MULTILINE)
POST = re.compile(r"[(（](?P<post>[^()（）]{2,20})[)）]")
HONORIFIC = re.compile(r"(?P<name>[^\s、。,，（）()「」]{1,10})\s?(?:様|さま)(?![々式方])")
NOBODYS = ("お客", "皆", "ご担当者", "担当者", "貴社", "御社")
