"""One run: a database, the processes on it, people, trouble, and somebody who kills."""

from __future__ import annotations

import json
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import sqlalchemy as sa

from bot.cli.sample.team import sample_team
from bot.core import teamfile
from bot.core.agreement import definition
from bot.core.agreement.rules import Rules
from bot.core.sla.policy import Policy, read_policy
from storage import models
from storage.database import Database
from tests.chaos import verdict
from tests.chaos.killer import Killer, kill_all, stopped
from tests.chaos.people import People
from tests.chaos.processes import Deployment
from tests.chaos.trouble import Trouble
from tests.installation import SECRET, Installation, free_port
from tests.patience import LONGEST
from tests.simulation.slow_agreement import Version
from tests.simulation.story import Change
from tests.tools import Tool


@dataclass(frozen=True)
class Plan:
    """How much of everything. Spans are in seconds."""

    kills: int
    webs: int = 1
    workers: int = 1
    response: int = 20
    lease: float = 10
    longest_hold: float = 1
    pause: float = 0.7
    patience: float = 400


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Broken(AssertionError):
    """Something does not hold. The text says what, with which seed, and where database and logs are kept."""


@dataclass
class Chaos:
    """One workspace, until everything has come to rest. Everything that is left of it lies in `folder`."""

    seed: int
    plan: Plan
    database: Database
    folder: Path
    figures: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def running(self) -> Iterator[None]:
        """While this lasts everything runs, and nothing goes wrong."""
        self.problems: list[str] = []
        # Unplugged, a port of those that the system gives away could be anybody's.
        self.installation = Installation(self.database, lambda: datetime.now(UTC), port=free_port())
        self.slack = self.installation.slack
        self.slack.log._kept = deque()  # all of it
        self.trouble = Trouble(self.slack, Random(f"{self.seed} trouble"), self.plan.longest_hold)
        with self.slack, ExitStack() as at_the_end:
            at_the_end.callback(self._keep_exchanges)
            self.deployment = self._deployment()
            at_the_end.callback(self.deployment.close)
            tool = Tool(self.database, self.slack.team_id, "")
            self.people = People(self.slack, tool, self.deployment.web, self.seed, self.plan.pause)
            self._founds()
            self.deployment.start()
            self._wait(self._not_begun, LONGEST)
            yield

    def run(self) -> Counter[str]:
        """Returns what there was. Raises Broken where something does not hold."""
        begun = time.monotonic()
        with self.running():
            with self.trouble.about(), self.people.about():
                self._kill()
            self.figures += kill_all(self.deployment.all)
            self.figures["seconds of kills"] = round(time.monotonic() - begun)
            self._wait(self._left, self.plan.patience)
            self._stop_all()
            self.problems += verdict.problems(self.database, self.slack, self.people, self.folder)
        self.figures += self.trouble.figures + self.people.figures + verdict.figures(self.database, self.slack)
        self.figures += Counter({f"fault {name}": count for name, count in self.trouble.faults.struck.items()})
        slowest = max(process.slowest_stop for process in self.deployment.all)
        self.figures["ms of the slowest stop"] = round(1000 * slowest)
        self.figures["seconds"] = round(time.monotonic() - begun)
        self._must_be_whole()
        return self.figures

    def _must_be_whole(self) -> None:
        if self.problems:
            where = f"Seed {self.seed}. Database, logs and every exchange with Slack: {self.folder}"
            raise Broken("\n".join([*self.problems, where]))

    def _keep_exchanges(self) -> None:
        with (self.folder / "slack.jsonl").open("w") as kept:
            for entry in self.slack.log:
                kept.write(json.dumps(entry.as_json(), ensure_ascii=False) + "\n")

    # Before

    def _deployment(self) -> Deployment:
        url = self.database.url.render_as_string(hide_password=False)
        environment = self.installation.access.environment(WEBHOOK_SECRET=SECRET, DATABASE_URL=url)
        return Deployment(self.folder, environment, self.plan.webs, self.plan.workers, self.plan.lease)

    def _founds(self) -> None:
        """The sample team, with an agreement whose deadlines pass within seconds."""
        in_some_days = (datetime.now(UTC) + timedelta(days=3)).weekday()
        wanted = teamfile.parse(sample_team(), None)
        wanted = replace(
            wanted, policy=_agreement(self.plan.response), digest_weekday=in_some_days, daily_messages=1000
        )
        self.installation.agree(wanted)
        with self.database.snapshot() as tx:
            (row,) = tx.execute(sa.select(models.policy_version))
        self._agrees_on_rules()
        version = Version(row.id, row.version, row.body, row.timezone, row.holidays, row.created_at)
        self.people.journal.changes.append(Change(0, version, version.created_at, moves_open=False))

    def _agrees_on_rules(self) -> None:
        """Both sides sign a definition, so that leads with a low score are held."""
        now, team = datetime.now(UTC), self.slack.team_id
        with self.database.transaction() as tx:
            marketer, manager = (self.slack.user(name).id for name in ("ito", "tanaka"))
            definition.propose(tx, team, "a score of 50", 50, None, marketer, now, rules=Rules(score=50))
            proposed = definition.standing(tx, team).proposed
            assert proposed is not None
            assert definition.agree(tx, team, proposed.row.id, manager, now) is None

    # Meanwhile

    def _kill(self) -> None:
        """Of each kind half, at once."""
        killers = [
            Killer(victims, Random(f"{self.seed} {victims[0].kind}"), self.trouble, self.people)
            for victims in (self.deployment.webs, self.deployment.workers)
        ]
        with ThreadPoolExecutor() as pool:
            try:
                for done in [pool.submit(killer.kill, -(-self.plan.kills // 2)) for killer in killers]:
                    done.result()
            finally:
                for killer in killers:
                    killer.over.set()  # where Ctrl-C was pressed
        for killer in killers:
            self.figures += killer.figures
            self.problems += killer.problems

    # Before and afterwards

    def _wait(self, left: Callable[[], list[str]], seconds: float) -> None:
        """Nothing goes wrong: wait until nothing is left to be done."""
        until = time.monotonic() + seconds
        while there_is := left():
            if time.monotonic() > until:
                self.problems.append(f"after {seconds:g} s without trouble there still is: {there_is[:20]}")
                self._must_be_whole()
            time.sleep(0.3)

    def _not_begun(self) -> list[str]:
        """The processes that do not work yet; and somebody must have looked where the intake channel begins."""
        with self.database.snapshot() as tx:
            unread = tx.execute(sa.select(models.workspace.c.intake_cursor)).scalar_one() is None
        unread = unread and bool(self.deployment.workers)
        return [process.name for process in self.deployment.all if not process.ready] + ["the intake channel"] * unread

    def _left(self) -> list[str]:
        posted = max((message.ts for message in self.slack.channel("mql-intake").messages), default="")
        unread = sa.select(models.workspace.c.intake_cursor).where(models.workspace.c.intake_cursor < posted)
        unsent = sa.select(models.outbox).where(models.outbox.c.state.in_(("pending", "sending")))
        coming = sa.select(models.clock).where(models.clock.c.next_check_at.is_not(None))
        with self.database.snapshot() as tx:
            left = [f"the start of {process.name}" for process in self.deployment.all if not process.ready]
            left += [f"the intake channel after {row.intake_cursor}" for row in tx.execute(unread)]
            left += [f"{row.key} {row.state} {row.attempts} {row.error}" for row in tx.execute(unsent)]
            return left + [f"clock {row.id} next at {row.next_check_at}" for row in tx.execute(coming)]

    def _stop_all(self) -> None:
        for process in self.deployment.all:
            with process.lock:
                process.wanted = False
                self.problems += stopped(process)
        with self.database.snapshot() as tx:
            sending = sa.select(models.outbox.c.key).where(models.outbox.c.state == "sending")
            self.problems += [f"{row.key} is left half sent" for row in tx.execute(sending)]


def _agreement(seconds: int) -> Policy:
    # Whole seconds, so that the two ways of counting round alike.
    deadline, peers, head = (timedelta(seconds=count) for count in (seconds, seconds * 3 // 2, seconds * 2))
    return read_policy(
        {
            "calendar": "always",
            "quiet": False,  # what waits for the morning would never come to rest
            "response_hours": deadline / HOUR,
            "reminders": [0.3, 0.7],
            "escalations": [
                {"after_hours": deadline / HOUR, "to": "manager"},
                {"after_hours": peers / HOUR, "to": "peers"},
                {"after_hours": head / HOUR, "to": "head", "in_thread": True},
            ],
            "feedback_days": deadline / DAY,
            "feedback_reminders": [0.8, 1.0],
            "feedback_escalation_days": peers / DAY,
        }
    )
