"""Time that is moved on while the bot still has something to say."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.slack.delivery.pacing import AS_SLACK_ASKS
from storage.database import Database
from storage.models import event
from storage.vocabulary import Locale
from tests.playground.page.stage import START, Clock, Company

LEADS = 6


@pytest.mark.thorough
def test_what_waits_for_its_second_is_said_before_the_clock_jumps(database: Database) -> None:
    company = Company(database, Locale.JA, AS_SLACK_ASKS)
    try:
        for number in range(LEADS):
            status, _ = company.companion.send_webhook(
                {"company": f"Sample {number}", "email": f"{number}@example.com"}
            )
            assert status == 202
        company.companion.advance(timedelta(hours=20))
        channel = company.slack.channel("mql")
        cards = [message.ts for message in channel.messages if message.thread is None and "Sample" in message.text]
        assert len(cards) == LEADS
        assert max(float(ts) for ts in cards) < (START + timedelta(minutes=5)).timestamp()
    finally:
        company.close()


@pytest.mark.thorough
def test_what_falls_due_while_the_bot_speaks_is_noticed_at_its_moment(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deadlines of leads that came in one after the other pass while the messages about the first are being said."""
    monkeypatch.setattr(Clock, "now", lambda clock: clock._start + clock._moved)  # however busy the machine is
    company = Company(database, Locale.JA, AS_SLACK_ASKS)
    try:
        for number in range(LEADS):
            lead = {"company": f"Sample {number}", "email": f"{number}@example.com"}
            assert company.companion.send_webhook(lead)[0] == 202
            company.clock.move(timedelta(seconds=0.4))
        company.companion.advance(timedelta(hours=26))
        with database.snapshot() as tx:
            query = sa.select(event).where(event.c.type.in_(["reminded", "breached", "escalated"]))
            late = [row.recorded_at - row.at for row in tx.execute(query)]
        assert len(late) >= 3 * LEADS
        assert max(late) == timedelta(0)
    finally:
        company.close()
