"""Holds the database against the log: everything that must be true after every step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import SQLModel

from bot.core.base import period_words
from bot.core.messages.payloads import OwnWeek
from bot.core.reports import own_week, trend, weekly
from storage import models, workspaces
from tests.simulation import slow_trend
from tests.simulation.slow_clock import SlowClock
from tests.simulation.slow_figures import WEEK, Week, differences, missed
from tests.simulation.story import FIELDS, OPEN, Journal, Story

Rows = dict[int, list[Any]]
# The name of whoever ticks is that of its process.
OF_THE_PROCESS = {("heartbeat", "process")}


def stories(tx: sa.Connection, journal: Journal, mql_ids: Collection[int]) -> tuple[dict[int, Story], list[str]]:
    """The stories of these MQLs, and everything in which they and the database disagree."""
    by_id: dict[int, Story] = {}
    problems: list[str] = []
    events = _by_mql(tx, models.event, mql_ids)
    clocks = _by_mql(tx, models.clock, mql_ids)
    answers = _by_mql(tx, models.feedback, mql_ids)
    for mql in tx.execute(sa.select(models.mql).where(models.mql.c.id.in_(mql_ids)).order_by(models.mql.c.id)):
        story = by_id[mql.id] = Story(mql.number, mql.company, journal, events[mql.id])
        problems += story.problems
        problems += _mql(mql, story, answers[mql.id])
        problems += _first_breach(story)
        problems += _clocks(clocks[mql.id], story)
        problems += _waits_for_somebody(clocks[mql.id], story)
    return by_id, problems


def log_of(tx: sa.Connection, number: int) -> Iterator[str]:
    """The log of one MQL, a line each, for whoever has to find out what went wrong with it."""
    mql = sa.select(models.mql.c.id).where(models.mql.c.number == number).scalar_subquery()
    query = sa.select(models.event).where(models.event.c.mql_id == mql).order_by(models.event.c.id)
    for event in tx.execute(query):
        words = (event.actor, event.before, event.after, event.reason, event.data)
        late = "" if event.at == event.recorded_at else f" (written {event.recorded_at:%m-%d %H:%M:%S})"
        text = " ".join(str(word) for word in words if word)
        yield f"  {event.id} {event.at:%m-%d %H:%M:%S.%f}{late} {event.type} {text}"


def digest(tx: sa.Connection) -> str:
    """What all tables hold, in a few letters: the same for whoever lives through the same seed again."""
    hashed = sha256()
    for table in SQLModel.metadata.sorted_tables:
        columns = [column for column in table.columns if (table.name, column.name) not in OF_THE_PROCESS]
        for row in tx.execute(sa.select(*columns).order_by(*table.primary_key)):
            hashed.update(repr((table.name, *row)).encode())
    return hashed.hexdigest()[:12]


def overdue(tx: sa.Connection, now: datetime) -> Iterator[str]:
    """Clocks and reports that a tick which has just run left lying. Asked right after a tick."""
    for clock in tx.execute(sa.select(models.clock).where(models.clock.c.next_check_at <= now)):
        yield f"clock {clock.id} of MQL {clock.mql_id} was to be checked at {clock.next_check_at} and was not"
    for mql in tx.execute(sa.select(models.mql).where(models.mql.c.ask_at <= now)):
        yield f"the owner of #{mql.number} was to be asked at {mql.ask_at} and was not"
    waiting = sa.and_(models.report_due.c.done_at.is_(None), models.report_due.c.due_at <= now)
    for report in tx.execute(sa.select(models.report_due).where(waiting)):
        yield f"the report of {report.period} was due at {report.due_at} and was not made"


def figures(tx: sa.Connection, workspace_id: str, known: Collection[Story], now: datetime) -> Iterator[str]:
    """In what the reports of this week and the last do not agree with the log."""
    workspace = workspaces.get(tx, workspace_id)
    assert workspace is not None
    zone = ZoneInfo(workspace.timezone)
    today = now.astimezone(zone).date()
    straight = all(story.straight for story in known)
    absences = list(tx.execute(sa.select(models.absence))) if straight else None
    monday = today - timedelta(days=today.weekday())
    for first in (monday, monday - WEEK):
        report = weekly.weekly(tx, workspace, period_words.iso_week(first), now)
        week, before = (Week(known, day, zone, now) for day in (first, first - WEEK))
        yield from differences(report, week, before, absences)
        yield from slow_trend.differences_of_lists(report, known, now)
    period = period_words.iso_week(monday - WEEK)
    yield from slow_trend.differences(trend.look_back(tx, workspace, period, now), known, zone, now)
    for member in tx.execute(sa.select(models.member)):
        own = own_week.own_week(tx, workspace, member.user_id, OwnWeek(period=period), now)
        yield from slow_trend.differences_of_own(own, member.user_id, known, zone, now, absences)


def _by_mql(tx: sa.Connection, table: sa.Table, mql_ids: Collection[int]) -> Rows:
    rows: Rows = defaultdict(list)
    for row in tx.execute(sa.select(table).where(table.c.mql_id.in_(mql_ids)).order_by(table.c.id)):
        rows[row.mql_id].append(row)
    return rows


def _mql(mql: Any, story: Story, answers: Sequence[Any]) -> Iterator[str]:
    expected = {name: getattr(story, name) for name in ("owner", "status", "offered", "received_at", "read_at")}
    expected |= {name: getattr(story, name) for name in ("accepted_at", "contacted_at", "disposed_at")}
    expected |= {name: story.lead[name] for name in FIELDS}
    expected |= {"received_contactable": story.contactable, **story.came_with}
    expected |= {"contact_evidence": story.evidence, "erased_at": story.erased_at}
    expected["disputed_at"] = story.disputed_at
    yield from _differences(f"#{mql.number}", mql, expected)
    if len(answers) != story.answers:
        yield f"#{mql.number}: {len(answers)} rows of feedback, {story.answers} in the log"
    decided = story.disposed_at is not None and story.counts
    if answers and decided and answers[-1].disposition != mql.status:
        yield f"#{mql.number} is {mql.status}, the newest feedback says {answers[-1].disposition}"


def _clocks(rows: Sequence[Any], story: Story) -> Iterator[str]:
    kinds = [row.kind for row in rows]
    if sorted(kinds) != sorted(story.clocks):
        yield f"#{story.number}: clocks {kinds}, told {list(story.clocks)}"
        return
    for row in rows:
        clock = story.clocks[row.kind]
        yield from _differences(f"#{story.number}, {row.kind} clock", row, _columns(clock))


def _columns(clock: SlowClock) -> dict[str, Any]:
    columns = {name: getattr(clock, name) for name in ("policy_id", "tier", "started_at", "state", "stopped_at")}
    columns |= {name: getattr(clock, name) for name in ("soon_at", "due_at", "breach_at", "breached_at", "round")}
    columns["moved_at"] = clock.moved_at
    columns |= {name: getattr(clock, name) for name in ("round_from", "next_check_at")}
    if clock.open:
        columns |= {"paused_at": clock.paused_at, "counted_from": clock.since, "step": clock.fired}
        columns["counted_us"] = clock.counted // timedelta(microseconds=1)
    return columns


def _first_breach(story: Story) -> Iterator[str]:
    """The log and the clock agree on when the first deadline of the response passed."""
    first = next((late.at for late in missed(story, ())), None)
    if first != story.clocks["response"].breached_at and story.straight:
        yield f"#{story.number}: breached at {story.clocks['response'].breached_at}, by the log at {first}"


def _waits_for_somebody(rows: Sequence[Any], story: Story) -> Iterator[str]:
    """Every open MQL is looked at again, or all that can be done about it has been done."""
    if story.status not in OPEN:
        return
    going = [clock for clock in story.clocks.values() if clock.open]
    if not going:
        yield f"#{story.number} is {story.status}, and no clock of it runs"
    for row in rows:
        clock = story.clocks.get(row.kind)
        if clock is not None and clock.open and row.next_check_at is None and clock.next_due is not None:
            yield f"#{story.number}: nobody looks at its {row.kind} clock any more, but {clock.next_due} is to come"


def _differences(what: str, row: Any, columns: dict[str, Any]) -> Iterator[str]:
    for name, expected in columns.items():
        value = getattr(row, name)
        if value != expected:
            yield f"{what}: {name} is {value}, by the log it should be {expected}"
