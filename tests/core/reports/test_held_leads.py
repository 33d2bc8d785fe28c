"""What became of held leads, in the check of the scoring rule: recounted from the logs, one by one."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime

import sqlalchemy as sa

from bot.core.agreement import definition
from bot.core.agreement.rules import Rules
from bot.core.base.figure import figures_in
from bot.core.mql import gate, queue, withdrawal
from bot.core.mql.gate import Held
from bot.core.mql.lead import Lead
from bot.i18n import Translator
from bot.slack.blocks.reports import scoring as blocks
from storage import rows
from storage.models import Unreadable, unreadable
from storage.vocabulary import Locale, Source
from tests.core.kit import Engine
from tests.core.reports import slow_held
from tests.core.reports.test_monthly import DAY, HOUR, checked, ends, engine, stories
from tests.workspace import WORKSPACE

__all__ = ["engine"]
START = datetime(2026, 3, 1, tzinfo=UTC)


def held_once(engine: Engine, chance: random.Random, at: datetime) -> None:
    """One lead is held, and marketing decides as chance will have it."""
    lead = Lead(company="Acme", email=f"{chance.random()}@acme.example", score=10)
    with engine.database.transaction() as tx:
        held = gate.take(tx, WORKSPACE, lead, Source.GENERIC, at)
        assert isinstance(held, Held)
    decision = chance.choice(["hand over", "nurture", "nurture and hand over", "come again", "wait"])
    with engine.database.transaction() as tx:
        if decision.startswith("nurture"):
            assert queue.close(tx, WORKSPACE, held.entry_id, "U4", at + HOUR)
            assert not queue.close(tx, WORKSPACE, held.entry_id, "U4", at + HOUR)
        if decision.endswith("hand over"):
            assert gate.hand_over(tx, WORKSPACE, held.entry_id, "they asked", "U4", at + DAY) is not None
            assert gate.hand_over(tx, WORKSPACE, held.entry_id, "they asked", "U4", at + DAY) is None
        elif decision == "come again":
            gate.take(tx, WORKSPACE, lead.model_copy(update={"score": 90}), Source.GENERIC, at + DAY)
    with engine.database.snapshot() as tx:
        entry = rows.find(tx, Unreadable, unreadable, {"workspace_id": WORKSPACE, "id": held.entry_id})
    assert entry is not None
    if entry.mql_id is None:
        return
    if chance.random() < 0.2:
        engine.does(withdrawal.withdraw, entry.mql_id, "U4", "a test", now=at + 2 * DAY)
    ends(engine, chance, entry.mql_id, at + 3 * DAY)


def test_what_became_of_held_leads_is_what_the_logs_tell(engine: Engine) -> None:
    chance = random.Random(3)
    with engine.database.transaction() as tx:
        assert definition.propose(tx, WORKSPACE, "score", 50, None, "U4", START, rules=Rules(score=50)) is None
        newest = definition.standing(tx, WORKSPACE).proposed
        assert newest is not None
        assert definition.agree(tx, WORKSPACE, newest.row.id, "U3", START) is None
    for number in range(60):
        held_once(engine, chance, START + number * DAY)
    report = checked(engine, "2026-04")
    by_id = {story.mql.id: story for story in stories(engine)}
    with engine.database.snapshot() as tx:
        entries = rows.many(tx, Unreadable, sa.select(unreadable))
    then = [entry for entry in entries if entry.at < datetime(2026, 4, 30, 15, tzinfo=UTC)]
    expected = slow_held.became([(entry, by_id.get(entry.mql_id or 0)) for entry in then])
    assert figures_in(report.held) == expected
    assert all(expected.values())
    for locale in Locale:
        t = Translator(locale, "Asia/Tokyo")
        assert t.number(expected["nurtured"]) in blocks.text(report, t)
        nobody = replace(report, held=type(report.held)())
        assert blocks.text(nobody, t) != blocks.text(report, t)
