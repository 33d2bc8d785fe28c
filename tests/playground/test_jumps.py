"""Time that is moved on while the bot still has something to say."""

from __future__ import annotations

from datetime import timedelta

from bot.slack.pacing import AS_SLACK_ASKS
from storage.database import Database
from storage.vocabulary import Locale
from tests.playground.page.stage import START, Company

LEADS = 6


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
        cards = [one.ts for one in channel.messages if one.thread is None and "Sample" in one.text]
        assert len(cards) == LEADS
        assert max(float(ts) for ts in cards) < (START + timedelta(minutes=5)).timestamp()
    finally:
        company.close()
