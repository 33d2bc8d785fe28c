"""What the reader doubts in its own reading: a piece of the message that no field of the lead accounts for.

A message is read wholly or not at all: what stays unexplained is more often a field that was missed than a remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.connectors.parser import doubt_words, labels, mrkdwn, people, values
from bot.connectors.parser.label_forms import key, remarks
from bot.connectors.parser.ours import Ours
from bot.connectors.parser.page import Page
from bot.core.mql.lead import Lead

Doubt = doubt_words.Doubt

_LONGEST = 4_000
_MOST = 100
_MOST_NAMES = 5


def doubts(page: Page, lead: Lead, ours: Ours) -> Iterator[Doubt]:
    """Yield the fields that may have been read wrongly, or missed; the surest doubt first."""
    yield from malformed(page, lead, ours)
    left = _Left(page, lead, ours)
    yield from left.addresses()
    yield from left.numbers()
    yield from left.labelled()
    yield from left.marked()
    yield from left.nobody()
    yield from left.firms()
    yield from left.people()
    yield from left.words()
    yield from left.prose()


def malformed(page: Page, lead: Lead, ours: Ours) -> Iterator[Doubt]:
    """Yield the fields whose value is none, whatever the layout."""
    yield from _Left(page, lead, ours).malformed()


class _Left:
    """What a reading leaves over."""

    def __init__(self, page: Page, lead: Lead, ours: Ours) -> None:
        self.page, self.lead, self.ours = page, lead, ours
        self.unknown = [
            (pair.label[:200], values.line(pair.value[:_LONGEST]))
            for pair in page.pairs[:_MOST]
            if _says_little(labels.field_of(pair.label), pair.value) and not ours.has_name(values.person(pair.value))
        ]
        first = {values.line(head) for head in page.heads[:1]}
        lines = [values.line(each[:_LONGEST]) for each in page.stray[:_MOST]]
        self.heads = [each for each in lines if each in first] or sorted(first)
        self.stray = [each for each in lines if each and each not in first]
        fields = lead.model_dump(exclude={"attributes"}, exclude_none=True)
        self.is_prose = not page.names_fields
        self.fields = {name: str(value) for name, value in fields.items()}

    def is_explained(self, shown: str) -> bool:
        """Return whether some words stand in a field of the lead."""
        bare = key(shown)
        return not bare or any(bare in key(value) for name, value in self.fields.items() if not self._is_all(name))

    def _is_all(self, name: str) -> bool:
        return name == "message" and self.is_prose

    def malformed(self) -> Iterator[Doubt]:
        """Yield the names that hold what no name does."""
        checked: tuple[Doubt, ...] = ("company", "person", "title")
        for name in checked:
            shown = self.fields.get(name, "")
            if shown and (doubt_words.ODD.search(shown) or doubt_words.NOBODY.fullmatch(shown)):
                yield name
        person = self.fields.get("person", "")
        odd = doubt_words.NO_NAME.search(person) or re.search(r"[(（]", person) or len(person.split()) > _MOST_NAMES
        if odd or (values.is_firm(person) and " " in person):
            yield "person"

    def addresses(self) -> Iterator[Doubt]:
        """Yield the address where another may be the lead's as well."""
        sure = [pair for pair in self.page.pairs if labels.field_of(pair.label) not in {"owner", "message"}]
        given = mrkdwn.addresses("\n".join([*self.page.stray, *(pair.value for pair in sure)])[: 5 * _LONGEST])
        name, firm = (self.fields.get(each, "") for each in ("person", "company"))
        others = [
            each
            for each in given
            if not ("email" in self.fields and people.confirms(each, name, firm))
            and each.lower() != self.fields.get("email", "").lower()
            and not (self.ours.has_address(each) or self.ours.has_domain(each) or values.is_machine(each))
        ]
        domain = self.fields.get("email", "").rpartition("@")[2].lower()
        if others and ("email" not in self.fields or any(each.lower().rpartition("@")[2] != domain for each in others)):
            yield "email"

    def numbers(self) -> Iterator[Doubt]:
        """Yield the number where one stands there and none was read."""
        if "phone" not in self.fields:
            shown = "\n".join([*self.stray, *self.heads, *(value for _, value in self.unknown)])
            if people.has_number(shown):
                yield "phone"

    def labelled(self) -> Iterator[Doubt]:
        """Yield the fields that unknown labels speak of, and that were not read."""
        for label, _ in self.unknown:
            for name, pattern in doubt_words.NAMING_WORDS.items():
                if (
                    name not in self.fields
                    and pattern.search(label)
                    and not doubt_words.OF_SOMETHING_ELSE.search(label)
                ):
                    yield name
            for remark in remarks(label):
                field = labels.field_of(remark)
                if field in doubt_words.NAMING_WORDS and field not in self.fields:
                    yield "whole"

        for line in self.stray:
            begin = line.split(" ")[0] if len(line) < 60 else ""
            for name, pattern in doubt_words.NAMING_WORDS.items():
                if begin != line and name not in self.fields and labels.is_japanese(begin) and pattern.search(begin):
                    yield name

    def marked(self) -> Iterator[Doubt]:
        """Yield the fields whose marked labels stand inside of the message; the message where it begins with one, or
        where a line in it may be a field of the form."""
        if self.page.is_unsure or doubt_words.BEGINS_MARKED.match(self.lead.message or ""):
            yield "message"
        for line in (self.lead.message or "").split("\n")[:_MOST]:
            for name, pattern in doubt_words.NAMING_WORDS.items():
                if line[:1] in "■□◆◇●○▼▽▶【" and line and name not in self.fields and pattern.search(line[:40]):
                    yield name

    def nobody(self) -> Iterator[Doubt]:
        """Yield the person where none was read, and a name stands there, or words beside an address."""
        if not {"person", "company"} & self.fields.keys():
            beside = [mrkdwn.without_addresses(value) for _, value in self.unknown if mrkdwn.addresses(value)]
            if any(c.isalpha() for each in beside for c in each):
                yield "person"
            if self.is_prose and doubt_words.OF_NOBODY.match(self.fields.get("email", "")):
                yield "person"
        named = (value for label, value in self.unknown if not doubt_words.OF_SOMETHING_ELSE.search(label))
        if "person" not in self.fields and any(map(people.is_name, named)):
            yield "person"

    def firms(self) -> Iterator[Doubt]:
        """Yield the company where one by its form stands there, and none was read."""
        shown = [*self.stray, *self.heads, *(value for _, value in self.unknown if len(value) < 80)]
        if "company" not in self.fields and any(people.names_firm(each) and not _is_addressee(each) for each in shown):
            yield "company"

    def people(self) -> Iterator[Doubt]:
        """Yield the person where somebody else is called 様."""
        named = [
            value
            for label, value in self.unknown
            if len(value) < 80 and not doubt_words.OF_SOMETHING_ELSE.search(label)
        ]
        shown = "\n".join([*self.stray, *self.heads, *named])
        for match in doubt_words.HONORIFIC.finditer(shown[:_LONGEST]):
            name = match["name"].lstrip("■◆●▼【・")
            if name.endswith(doubt_words.NOBODYS) or values.is_firm(name) or self.ours.has_name(name):
                continue
            if "person" not in self.fields or not self._names(name):
                yield "person"

    def _names(self, name: str) -> bool:
        own = [key(part) for part in (*self.fields["person"].split(), *self.fields.get("company", "").split())]
        return any(part and (part in key(name) or key(name) in part) for part in own)

    def words(self) -> Iterator[Doubt]:
        """Yield the message where a sentence stands there and none was read, or where it holds a table."""
        message = self.fields.get("message")
        if message is not None and not self.is_prose:
            if doubt_words.TABLE.search(message):
                yield "message"
            return
        own = [
            pair for pair in self.unknown if not doubt_words.OF_A_TOOL.search(pair[0]) and not self._is_headline(*pair)
        ]
        sentences = [self._rest(value) for _, value in own]
        if message is None:
            sentences += [each for each in self.stray if not (_is_narrated(each) or self.is_explained(each))]
        if any(doubt_words.SENTENCE.search(each) and len(each) > 8 for each in sentences):
            yield "message"

    def _is_headline(self, label: str, shown: str) -> bool:
        """Return whether a tool's headline with a colon in it was taken for a label: `HubSpot: 新しい…が来ました`."""
        first = key(values.line(self.page.heads[0])) if self.page.heads else ""
        return bool(doubt_words.HAPPENED.search(shown)) and first.startswith(key(label))

    def _rest(self, shown: str) -> str:
        """Return some words without those that stand in a field of the lead."""
        for value in sorted(self.fields.values(), key=len, reverse=True):
            shown = shown.replace(value, "")
        return shown

    def prose(self) -> Iterator[Doubt]:
        """Yield what words without labels seem to hold besides: labels, a post, further names."""
        if not self.is_prose:
            return
        shown = "\n".join([*self.heads, *self.stray])[:_LONGEST]
        marked = [match["label"] for match in doubt_words.LABEL_LIKE.finditer(shown)]
        headings = [each for each in self.page.stray[:_MOST] if doubt_words.HEADING.match(each)]
        numbered = doubt_words.NUMBERED.findall(shown)
        if (
            sum(labels.lead_field(labels.field_of(each)) for each in marked) > 1
            or len(headings) > 1
            or len(numbered) > 2
        ):
            yield "whole"
        if "title" not in self.fields and any(
            people.JOB.search(match["post"]) for match in doubt_words.POST.finditer(shown)
        ):
            yield "title"
        rest = mrkdwn.without_addresses(shown)
        for name in ("person", "company"):
            rest = rest.replace(self.fields.get(name, ""), "") if name in self.fields else rest
        if doubt_words.CAPITALS.search(rest):
            missing: tuple[Doubt, ...] = ("person", "company")
            yield from (name for name in missing if name not in self.fields)


def _is_narrated(line: str) -> bool:
    """Return whether a line is what a tool says about a lead."""
    return doubt_words.NARRATED.search(line) is not None or doubt_words.HAPPENED.search(line) is not None


def _is_addressee(line: str) -> bool:
    """Return whether a mail begins so: with whom it was sent to, which is our own company."""
    return re.search(r"(?:様|御中|さま)$", line) is not None and people.beside_company(line) is None


def _says_little(field: labels.Field | None, value: str) -> bool:
    """Return whether a label does not say what its value is: it is unknown, or more than one line stands there."""
    is_blank = values.is_absent(values.line(value[:_LONGEST]))
    return not is_blank and (field is None or (field == "attribute" and "\n" in value.strip()))
