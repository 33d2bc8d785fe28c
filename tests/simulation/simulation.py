"""Simulated days of one workspace, from one seed: what happens, and that everything holds after each step."""

from __future__ import annotations

import re
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from unittest.mock import patch

import sqlalchemy as sa
import structlog

from bot import worker
from bot.core.sla import holidays
from playground import Fault
from storage import due_work, models
from storage.database import Database
from tests.simulation import audit, offices, routed, word
from tests.simulation.admins import Admins, Government
from tests.simulation.mail import Mail
from tests.simulation.people import People
from tests.simulation.story import Story
from tests.simulation.told_weeks import ToldWeeks
from tests.simulation.world import World

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CLOSED = ("account_inactive", "user_disabled")
FIGURES = ("workspaces", "days", "steps", "MQLs", "events", "checkpoints", "messages", "checks")
ONE_IN_OVER_HTTP = 33
FAULTS = (
    Fault.LOSE_ANSWER,
    Fault.ERROR_500,
    Fault.ERROR_500_AFTER,
    Fault.RATE_LIMIT,
    Fault.REFUSE,
    Fault.HTML_PAGE,
    Fault.HTML_PAGE_AFTER,
    Fault.REDIRECT,
    Fault.TRUNCATED,
)


class Broken(AssertionError):
    """Something does not hold."""

    def __init__(self, seed: int, days: int, step: int, did: str, problems: list[str]) -> None:
        self.seed, self.step, self.problems = seed, step, problems
        again = f"python -m tests.simulation --seed {seed} --days {days}"
        super().__init__("\n".join([f"seed {seed}, step {step}, after: {did}", *problems, f"Again: {again}"]))


@dataclass
class Simulation:
    """One workspace."""

    seed: int
    days: int
    database: Database
    steady: bool = False
    """Whether the machine's clock is never set."""
    figures: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(FIGURES, 0)))
    digest: str = ""
    """Of the database at the end: the same for the same seed and days."""
    step: int = 0
    did: str = ""

    def run(self) -> Counter[str]:
        """Let the days pass. Raises Broken at the first step after which something does not hold."""
        self.rng = Random(self.seed)
        start = (
            datetime(2026, 1, 1, tzinfo=UTC) + self.rng.randrange(3 * 365) * DAY + self.rng.randrange(86400) * SECOND
        )
        self.started_at = start
        http = self.seed % ONE_IN_OVER_HTTP == 0
        self.delivers = http or self.rng.random() < 0.15
        government, errors = Government(), list[str]()
        with patch.object(holidays, "in_year", government.in_year), _heard(errors):
            self.world = World(self.database, start, http=http)
            try:
                self._live(start + self.days * DAY, government, errors)
            except Broken:
                raise
            except Exception as problem:
                raise self._broken([traceback.format_exc()]) from problem
            finally:
                self.world.close()
        return self.figures

    def _live(self, end: datetime, government: Government, errors: list[str]) -> None:
        with_routes, with_offices = routed.has_routes(self.seed), offices.has_offices(self.seed)
        self.people = People(self.world, self.rng, with_offices=with_offices)
        self.admins = Admins(self.world, self.rng, government, with_routes=with_routes, with_offices=with_offices)
        self.stories: dict[int, Story] = {}
        self._told = ToldWeeks()
        self._mail = Mail(self.world.slack)
        self._seen_event = self._seen_decision = 0
        self._down_until = self.world.time.true
        self.admins.founds()
        whole = self.world.time.true + 3 * DAY
        while self.world.time.true < end:
            self.step += 1
            self.did = "; ".join(filter(None, self._step()))
            self._check(errors)
            if self._ticked:
                with self.database.snapshot() as tx:
                    self._told.note(tx, self.world.id, self.world.journal, self.world.time.now())
            if self.world.time.true >= whole:
                self._check_everything()
                whole += self.rng.uniform(2, 5) * DAY
        self.did = "the end"
        self._check_everything()
        self._count()
        with self.database.snapshot() as tx:
            self.digest = audit.digest(tx)

    def _count(self) -> None:
        fired = sa.and_(models.event.c.type.in_(word.CHECKPOINTS), models.event.c.actor.is_(None))
        every = sa.true()
        self.figures |= {"workspaces": 1, "days": self.days, "steps": self.step}
        counted = {"MQLs": (models.mql, every), "events": (models.event, every), "messages": (models.outbox, every)}
        for name, (table, which) in (counted | {"checkpoints": (models.event, fired)}).items():
            ((self.figures[name],),) = self.world.query(sa.select(sa.func.count()).select_from(table).where(which))

    # What happens

    def _step(self) -> Iterator[str]:
        rng, world, self._ticked = self.rng, self.world, False
        world.time.true += self._some_time()
        yield f"{world.time.true}"
        down = world.time.true < self._down_until
        if not down and rng.random() < 0.5:
            world.tick()
        trouble = self._trouble() if rng.random() < 0.03 else ""
        yield trouble
        self._begun_by = world.ticked_at
        by_admins = rng.random() < 0.04
        deed = self.admins.act() if by_admins else self.people.act()
        yield deed
        # The roster is still as it was when the clocks were checked, so that one can ask who was to be told.
        self._calm = not by_admins and "is away" not in deed and trouble != "clock"
        if down:
            return
        if rng.random() < 0.2:
            worker.catch_up(world.context)
        if rng.random() < 0.1:
            world.watch.look()
        if rng.random() < 0.1:
            self._calm = False
            world.tick((rng.randint(1, 8), self._meanwhile))
        else:
            world.tick()
            self._ticked = True
        if self.delivers and rng.random() < 0.5:
            how = rng.random()
            dies_in = rng.randint(1, 12) if how < 0.03 else 0
            self._calm = self._calm and how <= 0.95
            # What somebody does meanwhile may be due at once: a clock that is resumed after its deadline.
            self._ticked = self._ticked and how <= 0.95
            world.deliver(dies_in=dies_in, meanwhile=self._meanwhile if how > 0.95 else None)

    def _some_time(self) -> timedelta:
        rng, kind = self.rng, self.rng.random()
        if kind < 0.35:
            with self.database.snapshot() as tx:
                coming = due_work.next_after(tx, self.world.id, self.world.time.now())
            if coming is not None and coming - self.world.time.now() < 2 * DAY:
                return coming - self.world.time.now() + rng.choice([0, 0, 0, -1, 1, 5]) * SECOND
        if kind < 0.6:
            return rng.randrange(1, 3600) * SECOND
        if kind < 0.9:
            return rng.randrange(10, 360) * MINUTE
        return rng.randrange(600) * SECOND / 10

    def _trouble(self) -> str:
        rng, world = self.rng, self.world
        kind = rng.choice(["down", "fault", "fault", "clock", "clock"])
        if kind == "down":
            self._down_until = world.time.true + rng.choice([HOUR, 6 * HOUR, DAY, 4 * DAY])
        elif kind == "fault":
            method = rng.choice(["chat.postMessage", "chat.postMessage", "chat.update", "conversations.history"])
            world.slack.faults.add(method, rng.choice(FAULTS), rng.randint(1, 3), rng.choice([1, 30, 600]))
        else:
            steps = [SECOND, -SECOND, -90 * SECOND, -HOUR, 3 * HOUR, 2 * DAY]
            skew = timedelta(0) if world.time.skew else rng.choice(steps)
            world.time.skew = timedelta(0) if self.steady else skew
        return kind

    def _meanwhile(self) -> None:
        """Somebody else is faster: another worker, or a person."""
        if self.rng.random() < 0.6:
            self.world.tick()
        else:
            self.people.act()

    # What must hold

    def _check(self, errors: list[str]) -> None:
        if errors:
            raise self._broken(errors)
        with self.database.snapshot() as tx:
            new = sa.select(models.event).where(models.event.c.id > self._seen_event).order_by(models.event.c.id)
            events = list(tx.execute(new))
            self.world.journal.again |= {e.id: e.data for e in events if e.type == "received_again"}
            stories, problems = audit.stories(tx, self.world.journal, sorted({event.mql_id for event in events}))
            problems += [*self.world.surprises, *word.unfair(tx, self._seen_decision, self._begun_by)]
            if self._ticked:
                problems += [
                    *audit.overdue(tx, self.world.time.now()),
                    *word.left_lying(tx, self.world.time.now(), self.admins.routing),
                ]
            if self._calm:
                problems += word.unheard(tx, events)
                problems += routed.astray(tx, self._seen_decision, events, self.admins.routing)
                overdue = [pause for story in stories.values() for pause in story.hidden]
                problems += word.hidden(tx, [pause for pause in overdue if pause[0].id > self._seen_event])
            if any(event.type in word.TURNS_CHANGE for event in events):
                problems += word.out_of_turn(tx)
            self._seen_event = max((event.id for event in events), default=self._seen_event)
            self._seen_decision = tx.execute(sa.select(sa.func.max(models.assignment.c.id))).scalar() or 0
        self.stories |= stories
        self.figures["checks"] += len(stories)
        if problems:
            raise self._broken(problems)

    def _check_everything(self) -> None:
        """Not only what was touched, but also the figures and what stands in Slack; right after a tick, so that nothing
        waits to be noticed."""
        self.world.tick()
        if self.delivers:
            self._drain()
        now = self.world.time.now()
        with self.database.snapshot() as tx:
            every = [row.id for row in tx.execute(sa.select(models.mql.c.id))]
            self.stories, problems = audit.stories(tx, self.world.journal, every)
            problems += audit.overdue(tx, now)
            problems += audit.figures(tx, self.world.id, list(self.stories.values()), now)
            problems += self._told.differences(tx, self.world.id, list(self.stories.values()), now)
            problems += [*word.digests(tx, self.world.time.furthest), *word.out_of_turn(tx)]
            problems += [*self._mail.read(), *self._mail.compare(tx, self.stories), *self._rules_broken()]
        self.figures["checks"] += len(every)
        if problems:
            raise self._broken(problems)

    def _drain(self) -> None:
        """Until only what is held back for later waits."""
        unsent = sa.select(models.outbox.c.id).where(
            models.outbox.c.state.in_(("pending", "sending")), models.outbox.c.attempts > 0
        )
        for _ in range(10):
            self.world.deliver()
            if not self.world.query(unsent):
                return
            self.world.time.true += 6 * MINUTE
            self.world.tick()

    def _rules_broken(self) -> Iterator[str]:
        """Rules of Slack's that the bot broke, apart from the faults and the accounts that were closed."""
        log = self.world.slack.log
        for sentence in (*self.world.wire.broken, *log.broken()):
            if "fault: " not in sentence and "is deactivated" not in sentence:
                yield sentence
        log.clear()

    def _broken(self, problems: list[str]) -> Broken:
        named = re.search(r"#(\d+)", problems[0])
        with self.database.snapshot() as tx:
            log = list(audit.log_of(tx, int(named[1]))) if named else []
        return Broken(self.seed, self.days, self.step, self.did, [*problems, *log])


@contextmanager
def _heard(errors: list[str]) -> Iterator[None]:
    """Everything that the bot logs as an error, with its traceback."""

    def hear(_: object, level: str, event: structlog.typing.EventDict) -> str:
        # A closed account takes no messages: the admins are told.
        if level in ("error", "critical") and event.get("code") not in CLOSED:
            errors.append(str(event.get("exception") or event))
        raise structlog.DropEvent

    before = structlog.get_config()
    processors: list[structlog.typing.Processor] = [structlog.processors.format_exc_info, hear]
    structlog.configure(processors=processors, wrapper_class=structlog.make_filtering_bound_logger(30))
    try:
        yield
    finally:
        structlog.configure(**before)
