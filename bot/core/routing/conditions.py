"""Which leads a route is for: the rule language of the definition, on anything that is known of a lead. Pure.

A route is for a lead that meets each of its conditions. Unlike the definition, which fails nothing for what is not
known, a condition on what is not known is not met: the lead goes on to the next route.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from bot.core.base import facets, prefectures
from bot.core.base.facets import MOST_SIZE, Facet, Word, Words, folded, folded_word

Score = Annotated[int, Field(ge=0, le=1_000_000)]
Size = Annotated[int, Field(ge=1, le=MOST_SIZE)]


@dataclass(frozen=True)
class LeadFacts:
    """What routes may ask of a lead."""

    channel: str | None = None
    campaign: str | None = None
    form: str | None = None
    source: str | None = None
    title: str | None = None
    email: str | None = None
    score: int | None = None
    tier: str | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)
    same_company: bool = False
    """Another MQL of its company is with sales."""
    returning: bool = False
    """The same lead was an MQL before, and that one is over."""

    def values(self, name: str) -> tuple[str, ...]:
        """Return what is known by the name of a condition, folded, worked out once."""
        if name not in self._known:
            self._known[name] = tuple(folded(value) for value in self.written(name))
        return self._known[name]

    def written(self, name: str) -> tuple[str, ...]:
        """Return the same as it was written."""
        return tuple(value for value in _KNOWN[name](self) if value)

    @cached_property
    def _known(self) -> dict[str, tuple[str, ...]]:
        return {}

    @cached_property
    def size(self) -> int | None:
        """People in the company, at least."""
        sizes = [facets.at_least(text) for text in facets.of(self.attributes, Facet.SIZE)]
        return max((size for size in sizes if size is not None), default=None)

    @cached_property
    def prefectures(self) -> frozenset[str]:
        """The prefectures of Japan that its region or address names."""
        return frozenset(name for value in self.values("regions") for name in prefectures.found_in(value))

    @cached_property
    def by_label(self) -> dict[str, str]:
        """The attributes by their folded name, folded."""
        return {folded(name): folded(value) for name, value in self.attributes.items() if value not in (None, "")}


_KNOWN: dict[str, Callable[[LeadFacts], tuple[str | None, ...]]] = {
    "regions": lambda lead: facets.of(lead.attributes, Facet.REGION),
    "industries": lambda lead: facets.of(lead.attributes, Facet.INDUSTRY),
    "products": lambda lead: facets.of(lead.attributes, Facet.PRODUCT),
    "languages": lambda lead: facets.of(lead.attributes, Facet.LANGUAGE),
    "owners": lambda lead: facets.of(lead.attributes, Facet.OWNER),
    "titles": lambda lead: (lead.title,),
    "channels": lambda lead: (lead.channel,),
    "campaigns": lambda lead: (lead.campaign,),
    "forms": lambda lead: (lead.form,),
    "sources": lambda lead: (lead.source,),
    "tiers": lambda lead: (lead.tier,),
}
WORDS = tuple(_KNOWN)
"""Conditions that are words which leads have, by their names in the team file."""
_WHOLE = ("channels", "sources", "tiers")
"""Of these the whole value is one of the words; of the others a word stands in it."""
_NUMBERS = ("score", "size")
_FLAGS: dict[str, Callable[[LeadFacts], bool]] = {
    "same_company": lambda lead: lead.same_company,
    "returning": lambda lead: lead.returning,
    "crm_owner": lambda lead: bool(lead.values("owners")),
}
Test = Callable[[LeadFacts], str | None]
"""Returns what of a condition fits a lead; None: nothing."""


@dataclass(frozen=True)
class Met:
    """A condition that a lead meets: its name in the team file, and the word or number of it that fits."""

    condition: str
    word: str


class Conditions(BaseModel):
    """What a lead must be for a route; an empty one asks for nothing."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)

    regions: Words = ()
    """Prefectures or regions such as 関東, or what else stands in its region or address."""
    industries: Words = ()
    products: Words = ()
    languages: Words = ()
    owners: Words = ()
    titles: Words = ()
    channels: Words = ()
    """The marketing channel is one of them; so with sources and tiers."""
    campaigns: Words = ()
    forms: Words = ()
    sources: Words = ()
    tiers: Words = ()
    domains: Words = ()
    """Of its e-mail address, with their subdomains."""
    score: Score | None = None
    """At least."""
    score_below: Score | None = None
    size: Size | None = None
    """People in the company, at least."""
    size_below: Size | None = None
    same_company: bool | None = None
    """Whether another MQL of its company is with sales."""
    crm_owner: bool | None = None
    """Whether the CRM names an owner."""
    returning: bool | None = None
    """Whether the same lead was an MQL before."""
    attributes: dict[Word, Words] = Field(default_factory=dict, max_length=20)
    """Any other attribute by its name: one of the words stands in it."""

    def met_by(self, lead: LeadFacts) -> tuple[Met, ...] | None:
        """Return every condition with what of it fits; None where a lead does not meet one."""
        words = []
        for _, test in self._tests:
            word = test(lead)
            if word is None:
                return None
            words.append(word)
        return tuple(Met(condition, word) for (condition, _), word in zip(self._tests, words, strict=True))

    @cached_property
    def _tests(self) -> list[tuple[str, Test]]:
        """What is asked for, the cheapest first."""
        return [*self._flags(), *self._numbers(), *self._words()]

    def _flags(self) -> Iterator[tuple[str, Test]]:
        for name, read in _FLAGS.items():
            wanted = getattr(self, name)
            if wanted is not None:
                yield name, partial(_is, read=read, wanted=wanted)

    def _numbers(self) -> Iterator[tuple[str, Test]]:
        for name in _NUMBERS:
            least, below = getattr(self, name), getattr(self, f"{name}_below")
            if least is not None:
                yield name, partial(_at_least, name=name, least=least)
            if below is not None:
                yield f"{name}_below", partial(_below, name=name, below=below)

    def _words(self) -> Iterator[tuple[str, Test]]:
        for name in _KNOWN:
            words = _keyed(getattr(self, name))
            if words and name == "regions":
                yield name, partial(_lies_in, words=words)
            elif words:
                fits = _equals if name in _WHOLE else facets.stands_in
                yield name, partial(_names, name=name, words=words, fits=fits)
        if self.domains:
            yield "domains", self._domain
        for label, given in self.attributes.items():
            yield label, partial(_says, key=folded_word(label), words=_keyed(given))

    def _domain(self, lead: LeadFacts) -> str | None:
        domain = (lead.email or "").rpartition("@")[2].casefold()
        names = ((name.casefold().lstrip("@."), name) for name in self.domains)
        return next((word for name, word in names if domain == name or domain.endswith(f".{name}")), None)


def takes_all_of(earlier: Conditions, later: Conditions) -> bool:
    """Return whether every lead that meets the later conditions meets the earlier ones too, as far as can be told from
    the words alone."""
    return all(
        _narrower(name, getattr(earlier, name), getattr(later, name))
        for name in Conditions.model_fields
        if getattr(earlier, name) not in (None, (), {})
    )


def can_be_met(conditions: Conditions) -> bool:
    """Return whether a lead can meet the conditions at all: no number has to be both at least and below another."""
    pairs = [(getattr(conditions, name) or 0, getattr(conditions, f"{name}_below")) for name in _NUMBERS]
    return all(below is None or least < below for least, below in pairs)


def _narrower(name: str, asked: Any, given: Any) -> bool:
    """Return whether what is given for a condition lies within what is asked."""
    if isinstance(asked, dict):
        return all(_within(given.get(label, ()), words) for label, words in asked.items())
    if isinstance(asked, tuple):
        return _within(given, asked)
    if given is None or isinstance(asked, bool):
        return bool(given == asked)
    return bool(given <= asked if name.endswith("_below") else given >= asked)


def _within(given: tuple[str, ...], asked: tuple[str, ...]) -> bool:
    known = {folded(word) for word in asked}
    return bool(given) and all(folded(word) in known for word in given)


def _keyed(words: Iterable[str]) -> list[tuple[str, str]]:
    return [(folded_word(word), word) for word in words]


def _is(lead: LeadFacts, read: Callable[[LeadFacts], bool], wanted: bool) -> str | None:
    return str(wanted).lower() if read(lead) == wanted else None


def _at_least(lead: LeadFacts, name: str, least: int) -> str | None:
    value: int | None = getattr(lead, name)
    return None if value is None or value < least else str(least)


def _below(lead: LeadFacts, name: str, below: int) -> str | None:
    value: int | None = getattr(lead, name)
    return None if value is None or value >= below else str(below)


def _lies_in(lead: LeadFacts, words: list[tuple[str, str]]) -> str | None:
    values, known = lead.values("regions"), lead.prefectures
    for key, word in words:
        area = prefectures.named(key)
        if area & known if area else any(facets.stands_in(key, value) for value in values):
            return word
    return None


def _names(lead: LeadFacts, name: str, words: list[tuple[str, str]], fits: Callable[[str, str], bool]) -> str | None:
    values = lead.values(name)
    return next((word for key, word in words for value in values if fits(key, value)), None)


def _says(lead: LeadFacts, key: str, words: list[tuple[str, str]]) -> str | None:
    value = lead.by_label.get(key)
    return None if value is None else next((word for folded_, word in words if folded_ in value), None)


def _equals(word: str, value: str) -> bool:
    return word == value
