"""What a real bot lived through with its Slack, replayed: the same figures come of the same policy."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core import teamfile, whatif
from bot.core.sla.policy import EscalationStep, QuietHours
from bot.core.whatif import Level, Period
from storage import due_work, workspaces
from storage.vocabulary import EventType
from tests.scenarios.stage import START, TOKYO, Team, ja
from tests.scratch import scratch

A_SECOND = timedelta(seconds=1)


def passes(team: Team, hours: float) -> None:
    """Let time pass as it does while the bot is awake: it ticks whenever something is due."""
    end = team.time.now() + timedelta(hours=hours)
    while True:
        with team.database.snapshot() as tx:
            due = due_work.next_after(tx, team.id, team.time.now())
        morning = team.time.now().astimezone(TOKYO).replace(hour=8, minute=0, second=0, microsecond=0)
        later = [at for at in (due, morning, morning + timedelta(days=1)) if at and team.time.now() < at < end]
        team.advance(seconds=(min(later, default=end) - team.time.now()).total_seconds())
        if team.time.now() >= end:
            return


@pytest.mark.thorough
def test_a_past_with_a_real_bot_comes_to_the_same(team: Team) -> None:
    team.agrees(
        quiet=QuietHours(start="20:00", end="08:00"),
        escalations=(
            EscalationStep(after_hours=24, to="manager"),
            EscalationStep(after_hours=30, to="peers"),
            EscalationStep(after_hours=40, to="head", do="reassign"),
        ),
    )
    for company in ("Acme", "Beta", "Gamma", "Delta"):
        team.receives(company, score=82)
        passes(team, 0.5)
    sato, suzuki, brown = (team.user(name) for name in ("sato", "suzuki", "brown"))
    sato.press(ja("button.accept"))
    passes(team, 1)
    suzuki.press(ja("button.contacted"))
    passes(team, 35)
    offer = next(message for message in team.dm("brown").messages if "Acme" in message.text)
    brown.press(ja("button.take"), in_=offer)
    passes(team, 200)
    with team.database.snapshot() as tx:
        workspace, current = workspaces.get(tx, team.id), teamfile.current(tx, team.id)
        assert workspace is not None
        assert current is not None
        days = START.date(), team.time.now().astimezone(TOKYO).date()
        past = whatif.read(tx, workspace, Period.of(*days, "Asia/Tokyo", team.time.now()))
    with scratch() as private, private.transaction() as tx:
        simulated = whatif.replay(tx, past, current, lambda _: None)
    assert past.happened.late
    assert past.happened.escalations[Level.PEERS] > 0
    assert past.happened.reassigned_by_step > 0
    assert EventType.MESSAGE_DEAD not in {event.type for number in range(1, 5) for event in team.log(number)}
    assert (simulated.figures, simulated.undone) == (past.happened, 0)
