"""Company, job and name that stand together: 青葉工機 営業部 部長 佐藤 葵 様, or "Ben Ito from Ito Steel" in prose."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile, takewhile

from bot.connectors.parser import labels, mrkdwn, values
from bot.connectors.parser.word_list import words as word_list
from storage import free_mail, legal_forms

_LONGEST = 400
_JOB_EN = (
    r"\b(?:director|manager|head|officer|president|founder|engineer|lead|partner|owner|vp|svp|evp|c[efimot]o|chief|buyer"
    r"|analyst|consultant|specialist|executive|coordinator|principal|architect|administrator|supervisor)\b"
)
_POST_JA = (
    r"(?:部長|課長|係長|主任|室長|次長|所長|支店長|店長|工場長|院長|事務長|師長|支配人|取締役|執行役員|役員|社長|会長|専務|常務|代表|主査"
    r"|マネージャー|マネジャー|リーダー|チーフ)"
)
JOB = re.compile(rf"{_JOB_EN}|{_POST_JA}$", re.IGNORECASE)
_UNIT_JA = re.compile(
    rf"(?:部|課|室|係|(?<!事務)局|科|グループ|チーム|センター|支社|支店|営業所|工場|事業所|ユニット|{_POST_JA}|研究員|担当)$"
)
_FORM_ALONE = frozenset(["株式会社", "(株)", "（株）", "㈱", "有限会社", "合同会社"])
_FORM = re.compile(
    r"(?:株式|有限|合同)会社[^\s、。のはがを）)]|[^\s、。の（(]{2}(?:株式|有限|合同)会社|[(（]株[)）]|㈱"
    r"|\b[A-Z][\w&.-]{0,30} (?:Inc|Ltd|LLC|GmbH|Corp|AG|BV|AB|AS|Oy|PLC|Co\., Ltd)\b"
)
_FIRM_BESIDE = re.compile(r"(?P<name>[^()（）]{1,60}?)\s*[(（](?P<firm>[^()（）]{2,60})[)）]")
_IN_PROSE_JA = re.compile(
    r"(?P<company>(?:株式会社|有限会社|合同会社|[(（]株[)）]|㈱)[^\s、。「」【】：:の(（]{1,30}"
    r"|[^\s、。「」【】：:の(（よりから]{1,30}(?:株式会社|有限会社|合同会社|[(（]株[)）]|㈱))"
    r"(?:[(（][^()（）]{1,20}[)）])?"
    r"(?:\s*の\s*|\s+)(?:(?P<unit>[^\s、。の（(]{1,12}(?:部|課|室|係|局|科|センター))\s+)?"
    r"(?P<person>[^\s、。の（(]{1,12}(?:\s[^\s、。（(]{1,10})?)\s*(?:様|さま|さん)"
    r"(?:\s?[(（](?P<post>[^()（）]{2,12})[)）])?"
)
# ハマナ運輸の川添様より: the company need not say its legal form, where its trade does.
_OF_A_FIRM_JA = re.compile(
    r"(?:^|[\s、。「『：:])(?P<company>[^\s、。「」『』：:の（(]{2,30})の(?P<person>[^\s、。の（(]{1,8}(?:\s[^\s、。（(]{1,8})?)\s?(?:様|さま)"
)
# A name begins with a capital; what joins its parts does not. Bounded, so that a long run of words costs no more.
_NAME_JA = r"[^\W\d_a-zA-Z]{1,6}[ \u3000][^\W\d_a-zA-Z]{1,6}"
_ACTS_JA = re.compile(
    rf"(?:^|[\s、。：:「『】])(?P<a>{_NAME_JA})\s*[」』]?\s*(?:様|さま|さん)(?:が|から|より|の)"
    rf"|(?:プロスペクト|リード|コンタクト|見込み客|顧客|お客様)\s*[「『](?P<b>{_NAME_JA})[」』]"
)
_NUMBER = re.compile(
    r"(?<![\w-])(?:\+\d{1,3}(?:[\s-]?(?:\(\d{1,5}\)|\d{1,5})){3,5}|\(?0\d{1,5}\)?[\s-]?\d{1,5}[\s-]\d{3,5}"
    r"|(?:\([2-9]\d{2}\)\s?|[2-9]\d{2}[-. ])\d{3}[-. ]\d{4})(?![\d-])"
)
_FAX = re.compile(r"(?:fax|ＦＡＸ|ファックス|ファクス)[^\d+(\n]{0,8}[\d+(][\d ()+-]{5,20}", re.IGNORECASE)
_CALLED = re.compile(
    r"(?:\bTEL|\bPhone|\bT|電話(?:番号)?|代表|☎|📞)\s*[.:：]?\s*(?P<number>[+(]?\d[\d ()-]{5,20}\d)", re.IGNORECASE
)
_LONGEST_WORD_JA, _MOST_WORDS = 5, 6
_SENTENCE = re.compile(r"[、。！!？?：:@]|(?:です|ます|ました|さん|様)(?:$|[がのよを])")
_BESIDE_NAME = re.compile(r"\s*[(（,–—-]\s*(?P<title>[^,()（）–—\n]{2,40})")
_CAPITAL = "A-Z\u00c0-\u00d6\u00d8-\u00de\u0100-\u024f\u0370-\u03ff\u0400-\u04ff"
_WORD = rf"[{_CAPITAL}][\w'’.-]{{0,30}}"
_NAME = rf"{_WORD}(?: (?:(?:van|von|de|del|der|da|di|bin|al|la|le) ){{0,2}}{_WORD}){{1,3}}"
_FIRM = rf"(?:{_WORD}|\d[\w-]{{0,20}})(?: (?:(?:&|and|of|und|et|y|de) )?(?:{_WORD}|&)){{0,5}}"
_ACTS_EN = re.compile(
    rf"(?P<person>{_NAME}) (?:(?:has|have|just|also) ){{0,2}}(?:reached|submitted|requested|booked|registered"
    r"|downloaded|filled|signed up|asked|completed|wants|would like)\b"
)
_INTRODUCED = re.compile(
    r"(?P<firm>[^\s、。！!？?\n：:]{2,30})(?:[ \u3000](?P<unit>[^\s、。の]{1,14}(?:部|課|室|係|局|科|センター)))?"
    r"の(?P<person>[^\s、。の]{1,6}(?:\s[^\s、。]{1,6})?)"
    r"と申(?:し|す)"
)
# 山陰リネン有限会社で購買を担当しております、安達と申します
_IN_CHARGE = re.compile(
    r"(?P<firm>[^\s、。！!？?\n：:]{2,30}?)(?P<unit>(?!))?(?:で|にて)[^。\n]{2,40}?、(?P<person>[^\s、。の]{1,6}(?:\s[^\s、。]{1,6})?)"
    r"と申(?:し|す)"
)
_IN_PROSE_EN = re.compile(
    rf"(?P<person>{_NAME})\s*(?:[(\[][^()\[\]\n]{{0,80}}[)\]]\s*)?"
    rf"(?:,\s*(?P<title>[^,.;:\n]{{2,60}}?)\s*)?,?\s*\b(?:at|from|of(?!\s[^,.;:()\n]{{1,40}}\bat\s))\s+(?P<company>{_FIRM})"
)
_NOT_A_NAME = word_list(
    """i'm i’m i this is hi hello
    new lead prospect contact visitor visit meeting demo call request inbound hot mql form webinar event from by dear
    mr mrs ms"""
)


@dataclass(frozen=True)
class Named:
    """Whom some words name; at least a company and a person."""

    company: str
    person: str
    title: str | None = None


def beside_company(raw: str) -> Named | None:
    """Return who stands in `青葉工機 営業部 佐藤様` or `佐藤 葵（株式会社青葉）`; None where only a name does."""
    shown = mrkdwn.without_addresses(values.line(raw))
    beside = _FIRM_BESIDE.fullmatch(shown)
    if beside and values.is_firm(beside["firm"]) and not values.is_firm(beside["name"]):
        firm, about = values.company(beside["firm"])
        return Named(firm, values.person(beside["name"]), about)
    parts = shown.split()
    firms = [place for place, word in enumerate(parts) if values.is_firm(word)]
    if not firms or firms[0] > 1:
        return None
    begins = firms[0] + 1 + (parts[firms[0]] in _FORM_ALONE and firms[0] == 0)
    begins += parts[begins : begins + 1] in ([form] for form in _FORM_ALONE)
    unit = list(takewhile(_UNIT_JA.search, parts[begins:]))
    name = values.person(" ".join(parts[begins + len(unit) :]))
    if not name or values.is_firm(name):
        return None
    return Named(" ".join(parts[:begins]), name, " ".join(unit) or None)


def in_prose(shown: str) -> Named | None:
    """Return who is named in `株式会社青葉の山本様から` or `Ben Ito, CFO at Ito Steel, asked`, or None: in Japanese a
    company that says so and a name with 様, in English two names with "at", "from" or "of" between them."""
    head = shown[:_LONGEST]
    if match := _IN_PROSE_JA.search(head):
        post = match["post"] if match["post"] and JOB.search(match["post"]) else None
        unit = list(takewhile(_UNIT_JA.search, match["person"].split()[:-1]))
        person = " ".join(match["person"].split()[len(unit) :])
        return Named(match["company"], person, " ".join(filter(None, (match["unit"], *unit, post))) or None)
    for match in _OF_A_FIRM_JA.finditer(head):
        if values.is_firm(match["company"]) and not values.is_firm(match["person"]):
            return Named(match["company"], match["person"])
    for match in _IN_PROSE_EN.finditer(head.replace("*", "")):
        name = next((name for name, _ in _names(match["person"])), None)
        if name and not JOB.search(name):
            return Named(_one_sentence(match["company"]), name, match["title"])
    return None


def is_unit(shown: str) -> bool:
    """Return whether the words end in a department or a post: 営業部, 企画 課長."""
    return _UNIT_JA.search(shown) is not None


def acting(shown: str) -> str | None:
    """Return the name in `大西 由佳さんが送信しました`, `リード「大西 由佳」` or `Ann Lee has requested`, its parts
    apart."""
    head = shown[:_LONGEST].replace("*", "")
    if match := _ACTS_JA.search(head):
        return match["a"] or match["b"]
    acts = _ACTS_EN.search(head)
    return next((name for name, _ in _names(acts["person"])), None) if acts else None


def by_address(shown: str, address: str) -> Iterator[tuple[str, str]]:
    """Yield field and value of what the e-mail address itself confirms in some words: `Nadia Karim (CTO, Karim Labs)`
    beside nadia@karimlabs.example."""
    local, _, domain = address.lower().partition("@")
    bare, own, host = shown[: 5 * _LONGEST].replace("*", ""), _letters(local), _letters(domain.partition(".")[0])
    person, end = next(((name, end) for name, end in _names(bare) if _shares_a_word(name, own)), (None, 0))
    if person:
        yield "person", person
        beside = _BESIDE_NAME.match(bare, end)
        if beside and JOB.search(beside["title"]):
            yield "title", beside["title"].strip()
    firms = [match[0].strip(" ,") for match in re.finditer(_FIRM, bare)] if domain not in free_mail.DOMAINS else []
    yield from (("company", firm) for firm in firms if firm != person and _is_of(host, firm))


def on_card(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield field and value of each line of a business card that says by itself what it is: a company, a department or
    post, a name of two parts."""
    for line in lines:
        words = values.line(line).split()
        units = list(takewhile(_UNIT_JA.search, words))
        name = words[len(units) :]
        if _SENTENCE.search(line) or len(words) > _MOST_WORDS:
            continue
        if not units and values.is_firm(" ".join(words)):
            yield "company", " ".join(words)
        elif not name or (len(name) == 2 and all(map(_could_be_name_ja, name))):
            yield from (("person", " ".join(name)), ("title", " ".join(units)))


def number(shown: str) -> str | None:
    """Return the only telephone number among some words, fax numbers apart; of several the one that is called so, or
    None."""
    voice = _FAX.sub("", shown)
    numbers = list(dict.fromkeys(match[0] for match in _NUMBER.finditer(voice)))
    called = list(dict.fromkeys(match["number"] for match in _CALLED.finditer(voice)))
    only = numbers if len(numbers) == 1 else called
    return only[0] if len(only) == 1 else None


def has_number(shown: str) -> bool:
    """Return whether a telephone number stands in some words, fax numbers apart."""
    return _NUMBER.search(_FAX.sub("", shown)) is not None


def names_firm(shown: str) -> bool:
    """Return whether a company stands in some words by its legal form."""
    return _FORM.search(shown) is not None


def employer(person: str, shown: str) -> str | None:
    """Return the company that some words give a person: `Ann Lee with Pine Corp`, `株式会社松の李と申します`. Behind
    "from" it must be one by its form, for people are from towns too."""
    head = shown[: 5 * _LONGEST]
    for family in dict.fromkeys([person, person.split(maxsplit=1)[0]]):
        match = re.search(
            rf"(?P<firm>[^\s、。！!？?\n]{{2,30}})の\s*{re.escape(family)}(?:\s*\w{{1,6}})?\s*(?:と申|です|でござ)",
            head,
        )
        if match and values.is_firm(match["firm"]):
            return match["firm"]
    pattern = rf"{re.escape(person)},?(?: \w{{1,10}})? (?P<how>at|with|from|of) (?P<firm>{_FIRM})"
    latin = re.search(pattern, head)
    if latin and (latin["how"] in {"at", "with"} or values.is_firm(latin["firm"])):
        return _one_sentence(latin["firm"])
    return None


def introduced(shown: str) -> Named | None:
    """Return who says who they are: `株式会社松の李と申します`; the company must be one by its form."""
    match = _INTRODUCED.search(shown[: 5 * _LONGEST]) or _IN_CHARGE.search(shown[: 5 * _LONGEST])
    return Named(match["firm"], match["person"], match["unit"]) if match and values.is_firm(match["firm"]) else None


def is_name(shown: str) -> bool:
    """Return whether some words are a name by their form, and nothing else: 堀川 慎, Johanna Weiss."""
    return re.fullmatch(rf"{_NAME_JA}|{_NAME}(?:, {_FIRM})?", shown) is not None


def firm_of(address: str, shown: str) -> str | None:
    """Return the company in a line that the domain of an e-mail address confirms: `Wendell Osei, Osei Cocoa`."""
    _, _, domain = address.lower().partition("@")
    if domain in free_mail.DOMAINS:
        return None
    host = _letters(domain.partition(".")[0])
    parts = re.split(r",\s*|\s[|·/]\s", shown[:_LONGEST])
    return next((part for part in parts if "." not in part and _is_of(host, part)), None)


def confirms(address: str, name: str, firm: str) -> bool:
    """Return whether an e-mail address is one of this person, or of somebody of this company, by its letters."""
    local, _, domain = address.lower().partition("@")
    return _shares_a_word(name, _letters(local)) or _is_of(_letters(domain.partition(".")[0]), firm)


def _one_sentence(firm: str) -> str:
    """Return a company's name without the sentence that begins behind it: `Ito Steel. We`."""
    first = re.split(r"(?<=\w{3})\.\s", firm)[0].rstrip(",-–— ")
    return first if re.search(r"\b(?:Co|Inc|Ltd|Corp|o|A|L)\.$", first) else first.rstrip(".")


def _names(shown: str) -> Iterator[tuple[str, int]]:
    """Yield what may be names of people by their capitals, without the words that tools put before them, and where
    they end."""
    for match in re.finditer(_NAME, shown):
        words = list(dropwhile(lambda word: word.strip(".").casefold() in _NOT_A_NAME, match[0].split()))
        if len(words) > 1:
            yield " ".join(words), match.end()


def _shares_a_word(name: str, local: str) -> bool:
    return any(len(word) > 2 and _letters(word) in local for word in name.split())


def _could_be_name_ja(word: str) -> bool:
    return len(word) <= _LONGEST_WORD_JA and labels.is_japanese(word)


def _letters(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word).casefold()
    return "".join(c for c in plain if c.isascii() and c.isalnum())


def _is_of(host: str, firm: str) -> bool:
    """Return whether a name is that of the company whose host this is, its legal form apart."""
    words = [word for word in firm.split() if _letters(word) not in legal_forms.LATIN]
    name = _letters("".join(words))
    return len(name) > 3 and (
        name == host
        or (host.startswith(name) and len(host) < 2 * len(name))
        or (name.startswith(host) and len(host) > 3)
    )


def job_at(title: str) -> tuple[str, str, str]:
    """Return job, separator and company of `CFO @ Fjellbank` or `Buyer at Acme`; the last two empty where none is
    named."""
    return next((cut for sign in (" at ", " @ ") if (cut := title.partition(sign))[1]), (title, "", ""))


def beside_acting(shown: str) -> str | None:
    """Return the company in `リード「大西 由佳」（大西紙業株式会社）`."""
    match = re.search(r"[」』]\s?[(（](?P<firm>[^()（）\n]{2,40})[)）]", shown[:_LONGEST])
    return match["firm"] if match and values.is_firm(match["firm"]) else None


def by_job(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield job and company of a line that holds nothing but both: `Head of Logistics, Brandt Glas AG`."""
    for line in lines:
        job, _, firm = values.line(line)[:_LONGEST].partition(", ")
        if firm and JOB.search(job) and values.is_firm(firm) and len(job.split()) <= _MOST_WORDS:
            yield from (("title", job), ("company", firm))


def in_a_line(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield company and person of a line that holds nothing but both: `株式会社青葉 | 北条 遼 様`."""
    for line in lines:
        parts = [each.strip() for each in re.split(r"[|｜/／]", line[:_LONGEST])]
        if len(parts) == 2 and values.is_firm(parts[0]) and re.search(r"(?:様|さま|さん)$", parts[1]):
            yield from (("company", parts[0]), ("person", values.person(parts[1])))


def with_title(name: str) -> tuple[str, str | None]:
    """Return name and job of `Grace Liu, VP Marketing`; the whole as a name where what follows is no job."""
    signs = (",", " – ", " — ", " - ", " · ", " | ")
    person, comma, title = next((cut for sign in signs if (cut := name.partition(sign))[1]), ("",) * 3)
    post = re.fullmatch(r"(?P<name>[^()（）]{2,30}?)\s?[(（](?P<post>[^()（）]{2,16})[)）]", name)
    if post and JOB.search(post["post"]):
        return values.person(post["name"]), post["post"]
    if comma and JOB.search(title) and not labels.is_japanese(person) and len(person.split()) > 1:
        return person.strip(), title.strip()
    return name, None
