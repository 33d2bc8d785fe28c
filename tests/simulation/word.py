"""Whether everybody has been told whom the log says was told, and whether turns were taken in order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from bot.core.routing.routes import Routing
from storage import models
from tests.simulation import routed

UNFIT = ("outside_target", "duplicate", "wrong_data")
TURNS_CHANGE = ("withdrawn", "disposed", "corrected", "reopened")
NO_SHARE = ("inactive", "deactivated", "away", "paused", "no_share", "cap_open", "cap_day", "cap_week")
KEPT_AT_MOST = timedelta(days=12)
"""Half an hour of open time, over the longest holidays of the calendars here."""
CHECKPOINTS = ("reminded", "breached", "escalated")


class Team:
    """The roster as it is."""

    def __init__(self, members: Sequence[Any], now: datetime) -> None:
        self._members, self._now = members, now

    def named(self, to: str, owner: str | None) -> set[str]:
        """The people behind the word of an escalation step."""
        if to == "peers":
            here = [rep for rep in self._with("rep") if rep.away_until is None or rep.away_until <= self._now]
            return {rep.user_id for rep in here if rep.user_id != owner}
        if to == "head":
            return self._first("head", "manager", "admin")
        if to[0] in "UW" and any(member.user_id == to and _is_here(member) for member in self._members):
            return {to}
        if to == "manager" or to[0] in "UW":
            mine = {member.manager_user_id for member in self._members if member.user_id == owner}
            own = [member.user_id for member in self._with("manager", "head", "admin") if member.user_id in mine]
            return set(own) or self._first("manager", "head", "admin")
        return {to} if to[0] in "CG" else set()

    def is_away(self, user: str) -> bool:
        """Whether somebody is reminded of nothing, because they are not there."""
        ends = [member.away_until for member in self._members if member.user_id == user]
        return any(end is not None and end > self._now for end in ends)

    def _first(self, *roles: str) -> set[str]:
        return next(({member.user_id for member in self._with(role)} for role in roles if self._with(role)), set())

    def _with(self, *roles: str) -> list[Any]:
        return [member for member in self._members if _is_here(member) and set(roles) & set(member.roles)]


def _is_here(member: Any) -> bool:
    return bool(member.active and not member.deactivated)


def unheard(tx: sa.Connection, events: Sequence[Any]) -> Iterator[str]:
    """Checkpoints among these new events of which somebody was to hear, and no message waits for them."""
    firings: Mapping[Any, list[Any]] = defaultdict(list)
    for event in events:
        if event.type in CHECKPOINTS and event.actor is None:
            firings[event.mql_id, event.data["clock"], event.data["round"], event.recorded_at].append(event)
    if not firings:
        return
    roster = list(tx.execute(sa.select(models.member).order_by(models.member.c.id)))
    expected = []
    for (*_, now), firing in firings.items():
        spoken = [event for event in firing if event.type != "breached"]
        expected += [(spoken[-1], kind, user) for kind, user in _expected(spoken, Team(roster, now))] if spoken else []
    waits = _messages(tx, [f"{kind}:{event.id}:{user}" for event, kind, user in expected])
    for event, kind, user in expected:
        if not waits(user, kind, event):
            yield f"nobody tells {user} of event {event.id}, {event.type} {event.data}, by {kind}"


def _expected(spoken: Sequence[Any], team: Team) -> Iterator[tuple[str, str]]:
    highest = spoken[-1]
    response, owner = highest.data["clock"] == "response", highest.before
    if highest.type == "reminded":
        if owner is not None and not team.is_away(owner):
            yield "reminder" if response else "feedback_reminder", owner
        return
    steps = [event.data["to"] for event in spoken if event.type == "escalated"]
    leaders = set[str]().union(*(team.named(to, owner) for to in steps if to != "peers"))
    for user in sorted(leaders):
        yield "escalation" if response else "feedback_overdue", user
    for user in sorted(team.named("peers", owner) - leaders) if "peers" in steps else ():
        yield "offer", user


def _messages(tx: sa.Connection, keys: Collection[str]) -> Callable[[str, str, Any], bool]:
    """Return whether somebody is told of an event: by a message with one of these keys, whatever it is by now (several
    are gathered into one), or by what is held back for them."""
    there = set(tx.execute(sa.select(models.outbox.c.key).where(models.outbox.c.key.in_(keys))).scalars())
    held: dict[tuple[str, str, int], int] = {}
    waiting = sa.select(models.outbox).where(models.outbox.c.kind == "held").order_by(models.outbox.c.id.desc())
    for row in tx.execute(waiting.limit(200)):
        for item in row.data["items"]:
            place = row.target, item["kind"], item["mql"]
            held[place] = max(held.get(place, 0), item["event"])

    def waits(user: str, kind: str, event: Any) -> bool:
        return f"{kind}:{event.id}:{user}" in there or held.get((user, kind, event.mql_id), 0) >= event.id

    return waits


def hidden(tx: sa.Connection, paused: Sequence[tuple[Any, str | None]]) -> Iterator[str]:
    """Pauses of overdue MQLs, each with its owner, of which a leader was to hear and no message waits for them."""
    team = Team(list(tx.execute(sa.select(models.member).order_by(models.member.c.id))), datetime.now(UTC))
    expected = [(event, to) for event, owner in paused for to in sorted(team.named("manager", owner) - {event.actor})]
    waits = _messages(tx, [f"paused_overdue:{event.id}:{user}" for event, user in expected])
    for event, user in expected:
        if not waits(user, "paused_overdue", event):
            yield f"nobody tells {user} of the pause {event.id} of an overdue MQL"


def unfair(tx: sa.Connection, after: int, ticked_at: datetime | None = None) -> Iterator[str]:
    """Decisions since the one of this id in which somebody was passed over, or chosen who could not be. A planned
    absence begins with a tick; the last one was at `ticked_at`. What was given to somebody meanwhile their leader hears
    of then."""
    decisions = sa.select(models.assignment).where(models.assignment.c.id > after).order_by(models.assignment.c.id)
    for decision in tx.execute(decisions):
        able = [candidate for candidate in decision.considered if candidate.verdict in ("chosen", "eligible")]
        by_hand = any(candidate.verdict == "by_hand" for candidate in decision.considered)
        kept = any(candidate.verdict == "expected" for candidate in decision.considered)
        offered = decision.strategy == "first_to_accept"
        if decision.chosen is None and able and not kept and not offered:
            yield f"decision {decision.id}: nobody is chosen of {sorted(candidate.user for candidate in able)}"
        if decision.chosen is None or by_hand:
            continue
        in_turn = decision.strategy in (None, "rotation")
        if in_turn and (turn := routed.turn_of(decision.considered)) != decision.chosen:
            yield f"decision {decision.id}: {decision.chosen} is chosen, but it was the turn of {turn}"
        yield from _may_not(tx, decision, min(decision.at, ticked_at or decision.at))


def out_of_turn(tx: sa.Connection) -> Iterator[str]:
    """Members whose turns are not counted as the outcomes of their MQLs say, whenever these came: who waits since
    another turn than their last one that counts, or is ahead of their share by another number of turns."""
    last: dict[str, int] = {}
    had, due = Counter[str](), defaultdict[str, Fraction](Fraction)
    counts = list(_turns_that_count(tx))
    yield from routed.out_of_turn(tx, counts)
    for decision in counts:
        if decision.pool is not None:
            continue
        last[decision.chosen] = decision.id
        had[decision.chosen] += 1
        sharing = [candidate.user for candidate in decision.considered if candidate.verdict not in NO_SHARE]
        for user in sharing:
            due[user] += Fraction(1, len(sharing))
    for member in tx.execute(sa.select(models.member)):
        user, ahead = member.user_id, had[member.user_id] - due[member.user_id]
        if member.last_turn != last.get(user, 0):
            yield f"{user} waits since turn {member.last_turn}, their last one was {last.get(user)}"
        if Fraction(member.balance, models.TURN) != ahead:
            yield f"{user} is {float(ahead)} turns ahead of their share, not {member.balance / models.TURN}"
    weights = sa.select(sa.func.sum(models.turn.c.weight)).where(models.turn.c.assignment_id == models.assignment.c.id)
    counted = sa.select(models.assignment.c.id, models.assignment.c.turn, weights.scalar_subquery().label("weight"))
    for decision in tx.execute(counted):
        if (decision.weight or 0) != int(decision.turn):
            yield f"decision {decision.id} weighs {decision.weight} in the ledger, and counts: {decision.turn}"


def _turns_that_count(tx: sa.Connection) -> Iterator[Any]:
    given = sa.select(models.assignment, models.mql.c.status).join(
        models.mql, models.mql.c.id == models.assignment.c.mql_id
    )
    answers = sa.select(models.feedback).order_by(models.feedback.c.id)
    newest = {answer.mql_id: answer.lost_reason for answer in tx.execute(answers)}
    for decision in tx.execute(given.where(models.mql.c.status != "withdrawn").order_by(models.assignment.c.id)):
        unfit = decision.status == "disqualified" and newest[decision.mql_id] in UNFIT
        in_turn = decision.strategy in (None, "rotation") and all(
            candidate.verdict != "by_hand" for candidate in decision.considered
        )
        if decision.chosen is not None and not unfit and in_turn:
            yield decision


def left_lying(tx: sa.Connection, now: datetime, written: Routing) -> Iterator[str]:
    """MQLs that wait without an owner right after a tick, though somebody is there to whom their route may give them,
    and nobody is back within the time for which they may be kept."""
    reps = [member for member in tx.execute(sa.select(models.member)) if _is_here(member) and "rep" in member.roles]
    here = {rep.user_id for rep in reps if rep.away_until is None or rep.away_until <= now}
    known = [models.mql.c[name] for name in ("id", "number", "channel", "form", "score", "offered_until")]
    waiting = sa.select(*known, models.clock.c.due_at).join(models.clock, models.clock.c.mql_id == models.mql.c.id)
    for mql in tx.execute(waiting.where(models.mql.c.status == "unassigned", models.clock.c.kind == "response")):
        log = list(tx.execute(sa.select(models.event).where(models.event.c.mql_id == mql.id)))
        over = {event.actor for event in log if event.type == "declined"}
        over |= {event.before for event in log if event.type == "assigned" and event.reason == "escalated"}
        coming = [rep.away_until for rep in reps if rep.user_id not in here | over]
        free = routed.may_take(tx, mql, written, here - over, now)
        if free and not any(back <= max(mql.due_at, now + KEPT_AT_MOST) for back in coming):
            yield f"#{mql.number} waits, though {sorted(free)} are there"


def _may_not(tx: sa.Connection, decision: Any, begun_by: datetime) -> Iterator[str]:
    """Why the chosen one should not have been."""
    mine = sa.and_(models.absence.c.user_id == decision.chosen, models.absence.c.from_at < begun_by)
    back = sa.select(models.member.c.away_until).where(models.member.c.user_id == decision.chosen)
    # Who came back while the machine's clock was ahead is back, though by the clock that was set back since the absence
    # has hours to go.
    if (
        tx.execute(back).scalar() is not None
        and tx.execute(sa.select(models.absence.c.id).where(mine, models.absence.c.until_at > decision.at)).first()
    ):
        yield f"decision {decision.id}: {decision.chosen} is away"
    log = sa.select(models.event).where(models.event.c.mql_id == decision.mql_id).order_by(models.event.c.id)
    declined = False
    for event in tx.execute(log):
        declined = declined or (event.type == "declined" and event.actor == decision.chosen)
        given = event.type == "assigned" and event.after == decision.chosen and event.recorded_at == decision.at
        if given and declined and event.actor is None:
            yield f"decision {decision.id}: {decision.chosen} had declined MQL {decision.mql_id}"


def digests(tx: sa.Connection, furthest: datetime | None = None) -> Iterator[str]:
    """What is wrong with the plan of the reports: one of each kind waits, and no week or month between was left out.
    Where the machine's clock was ahead (it has shown `furthest`), one that it had passed may wait beside the next."""
    every = list(tx.execute(sa.select(models.report_due).order_by(models.report_due.c.period)))
    for kind in ("weekly", "monthly"):
        rows = [row for row in every if row.kind == kind]
        waiting = [row.period for row in rows if row.done_at is None]
        ahead = [row.period for row in rows if row.done_at is None and (furthest is None or row.due_at > furthest)]
        if not waiting or len(ahead) > 1:
            yield f"{len(waiting)} {kind} reports wait: {waiting}"
        for before, after in pairwise(row.period for row in rows):
            if _after(before) != after and not _closed_after(tx, _after(before)):
                yield f"no {kind} report between {before} and {after}"


def _closed_after(tx: sa.Connection, period: str) -> bool:
    """Whether the day of a digest may lie in a closure, after which the next digest tells of its week too."""
    if "W" not in period:
        return False
    first, last = (f"{_monday(period) + timedelta(days=days):%Y-%m-%d}" for days in (7, 14))
    for version in tx.execute(sa.select(models.policy_version.c.body)):
        calendar = version.body["calendar"]
        closures = calendar.get("closures", []) if isinstance(calendar, dict) else []
        if any(closure["first"] <= last and closure["last"] >= first for closure in closures):
            return True
    return False


def _monday(period: str) -> datetime:
    return datetime.strptime(f"{period}-1", "%G-W%V-%u")  # noqa: DTZ007 - a week has no zone


def _after(period: str) -> str:
    if "W" in period:
        return f"{_monday(period) + timedelta(days=7):%G-W%V}"
    year, month = map(int, period.split("-"))
    return f"{year + month // 12}-{month % 12 + 1:02}"
