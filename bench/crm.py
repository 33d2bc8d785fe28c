"""How long a status that somebody changes in the CRM takes to the card in Slack, and a press beside a CRM that hangs.

python -m bench.crm [changes]

The real connector over real HTTP against the strict local HubSpot, and the real delivery to the strict local Slack.
Times are seconds of processor, of the bot and of both locals together, which other work on the machine does not
change, and seconds by the clock, which it does. What a running bot waits at most before it looks stands beside them: a
second for a notice, and the interval of the poll.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bot import logs
from bot.connectors.crm.loops import IDLE
from bot.connectors.crm.registry import RECIPES
from playground.crm.faults import CrmFault
from playground.crm.hubspot import HubSpot
from storage import migrate
from storage.database import Database
from storage.vocabulary import CrmKind, Status
from tests.crm.slack_story import SlackStory
from tests.patience import own_seconds
from tests.scenarios.stage import Team

CHANGES = 20
GOAL = 3.0
"""Seconds from the change to the card: by webhook, and after its interval by poll."""


class Took(NamedTuple):
    """How long something took, in seconds."""

    processor: float
    clock: float


class Watch:
    """Both clocks, from now on."""

    def __init__(self) -> None:
        self._began = Took(time.process_time(), time.monotonic())

    def took(self) -> Took:
        return Took(time.process_time() - self._began.processor, time.monotonic() - self._began.clock)


def main(changes: int = CHANGES) -> None:
    logs.configure("WARNING", "console")
    every = RECIPES[CrmKind.HUBSPOT].poll_every
    print(f"{changes} changes each\n")
    print("| | processor, s: median, most | by the clock, s: median, most | waits before at most, s | goal, s |")
    print("|---|--:|--:|--:|--:|")
    with_story(lambda story: line("a status to the card, by notice", by_notice(story, changes), IDLE, GOAL))
    waits = every.total_seconds()
    with_story(lambda story: line("the same by poll", by_poll(story, changes), waits, waits + GOAL))
    alone = with_story(lambda story: line("a press, no CRM is asked", presses(story, changes), 0, GOAL))
    beside = with_story(lambda story: line("a press beside a CRM that hangs", hanging(story, changes), 0, GOAL))
    print(f"\nA press beside a CRM that hangs takes {beside / alone:.2f} of the processor that one beside none takes.")


def with_story(tell: Callable[[SlackStory], float]) -> float:
    """Tell something of a team with a lead whose HubSpot is connected."""
    with tempfile.TemporaryDirectory() as folder, closing(Database(f"sqlite:///{Path(folder) / 'b.db'}")) as database:
        migrate.upgrade(database)
        team = Team(database)
        try:
            with HubSpot(team.time.now, own_seconds) as hubspot:
                return tell(SlackStory(team, hubspot))
        finally:
            team.close()


def leads(story: SlackStory, count: int) -> list[tuple[str, int]]:
    """Let leads come in; return the contact and the number of each."""
    known = []
    for number in range(count):
        email = f"lead{number}@example.com"
        contact = story.hubspot.add("contacts", email=email, lastname="青木")
        story.team.receives(f"Company {number}", email=email, record_ids={"hubspot": contact.id})
        known.append((contact.id, number + 2))
        story.works()
    return known


def by_notice(story: SlackStory, count: int) -> list[Took]:
    return [changed(story, contact, number) for contact, number in leads(story, count)]


def by_poll(story: SlackStory, count: int) -> list[Took]:
    known = leads(story, count)
    story.hubspot.webhooks.deliver_due = list  # type: ignore[method-assign, assignment]
    times = []
    for contact, number in known:
        story.hubspot.edit("contacts", contact, hs_lead_status="IN_PROGRESS")
        story.team.time.advance(RECIPES[CrmKind.HUBSPOT].poll_every)
        times.append(taken(story, number))
    return times


def changed(story: SlackStory, contact: str, number: int) -> Took:
    story.hubspot.edit("contacts", contact, hs_lead_status="IN_PROGRESS")
    return taken(story, number)


def taken(story: SlackStory, number: int) -> Took:
    """Return how long it takes until what was changed is on the card."""
    watch = Watch()
    story.works()
    took = watch.took()
    assert story.team.mql(number).status == Status.ACCEPTED, number
    return took


def presses(story: SlackStory, count: int) -> list[Took]:
    return [pressed(story, number) for _, number in leads(story, count)]


def hanging(story: SlackStory, count: int) -> list[Took]:
    """Press while another thread waits for an answer that does not come."""
    known = leads(story, count)
    story.hubspot.faults.add("*", CrmFault.HANG, seconds=60)
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            story.sync.round()
            over.wait(0.05)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        return [pressed(story, number) for _, number in known]
    finally:
        over.set()
        story.sync.stop()
        story.hubspot.faults.clear()
        thread.join(timeout=10)


def pressed(story: SlackStory, number: int) -> Took:
    watch = Watch()
    story.team.accepts(number)
    took = watch.took()
    assert story.team.mql(number).status == Status.ACCEPTED, number
    return took


def line(what: str, times: Sequence[Took], waits: float, goal: float) -> float:
    """Print the times of one thing; return the median seconds of processor."""
    shown = [f"{median(part):.2f}, {max(part):.2f}" for part in zip(*times, strict=True)]
    print(f"| {what} | {shown[0]} | {shown[1]} | {waits:g} | < {goal:g} |", flush=True)
    return median(each.processor for each in times)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CHANGES)
