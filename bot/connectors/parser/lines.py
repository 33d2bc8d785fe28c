"""Lines of text as fields: where each value begins and where it ends."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.connectors.parser import labels, mrkdwn
from bot.connectors.parser.line import Labelled, Style, labelled

_RULE = re.compile(r"[\s\-=_─━—*~・.`]{3,}")
_LONGEST_LINE = 2_000
_SEPARATORS = ",;、，；| "
_NEXT_LABEL = re.compile(rf"[{_SEPARATORS.strip()}]\s*(?P<label>[^{_SEPARATORS.strip()}:：<>]{{1,40}})[:：]")


@dataclass
class Pair:
    """A label and its value, which is still in Slack's markup."""

    label: str
    value: str


@dataclass
class Read:
    """The fields of a text, and the lines that belong to none."""

    pairs: list[Pair] = field(default_factory=list)
    stray: list[str] = field(default_factory=list)


def read(raw: str) -> Read:
    """Split a text into its fields."""
    source = [part for each in _unfenced(raw).split("\n") for part in _parts(each.rstrip())]
    candidates = [labelled(each) if len(each) <= _LONGEST_LINE else _long(each) for each in source]
    reader = _Reader(_sure_style(candidates), loose=_loose_counts(candidates), inline=_is_inline(candidates))
    for text, candidate in zip(source, candidates, strict=True):
        reader.take(text, candidate)
    return reader.read


def _unfenced(raw: str) -> str:
    """Return the text without the code fence that some tools put round the whole of it."""
    bare = raw.strip()
    return bare[3:-3] if len(bare) > 6 and bare.startswith("```") and bare.endswith("```") else raw


def _parts(raw: str) -> list[str]:
    """`Name: Jane, Company: Acme` as two lines; a message keeps its commas."""
    if len(raw) > _LONGEST_LINE or not _NEXT_LABEL.search(raw):
        return [raw]
    first = labelled(raw)
    if not first or not labels.lead_field(first.field) or first.field == "message":
        return [raw]
    cuts = [match.start() for match in _NEXT_LABEL.finditer(raw) if is_known(match["label"])]
    return [raw[start:end].lstrip(_SEPARATORS) for start, end in zip([0, *cuts], [*cuts, None], strict=True)]


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
    return min((each.style for each in candidates if each and each.field and each.style < Style.LOOSE), default=None)


def _loose_counts(candidates: list[Labelled | None]) -> bool:
    """`Name - Jane` is a field only among others of its kind: alone it may be a sentence."""
    return sum(1 for each in candidates if each and each.style is Style.LOOSE and each.field) >= 2


def _is_inline(candidates: list[Labelled | None]) -> bool:
    """Return whether values stand behind their labels: then a line below an empty one-line field is not its value."""
    return any(each.value and each.field and each.style is not Style.LOOSE for each in candidates if each)


class _Reader:
    def __init__(self, sure: Style | None, *, loose: bool, inline: bool) -> None:
        self.read = Read()
        self.sure = sure
        self.loose = loose
        self.inline = inline
        self.open: Pair | None = None
        self.style = Style.LOOSE
        self.many_lines = False
        self.rule = ""

    def take(self, raw: str, candidate: Labelled | None) -> None:
        if candidate and self._begins(candidate):
            self.open = Pair(candidate.label, candidate.value)
            self.style = candidate.style
            self.many_lines = candidate.field in {None, "message", "attribute"}
            self.rule = ""
            self.read.pairs.append(self.open)
        elif raw.strip() and _RULE.fullmatch(raw):
            # Below a rule any label may begin a field again; where none does, the rule was part of the value.
            self.rule, self.style = "\n" + raw, Style.LOOSE
        elif self.open is None or not self._goes_on(self.open, raw):
            self.read.stray.append(raw)

    def _begins(self, line: Labelled) -> bool:
        if line.style is Style.LOOSE:
            return self.loose and self.sure is None and line.field is not None
        weaker = self.sure is not None and line.style > max(self.sure, self.style)
        if weaker and self.open is not None and self.many_lines:
            return False  # What people write may hold colons: `Budget: open` inside their message is theirs.
        if line.field is not None:
            return True
        if line.style is Style.HEADING:
            return self.sure is Style.HEADING
        return line.style is not Style.COLON or not self._in_message()

    def _in_message(self) -> bool:
        return self.open is not None and labels.field_of(self.open.label) == "message"

    def _goes_on(self, pair: Pair, raw: str) -> bool:
        """Add the line to the open field where it belongs there, and return whether it does."""
        if pair.value.strip():
            if not self.many_lines or _is_button(raw):
                return False
            pair.value += self.rule + "\n" + raw
            self.rule = ""
            return True
        if not raw.strip():
            if not self.many_lines:
                self.open = None  # A blank line after an empty value: what follows is not the value.
            return True
        if not self.many_lines and (self.inline or _is_button(raw)) and labels.field_of(pair.label) != "crm_url":
            return False
        pair.value = raw
        return True


def _is_button(raw: str) -> bool:
    """Return a line that is nothing but a link with words on it, as `View in CRM` below the fields."""
    links = mrkdwn.links(raw)
    whole = raw.strip().startswith("<") and raw.strip().endswith(">")
    return whole and len(links) == 1 and links[0].label not in links[0].url
