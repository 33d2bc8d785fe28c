"""Give the leads of the last 90 days to owners by other routes, and count them by owner. Nothing is written.

Leads come, reps are away and MQLs stay open as recorded. Nobody declines an MQL or leaves it unanswered. An offered MQL
goes to its recorded owner if they are in the pool. The turns of each pool begin at zero.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.base import team
from bot.core.base.wall_clock import day_in, week_start
from bot.core.routing import candidates, fairness, strategies, tables
from bot.core.routing.candidates import Seat
from bot.core.routing.fairness import Entry
from bot.core.routing.routes import Load, Pool, Routed, Routing
from bot.core.routing.shares import LOOK_BACK
from storage import absences, members, routing
from storage.models import WHOLE, Absence, Assignment, Considered, Member, Mql, Workspace
from storage.vocabulary import AssignmentVerdict, Role, Strategy

NEVER = timedelta(days=36_500)


@dataclass(frozen=True)
class Rehearsed:
    """How many MQLs each rep would have got, beside how many they got first."""

    had: Mapping[str, int]
    would_have: Mapping[str, int]
    by_route: Mapping[str, int]
    nobody: int
    """MQLs that nobody could have been given at once."""
    total: int


class _Stage:
    """The pools in memory."""

    def __init__(
        self, workspace: Workspace, wanted: Routing, roster: Sequence[Member], away: Iterable[Absence]
    ) -> None:
        self._workspace, self._wanted, self._roster = workspace, wanted, roster
        self._away: dict[str, list[Absence]] = defaultdict(list)
        for absence in away:
            self._away[absence.user_id].append(absence)
        self._balances: dict[tuple[str | None, str], int] = defaultdict(int)
        self._last: dict[tuple[str | None, str], int] = defaultdict(int)
        self._given: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
        self._owners: dict[int, str] = {}
        self._count = 0

    def gives(self, subject: Mql, had_by: str | None) -> tuple[Routed, str | None]:
        """Assign an MQL, and return its route and owner; `had_by` is its recorded first owner."""
        at = subject.received_at
        routed = self._wanted.of(tables.facts(_as_received(subject)))
        seats = self._seats(routed.pool, at)
        considered = candidates.consider(seats, {}, at)
        user, in_turn = self._chosen(routed, considered, subject, had_by)
        if user is None:
            return routed, None
        self._count += 1
        if in_turn:
            pool = routed.pool.name if routed.pool else None
            entry = Entry.of(user, considered, 1)
            for other, part in entry.parts.items():
                self._balances[pool, other] -= part
            self._balances[pool, user] += entry.whole
            self._last[pool, user] = self._count
        self._given[user].append((at, subject.disposed_at or at + NEVER))
        self._owners[subject.id] = user
        return routed, user

    def _chosen(
        self, routed: Routed, considered: Sequence[Considered], subject: Mql, had_by: str | None
    ) -> tuple[str | None, bool]:
        route, able = routed.route, [member for member in considered if member.verdict == AssignmentVerdict.ELIGIBLE]
        there = {member.user for member in considered if member.verdict in strategies.CAN_BE_NAMED}
        there |= {seat.member.user_id for seat in self._others(routed.pool, subject.received_at)}
        for user in self._first(route.prefer, subject, route.person if route.strategy == Strategy.PERSON else None):
            if user in there:
                return user, False
        if not able:
            return None, False
        if route.strategy == Strategy.LEAST_OPEN:
            return min(able, key=lambda member: (member.open or 0, member.last_turn)).user, False
        if route.strategy == Strategy.FIRST_TO_ACCEPT and had_by in {member.user for member in able}:
            return had_by, False
        return fairness.first(able, [member for member in considered if fairness.shares(member)]).user, True

    def _first(self, prefer: Sequence[Strategy], subject: Mql, person: str | None) -> Iterable[str]:
        for strategy in prefer:
            if strategy == Strategy.CRM_OWNER:
                named = strategies.crm_owner(subject, self._roster)
            else:
                other = subject.former_id if strategy == Strategy.FORMER_OWNER else subject.same_company_id
                named = self._owners.get(other or 0)
            if named is not None:
                yield named
        if person is not None:
            yield person

    def _seats(self, pool: Pool | None, at: datetime) -> list[Seat]:
        today = day_in(self._workspace.timezone, at)
        name, seats = pool.name if pool else None, list[Seat]()
        for member in self._roster:
            if Role.REP not in member.roles or (pool and member.user_id not in pool.by_user):
                continue
            load, weight = self._load(member.user_id, at), WHOLE
            cap = None
            if pool:
                weight, cap = pool.by_user[member.user_id].percent(today), pool.caps_of(member.user_id).reached(load)
            key = name, member.user_id
            seats.append(Seat(self._then(member, at), self._balances[key], self._last[key], weight, load, cap))
        return seats

    def _others(self, pool: Pool | None, at: datetime) -> list[Seat]:
        """Return who is there, and not of the pool."""
        outside = [
            member for member in self._roster if pool and member.user_id not in pool.by_user and team.is_rep(member)
        ]
        return [seat for seat in (Seat(self._then(member, at), 0, 0) for member in outside) if not _is_away(seat, at)]

    def _then(self, member: Member, at: datetime) -> Member:
        ends = [absence.until_at for absence in self._away[member.user_id] if absence.from_at <= at < absence.until_at]
        return member.model_copy(update={"away_until": max(ends, default=None), "turns_paused_at": None})

    def _load(self, user: str, at: datetime) -> Load:
        zone, today = self._workspace.timezone, day_in(self._workspace.timezone, at)
        week = week_start(zone, at)
        recent = [given for given, _ in self._given[user] if given >= week]
        still = sum(1 for _, ends in self._given[user] if ends > at)
        return Load(still, sum(1 for given in recent if day_in(zone, given) == today), len(recent))


def rehearse(tx: sa.Connection, workspace: Workspace, wanted: Routing, now: datetime) -> Rehearsed:
    """Return who would have got the MQLs of the last 90 days by the routes of `wanted`."""
    since = now - LOOK_BACK
    had = _had(routing.decisions(tx, workspace.id, since))
    stage = _Stage(workspace, wanted, members.roster(tx, workspace.id), absences.since(tx, workspace.id, since))
    would_have, by_route, nobody = Counter[str](), Counter[str](), 0
    received = routing.received(tx, workspace.id, since)
    for subject in received:
        routed, user = stage.gives(subject, had.get(subject.id))
        by_route[routed.route.name] += 1
        nobody += user is None
        would_have[user or ""] += 1
    del would_have[""]
    first = Counter(had[subject.id] for subject in received if subject.id in had)
    return Rehearsed(first, would_have, by_route, nobody, len(received))


def _had(decisions: Iterable[Assignment]) -> dict[int, str]:
    """Return the first owner of each MQL."""
    first: dict[int, str] = {}
    for decision in decisions:
        if decision.chosen is not None:
            first.setdefault(decision.mql_id, decision.chosen)
    return first


def _as_received(subject: Mql) -> Mql:
    names = ("channel", "campaign", "form", "score")
    return subject.model_copy(update={name: getattr(subject, f"received_{name}") for name in names})


def _is_away(seat: Seat, at: datetime) -> bool:
    return seat.member.deactivated or (seat.member.away_until is not None and seat.member.away_until > at)
