"""python -m tests.chaos.bot serve|worker: the bot's own command, with shorter waits.

Nothing else is changed. A lease of a minute, pauses of up to five and a message a second would only make a run longer.
"""

from __future__ import annotations

import os
from datetime import timedelta
from functools import partial

import bot.__main__
from bot import app
from bot.core.mql import queue
from bot.slack.delivery import sender
from bot.slack.delivery.pacing import Pacing
from storage.claims import Budgets
from storage.lanes import Budget

LEASE = "CHAOS_LEASE"
"""The variable that names the lease in seconds. It must be longer than all that one attempt may wait for."""


def main() -> None:
    """Run the command."""
    shorter = {"LEASE": timedelta(seconds=float(os.environ[LEASE])), "LONGEST_WAIT": timedelta(seconds=4)}
    for name, span in shorter.items():
        assert getattr(sender, name) > span
        setattr(sender, name, span)
    queue.GATHERED = timedelta(seconds=1)
    often = timedelta(seconds=0.02)
    budgets = Budgets(edits=Budget("edits", 50, often), posts=Budget("posts", 50, often))
    pacing = Pacing(timedelta(seconds=0.1), budgets)
    setattr(app, "Parts", partial(app.Parts, pacing=pacing))  # noqa: B010 - a type, for mypy
    bot.__main__.app(prog_name="mql-bot")


if __name__ == "__main__":
    main()
