"""The rules of a definition: what a lead must have to be an MQL, as far as a machine can tell.

What is not known of a lead fails no rule but "required": a form that does not ask for the industry would else never
bring an MQL, and nobody could say why. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from bot.core.base import facets
from bot.core.base.facets import MOST_SIZE, Facet, Words, folded

CHECKED = "checked"
"""Tells rules that ask for nothing, by which tests are held, from a version without any."""


class Required(StrEnum):
    """What a definition may ask for."""

    COMPANY = "company"
    PERSON = "person"
    EMAIL = "email"
    PHONE = "phone"
    TITLE = "title"
    MESSAGE = "message"
    SCORE = "score"


class Rule(StrEnum):
    """What a lead may fail. Part of a catalogue key, in the order in which they are named."""

    TEST = "test"
    OWN_STAFF = "own_staff"
    REQUIRED = "required"
    SCORE = "score"
    EXCLUDED_DOMAIN = "excluded_domain"
    INDUSTRY = "industry"
    SIZE = "size"
    TITLE = "job_title"
    REGION = "region"
    CHANNEL = "channel"


@dataclass(frozen=True)
class Facts:
    """What is known of a lead."""

    company: str | None = None
    person: str | None = None
    title: str | None = None
    email: str | None = None
    phone: str | None = None
    channel: str | None = None
    score: int | None = None
    message: str | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)
    ours: bool = False
    """Its address is that of somebody on the roster."""


@dataclass(frozen=True)
class Failure:
    """A rule that a lead fails."""

    rule: Rule
    instead: str = ""
    """What the lead has instead; the missing field where one is required."""


class Rules(BaseModel):
    """What a version of the definition asks for beside its words; an empty rule asks for nothing."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)

    score: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    """At least, where a score is known."""
    required: tuple[Required, ...] = ()
    excluded_domains: Words = ()
    """Of e-mail addresses, with their subdomains."""
    industries: Words = ()
    """One of them stands in the lead's industry; so with titles and regions."""
    size: Annotated[int, Field(ge=1, le=MOST_SIZE)] | None = None
    """People in the company, at least."""
    titles: Words = ()
    regions: Words = ()
    channels: Words = ()
    """The marketing channel is one of them."""

    @classmethod
    def of(cls, stored: Mapping[str, object]) -> Self | None:
        """Return the rules that a version holds; None: it is words only, and no lead fails it."""
        rules = {name: value for name, value in stored.items() if name != CHECKED}
        return cls.model_validate(rules) if stored.get(CHECKED) else None

    @property
    def stored(self) -> dict[str, object]:
        """Return what asks for something, to be stored."""
        return {CHECKED: True} | self.model_dump(mode="json", exclude_defaults=True)


def failures(rules: Rules, lead: Facts) -> tuple[Failure, ...]:
    """Return every rule that a lead fails, in the order of `Rule`."""
    return tuple(
        failure
        for failure in (
            _test(lead),
            _own_staff(lead),
            *_missing(rules, lead),
            _low_score(rules, lead),
            _excluded(rules, lead),
            _none_of(Rule.INDUSTRY, rules.industries, facets.of(lead.attributes, Facet.INDUSTRY)),
            _too_small(rules, lead),
            _none_of(Rule.TITLE, rules.titles, (lead.title,) if lead.title else ()),
            _none_of(Rule.REGION, rules.regions, facets.of(lead.attributes, Facet.REGION)),
            _other_channel(rules, lead),
        )
        if failure is not None
    )


_TEST_ADDRESS = re.compile(r"(?:test|tester|testing|テスト)[0-9._+-]*@", re.IGNORECASE)
_TEST_NAMES = {
    folded(name)
    for name in ("テスト", "てすと", "test", "テスト太郎", "テスト 花子", "test test", "testuser", "テスト送信")
}


def _test(lead: Facts) -> Failure | None:
    if lead.email and _TEST_ADDRESS.match(lead.email):
        return Failure(Rule.TEST, lead.email)
    named = next((name for name in (lead.person, lead.company) if name and folded(name) in _TEST_NAMES), None)
    return Failure(Rule.TEST, named) if named else None


def _own_staff(lead: Facts) -> Failure | None:
    return Failure(Rule.OWN_STAFF, lead.email or "") if lead.ours else None


def _missing(rules: Rules, lead: Facts) -> list[Failure]:
    return [Failure(Rule.REQUIRED, name.value) for name in rules.required if getattr(lead, name) in (None, "")]


def _low_score(rules: Rules, lead: Facts) -> Failure | None:
    if rules.score is None or lead.score is None or lead.score >= rules.score:
        return None
    return Failure(Rule.SCORE, str(lead.score))


def _excluded(rules: Rules, lead: Facts) -> Failure | None:
    domain = (lead.email or "").rpartition("@")[2].casefold()
    for excluded in (name.casefold().lstrip("@.") for name in rules.excluded_domains):
        if domain == excluded or domain.endswith(f".{excluded}"):
            return Failure(Rule.EXCLUDED_DOMAIN, domain)
    return None


def _none_of(rule: Rule, wanted: tuple[str, ...], known: tuple[str, ...]) -> Failure | None:
    if not wanted or not known:
        return None
    values, names = [folded(value) for value in known], facets.names_region if rule == Rule.REGION else facets.stands_in
    if any(names(folded(word), value) for word in wanted for value in values):
        return None
    return Failure(rule, known[0])


def _too_small(rules: Rules, lead: Facts) -> Failure | None:
    if rules.size is None:
        return None
    known = [
        (size, text) for text in facets.of(lead.attributes, Facet.SIZE) if (size := facets.at_least(text)) is not None
    ]
    if not known or max(known)[0] >= rules.size:
        return None
    return Failure(Rule.SIZE, max(known)[1])


def _other_channel(rules: Rules, lead: Facts) -> Failure | None:
    if not rules.channels or not lead.channel or folded(lead.channel) in {folded(name) for name in rules.channels}:
        return None
    return Failure(Rule.CHANNEL, lead.channel)
