"""The gate against an independent count: what is shown before signing is what is held after it, and nothing is lost."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from threading import Barrier, Thread
from typing import Any

import pytest

from bot.core.agreement import definition, gate_preview
from bot.core.agreement.rules import Required, Rules
from bot.core.mql import gate, intake, queue
from bot.core.mql.gate import Held
from bot.core.mql.intake import Received
from bot.core.mql.lead import Lead
from storage import members, mqls, unreadables
from storage.database import Database
from storage.models import Unreadable
from storage.vocabulary import Source
from tests.workspace import NOW, WORKSPACE, configure

RULES = Rules(
    score=50,
    required=(Required.PHONE,),
    excluded_domains=("rival.example",),
    industries=("製造", "wholesale"),
    size=100,
)


def leads(seed: int, count: int = 120) -> list[Lead]:
    rng = Random(seed)
    return [
        Lead(
            company=f"会社{number}",
            email=f"p{number}@{rng.choice(['aoba.example', 'rival.example', 'sub.rival.example'])}",
            phone=rng.choice([None, "03-0000-0000"]),
            score=rng.choice([None, 0, 49, 50, 51, 100]),
            attributes=rng.choice(
                [{}, {"業種": "製造業"}, {"Industry": "Retail"}, {"従業員数": "100〜299名"}, {"従業員数": "99"}]
            ),
        )
        for number in range(count)
    ]


def fails(lead: Lead) -> bool:
    """Tell the rules above once more, without any of the code that is tested."""
    score_is_low = lead.score is not None and lead.score < 50
    at_a_rival = str(lead.email).split("@")[1].split(".")[-2:] == ["rival", "example"]
    other_industry = lead.attributes.get("Industry") == "Retail"
    return score_is_low or lead.phone is None or at_a_rival or other_industry or lead.attributes.get("従業員数") == "99"


def agree(database: Database, rules: Rules) -> None:
    with database.transaction() as tx:
        for user, role in (("U4", "marketer"), ("U5", "head")):
            members.save(tx, WORKSPACE, user, name=user, roles=[role])
        assert definition.propose(tx, WORKSPACE, "x", None, None, "U4", NOW, rules=rules) is None
        assert definition.agree(tx, WORKSPACE, 1, "U5", NOW) is None


def held(database: Database) -> list[Unreadable]:
    with database.transaction() as tx:
        return unreadables.held(tx, WORKSPACE)


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_shown_before_signing_is_what_a_replay_of_the_same_leads_holds(database: Database, seed: int) -> None:
    configure(database)
    expected = sum(map(fails, leads(seed)))
    with database.transaction() as tx:
        for lead in leads(seed):
            intake.receive(tx, WORKSPACE, lead, Source.GENERIC, NOW)
        shown = gate_preview.effect(tx, WORKSPACE, RULES, NOW + timedelta(hours=1))
    assert (shown.received, shown.held) == (120, expected)
    agree(database, RULES)
    again = [lead.model_copy(update={"email": f"again-{lead.email}", "phone": lead.phone}) for lead in leads(seed)]
    with database.transaction() as tx:
        taken = [gate.take(tx, WORKSPACE, lead, Source.GENERIC, NOW) for lead in again]
    assert sum(isinstance(each, Held) for each in taken) == expected == len(held(database))


def test_every_lead_is_an_mql_or_held_and_what_is_handed_over_is_the_lead_as_it_came(database: Database) -> None:
    configure(database)
    agree(database, RULES)
    given = leads(3, 40)
    with database.transaction() as tx:
        taken = [gate.take(tx, WORKSPACE, lead, Source.GENERIC, NOW) for lead in given]
    for lead, each in zip(given, taken, strict=True):
        if isinstance(each, Held):
            with database.transaction() as tx:
                received = gate.hand_over(tx, WORKSPACE, each.entry_id, "asked for it", "U4", NOW)
                assert received is not None
                subject = mqls.get(tx, WORKSPACE, received.mql_id)
            assert subject is not None
            kept = {name: getattr(subject, name) for name in ("company", "email", "phone", "score", "attributes")}
            assert kept == lead.model_dump(include=set(kept))
    assert held(database) == []
    with database.snapshot() as tx:
        assert [mqls.by_number(tx, WORKSPACE, number) is not None for number in range(1, 42)] == [True] * 40 + [False]


def test_two_who_hand_over_at_once_make_one_mql(any_database: Database) -> None:
    configure(any_database)
    agree(any_database, RULES)
    with any_database.transaction() as tx:
        entry = gate.take(tx, WORKSPACE, Lead(company="A"), Source.GENERIC, NOW)
    assert isinstance(entry, Held)
    ready, results = Barrier(2), list[Received | None]()

    def act() -> None:
        ready.wait()
        with any_database.transaction() as tx:
            results.append(gate.hand_over(tx, WORKSPACE, entry.entry_id, "why", "U4", NOW))

    threads: list[Any] = [Thread(target=act) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result is None for result in results) == [False, True]


def test_a_lead_sent_back_to_nurturing_may_be_handed_over_later(database: Database) -> None:
    configure(database)
    agree(database, RULES)
    with database.transaction() as tx:
        entry = gate.take(tx, WORKSPACE, Lead(company="A"), Source.GENERIC, NOW)
        assert isinstance(entry, Held)
        assert queue.close(tx, WORKSPACE, entry.entry_id, "U4", NOW)
    with database.transaction() as tx:
        assert gate.hand_over(tx, WORKSPACE, entry.entry_id, "called us", "U4", NOW) is not None
