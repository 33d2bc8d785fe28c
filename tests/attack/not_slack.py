"""Something between the bot and Slack that answers in Slack's place: a portal, a filter, a stub."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

from playground import Fault
from tests.attack.stage import Outcome, stage

PAGES = {
    "a portal's page": Fault.HTML_PAGE,
    "a filter's page": Fault.HTML_PAGE_AFTER,
    "a redirect": Fault.REDIRECT,
    "an empty answer": Fault.EMPTY_ANSWER,
    "a bare ok": Fault.BARE_OK,
    "half an answer": Fault.TRUNCATED,
}


def _answered(folder: Path, fault: Fault) -> Outcome:
    """A worker starts meanwhile, a lead is taken, the trouble is named; afterwards everything is said once."""
    with stage(folder, ("serve",)) as bot:
        bot.slack.faults.add("*", fault)
        bot.start("worker")
        status = bot.send("during")
        named = bot.wait_for(lambda: bot.checks().get("slack") == "not_slack", 60)
        bot.slack.faults.clear()
        over = bot.wait_for(lambda: _left(bot.file) == {"sent"}, 120)
        cards = sum(message.thread is None for message in bot.slack.channel("mql").messages)
        traces = bot.tracebacks()
    answer = f"webhook {status}; /readyz not_slack: {named}; everything said: {over}; {cards} card; {traces} tracebacks"
    return Outcome(answer, (status, named, over, cards, traces) == ("202", True, True, 1, 0))


def _left(file: Path) -> set[str]:
    """Return the states in which messages are."""
    with closing(sqlite3.connect(file)) as connection:
        return {state for (state,) in connection.execute("SELECT DISTINCT state FROM outbox WHERE kind <> 'edit'")}


ATTACKS = {f"in Slack's place: {name}": partial(_answered, fault=fault) for name, fault in PAGES.items()}
