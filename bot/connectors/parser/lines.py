"""Lines of text as fields: where each value begins and where it ends."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.connectors.parser import labels, mrkdwn, source_lines
from bot.connectors.parser.label_forms import key
from bot.connectors.parser.label_words import guess
from bot.connectors.parser.line import MARKERS, Labelled, Style, bare_line, labelled
from bot.connectors.parser.record_hosts import is_record_host
from bot.connectors.parser.word_list import words

_RULE = re.compile(r"[\s\-=_─━—*~・.`]{3,}")
_LONGEST_LINE = 2_000
_SHORT_LABEL = 3
_SHORT_NAME = 12
WEAK = (Style.LOOSE, Style.ALONE, Style.SIGN)
_NAMING: frozenset[labels.Field | None] = frozenset(
    ["company", "person", "given_name", "family_name", "email", "phone"]
)
_BELOW_RULE = words("date time 日付 日時 remoteip poweredby")
# Below the person's own words, a tool sends its people to its own pages.
_POINTER = re.compile(
    r"管理画面|ダッシュボード|回答一覧|スプレッドシート|受信トレイ|返信する場合|ご?対応(?:を|ください)"
    r"|(?:確認|詳細|回答|返信)(?:する|は).{0,12}(?:こちら|以下)|admin|dashboard|inbox|spreadsheet"
    r"|(?:view|see|open) (?:the |this |full )*(?:response|entry|submission|record|lead|contact)",
    re.IGNORECASE,
)
# A mail's body, which is a form's fields where several of them stand in it.
_BODY = frozenset(map(key, ("メッセージ本文", "本文", "Message body", "Body")))
# What stands below the person's own words is the form's, where it is of this sort.
_OF_THE_FORM = re.compile(
    r"種別|種類|同意|個人情報|プライバシー|送信|受信|受付|登録|日時|ページ|URL|リンク|\bIP\b|エージェント|ブラウザ|端末|デバイス|流入|参照|リファラ"
    r"|担当|入力者|対応|処理|記入者|ステータス|スコア|\bID\b|番号|メルマガ|submitted|\bpage\b|\burl\b|consent|\bsource\b|agent|browser|referr|status|locale"
    r"|language|device|\btime|\bdate|assigned|owner|newsletter|opt-?in|\bform\b|\butm",
    re.IGNORECASE,
)
_BARE_LINK = re.compile(r"https?://\S+$")


@dataclass
class Pair:
    """A label and its value, which is still in Slack's markup."""

    label: str
    value: str
    is_closed: bool = False
    """Whether the message itself says where the value ends."""


@dataclass
class Read:
    """The fields of a text, and the lines that belong to none."""

    pairs: list[Pair] = field(default_factory=list)
    stray: list[str] = field(default_factory=list)
    unsure: bool = False
    """Whether a line in the message may as well be a field of the form."""


def read(raw: str) -> Read:
    """Split a text into its fields."""
    source = source_lines.lines(raw)
    candidates = [labelled(each) if len(each) <= _LONGEST_LINE else _long(each) for each in source]
    reader = _Reader(source, candidates)
    for number in range(len(source)):
        reader.take(number)
    return reader.read


def is_known(label: str) -> bool:
    """Return whether the label is in the table."""
    return labels.field_of(label) is not None


def _long(raw: str) -> Labelled | None:
    """Cut a line that is too long to search: only its beginning can be a label."""
    labelled_line = labelled(raw[:_LONGEST_LINE])
    return (
        Labelled(labelled_line.style, labelled_line.label, labelled_line.value + raw[_LONGEST_LINE:])
        if labelled_line
        else None
    )


def _sure_style(candidates: list[Labelled | None]) -> Style | None:
    """Return the surest style in which a known label stands: the style in which this tool writes its labels."""
    known = (each.style for each in candidates if each and each.style < Style.LOOSE and _says_what(each))
    return min(known, default=None)


def _says_what(line: Labelled) -> bool:
    """Return whether a label is known, or set off from its value and says what that may be."""
    is_heading = line.style in {Style.BOLD, Style.HEADING}
    return line.field is not None or (is_heading and labels.weak_of(line.label) is not None)


def _count(candidates: list[Labelled | None], style: Style) -> int:
    """Return how many different fields of a lead have their label in the style."""
    return len({each.field for each in candidates if each and each.style is style and labels.lead_field(each.field)})


def _weaker_that_count(candidates: list[Labelled | None], sure: Style | None) -> set[Style]:
    """`Name - Jane`, or a label alone in its line, is a field only among others of its kind: alone it may be a
    sentence."""
    surer = max((_count(candidates, style) for style in Style if style < Style.LOOSE), default=0) if sure else 0
    styles = {style for style in WEAK if _count(candidates, style) > max(1, surer)}
    known = sum(1 for each in candidates if each and each.style is Style.LOOSE and each.field)
    return styles | {Style.LOOSE} if sure is None and known >= 2 else styles


def _is_inline(candidates: list[Labelled | None], sure: Style | None) -> bool:
    """Return whether values stand behind their labels: then a line below an empty one-line field is not its value."""
    return any(each.value and each.field and each.style is sure for each in candidates if each)


class _Reader:
    def __init__(self, source: list[str], candidates: list[Labelled | None]) -> None:
        self.read = Read()
        self.source = source
        self.candidates = candidates
        self.sure = _sure_style(candidates)
        self.weaker = _weaker_that_count(candidates, self.sure)
        self.inline = _is_inline(candidates, self.sure)
        self.open: Pair | None = None
        self.begun: Labelled | None = None
        self.met: dict[labels.Field, str] = {}
        self.style = Style.LOOSE
        self.many_lines = False
        self.rule = ""
        first = next((number for number, each in enumerate(candidates) if each and each.field), 0)
        written = [
            number
            for number, (line, each) in enumerate(zip(source, candidates, strict=True))
            if line.strip() and not (each and (each.value or each.colon))
        ]
        self.tail = max(written, default=-1) + 1
        """Where the lines begin of which each to the end looks like a field."""
        self.frames = {each.strip() for each in source[:first] if each.strip() and _RULE.fullmatch(each)}
        """The rules above the first field: where one comes again, the form ends."""

    def take(self, number: int) -> None:
        raw, candidate = self.source[number], self.candidates[number]
        if candidate and self._is_group(number, candidate):
            self.open, self.style, self.rule = None, Style.ALONE, ""
            self.read.stray.append(raw)
        elif candidate and self._begins(number, candidate):
            self._begin(candidate)
        elif raw.strip() and _RULE.fullmatch(raw):
            # Below a rule any label may begin a field again; where none does, the rule was part of the value.
            self.rule, self.style = "\n" + raw, Style.ALONE
            if raw.strip() in self.frames and self.open and self.open.value.strip():
                self.open = None
        elif candidate and self._may_be_the_forms(number, candidate):
            self.read.unsure = True
            self.open = None
            self.read.stray.append(raw)
        elif candidate and self._may_end_the_form(number, candidate) and self.open:
            self.read.unsure = True
            self.open.value += "\n" + raw
        elif self._points_elsewhere(number) or self._is_next_heading(raw):
            self.open = None
            self.read.stray.append(raw)
        elif self.open is None or not self._goes_on(self.open, raw):
            self.read.stray.append(raw)

    def _begin(self, line: Labelled) -> None:
        self.open = Pair(line.label, line.value)
        self.begun = line
        self.style = line.style
        self.many_lines = line.field in {None, "message", "attribute"}
        self.rule = ""
        self.read.pairs.append(self.open)
        if line.field:
            self.met.setdefault(line.field, line.label)

    def _is_group(self, number: int, line: Labelled) -> bool:
        """Return whether this is the heading of several fields: `【お客様情報】` above `会社名：青葉工機`."""
        if line.value or line.style not in {Style.HEADING, Style.BOLD, Style.COLON}:
            return False
        below = next((n for n in range(number + 1, len(self.source)) if self.source[n].strip()), None)
        first = self.candidates[below] if below is not None else None
        if key(line.label) in _BODY:
            return first is not None and len(self._naming_below(number)) > 1
        if first is None or first.style in {line.style, *WEAK} or first.field is None:
            return False
        if first.value == "" and first.style > line.style:
            return False
        return line.field is None or (
            line.field == "message" and first.field in _NAMING and first.field not in self.met
        )

    def _begins(self, number: int, line: Labelled) -> bool:
        if line.style in WEAK:
            is_known = line.field is not None or labels.weak_of(line.label) is not None
            return line.style in self.weaker and is_known and not self._is_theirs(number, line)
        weaker = self.sure is not None and line.style > max(self.sure, self.style)
        if weaker and self.open is not None and self.many_lines:
            return False  # What people write may hold colons: `Budget: open` inside their message is theirs.
        if line.field is not None:
            return not self._is_theirs(number, line)
        if self.rule and (key(line.label) in _BELOW_RULE or self.rule.strip() in self.frames):
            return True
        if self._in_message() and (self._has_its_sign(line) or self._ends_in_the_forms_own(number)):
            return True
        if line.style is Style.HEADING:
            return self.sure is Style.HEADING or (guess(line.label) == "message" and bool(self.read.pairs))
        # A form asks `Which plan?:`, and a tool sends its people to its record; hardly anybody writes either.
        asks = line.label.endswith(("?", "？")) or is_record_host(line.value.strip("<> "))
        return line.style is not Style.COLON or asks or not self._in_message()

    def _in_message(self) -> bool:
        return self.open is not None and labels.field_of(self.open.label) == "message"

    def _has_its_sign(self, line: Labelled) -> bool:
        """Return whether a line has the bullet or sign before its label, or the space before its colon, that the
        message's own label has."""
        if self.begun is None:
            return False
        in_columns = line.colon.startswith(" ") and line.colon == self.begun.colon
        return in_columns or (bool(line.sign) and line.sign == self.begun.sign)

    def _ends_in_the_forms_own(self, number: int) -> bool:
        """Return whether from here to the end there are only fields, the first of which a form writes by itself; or
        several below a message that nobody wrote."""
        first = self.candidates[number]
        if first is None or self.begun is None or self.open is None or number < self.tail:
            return False
        if first.colon != self.begun.colon:
            return False
        if not self.open.value.strip():
            return self.inline and sum(1 for each in self.candidates[number:] if each) > 1
        is_link = _BARE_LINK.fullmatch(first.value.strip("<> ")) is not None
        return is_link or (first.value != "" and _OF_THE_FORM.search(first.label) is not None)

    def _is_theirs(self, number: int, line: Labelled) -> bool:
        """Return whether a line that looks like a field belongs to the message that it stands in."""
        if not self._in_message() or self.begun is None or labels.is_envelope(line.label):
            return False
        if self._has_its_sign(line) or self._ends_in_the_forms_own(number):
            return False
        if line.style < self.begun.style:
            return False
        if key(self.begun.label) in _BODY and line.field in _NAMING and self._naming_below(number):
            return False  # The mail's body is a greeting, and a form's fields below it.
        if line.colon != self.begun.colon and line.style is self.begun.style is Style.COLON:
            return True  # The form writes one colon, the person another.
        if line.field in self.met:
            return line.label != self.met[line.field] or line.style is not self.begun.style
        if labels.lead_field(line.field) or line.field == "owner" or line.style < Style.COLON:
            return False
        is_address = line.value.strip("<> ").startswith(("http://", "https://")) and " " not in line.value.strip()
        return not is_address and not self._form_goes_on(number)

    def _naming_below(self, number: int) -> set[labels.Field | None]:
        """Return the fields that say who a lead is, that were not met yet and stand further below with a colon."""
        rest = {each.field for each in self.candidates[number + 1 :] if each and each.style is Style.COLON}
        return {each for each in rest if each in _NAMING and each not in self.met}

    def _form_goes_on(self, number: int) -> bool:
        """Return whether a field of the lead that was not met yet, or whose is the lead, stands further below."""
        rest = self.candidates[number + 1 :]
        style = self.begun.style if self.begun else None
        fields = {each.field for each in rest if each and each.style is style and each.field not in self.met}
        return any(labels.lead_field(each) or each == "owner" for each in fields)

    def _points_elsewhere(self, number: int) -> bool:
        """Return whether the tool's own closing words begin: `詳しくは管理画面へ` above a bare address."""
        if not (self.open and self.many_lines) or not _POINTER.search(self.source[number][:200]):
            return False
        below = self.source[number + 1] if number + 1 < len(self.source) else ""
        return any(mrkdwn.links(each) or _BARE_LINK.search(each) for each in (self.source[number], below))

    def _may_be_the_forms(self, number: int, line: Labelled) -> bool:
        """Return whether an unknown label in the message is written as the message's own is: alone above its value,
        below a blank line."""
        if not self._in_message() or self.begun is None or line.field is not None or line.value or self.begun.value:
            return False
        is_below = number > 0 and not self.source[number - 1].strip() and self.open is not None
        return is_below and line.style is self.begun.style is Style.COLON and len(line.label.split()) <= _SHORT_LABEL

    def _may_end_the_form(self, number: int, line: Labelled) -> bool:
        """Return whether an unknown label below a message of one line is written as the form writes its own, and
        nothing but such lines follow."""
        if not self._in_message() or self.begun is None or self.open is None or line.field is not None:
            return False
        is_short = "\n" not in self.open.value.strip() and len(line.label) <= _SHORT_NAME and bool(line.value)
        is_same = line.style is self.begun.style is Style.COLON and line.colon == self.begun.colon
        return number >= self.tail and is_short and is_same and bool(self.begun.value)

    def _is_next_heading(self, raw: str) -> bool:
        """Return whether a line has the mark before it that the open label has: `■ご要望`, then `■社内メモ`."""
        sign = self.begun.sign if self.begun and self.open else ""
        return sign != "" and sign in MARKERS and raw.strip().startswith(sign)

    def _goes_on(self, pair: Pair, raw: str) -> bool:
        """Add the line to the open field where it belongs there, and return whether it does."""
        if self.rule and not raw.strip():
            self.rule += "\n" + raw
            return True
        if pair.value.strip():
            if not self.many_lines or _is_button(raw) or self._is_below(pair, raw):
                return False
            pair.value += self.rule + "\n" + raw
            self.rule = ""
            return True
        if not raw.strip():
            if not self.many_lines:
                self.open = None  # A blank line after an empty value: what follows is not the value.
            return True
        inline = self.inline and self.style is not Style.ALONE
        if not self.many_lines and (inline or _is_button(raw)) and labels.field_of(pair.label) != "crm_url":
            return False
        pair.value = raw
        return True

    def _is_below(self, pair: Pair, raw: str) -> bool:
        """Return whether a line stands below a blank one, under a value of one line that is no message: the tool's own
        words."""
        is_inline = self.begun is not None and self.begun.value != ""
        ended = pair.value.endswith("\n") and "\n" not in pair.value.strip()
        return ended and is_inline and raw.strip() != "" and not self._in_message() and guess(pair.label) != "message"


def _is_button(raw: str) -> bool:
    """Return a line that is nothing but a link with words on it, as `View in CRM` below the fields, or to a record."""
    shown = bare_line(raw)
    if _BARE_LINK.fullmatch(shown):
        return is_record_host(shown)
    targets = mrkdwn.links(shown)
    whole = shown.startswith("<") and shown.rstrip("_*").endswith(">")
    return whole and len(targets) == 1 and (targets[0].label not in targets[0].url or is_record_host(targets[0].url))
