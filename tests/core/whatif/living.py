"""An office that lives for some weeks: leads come in, people act or do not, the worker ticks."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa

from bot.core import teamfile
from bot.core.base.results import Done
from bot.core.messages import relevance
from bot.core.messages.lookup import Lookup
from bot.core.mql import activity, disputes, escalation, feedback, intake, pauses, response
from bot.core.mql.activity import Activity
from bot.core.mql.feedback import Answer
from bot.core.mql.lead import Lead
from bot.core.routing import absences, assignment
from bot.core.sla.policy import Policy
from bot.core.teamfile import TeamFile
from bot.core.teamfile.schema import DEFAULT_REASONS, Person
from storage import models, mqls
from storage.models import Mql, Outbox
from storage.vocabulary import Disposition, Evidence, Locale, MessageKind, OutboxState, Role, Source

START = datetime(2026, 8, 31, 0, 0, tzinfo=UTC)  # a Monday, 09:00 in Tokyo
TICK = timedelta(seconds=5)
AN_HOUR = timedelta(hours=1)
REPS = ("U01", "U02", "U03", "U04")
MANAGERS = ("U11", "U12")
HEAD = "U21"
MARKETER = "U31"

Act = Callable[[sa.Connection, datetime], object]

_HELD = sa.and_(models.outbox.c.kind == MessageKind.HELD, models.outbox.c.state == OutboxState.PENDING)
_AWAY = models.member.c.away_until > sa.bindparam("now", type_=models.member.c.away_until.type)
_DUE = sa.select(
    sa.select(sa.func.min(models.clock.c.next_check_at)).scalar_subquery(),
    sa.select(sa.func.min(models.outbox.c.next_attempt_at)).where(_HELD).scalar_subquery(),
    sa.select(sa.func.min(models.member.c.away_until)).where(_AWAY).scalar_subquery(),
)


def office(policy: Policy, absent: frozenset[str] = frozenset()) -> TeamFile:
    """Four reps of two managers, a head, and somebody of marketing."""
    people = [Person(user, f"Rep {user}", (Role.REP,), MANAGERS[i % 2]) for i, user in enumerate(REPS)]
    people += [Person(user, f"Manager {user}", (Role.MANAGER,)) for user in MANAGERS]
    people += [Person(HEAD, "Head", (Role.HEAD,)), Person(MARKETER, "Marketer", (Role.MARKETER,))]
    there = tuple(replace(person, active=person.user_id not in absent) for person in people)
    return TeamFile(
        "T1", "Sample Inc.", Locale.EN, "Asia/Tokyo", "C1", None, 0, "09:00", policy, there, DEFAULT_REASONS
    )


class Living:
    """Time, what people will do, and the database in which it is written down."""

    def __init__(self, tx: sa.Connection, wanted: TeamFile, seed: int, start: datetime = START) -> None:
        self.tx, self.random, self.now = tx, Random(seed), start
        self._plans: list[tuple[datetime, int, Act]] = []
        self._count = 0
        teamfile.apply(tx, wanted, start)

    def plan(self, after: timedelta, act: Act) -> None:
        """Somebody will do something."""
        self._count += 1
        heapq.heappush(self._plans, (self.now + after, self._count, act))

    def until(self, end: datetime) -> None:
        """Let time pass, tick by tick; those that would find nothing to do are left out."""
        while self.now < end:
            coming = self._next_tick(end)
            while self._plans and self._plans[0][0] <= coming:
                self.now, _, act = heapq.heappop(self._plans)
                act(self.tx, self.now)
                coming = self._next_tick(end)
            self.now = coming
            self._tick()

    def due(self) -> list[datetime]:
        """Return when the next clock, held message, absent person and plan is due, where there is one."""
        (moments,) = self.tx.execute(_DUE, {"now": self.now})
        return [at for at in moments if at is not None] + [plan[0] for plan in self._plans[:1]]

    def _next_tick(self, end: datetime) -> datetime:
        due = min([end, *self.due()])
        ticks = -((START - max(due, self.now)) // TICK)
        return min(max(START + ticks * TICK, self.now + TICK), end)

    def _tick(self) -> None:
        _, aside = escalation.sweep(self.tx, self.now, 1000)
        for clock in aside:
            escalation.check(self.tx, clock, self.now)
        for workspace_id in mqls.workspaces_waiting(self.tx):
            assignment.assign_waiting(self.tx, workspace_id, self.now)
        self._deliver()

    def _deliver(self) -> None:
        waits = sa.and_(models.outbox.c.state == OutboxState.PENDING, models.outbox.c.next_attempt_at <= self.now)
        held = sa.and_(waits, models.outbox.c.kind == MessageKind.HELD)
        for row in self.tx.execute(sa.select(models.outbox).where(held)).all():
            true = relevance.still_true(
                self.tx, Outbox.model_construct(**row._mapping), Lookup(self.tx, row.workspace_id, self.now)
            )
            state = OutboxState.SENT if true else OutboxState.DROPPED
            values = {"state": state, "sent_at": self.now if true else None}
            self.tx.execute(models.outbox.update().where(models.outbox.c.id == row.id).values(**values))

    # What comes in, and what people make of it

    def receives(self, count: int, days: int) -> None:
        """So many leads come in, at any time of so many days."""
        for _ in range(count):
            self.plan(timedelta(seconds=self.random.uniform(0, days * 86400)), self._arrives)

    def gets(self, at: timedelta = timedelta(0), **lead: Any) -> None:
        """One lead comes in, so long after the start."""
        given = Lead.model_validate({"company": "Acme"} | lead)
        self.plan(at, lambda tx, now: intake.receive(tx, "T1", given, Source.GENERIC, now))

    def does(self, at: timedelta, act: Callable[..., object], number: int, by: str, *details: object) -> None:
        """Somebody does something with an MQL, so long after the start, and may."""

        def do(tx: sa.Connection, now: datetime) -> None:
            subject = mqls.by_number(tx, "T1", number)
            assert subject is not None
            outcome = act(tx, "T1", subject.id, by, *details, now)
            assert isinstance(outcome, Done), outcome

        self.plan(at, do)

    def _arrives(self, tx: sa.Connection, now: datetime) -> None:
        chance = self.random.random
        received = intake.receive(tx, "T1", self._new_lead(), Source.GENERIC, now)
        if received.repeated:
            return
        mql_id = received.mql_id
        if chance() < 0.1:
            self._will(mql_id, 0.3, self._decline)
        if chance() < 0.1:
            self._will(mql_id, 8, self._pause)
        if chance() < 0.1:
            self._will(mql_id, 10, self._reassign)
        if chance() < 0.1:
            self._will(mql_id, 20, self._remind)
        if chance() < 0.92:
            answer = self.random.choice(
                [self._accept, self._accept, self._contact, self._answer, self._take, self._peer]
            )
            self._will(mql_id, 16, answer)
        if chance() < 0.2:
            self._will(mql_id, 25, self._report)
        if chance() < 0.8:
            self._will(mql_id, 60, self._contact)
        if chance() < 0.8:
            self._will(mql_id, 150, self._answer)
            self._will(mql_id, 250, self._dispute)

    def _new_lead(self) -> Lead:
        return Lead(company="Acme", score=self.random.randint(0, 100), channel=self.random.choice(["webinar", "ads"]))

    def goes_away(self, user: str, after: timedelta, until: datetime) -> None:
        """A rep will be away."""
        self.plan(after, lambda tx, now: absences.announce(tx, "T1", user, now, until))

    def _will(self, mql_id: int, hours: float, act: Callable[[sa.Connection, Mql, datetime], object]) -> None:
        def do(tx: sa.Connection, now: datetime) -> None:
            subject = mqls.get(tx, "T1", mql_id)
            assert subject is not None
            act(tx, subject, now)

        self.plan(AN_HOUR * self.random.expovariate(1 / hours), do)

    def _accept(self, tx: sa.Connection, subject: Mql, now: datetime) -> None:
        response.accept(tx, "T1", subject.id, subject.owner or "U11", now)

    def _contact(self, tx: sa.Connection, subject: Mql, now: datetime) -> None:
        response.contacted(tx, "T1", subject.id, subject.owner or "U01", now)

    def _report(self, tx: sa.Connection, subject: Mql, now: datetime) -> None:
        """The CRM tells of a call, some hours late."""
        at = max(now - AN_HOUR * self.random.uniform(0, 12), subject.received_at - AN_HOUR)
        call = Activity(Evidence.CALL, at, number=subject.number)
        activity.record(tx, "T1", call, self.random.choice([subject.owner, None]), now)

    def _take(self, tx: sa.Connection, subject: Mql, now: datetime) -> None:
        response.take_over(tx, "T1", subject.id, "U12", now)

    def _peer(self, tx: sa.Connection, subject: Mql, now: datetime) -> None:
        response.take_over(tx, "T1", subject.id, self.random.choice(REPS), now)

    def _decline(self, tx: sa.Connection, subject: Mql, now: datetime) -> None:
        if subject.owner is not None:
            response.decline(tx, "T1", subject.id, subject.owner, "busy", now)

    def _pause(self, tx: sa.Connection, subject: Mql, now: datetime) -> None:
        until = now + timedelta(days=self.random.choice([1, 2]))
        pauses.pause(tx, "T1", subject.id, subject.owner or "U11", until, "the customer asked", now)

    def _reassign(self, tx: sa.Connection, subject: Mql, now: datetime) -> None:
        response.reassign(tx, "T1", subject.id, "U11", self.random.choice((*REPS, "U11")), "fits better", now)

    def _remind(self, tx: sa.Connection, subject: Mql, now: datetime) -> None:
        response.remind(tx, "T1", subject.id, "U11", now)

    def _dispute(self, tx: sa.Connection, subject: Mql, now: datetime) -> None:
        opened = disputes.dispute(tx, "T1", subject.id, MARKETER, "They have a budget", now)
        if isinstance(opened, Done):
            decide = self.random.choice([disputes.uphold, disputes.accept, disputes.accept])
            after = AN_HOUR * self.random.expovariate(1 / 20)
            self.plan(after, lambda tx, now: decide(tx, "T1", opened.event_id, "U11", now))

    def _answer(self, tx: sa.Connection, subject: Mql, now: datetime) -> None:
        answer = self.random.choice(
            [
                Answer(disposition=Disposition.QUALIFIED, amount=1),
                Answer(
                    disposition=Disposition.DISQUALIFIED, lost_reason=self.random.choice(["no_budget", "duplicate"])
                ),
                Answer(disposition=Disposition.RECYCLED, comment="later"),
            ]
        )
        feedback.give(tx, "T1", subject.id, subject.owner or "U01", answer, now)
