"""What the reports count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import rows
from storage.durations import Took, elapsed, took
from storage.models import DISPOSED, UNDECIDED, Clock, Event, Mql, clock, event, feedback, mql
from storage.vocabulary import ClockKind, ClockState, DealSource, EventType, Evidence, Status

# Withdrawn: a test, a mistake, nobody's business any more, or counted as the MQL into which it was merged.
COUNTED = mql.c.status != Status.WITHDRAWN
# Of an imported one nothing was measured here: it counts in what became of leads, and in no figure of how we worked.
LIVE = sa.and_(COUNTED, mql.c.import_id.is_(None))
AT_ONCE = 10_000
"""Ids in a statement: a database takes only so many values."""
OWNER_CHANGES = (EventType.ASSIGNED, EventType.UNASSIGNED)
CLOCK_EVENTS = (
    EventType.RECEIVED,
    *OWNER_CHANGES,
    EventType.OWNER_LEFT,
    EventType.PAUSED,
    EventType.RESUMED,
    EventType.BREACHED,
    EventType.DEADLINE_MOVED,
)


@dataclass(frozen=True)
class Span:
    """From `start` (in) to `end` (out)."""

    start: datetime
    end: datetime

    def holds(self, column: sa.Column[datetime]) -> sa.ColumnElement[bool]:
        """Return the condition that a column lies in the span."""
        return sa.and_(column >= self.start, column < self.end)


def count_if(which: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    """Return how many rows fulfil a condition."""
    return sa.func.count(sa.case((which, 1)))


def received_in(workspace_id: str, span: Span) -> sa.ColumnElement[bool]:
    """Return the condition that an MQL was received in the span and counts, also where it was imported."""
    return sa.and_(mql.c.workspace_id == workspace_id, span.holds(mql.c.received_at), COUNTED)


def came_in(workspace_id: str, span: Span) -> sa.ColumnElement[bool]:
    """Return the condition that an MQL was received in the span, by this bot, and counts."""
    return sa.and_(received_in(workspace_id, span), LIVE)


class Came(NamedTuple):
    """How many MQLs came in."""

    received: int
    contactable: int
    """Of the received: with an e-mail address or a phone number."""
    withdrawn: int
    """Not among the received."""
    imported: int
    """Of the past, written down by an import. Not among the received either."""


class Answers(NamedTuple):
    """What came of the response clocks of some MQLs before a moment."""

    given: int
    due: int
    """Answered, or past the deadline."""
    in_time: int


class Ran(NamedTuple):
    """A clock that was stopped: what is measured of it."""

    workspace_id: str
    policy_id: int
    tier: str | None
    started_at: datetime
    stopped_at: datetime
    legs: list[dict[str, Any]] | None


class Disposed(NamedTuple):
    """MQLs with the same outcome and the same lost reason."""

    status: Status
    lost_reason: str | None
    mqls: int


def received(tx: sa.Connection, workspace_id: str, span: Span) -> list[Mql]:
    """Return MQLs received in the span, but for those that were withdrawn."""
    return rows.many(tx, Mql, sa.select(mql).where(came_in(workspace_id, span)).order_by(mql.c.id))


def came(tx: sa.Connection, workspace_id: str, span: Span) -> Came:
    """Return how many MQLs were received in the span."""
    reachable = mql.c.received_contactable
    # One that was merged is counted as the one that goes on.
    withdrawn = sa.and_(sa.not_(COUNTED), mql.c.merged_into_id.is_(None))
    imported = sa.and_(COUNTED, mql.c.import_id.is_not(None))
    counted = (LIVE, sa.and_(LIVE, reachable), withdrawn, imported)
    counts = [count_if(condition) for condition in counted]
    mine = sa.and_(mql.c.workspace_id == workspace_id, span.holds(mql.c.received_at))
    return Came(*(int(count) for count in tx.execute(sa.select(*counts).where(mine)).one()))


def contacted(tx: sa.Connection, workspace_id: str, span: Span, moment: datetime, *, proven: bool = False) -> Took:
    """Return the MQLs received in the span that were contacted before a moment, with the time from receipt to contact.
    `proven`: those alone whose contact was told by then by more than a press of the button."""
    evidence = event.c.data["evidence"].as_string()
    mine = sa.and_(came_in(workspace_id, span), mql.c.contacted_at < moment)
    times = sa.select(elapsed(mql.c.received_at, mql.c.contacted_at).label("time")).where(mine)
    return took(tx, times.where(_contact_known(moment, evidence != Evidence.BUTTON)) if proven else times)


def contacted_by_crm(tx: sa.Connection, workspace_id: str, span: Span, moment: datetime) -> int:
    """Return how many MQLs received in the span were contacted before a moment as a CRM had told by then."""
    mine = sa.and_(came_in(workspace_id, span), mql.c.contacted_at < moment)
    known = _contact_known(moment, event.c.data["reported"].as_boolean())
    return int(tx.execute(sa.select(sa.func.count()).select_from(mql).where(mine, known)).scalar_one())


def _contact_known(moment: datetime, how: sa.ColumnElement[bool]) -> sa.Exists:
    """Return whether an event before a moment tells of a contact of an MQL in this way."""
    return sa.exists().where(
        event.c.mql_id == mql.c.id,
        event.c.type.in_((EventType.CONTACTED, EventType.EVIDENCE)),
        event.c.at < moment,
        event.c.after.is_not(None),  # without: recorded, and no contact of this MQL
        how,
    )


def told_by_crm() -> sa.ColumnElement[bool]:
    """Return whether what came of an opportunity is what a CRM told last."""
    mine = sa.and_(
        event.c.workspace_id == mql.c.workspace_id,
        event.c.mql_id == mql.c.id,
        event.c.type.in_((EventType.DEAL, EventType.IMPORTED)),
    )
    source = event.c.data["source"].as_string()
    newest = sa.select(source).where(mine).order_by(event.c.id.desc()).limit(1).correlate(mql).scalar_subquery()
    return sa.and_(mql.c.deal_result.is_not(None), newest == DealSource.CRM.value)


def answers(
    tx: sa.Connection, workspace_id: str, span: Span, moment: datetime, only: sa.ColumnElement[bool] | None = None
) -> Answers:
    """Return what came before a moment of the response clocks of the MQLs received in the span. A deadline of a former
    owner counts; and what is on record holds, wherever the deadline has moved since, or a week that is over would read
    otherwise later. `only`: those alone that meet a condition."""
    given = clock.c.stopped_at < moment
    in_time = sa.and_(given, clock.c.state == ClockState.MET)
    counts = (count_if(given), count_if(sa.or_(given, _late(moment))), count_if(in_time))
    query = _clocks(workspace_id, ClockKind.RESPONSE, span, *counts)
    return Answers(*tx.execute(query if only is None else query.where(only)).one())


def in_time(
    tx: sa.Connection, workspace_id: str, span: Span, moment: datetime, owner: str | None = None
) -> Counter[str]:
    """Return how many of the MQLs received in the span were answered in time before a moment, by whoever had the MQL
    when it was answered ("": nobody). With `owner` that person alone."""
    # Nearly all have whom they had then; only of the others each log is looked through.
    moved = last_moves(workspace_id, span.start).subquery()
    then = sa.case((moved.c.at > clock.c.stopped_at, owner_at(clock.c.stopped_at)), else_=mql.c.owner)
    met = sa.and_(clock.c.stopped_at < moment, clock.c.state == ClockState.MET)
    query = _clocks(workspace_id, ClockKind.RESPONSE, span, then.label("owner")).where(met)
    each = query.outerjoin(moved, moved.c.mql_id == clock.c.mql_id).subquery()
    counted = sa.select(each.c.owner, sa.func.count()).group_by(each.c.owner)
    result = tx.execute(counted if owner is None else counted.where(each.c.owner == owner))
    return Counter({user or "": count for user, count in result})


def owner_at(moment: sa.ColumnElement[Any]) -> sa.ScalarSelect[Any]:
    """Return who had the MQL of a clock at a moment, for a query of clocks. Whoever gets it in that very instant has
    it."""
    held = sa.select(event.c.after).where(event.c.mql_id == clock.c.mql_id, event.c.type.in_(OWNER_CHANGES))
    return held.where(event.c.at <= moment).order_by(event.c.id.desc()).limit(1).correlate(clock).scalar_subquery()


def last_moves(workspace_id: str, since: datetime) -> sa.Select[Any]:
    """Return when MQLs last got an owner or lost theirs, if that was after a moment."""
    mine = sa.and_(event.c.workspace_id == workspace_id, event.c.type.in_(OWNER_CHANGES), event.c.at > since)
    return sa.select(event.c.mql_id, sa.func.max(event.c.at).label("at")).where(mine).group_by(event.c.mql_id)


def answered(tx: sa.Connection, workspace_id: str, span: Span, moment: datetime) -> list[Ran]:
    """Return the response clocks of the MQLs received in the span that were stopped before a moment."""
    query = _clocks(workspace_id, ClockKind.RESPONSE, span, *(clock.c[name] for name in Ran._fields))
    return [Ran(*row) for row in tx.execute(query.where(clock.c.stopped_at < moment))]


def _late(moment: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that the deadline of a clock had passed before a moment. A breach on record counts wherever
    the deadline has moved since. One that nobody has written down yet can only be that of a clock that runs: what stops
    or pauses a clock writes it."""
    ran = sa.or_(clock.c.paused_at.is_(None), clock.c.paused_at >= clock.c.breach_at)
    unwritten = sa.and_(clock.c.breached_at.is_(None), clock.c.stopped_at.is_(None), ran)
    return sa.or_(clock.c.breached_at < moment, sa.and_(unwritten, clock.c.breach_at < moment))


def disposed(tx: sa.Connection, workspace_id: str, span: Span) -> list[Disposed]:
    """Return what became of the MQLs that were first disposed in the span, by their newest feedback: it counts. One
    that was reopened and then withdrawn has feedback, but no outcome."""
    reason = newest_feedback(feedback.c.lost_reason).label("lost_reason")
    each = sa.select(mql.c.status, reason).where(disposed_in(workspace_id, span)).subquery()
    kinds = (each.c.status, each.c.lost_reason)
    query = sa.select(*kinds, sa.func.count()).group_by(*kinds).order_by(*kinds)
    return [Disposed(*row) for row in tx.execute(query)]


def disposed_in(workspace_id: str, span: Span) -> sa.ColumnElement[bool]:
    """Return the condition that an MQL was disposed in the span, not reopened since, and counts."""
    # The log says when too, and has an index for it; of an MQL that was reopened it says so more than once.
    disposal = sa.and_(event.c.workspace_id == workspace_id, event.c.type == EventType.DISPOSED, span.holds(event.c.at))
    # Whose it is, is asked of the event alone: SQLite would take the MQLs' index of that, and read every one there is.
    return sa.and_(mql.c.id.in_(sa.select(event.c.mql_id).where(disposal)), span.holds(mql.c.disposed_at), COUNTED)


def newest_feedback(column: sa.Column[Any]) -> sa.ScalarSelect[Any]:
    """Return a column of the feedback that counts, for each MQL of a query: the newest."""
    mine = sa.and_(feedback.c.workspace_id == mql.c.workspace_id, feedback.c.mql_id == mql.c.id)
    return sa.select(column).where(mine).order_by(feedback.c.id.desc()).limit(1).correlate(mql).scalar_subquery()


def clocks_of(tx: sa.Connection, workspace_id: str, kind: ClockKind, span: Span) -> list[Clock]:
    """Return clocks of the MQLs received in the span, but for those that were withdrawn."""
    return rows.many(tx, Clock, _clocks(workspace_id, kind, span, *clock.c))


def _clocks(workspace_id: str, kind: ClockKind, span: Span, *columns: sa.ColumnElement[Any]) -> rows.Query:
    mine = sa.and_(clock.c.workspace_id == workspace_id, clock.c.kind == kind, came_in(workspace_id, span))
    return sa.select(*columns).select_from(mql).join(clock, clock.c.mql_id == mql.c.id).where(mine)


def breaches(tx: sa.Connection, workspace_id: str, kind: ClockKind, span: Span) -> list[Clock]:
    """Return clocks that were breached in the span, first of all if more than once."""
    mine = sa.and_(clock.c.workspace_id == workspace_id, clock.c.kind == kind, COUNTED)
    query = sa.select(clock).join(mql, mql.c.id == clock.c.mql_id).where(mine, span.holds(clock.c.breached_at))
    return rows.many(tx, Clock, query)


def responses_breached(
    tx: sa.Connection, workspace_id: str, span: Span, had: str | None = None
) -> list[tuple[int, Clock]]:
    """Return the response clocks of which the log says that a deadline passed in the span, each once, with the number
    of its MQL. Whether it counts the log of each says. `had`: those of MQLs alone that this person has ever had."""
    breach = sa.and_(event.c.workspace_id == workspace_id, event.c.type == EventType.BREACHED, span.holds(event.c.at))
    passed = sa.select(event.c.mql_id).where(breach, event.c.data["clock"].as_string() == ClockKind.RESPONSE)
    if had is not None:
        turn = event.alias()
        mine = (turn.c.mql_id == event.c.mql_id, turn.c.type == EventType.ASSIGNED, turn.c.after == had)
        passed = passed.where(sa.exists().where(*mine))
    return _numbered(tx, clock.c.mql_id.in_(passed))


def answered_late(tx: sa.Connection, workspace_id: str, span: Span) -> list[tuple[int, Clock]]:
    """Return the response clocks that were stopped in the span, too late, with the numbers of their MQLs."""
    mine = sa.select(mql.c.id).where(mql.c.workspace_id == workspace_id)
    # An answer comes before the outcome. So it is an MQL that has none, or has got it since.
    since = mine.where(mql.c.status.in_(DISPOSED), mql.c.disposed_at >= span.start)
    candidates = sa.union_all(mine.where(mql.c.status.in_(UNDECIDED)), since)
    late = sa.and_(clock.c.state == ClockState.MET_LATE, span.holds(clock.c.stopped_at))
    return _numbered(tx, clock.c.mql_id.in_(candidates), late)


def _numbered(tx: sa.Connection, *which: sa.ColumnElement[bool]) -> list[tuple[int, Clock]]:
    names = clock.c.keys()
    query = sa.select(mql.c.number, *clock.c).join(clock, clock.c.mql_id == mql.c.id)
    result = tx.execute(query.where(*which, clock.c.kind == ClockKind.RESPONSE, COUNTED).order_by(clock.c.id))
    return [(row[0], rows.value(Clock, names, row[1:])) for row in result]


def restarted(tx: sa.Connection, workspace_id: str, span: Span, moment: datetime) -> list[Clock]:
    """Return the response clocks of the MQLs received in the span that had begun anew for another owner before a
    moment."""
    anew = sa.and_(event.c.workspace_id == workspace_id, event.c.type == EventType.ASSIGNED, event.c.at < moment)
    these = sa.select(event.c.mql_id).where(anew, event.c.at >= span.start, event.c.data["restarted"].as_boolean())
    query = _clocks(workspace_id, ClockKind.RESPONSE, span, *clock.c).where(clock.c.mql_id.in_(these))
    return rows.many(tx, Clock, query)


def outcomes_overdue_at(tx: sa.Connection, workspace_id: str, moment: datetime) -> Counter[str]:
    """Return how many outcomes were past their deadline and not reported before a moment, by whoever had the MQL then
    ("": nobody, or somebody who had left)."""
    unanswered = sa.or_(clock.c.stopped_at.is_(None), clock.c.stopped_at >= moment)
    # An outcome stops the clock. So it is one of the few that have none, or of those that have got one since.
    since = sa.and_(event.c.workspace_id == workspace_id, event.c.type == EventType.DISPOSED, event.c.at >= moment)
    candidates = sa.union_all(
        sa.select(mql.c.id).where(mql.c.workspace_id == workspace_id, mql.c.status.in_(UNDECIDED)),
        sa.select(event.c.mql_id).where(since),
    )
    mine = sa.and_(clock.c.workspace_id == workspace_id, clock.c.kind == ClockKind.FEEDBACK, unanswered, COUNTED)
    late = sa.case((clock.c.moved_at.is_(None), _late(moment)), else_=_was_late(moment))
    holder = _before(moment, event.c.after, *OWNER_CHANGES, EventType.OWNER_LEFT)
    query = sa.select(holder.label("owner")).select_from(mql).join(clock, clock.c.mql_id == mql.c.id)
    each = query.where(mine, late, mql.c.id.in_(candidates)).subquery()
    result = tx.execute(sa.select(each.c.owner, sa.func.count()).group_by(each.c.owner))
    return Counter({owner or "": count for owner, count in result})


def _was_late(moment: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that an outcome's clock was past its deadline just before a moment, under the policy that
    held then: by the log, which tells what a move has made late or safe."""
    of_clock = (event.c.data["clock"].as_string() == ClockKind.FEEDBACK, event.c.at >= clock.c.started_at)
    safe = sa.or_(event.c.type == EventType.BREACHED, event.c.data["effect"].as_string() == "safe")
    last = _before(moment, event.c.type, EventType.BREACHED, EventType.DEADLINE_MOVED, where=(*of_clock, safe))
    return last == EventType.BREACHED


def _before(
    moment: datetime, column: sa.Column[Any], *types: EventType, where: Sequence[sa.ColumnElement[bool]] = ()
) -> sa.ScalarSelect[Any]:
    """Return a column of the last event of these types before a moment, for a query of clocks."""
    query = sa.select(column).where(event.c.mql_id == clock.c.mql_id, event.c.type.in_(types), event.c.at < moment)
    return query.where(*where).order_by(event.c.id.desc()).limit(1).correlate(clock).scalar_subquery()


def assigned(tx: sa.Connection, workspace_id: str, span: Span) -> Counter[str]:
    """Return how often each member was given an MQL in the span."""
    query = _happened(workspace_id, span, (EventType.ASSIGNED,), event.c.after, sa.func.count()).group_by(event.c.after)
    return Counter({user or "": count for user, count in tx.execute(query)})


def repeated(tx: sa.Connection, workspace_id: str, span: Span) -> int:
    """Return how often a lead came in again in the span."""
    query = _happened(workspace_id, span, (EventType.RECEIVED_AGAIN,), sa.func.count())
    return int(tx.execute(query).scalar_one())


def escalated(tx: sa.Connection, workspace_id: str, kind: ClockKind, span: Span) -> int:
    """Return of how many MQLs somebody beside the reps was told in the span because of a clock of this kind. A step to
    the peers asks who takes it, and tells no leader."""
    query = _happened(workspace_id, span, (EventType.ESCALATED,), sa.func.count(sa.distinct(event.c.mql_id)))
    of_clock, to = event.c.data["clock"].as_string() == kind, event.c.data["to"].as_string()
    return int(tx.execute(query.where(of_clock, to != "peers")).scalar_one())


def events(tx: sa.Connection, workspace_id: str, span: Span, *kinds: EventType) -> list[Event]:
    """Return events of these types whose true time lies in the span, of MQLs that count."""
    return rows.many(tx, Event, _happened(workspace_id, span, kinds, *event.c).order_by(event.c.id))


def _happened(workspace_id: str, span: Span, kinds: Sequence[EventType], *columns: sa.ColumnElement[Any]) -> rows.Query:
    """Return events of these types whose true time lies in the span, of MQLs that count."""
    mine = sa.and_(event.c.workspace_id == workspace_id, event.c.type.in_(kinds), span.holds(event.c.at), COUNTED)
    return sa.select(*columns).select_from(event).join(mql, mql.c.id == event.c.mql_id).where(mine)


def clock_logs(tx: sa.Connection, workspace_id: str, mql_ids: list[int]) -> dict[int, list[Event]]:
    """Return for each MQL the events that say where its time went and which of its deadlines passed, in order."""
    events_of: dict[int, list[Event]] = {mql_id: [] for mql_id in mql_ids}
    for start in range(0, len(mql_ids), AT_ONCE):
        # Asked of the MQL: of the event, SQLite would take the index of types, and read every such one there is.
        mine = sa.exists().where(mql.c.id == event.c.mql_id, mql.c.workspace_id == workspace_id)
        these = sa.and_(event.c.mql_id.in_(mql_ids[start : start + AT_ONCE]), event.c.type.in_(CLOCK_EVENTS))
        query = sa.select(event).where(these, mine)
        for change in rows.many(tx, Event, query.order_by(event.c.id)):
            events_of[change.mql_id].append(change)
    return events_of
