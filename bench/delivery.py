"""How long 600 messages to 60 Slack channels take, beside the shortest time that Slack's pace allows.

python -m bench.delivery

Delivery as a worker runs it, against the strict local Slack in a process of its own: it takes one post a second into a
channel, refuses more with 429, and answers after 150 ms. In the second run one channel answers after two seconds; in
the third every fifth answer is lost, and the last message of each channel is urgent.
"""

from __future__ import annotations

import multiprocessing
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from multiprocessing.connection import Connection
from threading import Thread
from time import perf_counter, process_time, sleep
from typing import Any

import sqlalchemy as sa

from bench import goals, stage
from bot.slack.delivery.loop import Delivery
from bot.slack.web_api.gateway import Gateway
from playground import Fault, Playground
from storage.database import Database
from storage.models import outbox
from storage.vocabulary import MessageKind
from tests.workspace import WORKSPACE

CHANNELS, EACH = 60, 10
ANSWER, SLOW = 0.15, 2.0
IDEAL = (EACH - 1) * 1.0 + ANSWER
GOAL, SLOWER_GOAL, URGENT_GOAL = 1.05, 0.02, 5
A_POST = 1.0
"""The seconds after which a channel takes the next."""
LOST = 0.2
URGENT = 0


Answers = Callable[[Playground, str], None]
"""How the local Slack is made to answer; the channel is one of many."""


@dataclass(frozen=True)
class Run:
    """What came of the messages. Seconds count from the start of delivery."""

    seconds: float
    """Until the last message of the channels that answer as usual was settled."""
    processor: float
    refused: int
    in_order: bool
    urgent: float
    """How long the latest of the last messages of the channels waited beyond its own turn."""


def main() -> None:
    print(f"{CHANNELS * EACH} messages over {CHANNELS} Slack channels, answers after {ANSWER * 1000:.0f} ms, SQLite\n")
    print(f"Shortest possible: {IDEAL:.2f} s\n")
    print("| | seconds | / shortest | goal | processor | 429 | in order |")
    print("|---|--:|--:|--:|--:|--:|---|")
    usual = run(usual_answers)
    report("all channels alike", usual, usual.seconds / IDEAL, f"≤ {GOAL}")
    beside = run(one_slow, watched=slice(1, None))
    report(f"the other {CHANNELS - 1}, one answers after {SLOW:.0f} s", beside, beside.seconds / IDEAL, "")
    losing = run(some_lost, urgent=True)
    report(f"{LOST:.0%} of the answers lost, the last of each channel urgent", losing, losing.seconds / IDEAL, "")
    later = beside.seconds / usual.seconds - 1
    print(f"\nThe slow channel delays the others by {later:.1%} (goal: less than {SLOWER_GOAL:.0%}).")
    print(f"With lost answers an urgent message is at most {losing.urgent:.1f} s late (goal: {URGENT_GOAL}).")
    goals.note("delivery", usual.seconds / IDEAL)
    goals.note("delivery urgent", losing.urgent)


def report(name: str, run: Run, ratio: float, goal: str) -> None:
    """Print a line of the table."""
    figures = f"{run.seconds:.2f} | {ratio:.2f} | {goal} | {run.processor:.1f} | {run.refused}"
    print(f"| {name} | {figures} | {'yes' if run.in_order else 'NO'} |", flush=True)


def run(answers: Answers, *, watched: slice = slice(None), urgent: bool = False) -> Run:
    """Deliver everything to a Slack that answers so."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    slack = multiprocessing.get_context("spawn").Process(target=answer, args=(theirs, answers))
    slack.start()
    theirs.close()
    url, token, channels = ours.recv()
    with stage.sqlite() as database:
        queue(database, channels, urgent=urgent)
        delivery = Delivery(database, Gateway(token, url), WORKSPACE, lambda: datetime.now(UTC))
        seconds, processor = deliver(delivery, database, channels[watched])
        delivery.stop()
        late = _late(database)
    ours.send(None)
    refused, in_order = ours.recv()
    slack.join()
    return Run(seconds, processor, refused, in_order, late)


def queue(database: Database, channels: list[str], *, urgent: bool) -> None:
    """Queue the cards of so many MQLs, in turn for each channel."""
    stage.fill(database, CHANNELS * EACH, *stage.TABLES)
    cards = sa.select(outbox.c.id).where(outbox.c.kind == MessageKind.CARD)
    with database.transaction() as tx:
        now = datetime.now(UTC)
        ids = list(tx.execute(cards.order_by(outbox.c.id)).scalars())
        tx.execute(outbox.delete().where(outbox.c.id.not_in(ids)))
        waiting = {"state": "pending", "sent_at": None, "channel": None, "ts": None, "created_at": now}
        waiting |= {"due_at": now, "next_attempt_at": now}
        for place, row_id in enumerate(ids):
            values: dict[str, Any] = waiting | {"target": channels[place % len(channels)]}
            if urgent and place >= len(ids) - len(channels):
                values["priority"] = URGENT
            tx.execute(outbox.update().where(outbox.c.id == row_id).values(**values))


def deliver(delivery: Delivery, database: Database, watched: list[str]) -> tuple[float, float]:
    """Return the seconds, and processor seconds, until everything for the watched channels is in Slack."""
    left = sa.select(sa.func.count()).where(outbox.c.target.in_(watched), outbox.c.state != "sent")
    began, busy = perf_counter(), process_time()
    Thread(target=delivery.run, daemon=True).start()
    while True:
        sleep(0.02)
        with database.snapshot() as tx:
            if tx.execute(left).scalar_one() == 0:
                return perf_counter() - began, process_time() - busy


def _late(database: Database) -> float:
    """Return how many seconds the latest urgent message arrived after its turn: at once, but for one that was going."""
    took = sa.select(outbox.c.created_at, outbox.c.sent_at).where(outbox.c.priority == URGENT)
    with database.snapshot() as tx:
        waited = [(sent - created).total_seconds() for created, sent in tx.execute(took)]
    return max((seconds - A_POST - ANSWER for seconds in waited), default=0.0)


def answer(pipe: Connection, answers: Answers) -> None:
    """Run the local Slack until it is asked what it has seen."""
    with Playground() as slack:
        slack.rates.on = True
        channels = [slack.admin.add_channel(f"sales-{number}").id for number in range(CHANNELS)]
        answers(slack, channels[0])
        slack.faults.add("chat.postMessage", Fault.HANG_AFTER, seconds=ANSWER)
        pipe.send((slack.api_url, slack.bot_token, channels))
        pipe.recv()
        calls = slack.log.calls("chat.postMessage")
        pipe.send(
            (sum("ok" in (call.answer or {}) and not call.answer["ok"] for call in calls), _in_order(slack, channels))
        )


def usual_answers(_slack: Playground, _channel: str) -> None:
    """Answer everything alike."""


def one_slow(slack: Playground, channel: str) -> None:
    """Let one channel answer late."""
    slack.faults.add("chat.postMessage", Fault.HANG_AFTER, seconds=SLOW, channel=channel)


def some_lost(slack: Playground, _channel: str) -> None:
    """Lose some answers, as a die falls."""
    chance = random.Random(1)
    for _ in range(CHANNELS * EACH):
        kind = Fault.LOSE_ANSWER if chance.random() < LOST else Fault.HANG_AFTER
        slack.faults.add("chat.postMessage", kind, times=1, seconds=ANSWER)


def _in_order(slack: Playground, channels: list[str]) -> bool:
    """Tell whether the cards of each channel stand there once each, in the order of their rows."""
    seen: dict[str, list[int]] = defaultdict(list)
    for channel in channels:
        for record in slack.workspace.channels[channel].messages:
            metadata: Any = record.metadata
            seen[channel].append(int(metadata["event_payload"]["key"].partition(":")[2]))
    return all(before < after for numbers in seen.values() for before, after in pairwise(numbers))


if __name__ == "__main__":
    main()
