"""Whose a deadline of the response is that passed, and where the time went until then: read for many MQLs at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

import sqlalchemy as sa

from bot.core.base.figure import Figure, Key
from bot.core.sla import clocks
from bot.core.sla.breaches import Breach, breaches, charged_to
from bot.core.sla.checkpoints import Agreement
from bot.core.sla.time_breakdown import TimeBreakdown, break_down
from storage import absences, reports
from storage.models import Absence, Clock, Event, Workspace
from storage.reports import Span
from storage.vocabulary import ClockKind

SHARES = "by rep: shares of a deadline that passed"


@dataclass(frozen=True)
class Passed:
    """A deadline that passed, with the MQL's clock and what its log says of it."""

    number: int
    clock: Clock
    log: Sequence[Event]
    breach: Breach


@dataclass(frozen=True)
class Charge:
    """Whose a deadline is that passed, and where the time went that had passed by then."""

    number: Annotated[int, Key()]
    """Of the MQL."""
    at: datetime
    user_id: str
    """"": nobody's."""
    limit: Annotated[timedelta, Key()]
    """What the policy allowed, without the grace."""
    shares: Annotated[dict[str, timedelta], Figure(SHARES, csv=None, why="a row for each owner")]
    """By user id, in the order in which they had it."""
    parts: Annotated[dict[str, timedelta], Figure(SHARES, csv=None, why="a column for each part")]
    """While no owner could be asked about it."""


@dataclass(frozen=True)
class Charged:
    """A deadline that passed, with whose it is."""

    deadline: Passed
    charge: Charge
    whole: TimeBreakdown
    """Where the MQL's time went from receipt to the answer, or to the end of the week."""

    @property
    def user_id(self) -> str:
        """Whose it is; "": nobody's."""
        return self.charge.user_id


def passed(tx: sa.Connection, workspace: Workspace, span: Span, had: str | None = None) -> list[Passed]:
    """Return the deadlines of the response that passed in a span. `had`: of MQLs alone that this person ever had."""
    return [
        deadline
        for deadline in of_clocks(tx, workspace, reports.responses_breached(tx, workspace.id, span, had))
        if span.start <= deadline.breach.at < span.end
    ]


def of_clocks(tx: sa.Connection, workspace: Workspace, responses: Sequence[tuple[int, Clock]]) -> list[Passed]:
    """Return every deadline that passed of some clocks, each with the number of its MQL."""
    logs = reports.clock_logs(tx, workspace.id, [clock.mql_id for _, clock in responses])
    return [
        Passed(number, clock, logs[clock.mql_id], breach)
        for number, clock in responses
        for breach in breaches(logs[clock.mql_id], clock)
    ]


def charges(tx: sa.Connection, workspace: Workspace, deadlines: Sequence[Passed], until: datetime) -> list[Charged]:
    """Return whose each deadline is, with where the time of its MQL went until the answer, or `until`."""
    since = min((deadline.clock.started_at for deadline in deadlines), default=until)
    away = absences.since(tx, workspace.id, since)
    agreements = _agreements(tx, workspace, deadlines)
    return [_charge(deadline, agreements, away, until) for deadline in deadlines]


def owner_at(log: Sequence[Event], moment: datetime) -> str | None:
    """Return who had an MQL at a moment; whoever gets it in that very instant has it."""
    held = [event.after for event in log if event.type in reports.OWNER_CHANGES and event.at <= moment]
    return held[-1] if held else None


def _charge(
    deadline: Passed, agreements: Mapping[clocks.Pin, Agreement], absences: Sequence[Absence], until: datetime
) -> Charged:
    breach, clock = deadline.breach, deadline.clock
    agreed, afterwards = agreements[_pin(deadline)], agreements[_pin_afterwards(deadline)]
    # By user id rather than by name: two reps may have one name.
    before = break_down(deadline.log, absences, {}, agreed, breach.since, breach.at)
    end = min(clock.stopped_at or until, until)
    limit = agreed.terms.target(ClockKind.RESPONSE)
    charge = Charge(
        number=deadline.number,
        at=breach.at,
        user_id=charged_to(before, limit) or "",
        limit=limit,
        shares=dict(before.with_owner),
        parts=before.columns,
    )
    return Charged(deadline, charge, break_down(deadline.log, absences, {}, afterwards, clock.started_at, end))


def _agreements(tx: sa.Connection, workspace: Workspace, deadlines: Iterable[Passed]) -> dict[clocks.Pin, Agreement]:
    pins = {pin for deadline in deadlines for pin in (_pin(deadline), _pin_afterwards(deadline))}
    return {pin: clocks.agreement_under(tx, workspace.id, pin) for pin in pins}


def _pin(deadline: Passed) -> clocks.Pin:
    breach = deadline.breach
    return clocks.Pin.of(breach.policy_id, breach.tier, breach.legs)


def _pin_afterwards(deadline: Passed) -> clocks.Pin:
    """Return the same with the calendars of those who had the MQL after the deadline."""
    breach = deadline.breach
    later = [leg for leg in deadline.clock.legs or () if datetime.fromisoformat(leg["since"]) > breach.at]
    return clocks.Pin.of(breach.policy_id, breach.tier, [*(breach.legs or ()), *later])
