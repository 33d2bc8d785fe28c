"""Leads as the sample company's marketing hands them over, made up by a seed."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from itertools import product
from random import Random
from typing import Any

from bot.core.mql.lead import Lead
from storage.vocabulary import Locale

Words = dict[str, Any]


def read_words(locale: Locale) -> Words:
    """Return what people of the sample company say in a language."""
    return tomllib.loads((files("bot.cli.sample") / f"words.{locale}.toml").read_text(encoding="utf-8"))


class Leads:
    """As many leads as there are companies, each of another company."""

    def __init__(self, words: Words, rng: Random) -> None:
        self._words, self._rng, self._number = words, rng, 0
        self._companies = list(product(words["firms"], words["trades"]))
        rng.shuffle(self._companies)

    def next(self, *, contactable: bool = True, private: bool = False) -> Lead:
        """Return another lead: `contactable` has an e-mail address, a `private` one not that of a company."""
        words, rng, number = self._words, self._rng, self._number
        self._number += 1
        (firm, place), (trade, branch) = self._companies[number]
        (surname, mailbox), given = rng.choice(words["surnames"]), rng.choice(words["given"])
        channel = rng.choices(words["channels"], [channel["share"] for channel in words["channels"]])[0]
        low, high = channel["score"]
        domain = words["private_mail"] if private else f"{place}-{branch}.example"
        has_phone = rng.random() < 0.7
        return Lead(
            external_id=f"MA-{40_001 + number}",
            company=words["company"].format(firm=firm, trade=trade),
            person=words["person"].format(surname=surname, given=given),
            title=rng.choice(words["titles"]),
            email=f"{mailbox}.{number}@{domain}" if contactable else None,
            phone=words["phone"].format(number=1_000 + number) if has_phone and contactable else None,
            channel=channel["name"],
            score=rng.randint(low, high),
            score_reason=channel["why"],
            message=rng.choice(channel["says"]) or None,
        )
