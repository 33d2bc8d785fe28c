"""Which work waits for the tick: one question for all that is looked for every five seconds, nearly always in vain."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from functools import cache

import sqlalchemy as sa

from storage import rows
from storage.models import absence, action_item, clock, mql, next_touch, report_due, undo, unreadable
from storage.vocabulary import Status


class Work(StrEnum):
    """What a tick may find due."""

    ABSENCES = "absences"
    CLOCKS = "clocks"
    WAITING = "waiting"
    QUESTIONS = "questions"
    REPORTS = "reports"
    ACTIONS = "actions"
    QUEUE = "queue"
    UNDOS = "undos"
    TOUCHES = "touches"


NOW = sa.bindparam("now", type_=clock.c.due_at.type)

MOMENTS: dict[Work, sa.Column[datetime]] = {
    Work.ABSENCES: absence.c.next_at,
    Work.CLOCKS: clock.c.next_check_at,
    Work.QUESTIONS: mql.c.ask_at,
    Work.REPORTS: report_due.c.due_at,
    Work.ACTIONS: action_item.c.remind_at,
    Work.QUEUE: unreadable.c.check_at,
    Work.UNDOS: undo.c.until,
    Work.TOUCHES: next_touch.c.remind_at,
}
"""When a row is to be looked at; none where nothing is to be done about it. Each is served by an index."""


def _has(kind: Work) -> tuple[sa.ColumnElement[bool], ...]:
    done = (report_due.c.done_at.is_(None),) if kind == Work.REPORTS else ()
    return (*done, MOMENTS[kind].is_not(None))


CONDITIONS: dict[Work, tuple[sa.ColumnElement[bool], ...]] = {
    **{kind: (*_has(kind), moment <= NOW) for kind, moment in MOMENTS.items()},
    Work.WAITING: (mql.c.status == rows.literal(Status.UNASSIGNED),),
}
"""When a row is due. NOW is the moment that is asked about."""


def work(tx: sa.Connection, now: datetime) -> frozenset[Work]:
    """Return the kinds of work of which a row of any workspace is due by now."""
    return frozenset(Work(kind) for kind in tx.execute(_work(), {"now": now}).scalars())


@cache
def _work() -> sa.CompoundSelect[str]:
    return sa.union_all(*map(_one, Work))


def _one(kind: Work) -> sa.Select[str]:
    is_there: sa.ColumnElement[bool] = sa.exists().where(*CONDITIONS[kind])
    if kind in MOMENTS:
        # By the first moment rather than by whether there is a row up to now: what is asked often PostgreSQL plans once
        # for any moment. It expects a third of all rows to be due then, and went through every clock to meet none.
        is_there = sa.select(sa.func.min(MOMENTS[kind])).where(*_has(kind)).scalar_subquery() <= NOW
    return sa.select(rows.literal(kind).label("kind")).where(is_there)
