"""What was gathered from a message, in the order a reader meets it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from bot.connectors.parser import lines, mrkdwn
from bot.connectors.parser.lines import Pair
from bot.connectors.parser.text import mended

MAX_TEXT = 100_000


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


@dataclass
class Page:
    """Fields, lines outside any field, and links."""

    pairs: list[Pair] = field(default_factory=list)
    stray: list[str] = field(default_factory=list)
    links: list[PlacedLink] = field(default_factory=list)

    @property
    def names_fields(self) -> bool:
        """Whether at least one label is known."""
        return any(lines.is_known(pair.label) for pair in self.pairs)

    @property
    def is_empty(self) -> bool:
        """Whether there is no word to read."""
        return not self.pairs and not any(each.strip() for each in self.stray)

    def add_text(self, raw: str) -> None:
        """Read a text in Slack's markup, which may hold several fields."""
        read = lines.read(mended(raw[:MAX_TEXT]))
        self.pairs += read.pairs
        self.stray += read.stray
        for each in read.stray:
            self.links += [PlacedLink(Place.TEXT, link.url, link.label) for link in mrkdwn.links(each)]

    def add_pair(self, label: str, raw: str) -> None:
        """Take a field that the message itself sets apart."""
        if label.strip():
            self.pairs.append(Pair(mended(label), mended(raw[:MAX_TEXT])))
        else:
            self.add_text(raw)

    def add_link(self, place: Place, url: str, label: str) -> None:
        """Take a link of a button or a title."""
        if mrkdwn.is_web(url):
            self.links.append(PlacedLink(place, mended(url), mended(label)))

    def add(self, other: Page) -> None:
        """Take everything from another page, after what is here."""
        self.pairs += other.pairs
        self.stray += other.stray
        self.links += other.links
