"""One line of a notification: does it begin a field, and how surely?"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property

from bot.connectors.parser import labels, mrkdwn, text
from bot.connectors.parser.label_words import guess

_PROSE_WORDS = 8
_OF_A_SUBJECT = frozenset(["re", "fw", "fwd"])
_PLAIN_LABEL = 50
_LABEL_ALONE = 40


class Style(IntEnum):
    """How a label is set off from its value, the surest first."""

    BOLD = 1  # *Name*: Jane, *Name:* Jane
    HEADING = 2  # *Name*, 【氏名】 or ■氏名, with the value behind it or on the next line
    DOUBLE = 3  # Name :: Jane
    COLON = 4  # Name: Jane
    LOOSE = 5  # Name - Jane, Name | Jane, Name = Jane, Name => Jane, 氏名<wide space>佐藤
    ALONE = 6  # Name, with nothing around it and the value on the next line
    SIGN = 7  # 👤 Jane


@dataclass(frozen=True)
class Labelled:
    """A line that may begin a field. `value` is still in Slack's markup."""

    style: Style
    label: str
    value: str
    colon: str = ""
    """Behind a space where one stands before it: so tools write, to make columns of their fields."""
    sign: str = ""
    """What stands before the label: a bullet, `■`, or "emoji"; tools put the same before each."""

    @cached_property
    def field(self) -> labels.Field | None:
        """The field that the label names, if it is known."""
        return labels.field_of(self.label)


MARKERS = "■□◆◇●○▼▽▶▲★☆◎"
_KEPT_AT_START = "*_<[【［`"
_NUMBERED = re.compile(r"^[\[［(（【]\s?\d{1,3}\s?[\]］)）】]\s*(?=[^\s:：])")
_SHORTCODES = re.compile(r"^(?::[a-z0-9_+'-]{1,60}:(?:[:：]skin-tone-\d:)?\s*)+")
_BOLD = re.compile(
    r"^(?P<mark>\*\*|\*|_)(?P<label>[^*\n<>]{1,200}?)\s*(?P<inner>::|:|：)?\s*(?P=mark)"
    # Not the colon of an :emoji:.
    r"\s*(?P<outer>::|:(?![a-z_+][a-z0-9_+'-]{0,60}:(?!//))|：|[-–—](?=\s))?\s*(?P<value>.*)$"
)
_BRACKET = re.compile(
    r"^(?:【(?P<a>[^【】<>]{1,100})】|[［\[](?P<b>[^［］\[\]<>]{1,100})[］\]])\s*[:：]?\s*(?P<value>.*)$"
)
_DOUBLE = re.compile(r"^(?P<label>[^<>\n]{1,200}?)\s*(?:::|：：)(?P<value>.*)$")
_COLON = re.compile(r"^(?P<label>[^:：<>\n]{1,80}?)(?P<gap>\s*)(?P<colon>[:：])(?P<value>.*)$")
_SIGNS = {
    "Name": "👤 🧑 👨 👩 🙋 :bust_in_silhouette: :man: :woman: :adult: :raising_hand:",
    "Company": "🏢 🏭 🏛 :office: :factory: :classical_building:",
    "Email": "✉ 📧 📨 📩 :email: :e-mail: :envelope: :incoming_envelope:",
    "Phone": "📞 ☎ 📱 ☏ :telephone_receiver: :phone: :telephone: :iphone:",
    "Title": "💼 👔 :briefcase: :necktie:",
    "Message": "💬 🗨 📝 :speech_balloon: :left_speech_bubble: :memo:",
}
_SIGN_OF = {sign: label for label, signs in _SIGNS.items() for sign in signs.split()}
_SIGN = re.compile(rf"^(?P<sign>{'|'.join(map(re.escape, _SIGN_OF))})\ufe0f?\s*(?P<value>\S.*)$")
_ASKED = re.compile(r"^(?P<label>[^:：<>\n?？]{2,80}[?？])\s+(?P<value>\S.*)$")
_SPACED = re.compile(r"^(?P<label>[^\s:：<>]{2,20}?)[ ／](?P<value>\S.*)$")
_LOOSE = re.compile(
    r"^\|?\s*(?P<label>[^<>|\t\n]{1,60}?)"
    r"(?:\s+[-–—]\s+|\s*\|\s*|[\t\u3000]+| {2,}|\s*[.…・]{3,40}\s*|\s*(?:=>?|->|[→⇒➜➔➡⟶▶►▷])\s*|\s+[/／]\s+)"
    r"(?P<value>.*?)\s*\|?$"
)


def labelled(raw: str) -> Labelled | None:
    """Return the line as label and value, or None where it is neither."""
    stripped = raw.strip()
    if not stripped:
        return None
    rest = _without_decoration(stripped)
    set_off = _bold(rest) or _bracket(rest) or _marked(stripped, rest)
    candidate = set_off or _known_colon(rest) or _double(rest) or _colon(rest)
    candidate = candidate or _signed(stripped) or _loose(rest) or _asked(rest) or _spaced(rest) or _alone(rest)
    return replace(candidate, sign=_sign(stripped, rest)) if candidate and candidate.label else None


def label_text(raw: str) -> str:
    """Return a label as a reader sees it, without emoji, bullets and colons around it."""
    shown = _without_decoration(text.line(mrkdwn.plain(raw))).strip(" *_`【】[]［］")
    return _SHORTCODES.sub("", shown).rstrip(" :：.．…・").strip()


def bare_line(raw: str) -> str:
    """Return a line without quote marks, emoji and bullets before it."""
    return _without_decoration(raw.strip()).lstrip("_*")


def _without_decoration(shown: str) -> str:
    """Return the line without quote marks, emoji, bullets and the like before its first word."""
    rest = shown
    while rest:
        shorter = _NUMBERED.sub("", _SHORTCODES.sub("", rest.removeprefix("&gt;")).lstrip())
        if shorter and not (shorter[0].isalnum() or shorter[0] in _KEPT_AT_START) and _is_sign(shorter[0]):
            shorter = shorter[1:]
        if shorter == rest:
            break
        rest = shorter
    return rest


def _sign(stripped: str, rest: str) -> str:
    before = stripped[: len(stripped) - len(rest)].strip().removeprefix("&gt;").strip()
    if _SHORTCODES.match(before) or any(unicodedata.category(c) == "So" and c not in MARKERS for c in before):
        return "emoji"
    return before[:1]


def _is_sign(character: str) -> bool:
    return unicodedata.category(character) in {"So", "Sk", "Sm", "Mn", "Me", "Cf", "Pd", "Po", "Zs"}


def _bold(rest: str) -> Labelled | None:
    match = _BOLD.match(rest)
    if not match:
        return None
    label, value = label_text(match["label"]), match["value"].strip()
    if match["inner"] or match["outer"]:
        return Labelled(Style.BOLD, label, value)
    if not value:
        # The whole line is bold: `*Company: Acme*`, or a label with its value on the next line.
        return _colon(match["label"]) or Labelled(Style.HEADING, label, "")
    return Labelled(Style.HEADING, label, value) if labels.field_of(label) else None


def _bracket(rest: str) -> Labelled | None:
    match = _BRACKET.match(rest)
    return Labelled(Style.HEADING, label_text(match["a"] or match["b"]), match["value"].strip()) if match else None


def _marked(stripped: str, rest: str) -> Labelled | None:
    is_guessed = re.search("[:：]", rest) is None and guess(rest) is not None
    if stripped[:1] not in MARKERS or not (labels.field_of(rest) or labels.weak_of(rest) or is_guessed):
        return None
    return Labelled(Style.HEADING, label_text(rest), "")


def _double(rest: str) -> Labelled | None:
    match = _DOUBLE.match(rest)
    if not match:
        return None
    label, value = label_text(match["label"]), match["value"]
    # `std::vector` and `[2001::1]` are no answers to a question.
    if value[:1] not in {"", " ", "\t"} and labels.field_of(label) is None:
        return None
    return Labelled(Style.DOUBLE, label, value.strip())


def _known_colon(rest: str) -> Labelled | None:
    """Return a known label before a single colon, which comes before any `::` in its value."""
    candidate = _colon(rest)
    return candidate if candidate and candidate.field and not candidate.value.startswith((":", "：")) else None


def _colon(rest: str) -> Labelled | None:
    match = _COLON.match(rest)
    if not match:
        return None
    label, value = label_text(match["label"]), match["value"]
    if labels.field_of(label) is None and not _could_be_label(label, match["colon"], value):
        return None
    return Labelled(Style.COLON, label, value.strip(), " " * bool(match["gap"]) + match["colon"])


def _could_be_label(label: str, colon: str, value: str) -> bool:
    """Return whether an unknown label is one at all: not a time of day, a web address, or the half of a sentence."""
    if label.casefold() in _OF_A_SUBJECT:
        return False
    if len(label) > _PLAIN_LABEL or len(label.split()) > _PROSE_WORDS or "。" in label or value.startswith("//"):
        return False
    spaced = colon == "：" or value[:1] in {"", " ", "\t"} or labels.is_japanese(label[-1:])
    return spaced and any(c.isalpha() for c in label)


def _loose(rest: str) -> Labelled | None:
    match = _LOOSE.match(rest)
    if not match or not match["value"].strip(" |"):
        return None
    if labels.listed(match["value"]) and re.search(r"\s[/／]\s", rest):
        return None  # 会社名 / Company is one label
    return Labelled(Style.LOOSE, label_text(match["label"]), match["value"].strip())


def _signed(stripped: str) -> Labelled | None:
    """Return a value behind a sign for what it is: `🏢 Acme`."""
    match = _SIGN.match(stripped)
    return Labelled(Style.SIGN, _SIGN_OF[match["sign"]], match["value"].strip()) if match else None


def _asked(rest: str) -> Labelled | None:
    """Return the answer behind a question that asks for a field: `Where do you work? Acme`."""
    match = _ASKED.match(rest)
    known = match and labels.field_of(match["label"])
    return Labelled(Style.LOOSE, label_text(match["label"]), match["value"].strip()) if match and known else None


def _spaced(rest: str) -> Labelled | None:
    """Return `会社 青葉工機`: a Japanese label of the list, which a sentence does not set apart by a space."""
    match = _SPACED.match(rest)
    known = match and labels.is_japanese(match["label"]) and labels.listed(match["label"])
    if match and labels.listed(match["value"]):
        return None  # 会社名／部署名 is one label
    return Labelled(Style.LOOSE, match["label"], match["value"].strip()) if match and known else None


def _alone(rest: str) -> Labelled | None:
    label = label_text(rest)
    known = len(rest) <= _LABEL_ALONE and labels.field_of(label)
    return Labelled(Style.ALONE, label, "") if known else None
