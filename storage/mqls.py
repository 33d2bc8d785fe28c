"""MQLs with their clocks, log, assignment decisions and feedback."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import committed_events, company_keys, outbound, rows
from storage.due import CONDITIONS, Work
from storage.models import (
    AS_RECEIVED,
    UNDECIDED,
    Assignment,
    Clock,
    Considered,
    Event,
    Feedback,
    Mql,
    Workspace,
    assignment,
    clock,
    event,
    feedback,
    mql,
)
from storage.vocabulary import ClockKind, ClockState, EventType, Status

RECENT = 1000
"""Of so many of the newest MQLs the marketing channels are offered."""
SEARCHED = 20_000
"""Among so many of the newest MQLs a part of a word is looked for, besides those that are open."""


class Found(NamedTuple):
    """What a search has found."""

    mqls: list[Mql]
    in_all: bool
    """Whether every MQL was looked through."""


class Held(NamedTuple):
    """An MQL that is held, as far as a clock speaks of it: which one, and whose."""

    id: int
    workspace_id: str
    number: int
    owner: str | None
    cover: str | None


def add(tx: sa.Connection, workspace_id: str, number: int, **values: Any) -> Mql:
    """Store a new MQL and return it; without `read_at` it was read as it came. What it came with is kept beside
    what it may become, and by what its company is found."""
    values = {"read_at": values["received_at"], **values}
    came_with = {f"received_{name}": values.get(name) for name in AS_RECEIVED}
    contactable = bool(values.get("email") or values.get("phone"))
    values |= {"offered": False, "received_contactable": contactable, **came_with}
    values |= company_keys.of(values)._asdict()
    return rows.insert_whole(tx, Mql, mql, workspace_id=workspace_id, number=number, **values)


def get(tx: sa.Connection, workspace_id: str, mql_id: int) -> Mql | None:
    """One MQL of this workspace."""
    return rows.find(tx, Mql, mql, {"workspace_id": workspace_id, "id": mql_id})


def of_ids(tx: sa.Connection, workspace_id: str, ids: Collection[int]) -> list[Mql]:
    """Return the MQLs of these ids."""
    return rows.of_each(tx, Mql, mql, {"workspace_id": workspace_id}, "id", ids)


def locked(tx: sa.Connection, workspace_id: str, mql_id: int) -> Mql | None:
    """One MQL, held until the transaction ends. Whoever changes an MQL, its clocks or its log holds it first."""
    return rows.find(tx, Mql, mql, {"workspace_id": workspace_id, "id": mql_id}, hold=True)


def hold(tx: sa.Connection, workspace_id: str, ids: Collection[int]) -> None:
    """Hold some MQLs until the transaction ends. Whoever changes several holds all of them first, in the order of
    their ids: a list names many, and two who take one of them after the other would wait for each other at the list."""
    mine = sa.and_(rows.unsought(mql.c.workspace_id) == workspace_id, mql.c.id.in_(ids))
    if ids:
        tx.execute(sa.select(mql.c.id).where(mine).order_by(mql.c.id).with_for_update())


def by_number(tx: sa.Connection, workspace_id: str, number: int) -> Mql | None:
    """One MQL by the number that people use."""
    return rows.find(tx, Mql, mql, {"workspace_id": workspace_id, "number": number})


def newest(tx: sa.Connection, workspace_id: str, most: int) -> list[Mql]:
    """Return the newest MQLs, at most so many."""
    query = sa.select(mql).where(mql.c.workspace_id == workspace_id).order_by(mql.c.number.desc()).limit(most)
    return rows.many(tx, Mql, query)


def is_open() -> sa.ColumnElement[bool]:
    """Return the condition that an MQL has no outcome, as the partial index of owners has it."""
    return mql.c.status.in_([rows.literal(status) for status in UNDECIDED])


def newest_open(tx: sa.Connection, workspace_id: str, most: int) -> list[Mql]:
    """Return the newest MQLs without an outcome, at most so many."""
    query = sa.select(mql).where(mql.c.workspace_id == workspace_id, is_open())
    return rows.many(tx, Mql, query.order_by(mql.c.id.desc()).limit(most))


def update(tx: sa.Connection, workspace_id: str, mql_id: int, **values: Any) -> None:
    """Change the named columns."""
    rows.change(tx, mql, {"workspace_id": workspace_id, "id": mql_id}, **values)


def open_of(tx: sa.Connection, workspace_id: str, owner: str) -> list[Mql]:
    """Return the owner's MQLs without a disposition, oldest first."""
    query = sa.select(mql).where(mql.c.workspace_id == workspace_id, mql.c.owner == owner, is_open())
    return rows.many(tx, Mql, query.order_by(mql.c.id))


def channels(tx: sa.Connection, workspace_id: str, most: int) -> list[str]:
    """Return the marketing channels from which the newest leads have come, the one that was used last first."""
    newest = sa.select(mql.c.channel, mql.c.number).where(mql.c.workspace_id == workspace_id)
    known = newest.order_by(mql.c.number.desc()).limit(RECENT).subquery()
    query = sa.select(known.c.channel).where(known.c.channel.is_not(None)).group_by(known.c.channel)
    query = query.order_by(sa.func.max(known.c.number).desc()).limit(most)
    return [str(channel) for channel in tx.execute(query).scalars()]


def search(tx: sa.Connection, workspace_id: str, words: str, most: int) -> Found:
    """Return MQLs whose company, person or address holds some words, whatever their case: the open ones first, then the
    newest. No index finds a part of a word, so looked through are those that are open and the SEARCHED newest. Imported
    ones are history, and neither found nor among these."""
    wanted = words.lower()
    columns = (mql.c.company, mql.c.person, mql.c.email)
    holds = sa.or_(*(sa.func.lower(column).contains(wanted, autoescape=True) for column in columns))
    here = sa.and_(mql.c.workspace_id == workspace_id, mql.c.import_id.is_(None))
    passed_over = sa.select(mql.c.number).where(here).order_by(mql.c.number.desc()).offset(SEARCHED).limit(1)
    last = tx.execute(passed_over).scalar()
    mine, is_new = sa.and_(here, mql.c.erased_at.is_(None), holds), mql.c.number > (last or 0)
    parts = (sa.and_(mine, is_open()), sa.and_(mine, sa.not_(is_open()), is_new))
    queries = (sa.select(mql).where(part).order_by(mql.c.id.desc()).limit(most) for part in parts)
    return Found([subject for query in queries for subject in rows.many(tx, Mql, query)][:most], last is None)


def work_of(tx: sa.Connection, workspace_id: str, user_id: str) -> list[Mql]:
    """Return the MQLs without a disposition that somebody is to answer, as their owner or as the cover of another,
    oldest first."""
    return sorted(
        [*open_of(tx, workspace_id, user_id), *covered(tx, workspace_id, cover=user_id)], key=lambda subject: subject.id
    )


def unaccepted(tx: sa.Connection, workspace_id: str, user_id: str) -> list[Mql]:
    """Return what somebody has not accepted and nobody else sees to while they are away, the oldest first: their own
    without a cover, and what they themselves cover."""
    theirs = [subject for subject in work_of(tx, workspace_id, user_id) if subject.status == Status.ASSIGNED]
    return [subject for subject in theirs if user_id == (subject.cover or subject.owner)]


def covered(tx: sa.Connection, workspace_id: str, *, owner: str | None = None, cover: str | None = None) -> list[Mql]:
    """Return the open MQLs that have a cover, oldest first: those of an owner, or those of a cover."""
    which = [mql.c.workspace_id == workspace_id, mql.c.cover.is_not(None), is_open()]
    which += [mql.c.owner == owner] if owner is not None else []
    which += [mql.c.cover == cover] if cover is not None else []
    return rows.many(tx, Mql, sa.select(mql).where(*which).order_by(mql.c.id))


def with_status(tx: sa.Connection, workspace_id: str, *statuses: Status) -> list[Mql]:
    """Return all MQLs of these statuses, oldest first."""
    return rows.of_each(tx, Mql, mql, {"workspace_id": workspace_id}, "status", statuses)


def workspaces_waiting(tx: sa.Connection) -> list[str]:
    """Return the workspaces that have MQLs without an owner."""
    query = sa.select(mql.c.workspace_id).where(*CONDITIONS[Work.WAITING]).distinct()
    return [str(workspace_id) for workspace_id in tx.execute(query).scalars()]


def dealt(tx: sa.Connection, workspace_id: str) -> list[tuple[int, datetime]]:
    """Return every MQL of which it is known what came of its deal, with the moment of that."""
    query = sa.select(mql.c.id, mql.c.deal_result_at).where(
        mql.c.workspace_id == workspace_id, mql.c.deal_result_at.is_not(None)
    )
    return [(int(mql_id), at) for mql_id, at in tx.execute(query)]


def with_open_clock(tx: sa.Connection, workspace_id: str) -> list[Mql]:
    """Return all MQLs that have a clock which has not been stopped."""
    counted = sa.select(clock.c.mql_id).where(clock.c.workspace_id == workspace_id, clock.c.stopped_at.is_(None))
    query = sa.select(mql).where(mql.c.workspace_id == workspace_id, mql.c.id.in_(counted))
    return rows.many(tx, Mql, query.order_by(mql.c.id))


def past_deadline(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a clock is open and its deadline has passed, the grace included. A pause does not undo
    that; one from before the deadline holds it off."""
    late_when_paused = sa.and_(clock.c.state == ClockState.PAUSED, clock.c.breach_at <= clock.c.paused_at)
    return sa.or_(sa.and_(clock.c.state == ClockState.RUNNING, clock.c.breach_at <= now), late_when_paused)


def log(
    tx: sa.Connection,
    subject: Mql,
    kind: EventType,
    at: datetime,
    recorded_at: datetime,
    workspace: Workspace | None = None,
    /,
    **values: Any,
) -> int:
    """Append to the log of an MQL, queue for the webhook what goes outside, and return the event's id. `workspace`:
    where the caller has read it already."""
    about = {"workspace_id": subject.workspace_id, "mql_id": subject.id, "type": kind}
    entry = {**about, "at": at, "recorded_at": recorded_at, "data": {}, **values}
    committed_events.note_event(tx, subject.number, entry)
    event_id = rows.insert(tx, event, **entry)
    if workspace is None or workspace.webhook_url is not None:
        outbound.add(tx, subject.workspace_id, subject.id, event_id, kind, recorded_at)
    return event_id


def log_all(tx: sa.Connection, entries: Sequence[dict[str, Any]], numbers: Mapping[int, int]) -> list[int]:
    """Append what clocks did, none of which goes outside, to the logs of many MQLs; each entry names workspace_id,
    mql_id, type, at, recorded_at, before and data, and `numbers` the number of each MQL. Returns the events' ids in the
    same order."""
    for entry in entries:
        committed_events.note_event(tx, numbers[entry["mql_id"]], entry)
    return rows.insert_many(tx, event, entries)


def history(tx: sa.Connection, workspace_id: str, mql_id: int) -> list[Event]:
    """Return the log of one MQL, as it was written."""
    return rows.all_of(tx, Event, event, {"workspace_id": workspace_id, "mql_id": mql_id})


def events_of(
    tx: sa.Connection, workspace_id: str, mql_ids: Collection[int], kinds: Collection[EventType]
) -> list[Event]:
    """Return the events of these types of many MQLs, as they were written."""
    asked = {"workspace": workspace_id, "mqls": list(mql_ids), "kinds": list(kinds)}
    return rows.many(tx, Event, _events_of(), asked) if mql_ids else []


@cache
def _events_of() -> sa.Select[Any]:
    kinds = sa.bindparam("kinds", type_=event.c.type.type, expanding=True)
    about = event.c.mql_id.in_(sa.bindparam("mqls", expanding=True))
    mine = sa.and_(rows.unsought(event.c.workspace_id) == sa.bindparam("workspace"), about, event.c.type.in_(kinds))
    return sa.select(event).where(mine).order_by(event.c.id)


def had_owner(tx: sa.Connection, workspace_id: str, mql_id: int) -> bool:
    """Return whether the MQL has ever been given to somebody."""
    return tx.execute(_was_given(), {"workspace": workspace_id, "mql": mql_id}).first() is not None


@cache
def _was_given() -> sa.Select[Any]:
    mine = sa.and_(event.c.workspace_id == sa.bindparam("workspace"), event.c.mql_id == sa.bindparam("mql"))
    return sa.select(event.c.id).where(mine, event.c.type == EventType.ASSIGNED).limit(1)


def restarts(tx: sa.Connection, workspace_id: str, mql_id: int) -> int:
    """Return how often the response clock of an MQL has begun anew for another owner."""
    mine = sa.and_(event.c.workspace_id == workspace_id, event.c.mql_id == mql_id, event.c.type == EventType.ASSIGNED)
    restarted = event.c.data["restarted"].as_boolean()
    return tx.execute(sa.select(sa.func.count()).select_from(event).where(mine, restarted)).scalar_one()


def was_owner(tx: sa.Connection, workspace_id: str, mql_id: int, user_id: str) -> bool:
    """Return whether the MQL has ever been given to this person."""
    mine = sa.and_(event.c.workspace_id == workspace_id, event.c.mql_id == mql_id, event.c.type == EventType.ASSIGNED)
    return tx.execute(sa.select(event.c.id).where(mine, event.c.after == user_id).limit(1)).first() is not None


def events(tx: sa.Connection, workspace_id: str, ids: Collection[int]) -> list[Event]:
    """Return the events of these ids, as they were written."""
    return rows.of_each(tx, Event, event, {"workspace_id": workspace_id}, "id", ids)


def get_event(tx: sa.Connection, workspace_id: str, event_id: int) -> Event | None:
    """One event."""
    return rows.find(tx, Event, event, {"workspace_id": workspace_id, "id": event_id})


def start_clock(tx: sa.Connection, subject: Mql, kind: ClockKind, **values: Any) -> int:
    """Start a clock; `values`: policy_id, tier, started_at, soon_at, due_at, breach_at, next_check_at."""
    return rows.insert(
        tx,
        clock,
        workspace_id=subject.workspace_id,
        mql_id=subject.id,
        kind=kind,
        round=0,
        step=0,
        round_from=values["started_at"],
        counted_from=values["started_at"],
        counted_us=0,
        state=ClockState.RUNNING,
        **values,
    )


def clocks(tx: sa.Connection, workspace_id: str, mql_ids: Collection[int]) -> list[Clock]:
    """Return the clocks of these MQLs."""
    return rows.of_each(tx, Clock, clock, {"workspace_id": workspace_id}, "mql_id", mql_ids)


def running_clock(tx: sa.Connection, workspace_id: str, mql_id: int, kind: ClockKind) -> Clock | None:
    """Return the clock of this kind if it runs."""
    which = {"workspace_id": workspace_id, "mql_id": mql_id, "kind": kind, "state": ClockState.RUNNING}
    return rows.find(tx, Clock, clock, which)


def open_clock(tx: sa.Connection, workspace_id: str, mql_id: int, kind: ClockKind) -> Clock | None:
    """Return the clock of this kind if it has not been stopped: running or paused."""
    row = rows.find(tx, Clock, clock, {"workspace_id": workspace_id, "mql_id": mql_id, "kind": kind})
    return row if row is not None and row.stopped_at is None else None


def open_clocks(tx: sa.Connection, workspace_id: str) -> list[Clock]:
    """Return all clocks of a workspace that have not been stopped, in the order of their MQLs."""
    query = sa.select(clock).where(clock.c.workspace_id == workspace_id, clock.c.stopped_at.is_(None))
    return rows.many(tx, Clock, query.order_by(clock.c.mql_id, clock.c.id))


def change_clock(tx: sa.Connection, seen: Clock, **values: Any) -> bool:
    """Change the named columns of a clock as it was seen. False: somebody else moved it meanwhile."""
    same = {name: getattr(seen, name) for name in ("id", "state", "round", "step")}
    return rows.change(tx, clock, same, **values) == 1


def change_clocks(tx: sa.Connection, changes: Sequence[dict[str, Any]]) -> None:
    """Change step, next_check_at and breached_at of many clocks, whose MQLs are held; each change names `clock_id`."""
    if changes:
        tx.execute(_CHANGING_CLOCKS, list(changes))


_CHANGING_CLOCKS = (
    clock.update()
    .where(clock.c.id == sa.bindparam("clock_id"))
    .values({name: sa.bindparam(f"new_{name}") for name in ("step", "next_check_at", "breached_at")})
)


def hold_due(tx: sa.Connection, now: datetime, most: int) -> list[tuple[Clock, Held]]:
    """Return clocks of any workspace whose next checkpoint has come, the longest waiting first, with their MQLs,
    which are held until the transaction ends. What somebody else holds at this moment is left out: they change it."""
    result = tx.execute(_holding_due(), {"now": now, "most": most})
    names = rows.names_of(clock)
    due_clocks = [(rows.value(Clock, names, row[:-3]), *row[-3:]) for row in result.fetchall()]
    return [
        (due_clock, Held(due_clock.mql_id, due_clock.workspace_id, number, owner, cover))
        for due_clock, number, owner, cover in due_clocks
    ]


@cache
def _holding_due() -> sa.Select[Any]:
    due = sa.select(*clock.c, mql.c.number, mql.c.owner, mql.c.cover).join(clock, clock.c.mql_id == mql.c.id)
    # The clocks too: what is held is read again where somebody has changed it since the statement began.
    return _first(due.where(*CONDITIONS[Work.CLOCKS])).with_for_update(of=[mql, clock], skip_locked=True)


def _first(query: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
    most = sa.bindparam("most", type_=sa.Integer())
    return query.order_by(clock.c.next_check_at, clock.c.id).limit(most)


def due_clocks(tx: sa.Connection, now: datetime, most: int) -> list[Clock]:
    """Return clocks of any workspace whose next checkpoint has come, the longest waiting first."""
    return rows.many(tx, Clock, _due_clocks(), {"now": now, "most": most})


@cache
def _due_clocks() -> sa.Select[Any]:
    return _first(sa.select(clock).where(*CONDITIONS[Work.CLOCKS]))


def any_due(tx: sa.Connection, workspace_id: str, after: datetime, until: datetime) -> bool:
    """Return whether a checkpoint of any clock of a workspace comes after one moment and up to another."""
    asked = {"workspace": workspace_id, "after": after, "until": until}
    return tx.execute(_any_due(), asked).first() is not None


@cache
def _any_due() -> sa.Select[Any]:
    after, until = (sa.bindparam(name, type_=clock.c.next_check_at.type) for name in ("after", "until"))
    coming = sa.and_(clock.c.next_check_at > after, clock.c.next_check_at <= until)
    return sa.select(clock.c.id).where(clock.c.workspace_id == sa.bindparam("workspace"), coming).limit(1)


def postpone_check(tx: sa.Connection, clock_id: int, until: datetime) -> None:
    """Look at a clock again later."""
    still = sa.and_(clock.c.id == clock_id, clock.c.stopped_at.is_(None))
    tx.execute(clock.update().where(still).values(next_check_at=until))


def decide(
    tx: sa.Connection,
    subject: Mql,
    chosen: str | None,
    considered: Sequence[Considered],
    at: datetime,
    *,
    turn: bool = False,
    **routed: Any,
) -> Assignment:
    """Store an assignment decision with its reasons and return it; `turn`: it is a turn of the chosen one; `routed`:
    the columns that tell of its route, all or none."""
    values: dict[str, Any] = {"route": None, "pool": None, "strategy": None, "matched": []} | routed
    values |= {
        "mql_id": subject.id,
        "chosen": chosen,
        "considered": tuple(considered),
        "turn": turn,
        "at": at,
    }
    values["workspace_id"] = subject.workspace_id
    return Assignment.model_construct(id=rows.insert(tx, assignment, **values), **values)


def last_decision(tx: sa.Connection, workspace_id: str, mql_id: int) -> Assignment | None:
    """Return the newest assignment decision of an MQL."""
    query = sa.select(assignment).where(assignment.c.workspace_id == workspace_id, assignment.c.mql_id == mql_id)
    return rows.one(tx, Assignment, query.order_by(assignment.c.id.desc()).limit(1))


def decisions(tx: sa.Connection, workspace_id: str, mql_id: int) -> list[Assignment]:
    """Return the assignment decisions of an MQL, the newest first."""
    return rows.all_of(tx, Assignment, assignment, {"workspace_id": workspace_id, "mql_id": mql_id})[::-1]


def count_turn(tx: sa.Connection, workspace_id: str, decision_id: int, *, turn: bool) -> None:
    """Say whether a decision counts as a turn of whom it chose."""
    rows.change(tx, assignment, {"workspace_id": workspace_id, "id": decision_id}, turn=turn)


def last_turn(tx: sa.Connection, workspace_id: str, user_id: str, pool: str | None = None) -> int | None:
    """Return the newest decision that counts as a turn of this member in a pool; None where there is none."""
    asked = {"workspace": workspace_id, "user": user_id} | ({} if pool is None else {"pool": pool})
    return tx.execute(_last_turn(in_pool=pool is not None), asked).scalar()


@cache
def _last_turn(*, in_pool: bool) -> sa.Select[Any]:
    mine = [assignment.c.workspace_id == sa.bindparam("workspace"), assignment.c.chosen == sa.bindparam("user")]
    mine += [assignment.c.pool == sa.bindparam("pool") if in_pool else assignment.c.pool.is_(None)]
    query = sa.select(assignment.c.id).where(*mine, assignment.c.turn.is_(True))
    return query.order_by(assignment.c.id.desc()).limit(1)


def first_decision_for(tx: sa.Connection, workspace_id: str, user_id: str, pool: str | None = None) -> Assignment:
    """Return the oldest decision that chose this member for a pool. LookupError where none did."""
    chose = sa.and_(assignment.c.workspace_id == workspace_id, assignment.c.chosen == user_id)
    in_pool = assignment.c.pool.is_(None) if pool is None else assignment.c.pool == pool
    oldest = rows.one(tx, Assignment, sa.select(assignment).where(chose, in_pool).order_by(assignment.c.id).limit(1))
    if oldest is None:
        raise LookupError(f"no decision chose {user_id}")
    return oldest


def add_feedback(tx: sa.Connection, subject: Mql, **values: Any) -> int:
    """Store what sales said. Earlier feedback stays: the newest row counts."""
    return rows.insert(tx, feedback, workspace_id=subject.workspace_id, mql_id=subject.id, **values)


def last_feedback(tx: sa.Connection, workspace_id: str, mql_ids: Collection[int]) -> list[Feedback]:
    """Return the feedback that counts, for each of these MQLs that has any."""
    if len(mql_ids) == 1:
        which = {"workspace_id": workspace_id, "mql_id": next(iter(mql_ids))}
        return rows.all_of(tx, Feedback, feedback, which)[-1:]
    newest = (
        sa.select(sa.func.max(feedback.c.id))
        .where(feedback.c.workspace_id == workspace_id, feedback.c.mql_id.in_(mql_ids))
        .group_by(feedback.c.mql_id)
    )
    return rows.many(tx, Feedback, sa.select(feedback).where(feedback.c.id.in_(newest)))


def get_feedback(tx: sa.Connection, workspace_id: str, feedback_id: int) -> Feedback | None:
    """One answer of sales."""
    return rows.find(tx, Feedback, feedback, {"workspace_id": workspace_id, "id": feedback_id})
