"""The set-up of a workspace in each of its states, small and as large as it gets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.connectors.sources.setup import SETUPS, Issued, Wanted
from bot.core.setup.answers import MOST_PEOPLE, ROLES, Answers, Candidate, Part
from bot.core.setup.reading import Reading
from bot.i18n import Translator
from bot.slack.blocks.setup import screens
from storage.vocabulary import PolicyTemplate, Proof, SourceKind, YearlyClosure
from tests.slack.blocks.samples import HOSTILE, NOW

PROBLEMS = ("no_such_group", "group_disabled", "groups_need_scope", "groups_need_plan")
READINGS = (
    None,
    Reading(places=("C1",)),
    Reading(people=("U1", "U2"), count=40, part=Part.REP),
    Reading(count=9, added=5, bots=1, guests=2, closed=1),
    Reading(problem="too_many", values={"count": 1240, "most": MOST_PEOPLE}),
    Reading(problem="not_in_channel", values={"place": "C9"}),
    Reading(problem="scope", values={"scope": HOSTILE}),
    *(Reading(problem=problem) for problem in PROBLEMS),
)


def everybody(name: str) -> tuple[Candidate, ...]:
    """As many people as there may be, of every kind."""
    kinds = list(ROLES.values())
    return tuple(
        Candidate(user=f"U{number:09}", name=name, roles=kinds[number % len(kinds)], manager="U000000002")
        for number in range(MOST_PEOPLE)
    )


def views(t: Translator) -> Iterator[tuple[str, dict[str, Any]]]:
    usual = Answers.usual("Sample Inc.", t.locale, "Asia/Tokyo", 2026)
    places = dict.fromkeys(("mql", "intake", "managers"), "C9")
    full = usual.but(name=HOSTILE, people=everybody(HOSTILE), closures=tuple(YearlyClosure), **places)
    keepers = ["U1"] * 40
    for reading in READINGS:
        yield f"set-up, {reading}", screens.home(full, reading, keepers, t)
    for template in PolicyTemplate:
        yield f"set-up, {template}", screens.home(usual.but(policy=template, holidays=None), None, keepers[:1], t)
    for name, answers in (("usual", usual), ("full", full)):
        yield f"place, {name}", screens.place_form(answers, t)
        yield f"channels, {name}", screens.channels_form(answers, t)
        yield f"policy, {name}", screens.policy_form(answers, t)
        for page in (0, 1, 14):
            yield f"parts {page}, {name}", screens.parts_page(answers, page, "U000000000", t)
            yield f"managers {page}, {name}", screens.managers_page(answers, page, t)
    yield "people", screens.people_form(t)
    yield "people with groups", screens.people_form(t, [(f"S{number}", HOSTILE) for number in range(120)])
    yield "source form", screens.source_form(list(SourceKind)[:18], t)
    issued = Issued(token="t" * 43, header="h" * 43, signing_key="k" * 60)
    for kind, possible in SETUPS.items():
        for proof in possible.proofs:
            wanted = Wanted(kind.value, kind, proof, "authorization" if proof == Proof.HEADER else None)
            yield f"source of {kind}, {proof}", screens.source_page(wanted, issued, "https://mql.example.com", t, NOW)
    for test in (None, "12"):
        yield f"begun {test}", {"type": "home", "blocks": screens.begun("C9", test, t)}
    for some in ([], keepers):
        yield f"waiting {len(some)}", {"type": "home", "blocks": screens.waiting(some, t).blocks}
