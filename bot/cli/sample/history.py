"""Twelve weeks of the sample company, lived through by the engine itself: each act by the function that a press calls,
each deadline by the worker's tick, each message by the delivery. A seed repeats it to the last row."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import count
from random import Random

import sqlalchemy as sa

from bot.cli.sample.leads import Leads, read_words
from bot.cli.sample.machine import Machine
from bot.cli.sample.team import BEGINS, TIMEZONE, sample_team
from bot.core import teamfile
from bot.core.agreement import definition
from bot.core.agreement.rules import Required, Rules
from bot.core.base.results import Done
from bot.core.mql import deals, disputes, feedback, gate, pauses, queue, response
from bot.core.mql.deals import Deal
from bot.core.mql.feedback import Answer
from bot.core.mql.gate import Held
from bot.core.reports import kpi, kpi_target
from bot.core.review import actions
from bot.core.routing import absences
from bot.core.sla import holidays
from storage import definitions, members, mqls, workspaces
from storage.models import Mql
from storage.vocabulary import DealResult, DealSource, Disposition, Evidence, Locale, Source, Status

WEEKS = 12
SPEAKS = BEGINS - timedelta(days=6, hours=9)
"""From this midnight on, that of the last week's first working day, Slack holds what the bot has said."""
SEED = 7
LEADS_A_DAY = (3, 3, 4, 4, 5)
SATO, SUZUKI, BROWN = "U0SATO0001", "U0SUZUKI01", "U0BROWN001"
TANAKA, YAMADA, ITO, KIM = "U0TANAKA01", "U0YAMADA01", "U0ITO00001", "U0KIM00001"
HOURS_TO_ANSWER = {SATO: (0.3, 3.0), SUZUKI: (1.0, 8.0), BROWN: (3.0, 22.0)}
"""Working hours until a rep answers, from and to: 24 hours on business days are nine of them and a night."""
DAY_BEGINS, HOURS_A_DAY = time(9), 9
REASONS = ("gathering_information", "no_budget", "no_authority", "no_need", "bad_timing", "competitor")
RARE_REASONS = ("outside_target", "unreachable", "duplicate", "wrong_data", "other")
QUALIFIED = ((90, 0.5), (80, 0.34), (70, 0.2), (60, 0.12), (0, 0.05))
"""From this score on, so many become an opportunity."""

Act = Callable[[sa.Connection], object]


def is_working_day(day: date) -> bool:
    """Return whether the sample company works on a day."""
    return day.weekday() < 5 and day not in holidays.in_year("JP", day.year)


def working_later(moment: datetime, hours: float) -> datetime:
    """Return the moment so many working hours later; one outside of them counts from when work begins next."""
    left = timedelta(hours=hours)
    local = moment.astimezone(TIMEZONE)
    while True:
        opens = datetime.combine(local.date(), DAY_BEGINS, TIMEZONE)
        local, closes = max(local, opens), opens + timedelta(hours=HOURS_A_DAY)
        if is_working_day(local.date()) and local + left < closes:
            return (local + left).astimezone(UTC)
        if is_working_day(local.date()):
            left -= max(timedelta(0), closes - local)
        local = opens + timedelta(days=1)


@dataclass(frozen=True)
class _Planned:
    at: datetime
    order: int
    act: Act

    def __lt__(self, other: _Planned) -> bool:
        return (self.at, self.order) < (other.at, other.order)


class History:
    """What everybody does, in the order of time."""

    def __init__(self, machine: Machine, locale: Locale) -> None:
        self._machine, self._id, self._locale = machine, machine.workspace, locale
        self._rng = Random(SEED)  # noqa: S311 - a story, not a secret
        self._words = read_words(locale)
        self._leads = Leads(self._words, self._rng)
        self._plan: list[_Planned] = []
        self._order = count()
        self._first = BEGINS - timedelta(weeks=WEEKS)
        self._disputes = 0

    def live(self) -> None:
        """Begin with the team file twelve weeks before, and end at BEGINS, just before what is due then."""
        self._machine.do(
            lambda tx: teamfile.apply(tx, teamfile.parse(sample_team(self._locale), None), self._machine.now)
        )
        self._machine.meet()
        self._plan_leads()
        self._plan_events()
        self._at(SPEAKS, lambda _tx: None)
        while self._plan and self._plan[0].at < BEGINS:
            planned = heapq.heappop(self._plan)
            self._machine.live_until(planned.at)
            if planned.at == SPEAKS:
                self._machine.speak()
            self._machine.do(planned.act)
        self._machine.live_until(BEGINS - timedelta(minutes=1))

    def _later(self, hours: float, act: Act) -> None:
        """Plan an act of somebody so many working hours from now on."""
        self._at(working_later(self._machine.now, hours), act)

    def _at(self, moment: datetime, act: Act) -> None:
        heapq.heappush(self._plan, _Planned(moment, next(self._order), act))

    def _one_of(self, key: str) -> str:
        return str(self._rng.choice(self._words[key]))

    # Marketing

    def _plan_leads(self) -> None:
        day = self._first.astimezone(TIMEZONE).date()
        while day < BEGINS.astimezone(TIMEZONE).date():
            if is_working_day(day):
                for _ in range(self._rng.choice(LEADS_A_DAY)):
                    at = datetime.combine(day, DAY_BEGINS, TIMEZONE) + timedelta(minutes=self._rng.randint(-60, 600))
                    self._at(at.astimezone(UTC), self._lead_comes)
            day += timedelta(days=1)

    def _lead_comes(self, tx: sa.Connection) -> None:
        fate = self._rng.random()
        lead = self._leads.next(contactable=fate > 0.03, private=fate > 0.93)
        taken = gate.take(tx, self._id, lead, Source.GENERIC, self._machine.now)
        if isinstance(taken, Held):
            self._later(self._rng.uniform(1, 9), lambda tx: self._reviews(tx, taken.entry_id))
        else:
            self._later(self._patience(tx, taken.mql_id), lambda tx: self._answers(tx, taken.mql_id))

    def _reviews(self, tx: sa.Connection, entry_id: int) -> None:
        """Marketing hands a held lead over all the same, or not."""
        if self._rng.random() < 0.7:
            queue.close(tx, self._id, entry_id, ITO, self._machine.now)
            return
        words = self._words["hand_over_why"]
        received = gate.hand_over(tx, self._id, entry_id, words, ITO, self._machine.now)
        if received is not None:
            self._later(self._patience(tx, received.mql_id), lambda tx: self._answers(tx, received.mql_id))

    # Sales

    def _patience(self, tx: sa.Connection, mql_id: int) -> float:
        subject = mqls.get(tx, self._id, mql_id)
        owner = subject.owner if subject else None
        return self._rng.uniform(*HOURS_TO_ANSWER.get(owner or "", (1.0, 4.0)))

    def _answers(self, tx: sa.Connection, mql_id: int) -> None:
        """Let the owner answer, or whoever covers for them; who is away does so once they are back."""
        subject = mqls.get(tx, self._id, mql_id)
        if subject is None or subject.status not in (Status.UNASSIGNED, Status.ASSIGNED):
            return
        by, now, fate = subject.cover or subject.owner, self._machine.now, self._rng.random()
        owner = members.get(tx, self._id, by) if by else None
        if owner is None or owner.away_until is not None:
            self._later(5, lambda tx: self._answers(tx, mql_id))
        elif fate < 0.03:
            response.decline(tx, self._id, mql_id, owner.user_id, self._one_of("decline_words"), now)
            self._later(self._patience(tx, mql_id), lambda tx: self._answers(tx, mql_id))
        elif fate < 0.35:
            self._contacts(tx, mql_id)
        else:
            response.accept(tx, self._id, mql_id, owner.user_id, now)
            self._later(self._rng.uniform(0.5, 6), lambda tx: self._contacts(tx, mql_id))

    def _contacts(self, tx: sa.Connection, mql_id: int) -> None:
        subject = mqls.get(tx, self._id, mql_id)
        if subject is None or subject.disposed or (by := subject.cover or subject.owner) is None:
            return
        note = self._one_of("contact_notes") if self._rng.random() < 0.4 else None
        how = Evidence.NOTE if note else Evidence.BUTTON
        response.contacted(tx, self._id, mql_id, by, self._machine.now, how, note)
        fate = self._rng.random()
        if fate < 0.04:
            until = self._machine.now.astimezone(TIMEZONE).date() + timedelta(days=self._rng.randint(3, 8))
            pauses.pause(tx, self._id, mql_id, by, until, self._one_of("pause_words"), self._machine.now)
        if fate < 0.93:  # the others are owed
            self._later(self._rng.uniform(3, 50), lambda tx: self._reports(tx, mql_id))

    def _reports(self, tx: sa.Connection, mql_id: int) -> None:
        """Let the owner say what became of it."""
        subject = mqls.get(tx, self._id, mql_id)
        if subject is None or subject.disposed or (by := subject.cover or subject.owner) is None:
            return
        answer = self._answer(subject)
        done = feedback.give(tx, self._id, mql_id, by, answer, self._machine.now)
        if not isinstance(done, Done):
            return
        if answer.disposition == Disposition.QUALIFIED and self._rng.random() < 0.85:
            self._later(self._rng.uniform(45, 270), lambda tx: self._decides(tx, mql_id, answer.amount or 0))
        elif answer.disposition == Disposition.DISQUALIFIED and (subject.score or 0) > 68 and self._rng.random() < 0.16:
            self._later(self._rng.uniform(2, 12), lambda tx: self._disputes_it(tx, mql_id))

    def _answer(self, subject: Mql) -> Answer:
        rng, score = self._rng, subject.score or 0
        chance = next(chance for at_least, chance in QUALIFIED if score >= at_least)
        fate = rng.random()
        if fate < chance:
            amount = rng.randrange(12, 90) * 100_000
            return Answer(disposition=Disposition.QUALIFIED, amount=amount, next_step=self._one_of("next_steps"))
        if fate < chance + 0.2:
            back = self._machine.now.astimezone(TIMEZONE).date() + timedelta(days=rng.randint(30, 120))
            words = self._one_of("recycle_words")
            return Answer(disposition=Disposition.RECYCLED, recycle_on=back, comment=words)
        reason = rng.choices((*REASONS, *RARE_REASONS), (6, 3, 2, 3, 3, 2, 1, 2, 0.5, 1, 0.5))[0]
        comment = self._one_of("other_words") if reason == "other" else None
        return Answer(disposition=Disposition.DISQUALIFIED, lost_reason=reason, comment=comment)

    def _decides(self, tx: sa.Connection, mql_id: int, amount: int) -> None:
        """Let the CRM tell what came of the opportunity."""
        workspace = workspaces.get(tx, self._id)
        assert workspace is not None
        won = self._rng.random() < 0.38
        day = self._machine.now.astimezone(TIMEZONE).date()
        deal = Deal(result=DealResult.WON if won else DealResult.LOST, on=day, amount=amount if won else None)
        deals.record(tx, workspace, mql_id, DealSource.CRM, deal, self._machine.now)

    def _disputes_it(self, tx: sa.Connection, mql_id: int) -> None:
        done = disputes.dispute(tx, self._id, mql_id, ITO, self._one_of("dispute_words"), self._machine.now)
        if isinstance(done, Done):
            self._later(self._rng.uniform(2, 14), lambda tx: self._settles(tx, done.event_id, mql_id))

    def _settles(self, tx: sa.Connection, dispute_id: int, mql_id: int) -> None:
        """Let the manager decide: every other one goes back to sales."""
        now, self._disputes = self._machine.now, self._disputes + 1
        if self._disputes % 2:
            disputes.accept(tx, self._id, dispute_id, TANAKA, now)
            self._later(self._rng.uniform(4, 20), lambda tx: self._reports(tx, mql_id))
        else:
            disputes.uphold(tx, self._id, dispute_id, TANAKA, now, self._one_of("uphold_words"))

    # What happens once

    def _plan_events(self) -> None:
        """Absences, the target, the definition, the meeting's actions, and what waits on the first morning."""
        self._on(1, 3, 11, self._target)
        self._on(2, 1, 9, lambda tx: self._is_away(tx, SUZUKI, until=(2, 4)))
        self._on(4, 0, 10, self._proposes)
        self._on(4, 1, 15, lambda tx: self._agrees(tx, TANAKA))
        self._on(5, 4, 9, lambda tx: self._is_away(tx, SATO, until=(6, 1)))
        self._on(7, 3, 16, lambda tx: self._agreed_action(tx, 0, ITO, (8, 4)))
        self._on(9, 2, 9, lambda tx: self._is_away(tx, BROWN, until=(9, 4)))
        self._on(11, 1, 16, lambda tx: self._agreed_action(tx, 1, TANAKA, (12, 2)))
        self._on(11, 3, 13, lambda tx: self._is_away(tx, SUZUKI, since=(12, 3), until=(13, 0)))
        self._on(11, 4, 17, self._something_unreadable)
        self._on(11, 4, 17.5, self._is_held)

    def _moment(self, week: int, weekday: int, hour: float = 9) -> datetime:
        midnight = self._first - timedelta(hours=9)
        return midnight + timedelta(weeks=week, days=weekday, hours=hour)

    def _on(self, week: int, weekday: int, hour: float, act: Act) -> None:
        self._at(self._moment(week, weekday, hour), act)

    def _is_away(
        self, tx: sa.Connection, who: str, *, until: tuple[int, int], since: tuple[int, int] | None = None
    ) -> None:
        begins = self._moment(*since) if since else None
        absences.announce(tx, self._id, who, self._machine.now, self._moment(*until), since=begins, by=who)

    def _target(self, tx: sa.Connection) -> None:
        rates = kpi.Rate(kpi.Origin.BENCHMARK, Fraction(15, 100))
        times = kpi.LeadTimes()
        target = kpi.Target(100_000_000, 5_000_000, date(2026, 10, 1), 6, rates, rates, kpi.UNKNOWN, times)
        kpi_target.store(tx, self._id, target, TANAKA, self._machine.now)

    def _proposes(self, tx: sa.Connection) -> None:
        rules = Rules(required=(Required.EMAIL,), excluded_domains=(self._words["private_mail"],))
        text, why = self._words["definition"], self._words["definition_why"]
        definition.propose(tx, self._id, text, None, why, ITO, self._machine.now, rules=rules)

    def _agrees(self, tx: sa.Connection, who: str) -> None:
        newest = definitions.newest(tx, self._id)
        assert newest is not None
        definition.agree(tx, self._id, newest.id, who, self._machine.now)

    def _agreed_action(self, tx: sa.Connection, number: int, owner: str, due: tuple[int, int]) -> None:
        workspace = workspaces.get(tx, self._id)
        assert workspace is not None
        what, day = self._words["actions"][number], self._moment(*due).astimezone(TIMEZONE).date()
        actions.record(tx, workspace, what, owner, day, TANAKA, self._machine.now)

    def _something_unreadable(self, tx: sa.Connection) -> None:
        now, values = self._machine.now, self._words["queue_entry"]
        queue.keep(tx, self._id, reason="no_fields", values=values, came_at=now, now=now)

    def _is_held(self, tx: sa.Connection) -> None:
        """Hold the last lead of the week, which nobody has reviewed yet."""
        gate.take(tx, self._id, self._leads.next(private=True), Source.GENERIC, self._machine.now)
