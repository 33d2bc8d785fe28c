"""The forms in which one label is written: with numbers, marks, polite prefixes, remarks in brackets, as a question.

`cores` returns them from the label as it stands to the bare noun in it; whoever looks them up takes the first known.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from bot.connectors.parser.word_list import words

_NUMBER = re.compile(
    r"^\s*(?:(?:(?:q|no\.?|問|質問|設問|項目)\s*)?[(\[]?\s?\d{1,3}\s*[.):、．）：\]]\s*|(?:q|問|設問|質問)\s?\d{1,3}\s)",
    re.IGNORECASE,
)
_CIRCLED = re.compile(r"^\s*[①-⑳❶-❿]\s*")
_MARKS = re.compile(
    r"[(\[【<〔\s]*(?:[*※＊]|必須項目?|任意項目?|半角英数字?|半角|全角|required|optional|mandatory)[)\]】>〕\s]*$",
    re.IGNORECASE,
)
_REMARK = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]{1,60})[)\]】〕]")
# A remark that makes another thing of the label: the sound of a name is not the name.
_OTHER = re.compile(
    r"カナ|かな|フリガナ|ふりがな|読み|よみ|ローマ字|英字|セイ|メイ|せい|めい"
    r"|kana|furigana|romaji|phonetic|pronounc|\burl\b|\bid\b|domain|ドメイン",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"[_-]\d{5,20}$")  # firstname_1523909368154
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")

_ASKED_JA = re.compile(
    r"(?:(?:を|は|について|に関して)?(?:ご|お)?(?:記入|入力|記載|教え|聞かせ|選択|選び|回答|書き|知らせ|伺い).{0,30}"
    r"|は?(?:何|なん|どちら|どこ)(?:です|でしょう)か.{0,4}|(?:は|について)?[?。]|は)$"
)
_WHOSE_JA = re.compile(
    r"^(?:お客様|お客さま|お客|顧客|先方|相手先?|商談先|ゲスト|ユーザー?|見込み客|リード"
    r"|招待者|(?:ご|お)?(?:申込み?|申し込み|応募|来場|参加|登録|依頼|相談|回答|送信|問い合わせ|問合せ|問い合せ|予約|受講|請求)(?:者|元|主)"
    r"|(?:ご|お)?(?:勤務|勤め|返信|返送|送付|連絡)先|(?:ご|お)?連絡用|業務用?|仕事用?|法人用?|会社用?|個人用?|代表|日中の?|昼間の?"
    r"|(?:ご|お)?担当者?|貴社|御社|貴方|あなた|差し支えなければ)(?:様|さま)?の?"
)
_POLITE_JA = re.compile(r"^(?:ご|お|御|貴)")
_TAIL_JA = re.compile(r"(?:欄|等|など|様|さま|について)$")

_ASKED_EN = re.compile(
    r"^(?:hi|hello|hey|and|also|so|then|finally|please|kindly|can|could|may|you|we|have|get|know|enter|provide|confirm|type|input|fill|in|share|give|us|tell"
    r"|what|which|whats|is|s|are|your|the|a|an|our|my|whose|full legal|confirmation|repeat|verify|re|valid|best)\s+"
)
_OF_EN = re.compile(r"^(?:full )?name of (?:the |your )?(\w+)$")
_TAIL_EN = re.compile(
    r"\s+(?:here|below|please|field|input|[1-9]|confirmation|confirm|again|to (?:reach|contact) you(?: at| on)?"
    r"|(?:do )?you (?:work for|represent|use)|are you (?:from|with))$"
)
_WHOSE_EN = words(
    """lead contact prospect customer client guest invitee attendee registrant respondent submitter applicant
    sender visitor participant booker requester requestor person primary main submitted respondents inviting
    associated related new"""
)


def key(label: str) -> str:
    """Return the letters and digits of a label, which is all that tools agree on."""
    folded = unicodedata.normalize("NFKC", label).casefold()
    return "".join(c for c in folded if c.isalnum())


def cores(label: str) -> Iterator[str]:
    """Return the label, then what is left of it as its dress comes off, piece by piece."""
    yield label
    bare = undressed(label)
    yield bare
    if _OTHER.search(bare):
        return
    plain = _REMARK.sub(" ", bare).strip() or bare
    yield plain
    yield from _japanese(plain)
    yield from _english(plain)


def undressed(label: str) -> str:
    """Return the label without its number and without marks such as 必須."""
    bare = _NUMBER.sub("", unicodedata.normalize("NFKC", _CIRCLED.sub("", label)).strip(" :?"))
    bare = _SERIAL.sub("", bare)
    while (shorter := _MARKS.sub("", bare)) != bare and shorter.strip():
        bare = shorter
    return bare.strip()


def remarks(label: str) -> list[str]:
    """Return what stands in brackets in a label: `First` in `Name (First)`."""
    return _REMARK.findall(undressed(label))


def _japanese(label: str) -> Iterator[str]:
    rest = re.sub(r"\s+", "", label)
    yield rest.replace("の", "")
    for pattern in (_ASKED_JA, _TAIL_JA, _WHOSE_JA, _POLITE_JA):
        shorter = pattern.sub("", rest)
        if pattern is _WHOSE_JA and not shorter and rest.endswith(("者", "ゲスト")):
            yield "氏名"  # 招待者 alone is the person
        if shorter == "名" and rest[-2:-1] in {"者", "様", "主", "客", "ト", "ー"}:
            shorter = "氏名"  # 申込者名; a 名 alone is the given name
        if len(shorter) > 1 and shorter != rest:
            rest = shorter
            yield rest
            yield rest.replace("の", "")


def _english(label: str) -> Iterator[str]:
    rest = " ".join(re.findall(r"[a-z0-9]+", re.sub(r"['’]s\b", "", _CAMEL.sub(" ", label).casefold())))
    while (shorter := _ASKED_EN.sub("", _TAIL_EN.sub("", _OF_EN.sub(r"\1 name", rest)))) != rest:
        rest = shorter
        yield rest
    whole = rest.split()
    named = [word for word in whole if word not in _WHOSE_EN]
    if named and len(named) < len(whole):
        yield " ".join(named)
    elif len(whole) > 1 and not named and {"contact", "person"} & set(whole):
        yield "contact"  # Prospect contact, main contact person
