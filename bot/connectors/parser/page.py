"""What was gathered from a message, in the order a reader meets it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import islice

from bot.connectors.parser import json_text, labels, lines, mail, mrkdwn
from bot.connectors.parser.line import labelled
from bot.connectors.parser.lines import Pair
from bot.connectors.parser.text import mended

MAX_TEXT = 100_000
MAX_HEADS = 3
MAX_HEAD = 300


class Place(Enum):
    """Where a link stood."""

    BUTTON = "button"
    TITLE = "title"
    TEXT = "text"


@dataclass(frozen=True)
class PlacedLink:
    """A web link that may open the lead's record."""

    place: Place
    url: str
    label: str
    after: int = 0
    """How many fields stand before it."""


@dataclass
class Page:
    """Fields, lines outside any field, and links."""

    pairs: list[Pair] = field(default_factory=list)
    stray: list[str] = field(default_factory=list)
    links: list[PlacedLink] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    """The first lines that a reader sees, before any field."""
    is_unsure: bool = False
    """Whether the message may hold a field of the form."""

    @property
    def names_fields(self) -> bool:
        """Whether at least one label is known."""
        return any(lines.is_known(pair.label) or labels.weak_of(pair.label) for pair in self.pairs)

    @property
    def is_headline_alone(self) -> bool:
        """Whether one line stands above the fields, and no other word: the tool's headline."""
        words = [each for each in self.stray if each.strip()]
        return bool(self.pairs) and len(words) == 1 and words[0] in self.heads and not mrkdwn.addresses(words[0])

    @property
    def is_empty(self) -> bool:
        """Whether there is no word to read."""
        return not self.pairs and not any(each.strip() for each in self.stray)

    def add_text(self, raw: str) -> None:
        """Read a text in Slack's markup, which may hold several fields."""
        begin = json_text.begins(raw[:MAX_TEXT])
        below = raw[begin:MAX_TEXT] if begin is not None else ""
        if members := json_text.pairs(raw[:MAX_TEXT]) or json_text.pairs(below):
            self._take_heads(raw[:begin].rstrip("` \n"))
            self.pairs += members
            return
        written = mail.read(raw[:MAX_TEXT]) or mail.letter(raw[:MAX_TEXT])
        read = lines.Read(written) if written else lines.read(mended(raw[:MAX_TEXT]))
        if not self.pairs:
            self._take_heads(raw[:MAX_TEXT])
        self.pairs += read.pairs
        self.stray += read.stray
        self.is_unsure |= read.unsure
        for each in read.stray:
            self.links += [PlacedLink(Place.TEXT, link.url, link.label, len(self.pairs)) for link in mrkdwn.links(each)]

    def add_mail(self, sender: str, subject: str, written: str) -> None:
        """Read a mail: the words of its sender, or a form's fields."""
        if sender and (pairs := mail.written_by(sender, subject, written)):
            self.pairs += pairs
            return
        self.add_text(written)
        if sender and not self.names_fields:
            self.add_pair("From", sender)

    def add_pair(self, label: str, raw: str) -> None:
        """Take a field that the message itself sets apart."""
        if label.strip():
            self.pairs.append(Pair(mended(label), mended(raw[:MAX_TEXT]), is_closed=True))
        else:
            self.add_text(raw)

    def add_link(self, place: Place, url: str, label: str) -> None:
        """Take a link of a button or a title."""
        if mrkdwn.is_web(url):
            self.links.append(PlacedLink(place, mended(url), mended(label), len(self.pairs)))

    def add(self, other: Page) -> None:
        """Take everything from another page, after what is here."""
        self.links += [replace(link, after=link.after + len(self.pairs)) for link in other.links]
        self.heads += [] if self.pairs else other.heads
        self.pairs += other.pairs
        self.stray += other.stray
        self.is_unsure |= other.is_unsure

    def _take_heads(self, raw: str) -> None:
        shown = (each for each in raw.split("\n", 20)[:20] if each.strip())
        for each in islice(shown, MAX_HEADS - len(self.heads)):
            candidate = labelled(each[:MAX_HEAD])
            if candidate and labels.lead_field(candidate.field):
                break
            self.heads.append(mended(each[:MAX_HEAD]))
