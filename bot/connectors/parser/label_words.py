"""What a label that no list holds may name, by the words in it: the last noun of a Japanese label, the words of an
English one. A guess, which the value has to bear out (`value_shapes`)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from bot.connectors.parser.word_list import words

Guess = Literal["company", "person", "title", "email", "phone", "score", "message"]

_ASIDE_JA = re.compile(
    r"カナ|かな|ふりがな|フリガナ|読み|ローマ字|規模|業種|業界|従業員|住所|所在地|サイト|URL|ホームページ|形態|区分|種別|種類|カテゴリ"
    r"|部署|部門|同意|承諾|規約|資本金|売上|年商|人数|件数|台数|日時|年月|郵便|FAX|ファックス|希望日|時間|の有無|会議|契約|事業|業務|仕事|職務"
    r"|注文|活動|行動|閲覧|変更|更新|エラー|商品|製品|資料|プラン|セミナー|イベント|キャンペーン|選択|選んで|ステータス|通知|送信|担当営業|紹介|履歴"
)
_LAST_JA: dict[Guess, re.Pattern[str]] = {
    "email": re.compile(
        r"(?:メール|メアド|e-?mail|mail|Eメール)(?:アドレス|の?宛先)?$|(?:メール|mail).{0,12}アドレス$", re.IGNORECASE
    ),
    "phone": re.compile(
        r"(?:電話|携帯|スマホ|ケータイ|TEL|直通)(?:番号|先|No\.?)?$|(?:電話|携帯|つながる).{0,8}番号$", re.IGNORECASE
    ),
    "company": re.compile(
        r"(?:会社|企業|法人|団体|組織|施設|店舗|お店|学校|学園|塾|教室|サロン|園|医院|病院|クリニック|事業所|事業者|事務所|勤務先|勤め先|所属先|職場|取引先|屋号|社)"
        r"(?:名|名称|の名称|のお?名前|名前)?(?:様|さま)?$"
    ),
    "title": re.compile(r"(?:役職|肩書き?|職位|ポジション)(?:名)?$"),
    "person": re.compile(
        r"(?:氏名|名前|芳名|おなまえ)(?:様|さま)?$"
        r"|(?:担当|代表|責任|申込|申し込み|依頼|記入|回答|参加|来場|来訪|来店|受講|利用|相談|予約|請求|応募)者(?:の?お?名前|氏名|名)?(?:様|さま)?$"
    ),
    "message": re.compile(
        r"(?:内容|質問|相談|要望|意見|メッセージ|コメント|備考|本文|詳細|課題|悩み|困りごと|お困り|メモ|補足|用件|要件|伝言|事項|ヒアリング|背景"
        r"|一言|ひとこと|発言|お声|(?:知り|聞き|相談し|確認し|話し|質問し)たい(?:こと|事|点|内容)?|困っていること|その他(?:ご連絡)?|困りの点|要望等)$"
    ),
}
_ASKED_JA = re.compile(
    r"(?:を|は|について)?(?:ご|お)?(?:記入|入力|記載|教え|聞かせ|お?選び|回答|お?書き|お?知らせ|伺い)[^、。]{0,20}$"
    r"|(?:は|って)?(?:何|なん|どのような|どんな)?(?:こと)?(?:です|でしょう)か.{0,2}$|[?？。:：]+$"
)
_BRACKETS = re.compile(r"[(\[【（〔][^()\[\]【】（）〔〕]{0,60}[)\]】）〕]")

_ASIDE_EN = frozenset(
    words(
        """url website web site link domain id uid size type kind industry sector category date time zone
        timezone owner rep agent manager campaign form page event product products plan ad adset ads utm
        ip country city state region county zip postal street status stage score rating grade source
        medium term consent newsletter privacy policy terms kana furigana phonetic file attachment resume
        cv user username login password browser device os language locale budget revenue employees
        headcount fax count quantity created updated submitted received assigned summary action activity
        step recommended reason transcript_url subject preferred preference best hear heard find found
        discover"""
    )
)
_COMPANY_EN = frozenset(
    words(
        """company organization organisation business employer firm school university college clinic practice hospital
        institution institute agency shop store restaurant hotel studio brand workplace dealership church nonprofit
        charity municipality corporation enterprise startup association club foundation council bank"""
    )
)
_BESIDE_COMPANY_EN = frozenset(
    words(
        """name of or and legal registered trading full your the at where do you work represent current customer client
        lead contact prospect our account optional is what s which are with from for in to"""
    )
)
_MESSAGE_EN = frozenset(
    words(
        """message messages comment comments question questions note notes detail details inquiry enquiry requirement
        requirements specification specifications request requests description problem problems challenge challenges
        need needs goal goals project concern concerns feedback remark remarks brief scope pain looking textarea
        situation issue issues interest interests discuss improve solve achieve enquiries inquiries ask asked said says
        wrote wants anything"""
    )
)
_OWN_WORDS = re.compile(
    r"(?:内容|質問|相談|要望|メッセージ|コメント|本文|用件|伝言)[^\w]*$|\b(?:messages?|comments?|notes?|questions?|remarks)\b",
    re.IGNORECASE,
)
_WORDS_EN = re.compile(r"[a-z]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST = 80
_SEVERAL = re.compile(r"[/|・]")


@lru_cache(maxsize=4096)  # each label is asked for several times while its message is read
def guess(label: str) -> Guess | None:
    """Return what the words in a label name, or None."""
    shown = unicodedata.normalize("NFKC", label)[:_LONGEST]
    if len(parts := _SEVERAL.split(shown)) > 1:
        named = {_one(part) for part in parts} - {None}
        return named.pop() if len(named) == 1 else None
    return _one(shown)


def _one(shown: str) -> Guess | None:
    if any("\u3040" <= c <= "\u30ff" or "\u3400" <= c <= "\u9fff" for c in shown):
        return _japanese(shown)
    return _english(shown)


def asks_for_words(label: str) -> bool:
    """Return whether a label that may be the message's asks for words, however few: `相談したい内容`."""
    return _OWN_WORDS.search(_BRACKETS.sub("", unicodedata.normalize("NFKC", label)[:_LONGEST])) is not None


def _japanese(label: str) -> Guess | None:
    bare = re.sub(r"[\s*※■□◆◇●○・]+", "", _BRACKETS.sub("", label))
    asked = _ASKED_JA.sub("", bare.rstrip("?？。:："))
    if not asked or _ASIDE_JA.search(bare):
        return None
    return next((name for name, pattern in _LAST_JA.items() if pattern.search(asked)), None)


def _english(label: str) -> Guess | None:
    named = _WORDS_EN.findall(_CAMEL.sub(" ", label).casefold())
    own = set(named)
    if own & {"email", "emails"} and not own & (_ASIDE_EN - {"best", "preferred"}):
        return "email"
    if own & {"phone", "telephone", "mobile", "cellphone", "whatsapp"} and not own & (
        _ASIDE_EN - {"best", "preferred"}
    ):
        return "phone"
    if own & {"score", "points"} or own == {"fit"}:
        return "score"
    if own & _ASIDE_EN:
        return None
    if own & _COMPANY_EN and own <= _COMPANY_EN | _BESIDE_COMPANY_EN:
        return "company"
    if own & _MESSAGE_EN or {"use", "case"} <= own or {"how", "help"} <= own:
        return "message"
    return None
