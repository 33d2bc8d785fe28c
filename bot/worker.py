"""The ticks: what is due by the clock, looked for again and again. APScheduler only says when to look.

Nothing is scheduled per MQL. A deadline is a column; a tick that is late, doubled or missing changes nothing but the
moment at which a due row is found.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from bot.connectors.outbound import Sender
from bot.core.mql import erasure, escalation, followup_question
from bot.core.mql.erasure import Erased
from bot.core.reports import checkup, monthly, weekly
from bot.core.review import actions, meeting
from bot.core.routing import assignment
from bot.slack import intake, members
from bot.slack.context import AppContext
from bot.slack.delivery import Delivery
from storage import actions as action_rows
from storage import followup_questions, mqls, reports, workspaces
from storage.models import Clock, Workspace
from storage.vocabulary import ErasedFor, ReportKind

BATCH = 1000
# Each changes several messages of one Slack channel, which takes about one a second.
ERASED_AT_ONCE = 3
AN_HOUR = timedelta(hours=1)
SENDERS = {
    ReportKind.WEEKLY: weekly.send_due,
    ReportKind.MONTHLY: monthly.send_due,
    ReportKind.CHECKUP: checkup.send_due,
    ReportKind.MEETING: meeting.send_due,
}

log = structlog.get_logger(__name__)


class Worker:
    """Ticks, delivery and the webhook of one process."""

    def __init__(self, context: AppContext, delivery: Delivery, outbound: Sender) -> None:
        self._office = context
        self._delivery = delivery
        self._outbound = outbound
        self._scheduler = BackgroundScheduler(timezone=UTC)
        loops = {"delivery-loop": delivery.run, "outbound": outbound.run}
        self._senders = [threading.Thread(target=loop, name=name, daemon=True) for name, loop in loops.items()]

    def start(self) -> None:
        """Begin to tick and to deliver."""
        self._every(timedelta(seconds=5), tick)
        self._every(timedelta(minutes=2), catch_up)
        self._every(timedelta(minutes=10), members.refresh)
        self._every(timedelta(minutes=1), erase)
        self._every(AN_HOUR, sweep)
        self._scheduler.start()
        for sender in self._senders:
            sender.start()

    def stop(self) -> None:
        """Finish the item in hand and take no new one."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        self._outbound.stop()
        self._delivery.stop()
        for sender in self._senders:
            if sender.is_alive():
                sender.join(timeout=5)

    def _every(self, interval: timedelta, job: Callable[[AppContext], object]) -> None:
        self._scheduler.add_job(
            _guarded,
            "interval",
            args=(job, self._office),
            seconds=interval.total_seconds(),
            next_run_time=datetime.now(UTC),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )


def tick(context: AppContext) -> int:
    """Do everything that is due by now: checkpoints, waiting MQLs, questions, reports, actions. Returns how many things
    that were."""
    done = _check_clocks(context) + _assign_waiting(context) + _ask_again(context)
    done += _send_reports(context) + _remind_of_actions(context)
    if done:
        context.wake()
    context.pulse.beat()
    return done


def catch_up(context: AppContext) -> int:
    """Take what was posted into the intake channel since the last look. Another workspace's channel waits for a
    process with its token: ours would read it as a stranger, and set the mark where its reading begins."""
    with context.database.snapshot() as tx:
        workspace = workspaces.get(tx, context.identity.team_id)
    return intake.catch_up(context, workspace) if workspace else 0


def erase(context: AppContext) -> int:
    """Erase the persons of MQLs that are old enough, a few at once, each in a transaction. Returns how many."""
    with context.database.snapshot() as tx:
        old = [(workspace.id, erasure.due(tx, workspace, context.now(), BATCH)) for workspace in workspaces.every(tx)]
    return sum(_erase_some(context, workspace_id, ids) for workspace_id, ids in old)


def _erase_some(context: AppContext, workspace_id: str, ids: list[int]) -> int:
    done: list[Erased] = []
    for mql_id in ids:
        if len(done) == ERASED_AT_ONCE:
            break
        try:
            with context.database.transaction() as tx:
                erased = erasure.erase(tx, workspace_id, mql_id, ErasedFor.AGE, context.now())
        except Exception:
            # It is found again by the next look; those behind it need not wait.
            log.exception("erasing_broken", workspace=workspace_id, mql=mql_id)
        else:
            done += [erased] if erased else []
    if done:
        counts = [asdict(erased.counts) | {"messages": erased.messages} for erased in done]
        sums = {name: sum(one[name] for one in counts) for name in counts[0]}
        log.info("erased", workspace=workspace_id, mqls=len(done), **sums)
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
        fired += swept + sum(_check_clock(context, clock, now) for clock in aside)
        context.pulse.beat()  # after a long stop this takes minutes
        # Nothing left, or what is left is held by somebody else, who sees to it.
        if fired == before:
            return fired


def _check_clock(context: AppContext, clock: Clock, now: datetime) -> int:
    try:
        with context.database.transaction() as tx:
            return escalation.check(tx, clock, now)
    except Exception:
        log.exception("clock_broken", workspace=clock.workspace_id, clock=clock.id)
        with context.database.transaction() as tx:
            mqls.postpone_check(tx, clock.id, now + AN_HOUR)
        return 0


def _assign_waiting(context: AppContext) -> int:
    with context.database.snapshot() as tx:
        waiting = mqls.workspaces_waiting(tx)
    given = 0
    for workspace_id in waiting:
        try:
            with context.database.transaction() as tx:
                given += assignment.assign_waiting(tx, workspace_id, context.now())
        except Exception:
            log.exception("assignment_broken", workspace=workspace_id)
    return given


def _ask_again(context: AppContext) -> int:
    now = context.now()
    with context.database.snapshot() as tx:
        due = followup_questions.due(tx, now, BATCH)
    asked = 0
    for workspace_id, mql_id in due:
        try:
            with context.database.transaction() as tx:
                asked += followup_question.ask(tx, workspace_id, mql_id, now)
        except Exception:
            log.exception("asking_broken", workspace=workspace_id, mql=mql_id)
            with context.database.transaction() as tx:
                followup_questions.postpone(tx, workspace_id, mql_id, now + AN_HOUR)
    return asked


def _send_reports(context: AppContext) -> int:
    now = context.now()
    with context.database.snapshot() as tx:
        due = reports.due(tx, now)
    for report in due:
        try:
            with context.database.transaction() as tx:
                SENDERS[report.kind](tx, report, now)
        except Exception:
            log.exception("report_broken", workspace=report.workspace_id, period=report.period)
            with context.database.transaction() as tx:
                reports.postpone(tx, report, now + AN_HOUR)
    return len(due)


def _remind_of_actions(context: AppContext) -> int:
    now = context.now()
    with context.database.snapshot() as tx:
        due = action_rows.to_remind(tx, now)
    for one in due:
        try:
            with context.database.transaction() as tx:
                actions.remind(tx, one, now)
        except Exception:
            log.exception("action_broken", workspace=one.workspace_id, action=one.id)
            with context.database.transaction() as tx:
                action_rows.postpone(tx, one, now + AN_HOUR)
    return len(due)
