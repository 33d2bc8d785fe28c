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

CONDITIONS: dict[Work, tuple[sa.ColumnElement[bool], ...]] = {
    Work.ABSENCES: (absence.c.next_at.is_not(None), absence.c.next_at <= NOW),
    Work.CLOCKS: (clock.c.next_check_at <= NOW,),
    Work.WAITING: (mql.c.status == rows.literal(Status.UNASSIGNED),),
    Work.QUESTIONS: (mql.c.ask_at <= NOW,),
    Work.REPORTS: (report_due.c.done_at.is_(None), report_due.c.due_at <= NOW),
    Work.ACTIONS: (action_item.c.remind_at.is_not(None), action_item.c.remind_at <= NOW),
    Work.QUEUE: (unreadable.c.check_at.is_not(None), unreadable.c.check_at <= NOW),
    Work.UNDOS: (undo.c.until <= NOW,),
    Work.TOUCHES: (next_touch.c.remind_at <= NOW,),
}
"""When a row is due; each is served by an index. NOW is the moment that is asked about."""


def work(tx: sa.Connection, now: datetime) -> frozenset[Work]:
    """Return the kinds of work of which a row of any workspace is due by now."""
    return frozenset(Work(kind) for kind in tx.execute(_work(), {"now": now}).scalars())


@cache
def _work() -> sa.CompoundSelect[str]:
    return sa.union_all(*(_one(kind, conditions) for kind, conditions in CONDITIONS.items()))


def _one(kind: Work, conditions: tuple[sa.ColumnElement[bool], ...]) -> sa.Select[str]:
    return sa.select(rows.literal(kind).label("kind")).where(sa.exists().where(*conditions))
