"""The weekly figures, the trend, each rep's own week and what reps can answer against the same told from the log, MQL
by MQL: across changes to and from daylight saving time, month and year borders. On both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.core.base import period_words
from bot.core.messages.payloads import OwnWeek
from bot.core.mql import deals, erasure, feedback, intake, pauses, response, withdrawal
from bot.core.mql.deals import Deal
from bot.core.mql.feedback import Answer
from bot.core.mql.lead import Lead
from bot.core.reports import kpi_target, own_week, trend, weekly
from bot.core.reports.figures import Detail, PeopleWeek, WeeklyReport
from bot.core.routing import absences
from bot.core.sla.calendar import Calendar
from storage import policies, rows, workspaces
from storage.database import Database
from storage.models import Event, LostReason, Workspace, absence, event
from storage.reports import Span
from storage.vocabulary import CalendarKind, DealResult, Disposition, ErasedFor, Evidence, Source
from tests.core.kit import Engine
from tests.simulation import slow_capacity, slow_trend
from tests.simulation.slow_agreement import Version
from tests.simulation.slow_figures import WEEK, Week, differences
from tests.simulation.story import FIELDS, Change, Journal, Story
from tests.workspace import WORKSPACE

HOUR, DAY, TICK = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
BOSS = "U3"
AGREED: dict[str, Any] = {"calendar": {"kind": "business_days"}, "feedback_days": 2, "feedback_escalation_days": 3}


@pytest.fixture
def engine(office: Database) -> Engine:
    engine = Engine(office)
    engine.has("U4", "marketer")
    with office.transaction() as tx:
        reason = LostReason(workspace_id=WORKSPACE, key="no_budget", position=0, ja="予算なし", en="No budget")
        workspaces.save_reasons(tx, WORKSPACE, [reason])
    return engine


class Past:
    """Weeks that people lived through, in one timezone; every act in the order of time, and a sweep before it."""

    def __init__(self, engine: Engine, zone: str, seed: int) -> None:
        self.engine, self.zone, self.chance = engine, ZoneInfo(zone), Random(seed)
        self.journal, self.known = Journal(), dict[int, int]()
        start = datetime(2020, 1, 1, tzinfo=UTC)
        with engine.database.transaction() as tx:
            workspaces.save(tx, WORKSPACE, start, timezone=zone)
        engine.agrees(timezone=zone, **AGREED)
        with engine.database.snapshot() as tx:
            row = policies.current(tx, WORKSPACE)
        assert row is not None
        version = Version(row.id, row.version, row.body, row.timezone, row.holidays, row.created_at)
        self.journal.changes.append(Change(0, version, start, moves_open=False))

    def lives(self, moments: list[datetime], stops: list[datetime]) -> Iterator[datetime]:
        """MQLs come in at these moments. Yields at each stop, when all that was to happen by then has happened."""
        acts = sorted((at, number, act) for number, first in enumerate(moments) for at, act in self._life(first))
        for stop in stops:
            while acts and acts[0][0] <= stop:
                at, number, act = acts.pop(0)
                self.engine.sweeps(at)
                getattr(self, f"_{act}")(number, at)
            self.engine.sweeps(stop)
            yield stop

    def _life(self, first: datetime) -> Iterator[tuple[datetime, str]]:
        """What happens to one MQL, and when."""
        chance = self.chance
        yield first, "receive"
        at = first
        for act, likely in (
            ("again", 0.1),
            ("reassign", 0.3),
            ("pause", 0.1),
            ("accept", 0.7),
            ("contacted", 0.5),
            ("call", 0.2),
            ("reassign", 0.2),
            ("withdraw", 0.06),
            ("outcome", 0.7),
            ("outcome", 0.2),
            ("deal", 0.5),
            ("erase", 0.05),
        ):
            at += chance.choice([HOUR / 4, HOUR, 5 * HOUR, DAY, 2 * DAY, 5 * DAY])
            if chance.random() < likely:
                yield at, act

    def _receive(self, number: int, at: datetime) -> None:
        company = f"Acme {number}"
        lead: dict[str, Any] = {"company": company, "email": f"{number}@acme.example" if number % 5 else None}
        lead |= {"external_id": str(number), "channel": self.chance.choice(["webinar", None])}
        with self.engine.database.transaction() as tx:
            received = intake.receive(tx, WORKSPACE, Lead.model_validate(lead), Source.GENERIC, at)
        if number not in self.known:
            self.known[number] = received.mql_id
            self.journal.leads[company] = {**dict.fromkeys(FIELDS), **lead}

    def _again(self, number: int, at: datetime) -> None:
        if not self.engine.mql(self.known[number]).disposed:
            self._receive(number, at)

    def _reassign(self, number: int, at: datetime) -> None:
        to = self.chance.choice(["U1", "U2"])
        self.engine.does(response.reassign, self.known[number], BOSS, to, "load", now=at)

    def _pause(self, number: int, at: datetime) -> None:
        until = at + self.chance.choice([DAY, 4 * DAY])
        self.engine.does(pauses.pause, self.known[number], BOSS, until, "asked for it", now=at)

    def _accept(self, number: int, at: datetime) -> None:
        self.engine.does(response.accept, self.known[number], BOSS, now=at)

    def _contacted(self, number: int, at: datetime) -> None:
        self.engine.does(response.contacted, self.known[number], BOSS, now=at)

    def _call(self, number: int, at: datetime) -> None:
        if self.engine.mql(self.known[number]).contacted_at is not None:
            with self.engine.database.transaction() as tx:
                response.contacted(tx, WORKSPACE, self.known[number], BOSS, at, Evidence.CALL)

    def _withdraw(self, number: int, at: datetime) -> None:
        self.engine.does(withdrawal.withdraw, self.known[number], "U4", "a test", now=at)

    def _outcome(self, number: int, at: datetime) -> None:
        word = self.chance.choice(list(Disposition))
        reason = "no_budget" if word == Disposition.DISQUALIFIED else None
        answer = Answer(disposition=word, lost_reason=reason, comment="because")
        self.engine.does(feedback.give, self.known[number], BOSS, answer, now=at)

    def _deal(self, number: int, at: datetime) -> None:
        with self.engine.database.transaction() as tx:
            workspace = workspaces.locked(tx, WORKSPACE)
            assert workspace is not None
            deal = Deal(result=self.chance.choice(list(DealResult)), on=at.astimezone(self.zone).date(), amount=5)
            deals.record(tx, workspace, self.known[number], BOSS, deal, at)

    def _erase(self, number: int, at: datetime) -> None:
        with self.engine.database.transaction() as tx:
            erasure.erase(tx, WORKSPACE, self.known[number], ErasedFor.REQUEST, at)

    def stories(self, tx: sa.Connection) -> list[Story]:
        by_mql: dict[int, list[Event]] = {}
        for logged in rows.many(tx, Event, sa.select(event).order_by(event.c.id)):
            by_mql.setdefault(logged.mql_id, []).append(logged)
        stories = []
        for mql_id, log in by_mql.items():
            subject = self.engine.mql(mql_id)
            stories.append(Story(subject.number, str(subject.company), self.journal, log))
        return stories


def borders(first: date, weeks: int, zone: ZoneInfo) -> list[datetime]:
    """The Mondays, 00:00 there."""
    days = [first + number * WEEK for number in range(weeks + 1)]
    return [datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC) for day in days]


@pytest.mark.parametrize(
    ("zone", "first", "weeks", "seed"),
    [
        # Clocks go forward on March 29 in Berlin and on March 8 in New York, back on October 25 and November 1.
        pytest.param("Europe/Berlin", date(2026, 3, 23), 2, 1, marks=pytest.mark.thorough),
        pytest.param("Europe/Berlin", date(2026, 3, 16), 4, 1, marks=pytest.mark.thorough),
        pytest.param("Europe/Berlin", date(2026, 10, 12), 4, 2, marks=pytest.mark.thorough),
        pytest.param("America/New_York", date(2026, 2, 23), 4, 3, marks=pytest.mark.thorough),
        pytest.param("America/New_York", date(2026, 10, 19), 4, 4, marks=pytest.mark.thorough),
        # 2026 has a week 53, which begins in December and ends in January.
        ("Asia/Tokyo", date(2026, 12, 21), 2, 5),
        pytest.param("Asia/Tokyo", date(2026, 12, 14), 4, 5, marks=pytest.mark.thorough),
    ],
)
def test_every_weekly_figure_is_what_the_log_tells(
    engine: Engine, zone: str, first: date, weeks: int, seed: int
) -> None:
    past = Past(engine, zone, seed)
    edges = borders(first, weeks, past.zone)
    moments = [edge + nudge for edge in edges[:-1] for nudge in (-TICK, timedelta(0), HOUR)]
    moments += [edges[0] + timedelta(hours=past.chance.uniform(-80, weeks * 7 * 24)) for _ in range(8 * weeks)]
    # On each Monday after, as the digest goes out; and on a day in the midst of a week.
    stops = sorted(edge + nudge for edge in edges for nudge in (9 * HOUR, 3 * DAY + HOUR))
    with engine.database.transaction() as tx:
        absences.announce(tx, WORKSPACE, "U1", edges[1], edges[1] + 3 * DAY)
    for now in past.lives(sorted(moments), stops):
        with engine.database.snapshot() as tx:
            assert list(_differences(tx, past, edges[0], now)) == []
    assert len(past.known) > 10 * weeks


def _differences(tx: sa.Connection, past: Past, since: datetime, now: datetime) -> Iterator[str]:
    """Of this week and the last, and of the trend of all."""
    workspace, known = workspaces.get(tx, WORKSPACE), past.stories(tx)
    assert workspace is not None
    assert [problem for story in known for problem in story.problems] == []
    absences = list(tx.execute(sa.select(absence)))
    mondays = list(slow_trend.mondays(since.astimezone(past.zone).date(), now.astimezone(past.zone).date()))
    yield from _of_capacity(tx, workspace, known, now)
    last = period_words.iso_week(mondays[-1])
    yield from slow_trend.differences(trend.look_back(tx, workspace, last, now), known, past.zone, now)
    for monday in mondays[-2:]:
        period = period_words.iso_week(monday)
        week, before = (Week(known, day, past.zone, now) for day in (monday, monday - WEEK))
        report = weekly.weekly(tx, workspace, period, now)
        yield from differences(report, week, before, absences)
        yield from slow_trend.differences_of_lists(report, known, now)
        yield from _of_thread(weekly.people(tx, workspace, period, now), report)
        for user in ("U1", "U2", "U3"):
            own = own_week.own_week(tx, workspace, user, OwnWeek(period=period), now)
            yield from slow_trend.differences_of_own(own, user, known, past.zone, now, absences)


def _of_thread(thread: PeopleWeek, report: WeeklyReport) -> Iterator[str]:
    """What it tells is the same there and in the whole report."""
    pairs: list[tuple[Any, Any, tuple[str, ...]]] = [(thread, report, ("first", "last", "reps"))]
    names = tuple(field.name for field in fields(Detail))
    pairs += [(thread.now, report.now, names), (thread.before, report.before, names)]
    for in_thread, whole, of in pairs:
        yield from (f"{name} of {in_thread}" for name in of if getattr(in_thread, name) != getattr(whole, name))


def _of_capacity(tx: sa.Connection, workspace: Workspace, known: list[Story], now: datetime) -> Iterator[str]:
    """From the midst of a day on, so that no day is whole by chance."""
    span, zone = Span(now - 10 * DAY - HOUR / 3, now), ZoneInfo(workspace.timezone)
    always = Calendar.of(CalendarKind.ALWAYS, workspace.timezone)
    counted = sorted(kpi_target.handled(tx, workspace, span, always))
    absences = list(tx.execute(sa.select(absence)))
    expected = sorted(slow_capacity.handled(known, span.start, span.end, zone, absences).values())
    if counted != expected:
        yield f"days without a miss are {counted}, by the log they should be {expected}"
