"""What stands behind a label: nothing, a number, or words."""

from __future__ import annotations

import re

from bot.connectors.parser import mrkdwn, text
from bot.connectors.parser.word_list import words
from storage import legal_forms

_ABSENT = words(
    """none n/a n.a. na. not_provided not_set not_specified not_given not_available no_value no_response
    no_answer no_data not_entered no_company no_name no_email no_phone unknown empty undefined
    undefined_undefined null_null none_none - -- --- – — ー ― . .. ... なし 無し 無 無記入 無回答 未入力
    未記入 未設定 未回答 未選択 未登録 未取得 未定義 記入なし 回答なし 選択なし 入力なし 値なし 該当なし
    該当なし。 特になし 特に無し とくになし 特になし。 データなし 不明 空欄
    please_select please_choose please_select... select select... choose choose_one select_one -select- --select--
    選択してください 選択して下さい お選びください 選択 no_message no_comment no_comments blank_response
    anonymous 匿名 未入力です"""
)
_ABSENT_AS_WRITTEN = {"null", "NULL", "nil", "undefined"}  # Null, with a capital, is a family name.
_ABSENT_IN_BRACKETS = {*_ABSENT_AS_WRITTEN, "blank", "空", "無", "object object"}  # 空 alone is a given name.
_TAG = r"\{\{[^{}]*\}\}|\$\{[^{}]*\}|%%[^%]{1,60}%%|\{![^{}]{1,80}\}|<<[^<>]{1,80}>>"
_MERGE_TAG = re.compile(rf"(?:(?:{_TAG})\s*){{1,5}}")
_AROUND = re.compile(r"^[\s(\[<_*`\"'「-]+|[\s)\]>_*`\"'」-]+$")
_LONGEST_ABSENT = 30
_SCORE = re.compile(
    r"(?:[\d,]{1,12}\s*点満点中\s*)?"
    r"(?P<whole>\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.(?P<fraction>\d{1,6}))?"
    r"\s*(?:点|pts?\.?|points?|ポイント)?"
    r"(?:\s*(?:/|out of|of)\s*[\d,]{1,12}\s*(?:点|pts?\.?|points?)?)?"
    r"(?P<remark>\s*\([^()]{1,60}\))?",
    re.IGNORECASE,
)
_LONGEST_SCORE = 200
_SCORE_IN_PROSE = re.compile(r"(?:\bscore|スコア)\s{0,5}(?:is|of|:|が|は)?\s{0,5}(\d{1,5})(?![\d.,/%])", re.IGNORECASE)
_WRAPPED = re.compile(r"(?P<mark>\*\*|[*_~`])(?P<inner>.+)(?P=mark)", re.DOTALL)
_HONORIFIC = re.compile(r"(?<=\S)\s*(?:様|さま|さん|殿|氏)$")
_BEFORE_NAME = re.compile(r"^(?:Mr|Mrs|Ms|Mx|Miss|Herr|Frau|Mme)\.?\s+(?=\S)")
_MOST_BESIDE = 3
_ABOUT_FIRM = re.compile(
    r"\s{0,5}[(（](?P<brackets>[^()（）]{0,80}(?:\d|employees|,|、|従業員|業種|規模|\w\.\w)[^()（）]{0,80})[)）]$"
    r"|\s{1,5}[·•|｜]\s{1,5}(?P<dots>.{1,200})$"
    r"|\s{0,5}[/／]\s{0,5}(?P<unit>[^/／]{1,20}(?:部|課|室|科|センター|本部))$"
)
_REMARK = re.compile(r"(?<=\S)\s*[(（](?:男性|女性|男|女|本人|ご本人|he/him|she/her|they/them)[)）]\s*$", re.IGNORECASE)
# Kentaro Ogata / 緒方 健太郎: the name as it is written at home.
_LATIN = r"[A-Za-z][A-Za-z .'-]{2,40}"
_AT_HOME = r"[^\W\d_a-zA-Z][^/／()（）a-zA-Z]{1,20}"
_IN_TWO_SCRIPTS = re.compile(
    rf"{_LATIN}\s*[/／(（]\s*(?P<b>{_AT_HOME}?)\s*[)）]?|(?P<a>{_AT_HOME}?)\s*[/／(（]\s*{_LATIN}\s*[)）]?"
)
_ADDRESSEE = re.compile(r"(?<=\S)\s*(?:御中|様)$")
# No match begins amid spaces: each of a long row would be tried to its end.
_KANA_BESIDE = re.compile(r"(?<!\s)\s*[(（/／][\u3040-\u30ff\uff66-\uff9fー\s・]++(?:[)）]\s*)?$")
_UNFILLED = re.compile(rf"\b(?:undefined|null)\b|{_TAG}")
_QUOTED = re.compile(r'"(?P<inner>[^"]*)"|“(?P<curly>[^“”]*)”', re.DOTALL)
_DASHES = re.compile(r"(?<=\d)\s*[‐‑‒–—―−ー─]\s*(?=\d)")
_FAX = re.compile(
    r"[\s/／|｜,、(（]{0,9}(?:fax|ＦＡＸ|ﾌｧｯｸｽ|ファックス|ファクス)(?![a-z]).*$", re.IGNORECASE | re.DOTALL
)
_KIND_OF_PHONE = re.compile(
    r"(?<!\s)\s*\((?:work|mobile|home|office|cell|direct|main|会社|携帯|自宅|直通|代表)\)\s*$", re.IGNORECASE
)
# 0800-555-0607（平日9-17時）: when to call stays out of the number.
_BESIDE_NUMBER = re.compile(r"(?<=\d)\s?[(（][^()（）]{0,40}[^\W\d][^()（）]{0,40}[)）]$")
_PHONE = re.compile(r"[+(]?\d[\d\s().+\-/]{5,}")
_FIRM = re.compile(
    r"法人|(?:工機|工業|商事|商会|商店|製作所|製菓|電機|電気|印刷|建設|建築|物産|産業|工務店"
    r"|不動産|食品|フーズ|システムズ?|ホールディングス|グループ|銀行|信用金庫|大学|病院|医院|クリニック|市役所|区役所|協会|組合|事務所|化成|化学|製薬|ガラス"
    r"|運輸|運送|物流|鉄工|鋼業|金属|スチール|研究所|学園|高校|精機|繊維|紙業|木材|石油|ガス|電力|通信|証券|保険|自動車|観光|ホテル|旅館)$"
)
_LETTERS_JA = re.compile("[\u3041-\u30fa\u4e00-\u9fff]")
_PLAIN_SIGNS = str.maketrans("０１２３４５６７８９＋－", "0123456789+-")
_ARROW = re.compile(r"^[→⇒➜➔➡⟶]\ufe0f?\s*")
_QUOTE = re.compile(r"^(?:>|&gt;)\s?", re.MULTILINE)


def is_absent(shown: str) -> bool:
    """Return whether the text stands for no value: blank, `None`, `(未入力)`, `_No response_`, or a merge tag that
    nobody filled in."""
    words = text.compatible(shown)
    if text.is_blank(shown) or words in _ABSENT_AS_WRITTEN or _MERGE_TAG.fullmatch(words):
        return True
    if len(words) > _LONGEST_ABSENT:
        return False
    bare = _AROUND.sub("", words)
    if bare != words and bare.casefold() in _ABSENT_IN_BRACKETS:
        return True
    return (bare or words).casefold() in _ABSENT or (not bare and words in {'""', "''", "()", "[]"})


def line(raw: str) -> str:
    """One line as a reader sees it, without a quote mark before it, or markup or quotation marks around the whole."""
    return _unquoted(text.line(_unwrapped(mrkdwn.plain(_ARROW.sub("", _QUOTE.sub("", raw.strip()))))))


def paragraphs(raw: str) -> str:
    """Several lines as a reader sees them; markup inside the person's own words is left as it is."""
    quoted = [each for each in raw.strip().split("\n") if each.strip()]
    if quoted and all(_QUOTE.match(each) for each in quoted):
        raw = _QUOTE.sub("", raw.strip())
    return _unquoted(text.paragraphs(mrkdwn.plain(_ARROW.sub("", raw.strip()))))


def score(shown: str) -> int | None:
    """Return the points in `82`, `82点`, `82 / 100` or `82 (hot)`, or None. Fractions are cut, to
    give no points away."""
    if len(shown) > _LONGEST_SCORE:  # its spaces may be shared out in too many ways to try
        return None
    now = re.split(r"\s*(?:→|⇒|->|=>)\s*", text.compatible(shown))[-1]  # 62 → 78
    match = _SCORE.fullmatch(now.lstrip("🔥⭐✨🎯 "))
    return int(match["whole"].replace(",", "")) if match else None


def score_in_prose(shown: str) -> int | None:
    """Return the points in `Lead score: 210 | Grade: B` or `| Score 66 |`, or None."""
    match = _SCORE_IN_PROSE.search(text.compatible(shown))
    return int(match[1]) if match else None


def is_whole(shown: str) -> bool:
    """Return whether a score says no more than its points: no fraction, no remark."""
    return re.search(r"\d\.\d|\)$", text.compatible(shown)) is None


def person(raw: str) -> str:
    """Return a person's name, without an address or its sound in kana or Latin letters beside it, or 様 after it: the
    card adds its own."""
    shown = _KANA_BESIDE.sub("", _UNFILLED.sub("", _REMARK.sub("", mrkdwn.without_addresses(line(raw)))))
    name = _HONORIFIC.sub("", _BEFORE_NAME.sub("", _unquoted(shown.strip())))
    name = name.rstrip(" –—|,/-")
    twice = _IN_TWO_SCRIPTS.fullmatch(name)
    return (twice["a"] or twice["b"]).strip() if twice else name


def phone(raw: str) -> str | None:
    """Return a telephone number with its digits and dashes made plain, without a fax number behind it or the "p:" that
    Meta puts before it, or None where none stands there."""
    given = _KIND_OF_PHONE.sub("", _FAX.split(line(raw).translate(_PLAIN_SIGNS))[0]).removeprefix("p:")
    given = _BESIDE_NUMBER.sub("", given)
    shown = _DASHES.sub("-", given if _LETTERS_JA.search(given) else text.compatible(given))
    return shown if _PHONE.search(shown) and sum(c.isdigit() for c in shown) >= 6 else None


def is_machine(address: str) -> bool:
    """Return whether an e-mail address is one from which nobody writes."""
    local = address.partition("@")[0].lower().replace("-", "").replace("_", "").replace(".", "")
    return local.startswith(("noreply", "donotreply", "mailerdaemon", "postmaster", "notifications"))


def is_firm(shown: str) -> bool:
    """Return whether a name is one of a company by its form: 株式会社, Ltd, a trade at its end."""
    return legal_forms.stands_in(shown) or _FIRM.search(shown) is not None


def company(raw: str) -> tuple[str, str | None]:
    """Return a company's name, without 御中 or 様 after it; and what is said about it behind the name, in brackets or
    behind a dot: its size, its address, its trade."""
    shown = _ADDRESSEE.sub("", line(raw))
    beside: list[str] = []
    while len(beside) < _MOST_BESIDE and (about := _ABOUT_FIRM.search(shown)) and about.start():
        beside.insert(0, (about["brackets"] or about["dots"] or about["unit"]).strip())
        shown = _ADDRESSEE.sub("", shown[: about.start()])
    return shown, ", ".join(beside) or None


def url(raw: str) -> str:
    """Return the first web address in the text, or the text itself where there is none."""
    links = mrkdwn.links(raw)
    return links[0].url if links else line(raw)


def _unwrapped(shown: str) -> str:
    stripped = shown.strip()
    wrapped = _WRAPPED.fullmatch(stripped)
    return wrapped["inner"].strip() if wrapped and wrapped["mark"] not in wrapped["inner"] else stripped


def _unquoted(shown: str) -> str:
    """Return the text without the quotation marks that Marketo puts round every value."""
    quoted = _QUOTED.fullmatch(shown)
    return (quoted["inner"] or quoted["curly"] or "").strip() if quoted else shown
