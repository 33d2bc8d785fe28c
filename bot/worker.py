"""The ticks: what is due by the clock, looked for again and again. APScheduler only says when to look.

Nothing is scheduled per MQL. A deadline is a column; a tick that is late, doubled or missing changes nothing but the
moment at which a due row is found.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from typing import Generic, TypeVar

import sqlalchemy as sa
import structlog

from bot.connectors.crm.loops import Loops
from bot.connectors.outbound import Sender
from bot.core.mql import erasure, escalation, followup_question, next_touch, queue, undo
from bot.core.mql.erasure import Erased
from bot.core.reports.checkup import REMINDER
from bot.core.reports.monthly import MONTHLY
from bot.core.reports.weekly import DIGEST
from bot.core.review import actions
from bot.core.review.meeting import AGENDA
from bot.core.routing import absences, assignment
from bot.schedule import Schedule
from bot.slack import setup
from bot.slack.context import AppContext
from bot.slack.delivery.loop import Delivery
from bot.slack.home_drawing import HomeLoop
from bot.slack.intake import channel
from bot.slack.people import calendars, members
from bot.slack.uploads import Uploads
from storage import absences as absence_rows
from storage import actions as action_rows
from storage import due as due_rows
from storage import followup_questions, mqls, next_touches, reports_due, undos, unreadables, workspaces
from storage.due import Work
from storage.models import Absence, ActionItem, Clock, NextTouch, ReportDue, Undo, Workspace
from storage.vocabulary import ErasedFor

BATCH = 1000
# Each changes several messages of one Slack channel, which takes about one a second.
ERASED_AT_ONCE = 3
AN_HOUR = timedelta(hours=1)
PERIODIC = {report.kind: report for report in (DIGEST, MONTHLY, REMINDER, AGENDA)}
Row = TypeVar("Row")

log = structlog.get_logger(__name__)


class Worker:
    """Ticks, delivery, the open App Homes, the webhook, the CRMs and the uploads of one process."""

    def __init__(self, context: AppContext, delivery: Delivery, outbound: Sender) -> None:
        self._delivery = delivery
        self._outbound = outbound
        self._schedule = Schedule()
        for interval, job in INTERVALS:
            self._schedule.every(interval, partial(_guarded, job, context))
        self.homes, self._uploads = HomeLoop(context), Uploads(context)
        loops = {"delivery-loop": delivery.run, "outbound": outbound.run, "homes": self.homes.run}
        self._crm = Loops(
            context.database, context.identity.team_id, context.vault, context.now, context.private_hosts, context.wake
        )
        loops |= {"uploads": self._uploads.run, "crm": self._crm.run}
        self._senders = [threading.Thread(target=loop, name=name, daemon=True) for name, loop in loops.items()]

    def start(self) -> None:
        """Begin to tick, to deliver and to read what is sent."""
        self._schedule.start()
        for sender in self._senders:
            sender.start()

    def stop(self) -> None:
        """Finish the item in hand and take no new one."""
        self._crm.stop()
        self._uploads.stop()
        self._schedule.stop()
        self._outbound.stop()
        self.homes.stop()
        self._delivery.stop()
        for sender in self._senders:
            if sender.is_alive():
                sender.join(timeout=5)


def tick(context: AppContext) -> int:
    """Do everything that is due by now: absences, checkpoints, waiting MQLs, questions, reports, actions, the queue.
    Returns how many things that were."""
    done, due = 0, _due(context)
    for work, do in STEPS:
        if work in due:
            done += do(context)
            due = _due(context)  # what was done may have made other work due
    if done:
        context.wake()
    context.heartbeat.beat()
    return done


def catch_up(context: AppContext) -> int:
    """Take what was posted into the intake channel since the last look. Another workspace's channel waits for a
    process with its token: ours would read it as a stranger, and set the mark where its reading begins."""
    with context.database.snapshot() as tx:
        workspace = workspaces.get(tx, context.identity.team_id)
    return channel.catch_up(context, workspace) if workspace else 0


def erase(context: AppContext) -> int:
    """Erase the persons of MQLs that are old enough, a few at once, each in a transaction. Returns how many."""
    now = context.now()
    with context.database.snapshot() as tx:
        old = [(workspace.id, erasure.due(tx, workspace, now, BATCH)) for workspace in workspaces.every(tx)]
    return sum(_erase_some(context, workspace_id, ids, now) for workspace_id, ids in old)


def _erase_some(context: AppContext, workspace_id: str, ids: list[int], now: datetime) -> int:
    done: list[Erased] = []

    def erase_one(tx: sa.Connection, mql_id: int, now: datetime) -> int:
        erased = erasure.erase(tx, workspace_id, mql_id, ErasedFor.AGE, now)
        done.extend([erased] if erased else [])
        return int(erased is not None)

    # The next look finds a broken one again; it need not be pushed on.
    job = Job("erasing_broken", erase_one, lambda mql_id: {"workspace": workspace_id, "mql": mql_id})
    work_off(context, job, takewhile(lambda _: len(done) < ERASED_AT_ONCE, ids), now)
    if done:
        counts = [asdict(erased.counts) | {"messages": erased.messages} for erased in done]
        sums = {name: sum(count[name] for count in counts) for name in counts[0]}
        log.info("erased", workspace=workspace_id, mqls=len(done), **sums)
        context.database.empty_log()
        context.wake()
    return len(done)


def sweep(context: AppContext) -> int:
    """Erase what is as old and belongs to no MQL. Returns how many rows."""
    with context.database.snapshot() as tx:
        configured = workspaces.every(tx)
    return sum(_sweep(context, workspace) for workspace in configured)


def _sweep(context: AppContext, workspace: Workspace) -> int:
    swept = 0
    while True:
        with context.database.transaction() as tx:
            gone = erasure.sweep(tx, workspace, context.now())
        swept += gone
        if gone < erasure.BATCH:
            break
    if swept:
        log.info("swept", workspace=workspace.id, rows=swept)
    return swept


INTERVALS: tuple[tuple[timedelta, Callable[[AppContext], object]], ...] = (
    (timedelta(seconds=5), tick),
    (timedelta(seconds=2), setup.work),
    (timedelta(minutes=2), catch_up),
    (timedelta(minutes=10), members.refresh),
    (timedelta(minutes=1), erase),
    (timedelta(minutes=1), calendars.read_due),
    (AN_HOUR, sweep),
)


def _guarded(job: Callable[[AppContext], object], context: AppContext) -> None:
    try:
        job(context)
    except Exception:
        # The next tick finds the same rows; the scheduler must be there for it.
        log.exception("tick_failed", job=job.__name__)


def _check_clocks(context: AppContext) -> int:
    fired = 0
    while True:
        before, now = fired, context.now()
        try:
            with context.database.transaction() as tx:
                swept, aside = escalation.sweep(tx, now, BATCH)
        except Exception:
            # One clock must not keep the others of its batch: each by itself, and the broken one later.
            log.exception("sweep_broken")
            with context.database.snapshot() as tx:
                swept, aside = 0, mqls.due_clocks(tx, now, BATCH)
        fired += swept + work_off(context, CLOCKS, aside, now)
        context.heartbeat.beat()  # after a long stop this takes minutes
        # Nothing left, or what is left is held by somebody else, who sees to it.
        if fired == before:
            return fired


def _check_absences(context: AppContext) -> int:
    now = context.now()
    with context.database.snapshot() as tx:
        due = absence_rows.due(tx, now, BATCH)
    return work_off(context, ABSENCES, due, now)


def _assign_waiting(context: AppContext) -> int:
    with context.database.snapshot() as tx:
        waiting = mqls.workspaces_waiting(tx)
    return work_off(context, WAITING, waiting, context.now())


def _ask_again(context: AppContext) -> int:
    now = context.now()
    with context.database.snapshot() as tx:
        due = followup_questions.due(tx, now, BATCH)
    return work_off(context, QUESTIONS, due, now)


def _send_reports(context: AppContext) -> int:
    now = context.now()
    with context.database.snapshot() as tx:
        due = reports_due.due(tx, now)
    return work_off(context, REPORTS, due, now)


def _remind_of_actions(context: AppContext) -> int:
    now = context.now()
    with context.database.snapshot() as tx:
        due = action_rows.to_remind(tx, now)
    return work_off(context, ACTIONS, due, now)


def _tell_of_queue(context: AppContext) -> int:
    now = context.now()
    with context.database.snapshot() as tx:
        due = unreadables.due(tx, now)
    return work_off(context, QUEUE, due, now)


def _end_undo(context: AppContext) -> int:
    now = context.now()
    with context.database.snapshot() as tx:
        over = undos.over(tx, now, BATCH)
    return work_off(context, UNDOABLE, over, now)


def _remind_of_touches(context: AppContext) -> int:
    now = context.now()
    with context.database.snapshot() as tx:
        due = next_touches.to_remind(tx, now, BATCH)
    return work_off(context, TOUCHES, due, now)


@dataclass(frozen=True)
class Job(Generic[Row]):
    """What is done about each row of one kind that is due."""

    broken: str
    """The event of the log where it raises."""
    act: Callable[[sa.Connection, Row, datetime], int]
    """Do it, in a transaction; returns how many things that were."""
    names: Callable[[Row], dict[str, object]]
    """What the log says of a row."""
    postpone: Callable[[sa.Connection, Row, datetime], object] | None = None
    """Push a row on to a moment; None: what is broken is found again by the next look, and keeps nobody waiting."""


def work_off(context: AppContext, job: Job[Row], rows: Iterable[Row], now: datetime) -> int:
    """Do what is due, each row in a transaction of its own. A row whose rule raises is logged and looked at again in
    an hour, so that it keeps neither those behind it nor the next tick."""
    done = 0
    for row in rows:
        try:
            with context.database.transaction() as tx:
                done += job.act(tx, row, now)
        except Exception:
            log.exception(job.broken, **job.names(row))
            if job.postpone is not None:
                with context.database.transaction() as tx:
                    job.postpone(tx, row, now + AN_HOUR)
    return done


STEPS: tuple[tuple[Work, Callable[[AppContext], int]], ...] = (
    (Work.ABSENCES, _check_absences),
    (Work.CLOCKS, _check_clocks),
    (Work.WAITING, _assign_waiting),
    (Work.QUESTIONS, _ask_again),
    (Work.REPORTS, _send_reports),
    (Work.ACTIONS, _remind_of_actions),
    (Work.QUEUE, _tell_of_queue),
    (Work.UNDOS, _end_undo),
    (Work.TOUCHES, _remind_of_touches),
)
"""What a tick does, in this order: whoever is away from now on is not reminded."""


def _due(context: AppContext) -> frozenset[Work]:
    with context.database.snapshot() as tx:
        return due_rows.work(tx, context.now())


def _send_report(tx: sa.Connection, row: ReportDue, now: datetime) -> int:
    PERIODIC[row.kind].send_due(tx, row, now)
    return 1


def _remind(tx: sa.Connection, item: ActionItem, now: datetime) -> int:
    actions.remind(tx, item, now)
    return 1


CLOCKS: Job[Clock] = Job(
    "clock_broken",
    escalation.check,
    lambda clock: {"workspace": clock.workspace_id, "clock": clock.id},
    lambda tx, clock, until: mqls.postpone_check(tx, clock.id, until),
)
ABSENCES: Job[Absence] = Job(
    "absence_broken",
    absences.check,
    lambda absence: {"workspace": absence.workspace_id, "absence": absence.id},
    absence_rows.postpone,
)
WAITING: Job[str] = Job(
    "assignment_broken", assignment.assign_waiting, lambda workspace_id: {"workspace": workspace_id}
)
QUESTIONS: Job[tuple[str, int]] = Job(
    "asking_broken",
    lambda tx, row, now: followup_question.ask(tx, *row, now),
    lambda row: {"workspace": row[0], "mql": row[1]},
    lambda tx, row, until: followup_questions.postpone(tx, *row, until),
)
UNDOABLE: Job[Undo] = Job(
    "undo_broken",
    undo.end,
    lambda act: {"workspace": act.workspace_id, "mql": act.mql_id},
    undos.postpone,
)
TOUCHES: Job[NextTouch] = Job(
    "next_touch_broken",
    next_touch.remind,
    lambda touch: {"workspace": touch.workspace_id, "mql": touch.mql_id},
    next_touches.set_reminder,
)
REPORTS: Job[ReportDue] = Job(
    "report_broken",
    _send_report,
    lambda row: {"workspace": row.workspace_id, "period": row.period},
    reports_due.postpone,
)
ACTIONS: Job[ActionItem] = Job(
    "action_broken",
    _remind,
    lambda item: {"workspace": item.workspace_id, "action": item.id},
    action_rows.postpone,
)
QUEUE: Job[str] = Job(
    "queue_broken",
    queue.check,
    lambda workspace_id: {"workspace": workspace_id},
    lambda tx, workspace_id, until: unreadables.postpone(tx, workspace_id, until - AN_HOUR, until),
)
