"""Who of a pool has an MQL, by the route's strategy; whoever goes before it, first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.base import facets
from bot.core.base.facets import Facet, folded
from bot.core.routing import candidates, fairness, tables
from bot.core.routing.candidates import Seat, Verdicts
from bot.core.routing.routes import Route, Routed
from storage import identifiers, members, mqls
from storage.models import Considered, Member, Mql, Workspace
from storage.vocabulary import AssignmentVerdict, IdentifierKind, Role, Status, Strategy

CAN_BE_NAMED = (AssignmentVerdict.ELIGIBLE, AssignmentVerdict.NO_SHARE)
"""Whoever goes first may have no share in the turns."""
_SAME_PERSON = (IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.RECORD)


@dataclass(frozen=True)
class Choice:
    """What a route comes to for one MQL, before anything is written."""

    routed: Routed
    considered: tuple[Considered, ...]
    """Before anybody was chosen."""
    user: str | None = None
    """None: nobody can have it now, or it is offered."""
    strategy: Strategy = Strategy.ROTATION
    """By which the user was chosen."""
    offered: bool = False
    """Whoever accepts first has it."""

    @property
    def columns(self) -> dict[str, Any]:
        """Return what the decision stores of it."""
        return self.routed.columns | {"strategy": self.strategy}

    @property
    def verdicts(self) -> tuple[Considered, ...]:
        """Return the same, with who was chosen."""
        chosen = AssignmentVerdict.CHOSEN
        return tuple(
            member._replace(verdict=chosen) if member.user == self.user else member for member in self.considered
        )

    @property
    def able(self) -> list[str]:
        """Return the user ids of those who can have it."""
        return [member.user for member in self.considered if member.verdict == AssignmentVerdict.ELIGIBLE]


def choose(
    tx: sa.Connection,
    workspace: Workspace,
    subject: Mql,
    over: Verdicts,
    now: datetime,
    expected: Collection[str] = (),
) -> Choice:
    """Return who is to have an MQL now. `over`: who is not given it again; `expected`: who is away, and shares in the
    turn. Nothing is written."""
    routed = tables.routed(tx, subject)
    route, roster = routed.route, members.roster(tx, workspace.id)
    least = route.strategy == Strategy.LEAST_OPEN
    seats = tables.seats(tx, workspace, routed.pool, roster, now, loads=least)
    choice = Choice(routed, tuple(candidates.consider(seats, over, now, expected)))
    for strategy, user in _first_choices(tx, route, subject, roster):
        seat = _seat_of(user, seats, roster)
        if seat is None:
            continue
        (named,) = candidates.consider([seat], over, now)
        if named.verdict in CAN_BE_NAMED:
            return _chosen(choice, named, strategy)
        # Who is not of the pool has no part in its turns.
        choice = _also(choice, named if seat in seats else named._replace(weight=0))
    return _by_strategy(choice, subject)


def _by_strategy(choice: Choice, subject: Mql) -> Choice:
    able = [member for member in choice.considered if member.verdict == AssignmentVerdict.ELIGIBLE]
    strategy = choice.routed.route.strategy
    if not able:
        return choice
    if strategy == Strategy.FIRST_TO_ACCEPT and subject.owner is None and subject.offered_until is None:
        return replace(choice, strategy=strategy, offered=True)
    if strategy == Strategy.LEAST_OPEN:
        return _chosen(choice, min(able, key=lambda member: (member.open or 0, member.last_turn)), strategy)
    sharing = [member for member in choice.considered if fairness.shares(member)]
    return _chosen(choice, fairness.first(able, sharing), Strategy.ROTATION)


def _first_choices(
    tx: sa.Connection, route: Route, subject: Mql, roster: Sequence[Member]
) -> list[tuple[Strategy, str]]:
    first = [(strategy, _named(tx, strategy, subject, roster)) for strategy in route.prefer]
    if route.strategy == Strategy.PERSON:
        first.append((Strategy.PERSON, route.person))
    return [(strategy, user) for strategy, user in first if user is not None]


def _named(tx: sa.Connection, strategy: Strategy, subject: Mql, roster: Sequence[Member]) -> str | None:
    if strategy == Strategy.CRM_OWNER:
        return crm_owner(subject, roster)
    other_id = subject.former_id if strategy == Strategy.FORMER_OWNER else subject.same_company_id
    other = mqls.get(tx, subject.workspace_id, other_id) if other_id is not None else None
    if other is None and strategy == Strategy.FORMER_OWNER:
        other = _withdrawn(tx, subject)
    return other.owner if other else None


def _withdrawn(tx: sa.Connection, subject: Mql) -> Mql | None:
    """Return the newest MQL of the same lead that was withdrawn: it is over, though no card names it as the former
    one."""
    keys = [key for key in identifiers.of_mql(tx, subject.workspace_id, subject.id) if key.kind in _SAME_PERSON]
    others = [holder.mql for holder in identifiers.holders(tx, subject.workspace_id, keys) if holder.key in keys]
    over = [other for other in others if other.id != subject.id and other.status == Status.WITHDRAWN and other.owner]
    return max(over, key=lambda other: other.id, default=None)


def crm_owner(subject: Mql, roster: Sequence[Member]) -> str | None:
    """Return the Slack user id of whom the CRM names as the owner of a lead: by e-mail address, name or Slack id. None
    where it names nobody of the roster."""
    for value in facets.of(subject.attributes, Facet.OWNER):
        for member in roster:
            if value.strip().casefold() in ((member.email or "").casefold(), member.user_id.casefold()):
                return member.user_id
            if folded(value) == folded(member.name):
                return member.user_id
    return None


def _seat_of(user: str, seats: Sequence[Seat], roster: Sequence[Member]) -> Seat | None:
    """Return where somebody sits, also who is not of the pool: no turn of it is theirs."""
    own = next((seat for seat in seats if seat.member.user_id == user), None)
    outside = (member for member in roster if member.user_id == user and Role.REP in member.roles)
    return own or next((Seat(member, 0, member.last_turn) for member in outside), None)


def _chosen(choice: Choice, member: Considered, strategy: Strategy) -> Choice:
    return replace(_also(choice, member), user=member.user, strategy=strategy)


def _also(choice: Choice, member: Considered) -> Choice:
    """Return a choice in which somebody was considered like this."""
    if all(other.user != member.user for other in choice.considered):
        return replace(choice, considered=(member, *choice.considered))
    same = tuple(member if other.user == member.user else other for other in choice.considered)
    return replace(choice, considered=same)
