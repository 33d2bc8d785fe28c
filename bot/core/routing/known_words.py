"""What recent leads say for a condition of a route or tier, so that it can be chosen rather than typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import sqlalchemy as sa

from bot.core.base import prefectures
from bot.core.routing import tables
from bot.core.routing.conditions import WORDS, LeadFacts
from bot.core.sla.policy import read_policy
from storage import mqls, policies
from storage.vocabulary import Locale

RECENT = 1000
"""So many leads are looked at, the newest ones."""
LONGEST = 60
"""Characters of a word: what is longer is a sentence or an address, and nobody's condition."""
TIERS, REGIONS, DOMAINS, ATTRIBUTES = "tiers", "regions", "domains", "attributes"


CONDITIONS = frozenset({*WORDS, DOMAINS, ATTRIBUTES})


def known_words(tx: sa.Connection, workspace_id: str, condition: str, locale: Locale) -> list[str]:
    """Return the words that a condition may ask for, those of the most leads first; of `attributes` the name and the
    value of each, as in "Plan: gold". Tiers are those of the policy, and before the regions that leads name stand the
    prefectures, in the language of `locale`. Raises KeyError for a condition that there is not."""
    if condition == TIERS:
        version = policies.current(tx, workspace_id)
        return [tier.name for tier in read_policy(version.body).tiers] if version else []
    leads = map(tables.facts, mqls.newest(tx, workspace_id, RECENT))
    counted = Counter(word for lead in leads for word in set(_words(lead, condition)) if len(word) <= LONGEST)
    first = prefectures.names(roman=locale == Locale.EN) if condition == REGIONS else ()
    return list(dict.fromkeys([*first, *(word for word, _ in counted.most_common())]))


def _words(lead: LeadFacts, condition: str) -> Iterator[str]:
    if condition == DOMAINS:
        yield from filter(None, [(lead.email or "").rpartition("@")[2].lower()])
    elif condition == ATTRIBUTES:
        yield from (f"{name}: {value}" for name, value in lead.attributes.items() if isinstance(value, str) and value)
    else:
        yield from (value.strip() for value in lead.written(condition))
