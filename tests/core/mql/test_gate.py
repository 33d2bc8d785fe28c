"""The gate against an independent count: what is shown before signing is what is held after it, and nothing is lost."""

from __future__ import annotations

import signal
import subprocess
import sys
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
from storage.vocabulary import Source, UnreadableState
from tests.core.overlap import overlapping
from tests.patience import LONGEST
from tests.thorough import thoroughly
from tests.workspace import NOW, WORKSPACE, configure

RULES = Rules(
    score=50,
    required=(Required.PHONE,),
    excluded_domains=("rival.example",),
    industries=("製造", "wholesale"),
    size=100,
)


def held_of(database: Database, lead: Lead) -> int:
    """Let a lead be held; returns its entry."""
    with database.transaction() as tx:
        held = gate.take(tx, WORKSPACE, lead, Source.GENERIC, NOW)
    assert isinstance(held, Held)
    return held.entry_id


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


@pytest.mark.parametrize("seed", thoroughly([1, 2], but=[1]))
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


def test_two_presses_on_back_to_nurturing_at_once_are_one(any_database: Database) -> None:
    configure(any_database)
    agree(any_database, RULES)
    entry_id = held_of(any_database, Lead(company="Acme", score=10))

    def back() -> bool:
        with any_database.transaction() as tx:
            return queue.close(tx, WORKSPACE, entry_id, "U4", NOW)

    assert overlapping(any_database, back, back) == (True, False)
    with any_database.snapshot() as tx:
        entry = unreadables.get(tx, WORKSPACE, entry_id)
    assert entry is not None
    assert (entry.state, entry.closed_by, entry.mql_id) == (UnreadableState.DISMISSED, "U4", None)


def test_of_a_hand_over_and_back_to_nurturing_at_once_the_lead_is_with_sales(any_database: Database) -> None:
    configure(any_database)
    agree(any_database, RULES)
    entry_ids = [held_of(any_database, Lead(company=f"Acme {number}", score=10)) for number in range(2)]

    def back(entry_id: int) -> None:
        with any_database.transaction() as tx:
            queue.close(tx, WORKSPACE, entry_id, "U4", NOW)

    def over(entry_id: int) -> None:
        with any_database.transaction() as tx:
            gate.hand_over(tx, WORKSPACE, entry_id, "they called", "U4", NOW)

    overlapping(any_database, lambda: back(entry_ids[0]), lambda: over(entry_ids[0]))
    overlapping(any_database, lambda: over(entry_ids[1]), lambda: back(entry_ids[1]))
    with any_database.snapshot() as tx:
        entries = unreadables.of_ids(tx, WORKSPACE, entry_ids)
        numbers = [entry.mql_id and mqls.get(tx, WORKSPACE, entry.mql_id) for entry in entries]
    assert [entry.state for entry in entries] == [UnreadableState.ENTERED] * 2
    assert all(numbers)


KILLED = """
import os, signal, sys
from datetime import datetime
from bot.core.mql import gate, queue
from storage.database import Database
act, moment, url, workspace, entry_id, now = sys.argv[1:]
database, now = Database(url), datetime.fromisoformat(now)
with database.transaction() as tx:
    if act == "hand over":
        gate.hand_over(tx, workspace, int(entry_id), "they called", "U4", now)
    else:
        queue.close(tx, workspace, int(entry_id), "U4", now)
    if moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("act", thoroughly(["hand over", "back"], but=["hand over"]))
def test_killed_before_the_commit_a_lead_is_held_and_after_it_decided(database: Database, act: str) -> None:
    configure(database)
    agree(database, RULES)
    entry_id = held_of(database, Lead(company="Acme", score=10))
    for moment, decided in (("before", False), ("after", True)):
        url = database.url.render_as_string(hide_password=False)
        arguments = [act, moment, url, WORKSPACE, str(entry_id), NOW.isoformat()]
        died = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False, timeout=LONGEST)
        assert died.returncode == -signal.SIGKILL
        with database.transaction() as tx:
            entry = unreadables.get(tx, WORKSPACE, entry_id)
            assert entry is not None
            there = mqls.by_number(tx, WORKSPACE, 1)
        state = UnreadableState.OPEN
        if decided:
            state = UnreadableState.ENTERED if act == "hand over" else UnreadableState.DISMISSED
        assert entry.state == state
        assert (there is not None, entry.mql_id) == (state == UnreadableState.ENTERED, there.id if there else None)
